"""What no engine has a function for is computed number by number, and list by list."""

from __future__ import annotations

import math

import numpy as np

from autograd.program.engines.one_by_one import one_by_one
from autograd.rules import Nary, Unary


def test_a_rule_without_a_kernel_is_computed_number_by_number_and_list_by_list():
    steps = Unary("steps", "floor(a)", lambda a: float(math.floor(a)), lambda y, a: 0.0, latex="#1")
    out = np.empty((2, 2))
    with np.errstate(invalid="ignore"):  # as a run has it
        one_by_one(steps)(np.array([[0.5, -0.5], [math.nan, 2.0]]), out)
    assert np.array_equal(out, [[0.0, -1.0], [math.nan, 2.0]], equal_nan=True)
    root = Unary("root", "√a", math.sqrt, lambda y, a: 0.5 / y, latex="#1")
    with np.errstate(invalid="ignore"):
        one_by_one(root)(np.array([[4.0, -4.0], [9.0, 0.25]]), out)
    assert np.array_equal(out, [[2.0, math.nan], [3.0, 0.5]], equal_nan=True)
    largest = Nary("most", "max", lambda a, xs, ys: max([a, *xs, *ys]), lambda y, a, xs, ys: (), latex="#1")
    groups = np.array([[[1.0, 2.0], [3.0, 0.0]], [[-1.0, 9.0], [0.0, 0.0]]])  # two groups of two rows, two examples
    one_by_one(largest)(np.array([[2.5], [-2.0]]), groups, None, out)
    assert out.tolist() == [[3.0, 2.5], [0.0, 9.0]]
