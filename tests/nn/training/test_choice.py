"""engine="auto": what is likely to be done first, and why, in words."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any

import pytest

import nn
from nn.training import choice, preflight
from nn.training.atomic import WholeSteps
from nn.training.choice import CPU, NUMPY, OTHER


def engine_for(monkeypatch: Any, sizes: list[int], n: int, epochs: int, **settings: Any) -> str:
    """What `fit` would train with; it never comes to a step."""
    model = nn.MLP(1, sizes, "tanh", seed=0)

    def stop(self: Any, batches: Any) -> Any:
        raise KeyboardInterrupt

    monkeypatch.setattr(WholeSteps, "make", stop)
    inputs = [[i / n] for i in range(n)]
    optimizer = settings.pop("optimizer", nn.SGD)(model.parameters(), lr=0.1)
    return nn.fit(
        model, nn.mse_loss, inputs, [0.0] * n, optimizer=optimizer, epochs=epochs, compile=True, progress=False,
        engine="auto", **settings,
    ).engine  # fmt: skip


@pytest.mark.jax
def test_few_small_steps_are_made_by_numpy_and_many_by_jax(monkeypatch):
    jax = pytest.importorskip("jax")
    few = engine_for(monkeypatch, [10, 10, 1], 200, 1000)
    assert few.startswith("numpy: 1,000 steps of 24 operations on 200 examples take about 0.11 s by NumPy and about ")
    assert few.endswith(f" s by JAX on {len(jax.devices())} cpu, compilation included")
    many = engine_for(monkeypatch, [10, 10, 1], 200, 50_000)
    assert many.startswith("jax on 1 cpu: 50,000 steps of 24 operations on 200 examples take about 1.5 s by JAX on 1 ")
    assert engine_for(monkeypatch, [10, 10, 1], 2000, 2000).startswith("jax on 1 cpu: 2,000 steps")


@pytest.mark.jax
def test_what_cannot_be_scanned_is_made_by_numpy_and_bfloat16_by_jax(monkeypatch):
    pytest.importorskip("jax")
    engine = engine_for(monkeypatch, [1], 3, 1, optimizer=nn.LBFGS)
    assert engine == "numpy: LBFGS looks at the loss several times in each, and decides by it"
    assert engine_for(monkeypatch, [1], 3, 1, dtype="bfloat16") == "jax on 1 cpu"


def test_without_jax_numpy_is_taken_and_jax_is_missed_in_a_sentence(monkeypatch):
    for module in (choice, preflight):
        monkeypatch.setattr(module, "find_spec", lambda name: None)
    assert engine_for(monkeypatch, [1], 3, 1) == "numpy: JAX is not installed"
    model = nn.MLP(1, [1], seed=0)
    optimizer = nn.SGD(model.parameters(), lr=0.1)
    with pytest.raises(ImportError, match=r"engine='jax' needs JAX, .*: pip install .*\[jax\]'"):
        nn.fit(
            model, nn.mse_loss, [[1.0]], [1.0], optimizer=optimizer, epochs=1, progress=False, compile=True,
            engine="jax",
        )  # fmt: skip
    assert find_spec("nn")


@pytest.mark.parametrize(
    ("cost", "operations", "numbers", "measured"),
    [
        (NUMPY, 15, 13_000, 58e-6),
        (NUMPY, 23, 25_000, 119e-6),
        (NUMPY, 47, 61_000, 256e-6),
        (CPU, 15, 13_000, 7.1e-6),
        (CPU, 23, 25_000, 19e-6),
        (CPU, 47, 61_000, 55e-6),
        (CPU, 773, 100_000, 0.20e-3),
        (OTHER, 23, 25_000, 28.7e-6),
        (OTHER, 23, 1_546_000_000, 6.0e-3),
    ],
)
def test_the_guess_is_within_a_factor_of_two_of_what_was_measured(cost, operations, numbers, measured):
    """Steps of fit on three networks, of a GPT, and on one H200 of the second network and MLP(1, [64, 64, 1])."""
    a_step = cost.of(1, operations, numbers) - cost.of(0, operations, numbers)
    assert measured / 2 < a_step < measured * 2
