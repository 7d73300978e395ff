"""Functions that NumPy lacks: with and without memory for the result they give the same."""

from __future__ import annotations

import inspect

import numpy as np
import pytest

from autograd.program.engines.numpy.kernels import FUNCTIONS
from autograd.rules import Nary
from autograd.ternary import takes_lists


@pytest.mark.parametrize("rule", [x for x in FUNCTIONS if not takes_lists(x)], ids=lambda rule: rule.name)
def test_a_result_is_the_same_in_memory_that_is_given(rule: Nary):
    f = FUNCTIONS[rule]
    xs = [np.array([[-1.5, -0.0, 0.3, 0.8, 2.5]]) + 0.1 * i for i in range(len(rule.operands))]
    with np.errstate(all="ignore"):
        expected = f(*xs)
        if "out" in inspect.signature(f).parameters:
            out = np.empty((1, 5))
            assert f(*xs, out) is out
            assert np.array_equal(out, expected, equal_nan=True)
        assert expected.shape == (1, 5)
