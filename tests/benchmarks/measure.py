"""What the parts of the table share: a row, a clock, and which weight is which in two networks."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, TypeAlias

Row: TypeAlias = tuple[str, str, str, str]
"""What was measured, ours, the peer's, and what that means."""


def seconds(run: Callable[[], object]) -> float:
    """The time that one run takes, in seconds."""
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


def paired(ours: Any, theirs: Any) -> list[tuple[Any, Any]]:
    """Each weight of our MLP with that in its place in micrograd's."""
    pairs = []
    for our_layer, their_layer in zip(ours.layers, theirs.layers):
        for a, b in zip(our_layer.neurons, their_layer.neurons):
            pairs += zip([*a.w, a.b], [*b.w, b.b])
    return pairs
