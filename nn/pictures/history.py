"""Curves of a training, and of its layers. What is recorded of a training is said in nn/training/history.py."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from autograd.basics.extras import needed

from .figure import BLUE, ORANGE, PROJECTOR, heights, literal, new_figure, powers_of_ten

if TYPE_CHECKING:
    from matplotlib.figure import Figure

NAMED = 6
"""Up to so many layers have their names in a legend; of more, a colour bar tells the first from the last."""

_STYLES = ("-", "--", ":", "-.", (0, (5, 1, 1, 1, 1, 1)), "-")


def figure_of(history: Any) -> Figure:
    """The Figure of a History: losses, learning rate, and of each layer the norms of gradients and the step ratios."""
    matplotlib = needed("matplotlib", "History.plot")
    settings: Any = PROJECTOR
    with matplotlib.rc_context(settings):
        figure: Figure = new_figure(16, 10)
        (losses, rates), (norms, ratios) = figure.subplots(2, 2, sharex=True)
        _curve(losses, history.loss, label="training", color=BLUE)
        if history.validation_loss:
            _curve(losses, history.validation_loss, label="validation", color=ORANGE, linestyle="--")
            losses.legend()
        _curve(rates, history.lr, color=BLUE)
        rates.set_ylim(bottom=0)  # schedules are known by their shape
        shades = _layers(norms, history.gradient_norm)
        _layers(ratios, history.update_ratio)
        titles = "Loss", "Learning rate", "Norm of the gradient", "Step ‖Δw‖ / ‖w‖"
        for axes, title in zip((losses, rates, norms, ratios), titles):
            axes.set_title(title)
            if axes is not rates:
                _scale(axes, zeros=axes is not losses)  # a dead layer doesn't hide the others
        for axes in (norms, ratios):
            axes.set_xlabel("epoch")
            axes.set_xlim(0.5, len(history.loss) + 0.5)
            axes.xaxis.get_major_locator().set_params(integer=True, min_n_ticks=1)
        _name(figure, ratios, list(history.gradient_norm), shades)
    return figure


def _curve(axes: Any, ys: Sequence[float], **look: Any) -> None:
    """Draw a curve over the epochs, with a dot at each if they are few: of a single one there is no line."""
    few = len(ys) <= 20
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


def _name(figure: Any, axes: Any, names: Sequence[str], shades: Any) -> None:
    """Say which curve is which: in a legend, or by a bar of colours if there are many."""
    if len(names) > NAMED:
        from matplotlib.cm import ScalarMappable
        from matplotlib.colors import Normalize

        bar = figure.colorbar(ScalarMappable(Normalize(1, len(names)), shades), ax=axes, ticks=[1, len(names)])
        bar.ax.set_yticklabels([literal(names[0]), literal(names[-1])])
    elif names:
        axes.legend(fontsize=14)


def _scale(axes: Any, zeros: bool) -> None:
    """Number the side by powers of ten, if the numbers range over more than one; zeros, if allowed, are left out."""
    ys = heights(axes)
    sizes = [y for y in ys if y > 0]
    all_positive = len(sizes) == len(ys)
    if not ((zeros or all_positive) and powers_of_ten(axes, sizes)) and all_positive:
        axes.set_ylim(bottom=0)
