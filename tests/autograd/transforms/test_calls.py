"""What all transforms do: one inside of another, their arguments and results, Values as arguments, no_grad, errors."""

from __future__ import annotations

import subprocess
import sys
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given

import autograd
from autograd import Value, grad, hessian, hvp, jacobian, jvp, no_grad, value_and_grad, vjp
from tests.support.smooth import CLOSE, numbers

ROOT = Path(__file__).resolve().parents[3]


def test_the_package_has_them_as_a_module_without_another_import():
    program = "import autograd; print(autograd.transforms.grad(lambda x: x * x)(3.0))"
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=ROOT)
    assert run.stdout == "6.0\n"


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
        grad(lambda x, y: 3)(number, 2),
        value_and_grad(lambda x, y: 3)(number, 2),
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


WAYS = {
    "grad": lambda f, x: grad(f)(x),
    "value_and_grad": lambda f, x: value_and_grad(f)(x)[1],
    "has_aux": lambda f, x: grad(lambda x: (f(x), None), has_aux=True)(x)[0],
    "jacobian": lambda f, x: jacobian(f)(x),
    "jvp": lambda f, x: jvp(f, (x,), (1.0,))[1],
    "vjp": lambda f, x: vjp(f, x)[1](1.0)[0],
    "checkpoint": lambda f, x: grad(autograd.checkpoint(f))(x),
    "vjp of a checkpoint": lambda f, x: vjp(autograd.checkpoint(f), x)[1](1.0)[0],
    "inside of another": lambda f, x: grad(lambda t: 3.0 * t + grad(f)(x))(x) - 3.0 + grad(f)(x),
    "by a Value": lambda f, x: grad(f)(Value(x)).data,
}
every_way = pytest.mark.parametrize("differentiate", WAYS.values(), ids=WAYS)


def matched(x):
    match x:
        case 2.0:
            return x * x
        case _:
            return x


@every_way
@pytest.mark.parametrize(
    "f",
    [
        lambda x: x * x if x == 2.0 else x,
        lambda x: x * x if x == 2 else x,
        lambda x: x * x if x == Fraction(2) else x,
        lambda x: x * x if x == Decimal(2) else x,
        lambda x: x * x if 2.0 == x else x,  # noqa: SIM300
        lambda x: x * x if np.float64(2.0) == x else x,
        lambda x: x if x != 2.0 else x * x,
        lambda x: x if np.float64(2.0) != x else x * x,
        lambda x: x * x if x in (0.0, 2.0) else x,
        lambda x: x * x if x * 3 == 6.0 else x,
        lambda x: x * x if [0.0, 1.0, 2.0].index(x) == 2 else x,
        lambda x: x ** [1.0, 2.0, 2.0].count(x),
        matched,
    ],
)
def test_a_number_that_a_transform_was_given_is_compared_as_a_number(differentiate, f):
    assert differentiate(f, 2.0) == 4.0


@every_way
def test_a_number_that_is_not_the_one_is_not_equal_to_it(differentiate):
    assert differentiate(lambda x: x * x if x == 2.0 else x, 3.0) == 1.0
    assert differentiate(matched, 3.0) == 1.0
    assert differentiate(lambda x: x * x if x == "a" or x == [2.0] else x, 2.0) == 1.0


def test_second_derivatives_are_those_of_the_branch_that_the_number_takes():
    f = lambda x: x * x if x == 2.0 else x  # noqa: E731
    assert hessian(f)(2.0) == grad(grad(f))(2.0) == hvp(f, (2.0,), (1.0,)) == 2.0
    assert hessian(f)(3.0) == grad(grad(f))(3.0) == hvp(f, (3.0,), (1.0,)) == 0.0


def test_two_numbers_that_a_transform_was_given_are_equal_if_they_are_the_same_number():
    f = lambda x, y: x * y if x == y else x + y  # noqa: E731
    assert grad(f)(3.0, 3.0) == 3.0
    assert grad(f)(3.0, 4.0) == 1.0
    assert grad(f, (0, 1))(3.0, 3.0) == (3.0, 3.0)
    assert grad(f)(3.0, y=3.0) == 3.0
    assert grad(lambda v: v[0] * v.index(v[1]))([2.0, 2.0]) == [0.0, 0.0]
    assert grad(lambda x: x * x if x != x else x)(2.0) == 1.0
    assert grad(lambda x: grad(lambda y: x * y if x == y else x)(2.0))(2.0) == 1.0


def test_values_that_a_function_makes_or_finds_around_it_stay_what_they_are():
    w, other = Value(2.0), Value(2.0)
    seen = []

    def f(x):
        seen.extend([w == other, w in [other], w == w, {w: 1}.get(other), Value(2.0) == x])
        return x * w

    assert grad(f)(2.0).data == 2.0
    assert seen == [False, False, True, None, False]
    assert w != other
    assert w != 2.0


@pytest.mark.parametrize(
    "look_up", [lambda x: {2.0: 3.0}[x], lambda x: {2.0: 3.0}.get(x), lambda x: x in {2.0}, lambda x: {x: 1}]
)
@pytest.mark.parametrize("transform", [grad, jacobian, hessian, lambda f: lambda x: jvp(f, (x,), (1.0,))])
def test_an_argument_that_is_looked_up_by_its_hash_is_refused(transform, look_up):
    with pytest.raises(TypeError, match=r"looked up in a set or dict.*compare by ==, or take x\.data"):
        transform(lambda x: x if look_up(x) else x * x)(2.0)
    assert grad(lambda x: x * {2.0: 3.0}[x.data])(2.0) == 3.0


def test_what_was_an_argument_is_a_value_like_any_other_when_the_function_has_run():
    leaked = []
    grad(lambda x: leaked.append(x) or x * x)(2.0)
    with pytest.raises(KeyError):
        grad(lambda x: leaked.append(x) or {}[0])(2.0)
    assert [type(x).__name__ for x in leaked] == ["Value", "Value"]
    assert {x: i for i, x in enumerate(leaked)}[leaked[1]] == 1
    assert leaked[0] != 2.0


def test_an_argument_shows_itself_as_a_value():
    shown = []
    grad(lambda x: shown.append(repr(x)) or x)(2.0)
    assert shown == ["Value(data=2.0, grad=0.0)"]


def test_a_compiled_function_that_compares_its_argument_is_refused():
    for f in (lambda x: x * x if x == 2.0 else x, lambda x: x * x if x in (0.0, 2.0) else x):
        with pytest.raises(TypeError, match="it is compared with =="):
            autograd.compile(f).map([2.0])


BOOLS = [True, False, np.bool_(True), np.array([True]), [1.0, True]]


@pytest.mark.parametrize("result", BOOLS)
def test_what_a_comparison_says_is_no_result(result):
    for call in (
        lambda: grad(lambda x: result)(1.0),
        lambda: value_and_grad(lambda x: result)(1.0),
        lambda: jacobian(lambda x: result)(1.0),
        lambda: hessian(lambda x: result)(1.0),
        lambda: jvp(lambda x: result, (1.0,), (1.0,)),
        lambda: vjp(lambda x: result, 1.0),
        lambda: hvp(lambda x: result, (1.0,), (1.0,)),
        lambda: autograd.gradcheck(lambda x: result, 1.0),
        lambda: autograd.compile(lambda x: result)([1.0]),
        lambda: autograd.compile(lambda x: result).map([1.0]),
    ):
        with pytest.raises(TypeError, match=r"what a comparison says|must return one number"):
            call()
    with pytest.raises(TypeError, match=r"got True: what a comparison says is none"):
        grad(lambda x: x > 1.0)(2.0)


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


def test_transforms_are_named_after_their_function():
    def area(x):
        """The area of a square."""
        return x * x

    for transform in (grad, value_and_grad, jacobian):
        assert transform(area).__name__ == f"{transform.__name__}(area)"
        assert "The area of a square." in transform(area).__doc__
