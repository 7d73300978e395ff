"""How figures are made, written and shown, readable from the last row of a class."""

from __future__ import annotations

import io
import math
from functools import partial
from pathlib import Path
from typing import Any

from autograd.basics.files import write_whole

BLUE, ORANGE = "#0b5394", "#d1581b"  # told apart by the colour-blind, and on paper by how dark they are

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
        f"cycler('color', ['{BLUE}', '{ORANGE}', 'black', '#96c847']) + cycler('linestyle', ['-', '--', ':', '-.'])"
    ),
}
"""Settings for `matplotlib.rcParams.update`: plots that can be read from the last row, also in grey."""


def literal(text: str) -> str:
    """Any text as Matplotlib writes it out: no formula between dollars, not too long, and in a legend even after _.

    Args:
        text: a name, such as that of a layer.

    Returns:
        The text for Matplotlib.
    """
    from autograd.notation.names import cut

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


def new_figure(width: float, height: float) -> Any:
    """A figure in inches that belongs to no window, so that it can be drawn where there is no screen."""
    from matplotlib.figure import Figure

    return Figure(figsize=(width, height), layout="constrained")
