"""grad, value_and_grad and gradient: against finite differences, against backward(), and what they are for."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given

import autograd
from autograd import Value, checkpoint, grad, gradient, hessian, jacobian, jvp, relu, value_and_grad, vjp
from tests.support.smooth import agrees, at_most, numbers, points, programs


@given(programs(), points)
def test_grad_is_the_finite_difference_of_the_function(richardson, f, x):
    assume(at_most(1e3, f(x)))
    value, slopes = value_and_grad(f)(x)
    assert value == f(x)
    assert grad(f)(x) == slopes
    for i, slope in enumerate(slopes):
        agrees(slope, richardson(lambda moved, i=i: f([*x[:i], moved, *x[i + 1 :]]), x[i], 0.02))


@given(programs(), numbers)
def test_grad_of_grad_of_grad_is_the_third_derivative(richardson, f, x):
    def second(t):
        return grad(grad(lambda t: f([t, 0.5]) + 0.0 * t))(t)  # a program may use one of the two only

    third = grad(second)(x)
    assume(at_most(1e3, third, second(x)))
    agrees(third, richardson(second, x, 0.02))


@given(programs(), points)
def test_transforms_agree_with_backward(f, x):
    leaves = [Value(t) for t in x]
    y = f(leaves)
    y.backward()
    assert grad(f)(x) == [leaf.grad for leaf in leaves] == gradient(y, leaves)


def test_an_input_that_is_not_used_has_the_derivative_zero():
    assert grad(lambda x, y: x, 1)(2.0, 3.0) == 0.0
    assert grad(lambda v: v[0])([2.0, 3.0]) == [1.0, 0.0]
    assert hessian(lambda v: v[0])([2.0, 3.0]) == [[0.0, 0.0], [0.0, 0.0]]
    assert gradient(Value(2.0) * 3, Value(1.0)) == 0.0
    assert type(gradient(Value(2.0) * 3, Value(1.0), create_graph=True)) is Value


@pytest.mark.filterwarnings("ignore:the function ignores its arguments")
def test_a_constant_has_the_derivative_zero():
    for constant in (3, 3.0):
        assert grad(lambda x, c=constant: c)(2.0) == 0.0
        assert value_and_grad(lambda x, c=constant: c)(2.0) == (3.0, 0.0)
        assert jacobian(lambda x, c=constant: [c, x])(2.0) == [0.0, 1.0]
        assert jvp(lambda x, c=constant: [c, x], (2.0,), (5.0,)) == ([3.0, 2.0], [0.0, 5.0])
        assert vjp(lambda x, c=constant: [c, x], 2.0)[1]([7.0, 1.0]) == (1.0,)
        assert grad(grad(lambda x, c=constant: c))(2.0) == 0.0


def test_a_transform_names_itself_to_who_gives_it_no_function():
    for transform in (grad, value_and_grad, jacobian, hessian):
        with pytest.raises(TypeError, match=f"^{transform.__name__} takes a function, got 3"):
            transform(3)
    with pytest.raises(TypeError, match=r"^hvp takes a function, got 3"):
        autograd.hvp(3, (1.0,), (1.0,))


def test_a_function_without_a_result_is_asked_for_its_return():
    for transform in (grad, value_and_grad, jacobian, hessian):
        with pytest.raises(TypeError, match=r"got None: is its return missing\?$"):
            transform(lambda x: None)(3.0)


def test_the_identity_has_the_derivative_one():
    assert grad(lambda x: x)(2.0) == 1.0
    assert jacobian(lambda v: v)([2.0, 3.0]) == [[1.0, 0.0], [0.0, 1.0]]
    assert jvp(lambda v: v, ([2.0, 3.0],), ([5.0, 7.0],)) == ([2.0, 3.0], [5.0, 7.0])
    assert vjp(lambda v: [v, v], 2.0)[1]([5.0, 7.0]) == (12.0,)
    assert grad(lambda v: v[0] * v[1])([x := Value(3.0), x])[0].data == 3.0


@given(programs(), points)
def test_gradient_leaves_every_grad_alone(f, x):
    leaves = [Value(t) for t in x]
    y = f(leaves)
    nodes = autograd.topological_order(y)
    for i, node in enumerate(nodes):
        node.grad = float(i)
    gradient(y, leaves)
    gradient(y, leaves, create_graph=True)
    grad(f)(leaves)
    assert [node.grad for node in nodes] == list(range(len(nodes)))


def test_gradient_is_with_respect_to_computed_nodes_and_what_they_come_from():
    x = Value(2.0)
    u = x * x
    y = u * x
    assert gradient(y, [x, u, y]) == [12.0, 2.0, 1.0]
    assert gradient(y, (u, [x])) == (2.0, [12.0])
    assert gradient(y, [x, x]) == [12.0, 12.0]
    slope = gradient(y, u, create_graph=True)
    assert gradient(slope, x) == 1.0


def test_gradient_needs_values():
    x = Value(2.0)
    with pytest.raises(TypeError, match="output must be a Value, got 3"):
        gradient(3.0, x)
    with pytest.raises(TypeError, match=r"inputs must be Values.*5\.0"):
        gradient(x * x, [x, 5.0])
    with pytest.raises(TypeError, match="inputs"):
        gradient(x * x, "x")


def test_gradient_refuses_what_backward_refuses():
    x, huge = Value(1000.0, label="x"), Value(0.0, label="z")
    with pytest.raises(ValueError, match=r"exp\(x=1000\.0\)"):
        gradient(x.exp(), x)
    y = 1 / (huge * 0.0 + 1e-200)  # dy/du overflows, and 0 · ∞ is not a number
    with pytest.raises(ValueError, match="z=0"):
        y.backward()
    for create_graph in (False, True):
        with pytest.raises(ValueError, match="z=0"):
            gradient(y, huge, create_graph=create_graph)
    w = Value(3.0, label="w")
    y = w * w
    w.data = 4.0
    with pytest.raises(RuntimeError, match="w=4"):
        gradient(y, w)


@pytest.mark.parametrize("transform", [grad, value_and_grad, hessian])
@pytest.mark.parametrize("result", [[1.0], (), "1", None, 1j])
def test_a_function_that_does_not_return_one_number_has_no_gradient(transform, result):
    with pytest.raises(TypeError, match="one number"):
        transform(lambda x: result)(1.0)
    with pytest.raises(TypeError, match="one number"):
        transform(lambda x: [x, x])(1.0)


def test_a_long_chain_needs_no_recursion():
    def chain(x):
        for _ in range(20_000):
            x = x * 1.0001
        return x

    slope = grad(chain)(1.0)
    assert slope == pytest.approx(math.exp(20_000 * math.log1p(1e-4)), rel=1e-9)
    assert jvp(chain, (1.0,), (1.0,))[1] == pytest.approx(slope, rel=1e-12)


def test_newtons_method_on_the_gradient_finds_a_minimum():
    """What second derivatives are for: f = x²/2 + eˣ has its minimum where x = -W(1) (the omega constant)."""
    f = grad(lambda x: x * x / 2 + x.exp())
    x = 0.0
    for _ in range(6):
        x -= f(x) / grad(f)(x)
    assert x == pytest.approx(-0.5671432904097838, rel=1e-15)


def test_a_derivative_that_nobody_asked_for_need_not_exist():
    a, b = Value(-2.0), Value(3.0)
    y = a**b  # for a negative base there is no derivative for the exponent
    assert gradient(y, a) == 12.0
    with pytest.raises(ValueError, match="no finite derivative"):
        gradient(y, b)


def test_the_third_derivative_of_a_power_is_right_at_the_exponent_zero():
    slope = grad(lambda a, b: a**b, 0)
    assert math.isclose(grad(grad(slope, 1), 1)(2.0, 0.0), 2 * math.log(2) / 2, rel_tol=1e-15)


@pytest.mark.parametrize("transform", [grad, jacobian, lambda f: lambda *xs, **more: value_and_grad(f)(*xs, **more)[1]])
def test_a_keyword_that_is_a_value_can_be_differentiated_for_as_an_argument_can(transform):
    for by_name in (False, True):
        w = Value(3.0)
        f = lambda x, w: w * x**2  # noqa: E731
        slope = transform(f)(2.0, w=w) if by_name else transform(f)(2.0, w)
        (slope * w).backward()
        assert w.grad == 24.0


@pytest.mark.parametrize(("f", "x"), [(autograd.sqrt, 0.0), (autograd.acos, 1.0), (lambda x: x**0.5, 0.0)])
def test_a_slope_that_does_not_exist_is_not_hidden_by_a_factor_of_0_from_any_mode(f, x):
    def hidden(x: Any) -> Any:
        return f(x) * 0.0 + x

    leaf = Value(x)
    for way in (
        hidden(leaf).backward,
        lambda: grad(hidden)(x),
        lambda: gradient(hidden(leaf), leaf, create_graph=True),
        lambda: grad(checkpoint(hidden))(x),
        lambda: grad(lambda x: checkpoint(f)(x) * 0.0)(x),
    ):
        with pytest.raises((ValueError, ZeroDivisionError), match=r"derivative there .* a gradient of 0 times it"):
            way()
    with pytest.raises((ValueError, ZeroDivisionError), match="has no finite derivative there"):
        jvp(hidden, (x,), (1.0,))
    assert leaf.grad == 0.0


@pytest.mark.parametrize("around", [lambda f: f, checkpoint])
def test_what_an_output_does_not_depend_on_may_have_an_infinite_slope_before_it_or_after_it(around):
    after = lambda x: around(autograd.sqrt)(relu(x))  # noqa: E731
    before = lambda x: relu(around(lambda x: autograd.sqrt(relu(x)) - 1.0)(x))  # noqa: E731
    for f in (after, before):
        leaf = Value(-2.0)
        f(leaf).backward()
        assert (leaf.grad, grad(f)(-2.0), grad(grad(f))(-2.0), jvp(f, (-2.0,), (1.0,))) == (0.0, 0.0, 0.0, (0.0, 0.0))


def test_an_output_that_is_not_asked_for_has_no_part_in_a_gradient():
    pull = vjp(lambda x: [autograd.sqrt(x), x * x], 0.0)[1]
    assert pull([0.0, 1.0]) == (0.0,)
    with pytest.raises(ZeroDivisionError, match="has no finite derivative there"):
        pull([1.0, 0.0])


def test_an_array_that_is_not_differentiated_for_stays_one():
    assert grad(lambda w, x: w * float(x.sum()))(2.0, np.ones(3)) == 3.0


def test_grad_of_a_value_says_that_gradient_is_meant():
    with pytest.raises(TypeError, match=r"gradient\(output, inputs\)"):
        grad(Value(1.0))


def with_aux(x):
    return x * x, {"cube": x**3, "name": "aux", "list": (x, 1.0, [None])}


def test_what_a_function_returns_beside_its_number_comes_back_beside_the_gradient():
    aux = {"cube": 8.0, "name": "aux", "list": (2.0, 1.0, [None])}
    assert grad(with_aux, has_aux=True)(2.0) == (4.0, aux)
    assert value_and_grad(with_aux, has_aux=True)(2.0) == ((4.0, aux), 4.0)
    assert grad(lambda x, y: (x * y, y), argnums=(0, 1), has_aux=True)(2.0, 3.0) == ((3.0, 2.0), 3.0)
    marker = object()
    assert grad(lambda x: (x, marker), has_aux=True)(2.0) == (1.0, marker)
    assert type(grad(with_aux, has_aux=True)(2.0)[1]["cube"]) is float


def test_values_beside_the_number_stay_values_where_the_gradient_is_one():
    x = Value(2.0)
    slope, aux = grad(with_aux, has_aux=True)(x)
    aux["cube"].backward()
    assert (slope.data, x.grad) == (4.0, 12.0)
    # d/dx (2x + x³)
    assert grad(lambda x: sum((s := grad(with_aux, has_aux=True)(x))[:1]) + s[1]["cube"])(2.0) == 14.0


@pytest.mark.parametrize("returned", [None, 1.0, [1.0, 2.0], (1.0,), (1.0, 2.0, 3.0)])
def test_with_has_aux_a_function_must_return_a_pair(returned):
    for transform in (grad, value_and_grad):
        with pytest.raises(TypeError, match=r"must return a pair \(number, aux\), got"):
            transform(lambda x: returned, has_aux=True)(1.0)
    with pytest.raises(TypeError, match="one number"):
        grad(lambda x: ([x], 1), has_aux=True)(1.0)
