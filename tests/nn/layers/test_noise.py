"""Dropout and normal_rsample: shares, means, variances, the gradients of what was drawn, and that seeds repeat."""

from __future__ import annotations

import math
import random
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd
import nn
from autograd import Value, checkpoint, gradcheck
from nn.layers.containers import Sequential
from nn.layers.embedding import Embedding
from nn.layers.noise import Dropout, normal_rsample

seeds = st.integers(0, 2**32 - 1)


def data(outputs: Any) -> Any:
    return [data(y) for y in outputs] if isinstance(outputs, (list, tuple)) else getattr(outputs, "data", outputs)


# ------------------------------------------------------------------------------------------------------------ Dropout


@pytest.mark.parametrize("p", [0.0, 0.1, 0.5, 0.9])
def test_dropout_drops_the_share_p_and_keeps_the_mean(p):
    n = 20_000
    out = Dropout(p, seed=0)([1.0] * n)
    dropped = out.count(0.0)
    assert set(out) <= {0.0, 1 / (1 - p)}
    assert abs(dropped - n * p) <= 4 * math.sqrt(n * p * (1 - p))  # four standard deviations of the binomial
    assert abs(sum(out) / n - 1) <= 4 * math.sqrt(p / (1 - p) / n)


@given(st.floats(0, 0.99), seeds, st.lists(st.floats(0.5, 2), min_size=1, max_size=20))
def test_the_gradient_has_the_mask_of_the_outputs(p, seed, xs):
    inputs = [Value(x) for x in xs]
    outputs = Sequential(Dropout(p, seed=seed))(inputs)
    for y in outputs if isinstance(outputs, list) else [outputs]:
        y.backward()
    assert [v.grad * v.data for v in inputs] == (data(outputs) if len(xs) > 1 else [data(outputs)])
    assert {v.grad for v in inputs} <= {0.0, 1 / (1 - p)}


@given(st.floats(0, 0.99), seeds)
def test_a_seed_repeats_the_masks_and_calls_go_on(p, seed):
    first, second = Dropout(p, seed=seed), Dropout(p, seed=random.Random(seed))
    masks = [first([1.0] * 8) for _ in range(4)]
    assert masks == [second([1.0] * 8) for _ in range(4)]
    assert len({tuple(mask) for mask in Dropout(0.5, seed=seed).batch([[1.0] * 64] * 4)}) == 4


@given(st.lists(st.floats(allow_nan=False), min_size=2, max_size=8), st.floats(0, 0.99))
def test_in_evaluation_dropout_is_the_identity_and_draws_nothing(xs, p):
    drop = Dropout(p, seed=0).eval()
    state = drop.random.getstate()
    inputs = [Value(x) for x in xs]
    assert all(y is x for x, y in zip(inputs, drop(inputs)))
    assert drop(xs) == xs
    assert drop.random.getstate() == state


def test_dropout_leaves_the_global_generator_alone():
    random.seed(1)
    before = random.getstate()
    Dropout(0.5)([1.0] * 10)
    Embedding(3, 3)
    normal_rsample([0.0] * 5, [1.0] * 5)
    assert random.getstate() == before


@pytest.mark.parametrize("p", [1, 1.0, -0.1, math.nan, 2, math.inf])
def test_what_is_no_probability_is_refused(p):
    with pytest.raises(ValueError, match="p must be a probability from 0 to less than 1"):
        Dropout(p)


def test_what_is_no_seed_is_refused():
    for make in (
        lambda: Dropout(0.5, seed="1"),
        lambda: Embedding(2, 2, seed=1.5),
        lambda: normal_rsample(0, 1, seed="a"),
    ):
        with pytest.raises(TypeError, match=r"seed must be an integer, a random\.Random or None"):
            make()


# ------------------------------------------------------------------------------------------------------ normal_rsample


@pytest.mark.parametrize(("mu", "sigma"), [(0.0, 1.0), (-3.0, 0.5), (10.0, 4.0), (1.0, 0.0)])
def test_samples_have_the_mean_and_the_variance(mu, sigma):
    n = 20_000
    drawn = np.array(normal_rsample([mu] * n, [sigma] * n, seed=0))
    assert abs(drawn.mean() - mu) <= 4 * sigma / math.sqrt(n)
    assert abs(drawn.var() - sigma**2) <= 4 * sigma**2 * math.sqrt(2 / n)


@given(st.floats(-3, 3), st.floats(0.1, 3), seeds)
def test_gradients_reach_the_mean_and_the_standard_deviation(mu, sigma, seed):
    epsilon = random.Random(seed).normalvariate(0, 1)
    m, s = Value(mu), Value(sigma)
    z = normal_rsample(m, s, seed=seed)
    z.backward()
    assert (z.data, m.grad, s.grad) == (mu + sigma * epsilon, 1.0, epsilon)
    assert gradcheck(lambda m, s: normal_rsample(m, s, seed=seed) ** 2, (mu, sigma))


def test_samples_are_nested_like_the_mean_and_go_on_with_one_generator():
    rng = random.Random(0)
    first, second = (normal_rsample([[0.0], [1.0, 2.0]], [[1.0], [1.0, 1.0]], seed=rng) for _ in range(2))
    assert [len(row) for row in first] == [1, 2]
    assert first != second
    assert normal_rsample(np.zeros(2), np.ones(2), seed=3) == normal_rsample([0.0, 0.0], [1.0, 1.0], seed=3)


def test_samples_that_make_no_sense_are_refused():
    for std in (-1.0, math.nan, Value(-0.5)):
        with pytest.raises(ValueError, match="std must be 0 or greater, got"):
            normal_rsample(0.0, std)
    with pytest.raises(ValueError, match="std must be nested like mean"):
        normal_rsample([0.0, 1.0], 1.0)
    with pytest.raises(TypeError, match=r"mean\[1\] must be a number"):
        normal_rsample([0.0, "1"], [1.0, 1.0])


def trained(model: nn.Module, **more: Any) -> nn.History:
    return nn.fit(
        model, nn.mse_loss, [1.0, 2.0, 3.0], [-1.0, 0.0, 1.0], optimizer=nn.SGD(model.parameters(), 0.1), epochs=1,
        progress=False, **more,
    )  # fmt: skip


@pytest.mark.parametrize("seed", range(5))
def test_a_checkpoint_computes_again_with_the_masks_that_it_had(seed):
    """Where the outputs are 0 with any mask, too, so that they would not tell."""

    def gradients(saved: Any) -> tuple[list[float], Any]:
        drop = nn.Dropout(0.5, seed=seed)
        layer = nn.Layer(4, 4, "tanh", seed=1)
        xs = [Value(x) for x in (0.0, 0.0, 0.3, -0.2)]
        block = saved(lambda xs: drop(layer(drop(xs))))
        (autograd.sum(block(block(xs))) ** 2 + autograd.dot([1.0] * 4, saved(drop)(xs))).backward()
        return [v.grad for v in (*xs, *layer.parameters())], [y.data for y in drop([Value(1.0)] * 4)]

    plain, after = gradients(lambda f: f)
    for saved in (checkpoint, lambda f: checkpoint(checkpoint(f)), lambda f: checkpoint(lambda x: checkpoint(f)(x))):
        found, left = gradients(saved)
        assert found == pytest.approx(plain, rel=1e-12, abs=1e-15)
        assert left == after  # the generator is where it would be


def test_a_checkpoint_with_dropout_is_trained_by_fit():
    class Saved(nn.Module):
        def __init__(self) -> None:
            self.inner = nn.Sequential(
                nn.Layer(1, 8, "tanh", seed=0), nn.Dropout(0.5, seed=1), nn.Layer(8, 1, "linear", seed=2)
            )

        def __call__(self, x: Any) -> Any:
            return checkpoint(self.inner)(x)

    saved, plain = Saved(), Saved().inner
    losses = [trained(model, seed=0).loss for model in (saved, plain)]
    assert losses[0] == pytest.approx(losses[1], rel=1e-12)
    assert [p.data for p in saved.parameters()] == pytest.approx([p.data for p in plain.parameters()], rel=1e-12)
