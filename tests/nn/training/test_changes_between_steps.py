"""What changes between the steps of a compiled training changes it as any other."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

import nn
from autograd import Value

RNG = np.random.default_rng(1)
X, Y = RNG.normal(size=(5, 2)), RNG.normal(size=5)


def trained(compiled: bool, change: str) -> list[float]:
    """Every number that a training leaves in which something changes after an epoch or a step."""
    factor, beta, held, settings = 1.0, Value(1.0), [0.5], SimpleNamespace(scale=1.0)
    model = nn.Sequential(nn.Layer(2, 3, "tanh", seed=1), nn.Dropout(0.3, seed=2), nn.Layer(3, 1, "linear", seed=3))

    def loss(y: Any, t: Any) -> Any:
        return factor * beta * held[0] * settings.scale * nn.mse_loss(y, t)

    def after_epoch(model: Any, history: nn.History) -> None:
        nonlocal factor
        if change == "variable":
            factor *= 0.5
        if change == "list":
            held[0] *= 0.5
        if change == "setting of a layer":
            model.layers[1].p = 0.1 * len(history.loss)
        if change == "layer" and len(history.loss) == 2:
            model.layers.insert(1, nn.Layer(3, 3, "sin", seed=4))

    def rate(step: int) -> float:
        if change == "value":
            beta.data = 1 / (1 + step)
        if change == "attribute in each step":
            settings.scale = 1 / (1 + step)
        return 1.0

    optimizer = nn.Adam(model.parameters(), 0.05)
    history = nn.fit(
        model, loss, X, Y, optimizer=optimizer, epochs=4, batch_size=2, seed=0, progress=False, compile=compiled,
        callbacks=[after_epoch], schedule=rate,
    )  # fmt: skip
    return [*history.loss, *model.state_dict().values(), *[p.grad for p in optimizer.params]]


@pytest.mark.parametrize(
    "change", ["nothing", "variable", "list", "setting of a layer", "layer", "value", "attribute in each step"]
)
def test_what_changes_between_the_steps_changes_a_compiled_training_as_any_other(change: str) -> None:
    one, other = trained(False, change), trained(True, change)
    # the order of summation differs: a few digits of the last, which 12 steps of Adam carry on
    assert other == pytest.approx(one, rel=1e-9, abs=1e-11)
    assert (one != trained(False, "nothing")) == (change != "nothing")
