"""Modules with a batch() of their own: trained eagerly, and refused where they can't be trained."""

from __future__ import annotations

from typing import Any

import pytest

import nn


class Centred(nn.Module):
    def __init__(self) -> None:
        self.w = nn.Parameter(1.0)

    def __call__(self, x: Any) -> Any:
        return self.w * x

    def batch(self, examples: Any) -> list[Any]:
        mean = sum(examples) / len(examples)
        return [self.w * (x - mean) for x in examples]


class Short(Centred):
    def batch(self, examples: Any) -> list[Any]:
        return super().batch(examples)[:2]


def trained(model: nn.Module, **more: Any) -> nn.History:
    return nn.fit(
        model, nn.mse_loss, [1.0, 2.0, 3.0], [-1.0, 0.0, 1.0], optimizer=nn.SGD(model.parameters(), 0.1), epochs=1,
        progress=False, **more,
    )  # fmt: skip


@pytest.mark.parametrize("around", [lambda m: m, nn.Residual, nn.Sequential])
def test_a_batch_of_ones_own_is_trained_eagerly_and_refused_compiled(around):
    model = around(Centred())
    with pytest.raises(TypeError, match=r"Centred\(\) has a batch\(\) of its own: leave compile out"):
        trained(model, compile=True)
    trained(Centred())


def test_a_batch_that_returns_too_few_outputs_is_refused():
    with pytest.raises(ValueError, match=r"batch\(\) of Short\(\) returned 2 outputs for 3 inputs"):
        nn.evaluate(Short(), nn.mse_loss, [1.0, 2.0, 3.0], [1.0, 2.0, 3.0])
    with pytest.raises(ValueError, match="returned 2 outputs for 3 inputs"):
        trained(Short())
