"""Nested arguments: lists, tuples, dicts and arrays come back as what they were."""

from __future__ import annotations

from collections import namedtuple

import numpy as np

from autograd import grad, hessian, hvp, jacobian, jvp, value_and_grad, vjp


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


def test_arrays_in_a_list_are_lists_of_numbers():
    weights, bias = np.array([[1.0, 2.0]]), np.array([0.5])
    assert grad(lambda wb: wb[0][0][0] * wb[0][0][1] + wb[1][0] ** 2)([weights, bias]) == [[[2.0, 1.0]], [1.0]]


def test_dicts_and_namedtuples_keep_their_structure():
    Point = namedtuple("Point", "x y")
    assert grad(lambda p: p.x * p.y)(Point(2.0, 3.0)) == Point(3.0, 2.0)
    parameters = {"w": [2.0, 3.0], "b": 1.0}
    assert grad(lambda p: p["w"][0] * p["w"][1] + p["b"] ** 2)(parameters) == {"w": [3.0, 2.0], "b": 2.0}
    tangents = {"b": 1.0, "w": [0.0, 0.0]}
    assert jvp(lambda p: p["w"][0] * p["b"], (parameters,), (tangents,)) == (2.0, 2.0)
