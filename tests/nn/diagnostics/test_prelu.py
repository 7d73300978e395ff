"""Diagnostics of networks with PReLU: a module that is an activation is looked at as one, wherever it stands."""

from __future__ import annotations

import copy
import math
import random
from statistics import pvariance
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nn import MLP, Layer, Module, PReLU, Sequential
from nn.diagnostics import dead_share, gradient_variance, saturated_share, signal_variance
from nn.losses.numbers import mse_loss

seeds = st.integers(0, 10**6)


def batch(n: int, seed: int) -> tuple[list[list[float]], list[float]]:
    rng = random.Random(seed)
    return [[rng.gauss(0, 1) for _ in range(2)] for _ in range(n)], [rng.gauss(0, 1) for _ in range(n)]


def network(phi: Any, seed: int) -> Sequential:
    return Sequential(Layer(2, 3, "linear", seed=seed), phi, Layer(3, 1, "linear", seed=seed + 1))


@given(seeds, st.sampled_from([0.0, 1.0]))
def test_with_slope_0_it_is_the_relu_and_with_slope_1_nothing(seed, slope):
    xs, ts = batch(5, seed)
    model, twin = network(PReLU(init=slope), seed), network("linear" if slope else "relu", seed)
    assert signal_variance(model, xs) == signal_variance(twin, xs)
    assert gradient_variance(model, mse_loss, xs, ts) == gradient_variance(twin, mse_loss, xs, ts)
    if not slope:
        assert saturated_share(model, xs) == saturated_share(twin, xs)
        assert dead_share(model, xs) == dead_share(twin, xs)


@given(seeds, st.lists(st.floats(-2, 2), min_size=3, max_size=3))
def test_the_signals_after_it_are_those_with_the_slope_of_each_input(seed, slopes):
    xs, _ = batch(5, seed)
    model = network(PReLU(3), seed)
    for w, slope in zip(model.layers[1].weight, slopes):
        w.data = slope
    after = [model.layers[1](model.layers[0](x)) for x in xs]
    variance = pvariance([y.data for row in after for y in row])
    assert signal_variance(model, xs)["layers.1"] == variance


def test_a_unit_is_dead_if_its_slope_is_0_and_no_example_is_positive():
    phi = PReLU(2)
    phi.weight[0].data = 0.0
    assert dead_share(phi, [[-1.0, -1.0], [-2.0, -2.0]]) == {"PReLU": 0.5}
    assert dead_share(phi, [[-1.0, -1.0], [2.0, -2.0]]) == {"PReLU": 0.0}
    assert saturated_share(phi, [[-1.0, -1.0], [2.0, -2.0]]) == {"PReLU": 0.25}


def test_it_is_seen_as_an_attribute_of_any_module_and_the_model_stays_as_it_was():
    class Net(Module):
        def __init__(self) -> None:
            self.hidden, self.phi = Layer(1, 2, "linear", seed=0), PReLU()

        def __call__(self, x: Any) -> Any:
            return self.phi(self.hidden(x))

    model = Net()
    before, kind = copy.deepcopy(vars(model.phi)), type(model.phi)
    assert list(signal_variance(model, [[1.0], [-1.0]])) == ["hidden", "phi"]
    assert list(saturated_share(model, [[1.0], [-1.0]])) == ["phi"]
    assert type(model.phi) is kind
    assert vars(model.phi).keys() == before.keys()


@given(seeds)
def test_as_the_activation_of_neurons_it_counts_once_with_them(seed):
    xs, ts = batch(5, seed)
    model, twin = MLP(2, [3, 1], PReLU(init=0.0), seed=seed), MLP(2, [3, 1], "relu", seed=seed)
    assert signal_variance(model, xs) == signal_variance(twin, xs)
    assert gradient_variance(model, mse_loss, xs, ts) == gradient_variance(twin, mse_loss, xs, ts)
    assert saturated_share(model, xs) == saturated_share(twin, xs)
    assert dead_share(model, xs) == dead_share(twin, xs)


def test_the_wrong_number_of_inputs_is_refused_as_ever():
    with pytest.raises(ValueError, match=r"PReLU\(3\) takes 3 inputs, got 2"):
        signal_variance(PReLU(3), [[1.0, 2.0]])
    assert math.isfinite(signal_variance(PReLU(), [[1.0, 2.0]])["PReLU"])
