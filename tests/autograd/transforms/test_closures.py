"""Values that a function finds around it: gradients flow to them through every transform, or it says that none does."""

from __future__ import annotations

import copy
import math
from typing import Any

import pytest
from hypothesis import given

import autograd
import nn
from autograd import Value, grad, gradcheck, gradient, hessian, hvp, jacobian, jvp, no_grad, value_and_grad, vjp
from tests.support.smooth import CLOSE, numbers


def wave(x: Any, w: Any) -> Any:
    return autograd.sin(w * x) * w


SLOPES = {
    "grad": lambda f, x: grad(f)(x),
    "has_aux": lambda f, x: grad(lambda t: (f(t), t), has_aux=True)(x)[0],
    "value_and_grad": lambda f, x: value_and_grad(f)(x)[1],
    "jacobian": lambda f, x: jacobian(f)(x),
    "jacobian of two": lambda f, x: jacobian(lambda t: [t, f(t)])(x)[1],
    "jacobian of a time series": lambda f, x: jacobian(lambda v: [v[0], v[1], f(v[0])])([x, 1.0])[2][0],
    "jvp": lambda f, x: jvp(f, (x,), (1.0,))[1],
    "vjp": lambda f, x: vjp(f, x)[1](1.0)[0],
    "checkpoint": lambda f, x: grad(autograd.checkpoint(f))(x),
    "of a list": lambda f, x: grad(lambda v: f(v[0]) + v[1])([x, 3.0])[0],
    "as an argument": lambda f, x: grad(f)(Value(x)),
}
CURVATURES = {
    "hessian": lambda f, x: hessian(f)(x),
    "grad of grad": lambda f, x: grad(grad(f))(x),
    "hvp": lambda f, x: hvp(f, (x,), (1.0,)),
    "jvp of grad": lambda f, x: jvp(grad(f), (x,), (1.0,))[1],
    "grad of jvp": lambda f, x: grad(lambda t: jvp(f, (t,), (1.0,))[1])(x),
}


@pytest.mark.parametrize("slope", SLOPES.values(), ids=SLOPES)
@given(numbers, numbers)
def test_the_gradient_of_a_slope_flows_to_what_the_function_closes_over(slope, x, a):
    """∂/∂w of ∂/∂x of w sin(wx), w² cos(wx): 2w cos(wx) - w² x sin(wx)."""
    w = Value(a)
    found = slope(lambda t: wave(t, w), x)
    assert found.data == pytest.approx(a * a * math.cos(a * x), **CLOSE)
    found.backward()
    assert w.grad == pytest.approx(2 * a * math.cos(a * x) - a * a * x * math.sin(a * x), **CLOSE)


@pytest.mark.parametrize("curvature", CURVATURES.values(), ids=CURVATURES)
@given(numbers, numbers)
def test_so_does_that_of_a_second_derivative(curvature, x, a):
    """∂/∂w of ∂²/∂x², -w³ sin(wx): -3w² sin(wx) - w³ x cos(wx)."""
    w = Value(a)
    found = curvature(lambda t: wave(t, w), x)
    assert found.data == pytest.approx(-(a**3) * math.sin(a * x), **CLOSE)
    found.backward()
    expected = -3 * a * a * math.sin(a * x) - a**3 * x * math.cos(a * x)
    assert w.grad == pytest.approx(expected, rel=1e-9, abs=1e-9)


def test_it_can_be_differentiated_as_often_as_one_likes():
    w = Value(3.0)
    slope = grad(lambda x: w**3 * x * x)(2.0)  # 2 w³ x
    first = gradient(slope, w, create_graph=True)
    assert (first.data, gradient(first, w)) == (108.0, 72.0)


def test_the_value_beside_a_gradient_reaches_them_too():
    w = Value(3.0)
    for value in (
        value_and_grad(lambda x: w * x)(2.0)[0],
        jvp(lambda x: w * x, (2.0,), (1.0,))[0],
        vjp(lambda x: w * x, 2.0)[0],
        grad(lambda x: (w * x, w * x), has_aux=True)(2.0)[1],
    ):
        assert gradient(value, w) == 2.0


def test_what_was_computed_before_passes_the_gradient_on_to_what_it_came_from():
    w = Value(3.0)
    h = w * w
    slope = grad(lambda x: h * x * x)(2.0)
    slope.backward()
    assert (slope.data, w.grad) == (36.0, 24.0)


def test_a_leaf_that_was_assigned_to_is_around_the_function_as_before():
    w = Value(1.0)
    w.data = 3.0
    assert gradient(grad(lambda x: w * x * x)(2.0), w) == 4.0


def test_where_nothing_is_around_the_function_the_results_are_floats():
    def f(x):
        made = Value(2.0) * x * autograd.dot([x, 0.5], [0.5, 2.0])  # it makes these Values itself
        return made + Value(1.0)

    for found in (grad(f)(2.0), jacobian(f)(2.0), hessian(f)(2.0), jvp(f, (2.0,), (1.0,))[1], vjp(f, 2.0)[1](1.0)[0]):
        assert type(found) is float


def test_no_grad_and_detach_stop_it():
    w = Value(3.0)
    with no_grad():
        assert grad(lambda x: w * x * x)(2.0) == 12.0
        assert hessian(lambda x: w * x * x)(2.0) == 6.0
        assert vjp(lambda x: w * x * x, 2.0)[1](1.0) == (12.0,)
        assert jvp(lambda x: w * x * x, (2.0,), (1.0,)) == (12.0, 12.0)
        assert value_and_grad(lambda x: w * x * x)(2.0) == (12.0, 12.0)
    assert type(grad(lambda x: w.detach() * x * x)(2.0)) is float
    assert grad(lambda x: w.data * x * x)(2.0) == 12.0
    _, pull = vjp(lambda x: w * x * x, 2.0)
    with no_grad():
        assert pull(1.0) == (12.0,)


def test_a_derivative_with_a_graph_is_compared_and_printed_as_a_number():
    w = Value(3.0)
    slope = grad(lambda x: w * x * x)(2.0)
    assert slope > 11.0
    assert f"{slope:.1f}" == "12.0"
    assert slope.data == 12.0


def test_no_gradient_of_anybody_is_touched():
    w = Value(3.0)
    grad(lambda x: w * x * x)(2.0)
    hessian(lambda x: w * x * x)(2.0)
    assert w.grad == 0.0


def test_a_loss_with_the_derivative_of_a_model_trains_it():
    """A gradient penalty, and the slope of a network: against differences, parameter by parameter."""
    model = nn.MLP(1, [4, 1], activation="tanh", seed=0)

    def loss() -> Any:
        total: Any = 0.0
        for x in (0.3, -0.7):
            slope, curvature = grad(model)(x), grad(grad(model))(x)
            total = total + (curvature + model(x)) ** 2 + (slope - 1.0) ** 2
        return total

    value = loss()
    value.backward()
    for p in model.parameters():
        before, h = p.data, 1e-5
        p.data = before + h
        high = loss().data
        p.data = before - h
        low = loss().data
        p.data = before
        assert p.grad == pytest.approx((high - low) / (2 * h), rel=1e-6, abs=1e-8)


def test_a_copy_of_a_model_inside_of_the_function_is_one_of_its_own():
    model = nn.Neuron(1, "linear", seed=0)
    slope = grad(lambda x: copy.deepcopy(model)(x))(2.0)
    assert gradient(slope, model.parameters()) == [0.0, 0.0]


# ------------------------------------------------------------------------------- functions that ignore their arguments


@pytest.mark.parametrize("transform", [grad, value_and_grad, jacobian, hessian])
def test_a_function_that_ignores_its_arguments_is_told(transform):
    model = nn.Neuron(2, seed=0)
    numbers = [p.data for p in model.parameters()]
    with pytest.warns(UserWarning, match=r"ignores its arguments.*and 2 others.*nn\.with_parameters") as caught:
        transform(lambda parameters: model([1.0, 2.0]))(numbers)
    assert [warning.filename for warning in caught] == [__file__]
    for call in (
        lambda f: hvp(f, (numbers,), (numbers,)),
        lambda f: jvp(f, (numbers,), (numbers,)),
        lambda f: vjp(f, numbers),
    ):
        with pytest.warns(UserWarning, match="ignores its arguments"):
            call(lambda parameters: model([1.0, 2.0]))


@pytest.mark.parametrize("transform", [grad, value_and_grad, jacobian, hessian])
def test_a_function_that_uses_the_values_that_it_was_given_past_its_arguments_is_refused(transform):
    model = nn.Neuron(2, seed=0)
    with pytest.raises(ValueError, match=r"ignores its arguments and uses .* itself.*nn\.with_parameters"):
        transform(lambda parameters: model([1.0, 2.0]))(model.parameters())
    right = transform(lambda parameters: nn.functional_call(model, parameters, [1.0, 2.0]))(model.parameters())
    assert right is not None


CUT_OFF = {
    "a number": lambda x: 5.0,
    "a leaf": lambda x: Value(5.0),
    "a Value of its number": lambda x: Value(x.data) ** 2,
    "its number": lambda x: x.data**2,
    "a Value without its graph": lambda x: 3.0 * x.detach(),
}
TRANSFORMS = {
    "grad": lambda f, x: grad(f)(x),
    "grad of grad": lambda f, x: grad(grad(f))(x),
    "value_and_grad": lambda f, x: value_and_grad(f)(x)[1],
    "value_and_grad with aux": lambda f, x: value_and_grad(lambda x: (f(x), x), has_aux=True)(x)[1],
    "jacobian": lambda f, x: jacobian(f)(x),
    "hessian": lambda f, x: hessian(f)(x),
    "jvp": lambda f, x: jvp(f, (x,), (1.0,))[1],
    "vjp": lambda f, x: vjp(f, x)[1](1.0)[0],
    "hvp": lambda f, x: hvp(f, (x,), (1.0,)),
}


@pytest.mark.parametrize("transform", TRANSFORMS.values(), ids=TRANSFORMS)
@pytest.mark.parametrize("f", CUT_OFF.values(), ids=CUT_OFF)
def test_a_function_that_is_cut_off_from_its_arguments_is_told_once(f, transform):
    for x in (3.0, Value(3.0)):
        with pytest.warns(UserWarning, match=r"ignores its arguments.*not with what is cut off.*x\.data") as caught:
            slope = transform(f, x)
        assert [warning.filename for warning in caught] == [__file__]
        assert (slope.data if isinstance(slope, Value) else slope) == 0.0


def test_a_function_of_several_arguments_is_told_if_it_makes_a_value_of_none_of_them():
    with pytest.warns(UserWarning, match="ignores its arguments"):
        assert grad(lambda w, x: Value(w.data) * x)(3.0, 2.0) == 0.0


FLAT_HERE = {
    "a relu that is off": lambda x: autograd.relu(x),
    "steps": lambda x: autograd.floor(x) + autograd.sign(x),
    "max": lambda x: max(0.0, x),
    "min of what is computed": lambda x: min(1.0, 4.0 - x),
    "a branch": lambda x: x * x if x > 0 else 7.0,
    "a branch by equality": lambda x: 7.0 if x == -2.0 else x,
    "a branch by truth": lambda x: 7.0 if x else x,
    "where": lambda x: autograd.where(x > 0, x, 7.0),
    "a sum of hinges": lambda x: sum((max(0, 1 + x * k) for k in (1, 2)), Value(0.0)),
}


@pytest.mark.parametrize("transform", TRANSFORMS.values(), ids=TRANSFORMS)
@pytest.mark.parametrize("f", FLAT_HERE.values(), ids=FLAT_HERE)
def test_a_function_that_is_flat_at_its_argument_is_not_told(f, transform):
    assert transform(f, -2.0) == 0.0  # and each warning would be an error


def test_it_is_no_fault_to_be_constant_in_an_argument():
    w, c = Value(3.0), Value(2.0)
    assert grad(lambda x, y: y * y)(2.0, 3.0) == 0.0
    assert grad(lambda x, *, y: y * y)(2.0, y=3.0) == 0.0
    assert grad(lambda x, w: w * w)(2.0, w).data == 0.0
    assert grad(lambda x, *, w: w * w)(2.0, w=w).data == 0.0
    assert hessian(lambda x: w * x + c)(2.0).data == 0.0
    assert grad(lambda x: grad(lambda y: w * y)(x))(2.0).data == 0.0
    assert grad(lambda x: w + 0.0 * x)(2.0).data == 0.0
    assert [y.data for y in jacobian(lambda x: [c, x])(2.0)] == [0.0, 1.0]


def test_gradcheck_sees_what_is_around_the_function():
    w = Value(3.0)
    assert gradcheck(lambda x: w * x * x, 2.0)
    assert gradcheck(grad(lambda x: wave(x, w)), 0.7)
    assert w.grad == 0.0
