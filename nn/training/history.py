"""History: what happened in a training run, epoch by epoch, and its plot. (What a step is measured by: meters.py.)"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from ..pictures.history import figure_of

if TYPE_CHECKING:
    from matplotlib.figure import Figure


class Epochs(NamedTuple):
    """The numbers of some epochs: as `History` has them; the seconds and the number of steps are those of each."""

    loss: list[float]
    validation_loss: list[float]
    lr: list[float]
    seconds: float
    steps: int


@dataclass(repr=False)
class History:
    """What happened in a training run: lists with a number for each complete epoch.

    Args:
        loss, validation_loss, lr, seconds, gradient_norm, update_ratio, stopped, engine: the attributes of these names.

    >>> history = History(loss=[1.5, 0.75], seconds=[0.1, 0.1])
    >>> history
    History(2 epochs, loss 1.5 → 0.75)
    >>> figure = history.plot()
    """

    loss: list[float] = field(default_factory=list)
    """The mean of the loss over the examples of each epoch, each taken when its batch was due."""
    validation_loss: list[float] = field(default_factory=list)
    """The mean of the loss over the validation examples at the end of each epoch; empty if there were none."""
    lr: list[float] = field(default_factory=list)
    """The learning rate of the last step of each epoch."""
    seconds: list[float] = field(default_factory=list, compare=False)
    """How long each epoch took, its validation included; two runs that differ in nothing else are equal."""
    gradient_norm: dict[str, list[float]] = field(default_factory=dict)
    """For each layer the norm of its gradient before clipping: the mean over the steps of each epoch."""
    update_ratio: dict[str, list[float]] = field(default_factory=dict)
    """For each layer how far a step moved its parameters, ‖Δw‖/‖w‖: the mean over the steps of each epoch."""
    stopped: str = ""
    """Why the run ended before its epochs, "" if it didn't."""
    engine: str = field(default="", compare=False)
    """What computed a compiled training, and where `fit` has chosen it, why; "" for one on Values."""

    def record(self, *, loss: float, validation_loss: float | None, lr: float, seconds: float, meter: Any) -> None:
        """Add an epoch.

        Args:
            loss, validation_loss, lr, seconds: what is added to the list of that name; None adds nothing.
            meter: one that has seen the steps of this epoch.

        >>> history = History()
        >>> from nn.training.meters import Meter
        >>> history.record(loss=0.5, validation_loss=None, lr=0.1, seconds=0.2, meter=Meter({}))
        >>> history
        History(1 epoch, loss 0.5)
        """
        validated = [] if validation_loss is None else [validation_loss]
        self.extend([Epochs([loss], validated, [lr], seconds, meter.steps)], meter)

    def extend(self, epochs: Sequence[Epochs], meter: Any) -> None:
        """Add epochs: to all the lists, or if Ctrl-C comes in the middle to none.

        Args:
            epochs: one or more.
            meter: one that has seen the steps of these epochs, and none before them.

        >>> history = History()
        >>> from nn.training.meters import Meter
        >>> history.extend([Epochs([0.5, 0.25], [], [0.1, 0.1], 0.2, 0)], Meter({}))
        >>> history
        History(2 epochs, loss 0.5 → 0.25)
        """
        norms, ratios = meter.means([n for some in epochs for n in [some.steps] * len(some.loss)])
        new = [
            (self.loss, [x for some in epochs for x in some.loss]),
            (self.validation_loss, [x for some in epochs for x in some.validation_loss]),
            (self.lr, [x for some in epochs for x in some.lr]),
            (self.seconds, [x for some in epochs for x in [some.seconds] * len(some.loss)]),
            *[(self.gradient_norm.setdefault(name, []), xs) for name, xs in norms.items()],
            *[(self.update_ratio.setdefault(name, []), xs) for name, xs in ratios.items()],
        ]
        before = [len(numbers) for numbers, _ in new]
        try:
            for numbers, more in new:
                numbers += more
        except BaseException:
            for (numbers, _), n in zip(new, before):
                del numbers[n:]
            raise

    def __repr__(self) -> str:
        n = len(self.loss)
        parts = [f"{n} epoch{'s' * (n != 1)}"]
        for name, numbers in (("loss", self.loss), ("validation loss", self.validation_loss)):
            if numbers:
                parts.append(f"{name} {numbers[0]:.4g}" + (f" → {numbers[-1]:.4g}" if len(numbers) > 1 else ""))
        return f"History({', '.join(parts)}{f'; {self.stopped:.80}' if self.stopped else ''})"

    def plot(self) -> Figure:
        """Draw the run: the losses, the learning rate, and of each layer the gradient norm and the update ratio.

        Few layers have a line style and a name each; of many, the shade goes from the first to the last.

        Returns:
            A Figure of Matplotlib that shows itself where it is the last line of a notebook's cell; its method
            `savefig("run.png")` writes a file.

        Raises:
            ImportError: if Matplotlib is not installed.
            ValueError: if there is no complete epoch.
        """
        if not self.loss:
            why = f" ({self.stopped})" if self.stopped else ""
            raise ValueError(f"there is nothing to plot: this history has no complete epoch{why}")
        return figure_of(self)
