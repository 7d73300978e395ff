"""A seed repeats a run digit for digit, on every Python.

Here only additions, products and square roots count, which IEEE 754 fixes to the last digit, so it does on every
machine, too. An exponential or a tanh is that of the C library, and may differ in its last digit.
"""

from __future__ import annotations

import random

import pytest

import nn


def train(model, optimizer):
    rng = random.Random(3)
    X = [[rng.uniform(-1, 1), rng.uniform(-1, 1)] for _ in range(12)]
    y = [a * b for a, b in X]
    return nn.fit(model, nn.mse_loss, X, y, optimizer=optimizer, epochs=3, batch_size=5, seed=0, progress=False)


# The digits of CPython 3.11 on Linux; whatever adds, draws or shuffles in another way changes them.
def test_a_seeded_run_has_these_digits_on_every_python():
    model = nn.init.kaiming_normal(nn.MLP(2, [6, 6, 1], activation="relu", seed=0), seed=1)
    history = train(model, nn.SGD(model.parameters(), lr=0.1, momentum=0.9))
    assert [x.hex() for x in history.loss] == LOSSES
    assert model([0.5, -0.25]).data.hex() == OUTPUT


LOSSES = ["0x1.1adb1c62fb6c0p-3", "0x1.735b4f4eb7fc0p-4", "0x1.11b6b2b23ff75p-4"]
OUTPUT = "0x1.19743d68cf51ap-7"


def test_what_is_drawn_is_the_same_on_every_python():
    words, dropped = nn.Embedding(1, 3, seed=0), nn.Dropout(0.5, seed=0)
    assert [w.data for w in words(0)] == EMBEDDED
    assert [nn.normal_rsample(0.0, 1.0, seed=s) for s in (1, 2)] == SAMPLED
    assert dropped([1.0] * 8) == [0.0, 0.0, 2.0, 2.0, 0.0, 2.0, 0.0, 2.0]


EMBEDDED = [-0.18386822109325826, 0.0325041290775818, 0.6988276932539805]
SAMPLED = [0.6074558576437062, 2.1798947785444143]


@pytest.mark.parametrize("draw", [nn.init.kaiming_normal, nn.init.lecun_normal, nn.init.xavier_normal])
def test_no_weight_is_drawn_by_a_function_of_the_libm(draw, monkeypatch):
    """`gauss` takes a cosine of the libm for its number itself; `normalvariate` a logarithm to accept it or not."""
    monkeypatch.setattr(random.Random, "gauss", None)
    draw(nn.Layer(3, 2, seed=0), seed=0)
    nn.Embedding(2, 2, seed=0)
    nn.normal_rsample([0.0], [1.0], seed=random.Random(0))
