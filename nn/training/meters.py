"""What a training notes of the gradients and the steps of each layer."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from autograd import Value

from .evaluate import Layers


class Meter:
    """Reads gradient norms and update ratios off the layers, in each step of one epoch.

    Args:
        layers: the parameters of each layer by its name.

    >>> w = Value(3.0)
    >>> meter = Meter({"layer": [w]})
    >>> w.grad = -2.0
    >>> meter.before_step()
    >>> w.data = 4.0
    >>> meter.after_step()
    >>> meter.norms, meter.ratios
    ({'layer': [2.0]}, {'layer': [0.25]})
    """

    def __init__(self, layers: Mapping[str, Sequence[Value]]) -> None:
        self.layers = layers
        self.norms: dict[str, list[float]]
        self.ratios: dict[str, list[float]]
        self._before: dict[str, list[float]] = {}
        self.clear()

    def before_step(self) -> None:
        """Read the gradients, and the parameters before they move."""
        for name, params in self.layers.items():
            self.norms[name].append(math.hypot(*[p.grad for p in params]))
            self._before[name] = [p.data for p in params]

    def clear(self) -> None:
        """Begin a new epoch."""
        self.norms = {name: [] for name in self.layers}
        self.ratios = {name: [] for name in self.layers}

    def after_step(self) -> None:
        """See how far they moved, in proportion to their norm: the one after the step, which is hardly ever 0."""
        for name, params in self.layers.items():
            after = [p.data for p in params]
            moved = math.dist(self._before[name], after)
            self.ratios[name].append(moved / (math.hypot(*after) or moved or 1.0))


class VectorMeter:
    """What `Meter` reads off the layers, read off vectors.

    Args:
        layers: the parameters of each layer by its name.
        params: in the order in which they lie in the vectors.
    """

    def __init__(self, layers: Layers, params: Sequence[Value]) -> None:
        import numpy as np

        self.layers = layers
        layer_of = {p: i for i, ps in enumerate(layers.values()) for p in ps}
        numbers = np.array([layer_of.get(p, len(layers)) for p in params])
        self._sorted = np.argsort(numbers, kind="stable")
        self._in_order = bool((np.diff(numbers) >= 0).all())
        others = int(numbers.max() == len(layers))  # what is learned but in no layer comes last, as a layer more
        self._starts = np.searchsorted(numbers[self._sorted], np.arange(len(layers) + others))
        self._sizes = np.diff([*self._starts, len(numbers)])
        self._norms: list[Any] = []
        self._ratios: list[Any] = []
        self._before: Any = None

    def _by_layer(self, xs: Any) -> Any:
        """The norm of each layer."""
        import numpy as np

        xs = xs if self._in_order else xs[self._sorted]
        norms = np.sqrt(np.add.reduceat(xs * xs, self._starts))
        if not all(1e-150 < norm < 1e150 for norm in norms.tolist()):  # squares beyond the floats
            largest = np.maximum.reduceat(np.abs(xs), self._starts)
            largest = np.where((largest > 0) & (largest < np.inf), largest, 1.0)
            norms = largest * np.sqrt(np.add.reduceat((xs / np.repeat(largest, self._sizes)) ** 2, self._starts))
        return norms

    def before_step(self, vector: Any, gradient: Any) -> float:
        """Read the gradient, and keep the parameters before they move; returns the norm of the whole gradient."""
        self._norms.append(self._by_layer(gradient))
        self._before = vector.copy()
        return math.sqrt(gradient.dot(gradient))

    def after_step(self, vector: Any) -> None:
        """See how far each layer moved, in proportion to its norm."""
        import numpy as np

        moved, size = self._by_layer(vector - self._before), self._by_layer(vector)
        self._ratios.append(moved / np.where(size > 0, size, np.where(moved > 0, moved, 1.0)))

    @property
    def norms(self) -> dict[str, list[float]]:
        """For each layer its gradient norms so far."""
        return {name: [float(row[i]) for row in self._norms] for i, name in enumerate(self.layers)}

    @property
    def ratios(self) -> dict[str, list[float]]:
        """For each layer its update ratios so far."""
        return {name: [float(row[i]) for row in self._ratios] for i, name in enumerate(self.layers)}

    def clear(self) -> None:
        """Begin a new epoch."""
        self._norms, self._ratios = [], []
