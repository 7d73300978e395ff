"""A function with a derivative of its own is one node: right in every direction, and clear about what is wrong."""

from __future__ import annotations

import math
import pickle
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd
from autograd import Value, check_rule, checkpoint, custom_derivative, grad, gradcheck, gradient, hessian, jvp, no_grad
from autograd.program import compile


def equation(x: Any, a: Any, b: Any = 2.0) -> Any:
    return x**3 + a * x - b


def slopes(x: Any, *args: Any) -> Any:
    of_x, *others = grad(equation, tuple(range(1 + len(args))))(x, *args)
    return [-g / of_x for g in others]


@custom_derivative(slopes)
def root(a, b=2.0):
    """The root x of x³ + a x - b, by Newton's method."""
    x = 1.0
    while abs(equation(x, a, b)) > 1e-14:
        x -= equation(x, a, b) / grad(equation)(x, a, b)
    return x


def cardano(a: Any, b: Any) -> Any:
    """The same root, in closed form."""
    s = autograd.sqrt(b * b / 4 + a**3 / 27)
    return autograd.cbrt(b / 2 + s) + autograd.cbrt(b / 2 - s)


def total(ws: Any, s: Any = 1.0) -> Any:
    return s * sum(w * w for w in ws)


square = custom_derivative(lambda y, ws, s: ([2 * s * w for w in ws], sum([w * w for w in ws])))(total)
"""Of a list and a number."""


@given(st.floats(0.3, 3.0), st.floats(0.5, 3.0))
def test_the_derivatives_of_a_root_are_those_of_its_closed_form(a, b):
    close = {"rel": 1e-9, "abs": 1e-9}
    assert root(a, b) == pytest.approx(cardano(a, b), **close)
    assert grad(root, (0, 1))(a, b) == pytest.approx(grad(cardano, (0, 1))(a, b), **close)
    for row, known in zip(hessian(lambda v: root(*v))([a, b]), hessian(lambda v: cardano(*v))([a, b])):
        assert row == pytest.approx(known, **close)
    assert jvp(root, (a, b), (0.3, -0.7)) == pytest.approx(jvp(cardano, (a, b), (0.3, -0.7)), **close)


def test_it_is_checked_by_differences_to_the_second_order():
    assert gradcheck(root, (1.0, 2.0))
    assert check_rule(root, [(1.0, 2.0), (0.4, 3.0)])
    assert check_rule(square)


def test_it_is_one_node_with_its_name():
    a = Value(1.0, label="a")
    y = root(a)
    y.backward()
    assert (y.op, y.parents, y.data, a.grad) == ("root", (a,), 1.0, -0.25)
    assert "root" in autograd.draw(y).source
    assert "root(a" in str(autograd.steps(y))
    assert str(autograd.explain(y, a))


def test_numbers_give_a_number_and_no_graph():
    assert root(1.0) == 1.0
    assert square([1.0, 2.0], s=3.0) == 15.0
    with no_grad():
        assert root(Value(1.0)).parents == ()
    assert root.__doc__.startswith("The root x")
    assert root.__name__ == "root"


def test_lists_arrays_and_defaults_are_arguments():
    ws, s = [Value(1.0), Value(2.0)], Value(3.0)
    square(ws, s).backward()
    assert [w.grad for w in ws] == [6.0, 12.0]
    assert s.grad == 5.0
    assert grad(square)([1.0, 2.0]) == [2.0, 4.0]
    assert grad(square)(np.array([1.0, 2.0])).tolist() == [2.0, 4.0]
    assert hessian(lambda v: square(v[:2], v[2]))([1.0, 2.0, 3.0]) == [
        [6.0, 0.0, 2.0],
        [0.0, 6.0, 4.0],
        [2.0, 4.0, 0.0],
    ]


def test_a_single_list_may_have_its_slopes_alone_or_in_a_tuple():
    for given_ in (lambda y, xs: [1.0 for _ in xs], lambda y, xs: ([1.0 for _ in xs],)):
        f = custom_derivative(given_)(lambda xs: sum(xs))
        assert grad(f)([1.0, 2.0]) == [1.0, 1.0]
        assert grad(f)([1.0]) == [1.0]


def test_a_derivative_of_ones_own_takes_the_place_of_the_true_one():
    clipped = custom_derivative(lambda y, x: autograd.minimum(1.0, 2 * x))(lambda x: x * x)
    assert (clipped(3.0), grad(clipped)(3.0), grad(clipped)(0.25)) == (9.0, 1.0, 0.5)


def test_checkpoints_and_transforms_around_it():
    a = Value(1.0)
    checkpoint(lambda a: root(a) * a)(a).backward()
    assert a.grad == 0.75
    nested = lambda a: root(root(a) * a)  # noqa: E731
    assert gradcheck(nested, 1.0)
    assert gradcheck(grad(nested), 1.0)


def test_it_is_compiled_row_by_row():
    w = Value(1.2)
    xs = [1.0, 2.0, 0.5]
    expected = autograd.mean([root(w * x, w) for x in xs])
    expected.backward()
    slope, w.grad = w.grad, 0.0
    program = compile(lambda x: root(w * x, w), [w])
    assert program(xs) == pytest.approx(expected.data, rel=1e-15)
    assert w.grad == pytest.approx(slope, rel=1e-14)
    assert "root" in str(program.explain(xs))
    of_lists = compile(lambda v: square(v, v[0]))
    assert of_lists.input_gradients([[1.0, 2.0]]).tolist() == [[7.0, 4.0]]


def test_a_loop_that_would_wait_for_a_number_ends_when_it_is_followed():
    @custom_derivative(lambda y, a: 0.5 / y)
    def slow_root(a):
        x = a
        while not abs(x * x - a) <= 1e-12 * a:
            x = (x + a / x) / 2
        return x

    assert compile(lambda a: slow_root(a))([4.0]) == pytest.approx(2.0)
    assert math.isnan(slow_root(math.nan))


def test_what_it_reads_is_read_anew_by_compiled_code():
    settings = {"scale": 2.0}
    scaled = custom_derivative(lambda y, a: settings["scale"])(lambda a: settings["scale"] * a)
    program = compile(lambda a: scaled(a))
    assert (program([1.0]), program.input_gradients([1.0]).tolist()) == (2.0, [2.0])
    settings["scale"] = 5.0
    assert (program([1.0]), program.input_gradients([1.0]).tolist()) == (5.0, [5.0])


def test_a_function_of_a_module_is_pickled_by_its_name():
    assert pickle.loads(pickle.dumps(root)) is root


def test_an_argument_that_is_not_differentiated_has_none_for_a_slope():
    f = custom_derivative(lambda y, a, k: (k * a ** (k - 1), None), name="power")(lambda a, k: a**k)
    assert (f(2.0, 3.0), grad(f)(2.0, 3.0), grad(grad(f))(2.0, 3.0), jvp(f, (2.0, 3.0), (1.0, 0.0))) == (
        8.0, 12.0, 12.0, (8.0, 12.0),
    )  # fmt: skip
    a, k = Value(2.0), Value(3.0)
    assert gradient(f(a, k), [a]) == [12.0]
    program = compile(lambda k: f(a, k), [a])
    assert (program([3.0, 2.0]), a.grad) == (6.0, 8.0)
    for asked in (f(a, k).backward, lambda: grad(f, 1)(2.0, 3.0), lambda: gradient(f(a, k), [k], create_graph=True)):
        with pytest.raises(TypeError, match="the slope of power for argument 1 must be a real number, got None"):
            asked()
    with pytest.raises(ValueError, match="the slope of power for argument 1 must be a real number, got None"):
        program.input_gradients([3.0])
    assert (a.grad, k.grad) == (8.0, 0.0)
    weighted = custom_derivative(lambda y, xs, ws: (ws, None))(lambda xs, ws: sum(w * x for w, x in zip(ws, xs)))
    assert grad(weighted)([1.0, 2.0], [3.0, 4.0]) == [3.0, 4.0]
    with pytest.raises(TypeError, match="for argument 1 must be a real number, got None"):
        grad(weighted, 1)([1.0, 2.0], [3.0, 4.0])


ONE = Value(1.0, label="one")
WRONG_SLOPES = {
    "too few": (lambda y, xs, s: [1.0], "the derivative of f must give 2 slopes, one for each argument, got 1"),
    "a number": (
        lambda y, xs, s: 3.0,
        "f must give 2 slopes, one for each argument, got the single 3.0",
    ),
    "too short": (lambda y, xs, s: ([1.0], 1.0), "must give 2 slopes for argument 0, as many as it has items, got 1"),
    "no list": (lambda y, xs, s: (1.0, 1.0), "must give a list of slopes for argument 0, which is a list, got 1.0"),
    "none": (lambda y, xs, s: ([1.0, 1.0], None), "the slope of f for argument 1 must be a real number, got None"),
    "a list": (
        lambda y, xs, s: ([1.0, 1.0], [1.0]),
        r"slope of f for argument 1 must be a real number, got \[1.0\]",
    ),
    "none in a list": (
        lambda y, xs, s: ([1.0, None], 1.0),
        r"slope of f for argument 0\[1\] must be a real number",
    ),
}


@pytest.mark.parametrize("again", [False, True])
@pytest.mark.parametrize(("d", "message"), WRONG_SLOPES.values(), ids=WRONG_SLOPES)
def test_slopes_that_do_not_fit_are_refused_by_name(d, message, again):
    y = custom_derivative(d)(lambda xs, s: sum(xs) * s)([ONE, 2.0], ONE)
    with pytest.raises(TypeError, match=message):
        gradient(y, ONE, create_graph=again)
    with pytest.raises(TypeError, match=message):
        y.backward()
    assert ONE.grad == 0.0


def test_slopes_for_plain_numbers_are_differentiated_once():
    f = custom_derivative(lambda y, a: math.cos(a), name="sine")(lambda a: math.sin(a))
    assert grad(f)(0.5) == math.cos(0.5)
    with pytest.raises(TypeError, match=r"sine\(.*\) can't be differentiated again: its derivative is for"):
        grad(grad(f))(0.5)


def test_a_slope_that_does_not_exist_names_the_function_and_the_number():
    f = custom_derivative(lambda y, a: 1 / a, name="kinked")(abs)
    with pytest.raises(ZeroDivisionError, match=r"kinked\(v=0\.0\) has no finite derivative there"):
        f(Value(0.0, label="v")).backward()


WRONG_CALLS = {
    "a text": (lambda x: x, ("a",), TypeError, "an argument of f must be a number, a Value or a list of them, got 'a'"),
    "a matrix": (
        lambda x: x,
        ([[1.0]],),
        TypeError,
        r"got \[\[1.0\]\]: what else it needs can stand in a function",
    ),
    "Values around it": (lambda x: x * ONE, (2.0,), TypeError, "f uses Values that are not its arguments"),
    "two numbers": (lambda x: (x, x), (2.0,), TypeError, r"f must return one number, got \(2.0, 2.0\)"),
    "nothing": (lambda x: None, (2.0,), TypeError, "the result of f must be a real number, got None"),
    "a list for a number": (lambda x: x / 2, ([1.0],), TypeError, "f: unsupported operand type"),
    "too large": (lambda x: x**400, (1e3,), ValueError, r"is not defined \(the result is too large for a float\)"),
    "outside": (math.sqrt, (-1.0,), ValueError, r"sqrt\(.*-1.0.*\) is not defined"),
    "too many": (lambda x: x, (1.0, 2.0), TypeError, "too many positional arguments"),
}


@pytest.mark.parametrize("as_value", [False, True])
@pytest.mark.parametrize(("f", "args", "kind", "message"), WRONG_CALLS.values(), ids=WRONG_CALLS)
def test_what_can_not_be_called_is_refused_by_name(f, args, kind, message, as_value):
    if as_value:
        args = [[Value(x[0])] if x == [1.0] else Value(x) if isinstance(x, float) else x for x in args]
    with pytest.raises(kind, match=message):
        custom_derivative(lambda y, x: 1.0)(f)(*args)


def test_what_is_no_function_is_refused():
    with pytest.raises(TypeError, match="custom_derivative takes a function, got 3"):
        custom_derivative(3)
    with pytest.raises(TypeError, match="custom_derivative takes a function, got 3"):
        custom_derivative(slopes)(3)
    with pytest.raises(TypeError, match="f has parameters that go by name only"):
        custom_derivative(slopes)(lambda x, *, k: x)


def test_an_error_is_not_its_own_cause():
    rule = custom_derivative(lambda y, a: 1.0)(lambda a: [a])
    for x in (1.0, Value(1.0)):
        with pytest.raises(TypeError, match=r"must return one number, got \[1\.0\]") as caught:
            rule(x)
        assert caught.value.__cause__ is None
    with pytest.raises(TypeError) as caught:
        custom_derivative(lambda y, a: 1.0)(lambda a: a + "1")(1.0)
    assert type(caught.value.__cause__) is TypeError  # the error of the function itself, with its line
