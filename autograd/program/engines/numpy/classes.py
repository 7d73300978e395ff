"""The loss of classes and its gradient, without one-hot vectors: the true class is looked up, and put in its place.

Both are computed as exactly as by the operations that they stand for (ops.cross_entropy): the loss of a class that is
all but certain is its small number, not 0, and so is the gradient.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ...ir import Array

FEW = 64
"""So many numbers Python looks at sooner than NumPy."""


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

    def loss(self, out: Any, index: Any, logits: Any) -> list[tuple[Any, ...]]:
        """The call that computes the losses: ln(1 + Σ of exp(x - z)) over the other classes x, of the true one z."""
        m, size = logits.shape[0] // self.k, logits.shape[1]
        self._places, self._total = np.empty((m, size), np.intp), np.empty((m, size), out.dtype)
        self._powers = np.empty((m, self.k, size), out.dtype)
        self._first = np.arange(m)[:, None] * (self.k * size) + np.arange(size)  # the places of class 0
        return [(self._losses, index, logits.reshape(m, self.k, size), out)]

    def _losses(self, index: Any, logits: Any, out: Any) -> None:
        places, powers, total = self._places, self._powers, self._total
        known = _known(index, self.k)
        np.copyto(places, index if known is None else np.where(known, index, 0.0), "unsafe")
        if logits.shape[2] > 1:
            np.multiply(places, logits.shape[2], out=places)
        np.add(places, self._first, out=places)
        np.subtract(logits, logits.take(places)[:, None], out=powers)
        powers.put(places, -np.inf)
        top = np.maximum(np.maximum.reduce(powers, 1), 0.0)
        np.exp(np.subtract(powers, top[:, None], out=powers), out=powers)
        np.add(np.add.reduce(powers, 1), np.expm1(-top), out=total)
        np.add(top, np.log1p(total), out=out)
        if known is not None:
            np.copyto(out, np.nan, where=~known)

    def gradient(self, out: Any, loss: Any, factor: Any) -> list[tuple[Any, ...]]:
        """The call that computes factor · (softmax - onehot): for the true class expm1(-loss) is exact."""
        return [(self._gradients, loss, np.asarray(factor, out.dtype), out)]

    def _gradients(self, loss: Any, factor: Any, out: Any) -> None:
        np.multiply(self._powers, (factor / (self._total + 1.0))[:, None], out=out.reshape(self._powers.shape))
        out.put(self._places, factor * np.expm1(-loss))


def _known(index: Any, k: int) -> Any:
    """None if every index is one of k classes, else which are."""
    if index.size <= FEW:
        for i in index.ravel().tolist():
            if not (0 <= i < k and i % 1 == 0):
                break
        else:
            return None
    known = (index >= 0) & (index < k) & (np.trunc(index) == index)
    return None if known.all() else known
