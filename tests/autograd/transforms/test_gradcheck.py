"""gradcheck: it lets right derivatives pass, and shows the numbers of a wrong one."""

from __future__ import annotations

import math
import re
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd
from autograd import GradcheckError, Value, gradcheck, ops, straight_through

wrong_sine = straight_through(lambda a: float(np.sin(a)))  # its derivative says 1, not cos a


def scaled(factor: float) -> Callable[[Value], Value]:
    """x² times a factor, whose derivative doesn't know of the factor."""
    return lambda x: straight_through(lambda a: a * factor)(x * x)


@given(st.floats(-3, 3), st.floats(0.5, 3))
def test_right_derivatives_pass(a, b):
    assert gradcheck(lambda x, y: (x * y).sin() + x / y + y**x, (a, b)) is True


@pytest.mark.parametrize(
    ("f", "inputs"),
    [
        (lambda x: x * x, 3.0),
        (lambda x: x * x, 3),
        (lambda x: x * x, Value(3.0)),
        (lambda x: x * x, (3.0,)),
        (lambda x: [x, x * x, (x.sin(), [1.0])], 3.0),
        (lambda v: v[0] * v[1], [3.0, 4.0]),
        (lambda v: v[0] * v[1], ([3.0, 4.0],)),
        (lambda v, w: [v[0] * w, v[1][0] * w], ([3.0, (4.0,)], 2.0)),
        (lambda v: v[0][1] * v[1][0] ** 2, np.array([[1.0, 2.0], [3.0, 4.0]])),
        (lambda v: np.array([v[0], v[1] * v[1]]), np.array([1.0, 2.0])),
        (lambda x: 7.0, 3.0),
        (lambda v: autograd.softmax(v), [1.0, 2.0, 3.0]),
        (autograd.grad(lambda x: x * x * x), 2.0),
        (autograd.checkpoint(lambda x, y: [x * y, x.exp()]), (1.0, 2.0)),
        (lambda x: x * 1e6, 3e6),
        (lambda x: x * x, 1e-9),
    ],
)
def test_inputs_and_outputs_may_be_nested(f, inputs):
    assert gradcheck(f, inputs) is True


def test_a_wrong_derivative_is_shown_with_its_numbers():
    with pytest.raises(GradcheckError) as caught:
        gradcheck(lambda x, y: [x * y, wrong_sine(y) * x], (2.0, 1.0))
    message = str(caught.value)
    assert "output 1" in message
    assert "input 1 (= 1.0)" in message
    numeric = float(re.search(r"numeric +(\S+)", message)[1])
    analytic = float(re.search(r"analytic +(\S+)", message)[1])
    relative = float(re.search(r"relative difference +(\S+)", message)[1])
    assert numeric == pytest.approx(2 * np.cos(1.0), rel=1e-8)
    assert analytic == 2.0
    assert relative == pytest.approx((2 - 2 * np.cos(1.0)) / 2, rel=1e-2)


@pytest.mark.parametrize("factor", [0.0, -1.0, 0.999, 1.00001])
def test_derivatives_that_are_wrong_by_little_are_found(factor):
    with pytest.raises(GradcheckError, match="relative difference"):
        gradcheck(scaled(factor), 3.0)


def test_a_derivative_that_is_missing_is_found():
    with pytest.raises(GradcheckError, match=r"analytic 3\.0"):
        gradcheck(lambda x: x * x.detach(), 3.0)


def test_a_wrong_derivative_anywhere_in_a_nest_is_found():
    with pytest.raises(GradcheckError, match=r"input 2 \(= 4\.0\)"):
        gradcheck(lambda v: v[0] * v[1][0] + straight_through(lambda a: a * a)(v[1][1]), [2.0, (3.0, 4.0)])


def test_the_tolerances_are_those_that_are_asked_for():
    f = scaled(1.001)
    assert gradcheck(f, 3.0, rtol=0.002) is True
    assert gradcheck(f, 3.0, atol=0.01) is True
    with pytest.raises(GradcheckError, match=r"rtol=0\.0005, atol=1e-05"):
        gradcheck(f, 3.0, rtol=0.0005, atol=1e-5)


def test_the_step_is_the_one_that_is_asked_for():
    seen = []

    def f(x):
        seen.append(x.data)
        return x * x

    gradcheck(f, 0.5, eps=1e-3)
    assert {0.5, 0.501, 0.499} == set(seen)
    seen.clear()
    gradcheck(f, 200.0, eps=1e-3, rtol=1e-4)
    assert {200.0, 200.2, 199.8} == set(seen)


def test_at_a_kink_gradcheck_finds_a_difference():
    with pytest.raises(GradcheckError, match=r"numeric +0\.5"):
        gradcheck(ops.relu, 0.0)


def test_gradcheck_leaves_every_grad_alone():
    w = Value(2.0)
    x = Value(3.0)
    assert gradcheck(lambda x: w * x, x)
    assert (w.grad, x.grad, x.data) == (0.0, 0.0, 3.0)


def test_gradcheck_error_is_a_runtime_error():
    assert issubclass(GradcheckError, RuntimeError)


@pytest.mark.parametrize("wrong", ["1", None, 1j, ["1"], {1.0}])
def test_inputs_and_results_that_are_not_numbers_are_refused(wrong):
    with pytest.raises(TypeError, match="inputs"):
        gradcheck(lambda x: 1.0, wrong)
    with pytest.raises(TypeError, match="result"):
        gradcheck(lambda x: wrong, 1.0)


def test_a_function_that_is_not_finite_beside_the_point_is_no_proof_of_any_derivative():
    with pytest.raises(GradcheckError, match=r"output 0 is .* and inf beside input 0 .* pass another eps"):
        gradcheck(autograd.exp, 709.78)
    assert gradcheck(autograd.exp, 709.78, eps=1e-8, rtol=1e-3)


def test_a_step_that_no_float_can_make_is_refused():
    with pytest.raises(ValueError, match=r"eps=5e-324 is too small a step: 2\.0"):
        gradcheck(autograd.exp, 2.0, eps=5e-324)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"eps": 0.0}, "eps must be a finite number greater than 0"),
        ({"eps": math.nan}, "eps must be a finite number greater than 0"),
        ({"rtol": -1e-9}, "rtol and atol must be finite numbers, 0 or greater"),
        ({"atol": math.inf}, "rtol and atol must be finite numbers, 0 or greater"),
    ],
)
def test_settings_that_would_let_anything_through_are_refused(settings, message):
    with pytest.raises(ValueError, match=message):
        gradcheck(autograd.exp, 1.0, **settings)
