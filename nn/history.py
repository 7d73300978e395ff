"""History: what happened in a training run, epoch by epoch, and its plot; and Meter, which reads it off the layers."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from autograd import Value

from .pictures import _BLUE, _ORANGE, PROJECTOR, _figure, literal, shown

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
            figure: Figure = _figure(16, 10)
            (losses, rates), (norms, ratios) = figure.subplots(2, 2, sharex=True)
            _curve(losses, self.loss, label="training", color=_BLUE)
            if self.validation_loss:
                _curve(losses, self.validation_loss, label="validation", color=_ORANGE, linestyle="--")
                losses.legend()
            _curve(rates, self.lr, color=_BLUE)
            shades = _layers(norms, self.gradient_norm)
            _layers(ratios, self.update_ratio)
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
                    _scale(axes, zeros=axes is not losses)  # a dead layer doesn't hide the others
            for axes in (norms, ratios):
                axes.set_xlabel("epoch")
                axes.set_xlim(0.5, len(self.loss) + 0.5)
                axes.xaxis.get_major_locator().set_params(integer=True, min_n_ticks=1)
            _name_layers(figure, ratios, list(self.gradient_norm), shades)
        drawn: Figure = shown(figure)
        return drawn


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


def _mean(xs: Sequence[float]) -> float:
    return sum([x / len(xs) for x in xs])  # divided first, so that no sum of norms overflows


# ---------------------------------------------------------------------------------------------------------- the plot

NAMED = 6
"""Up to so many layers have their names in a legend; of more, a colour bar tells the first from the last."""

_STYLES = ("-", "--", ":", "-.", (0, (5, 1, 1, 1, 1, 1)), "-")


def _curve(axes: Any, ys: Sequence[float], **look: Any) -> None:
    few = len(ys) <= 20  # where a line alone might be overlooked, and of one point is nothing at all
    axes.plot(range(1, len(ys) + 1), ys, marker="o" if few else None, **look)


def _layers(axes: Any, curves: Mapping[str, Sequence[float]]) -> Any:
    """Draw a curve for each layer, dark for the first and light for the last, also in grey; returns the colour map."""
    import matplotlib
    from matplotlib.colors import ListedColormap

    many = len(curves) > NAMED
    shades = ListedColormap(matplotlib.colormaps["viridis"]([0.8 * i / 255 for i in range(256)]))  # no yellow on white
    for i, (name, ys) in enumerate(curves.items()):
        style: Any = "-" if many else _STYLES[i]
        color = shades(i / max(1, len(curves) - 1))
        _curve(axes, ys, label=literal(name), color=color, linestyle=style, linewidth=1.5 if many else 3)
    return shades


def _name_layers(figure: Any, axes: Any, names: Sequence[str], shades: Any) -> None:
    if len(names) > NAMED:
        from matplotlib.cm import ScalarMappable
        from matplotlib.colors import Normalize

        bar = figure.colorbar(ScalarMappable(Normalize(1, len(names)), shades), ax=axes, ticks=[1, len(names)])
        bar.ax.set_yticklabels([literal(names[0]), literal(names[-1])])
    elif names:
        axes.legend(fontsize=14)


def _scale(axes: Any, zeros: bool) -> None:
    """Powers of ten up the side, where the numbers range over more than one; zeros, if allowed, are left out."""
    ys = [y for line in axes.get_lines() for y in line.get_ydata() if math.isfinite(y)]
    sizes = [y for y in ys if y > 0]
    if sizes and (zeros or len(sizes) == len(ys)) and max(sizes) > 10 * min(sizes):
        axes.set_yscale("log", nonpositive="mask")
        if max(sizes) < 1000 * min(sizes):
            axes.yaxis.get_major_locator().set_params(subs=(1, 2, 5))
            axes.yaxis.set_major_formatter("{x:g}")
            axes.yaxis.set_minor_formatter("")
    elif len(sizes) == len(ys):
        axes.set_ylim(bottom=0)
