"""Blocks and GPT: what they add up, causal, the same one token at a time, trained on sequences of all lengths."""

from __future__ import annotations

import copy
import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import nn
from nn import Adam, cross_entropy, fit, gradcheck
from nn.layers.transformer import GPT, TransformerBlock

seeds = st.integers(0, 2**32 - 1)
settings = st.fixed_dictionaries(
    {
        "n_layer": st.integers(1, 2),
        "n_head": st.integers(1, 2),
        "norm": st.sampled_from(["rms", "layer"]),
        "activation": st.sampled_from(["relu", "gelu"]),
        "bias": st.booleans(),
        "tied": st.booleans(),
    }
)


def numbers_of(ys: Any) -> list[list[float]]:
    return [[getattr(y, "data", y) for y in row] for row in ys]


def small(**more: Any) -> GPT:
    return GPT(5, 6, n_head=2, n_embd=4, **{"seed": 0, **more})


@given(st.sampled_from(["rms", "layer"]), st.booleans(), seeds)
def test_a_block_adds_attention_and_then_neurons_to_what_flows_past(norm, bias, seed):
    block = TransformerBlock(4, 2, 3, "tanh", norm, bias, seed=seed)
    rng = random.Random(seed)
    xs = [[rng.gauss(0, 1) for _ in range(4)] for _ in range(3)]
    found = block.attention([block.attention_norm(x) for x in xs])
    ys = [[a + b for a, b in zip(x, y)] for x, y in zip(xs, found)]
    wanted = [[a + b for a, b in zip(y, block.mlp(block.mlp_norm(y)))] for y in ys]
    assert numbers_of(block(xs)) == numbers_of(wanted)


@given(settings, st.lists(st.integers(0, 4), min_size=1, max_size=6), seeds)
def test_no_position_knows_what_comes_and_one_token_at_a_time_is_the_whole(settings, tokens, seed):
    model = GPT(5, 6, n_embd=4, seed=seed, **settings)
    whole = numbers_of(model(tokens))
    past = model.no_past()
    assert [numbers_of(model([token], past))[0] for token in tokens] == whole
    assert numbers_of(model([*tokens[:-1], (tokens[-1] + 1) % 5]))[:-1] == whole[:-1]


def test_the_gradients_of_all_weights_are_those_of_differences():
    model = GPT(3, 2, n_head=1, n_embd=2, norm="layer", activation="gelu", tied=True, seed=0)
    assert gradcheck(model, lambda m: cross_entropy(m([0, 2]), [2, 1]))


def test_it_has_the_weights_that_its_sizes_say():
    n, v, t = 16, 27, 16
    parts = {"token": v * n, "position": t * n, "attention": 4 * n * n, "mlp": 8 * n * n, "norms": 3 * n, "head": v * n}
    assert len(GPT(v, t).parameters()) == sum(parts.values())
    assert len(GPT(v, t, tied=True).parameters()) == sum(parts.values()) - parts["head"]


def test_sequences_of_all_lengths_are_learned_and_compiled_the_numbers_are_the_same():
    """The mean is that of the sequences' means, though a batch holds several lengths."""
    rng = random.Random(0)
    inputs = [[0, *[rng.choice([1, 2]) for _ in range(rng.randint(0, 4))]] for _ in range(12)]
    targets = [[*tokens[1:], 0] for tokens in inputs]
    losses, weights = [], []
    for compile in (False, True):
        model = small()
        before = sum(cross_entropy(model(x), t).data for x, t in zip(inputs, targets)) / len(inputs)
        history = fit(
            model, cross_entropy, inputs, targets, optimizer=Adam(model.parameters(), lr=0.02), epochs=3,
            batch_size=12, seed=0, compile=compile, progress=False,
        )  # fmt: skip
        assert history.loss[0] == pytest.approx(before, rel=1e-12)
        losses.append(history.loss)
        weights.append([p.data for p in model.parameters()])
    assert losses[0][-1] < losses[0][0]
    assert losses[1] == pytest.approx(losses[0], rel=1e-9)
    assert weights[1] == pytest.approx(weights[0], rel=1e-7, abs=1e-12)


def test_what_fills_a_sequence_up_changes_neither_its_loss_nor_a_gradient():
    model = small()
    tokens, targets = [0, 3, 1], [3, 1, 0]
    found = []
    for x, t in ((tokens, targets), (nn.data.padded([tokens], 2, 6)[0], nn.data.padded([targets], -1, 6)[0])):
        loss = cross_entropy(model(x), t, ignore_index=-1)
        loss.backward()
        found.append([loss.data, *[p.grad for p in model.parameters()]])
        for p in model.parameters():
            p.grad = 0.0
    assert found[1] == pytest.approx(found[0], rel=1e-12, abs=1e-15)


def test_a_file_of_weights_carries_it_over(tmp_path):
    model, other = small(), small(seed=1)
    nn.save(model, tmp_path / "gpt.json")
    nn.load(other, tmp_path / "gpt.json")
    assert numbers_of(other([0, 1])) == numbers_of(model([0, 1]))
    assert numbers_of(copy.deepcopy(model)([0, 1])) == numbers_of(model([0, 1]))


@pytest.mark.parametrize(
    ("tokens", "error", "sentence"),
    [
        ([], ValueError, "tokens is empty: GPT.* needs at least one"),
        ([0] * 7, ValueError, "takes at most 6 tokens, got 7"),
        ([0, 5], ValueError, r"tokens\[1\] must be from 0 to 4, got 5"),
        ([-1], ValueError, r"tokens\[0\] must be from 0 to 4, got -1"),
        ([0, 1.5], TypeError, r"tokens\[1\] must be an integer, got 1.5"),
        ("abc", TypeError, "takes a list of tokens, got 'abc'"),
        (3, TypeError, "takes a list of tokens, got 3"),
    ],
)
def test_what_are_no_tokens_is_refused_before_anything_has_changed(tokens, error, sentence):
    model = small()
    past = model.no_past()
    with pytest.raises(error, match=sentence):
        model(tokens, past)
    assert past == [([], [])]


def test_more_tokens_than_the_block_one_at_a_time_are_refused():
    model = small()
    past = model.no_past()
    model([0] * 6, past)
    with pytest.raises(ValueError, match="takes at most 6 tokens, got 7"):
        model([0], past)
    assert [len(part) for part in past[0]] == [6, 6]


@pytest.mark.parametrize(
    ("arguments", "error", "sentence"),
    [
        ({"n_head": 3}, ValueError, "n_head must divide n_embd, got 3 heads for 4 numbers"),
        ({"vocab": 0}, ValueError, "vocab must be a positive integer, got 0"),
        ({"block_size": 0}, ValueError, "block_size must be a positive integer, got 0"),
        ({"n_layer": 0}, ValueError, "n_layer must be a positive integer, got 0"),
        ({"norm": "batch"}, ValueError, "norm must be 'rms' or 'layer', got 'batch'"),
        ({"activation": "rleu"}, ValueError, "there is no activation 'rleu'"),
        ({"tied": 1}, TypeError, "tied must be True or False, got 1"),
    ],
)
def test_what_makes_no_model_is_refused(arguments, error, sentence):
    with pytest.raises(error, match=sentence):
        GPT(**{"vocab": 5, "block_size": 6, "n_head": 2, "n_embd": 4, **arguments})
