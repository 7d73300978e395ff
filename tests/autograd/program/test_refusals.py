"""What can't be compiled, or can't be run, is refused: with the user's line, the row, and every gradient as it was."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import autograd
import nn
from autograd import Value
from autograd.program import Program, TraceError, compile

w, v = Value(0.7, label="w"), Value(-0.3, label="v")
outside = w * 2

UNFOLLOWABLE: dict[str, Callable[[Any], Any]] = {
    "if": lambda x: w if x > 0 else 2 * w,
    "if on what was computed": lambda x: w if w * x > 0 else 2 * w,
    "if on a parameter": lambda x: w * x if w > 0 else x,
    "truth": lambda x: w if x else v,
    "equal to a number": lambda x: w if x == 0 else 2 * w,
    "not equal to a number": lambda x: w if x != 0 else 2 * w,
    "among numbers": lambda x: w if x in (0, 1) else 2 * w,
    "max": lambda x: max(x, w),
    "sorted": lambda x: sorted([x, w])[0],
    "float": lambda x: float(x) * w,
    "int": lambda x: int(x) * w,
    "round": lambda x: round(x) * w,
    "ceil": lambda x: math.ceil(x) * w,
    "floor division": lambda x: x // 2 * w,
    "remainder": lambda x: x % 2 * w,
    "range": lambda x: sum(w for _ in range(x)),
    "index": lambda x: [w, v][x],
    "position": lambda x: [0.0, 2.0].index(x) * w,
    "math": lambda x: math.exp(x) * w,
    "isnan": lambda x: w if math.isnan(x) else w * x,
    "data of an input": lambda x: x.data * w,
    "data of a parameter": lambda x: w.data * x,
    "data of what was computed": lambda x: (w * x).data,
    "assignment": lambda x: setattr(w, "data", 1.0) or w * x,
    "no_grad": lambda x: autograd.no_grad(lambda: x * 2)() * w,
    "backward": lambda x: (w * x).backward() or w,
    "accuracy": lambda x: nn.accuracy([[x, w]], [0]) * w,
}


@pytest.mark.parametrize("name", UNFOLLOWABLE)
def test_what_depends_on_a_traced_number_is_refused_with_the_line_of_the_user(name: str) -> None:
    f = UNFOLLOWABLE[name]
    for p in (w, v):
        p.grad = 5.0
    with pytest.raises(TraceError) as refusal:
        compile(f, [w, v])([1, 2])
    line = f"{Path(__file__)}:{f.__code__.co_firstlineno}: "
    assert str(refusal.value).startswith(line)
    assert name in str(refusal.value)  # the text of the line
    assert (w.data, w.grad, v.grad) == (0.7, 5.0, 5.0)


def test_after_a_refusal_the_engine_is_as_it_was() -> None:
    with pytest.raises(TraceError):
        compile(lambda x: float(x))([1.0])
    y = w * 2
    assert (type(y), y.data, autograd.is_grad_enabled()) == (Value, 1.4, True)
    assert (w if w > 0 else v) is w


def test_a_program_is_not_called_by_a_function_that_is_being_compiled() -> None:
    inner = compile(lambda y: y * w, [w])
    w.grad = 5.0
    itself = compile(lambda x: itself([1.0]) * x, [w])
    for outer in (compile(lambda x: inner([1.0]) * x, [w]), compile(lambda x: inner.map([x])[0]), itself):
        with pytest.raises(TraceError, match=r"a compiled program is called .* program\.fn"):
            outer([1.0])
    assert w.grad == 5.0


def test_values_that_were_computed_outside_are_refused() -> None:
    with pytest.raises(TraceError, match="was computed before: compute it inside"):
        compile(lambda x: outside * x, [w])([1.0])


def test_functions_of_numpy_and_numbers_made_of_traced_ones_are_refused() -> None:
    for f in (lambda x: np.exp(x), lambda x: Value(x)):
        with pytest.raises(TypeError):
            compile(f, [w])([1.0])


def test_batch_norm_in_training_is_refused() -> None:
    norm = nn.BatchNorm(2)
    with pytest.raises(ValueError, match="training mode"):
        compile(lambda x: norm(x)[0], norm.parameters())([[1.0, 2.0]])
    with pytest.raises(TraceError):
        compile(lambda x: norm.batch([x, x])[0][0], norm.parameters())([[1.0, 2.0]])
    assert norm.num_batches_tracked.data == 0.0


def test_a_table_of_words_is_refused_for_a_traced_word() -> None:
    words = nn.Embedding(5, 2, seed=0)
    with pytest.raises(TypeError, match="index"):
        compile(lambda i: words(i)[0], words.parameters())([1, 2])


# --------------------------------------------------------------------------------------------------- what it is made of


@pytest.mark.parametrize(
    ("error", "message", "arguments"),
    [
        (TypeError, "fn must be a function", {"fn": 3}),
        (TypeError, "parameters must be a list of leaves", {"parameters": w}),
        (TypeError, r"model\.parameters\(\)", {"parameters": nn.MLP(1, [1])}),
        (TypeError, "parameters must be leaves", {"parameters": [outside]}),
        (TypeError, "parameters must be leaves", {"parameters": [1.0]}),
        (ValueError, "more than once", {"parameters": [w, v, w]}),
        (ValueError, "dtype must be", {"dtype": "float128"}),
        (ValueError, "dtype must be", {"dtype": np.float32}),
        (ValueError, "loss_scale must be a positive number", {"loss_scale": 0.0}),
        (ValueError, "loss_scale must be a positive number", {"loss_scale": -2.0}),
        (ValueError, "loss_scale must be a positive number", {"loss_scale": math.nan}),
        (ValueError, "loss_scale must be a positive number", {"loss_scale": math.inf}),
        (TypeError, "loss_scale must be a real number", {"loss_scale": "2"}),
    ],
)
def test_bad_settings_are_refused(error: type[Exception], message: str, arguments: dict[str, Any]) -> None:
    with pytest.raises(error, match=message):
        Program(**{"fn": lambda x: x, **arguments})


# ------------------------------------------------------------------------------------------------- what it is given


def program() -> Program:
    w.grad = 5.0
    return compile(lambda x, y: w * x[0] * x[1] + y, [w])


@pytest.mark.parametrize(
    ("error", "message", "batches"),
    [
        (TypeError, "a batch of examples for each argument", []),
        (TypeError, "missing 1 required positional argument", [[[1.0, 2.0]]]),
        (TypeError, "positional argument", [[[1.0, 2.0]], [1.0], [1.0]]),
        (ValueError, "as many examples each, got 2 and 1", [[[1.0, 2.0], [3.0, 4.0]], [1.0]]),
        (ValueError, "at least one example", [[], []]),
        (ValueError, "examples of the same shape", [[[1.0, 2.0], [3.0]], [1.0, 2.0]]),
        (TypeError, "argument 1 must be an array of real numbers", [[[1.0, 2.0]], ["a"]]),
        (TypeError, "argument 1 must be an array of real numbers", [[[1.0, 2.0]], [None]]),
        (TypeError, "argument 1 must be an array of real numbers", [[[1.0, 2.0]], [1j]]),
        (TypeError, "argument 1 must be an array of real numbers", [[[1.0, 2.0]], [w]]),
        (TypeError, "argument 1 must be an array of real numbers", [[[1.0, 2.0]], {"a": 1.0}]),
        (TypeError, "argument 1 must be a batch", [[[1.0, 2.0]], 3.0]),
    ],
)
def test_bad_batches_are_refused_before_any_gradient_has_changed(
    error: type[Exception], message: str, batches: list[Any]
) -> None:
    f = program()
    for call in (f, f.map, f.input_gradients):
        with pytest.raises(error, match=message):
            call(*batches)
    assert w.grad == 5.0


def test_a_program_that_returns_several_numbers_is_not_differentiated() -> None:
    f = compile(lambda x: [w * x, x], [w])
    for call in (f, f.input_gradients):
        with pytest.raises(TypeError, match=r"use program\.map"):
            call([1.0])


@pytest.mark.parametrize("result", ["a", None, {1.0}, [1.0, "a"]])
def test_what_is_no_number_is_not_returned(result: Any) -> None:
    with pytest.raises(TypeError, match="what the function returns"):
        compile(lambda x: result).map([1.0])


@pytest.mark.parametrize("argnums", [-1, 2, "0", 0.0])
def test_there_must_be_such_an_argument(argnums: Any) -> None:
    with pytest.raises(ValueError, match="argnums must be the position of an argument, from 0 to 1"):
        program().input_gradients([[1.0, 2.0]], [1.0], argnums=argnums)


# ------------------------------------------------------------------------------------------ numbers that are not finite


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


def test_a_parameter_that_is_not_a_number_is_named() -> None:
    p = Value(math.nan, label="p")
    with pytest.raises(ValueError, match=r"row 0: .*p=nan"):
        compile(lambda x: p * x, [p])([1.0])
    assert p.grad == 0.0


def test_an_input_gradient_that_is_not_finite_is_named() -> None:
    with pytest.raises(ValueError, match=r"row 1: sqrt\(0.0\) has no finite derivative"):
        compile(lambda x: autograd.sqrt(x[0])).input_gradients([[1.0], [0.0]])


@pytest.mark.parametrize("target", [2, -1])
def test_a_class_that_there_isnt_is_named_with_its_row(target: int) -> None:
    with pytest.raises(ValueError, match="row 1: target must be"):
        compile(lambda x, t: nn.cross_entropy([w * x, x], t), [w])([1.0, 2.0], [0, target])


def test_an_overflow_of_a_lower_precision_is_told_from_one_of_the_function() -> None:
    w.grad = 5.0
    with pytest.raises(ValueError, match="overflowed in float16"):
        compile(lambda x: (w * x) ** 2, [w], dtype="float16")([300.0, 1000.0])
    assert w.grad == 5.0
