"""grad, jacobian, hessian, jvp, vjp, hvp, gradient: against finite differences, each other, and inside each other.

The functions are random: `Program` is a short list of smooth rules, applied to earlier results or inputs.
"""

from __future__ import annotations

import math
from collections import namedtuple
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import autograd
from autograd import Value, grad, gradient, hessian, hvp, jacobian, jvp, no_grad, ops, value_and_grad, vjp

SMOOTH = [
    ops.add,
    ops.sub,
    ops.mul,
    ops.sin,
    ops.cos,
    ops.tanh,
    ops.sigmoid,
    ops.softplus,
    ops.atan,
    ops.erf,
    ops.asinh,
]


@dataclass(frozen=True)
class Program:
    """A function of a list of numbers: (rule, operand, operand) per step; it returns the results of the last steps."""

    steps: tuple[tuple[str, int, int], ...]
    outputs: int = 0

    def __call__(self, xs: list[Any]) -> Any:
        made = list(xs)
        for name, i, j in self.steps:
            rule: Any = ops.RULES[name]
            pair = made[i % len(made)], made[j % len(made)]
            made.append(rule(*pair) if name in ("add", "sub", "mul") else rule(pair[0]))
        return made[-self.outputs :] if self.outputs else made[-1]


def programs(outputs: int = 0) -> st.SearchStrategy[Program]:
    step = st.tuples(st.sampled_from([rule.name for rule in SMOOTH]), st.integers(0, 9), st.integers(0, 9))
    return st.lists(step, min_size=max(1, outputs), max_size=7).map(lambda steps: Program(tuple(steps), outputs))


numbers = st.floats(-1.5, 1.5).map(lambda x: round(x, 6))
points = st.lists(numbers, min_size=2, max_size=2)
# Two ways to the same derivative add the same products in another order; the programs stay below 1e3, where each sum
# loses some 1e-13. Finite differences: 1e-7 where they say themselves that they are that good (conftest.py).
CLOSE = {"rel": 1e-10, "abs": 1e-10}


def at_most(bound: float, *trees: Any) -> bool:
    flat = np.array([x for tree in trees for x in np.ravel(tree)], dtype=float)
    return bool(np.all(np.abs(flat) <= bound))


def agrees(analytic: float, numeric: tuple[float, float]) -> None:
    estimate, error = numeric
    scale = max(1.0, abs(estimate))
    assume(error <= 1e-7 * scale)
    assert abs(analytic - estimate) <= 1e-7 * scale


# ------------------------------------------------------------------------------------ against finite differences


@given(programs(), points)
def test_grad_is_the_finite_difference_of_the_function(richardson, f, x):
    assume(at_most(1e3, f(x)))
    value, slopes = value_and_grad(f)(x)
    assert value == f(x)
    assert grad(f)(x) == slopes
    for i, slope in enumerate(slopes):
        agrees(slope, richardson(lambda moved, i=i: f([*x[:i], moved, *x[i + 1 :]]), x[i], 0.02))


@given(programs(), points)
def test_hessian_is_symmetric_and_the_finite_difference_of_grad(richardson, f, x):
    h = hessian(f)(x)
    assume(at_most(1e3, h, grad(f)(x), f(x)))
    assert h[0][1] == pytest.approx(h[1][0], **CLOSE)
    for i in range(2):
        for j in range(2):
            agrees(h[i][j], richardson(lambda moved, i=i, j=j: grad(f)([*x[:j], moved, *x[j + 1 :]])[i], x[j], 0.02))


@given(programs(), numbers)
def test_grad_of_grad_of_grad_is_the_third_derivative(richardson, f, x):
    def second(t):
        return grad(grad(lambda t: f([t, 0.5])))(t)

    third = grad(second)(x)
    assume(at_most(1e3, third, second(x)))
    agrees(third, richardson(second, x, 0.02))


# ----------------------------------------------------------------------------------------- against each other


@given(programs(outputs=2), points, points, points)
def test_jvp_and_vjp_are_the_two_products_with_the_jacobian(f, x, v, u):
    j = jacobian(f)(x)
    assume(at_most(1e3, j, f(x)))
    y, tangent = jvp(f, (x,), (v,))
    z, pull = vjp(f, x)
    assert y == z == f(x)
    assert tangent == pytest.approx([j[k][0] * v[0] + j[k][1] * v[1] for k in range(2)], **CLOSE)
    assert pull(u)[0] == pytest.approx([j[0][k] * u[0] + j[1][k] * u[1] for k in range(2)], **CLOSE)
    assert pull(u) == pull(u)
    # the definition of a transpose: ⟨u, J v⟩ = ⟨Jᵀ u, v⟩
    assert np.dot(u, tangent) == pytest.approx(np.dot(pull(u)[0], v), rel=1e-10, abs=1e-9)


@given(programs(), points, points)
def test_hvp_is_the_hessian_times_a_vector(f, x, v):
    h = hessian(f)(x)
    assume(at_most(1e3, h))
    assert hvp(f, (x,), (v,)) == pytest.approx([h[i][0] * v[0] + h[i][1] * v[1] for i in range(2)], **CLOSE)


@given(programs(), points)
def test_all_orders_of_differentiation_give_the_same_hessian(f, x):
    """Forward over reverse, reverse over forward, reverse over reverse, forward over forward, vjp of jvp."""
    h = hessian(f)(x)
    assume(at_most(1e3, h))
    unit = [[1.0, 0.0], [0.0, 1.0]]

    def slope_along(i):
        return lambda z: jvp(f, (z,), (unit[i],))[1]

    for i in range(2):
        row = pytest.approx(h[i], **CLOSE)
        assert jvp(grad(f), (x,), (unit[i],))[1] == row
        assert grad(slope_along(i))(x) == row
        assert vjp(grad(f), x)[1](unit[i])[0] == row
        assert vjp(slope_along(i), x)[1](1.0)[0] == row
        assert [jvp(slope_along(i), (x,), (unit[j],))[1] for j in range(2)] == row
    assert jacobian(jacobian(f))(x) == [pytest.approx(row, **CLOSE) for row in h]
    assert jacobian(lambda z: vjp(f, z)[1](1.0)[0])(x) == [pytest.approx(row, **CLOSE) for row in h]


@given(programs(outputs=2), points, points)
def test_a_pullback_is_linear_and_can_be_differentiated_in_its_cotangents(f, x, u):
    j = jacobian(f)(x)
    assume(at_most(1e3, j))
    _, pull = vjp(f, x)
    transposed = [[j[0][k], j[1][k]] for k in range(2)]
    assert jacobian(lambda c: pull(c)[0])(u) == [pytest.approx(row, **CLOSE) for row in transposed]
    for k in range(2):
        direction = [float(i == k) for i in range(2)]
        assert jvp(lambda c: pull(c)[0], (u,), (direction,))[1] == pytest.approx(j[k], **CLOSE)


@given(programs(), points)
def test_a_jvp_can_be_differentiated_in_its_tangents(f, x):
    slopes = grad(f)(x)
    assume(at_most(1e3, slopes))
    assert grad(lambda v: jvp(f, (x,), (v,))[1])([0.3, -0.7]) == pytest.approx(slopes, **CLOSE)


@given(programs(), points)
def test_transforms_agree_with_backward(f, x):
    leaves = [Value(t) for t in x]
    y = f(leaves)
    y.backward()
    assert grad(f)(x) == [leaf.grad for leaf in leaves] == gradient(y, leaves)


# ---------------------------------------------------------------------------------------- perturbation confusion


def test_an_inner_derivative_is_not_confused_with_an_outer_one():
    """d/dx [x · d/dy (x + y)] = 1; an engine that mixes up the infinitesimals says 2 (Siskind & Pearlmutter 2005)."""
    assert grad(lambda x: x * grad(lambda y: x + y)(1.0))(1.0) == 1.0
    assert jvp(lambda x: x * jvp(lambda y: x + y, (1.0,), (1.0,))[1], (1.0,), (1.0,)) == (1.0, 1.0)
    assert grad(lambda x: x * jvp(lambda y: x + y, (1.0,), (1.0,))[1])(1.0) == 1.0
    assert jvp(lambda x: x * grad(lambda y: x + y)(1.0), (1.0,), (1.0,)) == (1.0, 1.0)


@given(numbers, numbers)
def test_an_inner_function_sees_the_outer_variable(a, b):
    # d/dx [d/dy (x² y³) at y = b] = 6 x b²
    outer = 6 * a * b * b
    assert grad(lambda x: grad(lambda y: x * x * y * y * y)(b))(a) == pytest.approx(outer, **CLOSE)
    assert grad(lambda x: jvp(lambda y: x * x * y * y * y, (b,), (1.0,))[1])(a) == pytest.approx(outer, **CLOSE)
    assert jvp(lambda x: grad(lambda y: x * x * y * y * y)(b), (a,), (1.0,))[1] == pytest.approx(outer, **CLOSE)
    assert jvp(lambda x: vjp(lambda y: x * x * y * y * y, b)[1](1.0)[0], (a,), (1.0,))[1] == pytest.approx(
        outer, **CLOSE
    )


def test_the_inner_derivative_can_be_taken_at_the_outer_variable():
    # d/dx [d/dy (x y²) at y = x] = d/dx 2x² = 4x
    assert grad(lambda x: grad(lambda y: x * y * y)(x))(3.0) == 12.0
    assert jvp(lambda x: grad(lambda y: x * y * y)(x), (3.0,), (1.0,)) == (18.0, 12.0)
    assert grad(lambda x: jvp(lambda y: x * y * y, (x,), (1.0,))[1])(3.0) == 12.0
    # the tangent depends on the outer variable, too: d/dx [x · d/dy y³ at x] = d/dx 3x³ = 9x²
    assert grad(lambda x: jvp(lambda y: y * y * y, (x,), (x,))[1])(2.0) == 36.0


# ----------------------------------------------------------------------------------------- arguments and structure


def test_argnums_names_the_arguments_to_differentiate_for():
    def f(x, y, z):
        return x * y * y + z

    assert grad(f)(2.0, 3.0, 4.0) == 9.0
    assert grad(f, 1)(2.0, 3.0, 4.0) == 12.0
    assert grad(f, -1)(2.0, 3.0, 4.0) == 1.0
    assert grad(f, (0, 1))(2.0, 3.0, 4.0) == (9.0, 12.0)
    assert grad(f, [2, 0])(2.0, 3.0, 4.0) == (1.0, 9.0)
    assert grad(f, (1,))(2.0, 3.0, 4.0) == (12.0,)
    assert grad(f, (-2, 0))(2.0, 3.0, 4.0) == (12.0, 9.0)
    assert jacobian(f, (0, 1))(2.0, 3.0, 4.0) == (9.0, 12.0)
    assert hessian(f, 1)(2.0, 3.0, 4.0) == 4.0
    assert hessian(f, (0, 1))(2.0, 3.0, 4.0) == ((0.0, 6.0), (6.0, 4.0))


def test_an_argument_that_is_named_twice_is_differentiated_for_twice():
    assert grad(lambda x: x * x, (0, 0))(3.0) == (6.0, 6.0)
    assert grad(lambda x, y: x * x * y, (0, -2, 1))(3.0, 5.0) == (30.0, 30.0, 9.0)


@pytest.mark.parametrize("argnums", [2, -3, (0, 2), (5,)])
@pytest.mark.parametrize("transform", [grad, value_and_grad, jacobian, hessian])
def test_an_argument_that_is_not_there_is_an_error(transform, argnums):
    with pytest.raises(ValueError, match="argnums"):
        transform(lambda x, y: x * y, argnums)(1.0, 2.0)


@pytest.mark.parametrize("argnums", [1.5, "x", None, ("x",), (0.0,)])
def test_argnums_that_are_not_whole_numbers_are_an_error_that_says_so(argnums):
    with pytest.raises(TypeError, match="argnums"):
        grad(lambda x: x * x, argnums)(1.0)


def test_other_arguments_and_keywords_are_passed_on_untouched():
    marker = object()

    def f(x, kind, *, power):
        assert kind is marker
        return x**power

    assert grad(f)(2.0, marker, power=3) == 12.0
    assert value_and_grad(f)(2.0, marker, power=3) == (8.0, 12.0)
    assert jacobian(f)(2.0, marker, power=3) == 12.0


def test_results_keep_the_structure_of_what_they_belong_to():
    def f(p):
        return p[0] * p[1][0] + p[1][1][0] * 5

    assert grad(f)((2.0, [3.0, (4.0,)])) == (3.0, [2.0, (5.0,)])
    assert grad(f)([2.0, (3.0, [4.0])]) == [3.0, (2.0, [5.0])]
    assert grad(lambda p: 1.0)([[], (), [[]]]) == [[], (), [[]]]

    def g(x):
        return (x[0], [x[1], (x[0] * x[1],)])

    assert jvp(g, ([2.0, 3.0],), ([1.0, 0.0],)) == ((2.0, [3.0, (6.0,)]), (1.0, [0.0, (3.0,)]))
    assert jacobian(g)([2.0, 3.0]) == ([1.0, 0.0], [[0.0, 1.0], ([3.0, 2.0],)])
    value, pull = vjp(g, [2.0, 3.0])
    assert value == (2.0, [3.0, (6.0,)])
    assert pull((1.0, [0.0, (10.0,)])) == ([31.0, 20.0],)


def test_the_arguments_themselves_are_left_alone():
    x = [1.0, [2.0]]
    for transform in (grad, value_and_grad, jacobian, hessian):
        transform(lambda v: v[0] * v[1][0])(x)
    jvp(lambda v: v[0] * v[1][0], (x,), (x,))
    assert x == [1.0, [2.0]]
    assert [type(x[0]), type(x[1][0])] == [float, float]


def test_numpy_arrays_are_nested_lists_of_numbers():
    def f(w):
        return w[0][0] * w[1][1] + w[0][1] ** 2

    w = np.array([[1.0, 2.0], [3.0, 4.0]])
    expected = [[4.0, 4.0], [0.0, 1.0]]
    assert grad(f)(w) == expected
    assert jacobian(f)(w) == expected
    assert vjp(f, w)[1](np.float64(1.0))[0] == expected
    assert jvp(f, (w,), (np.eye(2),)) == (8.0, 5.0)
    assert hvp(f, (w,), (np.eye(2),)) == [[1.0, 0.0], [0.0, 1.0]]
    assert np.array(hessian(f)(w)).shape == (2, 2, 2, 2)
    assert jacobian(lambda v: np.array([v[0] * 2, v[1]]))(np.array([1.0, 2.0])) == [[2.0, 0.0], [0.0, 1.0]]


@pytest.mark.parametrize("number", [3, 3.0, True, np.float64(3), np.float32(3), np.int64(3), np.array(3.0)])
def test_plain_numbers_come_back_as_floats(number):
    def floats(tree):
        return all(map(floats, tree)) if isinstance(tree, (list, tuple)) else type(tree) is float

    def f(x):
        return x * x + 1

    _, pull = vjp(f, number)
    for result in (
        grad(f)(number),
        value_and_grad(f)(number),
        jacobian(f)(number),
        hessian(f)(number),
        jvp(f, (number,), (number,)),
        pull(number),
        hvp(f, (number,), (number,)),
        grad(lambda x: 3)(number),
        value_and_grad(lambda x: 3)(number),
        jacobian(lambda x: [x, 3, np.float64(2)])(number),
        jvp(lambda x: [x, 3, np.float64(2)], (number,), (1,)),
    ):
        assert floats(result), result


def test_a_value_as_argument_gives_values_that_can_be_differentiated_further():
    def f(x):
        return x * x * x

    for transform in (
        grad(f),
        jacobian(f),
        lambda x: value_and_grad(f)(x)[1],
        lambda x: jvp(f, (x,), (1.0,))[1],
        lambda x: vjp(f, x)[1](1.0)[0],
    ):
        x = Value(2.0, label="x")
        slope = transform(x)
        assert type(slope) is Value
        assert slope.data == 12.0
        assert x.grad == 0.0
        slope.backward()
        assert x.grad == 12.0  # 6x
    x = Value(2.0)
    curvature = hessian(f)(x)
    curvature.backward()
    assert (curvature.data, x.grad) == (12.0, 6.0)
    value, _ = value_and_grad(f)(x)
    x.grad = 0.0
    value.backward()
    assert x.grad == 12.0


def test_a_value_that_is_not_differentiated_for_receives_its_gradient_too():
    x, w = Value(2.0), Value(3.0)
    slope = grad(lambda x, w: w * x * x)(x, w)  # 2wx
    slope.backward()
    assert (x.grad, w.grad) == (6.0, 4.0)


def test_a_value_as_tangent_or_cotangent_receives_its_gradient():
    t = Value(5.0)
    _, moved = jvp(lambda x: x * x, (3.0,), (t,))
    moved.backward()
    assert (moved.data, t.grad) == (30.0, 6.0)
    _, pull = vjp(lambda x: x * x, 3.0)
    c = Value(5.0)
    (pulled,) = pull(c)
    pulled.backward()
    assert (pulled.data, c.grad) == (30.0, 6.0)


def test_transforms_differentiate_under_no_grad_too():
    def f(x):
        return x * x * x

    with no_grad():
        assert grad(f)(2.0) == 12.0
        assert value_and_grad(f)(2.0) == (8.0, 12.0)
        assert jacobian(f)(2.0) == 12.0
        assert hessian(f)(2.0) == 12.0
        assert jvp(f, (2.0,), (1.0,)) == (8.0, 12.0)
        assert hvp(f, (2.0,), (1.0,)) == 12.0
        _, pull = vjp(f, 2.0)
        assert pull(1.0) == (12.0,)
        assert grad(f)(Value(2.0)) == 12.0
        assert not autograd.is_grad_enabled()
    assert autograd.is_grad_enabled()


def test_a_function_that_stops_recording_has_the_derivative_of_a_constant_there():
    def f(x):
        with no_grad():
            held = x * x
        return held * x

    assert grad(f)(3.0) == 9.0
    assert jvp(f, (3.0,), (1.0,)) == (27.0, 9.0)
    assert grad(lambda x: x.detach() * x)(3.0) == 3.0


def test_an_input_that_is_not_used_has_the_derivative_zero():
    assert grad(lambda x, y: x, 1)(2.0, 3.0) == 0.0
    assert grad(lambda v: v[0])([2.0, 3.0]) == [1.0, 0.0]
    assert hessian(lambda v: v[0])([2.0, 3.0]) == [[0.0, 0.0], [0.0, 0.0]]
    assert gradient(Value(2.0) * 3, Value(1.0)) == 0.0
    assert type(gradient(Value(2.0) * 3, Value(1.0), create_graph=True)) is Value


def test_a_constant_has_the_derivative_zero():
    for constant in (3, 3.0, Value(3.0)):
        assert grad(lambda x, c=constant: c)(2.0) == 0.0
        assert value_and_grad(lambda x, c=constant: c)(2.0) == (3.0, 0.0)
        assert jacobian(lambda x, c=constant: [c, x])(2.0) == [0.0, 1.0]
        assert jvp(lambda x, c=constant: [c, x], (2.0,), (5.0,)) == ([3.0, 2.0], [0.0, 5.0])
        assert vjp(lambda x, c=constant: [c, x], 2.0)[1]([7.0, 1.0]) == (1.0,)
        assert grad(grad(lambda x, c=constant: c))(2.0) == 0.0


def test_the_identity_has_the_derivative_one():
    assert grad(lambda x: x)(2.0) == 1.0
    assert jacobian(lambda v: v)([2.0, 3.0]) == [[1.0, 0.0], [0.0, 1.0]]
    assert jvp(lambda v: v, ([2.0, 3.0],), ([5.0, 7.0],)) == ([2.0, 3.0], [5.0, 7.0])
    assert vjp(lambda v: [v, v], 2.0)[1]([5.0, 7.0]) == (12.0,)
    assert grad(lambda v: v[0] * v[1])([x := Value(3.0), x])[0].data == 3.0


# -------------------------------------------------------------------------------------------------- gradient


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


# ---------------------------------------------------------------------------------------------------- errors


@pytest.mark.parametrize("transform", [grad, value_and_grad, hessian])
@pytest.mark.parametrize("result", [[1.0], (), "1", None, 1j])
def test_a_function_that_does_not_return_one_number_has_no_gradient(transform, result):
    with pytest.raises(TypeError, match="one number"):
        transform(lambda x: result)(1.0)
    with pytest.raises(TypeError, match="one number"):
        transform(lambda x: [x, x])(1.0)


@pytest.mark.parametrize("result", ["1", None, 1j, ["1"], [None, 1.0], {1.0}])
def test_results_that_are_not_numbers_are_an_error(result):
    for call in (
        lambda: jacobian(lambda x: result)(1.0),
        lambda: jvp(lambda x: result, (1.0,), (1.0,)),
        lambda: vjp(lambda x: result, 1.0),
    ):
        with pytest.raises(TypeError, match="result"):
            call()


@pytest.mark.parametrize("argument", ["1", None, 1j, ["1"], [1.0, None], {"a": "1"}, {1.0}])
def test_arguments_that_are_not_numbers_are_an_error(argument):
    for call in (
        lambda: grad(lambda x: 1.0)(argument),
        lambda: jacobian(lambda x: 1.0)(argument),
        lambda: jvp(lambda x: 1.0, (argument,), (1.0,)),
        lambda: vjp(lambda x: 1.0, argument),
    ):
        with pytest.raises(TypeError, match=r"argument 0|primals\[0\]"):
            call()


@pytest.mark.parametrize("tangents", [(1.0,), ([1.0],), ([1.0, 2.0, 3.0],), ([[1.0], 2.0],), ([1.0, 2.0], 1.0), ()])
def test_tangents_must_be_nested_like_primals(tangents):
    for transform in (jvp, hvp):
        with pytest.raises(ValueError, match="tangents must be nested like primals"):
            transform(lambda v: v[0] * v[1], ([1.0, 2.0],), tangents)


def test_primals_and_tangents_are_tuples_of_arguments():
    for transform in (jvp, hvp):
        with pytest.raises(TypeError, match="primals must be a tuple"):
            transform(lambda x: x * x, 1.0, (1.0,))
        with pytest.raises(TypeError, match="tangents must be a tuple"):
            transform(lambda x: x * x, (1.0,), 1.0)


def test_cotangents_must_be_nested_like_the_output():
    _, pull = vjp(lambda x: [x, [x]], 1.0)
    for cotangents in (1.0, [1.0, 1.0], [1.0, [1.0, 1.0]], [[1.0], 1.0]):
        with pytest.raises(ValueError, match="cotangents must be nested like the output"):
            pull(cotangents)


def test_an_error_in_the_function_leaves_no_mode_behind():
    def fails(x):
        raise KeyError("mine")

    for call in (
        lambda: grad(fails)(1.0),
        lambda: jacobian(fails)(1.0),
        lambda: hessian(fails)(1.0),
        lambda: jvp(fails, (1.0,), (1.0,)),
        lambda: vjp(fails, 1.0),
    ):
        with pytest.raises(KeyError, match="mine"):
            call()
        with no_grad(), pytest.raises(KeyError, match="mine"):
            call()
    assert autograd.is_grad_enabled()
    assert type(grad(lambda x: x * x)(2.0)) is float  # no transform is at work any more


# ------------------------------------------------------------------------------------------- what they are for


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


def test_transforms_are_named_after_their_function():
    def area(x):
        """The area of a square."""
        return x * x

    for transform in (grad, value_and_grad, jacobian):
        assert transform(area).__name__ == f"{transform.__name__}(area)"
        assert "The area of a square." in transform(area).__doc__


def test_a_derivative_that_nobody_asked_for_need_not_exist():
    a, b = Value(-2.0), Value(3.0)
    y = a**b  # for a negative base there is no derivative for the exponent
    assert gradient(y, a) == 12.0
    with pytest.raises(ValueError, match="no finite derivative"):
        gradient(y, b)


def test_arrays_in_a_list_are_lists_of_numbers():
    weights, bias = np.array([[1.0, 2.0]]), np.array([0.5])
    assert grad(lambda wb: wb[0][0][0] * wb[0][0][1] + wb[1][0] ** 2)([weights, bias]) == [[[2.0, 1.0]], [1.0]]


def test_the_third_derivative_of_a_power_is_right_at_the_exponent_zero():
    slope = grad(lambda a, b: a**b, 0)
    assert math.isclose(grad(grad(slope, 1), 1)(2.0, 0.0), 2 * math.log(2) / 2, rel_tol=1e-15)


def test_forward_mode_refuses_what_reverse_mode_refuses():
    with pytest.raises(ValueError, match=r"exp\(1000\.0\) = inf"):
        jvp(lambda x: x.exp(), (1000.0,), (1.0,))


@pytest.mark.parametrize("transform", [grad, jacobian, lambda f: lambda *xs, **more: value_and_grad(f)(*xs, **more)[1]])
def test_a_keyword_that_is_a_value_can_be_differentiated_for_as_an_argument_can(transform):
    for by_name in (False, True):
        w = Value(3.0)
        f = lambda x, w: w * x**2  # noqa: E731
        slope = transform(f)(2.0, w=w) if by_name else transform(f)(2.0, w)
        (slope * w).backward()
        assert w.grad == 24.0


@pytest.mark.parametrize(("f", "x"), [(autograd.sqrt, 0.0), (autograd.acos, 1.0), (lambda x: x**0.5, 0.0)])
def test_a_slope_that_does_not_exist_is_hidden_by_a_factor_of_0_from_reverse_mode_only(f, x):
    def hidden(x: Any) -> Any:
        return f(x) * 0.0 + x

    leaf = Value(x)
    hidden(leaf).backward()
    assert leaf.grad == grad(hidden)(x) == gradient(hidden(leaf), leaf, create_graph=True).data == 1.0
    with pytest.raises((ValueError, ZeroDivisionError), match="has no finite derivative there"):
        jvp(hidden, (x,), (1.0,))


def test_dicts_and_namedtuples_keep_their_structure():
    Point = namedtuple("Point", "x y")
    assert grad(lambda p: p.x * p.y)(Point(2.0, 3.0)) == Point(3.0, 2.0)
    parameters = {"w": [2.0, 3.0], "b": 1.0}
    assert grad(lambda p: p["w"][0] * p["w"][1] + p["b"] ** 2)(parameters) == {"w": [3.0, 2.0], "b": 2.0}
    tangents = {"b": 1.0, "w": [0.0, 0.0]}
    assert jvp(lambda p: p["w"][0] * p["b"], (parameters,), (tangents,)) == (2.0, 2.0)


def test_an_array_that_is_not_differentiated_for_stays_one():
    assert grad(lambda w, x: w * float(x.sum()))(2.0, np.ones(3)) == 3.0


def test_grad_of_a_value_says_that_gradient_is_meant():
    with pytest.raises(TypeError, match=r"gradient\(output, inputs\)"):
        grad(Value(1.0))
