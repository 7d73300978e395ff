"""Causal self-attention: the weighted mean that it is, what it can't see, and one position at a time."""

from __future__ import annotations

import math
import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd
from autograd import Value
from nn import gradcheck
from nn.layers.attention import CausalSelfAttention, attend

numbers = st.floats(-3, 3)
shapes = st.tuples(st.integers(1, 3), st.integers(1, 3), st.integers(1, 5))  # heads, numbers of a head, positions
seeds = st.integers(0, 2**32 - 1)


def drawn(positions: int, n: int, seed: int) -> list[list[float]]:
    rng = random.Random(seed)
    return [[rng.gauss(0, 1) for _ in range(n)] for _ in range(positions)]


def numbers_of(ys: Any) -> list[list[float]]:
    return [[getattr(y, "data", y) for y in row] for row in ys]


@given(shapes, seeds)
def test_a_head_brings_back_the_mean_of_the_values_that_exp_of_its_products_weighs(shape, seed):
    _, d, t = shape
    rows = drawn(2 * t + 1, d, seed)
    query, keys, values = rows[0], rows[1 : t + 1], rows[t + 1 :]
    found, weights = attend(query, keys, values)
    shares = [math.exp(math.fsum(k * q for k, q in zip(key, query)) / math.sqrt(d)) for key in keys]
    assert weights == pytest.approx([share / math.fsum(shares) for share in shares], rel=1e-12)
    mean = [math.fsum(w * v for w, v in zip(weights, column)) for column in zip(*values)]
    assert found == pytest.approx(mean, rel=1e-12, abs=1e-12)


@given(shapes, st.booleans(), seeds)
def test_no_position_sees_those_after_it(shape, bias, seed):
    heads, d, t = shape
    attention = CausalSelfAttention(heads * d, heads, bias, seed=seed)
    xs, others = drawn(t, heads * d, seed), drawn(t, heads * d, seed + 1)
    whole = numbers_of(attention(xs))
    for k in range(1, t + 1):
        assert numbers_of(attention(xs[:k] + others[k:]))[:k] == whole[:k]
        assert numbers_of(attention(xs[:k])) == whole[:k]


@given(shapes, seeds)
def test_one_position_at_a_time_is_the_whole_sequence(shape, seed):
    heads, d, t = shape
    attention = CausalSelfAttention(heads * d, heads, seed=seed)
    xs = drawn(t, heads * d, seed)
    past: Any = ([], [])
    assert [numbers_of(attention([x], past))[0] for x in xs] == numbers_of(attention(xs))
    assert [len(part) for part in past] == [t, t]


@given(shapes, seeds)
def test_the_weights_of_each_head_sum_to_1(shape, seed):
    heads, d, t = shape
    weights = CausalSelfAttention(heads * d, heads, seed=seed).weights(drawn(t, heads * d, seed))
    assert [[len(row) for row in head] for head in weights] == [list(range(1, t + 1))] * heads
    for head in weights:
        for row in head:
            assert math.fsum(row) == pytest.approx(1, rel=1e-14)


def test_the_gradients_of_all_weights_are_those_of_differences():
    attention, xs = CausalSelfAttention(4, 2, bias=True, seed=0), drawn(3, 4, 0)
    assert gradcheck(attention, lambda a: autograd.sum([y * y for row in a(xs) for y in row]))


def test_compiled_it_gives_the_same_numbers():
    attention = CausalSelfAttention(4, 2, seed=0)

    def loss(xs: Any) -> Any:
        return autograd.sum([y * y for row in attention(xs) for y in row])

    program = autograd.compile(loss, attention.parameters())
    xs = drawn(4, 4, 1)
    eager = loss(xs)
    eager.backward()
    wanted = [p.grad for p in attention.parameters()]
    for p in attention.parameters():
        p.grad = 0.0
    assert program([xs]) == pytest.approx(eager.data, rel=1e-12)
    assert [p.grad for p in attention.parameters()] == pytest.approx(wanted, rel=1e-11, abs=1e-13)


@pytest.mark.parametrize(
    ("arguments", "error", "sentence"),
    [
        ((4, 3), ValueError, "n_head must divide n_embd, got 3 heads for 4 numbers"),
        ((0, 1), ValueError, "n_embd must be a positive integer, got 0"),
        ((4, 2.0), ValueError, "n_head must be a positive integer, got 2.0"),
        ((4, 2, 1), TypeError, "bias must be True or False, got 1"),
        ((4, 2, False, "seed"), TypeError, "seed must be an integer"),
    ],
)
def test_what_makes_no_attention_is_refused(arguments, error, sentence):
    with pytest.raises(error, match=sentence):
        CausalSelfAttention(*arguments)


@pytest.mark.parametrize(
    ("xs", "error", "sentence"),
    [
        ([], ValueError, "the sequence is empty: CausalSelfAttention.* needs at least one position"),
        ([[1.0, 2.0], [1.0]], ValueError, r"position 1 of the sequence \(counted from 0\): .* takes 2 inputs, got 1"),
        ([[1.0, "2"]], TypeError, "position 0 of the sequence"),
        (3.0, TypeError, "takes a sequence, a list of lists of 2 numbers, got 3.0"),
    ],
)
def test_what_is_no_sequence_is_refused_before_the_past_has_changed(xs, error, sentence):
    past: Any = ([], [])
    with pytest.raises(error, match=sentence):
        CausalSelfAttention(2, 1)(xs, past)
    assert past == ([], [])


def test_gradients_reach_the_keys_through_the_softmax():
    keys = [[Value(1.0)], [Value(-1.0)]]
    (y,), _ = attend([0.5], keys, [[1.0], [3.0]])
    y.backward()
    p = 1 / (1 + math.exp(-1.0))  # the first weight: the scores are 0.5 and -0.5
    assert [key[0].grad for key in keys] == pytest.approx([0.5 * p * (1 - p) * (1 - 3), 0.5 * p * (1 - p) * (3 - 1)])
