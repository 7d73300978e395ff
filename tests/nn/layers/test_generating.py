"""Sequences drawn from a GPT: by its shares, repeated by a seed, past the length of its block, ended by a token."""

from __future__ import annotations

import math
from collections import Counter
from typing import Any

import pytest

from autograd import no_grad
from nn import GPT, MLP, generate


def model() -> GPT:
    gpt = GPT(4, 5, n_head=1, n_embd=4, seed=0)
    for p in gpt.parameters():
        p.data *= 3.0  # so that some tokens are likelier
    return gpt


def test_tokens_come_as_often_as_the_model_says():
    gpt = model()
    logits = [z.data for z in gpt([0])[0]]
    drawn = Counter(generate(gpt, [0], 1, temperature=0.5, seed=seed)[1] for seed in range(500))
    exps = [math.exp(z / 0.5) for z in logits]
    for token in range(4):
        p = exps[token] / sum(exps)
        assert abs(drawn[token] - 500 * p) <= 5 * math.sqrt(500 * p * (1 - p))


def test_a_small_temperature_picks_the_likeliest_also_past_the_block():
    gpt = model()
    found = generate(gpt, [0], 9, temperature=1e-6, seed=0)
    assert len(found) == 10
    for k in range(1, 10):
        with no_grad():
            logits = gpt(found[max(0, k - 5) : k])[-1]
        numbers = [getattr(z, "data", z) for z in logits]
        assert found[k] == numbers.index(max(numbers))


def test_a_seed_repeats_a_sequence_and_the_tokens_given_begin_it():
    gpt = model()
    assert generate(gpt, [1, 2], 5, seed=3) == generate(gpt, [1, 2], 5, seed=3)
    assert {tuple(generate(gpt, [1, 2], 5, seed=seed)[:2]) for seed in range(5)} == {(1, 2)}
    assert len({tuple(generate(gpt, [1, 2], 5, seed=seed)) for seed in range(5)}) > 1


def test_the_stop_token_ends_it():
    gpt = model()
    for seed in range(20):
        found = generate(gpt, [1], 8, stop=2, seed=seed)
        assert 2 not in found[1:-1]
        assert found[-1] == 2 or len(found) == 9


def test_nothing_is_recorded():
    gpt = model()
    generate(gpt, [0], 3, seed=0)
    assert all(p.grad == 0.0 for p in gpt.parameters())


@pytest.mark.parametrize(
    ("arguments", "named", "error", "sentence"),
    [
        (([0], 0), {}, ValueError, "max_new_tokens must be a positive integer, got 0"),
        (([0], 3), {"temperature": 0.0}, ValueError, "temperature must be greater than 0, got 0.0"),
        (([0], 3), {"temperature": -1}, ValueError, "temperature must be greater than 0, got -1"),
        (([0], 3), {"temperature": math.nan}, ValueError, "temperature must be a finite number, got nan"),
        (([], 3), {}, ValueError, "tokens is empty"),
        (([9], 3), {}, ValueError, r"tokens\[0\] must be from 0 to 3, got 9"),
        (([9, 0, 0, 0, 0, 0], 3), {}, ValueError, r"tokens\[0\] must be from 0 to 3, got 9"),
        (([0], 3), {"seed": "x"}, TypeError, "seed must be an integer"),
        (([0], 3), {"stop": 4}, ValueError, "stop must be a token from 0 to 3 or None, got 4"),
    ],
)
def test_what_can_not_be_drawn_is_refused(arguments, named: dict[str, Any], error, sentence):
    with pytest.raises(error, match=sentence):
        generate(model(), *arguments, **named)


def test_another_model_is_refused():
    with pytest.raises(TypeError, match="model must be a GPT, got MLP"):
        generate(MLP(1, [1]), [0], 3)  # type: ignore[arg-type]
