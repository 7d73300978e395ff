"""Looking up by a number: plain Python eagerly, arithmetic for each example in a compiled function."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autograd
from autograd import Value, compile, take
from autograd.lookup import chosen, few_positions, is_unknown, others, required


def test_eagerly_a_choice_is_that_of_python():
    xs = (Value(1.0), 2.0, 3.0)
    assert chosen(0, xs) is xs[0]
    assert others(1, xs) == (xs[0], 3.0)
    assert not is_unknown(1)
    assert not is_unknown(xs[0])


def test_a_compiled_function_chooses_for_each_example():
    w = [Value(2.0), Value(3.0), Value(5.0)]
    program = compile(lambda x, k: x * chosen(k, w), w)
    assert program.map([1.0, 10.0, 100.0], [2, 0, 1]) == [5.0, 20.0, 300.0]
    program([1.0, 10.0, 100.0, 1000.0], [2, 0, 1, 1])
    assert [v.grad for v in w] == [2.5, 275.0, 0.25]


def test_what_was_chosen_is_minus_infinity_among_the_others():
    w = [Value(2.0), Value(3.0)]
    assert compile(lambda k: list(others(k, w)), w).map([0, 1]) == [[-math.inf, 3.0], [2.0, -math.inf]]


def test_an_index_that_there_isnt_chooses_no_number():
    def choice(k):
        if not is_unknown(k) and k not in (0, 1):
            raise ValueError("no such item")
        return chosen(k, (1.0, 2.0))

    assert [math.isnan(x) for x in compile(choice).map([0, 2, -1, 0.5])] == [False, True, True, True]


def test_a_number_that_is_not_allowed_is_left_to_the_function():
    def share(x):
        required(x, lambda x: (x >= 0) & (x <= 1))
        if not is_unknown(x) and not 0 <= x <= 1:
            raise ValueError("no share")
        return 2 * x

    assert compile(share).map([0.0, 0.5]) == [0.0, 1.0]
    for run in (compile(share), compile(share).map):
        with pytest.raises(ValueError, match="row 1: no share"):
            run([0.5, 1.5])


# ---------------------------------------------------------------------------------------------- rows of a table

RNG = random.Random(0)
WEIGHTS = [Value(RNG.gauss(0, 1)) for _ in range(4)]
ROWS = [[Value(RNG.gauss(0, 1)) for _ in range(3)] for _ in range(4)]
LEAVES = [*WEIGHTS, *[w for row in ROWS for w in row]]
NUMBERS = [[1.0, -2.0], [3.0, 0.5], [0.0, 1.5], [2.0, 2.0]]

LOOKED_UP: dict[str, Callable[[Any, Any, Any], Any]] = {
    "a list of Values": lambda i, j, x: take(WEIGHTS, i) * take(WEIGHTS, j) + take(WEIGHTS, i),
    "rows of Values": lambda i, j, x: autograd.dot(take(ROWS, i), x[:3], take(WEIGHTS, i)),
    "rows by two indices": lambda i, j, x: take(take(ROWS, i), j) * take(take(ROWS, j), i - i),
    "rows of numbers": lambda i, j, x: autograd.dot(take(NUMBERS, i), WEIGHTS[:2]),
    "an array": lambda i, j, x: take(np.array([0.5, 2.0, 1.0, 4.0]), i) * WEIGHTS[0],
    "inputs": lambda i, j, x: take(x, i) ** 2 * WEIGHTS[1],
    "what was computed": lambda i, j, x: take([(a * w).tanh() for a, w in zip(x, WEIGHTS)], i) + take(x, j),
    "all kinds": lambda i, j, x: take([x[0], WEIGHTS[0], 2.0, WEIGHTS[1]], i) ** 2,
    "an index that is computed": lambda i, j, x: take(WEIGHTS, 3 - i) * take(ROWS, j + 1)[2],
}


@pytest.mark.parametrize("name", LOOKED_UP)
@pytest.mark.parametrize("size", [1, 2, 50])
def test_a_row_that_is_taken_by_number_is_the_same_compiled_with_its_gradients(name: str, size: int) -> None:
    f, rng = LOOKED_UP[name], np.random.default_rng(size)
    batches = rng.integers(0, 4, size), rng.integers(0, 3, size), rng.normal(size=(size, 4))
    rows = [(int(i), int(j), [Value(v) for v in x]) for i, j, x in zip(*[b.tolist() for b in batches])]
    expected = autograd.mean([f(*row) for row in rows])
    program = compile(f, LEAVES)
    assert program(*batches) == pytest.approx(expected.data, rel=1e-12)
    found = [leaf.grad for leaf in LEAVES]
    for leaf in LEAVES:
        leaf.grad = 0.0
    expected.backward()
    assert found == pytest.approx([leaf.grad for leaf in LEAVES], rel=1e-12, abs=1e-15)
    slopes = program.input_gradients(*batches, argnums=2)
    assert slopes.ravel() == pytest.approx([v.grad for *_, x in rows for v in x], rel=1e-12, abs=1e-15)
    for leaf in LEAVES:
        leaf.grad = 0.0


def test_eagerly_take_is_the_item_itself() -> None:
    assert take(WEIGHTS, 2) is WEIGHTS[2]
    assert take(tuple(ROWS), np.int64(1)) is ROWS[1]
    assert take([1.0, 2.0], 1.0) == 2.0


@pytest.mark.parametrize("index", [4, -1, np.int64(7)])
def test_a_row_that_there_isnt_is_refused_in_any_way(index: int) -> None:
    with pytest.raises(IndexError, match=f"index must be from 0 to 3, got {index}"):
        take(ROWS, index)
    program = compile(lambda i: take(WEIGHTS, i), WEIGHTS)
    for run in (program, program.map):
        with pytest.raises(ValueError, match=f"row 2: index must be from 0 to 3, got {index}"):
            run([0, 1, index])
    assert not any(w.grad for w in WEIGHTS)


@pytest.mark.parametrize("index", [0.5, math.nan])
def test_a_number_between_rows_is_refused_in_any_way(index: float) -> None:
    with pytest.raises(TypeError, match=f"index must be an integer, got {index}"):
        take(ROWS, index)
    with pytest.raises(ValueError, match=f"row 1: index must be an integer, got {index}"):
        compile(lambda i: take(WEIGHTS, i), WEIGHTS)([0, index])


def test_what_is_no_table_or_no_index_is_refused() -> None:
    with pytest.raises(TypeError, match="table must be a list of rows, got 3"):
        take(3, 0)
    with pytest.raises(TypeError, match="index must be an integer, got Value"):
        take(ROWS, Value(1.0))
    with pytest.raises(TypeError, match="a Value is used as an index"):
        compile(lambda i: take(ROWS, i * WEIGHTS[0]))([1.0])
    with pytest.raises(ValueError, match="as long as one another"):
        compile(lambda i: take([[1.0], [1.0, 2.0]], i))([1])


def test_an_index_needs_a_precision_that_tells_the_rows_apart() -> None:
    table = [float(i) for i in range(3000)]
    with pytest.raises(ValueError, match="3000 classes are more than float16 tells apart"):
        compile(lambda i: take(table, i), dtype="float16").map([1])
    assert compile(lambda i: take(table, i), dtype="float32").map([2999]) == [2999.0]


def test_a_look_up_is_one_gather_for_all_columns_and_all_indices() -> None:
    def f(words: Any) -> Any:
        return autograd.mean([v for word in words for v in take(ROWS, word)])

    found = compile(f, LEAVES).explain([[0, 1, 2], [3, 3, 1]])
    assert "mean↓(W1ᵀ onehot3(words))" in str(found)
    assert "∇W1 = " in str(found)
    assert found.calls <= 9


@pytest.mark.parametrize("n", [0, -1, 2.5, math.inf])
def test_the_number_of_classes_is_a_whole_one(n):
    with pytest.raises(ValueError, match="num_classes must be a whole number from 1 on, got"):
        autograd.one_hot(0, n)


def test_a_class_has_its_one_among_zeros():
    assert autograd.one_hot(np.int64(2), 3.0) == [0.0, 0.0, 1.0]
    with pytest.raises(IndexError, match="index must be from 0 to 2, got 3"):
        autograd.one_hot(3, 3)
    with pytest.raises(TypeError, match="num_classes must be a real number, got '3'"):
        autograd.one_hot(0, "3")


def test_a_few_numbers_are_looked_at_at_once():
    assert few_positions(np.array([[0.0], [-0.0], [2.0]]), 3)
    for wrong in (-1.0, 3.0, 0.5, math.nan, math.inf):
        assert not few_positions(np.array([[0.0], [wrong]]), 3)
