"""What the random programs of programs.py have found, each shrunk to the few lines that show it."""

from __future__ import annotations

import math

import pytest

from autograd import Value, checkpoint, jvp, log10, relu, sqrt
from autograd.program import compile


def test_a_tangent_that_overflows_is_refused_as_a_gradient_is():
    """Forward mode returned infinity, and what is not a number where it met a 0, without a word."""
    with pytest.raises(ValueError, match=r"the tangent of -323.* is inf: it overflowed on the way$"):
        jvp(log10, (5e-324,), (1.0,))
    with pytest.raises(ValueError, match=r"the tangent of .* is nan"):
        jvp(lambda x: log10(x) * 0.0, (5e-324,), (1.0,))
    with pytest.raises(ValueError, match=r"the tangent of .* is inf"):
        jvp(log10, (Value(5e-324),), (1.0,))


def test_an_input_that_does_not_move_is_a_constant_in_forward_mode():
    """Its slope was multiplied by 0 all the same: an infinite one gave nan, one that doesn't exist an error."""
    assert jvp(lambda x, y: log10(x) + y, (5e-324, 2.0), (0.0, 1.0))[1] == 1.0
    assert jvp(lambda x, y: sqrt(x) + y, (0.0, 2.0), (0, 1.0)) == (2.0, 1.0)


def test_a_checkpoint_whose_result_is_not_finite_names_the_operation_inside():
    """It named the node that stands for the result, "recomputed(0.0) = inf"."""
    x = Value(1000.0, label="x")
    y = checkpoint(lambda x: x.exp() * 2)(x)
    assert y.data == math.inf
    with pytest.raises(ValueError, match=r"the first number that is not finite is exp\(x=1000\.0\) = inf"):
        y.backward()


def test_a_compiled_power_of_a_negative_number_needs_its_slope_only_where_a_gradient_comes_back():
    """Compiling stopped at log(-2.0), for every batch, and named neither the row nor the power."""
    off = compile(lambda x: relu(-1 - (-2.0) ** x) + x)
    assert off.input_gradients([2.0, 4.0]).tolist() == [0.5, 0.5]
    with pytest.raises(ValueError, match=r"row 1: \(-2\.0\) \*\* 3\.0 has no finite derivative there"):
        off.input_gradients([2.0, 3.0])
