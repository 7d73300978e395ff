"""What a training notes of the gradients and the steps of each layer. The means over epochs go into `History`."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from autograd import Value
from autograd.basics.addition import added

from .history import Epochs, History

MOST = 256
"""So many epochs are noted before they are written."""

Layers = Mapping[str, Sequence[Value]]
Means = tuple[dict[str, list[float]], dict[str, list[float]]]
"""The gradient norms and the update ratios by layer, a mean for each epoch."""


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

    def __init__(self, layers: Layers) -> None:
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
        """Begin anew."""
        self.norms = {name: [] for name in self.layers}
        self.ratios = {name: [] for name in self.layers}

    def after_step(self) -> None:
        """See how far they moved, in proportion to their norm: the one after the step, which is hardly ever 0."""
        for name, params in self.layers.items():
            after = [p.data for p in params]
            moved = math.dist(self._before[name], after)
            self.ratios[name].append(moved / (math.hypot(*after) or moved or 1.0))

    @property
    def steps(self) -> int:
        """How many steps it has seen."""
        return min(map(len, self.ratios.values()), default=0)

    def means(self, counts: Sequence[int]) -> Means:
        """The means over epochs.

        Args:
            counts: for each epoch the number of its steps; the first step is the first one since `clear`.
        """
        norms = {name: list(_means(numbers, counts)) for name, numbers in self.norms.items()}
        return norms, {name: list(_means(numbers, counts)) for name, numbers in self.ratios.items()}


def _means(numbers: Sequence[float], counts: Sequence[int]) -> Iterator[float]:
    start = 0
    for n in counts:
        yield added([x / n for x in numbers[start : start + n]])  # divided first, so that no sum of norms overflows
        start += n


class Counter:
    """Adds up the steps of a training to epochs.

    Args:
        sizes: the sizes of the batches of an epoch.

    >>> counter = Counter([2, 1])
    >>> counter.add([3.0], [0.1]), counter.add([6.0, 1.0], [0.2, 0.3])
    (([], []), ([4.0], [0.2]))
    """

    def __init__(self, sizes: Sequence[int]) -> None:
        self._sizes, self._examples = sizes, sum(sizes)
        self._losses: list[float] = []  # of the steps in an epoch that isn't complete

    def add(self, losses: Sequence[float], rates: Sequence[float]) -> tuple[list[float], list[float]]:
        """Take in steps; returns for the epochs that they complete the means of the loss, and the last learning rates.

        The sums are divided at the end: what is recorded is the same to the last bit however the steps are made.
        """
        sizes, n, before = self._sizes, self._examples, len(self._losses)
        k, waiting = len(sizes), [*self._losses, *losses]
        if k == 1:
            return [loss * n / n for loss in waiting], list(rates)
        complete = range(0, len(waiting) // k * k, k)
        means = [added([loss * size for loss, size in zip(waiting[i : i + k], sizes)]) / n for i in complete]
        self._losses = waiting[len(means) * k :]
        return means, list(rates[k - before - 1 :: k])


class VectorMeter:
    """What `Meter` reads off the layers, read off vectors: of many steps at once, which is far quicker.

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
        self._most = max(1, 2**14 // len(numbers))  # so many steps are measured at once: more would not fit the cache
        self._vectors: list[Any] = []  # the parameters before the first of these steps, and after each of them
        self._gradients: list[Any] = []
        self._measured: list[Any] = []  # of the steps before these the norms and ratios: steps × 2 × layers

    def add(self, before: Any, gradient: Any, after: Any) -> None:
        """Take in a step: the parameters before and after it, and the gradient. These arrays must not change."""
        if not self._vectors or self._vectors[-1] is not before:  # somebody else has moved them since the last step
            self._measure()
            self._vectors = [before]
        self._vectors.append(after)
        self._gradients.append(gradient)
        if len(self._gradients) >= self._most:
            self._measure()

    def note(self, measured: Any) -> None:
        """Take in steps that were measured where they were made: norms and ratios, steps × 2 × layers."""
        self._measure()
        self._vectors = []
        self._measured.append(measured)

    def clear(self) -> None:
        """Begin anew."""
        self._vectors, self._gradients, self._measured = [], [], []

    @property
    def places(self) -> list[Any]:
        """For each layer where its parameters lie in the vectors; what is in no layer comes last."""
        import numpy as np

        return np.split(self._sorted, self._starts[1:])

    def means(self, counts: Sequence[int]) -> Means:
        """The means over epochs, as `Meter.means`."""
        import numpy as np

        self._measure()
        rows = np.concatenate(self._measured)[: sum(counts)]
        if len(rows) > len(counts):
            starts: Any = np.cumsum(counts) - counts
            with np.errstate(all="ignore"):  # a user may want errors of underflow
                rows = rows / np.repeat(counts, counts)[:, None, None]  # first, so that no sum of norms overflows
                rows = np.add.reduceat(rows, starts)
        norms, ratios = rows.transpose(1, 2, 0).tolist()
        return dict(zip(self.layers, norms)), dict(zip(self.layers, ratios))

    def _measure(self) -> None:
        """Measure the steps that wait: how far each layer moved, in proportion to its norm after the step."""
        import numpy as np

        steps = min(len(self._gradients), len(self._vectors) - 1)  # Ctrl-C may have come between the two
        if steps > 0:
            vectors, gradients = self._rows(self._vectors[: steps + 1]), self._rows(self._gradients[:steps])
            with np.errstate(all="ignore"):
                moved, size = self._by_layer(vectors[1:] - vectors[:-1]), self._by_layer(vectors[1:])
                ratios = moved / np.where(size > 0, size, np.where(moved > 0, moved, 1.0))
                self._measured.append(np.stack([self._by_layer(gradients), ratios], axis=1))
            self._vectors, self._gradients = self._vectors[-1:], []

    def _rows(self, vectors: Sequence[Any]) -> Any:
        """The vectors below each other, with the parameters of a layer beside each other."""
        import numpy as np

        rows = np.array(vectors)
        return rows if self._in_order else rows[:, self._sorted]

    def _by_layer(self, xs: Any) -> Any:
        """The norm of each layer, in each row."""
        import numpy as np

        norms = np.sqrt(np.add.reduceat(xs * xs, self._starts, axis=1))
        if not ((norms > 1e-150) & (norms < 1e150)).all():  # squares beyond the floats
            largest = np.maximum.reduceat(np.abs(xs), self._starts, axis=1)
            largest = np.where((largest > 0) & (largest < np.inf), largest, 1.0)
            squares = (xs / np.repeat(largest, self._sizes, axis=1)) ** 2
            norms = largest * np.sqrt(np.add.reduceat(squares, self._starts, axis=1))
        return norms


class Recorder:
    """Notes epochs, and writes them into a history: many at once, which takes a tenth of the time.

    Args:
        history: where they are written.
        meter: what sees their steps.
    """

    def __init__(self, history: History, meter: Any) -> None:
        self._history, self._meter = history, meter
        self._epochs: list[Epochs] = []
        self._waiting = self._written = 0

    def note(self, epochs: Epochs, at_once: bool) -> None:
        """Take in epochs; somebody may look at the history at once, or later."""
        self._epochs.append(epochs)
        self._waiting += len(epochs.loss)
        if at_once or self._waiting >= MOST:
            self.write()

    def write(self) -> None:
        """Write all epochs that are complete; if Ctrl-C ended it half way, it may be called again."""
        if self._epochs and len(self._history.loss) == self._written:
            self._history.extend(self._epochs, self._meter)
        self._epochs, self._waiting, self._written = [], 0, len(self._history.loss)
        self._meter.clear()
