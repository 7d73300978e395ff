"""What the tests of cells and of sequences share: numbers for a state, and all recurrent modules."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from autograd import Value
from nn.layers.cells import GRUCell, LSTMCell, RNNCell
from nn.layers.sequences import GRU, LSTM, RNN

every_module = pytest.mark.parametrize("make", [RNNCell, LSTMCell, GRUCell, RNN, LSTM, GRU], ids=lambda m: m.__name__)


def normal(seed: int, *shape: int) -> list[Any]:
    return np.random.default_rng(seed).normal(size=shape).tolist()


def a_state(cell: Any, seed: int) -> Any:
    """Numbers for the state of a cell, in the form that it takes."""
    cell = getattr(cell, "cell", cell)
    parts = normal(seed, len(cell.holds), cell.nhidden)
    return tuple(parts) if len(parts) > 1 else parts[0]


def numbers(tree: Any) -> Any:
    """The numbers of nested lists and tuples of Values."""
    if isinstance(tree, (list, tuple)):
        return type(tree)(numbers(x) for x in tree)
    return tree.data if isinstance(tree, Value) else tree


def as_values(tree: Any) -> Any:
    return type(tree)(as_values(x) for x in tree) if isinstance(tree, (list, tuple)) else Value(tree)
