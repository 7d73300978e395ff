"""History: what happened in a training run, epoch by epoch, and its plot; and Meter, which reads it off the layers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ..pictures.figure import BLUE, ORANGE, PROJECTOR, new_figure
from ..pictures.history import draw_curve, draw_layers, name_layers, scale_curves

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(repr=False)
class History:
    """What happened in a training run: lists with a number for each complete epoch.

    Args:
        loss, validation_loss, lr, seconds, gradient_norm, update_ratio, stopped: the attributes of these names.

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
        new = [(self.loss, loss), (self.lr, lr), (self.seconds, seconds)]
        if validation_loss is not None:
            new.append((self.validation_loss, validation_loss))
        for kept, measured in ((self.gradient_norm, meter.norms), (self.update_ratio, meter.ratios)):
            new += [(kept.setdefault(name, []), _mean(numbers)) for name, numbers in measured.items()]
        before = [len(numbers) for numbers, _ in new]
        try:
            for numbers, number in new:
                numbers.append(number)
        except BaseException:  # Ctrl-C: an epoch is in all the lists, or in none
            for (numbers, _), n in zip(new, before):
                del numbers[n:]
            raise

    def __repr__(self) -> str:
        n = len(self.loss)
        told = [f"{n} epoch{'s' * (n != 1)}"]
        for name, numbers in (("loss", self.loss), ("validation loss", self.validation_loss)):
            if numbers:
                told.append(f"{name} {numbers[0]:.4g}" + (f" → {numbers[-1]:.4g}" if len(numbers) > 1 else ""))
        return f"History({', '.join(told)}{f'; {self.stopped:.80}' if self.stopped else ''})"

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
        import matplotlib

        settings: Any = PROJECTOR
        with matplotlib.rc_context(settings):
            figure: Figure = new_figure(16, 10)
            (losses, rates), (norms, ratios) = figure.subplots(2, 2, sharex=True)
            draw_curve(losses, self.loss, label="training", color=BLUE)
            if self.validation_loss:
                draw_curve(losses, self.validation_loss, label="validation", color=ORANGE, linestyle="--")
                losses.legend()
            draw_curve(rates, self.lr, color=BLUE)
            shades = draw_layers(norms, self.gradient_norm)
            draw_layers(ratios, self.update_ratio)
            for axes, title in (
                (losses, "Loss"),
                (rates, "Learning rate"),
                (norms, "Norm of the gradient"),
                (ratios, "Step ‖Δw‖ / ‖w‖"),
            ):
                axes.set_title(title)
                if axes is rates:
                    axes.set_ylim(bottom=0)  # schedules are known by their shape
                else:
                    scale_curves(axes, zeros=axes is not losses)  # a dead layer doesn't hide the others
            for axes in (norms, ratios):
                axes.set_xlabel("epoch")
                axes.set_xlim(0.5, len(self.loss) + 0.5)
                axes.xaxis.get_major_locator().set_params(integer=True, min_n_ticks=1)
            name_layers(figure, ratios, list(self.gradient_norm), shades)
        return figure


def _mean(xs: Sequence[float]) -> float:
    return sum([x / len(xs) for x in xs])  # divided first, so that no sum of norms overflows


# ---------------------------------------------------------------------------------------------------------- the plot
