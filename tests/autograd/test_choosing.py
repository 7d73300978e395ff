"""where and clip: what isn't taken spoils nothing, in whatever way one differentiates."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd
from autograd import Value, clip, grad, gradient, hessian, jvp, where
from autograd.basics.moment import moment

UNTAKEN = {
    "undefined": lambda x: where(x > 0, lambda: autograd.log(x), 3.0 * x),
    "an infinite slope": lambda x: where(x > 0, autograd.sqrt(autograd.relu(x)), 3.0 * x),
    "infinite": lambda x: where(x < 100, 3.0 * x, autograd.exp(1000 - x) * 1e300),
    "not a number": lambda x: where(x < 100, 3.0 * x, math.nan * x),
}
"""Each is 3x at -1 and at 0."""


@pytest.mark.parametrize("f", UNTAKEN.values(), ids=UNTAKEN)
@pytest.mark.parametrize("x", [-1.0, 0.0])
def test_a_branch_that_is_not_taken_spoils_nothing(f, x):
    v = Value(x)
    y = f(v)
    y.backward()
    assert (y.data, v.grad) == (3.0 * x, 3.0)
    assert grad(f)(x) == 3.0
    assert grad(grad(f))(x) == 0.0
    assert jvp(f, (x,), (2.0,)) == (3.0 * x, 6.0)
    assert hessian(lambda v: f(v[0]))([x]) == [[0.0]]


def test_a_result_is_a_value_of_its_own():
    a, b = Value(2.0, label="a"), Value(3.0)
    for y, number in ((where(a < b, a, b), 2.0), (where(a > b, a, 1.5), 1.5), (where(a < b, 0.5, b), 0.5)):
        assert type(y) is Value
        assert y is not a
        assert y.data == number
        y.label = "y"
        y.backward()
    assert (a.label, a.grad, b.grad) == ("a", 1.0, 0.0)
    assert gradient(where(a > b, a, 1.5), a) == 0.0


def test_of_plain_numbers_the_result_is_one():
    for condition in (True, np.bool_(True)):
        assert where(condition, 1, lambda: 1 / 0) == 1.0
        assert type(where(condition, 1, 2.0)) is float


def test_it_is_a_method_as_in_pytorch():
    x = Value(-2.0)
    assert x.where(x > 0, 0.0).data == 0.0
    assert x.where(x < 0, 0.0).data == -2.0


@pytest.mark.parametrize("condition", [1, 1.0, Value(1.0), None, "x > 0"])
def test_what_is_no_condition_is_refused(condition):
    with pytest.raises(TypeError, match="must be a comparison, such as x > 0, or a bool"):
        where(condition, 1.0, 2.0)


@pytest.mark.parametrize("condition", [True, False])
def test_a_bool_that_is_turned_by_a_tilde_is_told_apart(condition):
    with pytest.raises(TypeError, match="~ of a bool is an integer in Python: exchange a and b"):
        where(-1 - condition, 1.0, 2.0)  # which is ~condition


@pytest.mark.parametrize("branch", ["1", None, [1.0], lambda: "1"])
def test_a_branch_that_is_no_number_is_refused(branch):
    with pytest.raises(TypeError, match="a branch of where must be a real number"):
        where(True, branch, 1.0)


@given(*[st.floats(-3, 3)] * 3)
def test_clip_has_a_slope_of_one_for_one_of_its_operands(x, low, high):
    low, high = sorted((low, high))
    values = [Value(a) for a in (x, low, high)]
    y = clip(*values)
    y.backward()
    assert y.data == min(max(x, low), high)
    assert [a.grad for a in values] == [float(low <= x <= high), float(x < low < high), float(x > high)]


def test_clip_without_any_bound_is_refused():
    with pytest.raises(ValueError, match="clip needs a bound: pass min, max or both"):
        clip(1.0)
    assert autograd.clamp is clip


def test_the_bounds_of_hardtanh_are_in_order():
    with pytest.raises(ValueError, match=r"min_val must be less than max_val, got 1\.0 and -1\.0"):
        autograd.hardtanh(0.0, 1.0, -1.0)


@pytest.mark.parametrize("name", ["floor", "ceil", "trunc", "round", "sign"])
def test_a_step_has_no_slope_and_says_how_to_let_a_gradient_pass(name):
    f = getattr(autograd, name)
    x = Value(2.5)
    (f(x) * x).backward()
    assert x.grad == f(2.5)
    assert grad(grad(lambda x: f(x) * x))(2.5) == 0.0
    assert "straight_through" in f.__doc__
    assert grad(autograd.straight_through(f))(2.5) == 1.0


def test_a_gradient_that_is_infinite_ends_at_a_step():
    x = Value(0.25)
    autograd.sqrt(autograd.floor(x)).backward()
    assert x.grad == 0.0


@given(st.floats(-100, 100), st.floats(0.1, 10) | st.floats(-10, -0.1))
def test_a_remainder_is_that_of_python(x, c):
    a, b = Value(x), Value(c)
    for y in (a % b, a % c, x % b, autograd.remainder(a, b)):
        assert y.data == x % c
    (a % b).backward()
    assert (a.grad, b.grad) == (1.0, -float(round((x - x % c) / c)))
    assert autograd.fmod(a, b).data == math.fmod(x, c)


def test_a_number_that_is_chosen_is_a_leaf_as_old_as_any_other():
    v, before = Value(2.0), moment.clock
    y = autograd.where(True, 3.0, v)
    assert (y.data, moment.clock) == (3.0, before)  # an assignment would make backward() look at every node for it


@pytest.mark.parametrize("branch", ["1", None, [1.0], [Value(1.0)]])
def test_a_branch_that_is_no_number_is_refused_whether_it_is_taken_or_not(branch):
    for condition in (True, False):
        for other in (1.0, Value(1.0), lambda: 1.0):
            with pytest.raises(TypeError, match="a branch of where must be a real number, got"):
                where(condition, branch, other)
            with pytest.raises(TypeError, match="a branch of where must be a real number, got"):
                where(condition, other, branch)
