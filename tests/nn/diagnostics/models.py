"""Models of every kind, for what is measured by layer."""

from __future__ import annotations

import random
from typing import Any

from nn import MLP, BatchNorm, Dropout, Layer, LayerNorm, Module, Neuron, PReLU, Residual, Sequential


class Backwards(Module):
    """Its layers stand in another order than the one they are called in; one isn't called, one is called twice."""

    def __init__(self) -> None:
        self.last, self.unused = Layer(3, 1, "linear", seed=2), Layer(2, 2, seed=3)
        self.twice, self.first = Layer(3, 3, "tanh", seed=1), Layer(2, 3, "tanh", seed=0)

    def __call__(self, x: Any) -> Any:
        return self.last(self.twice(self.twice(self.first(x))))


def models() -> list[Module]:
    def dense(n: int, m: int, phi: str = "linear") -> Layer:
        return Layer(n, m, phi, seed=n + m)

    return [
        MLP(2, [3, 3, 1], "sigmoid", seed=0),
        MLP(2, [3, 1], "tanh", seed=0, feedback_alignment=True),
        Neuron(2, "tanh", seed=0),
        Sequential(dense(2, 4), BatchNorm(4), "relu", Dropout(0.4, seed=1), dense(4, 1)),
        Sequential(dense(2, 4), LayerNorm(4), PReLU(4), Residual(dense(4, 4, "tanh")), "tanh", dense(4, 1)),
        Sequential(Residual(Sequential("tanh", dense(2, 2), Dropout(0.5, seed=2))), dense(2, 1, "softplus")),
        Sequential("tanh", Dropout(0.2, seed=random.SystemRandom()), dense(2, 1)),
        Backwards(),
    ]
