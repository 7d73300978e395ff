"""Nested arguments: lists, tuples, dicts and arrays come back as what they were."""

from __future__ import annotations

import sys
from collections import namedtuple
from itertools import pairwise

import numpy as np
import pytest

from autograd import Value, grad, hessian, hvp, jacobian, jvp, value_and_grad, vjp
from autograd.transforms.tree import as_lists, leaves_like


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


def equal(found, expected):
    """Whether it is an array of floats that equals the expected one, shape and all."""
    return type(found) is np.ndarray and found.dtype == float and np.array_equal(found, np.array(expected))


def test_numpy_arrays_arrive_as_arrays_and_come_back_as_arrays():
    def f(w):
        assert type(w) is np.ndarray
        return w[0, 0] * w[1][1] + w[0, 1] ** 2

    w = np.array([[1.0, 2.0], [3.0, 4.0]])
    expected = [[4.0, 4.0], [0.0, 1.0]]
    assert equal(grad(f)(w), expected)
    assert equal(value_and_grad(f)(w)[1], expected)
    assert equal(jacobian(f)(w), expected)
    assert equal(vjp(f, w)[1](np.float64(1.0))[0], expected)
    assert jvp(f, (w,), (np.eye(2),)) == (8.0, 5.0)
    assert equal(hvp(f, (w,), (np.eye(2),)), [[1.0, 0.0], [0.0, 1.0]])
    assert equal(grad(f)(w.astype(int)), expected)
    second = hessian(f)(w)
    assert (second.shape, second[0, 0, 1, 1], second[0, 1, 0, 1], second.sum()) == ((2, 2, 2, 2), 1.0, 2.0, 4.0)


def test_a_result_that_is_an_array_has_an_array_as_its_jacobian():
    double = lambda v: np.array([v[0] * 2, v[1], v[0] * v[1]])  # noqa: E731
    matrix = [[2.0, 0.0], [0.0, 1.0], [4.0, 3.0]]
    assert equal(jacobian(double)(np.array([3.0, 4.0])), matrix)
    assert jacobian(double)([3.0, 4.0]) == matrix
    assert equal(jacobian(lambda x: np.array([x, x * x]))(3.0), [1.0, 6.0])
    value, tangent = jvp(double, (np.array([3.0, 4.0]),), (np.array([1.0, 0.0]),))
    assert equal(value, [6.0, 4.0, 12.0])
    assert equal(tangent, [2.0, 0.0, 4.0])
    assert equal(vjp(double, np.array([3.0, 4.0]))[1](np.ones(3))[0], [6.0, 4.0])


def test_what_numpy_does_with_an_array_is_differentiated():
    def rosenbrock(x):
        return np.sum(100.0 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)

    x = np.array([0.5, -0.3, 0.9])
    plain = grad(lambda v: sum(100 * (b - a * a) ** 2 + (1 - a) ** 2 for a, b in pairwise(v)))(x.tolist())
    assert grad(rosenbrock)(x) == pytest.approx(np.array(plain), rel=1e-14)
    assert grad(lambda x: np.exp(x) @ x)(x) == pytest.approx(np.exp(x) * (1 + x), rel=1e-14)
    matrix = np.array([[2.0, 1.0, 0.0], [0.0, 3.0, 1.0]])
    assert equal(jacobian(lambda x: matrix @ x)(x), matrix)
    assert hessian(rosenbrock)(x) == pytest.approx(hessian(rosenbrock)(x).T)


def test_arrays_with_values_in_them_give_values():
    x = np.array([Value(2.0), Value(3.0)])
    slope = grad(lambda x: x[0] * x[1] ** 2)(x)
    assert (type(slope), slope.dtype, [g.data for g in slope]) == (np.ndarray, object, [9.0, 12.0])
    slope[0].backward()
    assert x[1].grad == 6.0


def test_arrays_in_a_list_stay_arrays():
    weights, bias = np.array([[1.0, 2.0]]), np.array([0.5])
    slopes = grad(lambda wb: wb[0][0][0] * wb[0][0][1] + wb[1][0] ** 2)([weights, bias])
    assert type(slopes) is list
    assert equal(slopes[0], [[2.0, 1.0]])
    assert equal(slopes[1], [1.0])


def test_what_is_returned_beside_the_number_keeps_its_arrays():
    names = np.array(["a", "b"])
    _, (kept, values) = grad(lambda x: (x, (names, np.array([x, 1.0]))), has_aux=True)(2.0)
    assert kept is names
    assert equal(values, [2.0, 1.0])


def test_dicts_and_namedtuples_keep_their_structure():
    Point = namedtuple("Point", "x y")
    assert grad(lambda p: p.x * p.y)(Point(2.0, 3.0)) == Point(3.0, 2.0)
    parameters = {"w": [2.0, 3.0], "b": 1.0}
    assert grad(lambda p: p["w"][0] * p["w"][1] + p["b"] ** 2)(parameters) == {"w": [3.0, 2.0], "b": 2.0}
    tangents = {"b": 1.0, "w": [0.0, 0.0]}
    assert jvp(lambda p: p["w"][0] * p["b"], (parameters,), (tangents,)) == (2.0, 2.0)


def test_scipy_minimizes_with_our_derivatives():
    optimize = pytest.importorskip("scipy.optimize")

    def rosenbrock(x):
        return (100.0 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2).sum()

    start = np.array([1.3, 0.7, 0.8])
    found = optimize.minimize(value_and_grad(rosenbrock), start, jac=True, method="BFGS")
    assert found.x == pytest.approx([1.0, 1.0, 1.0], abs=1e-4)
    along = optimize.minimize(
        rosenbrock, start, jac=grad(rosenbrock), hessp=lambda x, p: hvp(rosenbrock, (x,), (p,)), method="trust-krylov"
    )
    assert along.x == pytest.approx([1.0, 1.0, 1.0], abs=1e-4)
    root = optimize.least_squares(
        lambda x: np.array([x[0] ** 2 - 2, x[1] - 3]),
        start[:2],
        jac=jacobian(lambda x: np.array([x[0] ** 2 - 2, x[1] - 3])),
    )
    assert root.x == pytest.approx([2**0.5, 3.0])


@pytest.mark.parametrize("depth", [1, 2, 3])
def test_numbers_in_plain_lists_are_looked_at_a_level_at_a_time(depth):
    def calls(n):
        tree = [float(i) for i in range(n)]
        for _ in range(depth - 1):
            tree = [tree]
        seen = []
        sys.setprofile(lambda frame, event, arg: seen.append(event))
        try:
            found = leaves_like(tree, tree, ("a", "b"))
        finally:
            sys.setprofile(None)
        assert found == [float(i) for i in range(n)]
        return sum(event == "call" for event in seen)

    assert calls(1000) == calls(10) < 30


def test_what_is_taken_out_of_a_list_is_another_list():
    numbers = [1.0, 2.0]
    for found in (as_lists(numbers), leaves_like(numbers, numbers, ("a", "b"))):
        assert found == numbers
        assert found is not numbers


def test_numbers_of_any_kind_become_floats():
    found = leaves_like([1, True, np.float64(2.0)], [0.0, 0.0, 0.0], ("a", "b"))
    assert (found, {*map(type, found)}) == ([1.0, 1.0, 2.0], {float})
