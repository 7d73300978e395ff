"""Embedding: the vector of a word is its row of the table, and it is learned."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd import Value, compile, mean
from nn import SGD, Layer
from nn.layers.containers import Sequential
from nn.layers.embedding import Embedding

sizes = st.integers(1, 4)


def test_the_vectors_of_an_embedding_receive_a_gradient_for_each_time_they_are_used():
    words = Embedding(3, 2, seed=0)
    a, b, c = words([2, 0, 2])
    (a[0] + 2 * b[1] + 3 * c[0] + 5 * c[1]).backward()
    assert [[v.grad for v in row] for row in words.weight] == [[0.0, 2.0], [0.0, 0.0], [4.0, 5.0]]


@given(sizes, sizes, st.data())
def test_the_vector_of_a_word_is_its_row_of_the_table(rows, columns, source):
    words = Embedding(rows, columns, seed=0)
    index = st.integers(0, rows - 1)
    k, ks = source.draw(index), source.draw(st.lists(st.lists(index, max_size=3), max_size=3))
    one = words.weight[k]
    assert words(k) == (list(one) if columns > 1 else one[0])
    assert words(np.int64(k)) == words(k)
    assert words(ks) == [[words(i) for i in row] for row in ks]
    assert words(np.array([k, k])) == [words(k)] * 2


@pytest.mark.parametrize("index", [1.0, "1", None, Value(1), [0, 1.5]])
def test_what_is_no_number_of_a_word_is_refused(index):
    with pytest.raises(TypeError, match="index must be the number of a word, an integer, got"):
        Embedding(3, 2)(index)


@pytest.mark.parametrize("index", [3, -1, [0, 7]])
def test_a_word_that_is_not_in_the_vocabulary_is_refused(index):
    with pytest.raises(ValueError, match="index must be a word from 0 to 2, got"):
        Embedding(3, 2)(index)


def test_first_vectors_are_standard_normal():
    drawn = np.array(list(Embedding(100, 50, seed=0).state_dict().values()))
    assert abs(drawn.mean()) < 4 / math.sqrt(5000)
    assert abs(drawn.var() - 1) < 4 * math.sqrt(2 / 5000)


def test_a_compiled_embedding_looks_each_word_up():
    model = Sequential(Embedding(4, 2, seed=0), Layer(2, 1, "tanh", seed=1))
    other = Embedding(4, 1, seed=2)
    parameters = [*model.parameters(), *other.parameters()]

    def loss(word, words):
        return model(word) ** 2 + sum(other(words)) * model(words[0])

    batch = [2, 0, 2], [[1, 1], [0, 3], [2, 2]]
    program = compile(loss, parameters)
    mean([loss(*row) for row in zip(*batch)]).backward()
    expected = [p.grad for p in parameters]
    for p in parameters:
        p.grad = 0.0
    program(*batch)
    assert [p.grad for p in parameters] == pytest.approx(expected, rel=1e-12)
    for word in (4, -1):
        with pytest.raises(ValueError, match=f"row 1: index must be from 0 to 3, got {word}"):
            program([2, 0, 2], [[1, 1], [0, word], [2, 2]])


def test_words_can_be_learned():
    model = Sequential(Embedding(4, 2, seed=0), Layer(2, 1, "linear", seed=1))
    optimizer = SGD(model.parameters(), lr=0.1)
    targets = [1.0, -1.0, 2.0, 0.5]
    for _ in range(200):
        loss = sum((model(k) - t) ** 2 for k, t in enumerate(targets))
        model.zero_grad()
        loss.backward()
        optimizer.step()
    assert loss.data < 1e-6
