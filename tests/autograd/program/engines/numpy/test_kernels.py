"""How NumPy computes the rules, where that differs from Python's arithmetic."""

from __future__ import annotations

import pytest

from autograd import relu
from autograd.program import compile


def test_a_compiled_power_of_a_negative_number_needs_its_slope_only_where_a_gradient_comes_back():
    """The slope has log(-2.0) in it, which must stop neither compiling nor a batch that doesn't ask for it."""
    off = compile(lambda x: relu(-1 - (-2.0) ** x) + x)
    assert off.input_gradients([2.0, 4.0]).tolist() == [0.5, 0.5]
    with pytest.raises(ValueError, match=r"row 1: \(-2\.0\) \*\* 3\.0 has no finite derivative there"):
        off.input_gradients([2.0, 3.0])
