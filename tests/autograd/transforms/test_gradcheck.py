"""gradcheck: it lets right derivatives pass, and shows the numbers of a wrong one."""

from __future__ import annotations

import math
import re
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import assume, given
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
    with pytest.raises(GradcheckError, match=r"rtol=1e-06, atol=0\)"):
        gradcheck(f, 3.0)


def test_the_step_is_the_one_that_is_asked_for():
    seen = []

    def f(x):
        seen.append(x.data)
        return x * x

    gradcheck(f, 0.5, eps=1e-3)
    assert (min(seen), max(seen)) == (0.499, 0.501)
    seen.clear()
    gradcheck(f, 200.0)
    assert max(seen) == 202.0


@pytest.mark.parametrize(
    ("f", "x", "left", "right"),
    [
        (ops.relu, 0.0, "0", "1"),
        (ops.abs, 0.0, "-1", "1"),  # where a central difference is 0, as PyTorch's derivative and ours
        (lambda x: ops.relu(x - 1e8), 1e8, "0", "1"),
        (lambda x: ops.relu(x - 1e-8), 1e-8, "0", "1"),
        (lambda x: ops.maximum(x, 2.0), 2.0, "0", "1"),
        (lambda x: 3 * x if x < 1 else 3.001 * x - 0.001, 1.0, "3", "3.001"),
        (lambda x: x * x + ops.leaky_relu(x - 1.0, 0.5), 1.0, "2.5", "3"),
    ],
)
def test_at_a_kink_the_slopes_on_both_sides_are_shown(f, x, left, right):
    with pytest.raises(GradcheckError) as caught:
        gradcheck(f, x)
    found = re.search(
        r"has a kink at input 0 .*: its slope is (\S+) to the left and (\S+) to the right", str(caught.value)
    )
    assert [float(slope) for slope in found.groups()] == pytest.approx([float(left), float(right)], rel=1e-4, abs=1e-4)


@pytest.mark.parametrize("f", [ops.relu, ops.abs, lambda x: ops.maximum(x, 2 * x)])
@pytest.mark.parametrize("x", [1e-12, -1e-6, 0.01, -3.0, 1e6])
def test_beside_a_kink_the_derivative_is_right(f, x):
    assert gradcheck(f, x)


FUNCTIONS = [
    lambda x: x * x,
    lambda x: x**3 - 3 * x,
    lambda x: 3 * x + 1,
    autograd.sin,
    lambda x: autograd.sin(1000 * x),
    autograd.log,
    autograd.sqrt,
    lambda x: 1 / x,
    lambda x: autograd.exp(-x / 1000),
    lambda x: autograd.exp(autograd.sin(x / (1 + x * x))),
    autograd.tanh,
    autograd.erf,
    lambda x: autograd.sigmoid(1e3 * x),
]
far = st.builds(lambda exponent, digits: digits * 10.0**exponent, st.integers(-8, 8), st.floats(1.0, 9.99))


@given(st.sampled_from(FUNCTIONS), far)
def test_a_right_derivative_passes_wherever_it_is(f, x):
    assert gradcheck(f, x) is True


@given(st.sampled_from(FUNCTIONS), far, st.sampled_from([1e-4, -1e-4, 1e-3, -1.0]))
def test_a_derivative_that_is_wrong_by_a_ten_thousandth_is_found_wherever_it_is(f, x, by):
    def wrong(x):
        y = f(x)
        return f(x.detach()) + (y - y.detach()) * (1 + by)  # the number of f, and its slope times 1 + by

    y, slope = f(x), autograd.grad(f)(x)
    assume(abs(slope * x) > 1e-6 * abs(y) > 1e-300)  # doubles show it
    assume(abs(slope) > 1e-5 or abs(y) < 1e-3)
    with pytest.raises(GradcheckError, match="is wrong"):
        gradcheck(wrong, x)


def test_a_step_that_leaves_the_domain_is_made_smaller():
    for f, x in ((autograd.log, 1e-300), (autograd.sqrt, 1e-12), (autograd.acos, 1 - 1e-9), (autograd.exp, 709.78)):
        assert gradcheck(f, x)


def test_a_derivative_that_is_too_small_to_be_seen_passes():
    assert gradcheck(autograd.tanh, 30.0)
    assert gradcheck(lambda v: autograd.softmax(v), [1.0, 100.0, -50.0])
    assert gradcheck(lambda x: 7.0 + 0.0 * x, 3.0)


def test_a_function_that_compares_its_input_is_called_with_numbers():
    assert gradcheck(lambda v: v[0] * v[1] if v[0] != 5.0 else v[0], [3.0, 2.0])
    with pytest.raises(GradcheckError):  # it jumps there
        gradcheck(lambda x: x * x if x == 2.0 else x, 2.0)


def test_a_function_that_is_not_exact_is_refused():
    numbers = iter(range(100))
    with pytest.raises(GradcheckError, match=r"f gives \[2\.0\] where it gave \[1\.0\] for the same inputs"):
        gradcheck(lambda x: x * 0.0 + 1.0 + next(numbers), 1.0)


def test_differences_that_do_not_settle_prove_nothing():
    with pytest.raises(GradcheckError, match="nothing can be said of the derivative"):
        gradcheck(lambda x: x**1.5, 0.0)  # not defined to the left


def test_a_function_that_ignores_its_inputs_is_refused():
    w = Value(3.0, label="w")
    for inputs in (2.0, (w,), [1.0, w]):
        with pytest.raises(ValueError, match="ignores its arguments"):
            gradcheck(lambda x: w * w, inputs)
    assert gradcheck(lambda x: w * w * x, 2.0)
    assert w.grad == 0.0


def test_the_message_has_the_label_of_the_input():
    with pytest.raises(GradcheckError, match=r"input 0 \(w=3\.0\) is wrong"):
        gradcheck(scaled(2.0), Value(3.0, label="w"))


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
    with pytest.raises(GradcheckError, match="nothing can be said of the derivative"):
        gradcheck(autograd.exp, 709.7827128933)


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


def test_a_derivative_within_what_the_differences_may_be_off_is_not_called_wrong():
    x = 1 - 1e-12  # so near to the end of the domain that a table of differences has few digits
    with pytest.raises(GradcheckError, match="nothing can be said of the derivative"):
        gradcheck(autograd.atanh, x)
    assert autograd.grad(autograd.atanh)(x) == pytest.approx(1 / (1 - x) / (1 + x), rel=1e-15)


def test_an_oscillation_that_is_too_fast_for_the_differences_is_no_proof_of_any_derivative():
    with pytest.raises(GradcheckError, match="nothing can be said of the derivative of output 0"):
        gradcheck(lambda x: (x * 241395.8).sin(), 1458926.3)  # the widest step goes over a billion of periods
    with pytest.raises(GradcheckError, match="nothing can be said of the derivative of output 0"):
        gradcheck(lambda x: ((x * x) * 2e5).sin(), 99419.5)


@pytest.mark.parametrize("x", [1.0, 0.31, 0.29999, 3e8])
def test_what_rounding_leaves_where_terms_cancel_is_no_error(x):
    def nothing(x):
        return autograd.sin(x) * 0.1 + autograd.sin(x) * 0.2 - autograd.sin(x) * 0.3

    assert gradcheck(nothing, x)
    with pytest.raises(RuntimeError, match="is wrong"):
        gradcheck(lambda x: nothing(x) + autograd.straight_through(lambda x: 0.0 * x)(x), x)
