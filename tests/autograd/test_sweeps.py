"""Forward mode: when a tangent is refused, and when a slope is not even asked for."""

from __future__ import annotations

import pytest

from autograd import Value, jvp, log10, sqrt


def test_a_tangent_that_overflows_is_refused_as_a_gradient_is():
    """Infinity, and what is not a number where it meets a 0, are errors, not results."""
    with pytest.raises(ValueError, match=r"the tangent of -323.* is inf: it overflowed on the way$"):
        jvp(log10, (5e-324,), (1.0,))
    with pytest.raises(ValueError, match=r"the tangent of .* is nan"):
        jvp(lambda x: log10(x) * 0.0, (5e-324,), (1.0,))
    with pytest.raises(ValueError, match=r"the tangent of .* is inf"):
        jvp(log10, (Value(5e-324),), (1.0,))


def test_an_input_that_does_not_move_is_a_constant_in_forward_mode():
    """Its slope isn't asked for: 0 times an infinite one would be nan, and one that doesn't exist is an error."""
    assert jvp(lambda x, y: log10(x) + y, (5e-324, 2.0), (0.0, 1.0))[1] == 1.0
    assert jvp(lambda x, y: sqrt(x) + y, (0.0, 2.0), (0, 1.0)) == (2.0, 1.0)
