"""A program is called with batches: what it takes, what it returns, what it does to gradients; its settings."""

from __future__ import annotations

import copy
import functools
import pickle
from typing import Any

import numpy as np
import pytest

import autograd
import nn
from autograd import Value
from autograd.program import Program, compile
from tests.support.compiled import agree, leaf

RNG = np.random.default_rng(0)
X, Y = RNG.normal(size=(7, 4)), RNG.normal(size=7)


def test_a_program_says_what_it_computes_and_how() -> None:
    def loss(x: Any) -> Any:
        return w * x

    w, model = leaf(2.0), nn.MLP(2, [1], seed=0)
    assert repr(compile(loss, [w], engine="numpy")) == "<Program of loss: 1 parameter, engine='numpy', dtype='float64'>"
    assert repr(compile(lambda x: x, dtype="float32")).startswith("<Program of lambda: 0 parameters, ")
    assert repr(compile(model, model.parameters())).startswith(f"<Program of {model!r}: 3 parameters, ")
    assert repr(compile(functools.partial(loss, 1.0))).startswith("<Program of functools.partial(<function ")


# ----------------------------------------------------------------------------------------------------- what a call does


def test_a_program_without_the_parameters_that_it_finds_around_it_says_so_once() -> None:
    model = nn.MLP(4, [2, 1], activation="tanh", seed=0)
    program = compile(lambda x, y: (model(x) - y) ** 2)
    with autograd.no_grad():
        loss = program(X, Y)
    program.map(X, Y)  # to none of these is there anything to say, and each warning would be an error
    with pytest.warns(
        UserWarning, match=r"without parameters, so the 13 .*: write compile\(fn, model.parameters"
    ) as told:
        assert program(X, Y) == loss
    assert [warning.filename for warning in told] == [__file__]
    assert program(X, Y) == loss
    compile(lambda x: leaf(2.0) * x[0])(X)


def test_gradients_add_up_over_calls_and_only_in_the_parameters() -> None:
    w, c = leaf(2.0), leaf(3.0, "c")
    program = compile(lambda x: w * c * x, [w])
    w.grad, c.grad = 100.0, 1.0
    program([1.0, 3.0])
    program([1.0])
    assert (w.grad, c.grad) == (100.0 + 6.0 + 3.0, 1.0)


def test_without_gradients_a_call_is_only_the_mean() -> None:
    w = leaf(2.0)
    with autograd.no_grad():
        assert compile(lambda x: w * x, [w])([1.0, 3.0]) == 4.0
    assert w.grad == 0.0


def test_map_and_input_gradients_touch_no_grad() -> None:
    w = leaf(2.0)
    program = compile(lambda x, y: [w * x[0] * y, (y, x[1])], [w])
    assert program.map([[1.0, 5.0], [2.0, 6.0]], [3.0, 4.0]) == [[6.0, (3.0, 5.0)], [16.0, (4.0, 6.0)]]
    slopes = compile(lambda x, y: w * x[0] * y, [w]).input_gradients([[1.0, 5.0], [2.0, 6.0]], [3.0, 4.0])
    assert slopes.tolist() == [[3.0, 0.0], [4.0, 0.0]]
    assert w.grad == 0.0


def test_the_gradients_of_arguments_of_several_shapes_have_their_shapes() -> None:
    program = compile(lambda x, y: x[1] * y[1][0])
    batches = [[[1.0, 2.0], [3.0, 4.0]], [[[1, 2], [3, 4]], [[5, 6], [7, 8]]]]
    assert program.input_gradients(*batches, argnums=0).tolist() == [[0.0, 1.5], [0.0, 3.5]]
    assert program.input_gradients(*batches, argnums=1).tolist() == [[[0, 0], [1, 0]], [[0, 0], [2, 0]]]


def test_arguments_of_other_sizes_that_receive_the_same_gradient_keep_their_shapes() -> None:
    program = compile(lambda x, y: autograd.tanh(autograd.mean([x[1], y[1]])))
    batches = [[[1.0, 0.0, 2.0]], [[3.0, 0.0]]]
    assert program.input_gradients(*batches, argnums=0).tolist() == [[0.0, 0.5, 0.0]]
    assert program.input_gradients(*batches, argnums=1).tolist() == [[0.0, 0.5]]


def test_gradients_that_add_up_to_infinity_over_the_calls_are_refused():
    w, v = Value(1.0, label="w"), Value(1.0)
    program = compile(lambda x: w * x + v, [w, v])
    program([1.7e308])
    with pytest.raises(ValueError, match=r"the gradient of w=1\.0 adds up to inf: it was 1\.7e\+308 before"):
        program([1.7e308])
    assert (w.grad, v.grad) == (1.7e308, 1.0)


# --------------------------------------------------------------------------------------------------- what it is made of

w, v = Value(0.7, label="w"), Value(-0.3, label="v")


def test_a_program_is_not_copied_for_its_function_would_not_be() -> None:
    model = nn.MLP(1, [1], seed=0)
    model.program = compile(model, model.parameters())
    for duplicate in (copy.copy, copy.deepcopy, pickle.dumps):
        for item in (model.program, Program(functools.partial(model)), model):
            if not (item is model and duplicate is copy.copy):  # whose copy has the same program, as is right
                with pytest.raises(TypeError, match=r"can't be copied, .* compile the function of the copy instead"):
                    duplicate(item)


# ----------------------------------------------------------------------------------------------------- what it is given


@pytest.mark.parametrize("batch", [np.asfortranarray(X), X.astype(">f4"), X.astype(int), X > 0, X.tolist(), list(X)])
def test_a_batch_may_be_any_array_of_numbers(batch: Any) -> None:
    w = leaf()
    agree(lambda x: w * x[0] + x[1] * w * w, [w], batch)


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


def test_masked_numbers_are_not_taken_for_numbers() -> None:
    w = leaf(2.0)
    with pytest.raises(TypeError, match="argument 0 must be an array of real numbers"):
        compile(lambda x: w * x, [w])(np.ma.array([1.0, 5.0], mask=[False, True]))
    assert compile(lambda x: w * x, [w])(np.ma.array([1.0, 5.0])) == 6.0


@pytest.mark.parametrize("argnums", [-1, 2, "0", 0.0])
def test_there_must_be_such_an_argument(argnums: Any) -> None:
    with pytest.raises(ValueError, match="argnums must be the position of an argument, from 0 to 1"):
        program().input_gradients([[1.0, 2.0]], [1.0], argnums=argnums)


def test_a_position_is_not_a_truth_value() -> None:
    with pytest.raises(ValueError, match="argnums must be the position of an argument, from 0 to 0, got False"):
        compile(lambda x: x * x).input_gradients([1.0], argnums=False)


# ------------------------------------------------------------------------------------------------------ what it returns


def test_a_program_that_returns_several_numbers_is_not_differentiated() -> None:
    f = compile(lambda x: [w * x, x], [w])
    for call in (f, f.input_gradients):
        with pytest.raises(TypeError, match=r"use program\.map"):
            call([1.0])


@pytest.mark.parametrize("result", ["a", None, {1.0}, [1.0, "a"]])
def test_what_is_no_number_is_not_returned(result: Any) -> None:
    with pytest.raises(TypeError, match="what the function returns"):
        compile(lambda x: result).map([1.0])
