"""Norms and variances of gradients by layer: of networks where they are known."""

from __future__ import annotations

import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd import Value, relu
from nn import MLP, Layer, Parameter, PReLU, Sequential
from nn.diagnostics import (
    gradient_norms,
)
from nn.layers.names import parameters_by_layer
from nn.losses.numbers import mse_loss
from tests.nn.diagnostics.models import models


def batch(n: int, nin: int, seed: int = 0) -> tuple[list[list[float]], list[float]]:
    rng = random.Random(seed)
    return [[rng.gauss(0, 1) for _ in range(nin)] for _ in range(n)], [rng.gauss(0, 1) for _ in range(n)]


@given(st.lists(st.floats(-4, 4).filter(lambda w: abs(w) > 0.01), min_size=2, max_size=12), st.floats(-2, 2))
def test_in_a_tower_of_sigmoids_a_layer_hands_back_at_most_a_quarter_of_w_times_the_gradient(weights, x):
    tower = MLP(1, [1] * (len(weights) + 1), "sigmoid", seed=0)
    layers = [layer.neurons[0] for layer in tower.layers]
    for neuron, w in zip(layers, [*weights, 1.0]):
        neuron.w[0].data = w
    norms = list(gradient_norms(tower, mse_loss, [[x]], [9.0]).values())
    a = [x]
    for neuron in layers:
        a.append(neuron(a[-1]).data)
    at_bias = [norm / math.hypot(1, signal) for norm, signal in zip(norms, a)]  # ∂L/∂w is the input times ∂L/∂b
    for before, after, neuron in zip(at_bias, at_bias[1:], layers[1:]):
        assert 0 < before <= 0.25 * abs(neuron.w[0].data) * after * (1 + 1e-9)


@pytest.mark.parametrize("which", [i for i in range(len(models())) if i != 6])
@pytest.mark.parametrize("training", [True, False])
def test_gradient_norms_are_those_that_backward_then_leaves_in_the_model(which, training):
    model, (xs, ts) = models()[which].train(training), batch(5, 2)
    found = gradient_norms(model, mse_loss, xs, ts)
    (sum((mse_loss(y, t) for y, t in zip(model.batch(xs), ts)), Value(0.0)) / 5).backward()
    expected = {name: math.hypot(*[p.grad for p in ps]) for name, ps in parameters_by_layer(model).items()}
    assert list(found) == list(expected)
    assert found == pytest.approx(expected, rel=1e-12)


def test_a_parameter_that_an_activation_refers_to_from_outside_has_its_gradient():
    model = Sequential(Layer(1, 1, "linear", seed=0), PReLU())
    model.layers[1] = lambda z: relu(z) * model.scale
    model.scale = Parameter(2.0)
    norms = gradient_norms(model, mse_loss, [[5.0]], [0.0])
    mse_loss(model([5.0]), 0.0).backward()
    assert norms["Sequential"] == abs(model.scale.grad)
    assert norms["layers.0"] == math.hypot(*[p.grad for p in model.layers[0].parameters()])
