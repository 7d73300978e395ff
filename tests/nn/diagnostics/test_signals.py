"""Variances of signals, saturated and dead units: of networks where they are known."""

from __future__ import annotations

import math
import random
from typing import Any

import numpy as np
import pytest

from nn import MLP, Layer, Neuron, Sequential
from nn.diagnostics import (
    dead_share,
    gradient_norms,
    gradient_variance,
    saturated_share,
    signal_variance,
)
from nn.losses.numbers import mse_loss


def batch(n: int, nin: int, seed: int = 0) -> tuple[list[list[float]], list[float]]:
    rng = random.Random(seed)
    return [[rng.gauss(0, 1) for _ in range(nin)] for _ in range(n)], [rng.gauss(0, 1) for _ in range(n)]


def test_a_unit_that_is_on_for_a_single_example_is_not_dead():
    neuron = Neuron(1, "relu")
    neuron.w[0].data, neuron.b.data = 1.0, 0.0
    xs = [[-1.0], [-2.0], [0.5], [-3.0]]
    assert dead_share(neuron, xs) == {"Neuron": 0.0}
    assert saturated_share(neuron, xs) == {"Neuron": 0.75}


def test_tanh_with_weights_of_100_is_saturated():
    model = MLP(2, [6, 1], "tanh", seed=0)
    for neuron in model.layers[0].neurons:
        neuron.w[0].data = neuron.w[1].data = 100.0
    xs = [[1.0, 2.0], [-1.0, -0.5], [3.0, 0.1]]
    assert saturated_share(model, xs) == {"layers.0": 1.0}


@pytest.mark.parametrize(("phi", "scale"), [("tanh", 1), ("sigmoid", 2)])
def test_saturated_is_what_has_less_than_a_part_of_the_greatest_slope(phi, scale):
    edge = scale * math.atanh(math.sqrt(0.9))  # there 1 - tanh² is 0.1, and σ(z) is (1 + tanh(z/2)) / 2
    neuron = Neuron(1, phi)
    neuron.w[0].data, neuron.b.data = 1.0, 0.0
    inside, outside = [[0.99 * edge], [-0.99 * edge]], [[1.01 * edge], [-1.01 * edge]]
    assert saturated_share(neuron, inside, below=0.1) == {"Neuron": 0.0}
    assert saturated_share(neuron, outside, below=0.1) == {"Neuron": 1.0}


def test_a_leaky_relu_with_a_slope_of_one_hundredth_is_neither_saturated_nor_dead():
    model, xs = Layer(1, 3, "leaky_relu", seed=0), [[-100.0], [-50.0], [100.0]]
    assert saturated_share(model, xs) == dead_share(model, xs) == {"Layer": 0.0}
    assert saturated_share(model, [[-100.0], [100.0]], below=0.02) == {"Layer": 0.5}


def test_a_step_lets_no_gradient_pass_though_its_output_is_a_plain_number():
    def step(z: Any) -> Any:
        return 1.0 if z > 0 else 0.0

    model, (xs, ts) = Sequential(Layer(2, 3, step, seed=0), Layer(3, 1, "linear", seed=1)), batch(4, 2)
    assert saturated_share(model, xs) == dead_share(model, xs) == {"layers.0": 1.0}
    assert gradient_norms(model, mse_loss, xs, ts)["layers.0"] == 0.0
    outputs = [model(x).data - t for x, t in zip(xs, ts)]
    expected = np.var([2 * e * w.data for e in outputs for w in model.layers[1].neurons[0].w])
    assert gradient_variance(model, mse_loss, xs, ts)["layers.0"] == pytest.approx(expected)


def test_the_greatest_slope_may_be_anywhere_from_minus_4_to_4():
    neuron = Neuron(1, lambda z: (z + 3).tanh())
    neuron.w[0].data, neuron.b.data = 1.0, 0.0
    assert saturated_share(neuron, [[-3.0], [-0.1], [0.1], [1.0]]) == {"Neuron": 0.5}  # 1 - tanh² is 0.01 at 2.993


def test_an_activation_that_is_not_defined_everywhere_is_compared_where_it_is():
    neuron = Neuron(1, "log")
    neuron.w[0].data, neuron.b.data = 1.0, 0.0
    assert saturated_share(neuron, [[1.0], [12.4], [12.6], [1000.0]]) == {"Neuron": 0.5}  # 1/z, and 8 at 1/8


@pytest.mark.parametrize(("x", "expected"), [(1e200, math.inf), (0.1, 0.0), (math.inf, math.nan)])
def test_a_variance_may_be_too_large_and_is_exactly_zero_for_equal_signals(x, expected):
    neuron = Neuron(1, "linear")
    neuron.w[0].data, neuron.b.data = 1.0, 0.0
    found = signal_variance(neuron, [[x], [x], [x if x == 0.1 else -x]])["Neuron"]
    assert found == pytest.approx(expected, abs=0.0, nan_ok=True)
