"""Small models with a loss each, compiled, and batches for them: what is written to files of all kinds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

import autograd
import nn
from autograd import Value
from autograd.program import Program, compile

RNG = np.random.default_rng(3)
X, SEQUENCES = RNG.normal(size=(5, 2)), RNG.normal(size=(5, 3, 2))
Y, CLASSES = RNG.normal(size=5), np.array([0, 2, 1, 1, 0])
SIGNS, HALVES = np.array([1.0, -1.0, 1.0, 1.0, -1.0]), np.array([0.0, 1.0, 1.0, 0.0, 1.0])
Case = tuple[Program, tuple[Any, ...]]


def squared(model: Any, dtype: Any = "float64", inputs: Any = X) -> Case:
    return compile(lambda x, y: (model(x) - y) ** 2, model.parameters(), dtype=dtype), (inputs, Y)


def mlp(activation: str = "relu", dtype: Any = "float64") -> Case:
    return squared(nn.MLP(2, [4, 4, 1], activation=activation, seed=1), dtype)


def normed(norm: Callable[[int], Any], dtype: Any = "float64") -> Case:
    model = nn.Sequential(nn.Linear(2, 4, seed=1), norm(4), "tanh", nn.Linear(4, 1, seed=2))
    for i, p in enumerate(model.parameters()):
        p.data += 0.01 * i  # no gain is 1 and no shift 0
    return squared(model, dtype)


def recurrent(cell: Callable[..., Any], dtype: Any = "float64") -> Case:
    rnn, head = cell(2, 3, seed=1), nn.Linear(3, 1, seed=2)

    def loss(xs: Any, y: Any) -> Any:
        state = rnn(xs)[-1]
        return (head(state[0] if isinstance(state, tuple) else state) - y) ** 2

    return compile(loss, rnn.parameters() + head.parameters(), dtype=dtype), (SEQUENCES, Y)


def classes(loss: Callable[[Any, Any], Any] = nn.cross_entropy, dtype: Any = "float64", targets: Any = CLASSES) -> Case:
    model = nn.MLP(2, [4, 3], activation="tanh", seed=1)
    return compile(lambda x, y: loss(model(x), y), model.parameters(), dtype=dtype), (X, targets)


def one_output(loss: Callable[[Any, Any], Any], targets: Any, dtype: Any = "float64") -> Case:
    model = nn.MLP(2, [3, 1], activation="tanh", seed=1)
    return compile(lambda x, y: loss([model(x)], [y]), model.parameters(), dtype=dtype), (X, targets)


def looked_up(dtype: Any = "float64") -> Case:
    table, head = nn.Embedding(3, 2, seed=1), nn.Linear(4, 1, seed=2)

    def loss(words: Any, y: Any) -> Any:
        return (head([*table(words[0]), *table(words[1])]) - y) ** 2

    words = np.array([[0, 2], [1, 1], [2, 2], [0, 1], [1, 0]])
    return compile(loss, table.parameters() + head.parameters(), dtype=dtype), (words, Y)


def decayed(dtype: Any = "float64") -> Case:
    model = nn.MLP(2, [3, 1], activation="sigmoid", seed=1)
    ps = model.parameters()
    fn = lambda x, y: (model(x) - y) ** 2 + 0.01 * autograd.sum([p * p for p in ps])  # noqa: E731
    return compile(fn, ps, dtype=dtype), (X, Y)


def chosen(dtype: Any = "float64") -> Case:
    w, b = Value(0.7, label="w"), Value(-0.2, label="b")

    def loss(x: Any, y: Any) -> Any:
        z = w * x[0] + b * x[1]
        return autograd.where(z > 0.1, lambda: autograd.log(z), lambda: z * y) + autograd.where(x[0] < y, w, b)

    return compile(loss, [w, b], dtype=dtype), (X, Y)


CASES: dict[str, Callable[..., Case]] = {
    **{f"MLP of {name}": lambda dtype="float64", name=name: mlp(name, dtype)
       for name in ("relu", "tanh", "sigmoid", "gelu", "silu", "softplus", "elu", "leaky_relu", "mish")},
    **{f"with {norm.__name__}": lambda dtype="float64", norm=norm: normed(norm, dtype)
       for norm in (nn.LayerNorm, nn.RMSNorm)},
    **{cell.__name__: lambda dtype="float64", cell=cell: recurrent(cell, dtype) for cell in (nn.RNN, nn.LSTM, nn.GRU)},
    "cross-entropy": lambda dtype="float64": classes(dtype=dtype),
    "negative log-likelihood": lambda dtype="float64": classes(
        lambda z, y: nn.nll_loss(autograd.log_softmax(z), y), dtype),
    "binary cross-entropy": lambda dtype="float64": one_output(nn.binary_cross_entropy_with_logits, HALVES, dtype),
    "hinge loss": lambda dtype="float64": one_output(nn.hinge_loss, SIGNS, dtype),
    "Huber loss": lambda dtype="float64": one_output(nn.huber_loss, Y, dtype),
    "L1 loss": lambda dtype="float64": one_output(nn.l1_loss, Y, dtype),
    "an embedding": looked_up,
    "weight decay": decayed,
    "a choice": chosen,
}  # fmt: skip
