"""Short random programs of smooth rules: functions of a list of numbers, and how close derivatives of them must be."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from hypothesis import assume
from hypothesis import strategies as st

from autograd import ops

SMOOTH = [
    ops.add,
    ops.sub,
    ops.mul,
    ops.sin,
    ops.cos,
    ops.tanh,
    ops.sigmoid,
    ops.softplus,
    ops.atan,
    ops.erf,
    ops.asinh,
]


@dataclass(frozen=True)
class Program:
    """A function of a list of numbers: (rule, operand, operand) per step; it returns the results of the last steps."""

    steps: tuple[tuple[str, int, int], ...]
    outputs: int = 0

    def __call__(self, xs: list[Any]) -> Any:
        made = list(xs)
        for name, i, j in self.steps:
            rule: Any = ops.RULES[name]
            pair = made[i % len(made)], made[j % len(made)]
            made.append(rule(*pair) if name in ("add", "sub", "mul") else rule(pair[0]))
        return made[-self.outputs :] if self.outputs else made[-1]


def programs(outputs: int = 0) -> st.SearchStrategy[Program]:
    step = st.tuples(st.sampled_from([rule.name for rule in SMOOTH]), st.integers(0, 9), st.integers(0, 9))
    return st.lists(step, min_size=max(1, outputs), max_size=7).map(lambda steps: Program(tuple(steps), outputs))


numbers = st.floats(-1.5, 1.5).map(lambda x: round(x, 6))


points = st.lists(numbers, min_size=2, max_size=2)


# Two ways to the same derivative add the same products in another order; the programs stay below 1e3, where each sum
# loses some 1e-13. Finite differences: 1e-7 where they say themselves that they are that good (conftest.py).
CLOSE = {"rel": 1e-10, "abs": 1e-10}


def at_most(bound: float, *trees: Any) -> bool:
    flat = np.array([x for tree in trees for x in np.ravel(tree)], dtype=float)
    return bool(np.all(np.abs(flat) <= bound))


def agrees(analytic: float, numeric: tuple[float, float]) -> None:
    estimate, error = numeric
    scale = max(1.0, abs(estimate))
    assume(error <= 1e-7 * scale)
    assert abs(analytic - estimate) <= 1e-7 * scale
