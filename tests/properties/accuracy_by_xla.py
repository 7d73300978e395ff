"""What compiled code gives on JAX where accuracy.py measures the rules: values and first derivatives.

XLA takes numbers below 2.3e-308 for 0, on its way, too. So no operand is one of these, and errors below 1e-300 count as
none.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np

from autograd import compile
from autograd.program.specialization import Runs

NORMAL = 2.3e-308
UNCOUNTED = 1e-300

Computed = list[tuple[tuple[int, ...], "float | str"]]


def given_by_xla(rule: Any, flats: Iterable[list[float]], operands: Any) -> Iterator[tuple[list[float], Computed]]:
    """At each point the value and the slopes, with the indices of the operands; as a text what is not finite.

    Args:
        rule: an entry of the table.
        flats: the points.
        operands: the function of accuracy.py that groups the numbers of a point.
    """
    normal = [flat for flat in flats if all(x == 0 or abs(x) >= NORMAL for x in flat)]
    for _, group in itertools.groupby(sorted(normal, key=len), key=len):
        chosen = list(group)
        yield from zip(chosen, _computed(rule, chosen, operands))


def _computed(rule: Any, flats: Sequence[list[float]], operands: Any) -> Iterator[Computed]:
    """All points at once, past the fallback that would ask the rule itself."""
    arrays = [np.array(flats)]
    program = compile(lambda xs: rule(*operands(rule, xs)), loss_scale=float(len(flats)), engine="jax")
    runs = Runs(program.specialization(arrays))
    values = np.array(runs.run("map", arrays)[1].results[0])[0]
    slopes = np.broadcast_to(np.array(runs.run("inputs 0", arrays)[1].results[0]), arrays[0].T.shape)
    for y, row in zip(values.tolist(), slopes.T.tolist()):
        numbers = [((), y), *(((i,), g) for i, g in enumerate(row) if np.isfinite(y))]
        yield [(index, x if np.isfinite(x) or not index else "not finite") for index, x in numbers]
