"""Gradients from elsewhere, added to the `.grad` of leaves as `backward()` does: to all of them, or to none.

Compiled programs compute their gradients on arrays, and bring them here. How `backward()` itself accumulates is in
sweeps.py.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from . import graph
from .faults import check, not_finite
from .graph import one_at_a_time
from .sweeps import chain_rule
from .value import Value


def accumulate(leaves: Sequence[Value], gradients: Sequence[float]) -> None:
    """Add a gradient to the `.grad` of each leaf; a ValueError that names the first sum that is not finite."""
    with one_at_a_time:
        totals = [leaf._grad + g for leaf, g in zip(leaves, gradients)]
        if not math.isfinite(sum(totals)):  # quicker than a look at each
            for leaf, g, total in zip(leaves, gradients, totals):
                if not math.isfinite(total):
                    raise not_finite(leaf, g, [], leaf._grad)
        for leaf, total in zip(leaves, totals):
            leaf._grad = total


def received(y: Value) -> list[tuple[Value, float]]:
    """What `y.backward()` adds to the `.grad` of each leaf below y; here they stay as they are."""
    leaves = graph.walk([y])[1]
    with one_at_a_time:
        before = [leaf._grad for leaf in leaves]
        try:
            for leaf in leaves:
                leaf._grad = 0.0
            y.backward()
            return [(leaf, leaf._grad) for leaf in leaves]
        finally:
            for leaf, g in zip(leaves, before):
                leaf._grad = g


def sent_back(outputs: Sequence[Value], seeds: Sequence[Any], inputs: Sequence[Value]) -> list[Any] | None:
    """What each of the inputs, where the graph ends, receives for these seeds of the outputs; no `.grad` changes.

    This is the quick sweep of `backward()`; None if it meets what is not finite, which transforms/modes.py explains.
    """
    computed, leaves = graph.walk(outputs, inputs)
    check(outputs, computed, leaves)
    with one_at_a_time:
        before = [leaf._grad for leaf in leaves]
        try:
            for leaf in leaves:
                leaf._grad = 0.0
            for output, seed in zip(outputs, seeds):
                output._grad += seed
            chain_rule(computed)
            found = [x._grad for x in inputs]
        except (ValueError, ArithmeticError):
            return None
        finally:
            for leaf, g in zip(leaves, before):
                leaf._grad = g
    return found if all(math.isfinite(g) for g in found) else None
