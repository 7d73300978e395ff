"""All derivatives at once: rows and columns are the same numbers, each slope is computed once, the cheaper way."""

from __future__ import annotations

import pytest
from hypothesis import given

import autograd
from autograd import Value, gradient, hessian, jacobian, kinks
from autograd.transforms import directions
from autograd.transforms.directions import derivatives
from nn import GaussNewton
from tests.support.smooth import CLOSE, points, programs


def series(p, steps=40):
    """A time series of steps that each come from the one before: 4 parameters, as many residuals as steps."""
    state, found = p[0], []
    for _ in range(steps):
        state = (p[1] * state + p[2]).tanh() * p[3] + state * 0.5
        found.append(state - 0.1)
    return found


def apart(p, rows=40):
    """Residuals that share their parameters and nothing else."""
    return [(p[0] * (0.1 * i) + p[1]).tanh() * p[2] + p[3] for i in range(rows)]


@pytest.fixture
def count(monkeypatch):
    """How often slopes were computed, and in which direction."""
    counted = {"slopes": 0, "_rows": 0, "_columns": 0}

    def counting(name, original):
        def called(*args):
            counted[name] += 1
            return original(*args)

        return called

    monkeypatch.setattr(kinks, "slopes", counting("slopes", kinks.slopes))
    for name in ("_rows", "_columns"):
        monkeypatch.setattr(directions, name, counting(name, getattr(directions, name)))
    return counted


def one_by_one(outputs, inputs):
    return [gradient(y, inputs) for y in outputs]


@given(programs(outputs=3), points)
def test_rows_columns_and_single_gradients_are_the_same_numbers(f, x):
    leaves = [Value(t) for t in x]
    outputs = f(leaves)
    expected = [pytest.approx(row, **CLOSE) for row in one_by_one(outputs, leaves)]
    computed, _ = autograd.graph.walk(outputs, leaves)
    moving = dict.fromkeys([*leaves, *computed], 1)
    for ways in (directions._rows, directions._columns):
        assert ways(outputs, leaves, computed, moving, False) == expected
        assert [
            [g.data if isinstance(g, Value) else g for g in row]
            for row in ways(outputs, leaves, computed, moving, True)
        ] == expected
    assert derivatives(outputs, leaves, as_values=False) == expected


@pytest.mark.parametrize(("f", "direction"), [(series, "_columns"), (apart, "_rows")])
def test_many_residuals_of_few_parameters_take_the_direction_that_carries_less(f, direction, count):
    p = [0.3, 0.7, 0.1, 0.9]
    matrix = jacobian(f)(p)
    leaves = [Value(x) for x in p]
    outputs = f(leaves)
    nodes = len(autograd.graph.walk(outputs)[0])
    assert (count[direction], count["_rows"] + count["_columns"]) == (1, 1)
    assert count["slopes"] <= nodes  # each once, whatever the number of rows
    assert matrix == [pytest.approx(row, rel=1e-13) for row in one_by_one(outputs, leaves)]


def test_a_hessian_computes_each_slope_once(count):
    def f(v):
        return autograd.sum([(a * b).sin() for a, b in zip(v, v[1:])])  # noqa: RUF007  a list, not an iterator

    hessian(f)([0.1, 0.2, 0.3])
    few = count["slopes"]
    count["slopes"] = 0
    hessian(f)([0.1 * i for i in range(30)])
    assert count["slopes"] <= few * 30  # and not 30 · 30 times as often


@pytest.mark.parametrize("f", [series, apart])
def test_gauss_newton_steps_are_those_of_the_single_gradients(f):
    import numpy as np

    start = [0.3, 0.7, 0.1, 0.9]
    params = [Value(x) for x in start]
    residuals = f(params)
    matrix, r = np.array(one_by_one(residuals, params)), np.array([y.data for y in residuals])
    GaussNewton(params, damping=1e-3).step(residuals)
    step = np.linalg.solve(matrix.T @ matrix + 1e-3 * np.eye(4), matrix.T @ r)
    assert [p.data for p in params] == pytest.approx((np.array(start) - step).tolist(), rel=1e-9)


def test_what_no_output_depends_on_may_have_an_infinite_slope():
    def f(v):
        return [autograd.sqrt(autograd.relu(v[0])) + v[1] * i for i in range(5)]

    assert jacobian(f)([-1.0, 1.0]) == [[0.0, float(i)] for i in range(5)]


@pytest.mark.parametrize("rows", [1, 5])
def test_a_slope_that_is_not_defined_is_refused_in_either_direction(rows):
    f = lambda v: [v[0].sqrt() * 0.0 + v[1] * i for i in range(rows)] + [v[1]]  # noqa: E731
    with pytest.raises(ZeroDivisionError, match=r"sqrt\(0\.0\) has no finite derivative there"):
        jacobian(f)([0.0, 1.0])


def test_outputs_may_be_inputs_numbers_and_each_other():
    def f(v):
        y = v[0] * v[1]
        return [y, v[0], 3.0, y, v[1], y * y]

    y = [[3.0, 2.0], [1.0, 0.0], [0.0, 0.0], [3.0, 2.0], [0.0, 1.0], [36.0, 24.0]]
    assert jacobian(f)([2.0, 3.0]) == y
    assert jacobian(f, argnums=(0,))([2.0, 3.0]) == [(row,) for row in y]
    assert jacobian(lambda x: [x, x * x, x**3], argnums=(0, 0))(2.0) == [(1.0, 1.0), (4.0, 4.0), (12.0, 12.0)]


def test_a_derivative_that_is_not_finite_names_its_output():
    f = lambda v: [v[0] * 1.0, 1 / (v[0] * 0.0 + 1e-200), v[0]]  # noqa: E731
    for extra in ([], [1.0, 2.0, 3.0]):
        with pytest.raises(ValueError, match=r"the gradient of 0\.0 is"):
            jacobian(f)([0.0, *extra])


def test_a_checkpoint_among_many_outputs_computes_the_same():
    f = lambda v: [autograd.checkpoint(lambda x, y: x * y.sin())(v[0], v[1]) * float(i) for i in range(4)]  # noqa: E731
    assert jacobian(f)([2.0, 3.0]) == jacobian(lambda v: [v[0] * v[1].sin() * float(i) for i in range(4)])([2.0, 3.0])
