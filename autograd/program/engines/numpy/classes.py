"""The loss of classes and its gradient, without one-hot vectors: the true class is looked up, and put in its place.

Both are computed as exactly as by the operations that they stand for (ops.cross_entropy): the loss of a class that is
all but certain is its small number, not 0, and so is the gradient.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ....lookup import few_positions
from ...ir import Array
from .calls import segment_max

_NONE = np.array(-np.inf)


class Classes:
    """Losses of m classes, each among k, and what their gradient needs of the forward pass.

    Args:
        index: the Array of the classes.
        logits: the Array of k numbers for each of them.
        k: the number of classes.
    """

    def __init__(self, index: Array, logits: Array, k: int) -> None:
        self.index, self.logits, self.k = index, logits, k
        self._places: Any = None
        self._powers: Any = None
        self._total: Any = None
        self._first: Any = None
        self._ones: Any = None

    def loss(self, out: Any, index: Any, logits: Any) -> list[tuple[Any, ...]]:
        """The calls that compute the losses: ln(1 + Σ of exp(x - z)) over the other classes x, of the true one z."""
        m, size = logits.shape[0] // self.k, logits.shape[1]
        first = np.arange(m)[:, None] * (self.k * size) + np.arange(size)  # the places of class 0
        self._first = self._each(first)
        self._places, self._total = np.empty_like(self._first), self._each(np.empty((m, size), out.dtype))
        self._powers = np.empty((m, self.k, *self._first.shape[1:]), out.dtype)
        self._ones = np.ones(self.k, out.dtype)
        return [
            *segment_max(logits.reshape(m, self.k, size), out),
            (self._losses, self._each(index), logits.reshape(self._powers.shape), self._each(out)),
        ]

    @staticmethod
    def _each(x: Any) -> Any:
        """Without the axis of the examples if there is one alone: with it NumPy takes half as long again."""
        return x.reshape(-1) if x.ndim and x.shape[1] == 1 else x

    def _losses(self, index: Any, logits: Any, out: Any) -> None:
        """Into `out`, where the largest logits are."""
        places, powers, total = self._places, self._powers, self._total
        known = _known(index, self.k)
        places[...] = index if known is None else np.where(known, index, 0.0)
        if logits.ndim > 2:
            np.multiply(places, logits.shape[2], places)
        np.add(places, self._first, places)
        less = logits.take(places)
        np.subtract(less, out, less)
        largest = out[:, None]
        if powers.ndim == 2:  # repeated, it is faster
            powers[...] = largest
            largest = powers
        np.subtract(logits, largest, powers)  # not the true one, which may be far below: they would have its digits
        powers.put(places, _NONE)
        np.exp(powers, powers)
        if powers.ndim > 2:
            np.add.reduce(powers, 1, None, total)
        else:
            powers.dot(self._ones, total)
        np.add(total, np.expm1(less), total)
        np.subtract(np.log1p(total), less, out)
        if known is not None:
            np.copyto(out, np.nan, where=~known)

    def gradient(self, out: Any, loss: Any, factor: Any) -> list[tuple[Any, ...]]:
        """The call that computes factor · (softmax - onehot): for the true class expm1(-loss) is exact."""
        factor, one = np.asarray(factor, out.dtype), np.array(1.0, out.dtype)
        factor = self._each(factor) if self._powers.ndim == 2 else factor
        return [(self._gradients, self._each(loss), factor, one, out.reshape(self._powers.shape))]

    def _gradients(self, loss: Any, factor: Any, one: Any, out: Any) -> None:
        shares = np.divide(factor, np.add(self._total, one))[:, None]
        if out.ndim == 2:
            out[...] = shares
            shares = out
        np.multiply(self._powers, shares, out)
        out.put(self._places, np.multiply(factor, np.expm1(-loss)))


def _known(index: Any, k: int) -> Any:
    """None if every index is one of k classes, else which are."""
    if few_positions(index, k):
        return None
    known = (index >= 0) & (index < k) & (np.trunc(index) == index)
    return None if known.all() else known
