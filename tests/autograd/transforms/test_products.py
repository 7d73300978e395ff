"""jvp, vjp and hvp: against the matrices that they are products with, and what they refuse."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import assume, given

from autograd import Value, grad, hessian, hvp, jacobian, jvp, vjp
from tests.support.smooth import CLOSE, at_most, points, programs


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


def test_a_list_that_is_the_only_argument_stands_in_a_tuple():
    for transform in (jvp, hvp):
        with pytest.raises(
            TypeError, match=r"for each argument of .* got 2 items for \(v\): of a list alone it is \(\["
        ):
            transform(lambda v: v[0] ** 2 * v[1], [3.0, 4.0], [1.0, 0.0])
        with pytest.raises(TypeError, match="'float' object is not subscriptable"):  # an error of the function's own
            transform(lambda u, v: math.pi[0], [3.0, 4.0], [1.0, 0.0])
        with pytest.raises(TypeError, match="argument 0 is one number, and the function asks for its items"):
            transform(max, (1.0,), (1.0,))  # which has no signature
    assert hvp(lambda v: v[0] ** 2 * v[1], ([3.0, 4.0],), ([1.0, 0.0],)) == [8.0, 6.0]


def test_cotangents_must_be_nested_like_the_output():
    _, pull = vjp(lambda x: [x, [x]], 1.0)
    for cotangents in (1.0, [1.0, 1.0], [1.0, [1.0, 1.0]], [[1.0], 1.0]):
        with pytest.raises(ValueError, match="cotangents must be nested like the output"):
            pull(cotangents)


def test_forward_mode_refuses_what_reverse_mode_refuses():
    with pytest.raises(ValueError, match=r"exp\(1000\.0\) = inf"):
        jvp(lambda x: x.exp(), (1000.0,), (1.0,))
