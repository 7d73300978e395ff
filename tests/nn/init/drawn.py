"""The functions of nn.init that draw numbers, with the standard deviations and bounds of the papers."""

from __future__ import annotations

import math

import numpy as np
import pytest

from nn import Parameter, init

NORMAL = {
    "lecun": (lambda target, seed: init.lecun_normal(target, seed=seed), lambda fan_in, fan_out: fan_in**-0.5),
    "xavier": (
        lambda target, seed: init.xavier_normal(target, 1.5, seed),
        lambda fan_in, fan_out: 1.5 * math.sqrt(2 / (fan_in + fan_out)),
    ),
    "kaiming": (
        lambda target, seed: init.kaiming_normal(target, seed=seed),
        lambda fan_in, fan_out: math.sqrt(2 / fan_in),
    ),
    "kaiming fan_out": (
        lambda target, seed: init.kaiming_normal(target, "fan_out", "tanh", seed),
        lambda fan_in, fan_out: 5 / 3 / math.sqrt(fan_out),
    ),
}

UNIFORM = {
    "xavier": (
        lambda target, seed: init.xavier_uniform(target, 1.5, seed),
        lambda fan_in, fan_out: 1.5 * math.sqrt(6 / (fan_in + fan_out)),
    ),
    "kaiming": (
        lambda target, seed: init.kaiming_uniform(target, seed=seed),
        lambda fan_in, fan_out: math.sqrt(6 / fan_in),
    ),
    "kaiming fan_out": (
        lambda target, seed: init.kaiming_uniform(target, "fan_out", "linear", seed),
        lambda fan_in, fan_out: math.sqrt(3 / fan_out),
    ),
}

DRAWN = {f"normal {name}": draw for name, (draw, _) in NORMAL.items()} | {
    f"uniform {name}": draw for name, (draw, _) in UNIFORM.items()
}

every_drawing = pytest.mark.parametrize("function", DRAWN.values(), ids=DRAWN)


def matrix(rows, columns):
    return [[Parameter(0.0) for _ in range(columns)] for _ in range(rows)]


def numbers(rows):
    return np.array([[w.data for w in row] for row in rows])


def weights(layer):
    return numbers([neuron.w for neuron in layer.neurons])
