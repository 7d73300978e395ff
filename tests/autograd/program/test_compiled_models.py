"""Compiled models and losses against eager ones, and functions of every kind of number."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autograd
import nn
from autograd.program import compile
from tests.support.compiled import agree, leaf

# --------------------------------------------------------------------------------------------------------------- models

RNG = np.random.default_rng(0)
X, Y = RNG.normal(size=(7, 4)), RNG.normal(size=7)


@pytest.mark.parametrize(
    "activation", ["relu", "tanh", "sigmoid", "silu", "gelu", "elu", "leaky_relu", "softplus", "sin", "abs", "linear"]
)
def test_an_mlp_is_the_same_compiled_with_every_activation(activation: str) -> None:
    model = nn.MLP(4, [5, 3, 1], activation, seed=1)
    agree(lambda x, y: 0.5 * (model(x) - y) ** 2, model.parameters(), X, Y)


MODULES = {
    "layer norm": lambda: nn.LayerNorm(4),
    "rms norm": lambda: nn.RMSNorm(4),
    "batch norm that is evaluated": lambda: nn.BatchNorm(4).eval(),
    "dropout that is evaluated": lambda: nn.Dropout(0.5, seed=0).eval(),
    "residual": lambda: nn.Residual(nn.Layer(4, 4, "tanh", seed=0)),
    "prelu": lambda: nn.PReLU(),
    "prelu of each": lambda: nn.PReLU(4),
    "feedback alignment": lambda: nn.Layer(4, 3, "tanh", seed=0, feedback_alignment=True),
    "sequential": lambda: nn.Sequential(nn.Layer(4, 3, "relu", seed=0), "tanh", nn.Residual(nn.LayerNorm(3))),
}


@pytest.mark.parametrize("name", MODULES)
def test_every_module_is_the_same_compiled(name: str) -> None:
    before, module = nn.Layer(4, 4, "tanh", seed=2), MODULES[name]()
    after = nn.MLP(len(module([0.1, 0.2, 0.3, 0.4])), [3, 1], "tanh", seed=3)
    parameters = [p for part in (before, module, after) for p in part.parameters()]
    agree(lambda x, y: (after(module(before(x))) - y) ** 2, parameters, X, Y)


@pytest.mark.parametrize("kind", [nn.RNN, nn.LSTM, nn.GRU])
def test_a_recurrent_net_is_the_same_compiled_for_sequences_of_several_lengths(kind: Any) -> None:
    net, head = kind(2, 3, seed=0), nn.Layer(3, 1, "linear", seed=1)
    parameters = net.parameters() + head.parameters()

    def loss(xs: Any, y: Any) -> Any:
        return (head(net(xs)[0][-1]) - y) ** 2

    program = compile(loss, parameters)
    for length in (3, 1, 5, 3):
        agree(loss, parameters, RNG.normal(size=(4, length, 2)), RNG.normal(size=4), program=program)


NUMBERS = {"mse_loss": Y, "l1_loss": Y, "huber_loss": 2 * Y, "hinge_loss": np.sign(Y)}
LOSSES = {**NUMBERS, "binary_cross_entropy_with_logits": (Y > 0).astype(float)}


@pytest.mark.parametrize("name", LOSSES)
def test_every_loss_of_numbers_is_the_same_compiled(name: str) -> None:
    model, loss = nn.MLP(4, [5, 1], "tanh", seed=0), getattr(nn, name)
    agree(lambda x, t: loss(model(x), t), model.parameters(), X, LOSSES[name])


@pytest.mark.parametrize("classes", [2, 3, 5])
def test_the_losses_of_classes_take_the_class_as_an_argument(classes: int) -> None:
    model, targets = nn.MLP(4, [5, classes], "tanh", seed=0), RNG.integers(classes, size=7)
    agree(lambda x, t: nn.cross_entropy(model(x), t), model.parameters(), X, targets)
    agree(lambda x, t: nn.nll_loss(autograd.log_softmax(model(x)), t), model.parameters(), X, targets)
    agree(lambda x: nn.kl_div(autograd.log_softmax(model(x)), [1 / classes] * classes), model.parameters(), X)


def test_tied_weights_receive_the_sum_over_their_uses() -> None:
    w = [[leaf(x) for x in row] for row in RNG.normal(size=(3, 4))]

    def autoencoder(x: Any) -> Any:
        code = [autograd.tanh(autograd.dot(row, x)) for row in w]
        back = [autograd.dot(column, code) for column in zip(*w)]
        return autograd.sum([(a - b) ** 2 for a, b in zip(back, x)])

    agree(autoencoder, [p for row in w for p in row], X)


# ------------------------------------------------------------------------------------------------------------ functions


def named(name: str) -> Callable[[float], float]:
    def f(a: float) -> float:
        return float(round(a))

    f.__name__ = name
    return f


@pytest.mark.parametrize("name", ["<lambda>", "mean", "detach", "tanh", "sum", "where", "f"])
def test_a_straight_through_function_may_be_called_anything(name: str) -> None:
    w, f = leaf(), autograd.straight_through(named(name))
    agree(lambda x: f(w * x[0]) * x[1], [w], X)


def test_a_straight_through_function_without_a_name_compiles() -> None:
    w, f = leaf(), autograd.straight_through(functools.partial(round))
    agree(lambda x: f(w * x[0]) * x[1], [w], X)


def test_constants_may_be_infinite() -> None:
    w = leaf()
    agree(lambda x: autograd.logsumexp([w * x[0], -math.inf, x[1]]) + autograd.maximum(w, -math.inf), [w], X)


def test_negative_zero_keeps_its_sign() -> None:
    w = leaf()
    program = compile(lambda x: [autograd.atan2(x + 0.0, -1.0) * w, autograd.atan2(-0.0 * x, -1.0) * w])
    assert program.map([-0.0, 1.0])[0] == [math.atan2(0.0, -1.0) * 0.7, math.atan2(0.0, -1.0) * 0.7]
    assert program.map([-0.0, 1.0])[1] == [math.atan2(1.0, -1.0) * 0.7, math.atan2(-0.0, -1.0) * 0.7]


def test_lists_may_be_empty_and_classes_one_alone() -> None:
    w = leaf()
    agree(lambda x, e: autograd.dot([], [], w) * x[0] + autograd.dot(e, e, x[1]) * w, [w], X, np.zeros((7, 0)))
    program = compile(lambda x: nn.cross_entropy([w * x], 0), [w])
    assert (program([1.0, 2.0]), w.grad) == (0.0, 0.0)


def test_a_long_chain_of_parameters_alone_compiles() -> None:
    w = leaf()

    def chain(x: Any) -> Any:
        y = w
        for _ in range(2000):  # twice the depth that Python's recursion has
            y = autograd.sin(y)
        return y * x[0]

    agree(chain, [w], X)
