"""Pictures of what a network has learned, for `python -m nn` and the course: legible on a projector, and in grey."""

from __future__ import annotations

import io
import math
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from autograd.files import write_whole

from .module import Module

_BLUE, _ORANGE = "#0b5394", "#d1581b"  # told apart by the colour-blind, and on paper by how dark they are

PROJECTOR = {
    "figure.figsize": (10, 5),
    "figure.constrained_layout.use": True,
    "font.size": 17,
    "axes.titlesize": 18,
    "axes.grid": True,
    "grid.alpha": 0.4,
    "lines.linewidth": 3,
    "lines.markersize": 9,
    "axes.prop_cycle": (
        f"cycler('color', ['{_BLUE}', '{_ORANGE}', 'black', '#96c847']) + cycler('linestyle', ['-', '--', ':', '-.'])"
    ),
}
"""Settings for `matplotlib.rcParams.update`: plots that can be read from the last row, also in grey."""


def digits_picture(
    images: Sequence[Sequence[float]], answers: Sequence[int], targets: Sequence[int], path: Path, rows: int = 5
) -> None:
    """Draw digits with what the model said of each: the mistakes first, framed, then others.

    Args:
        images: 64 numbers each, from 0 to 1.
        answers: what the model said.
        targets: what they are.
        path: the file to write, its format by the ending.
        rows: of ten digits each.
    """
    order = sorted(range(len(images)), key=lambda i: answers[i] == targets[i])[: 10 * rows]
    wrong = sum(a != t for a, t in zip(answers, targets))
    figure = _figure(12, 1.45 * rows + 0.9)
    for place, i in enumerate(order):
        axes = figure.add_subplot(rows, 10, place + 1)
        axes.imshow([images[i][8 * row : 8 * row + 8] for row in range(8)], cmap="gray_r", vmin=0, vmax=1)
        axes.set_xticks([])
        axes.set_yticks([])
        right = answers[i] == targets[i]
        title = f"{answers[i]}" if right else f"{answers[i]}, is {targets[i]}"
        axes.set_title(
            title, fontsize=17, color="black" if right else _ORANGE, fontweight="normal" if right else "bold"
        )
        for spine in axes.spines.values():
            spine.set(color="0.8" if right else _ORANGE, linewidth=1 if right else 4)
    figure.suptitle(
        f"What the network said of the test digits: {wrong} of {len(images)} are wrong (framed)", fontsize=20
    )
    write(figure, path, dpi=120)


def boundary_picture(model: Module, inputs: Sequence[Sequence[float]], targets: Sequence[int], path: Path) -> None:
    """Draw a classifier of points in the plane: its output, where that changes sign, and the points.

    Args:
        model: takes two numbers, returns one.
        inputs: the points.
        targets: -1 or 1 for each.
        path: the file to write, its format by the ending.
    """
    figure = _figure(11, 7)
    plane = figure.subplots()
    shades = boundary(plane, model, inputs, targets)
    plane.set_title("The network's output, and where it changes sign", fontsize=20)
    plane.set_xlabel("$x_1$", fontsize=18)
    plane.set_ylabel("$x_2$", fontsize=18)
    plane.tick_params(labelsize=15)
    figure.legend(fontsize=17, loc="outside lower center", ncols=2)  # where it hides no point
    figure.colorbar(shades, ax=plane, ticks=[-2, -1, 0, 1, 2]).ax.tick_params(labelsize=15)
    write(figure, path, dpi=120)


def boundary(axes: Any, model: Module, inputs: Sequence[Sequence[float]], targets: Sequence[float]) -> Any:
    """Draw a classifier of points in the plane on axes of Matplotlib: its output, where that changes sign, the points.

    Args:
        axes: what to draw on.
        model: takes two numbers, returns one; it is drawn in evaluation mode, and stays as it is.
        inputs: the points.
        targets: a number for each, positive for one kind, 0 or negative for the other.

    Returns:
        Matplotlib's contour set of the output, from which a colour bar can be made.
    """
    from .guards import untouched  # not above: guards.py needs history.py, and that this file

    xs, ys = zip(*inputs)
    across, up = (_steps(min(v) - 0.4, max(v) + 0.4, 80) for v in (xs, ys))
    with untouched(model):
        outputs = [[model([x, y]).data for x in across] for y in up]
    shades = axes.contourf(across, up, outputs, levels=_steps(-2, 2, 17), cmap=_shades(), extend="both")
    if min(map(min, outputs)) < 0 < max(map(max, outputs)):  # Matplotlib warns of a contour that isn't there
        axes.contour(across, up, outputs, levels=[0.0], colors="black", linewidths=3, linestyles="-")
    for positive, marker, color in ((False, "s", _ORANGE), (True, "o", _BLUE)):
        points = [(p, t) for p, t in zip(inputs, targets) if (t > 0) == positive]
        if points:
            places, kinds = zip(*points)
            label = f"target {kinds[0]:g}"
            axes.scatter(*zip(*places), marker=marker, s=60, c=color, edgecolors="white", label=label)
    return shades


_LEAST = 1e-150  # with numbers much smaller, or greater than the inverse, Matplotlib's own arithmetic overflows


def by_depth(axes: Any, numbers: Mapping[str, float], *, share: bool = False, label: str = "") -> None:
    """Draw a number for each layer on axes of Matplotlib, from the first layer to the last.

    Zeros, which a scale of powers of ten has no place for, are written at the edge, and so are infinity and the like.

    Args:
        axes: what to draw on.
        numbers: by the names of the layers.
        share: whether they are from 0 to 1.
        label: a name in the legend, "" for no legend.
    """
    import matplotlib

    names, ys = list(numbers), list(numbers.values())
    n, places = len(ys), range(1, len(ys) + 1)
    looks = list(matplotlib.rcParams["axes.prop_cycle"])
    look = looks[len(axes.get_lines()) % len(looks)]
    drawn = [y if share or _LEAST < y < 1 / _LEAST else math.nan for y in ys]
    axes.plot(places, drawn, marker="o", markersize=10 if n <= 12 else 6, label=literal(label) or None, **look)
    for x, y, shown in zip(places, ys, drawn):
        if math.isnan(shown):
            height, side = (0, "bottom") if y < 1 else (1, "top")
            text: Any = {"color": look["color"], "fontsize": 17 if n <= 30 else 12, "fontweight": "bold"}
            at: Any = {"xycoords": ("data", "axes fraction"), "ha": "center", "va": side}
            axes.annotate(f"{y:.0g}", (x, height), **text, **at)
    axes.set_xlim(0.5, max(len(line.get_xdata()) for line in axes.get_lines()) + 0.5)
    if share:
        axes.set_ylim(-0.03, 1.03)
        axes.yaxis.set_major_formatter(lambda y, _: f"{y:.0%}")
    else:
        scale(axes)
    ticks = list(places) if n <= 8 else sorted({1 + round(i * (n - 1) / 6) for i in range(7)})
    told = [literal(names[i - 1]) for i in ticks]
    slanted: Any = {"rotation": 25, "ha": "right", "rotation_mode": "anchor"} if sum(map(len, told)) > 50 else {}
    axes.set_xticks(ticks, told, **slanted)
    axes.set_xlabel("layer, the first to the last" if n > 1 else "layer")
    if label:
        axes.legend()


def literal(text: str) -> str:
    """Any text as Matplotlib writes it out: no formula between dollars, not too long, and in a legend even after _.

    Args:
        text: a name, such as that of a layer.

    Returns:
        The text for Matplotlib.
    """
    from autograd.show.naming import cut

    text = cut(text, 40).replace("$", r"\$")
    return f" {text}" if text.startswith("_") else text


def scale(axes: Any) -> None:
    """Powers of ten up the side, if the positive numbers drawn there range over more than one; else up from 0.

    Args:
        axes: of Matplotlib.
    """
    sizes = [y for line in axes.get_lines() for y in line.get_ydata() if 0 < y < math.inf]
    if not sizes:
        axes.set_ylim(0, 1)
    elif max(sizes) > 10 * min(sizes):
        axes.set_yscale("log")
        if max(sizes) < 1000 * min(sizes):
            axes.yaxis.get_major_locator().set_params(subs=(1, 2, 5))
            axes.yaxis.set_major_formatter("{x:g}")
            axes.yaxis.set_minor_formatter("")
    else:
        axes.set_ylim(0, 1.08 * max(sizes))


def shown(figure: Any) -> Any:
    """The figure, which a notebook now shows whether pyplot has been imported there or not.

    Args:
        figure: of Matplotlib.

    Returns:
        The same figure.
    """
    figure._repr_png_ = partial(_png, figure)
    return figure


def write(figure: Any, path: Path, dpi: float | None = None) -> None:
    """Write a figure to a file, which appears under its name when it is complete: `savefig` would write piece by piece.

    Args:
        figure: one of Matplotlib.
        path: the file, its format by the ending.
        dpi: dots to an inch; None for Matplotlib's setting.

    Raises:
        OSError: if the file can't be written. Then what was there before is still there.
    """
    write_whole(path, _drawn(figure, path.suffix[1:], dpi))


def _drawn(figure: Any, format: str, dpi: float | None) -> bytes:
    content = io.BytesIO()
    figure.savefig(content, format=format, dpi="figure" if dpi is None else dpi)
    return content.getvalue()


def _png(figure: Any) -> bytes:
    return _drawn(figure, "png", 72)


def _figure(width: float, height: float) -> Any:
    """A figure in inches that belongs to no window, so that it can be drawn where there is no screen."""
    from matplotlib.figure import Figure

    return Figure(figsize=(width, height), layout="constrained")


def _shades() -> Any:
    from matplotlib.colors import LinearSegmentedColormap

    return LinearSegmentedColormap.from_list("sign", ["#eda37d", "#ffffff", "#7fa9d6"])


def _steps(low: float, high: float, n: int) -> list[float]:
    return [low + (high - low) * i / (n - 1) for i in range(n)]
