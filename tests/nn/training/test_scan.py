"""Steps of a small network are one kernel on a CPU, where they can be, and learn what the many kernels learn."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

import autograd
import nn

pytest.importorskip("jax")
pytestmark = pytest.mark.jax

from nn.training import scan, scanned  # noqa: E402

RNG = np.random.default_rng(0)
X, Y = RNG.normal(size=(12, 2)), RNG.normal(size=12)


class Cubic(nn.Module):
    """A neuron whose activation XLA knows nothing of."""

    def __init__(self):
        self.neuron = nn.Neuron(2, "linear", seed=1)
        # here, for at the top of the file it would stand in the table while other tests are collected
        self.cubed = autograd.primitive("cubed_in_a_scan", lambda a: a**3, lambda y, a: 3 * a * a)

    def __call__(self, x):
        return self.cubed(self.neuron(x))


def trained(model, monkeypatch, small):
    """What is learned, and how many of the compiled steps are one kernel."""
    kernels = []
    as_one = scan.Scan._as_one_kernel

    def told(self, *arguments):
        kernels.append(as_one(self, *arguments))
        return kernels[-1]

    with monkeypatch.context() as patch, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that XLA calls Python
        patch.setattr(scan.Scan, "_as_one_kernel", told)
        patch.setattr(scanned, "SMALL", scanned.SMALL if small else 0)
        history = nn.fit(
            model, nn.mse_loss, X, Y, optimizer=nn.Adam(model.parameters(), 0.01), epochs=8, batch_size=5, seed=0,
            compile=True, engine="jax", progress=False,
        )  # fmt: skip
    return np.array([*history.loss, *[p.data for p in model.parameters()]]), [k is not None for k in kernels]


def test_a_small_network_is_one_kernel_and_learns_the_same(monkeypatch):
    one, kernels = trained(nn.MLP(2, [3, 1], "tanh", seed=0), monkeypatch, True)
    many, none = trained(nn.MLP(2, [3, 1], "tanh", seed=0), monkeypatch, False)
    assert (kernels, none) == ([scan.CAN_BE_ONE_KERNEL], [False])
    assert one == pytest.approx(many, rel=1e-12)


def test_what_needs_the_runtime_is_not_one_kernel_and_learns_all_the_same(monkeypatch):
    found, kernels = trained(Cubic(), monkeypatch, True)
    model = Cubic()
    history = nn.fit(
        model, nn.mse_loss, X, Y, optimizer=nn.Adam(model.parameters(), 0.01), epochs=8, batch_size=5, seed=0,
        progress=False,
    )  # fmt: skip
    assert kernels == [False]
    assert found == pytest.approx(np.array([*history.loss, *[p.data for p in model.parameters()]]), rel=1e-9)
