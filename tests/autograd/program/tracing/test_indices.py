"""Plain Python by an input as an index: what was followed for each integer looks up what belongs to it."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autograd
import nn
from autograd import Value, compile, take
from autograd.program.tracing.trace import TraceError

RNG = random.Random(0)
WEIGHTS = [Value(RNG.gauss(0, 1)) for _ in range(5)]
ROWS = [tuple(Value(RNG.gauss(0, 1)) for _ in range(3)) for _ in range(4)]
WORDS = nn.Embedding(4, 3, seed=0)
NUMBERS = [0.5, 1.5, -2.0, 3.0]
PRODUCTS = [[float(i * j) for j in range(3)] for i in range(4)]
LEAVES = [*WEIGHTS, *[w for row in ROWS for w in row], *WORDS.parameters()]

INDEXED: dict[str, Callable[[Any, Any, Any], Any]] = {
    "a list of Values": lambda i, j, x: WEIGHTS[i] * WEIGHTS[j] + WEIGHTS[i],
    "rows, as tuples": lambda i, j, x: autograd.dot(ROWS[i], x[:3], WEIGHTS[0]),
    "rows and columns": lambda i, j, x: ROWS[i][j] * WEIGHTS[j],
    "numbers": lambda i, j, x: NUMBERS[i] * WEIGHTS[0],
    "rows of numbers, of which the first are all 0": lambda i, j, x: PRODUCTS[i][j] * WEIGHTS[0],
    "an array": lambda i, j, x: np.array(NUMBERS)[i] * WEIGHTS[0],
    "the weights of an embedding": lambda i, j, x: sum(a * b for a, b in zip(WORDS.weight[i], x)),
    "inputs": lambda i, j, x: x[i] ** 2 * WEIGHTS[1],
    "what was computed": lambda i, j, x: [(a * w).tanh() for a, w in zip(x, WEIGHTS)][i] * WEIGHTS[1],
    "an index that is computed, also from the end": lambda i, j, x: WEIGHTS[i - 2] * WEIGHTS[j + 1],
    "a power": lambda i, j, x: (1.5 + WEIGHTS[0]) ** [1, 2, 3, -1.5][i],
    "no list at all": lambda i, j, x: math.comb(3, i) * WEIGHTS[i],
    "a rule of a list": lambda i, j, x: autograd.logsumexp([WEIGHTS[0], *ROWS[i], x[j]]),
}


@pytest.mark.parametrize("name", INDEXED)
def test_an_input_is_an_index_as_in_plain_python(name: str) -> None:
    f, rng = INDEXED[name], np.random.default_rng(0)
    batches = rng.integers(0, 4, 20), rng.integers(0, 3, 20), rng.normal(size=(20, 4))
    expected = autograd.mean([f(*row) for row in zip(*[b.tolist() for b in batches])])
    program = compile(f, LEAVES)
    assert program(*batches) == pytest.approx(expected.data, rel=1e-12)
    found = [leaf.grad for leaf in LEAVES]
    nn.SGD(LEAVES, lr=1.0).zero_grad()
    expected.backward()
    assert found == pytest.approx([leaf.grad for leaf in LEAVES], rel=1e-12, abs=1e-15)
    nn.SGD(LEAVES, lr=1.0).zero_grad()


def test_it_comes_to_the_same_as_take() -> None:
    texts = [
        str(compile(f, LEAVES).explain([1, 2], [[1.0, 0.5, 2.0]] * 2))
        for f in (lambda i, x: autograd.dot(take(ROWS, i), x), lambda i, x: autograd.dot(ROWS[i], x))
    ]
    assert texts[0] == texts[1]


def test_what_is_returned_may_be_chosen_and_nested() -> None:
    program = compile(lambda i: {"a": WEIGHTS[i], "b": [NUMBERS[i], 1.0]})
    assert program.map([1, 3])[1] == {"a": WEIGHTS[3].data, "b": [3.0, 1.0]}


def test_noise_is_drawn_once_whatever_the_index() -> None:
    dropout = nn.Dropout(0.5, seed=0)
    program = compile(lambda i: dropout([WEIGHTS[i] * 0 + 1.0]))
    drawn = program.map([0, 1, 2, 3] * 50)
    assert set(drawn) == {0.0, 2.0}


def test_a_number_of_the_row_that_is_read_is_watched() -> None:
    factors = [Value(1.0), Value(2.0)]
    program = compile(lambda i, x: x * factors[i].data)
    assert program.map([0, 1], [1.0, 1.0]) == [1.0, 2.0]
    factors[1].data = 5.0
    assert program.map([0, 1], [1.0, 1.0]) == [1.0, 5.0]


@pytest.mark.parametrize("index", [5, -1, 0.5])
def test_an_index_that_finds_nothing_is_refused_with_its_row(index: float) -> None:
    with pytest.raises(ValueError, match=f"row 1: index must be (from 0 to 4|an integer), got {index}"):
        compile(lambda i: WEIGHTS[i], WEIGHTS)([0, index])


REFUSED: dict[str, tuple[Callable[..., Any], str]] = {
    "a length": (lambda i: sum(WEIGHTS[0] for _ in range(i)), "differs from one to another"),
    "lists of several lengths": (lambda i: autograd.sum(WEIGHTS[: i + 1]), "lists of several lengths"),
    "a shape of the result": (lambda i: [1.0] * i, "several shapes|more than 256"),
    "no end": (lambda i: WEIGHTS[0] * math.gcd(i, 6), "more than 256"),
    "a Value": (lambda i: WEIGHTS[i * WEIGHTS[0]], "a Value is used as an index"),
    "a half": (lambda i: WEIGHTS[(i + 1) / 2], "an index must be an integer"),
    "what begins later": (lambda i: WEIGHTS[i - 9], "there is no item 0"),
    "a staircase": (lambda i, j: [[1.0, 2.0], [3.0]][i][j] * WEIGHTS[0], "some of them together find no item"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_depends_on_an_integer_in_another_way_is_refused(name: str) -> None:
    f, match = REFUSED[name]
    with pytest.raises(TraceError, match=match) as caught:
        compile(f, WEIGHTS)(*[[0, 1]] * f.__code__.co_argcount)
    assert "test_indices.py" in str(caught.value)


def test_a_list_may_have_256_rows() -> None:
    table = [Value(float(i)) for i in range(257)]
    assert compile(lambda i: table[:256][i] ** 2, table)([255, 1]) == (255**2 + 1) / 2
    with pytest.raises(TraceError, match="more than 256"):
        compile(lambda i: table[i] ** 2, table)([255, 1])


def test_too_many_together_are_seen_after_a_few() -> None:
    table = [Value(float(i)) for i in range(27)]
    followed = []

    def f(letters: Any) -> Value:
        followed.append(letters)
        return autograd.sum([table[i] ** 2 for i in letters])

    with pytest.raises(TraceError, match="more than 256"):
        compile(f, table)([[1, 2, 3, 4, 5, 6]])
    assert len(followed) < 15  # 2 * 2 * 3 * 3 * 3 * 3 are more
