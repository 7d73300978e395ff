"""Where arrays meet what isn't defined, finite or allowed, the function itself says so, with its row."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

import autograd
import nn
from autograd import Value, exp, log, relu, sqrt, tanh
from autograd.program import compile
from tests.support.compiled import agree, leaf

# --------------------------------------------------------------------------------------------- errors that name the row

w, v = Value(0.7, label="w"), Value(-0.3, label="v")


@pytest.mark.parametrize(
    ("message", "f", "batch"),
    [
        (r"row 1: log\(-1.0\) is not defined", lambda x: w * v * autograd.log(x), [1.0, -1.0, -2.0]),
        (r"row 2: log\(0.0\) is not defined", lambda x: w * v * autograd.log(x), [1.0, 2.0, 0.0]),
        (r"row 0: float division by zero|row 0: .* is not defined", lambda x: w * v / x, [0.0, 1.0]),
        (r"row 1: sqrt\(.*\) is not defined", lambda x: v * autograd.sqrt(w * x), [1.0, -1.0]),
        (r"row 1: .*sqrt", lambda x: v * autograd.sqrt(w * x), [1.0, 0.0]),
        (r"row 1: .*nan", lambda x: w * v * x, [1.0, math.nan]),
        (r"row 1: .*inf", lambda x: w * v * x, [1.0, math.inf]),
        (r"row 1: .*exp.*inf", lambda x: autograd.exp(w * x) * v, [1.0, 2000.0]),
        (r"row 1: the function gives inf", lambda x: x, [1.0, math.inf]),
        (r"row 0: log\(-1.0\)", lambda x: w + 0.0 * autograd.log(x), [-1.0, 1.0]),
        (r"row 0: log\(-1.0\)", lambda x: w * autograd.straight_through(lambda a: a > 0)(autograd.log(x)), [-1.0]),
    ],
)
def test_the_row_and_the_operation_are_named_and_no_gradient_changes(message: str, f: Any, batch: Any) -> None:
    w.grad, v.grad = 5.0, 6.0  # v is a captured leaf
    with pytest.raises((ValueError, ZeroDivisionError), match=message):
        compile(f, [w])(batch)
    assert (w.grad, v.grad) == (5.0, 6.0)


def test_a_function_that_differentiates_does_so_where_it_runs_by_itself_too() -> None:
    p, q = Value(0.7, label="p"), Value(0.5, label="q")

    def f(x: Any) -> Any:  # beside the 0 · ∞ of a root that is off
        (slope,) = autograd.gradient(p * q * q, [q], create_graph=True)
        return slope * x + autograd.grad(lambda t: sqrt(relu(t)))(x)

    rows = [-1.0, 4.0]
    expected = [-0.7, 2.8 + 0.25]
    program = compile(f, [p])
    assert program.map(rows) == pytest.approx(expected, rel=1e-15)
    with autograd.no_grad():
        assert program(rows) == pytest.approx(sum(expected) / 2, rel=1e-15)
    assert p.grad == 0.0
    assert program(rows) == pytest.approx(sum(expected) / 2, rel=1e-15)
    assert p.grad == pytest.approx(1.5, rel=1e-15)


def test_a_parameter_that_is_not_a_number_is_named() -> None:
    p = Value(math.nan, label="p")
    with pytest.raises(ValueError, match=r"row 0: .*p=nan"):
        compile(lambda x: p * x, [p])([1.0])
    assert p.grad == 0.0


def test_an_input_gradient_that_is_not_finite_is_named() -> None:
    with pytest.raises(ValueError, match=r"row 1: sqrt\(0.0\) has no finite derivative"):
        compile(lambda x: autograd.sqrt(x[0])).input_gradients([[1.0], [0.0]])


def test_an_index_in_a_branch_that_is_not_taken_spoils_nothing() -> None:
    def f(x: Any) -> Any:
        i = autograd.floor(x)
        taken = autograd.where(x >= 0, lambda: autograd.take([w, 2 * w, 3.0], i), lambda: w)
        return taken * autograd.where(x >= 0, lambda: autograd.dot(autograd.one_hot(i, 3), [w, 2.0, v]), lambda: 5.0)

    agree(f, [w, v], [-1.5, 0.0, 1.5, 2.0])
    assert compile(f).map([-1.5, 1.5]) == [f(x).data for x in (-1.5, 1.5)]


def test_a_class_in_a_branch_that_is_not_taken_may_be_any_number() -> None:
    def padded(x: Any, c: Any) -> Any:
        return autograd.where(c >= 0, lambda: nn.cross_entropy([w * x, x, v], c), lambda: 0.5 * w)

    agree(padded, [w, v], [1.0, 2.0, -1.0], [2, -1, 0])
    with pytest.raises(ValueError, match=r"row 1: target must be a class from 0 to 2, got 3"):
        compile(padded, [w, v])([1.0, 2.0], [-1, 3])


@pytest.mark.parametrize("index", [math.nan, math.inf, -math.inf, 0.5, 3.0, -1.0])
@pytest.mark.filterwarnings("error")
def test_an_index_that_is_none_is_named_with_its_row(index: float) -> None:
    program = compile(lambda i, x: autograd.take([w, 2 * w, 3.0], i) * x, [w])
    for run in (program, program.map):
        with pytest.raises(ValueError, match=r"row 1: index must be .*, got"):
            run([0.0, index], [1.0, 1.0])


@pytest.mark.parametrize("target", [2, -1])
def test_a_class_that_there_isnt_is_named_with_its_row(target: int) -> None:
    with pytest.raises(ValueError, match="row 1: target must be"):
        compile(lambda x, t: nn.cross_entropy([w * x, x], t), [w])([1.0, 2.0], [0, target])


def test_an_overflow_of_a_lower_precision_is_told_from_one_of_the_function() -> None:
    w.grad = 5.0
    with pytest.raises(ValueError, match="overflowed in float16"):
        compile(lambda x: (w * x) ** 2, [w], dtype="float16")([300.0, 1000.0])
    assert w.grad == 5.0


@pytest.mark.parametrize(
    ("loss", "targets", "wrong"),
    [
        (nn.hinge_loss, [1, -1, 1], 0),
        (nn.hinge_loss, [1, -1, 1], math.nan),
        (nn.binary_cross_entropy_with_logits, [1, 0.25, 0], 2),
        (nn.binary_cross_entropy_with_logits, [1, 0.25, 0], -0.5),
        (nn.binary_cross_entropy_with_logits, [1, 0.25, 0], math.nan),
    ],
)
def test_a_target_that_the_loss_does_not_allow_is_named_with_its_row(loss: Any, targets: Any, wrong: float) -> None:
    w, xs = leaf(), [0.5, -1.0, 2.0]
    for f in (lambda x, t: loss(w * x, t), lambda x, t: loss([w * x], [1 * t])):
        program = agree(f, [w], xs, targets)
        assert program.map(xs, targets) == pytest.approx([loss(0.7 * x, t) for x, t in zip(xs, targets)], rel=1e-14)
        for call in (program, program.map, program.input_gradients):
            with pytest.raises(ValueError, match="row 1: targets must be"):
                call(xs, [targets[0], wrong, targets[2]])
        assert w.grad == 0.0


@pytest.mark.parametrize(
    "f",
    [
        lambda x: sqrt(x * 0.0),
        lambda x: sqrt(-0.0 * x),
        lambda x: sqrt(x**0.0 - 1.0),
        lambda x: 0.0 * sqrt(x - 3.0),
        lambda x: sqrt(x - 3.0) ** 2,
    ],
)
def test_a_slope_that_does_not_exist_is_refused_though_a_constant_0_would_hide_it(f):
    w = Value(3.0)
    with pytest.raises(ZeroDivisionError, match="has no finite derivative there"):
        f(w).backward()
    with pytest.raises(ValueError, match=r"^row 0: .* has no finite derivative there"):
        compile(lambda _: f(w), [w])([1.0])
    with pytest.raises(ValueError, match=r"^row 0: .* has no finite derivative there"):
        compile(f).input_gradients([3.0])
    assert w.grad == 0.0


@pytest.mark.parametrize(
    "f",
    [
        lambda x: sqrt(relu(-x)) + x,
        lambda x: autograd.maximum(-x, 0.0) ** 0.5 + x,
        lambda x: (-1.0) ** relu(-x) + x,
        lambda x: autograd.maximum(sqrt(x - 3.0), 1.0) + x,
        lambda x: autograd.acos(autograd.leaky_relu(1.0, x)) + x,
        lambda x: autograd.acos(autograd.elu(1.0, x)) + x,
    ],
)
def test_what_the_result_does_not_depend_on_hands_nothing_on_and_no_row_needs_the_function_itself(f, monkeypatch):
    w = Value(3.0)
    f(w).backward()
    assert w.grad == 1.0
    monkeypatch.setattr("autograd.program.program.row_by_row", None)
    compile(lambda _: f(w), [w])([1.0])
    assert w.grad == 2.0
    assert compile(f).input_gradients([3.0, 3.0]).tolist() == [0.5, 0.5]


# ----------------------------------------------------------------------------------------- outputs that are not defined


@pytest.mark.parametrize(
    "f",
    [lambda x: tanh(1 / x), lambda x: 1 / (1 + 1 / x), lambda x: relu(log(x)), lambda x: exp(log(x)), lambda x: x**-1],
)
def test_map_gives_no_number_where_the_function_is_not_defined_though_what_follows_would_hide_it(f):
    nothing, something = compile(f).map([0.0, 2.0])
    assert math.isnan(nothing)
    assert something == pytest.approx(f(2.0), rel=1e-15)


def test_what_is_infinite_but_not_asked_for_makes_no_output_undefined() -> None:
    def loss(x: Any, k: Any) -> Any:
        return nn.nll_loss([x, -math.inf, 2 * x], k)

    assert compile(loss).map([1.0, 2.0], [0, 2]) == [-1.0, -4.0]
    assert compile(loss).map([1.0, 2.0], [1, 2]) == [math.inf, -4.0]
    step = autograd.straight_through(lambda a: a > 0)
    outputs = compile(lambda x: [step(x), (autograd.log(x),)]).map([math.nan, -1.0, 1.0])
    assert repr(outputs) == "[[0.0, (nan,)], [0.0, (nan,)], [1.0, (0.0,)]]"


# ------------------------------------------------------------------------------------------------------------- its rows


class Frame:
    """Like a DataFrame: an array for NumPy, the names of its columns for a loop."""

    def __array__(self, dtype: Any = None, copy: Any = None) -> Any:
        return np.array([[1.0, 2.0], [3.0, -4.0]], dtype)

    def __iter__(self) -> Any:
        return iter(["a", "b"])


def test_the_rows_of_what_is_only_like_an_array_are_its_rows() -> None:
    w = leaf(2.0)
    with pytest.raises(ValueError, match=r"row 1: log\(-4.0\)"):
        compile(lambda x: w * x[0] * autograd.log(x[1]), [w])(Frame())
    with pytest.raises(ValueError, match=r"row 1: log\(-4.0\)"):
        compile(lambda x: w * autograd.tanh(autograd.log(x[1]))).input_gradients(Frame())
    assert compile(lambda x: w * x[0], [w])(Frame()) == 4.0
