"""One number for each layer, from the first to the last."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from .figure import heights, literal, powers_of_ten

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
    elif not powers_of_ten(axes, sizes := [y for y in heights(axes) if y > 0]):
        axes.set_ylim(0, 1.08 * max(sizes) if sizes else 1)
    ticks = list(places) if n <= 8 else sorted({1 + round(i * (n - 1) / 6) for i in range(7)})
    below = [literal(names[i - 1]) for i in ticks]
    slanted: Any = {"rotation": 25, "ha": "right", "rotation_mode": "anchor"} if sum(map(len, below)) > 50 else {}
    axes.set_xticks(ticks, below, **slanted)
    axes.set_xlabel("layer, the first to the last" if n > 1 else "layer")
    if label:
        axes.legend()
