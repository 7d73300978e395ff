"""Pictures of what a network has learned, for `python -m nn` and the course: legible on a projector, and in grey."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ..module import Module
from ..state import untouched
from .figure import BLUE, ORANGE, new_figure, write


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
    figure = new_figure(12, 1.45 * rows + 0.9)
    for place, i in enumerate(order):
        axes = figure.add_subplot(rows, 10, place + 1)
        axes.imshow([images[i][8 * row : 8 * row + 8] for row in range(8)], cmap="gray_r", vmin=0, vmax=1)
        axes.set(xticks=[], yticks=[])
        right = answers[i] == targets[i]
        title = f"{answers[i]}" if right else f"{answers[i]}, is {targets[i]}"
        axes.set_title(title, fontsize=17, color="black" if right else ORANGE, fontweight="normal" if right else "bold")
        for spine in axes.spines.values():
            spine.set(color="0.8" if right else ORANGE, linewidth=1 if right else 4)
    figure.suptitle(
        f"What the network said of the test digits: {wrong} of {len(images)} are wrong (framed)", fontsize=20
    )
    write(figure, path, dpi=120)


def attention_picture(heads: Sequence[Sequence[Sequence[float]]], letters: Sequence[str], path: Path) -> None:
    """Draw how much each position of a sequence takes from those before it, a square for each head.

    Args:
        heads: for each a list with a row for each position, as `CausalSelfAttention.weights` gives them.
        letters: what stands at the positions.
        path: the file to write, its format by the ending.
    """
    n, columns = len(letters), min(len(heads), 4)
    rows = -(-len(heads) // columns)
    figure = new_figure(3.4 * columns + 1, 3.4 * rows + 1)
    for i, head in enumerate(heads):
        axes = figure.add_subplot(rows, columns, i + 1)
        shares = [[*row, *[math.nan] * (n - len(row))] for row in head]  # nan is drawn as nothing: it can't be seen
        shades = axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
        axes.set_xticks(range(n), letters, fontsize=15)
        axes.set_yticks(range(n), letters, fontsize=15)
        axes.grid(False)
        axes.set_title(f"head {i}", fontsize=17)
        axes.set_xlabel("looks at", fontsize=15)
        if i % columns == 0:
            axes.set_ylabel("position", fontsize=15)
    figure.colorbar(shades, ax=figure.axes, ticks=[0, 0.5, 1]).ax.tick_params(labelsize=15)
    figure.suptitle("How much each position takes from those before it, and from itself", fontsize=20)
    write(figure, path, dpi=120)


def boundary_picture(model: Module, inputs: Sequence[Sequence[float]], targets: Sequence[int], path: Path) -> None:
    """Draw a classifier of points in the plane: its output, where that changes sign, and the points.

    Args:
        model: takes two numbers, returns one.
        inputs: the points.
        targets: -1 or 1 for each.
        path: the file to write, its format by the ending.
    """
    figure = new_figure(11, 7)
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
    xs, ys = zip(*inputs)
    across, up = (_steps(min(v) - 0.4, max(v) + 0.4, 80) for v in (xs, ys))
    with untouched(model):
        outputs = [[model([x, y]).data for x in across] for y in up]
    shades = axes.contourf(across, up, outputs, levels=_steps(-2, 2, 17), cmap=_shades(), extend="both")
    if min(map(min, outputs)) < 0 < max(map(max, outputs)):  # Matplotlib warns of a contour that isn't there
        axes.contour(across, up, outputs, levels=[0.0], colors="black", linewidths=3, linestyles="-")
    for positive, marker, color in ((False, "s", ORANGE), (True, "o", BLUE)):
        points = [(p, t) for p, t in zip(inputs, targets) if (t > 0) == positive]
        if points:
            places, kinds = zip(*points)
            label = f"target {kinds[0]:g}"
            axes.scatter(*zip(*places), marker=marker, s=60, c=color, edgecolors="white", label=label)
    return shades


def _shades() -> Any:
    from matplotlib.colors import LinearSegmentedColormap

    return LinearSegmentedColormap.from_list("sign", ["#eda37d", "#ffffff", "#7fa9d6"])


def _steps(low: float, high: float, n: int) -> list[float]:
    return [low + (high - low) * i / (n - 1) for i in range(n)]
