"""Dots that meet become one product: of positions and heads, whatever the length."""

from __future__ import annotations

from collections import Counter
from random import Random
from typing import Any

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given

import autograd
import nn
from autograd import Value, compile, dot, softmax
from tests.autograd.program.test_lower import lowered, used
from tests.support.compiled import agree
from tests.support.engines import EVERY_ENGINE

TOKENS = [3, 1, 4, 1, 5, 0, 2, 6, 5, 3, 5, 1, 6, 2, 4, 0]


def step(model: Any, tokens: list[int], **settings: Any) -> tuple[float, list[float], Counter[Any]]:
    """The loss and the gradient of a sequence, and how many operations of each kind a step has."""

    def loss(tokens: Any, targets: Any) -> Any:
        return nn.cross_entropy(model(tokens), targets)

    program = compile(loss, model.parameters(), **settings)
    model.zero_grad()
    batch = [tokens], [tokens[1:] + tokens[:1]]
    mean = program(*batch)
    specialization = program.specialization([np.array(x) for x in batch])
    return mean, [p.grad for p in model.parameters()], Counter([x.op for x in specialization.task("step").operations])


def eager(model: Any, tokens: list[int]) -> tuple[float, list[float]]:
    model.zero_grad()
    loss = nn.cross_entropy(model(tokens), tokens[1:] + tokens[:1])
    loss.backward()
    return loss.data, [p.grad for p in model.parameters()]


@pytest.mark.parametrize("settings", [
    {"n_head": 4, "n_embd": 8},
    {"n_head": 2, "n_embd": 4, "n_layer": 2, "norm": "layer", "bias": True, "tied": True},
    {"n_head": 1, "n_embd": 3, "activation": "gelu"},
    {"n_head": 3, "n_embd": 3},
], ids=str)  # fmt: skip
@pytest.mark.parametrize("length", [1, 2, 3, 6])
def test_a_transformer_computes_what_it_does_by_numbers(settings: Any, length: int):
    model = nn.GPT(vocab=7, block_size=16, seed=0, **settings)
    loss, gradient, _ = step(model, TOKENS[:length])
    expected, slopes = eager(model, TOKENS[:length])
    assert loss == pytest.approx(expected, rel=1e-13)
    assert gradient == pytest.approx(slopes, rel=1e-12, abs=1e-14)


def test_its_operations_are_as_many_for_every_length():
    model = nn.GPT(vocab=7, block_size=16, n_head=2, n_embd=4, seed=0)
    counts = [step(model, TOKENS[:length])[2] for length in (3, 8)]
    assert counts[0] == counts[1]


@pytest.mark.parametrize(("settings", "most"), [({}, 70), ({"norm": "layer", "bias": True}, 100)], ids=str)
def test_a_block_is_some_60_operations_whatever_the_length(settings: Any, most: int):
    blocks = []
    for length in (3, 8):
        models = [nn.GPT(7, 16, n_layer=n, n_head=2, n_embd=4, seed=0, **settings) for n in (1, 2)]
        one, two = [step(model, TOKENS[:length])[2] for model in models]
        blocks.append(two - one)
        del blocks[-1]["rows"]  # weights, where they lie in the vector
    assert blocks[0] == blocks[1]
    assert blocks[0].total() <= most


def operations(loss: Any, model: Any, **settings: Any) -> Counter[Any]:
    """Those of a step for one number, of a loss that eagerly has the same mean and gradients."""
    program = agree(loss, model.parameters(), [1.0], program=compile(loss, model.parameters(), **settings))
    return Counter([x.op for x in program.specialization([np.array([1.0])]).task("step").operations])


def test_tokens_that_are_no_argument_go_together_like_others():
    counts = []
    for length in (3, 8):
        model = nn.GPT(vocab=7, block_size=16, n_head=2, n_embd=4, seed=0)
        tokens = TOKENS[:length]
        counts.append(operations(lambda c, f=model, at=tokens: c * nn.cross_entropy(f(at), at), model))
    assert counts[0] == counts[1]
    assert counts[0].total() < 150


@pytest.mark.parametrize("engine", EVERY_ENGINE)
def test_a_loss_of_all_examples_as_one_function_has_as_many_operations_for_any_number_of_them(engine: Any):
    model, rng = nn.MLP(2, [3, 3, 1], "tanh", seed=0), Random(0)
    counts = []
    for examples in (3, 8):
        data = [([rng.gauss(0, 1), rng.gauss(0, 1)], rng.gauss(0, 1)) for _ in range(examples)]
        loss = lambda x, data=data: x * autograd.mean([(model(a) - b) ** 2 for a, b in data])  # noqa: E731
        counts.append(operations(loss, model, engine=engine).total())
    assert counts[0] == counts[1]


def test_weights_of_the_past_in_single_precision():
    model = nn.GPT(vocab=7, block_size=16, n_head=2, n_embd=4, seed=0)
    loss, gradient, _ = step(model, TOKENS[:5], dtype="float32")
    expected, slopes = eager(model, TOKENS[:5])
    assert loss == pytest.approx(expected, rel=1e-6)
    assert gradient == pytest.approx(slopes, rel=1e-5, abs=1e-6)


def test_queries_and_keys_of_all_heads_are_one_product():
    def scores(x: Any) -> Any:
        at = [[x[t * 4 + h * 2 : t * 4 + h * 2 + 2] for h in range(2)] for t in range(3)]
        return [dot(at[s][h], at[t][h]) for t in range(3) for h in range(2) for s in range(t + 1)]

    found = lowered(scores, [], 12)
    assert used(found) == {"input": 1, "einsum": 1}
    assert [row for _, row in found.outputs] == [0, 3, 6, 7, 9, 10, 12, 13, 14, 15, 16, 17]


@st.composite
def ragged(draw: st.DrawFn) -> tuple[list[int], list[int], int]:
    """Of some positions the first they look at and the last, and the length of a position's vector."""
    n = draw(st.integers(2, 5))
    stops = draw(st.lists(st.integers(1, n), min_size=n, max_size=n))
    starts = [draw(st.integers(0, stop - 1)) if draw(st.booleans()) else 0 for stop in stops]
    return starts, stops, draw(st.integers(1, 3))


@given(ragged(), st.integers(0, 2**16))
def test_positions_that_look_at_lists_of_any_length_equal_their_numbers(program: Any, seed: int):
    starts, stops, d = program
    rng = Random(seed)
    ws = [Value(rng.gauss(0, 1)) for _ in range(3 * d * d)]

    def fn(x: Any) -> Any:
        xs = [[autograd.tanh(v) for v in x[t * d : t * d + d]] for t in range(len(stops))]
        q, k, v = [
            [[dot(ws[(j * d + i) * d : (j * d + i) * d + d], tuple(x)) for i in range(d)] for x in xs] for j in range(3)
        ]
        total: Any = 0.0
        for t, (start, stop) in enumerate(zip(starts, stops)):
            weights = softmax([dot(k[s], q[t]) for s in range(start, stop)])
            found = [dot(weights, column) for column in zip(*v[start:stop])]
            total = total + autograd.sum([y * y for y in found]) + autograd.logsumexp(xs[t]) * weights[0]
        return total

    x = [rng.gauss(0, 1) for _ in range(d * len(stops))]
    compiled = compile(fn, ws)
    for w in ws:
        w.grad = 0.0
    loss = compiled([x])
    found = [w.grad for w in ws]
    for w in ws:
        w.grad = 0.0
    expected = fn(x)
    expected.backward()
    assert loss == pytest.approx(expected.data, rel=1e-12)
    assert found == pytest.approx([w.grad for w in ws], rel=1e-11, abs=1e-12)


@pytest.mark.parametrize("length", [2, 5])
def test_products_and_shares_that_are_written_out_are_the_same_products(length: int):
    rng = Random(0)
    table = [[nn.Parameter(rng.gauss(0, 1)) for _ in range(4)] for _ in range(7)]
    maps = [[[nn.Parameter(rng.gauss(0, 1)) for _ in range(4)] for _ in range(4)] for _ in range(3)]

    def product(ws: Any, xs: Any) -> Any:
        return sum(w * x for w, x in zip(ws, xs))

    def shares(scores: Any) -> Any:
        powers = [autograd.exp(s - scores[0].detach()) for s in scores]
        total = sum(powers)
        return [p / total for p in powers]

    def fn(tokens: Any) -> Any:
        keys: list[Any] = []
        values: list[Any] = []
        cost: Any = 0.0
        for t in tokens:
            x = [autograd.tanh(v) for v in autograd.take(table, t)]
            query, key, value = [[product(row, x) for row in w] for w in maps]
            keys.append(key)
            values.append(value)
            weights = shares([product(query, k) / 2 for k in keys])
            cost = cost + sum(product(weights, [v[j] for v in values]) ** 2 for j in range(4))
        return cost

    parameters = [p for rows in (table, *maps) for row in rows for p in row]
    program = compile(fn, parameters)
    loss = program([TOKENS[:length]])
    found = [p.grad for p in parameters]
    for p in parameters:
        p.grad = 0.0
    expected = fn(TOKENS[:length])
    expected.backward()
    assert loss == pytest.approx(expected.data, rel=1e-13)
    assert found == pytest.approx([p.grad for p in parameters], rel=1e-11, abs=1e-13)
    assert program.explain().calls < 130
