"""Comparisons in a function that is being compiled: `where` chooses by them for each example, `if` is refused."""

from __future__ import annotations

import math

import numpy as np
import pytest

import autograd
from autograd import Value, compile, grad, where
from autograd.program import TraceError

POINTS = [-1.5, -0.5, 0.0, 0.5, 1.0, 2.0]

FUNCTIONS = {
    "two values": lambda x: where(x > 0, x * x, -3 * x),
    "numbers": lambda x: where(x <= 0.5, 1.0, 0.0) * x,
    "a number and a value": lambda x: where(x > 0.5, 2.0, x),
    "a branch that isn't defined": lambda x: where(x > 0, lambda: autograd.log(x), 0.0 * x),
    "both": lambda x: where(x > 0, lambda: autograd.log(x), lambda: 1 / (x - 1)),
    "and": lambda x: where((x > 0) & (x < 1), 3 * x, x),
    "or": lambda x: where((x < 0) | (x >= 1), 3 * x, x),
    "with a plain bool": lambda x: where((x > 0) & True, where(True, x, 1.0), 2 * x),
    "with one by which a branch is never taken": lambda x: where((x > 0) & (0.0 > 1), lambda: autograd.log(0.0), 2 * x),
    "with one by which the other never is": lambda x: where((0.0 < 1) | (x > 0), 2 * x, lambda: autograd.log(0.0)),
    "one in the other": lambda x: where(
        x > 0, lambda: where(x > 1, lambda: autograd.log(x - 1), lambda: autograd.sqrt(x)), x
    ),
    "a slope that is infinite": lambda x: where(x > 0, lambda: autograd.sqrt(autograd.relu(x)), 2 * x),
    "a branch from elsewhere": lambda x: where(x > 0, lambda: 2.0, lambda: x),
    "a comparison as a number": lambda x: x * (x > 0) + 2 * (x < 1) - (1 - (x >= 0.5)),
    "comparisons that are counted": lambda x: x * sum([x > 0, x < 1, x <= 0]),
    "lists": lambda x: where(x > 0, lambda: autograd.logsumexp([x, autograd.log(x), 1.0]), lambda: x % 0.7),
}


@pytest.mark.parametrize("f", FUNCTIONS.values(), ids=FUNCTIONS)
def test_a_choice_is_the_same_compiled(f):
    program = compile(f)
    eager = [f(x) for x in POINTS]
    assert program.map(POINTS) == pytest.approx(eager, rel=1e-14)
    slopes = program.input_gradients(POINTS) * len(POINTS)
    assert slopes.tolist() == pytest.approx([grad(lambda v: f(v) + 0 * v)(x) for x in POINTS], rel=1e-14)


@pytest.mark.parametrize("f", FUNCTIONS.values(), ids=FUNCTIONS)
def test_a_choice_is_differentiated_inside_of_a_compiled_function(f):
    def slope(x):
        return grad(lambda v: f(v) + 0 * v)(x)

    assert compile(slope).map(POINTS) == pytest.approx([slope(x) for x in POINTS], rel=1e-14)


def test_a_branch_that_is_a_function_needs_no_second_run(monkeypatch):
    from autograd.program import fallback, program

    f = FUNCTIONS["both"]
    compiled = compile(f)
    compiled(POINTS)
    for module in (fallback, program):
        monkeypatch.setattr(module, "row_by_row", lambda *args: pytest.fail("it ran row by row"))
    assert compiled(POINTS) == pytest.approx(np.mean([f(x) for x in POINTS]), rel=1e-14)


def slope_where(t):
    return where(t < 0, lambda: autograd.log(-t), lambda: 2 * t)


SLOPES = {
    "grad": lambda x: grad(slope_where)(x),
    "second": lambda x: 1 - grad(grad(lambda t: t * slope_where(t)))(x) ** 2,
    "jvp": lambda x: autograd.jvp(slope_where, [x], [x + 3])[1],
    "jacobian": lambda x: autograd.jacobian(lambda v: [slope_where(v[0]) * v[1], v[0]])([x, 2.0])[0][0],
    "jacobian, forward": lambda x: autograd.jacobian(lambda t: [slope_where(t), t, 2 * t])(x)[0],
    "hessian": lambda x: autograd.hessian(lambda v: slope_where(v[0]) * v[1] ** 2)([x, 2.0])[0][1],
    "a root that is off": lambda x: grad(lambda t: autograd.sqrt(autograd.relu(t)) + t)(x),
}


@pytest.mark.parametrize("name", SLOPES)
def test_a_slope_beside_a_branch_that_is_not_taken_is_compared_as_it_is(name):
    """A nan would be less than nothing and more than nothing, and tell no one."""

    def compared(x):
        slope = SLOPES[name](x)
        return where(slope > 0.5, 1.0, where(slope < 0.5, -1.0, 0.0)) + 0 * x

    points = [-3.0, -0.5, 0.25, 2.0]
    assert compile(SLOPES[name]).map(points) == pytest.approx([SLOPES[name](x) for x in points], rel=1e-14)
    assert compile(compared).map(points) == [compared(x) for x in points]


@pytest.mark.parametrize("name", [name for name in SLOPES if name != "a root that is off"])
def test_such_a_slope_needs_no_second_run(name, monkeypatch):
    from autograd.program import fallback, program

    for module in (fallback, program):
        monkeypatch.setattr(module, "row_by_row", lambda *args: pytest.fail("it ran row by row"))
        monkeypatch.setattr(module, "mapped_alone", lambda *args: pytest.fail("it ran row by row"))
    program = compile(SLOPES[name])
    program([-3.0, 2.0])
    program.map([-3.0, 2.0])


def test_parameters_in_a_branch_that_isnt_taken_receive_nothing():
    w, v = Value(2.0), Value(3.0)
    program = compile(lambda x: where(x > 0, lambda: w * autograd.log(x), v * x), [w, v])
    program([-1.0, -2.0])
    assert (w.grad, v.grad) == (0.0, -1.5)
    program([1.0, math.e])
    assert (w.grad, v.grad) == (pytest.approx(0.5), -1.5)


def test_a_choice_by_a_parameter_follows_its_number():
    w = Value(1.0)
    program = compile(lambda x: where(w > 0, x, w * x), [w])
    assert program([2.0]) == 2.0
    w.data = -3.0
    assert program([2.0]) == -6.0
    assert w.grad == 2.0


@pytest.mark.parametrize("f", [lambda x: x if x > 0 else -x, lambda x: x if 0 < x < 1 else -x, lambda x: max(x, 0.0)])
def test_an_if_is_refused(f):
    with pytest.raises(TraceError, match=r"number (of .*)?is asked for"):
        compile(f)([1.0])


@pytest.mark.parametrize(
    "f",
    [
        lambda x: [1.0, 2.0][x > 0],
        lambda x: {True: x, False: 1.0}[x > 0],
        lambda x: x if (x > 0) == True else 1.0,  # noqa: E712
        lambda x: x * len({x > 0, x < 1}),
        lambda x: x * int(x > 0),
        lambda x: where((x > 0) ^ (x > 1), x, 1.0),
    ],
    ids=["index", "dict", "==", "set", "int", "^"],
)
def test_what_asks_a_comparison_for_its_number_is_refused(f):
    with pytest.raises(TraceError, match=r"test_conditions.*comparison is asked for its number.*with & and \| in it"):
        compile(f)([1.0, -1.0])


def test_a_comparison_that_is_returned_is_named():
    with pytest.raises(TypeError, match=r"must be a number.*got the comparison Traced\(>\)"):
        compile(lambda x: x > 0)([1.0])


def test_an_if_on_a_captured_number_is_watched():
    scale = Value(1.0)
    program = compile(lambda x: 2 * x if scale > 0 else x)
    assert program([3.0]) == 6.0
    scale.data = -1.0
    assert program([3.0]) == 3.0


def test_the_equations_show_the_choice():
    assert "where(X > 0, ln(X), X²)" in str(
        compile(lambda x: where(x > 0, lambda: autograd.log(x), x * x)).explain([1.0])
    )
