"""How figures are made, written and shown, readable from the last row of a class. What they show is in other files."""

from __future__ import annotations

import io
import math
from base64 import b64encode
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

from autograd.basics.extras import needed
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
    """A name that Matplotlib writes as it is: $ begins no formula, a long one is cut, _ hides none from a legend."""
    from autograd.notation.names import cut

    text = cut(text, 40).replace("$", r"\$")
    return f" {text}" if text.startswith("_") else text


def heights(axes: Any) -> list[float]:
    """All finite numbers that lines were drawn through."""
    return [y for line in axes.get_lines() for y in line.get_ydata() if math.isfinite(y)]


def powers_of_ten(axes: Any, sizes: Sequence[float]) -> bool:
    """Number the side by powers of ten, if these positive numbers range over more than one; returns whether they do."""
    if not sizes or max(sizes) <= 10 * min(sizes):
        return False
    axes.set_yscale("log", nonpositive="mask")
    if max(sizes) < 1000 * min(sizes):
        axes.yaxis.get_major_locator().set_params(subs=(1, 2, 5))
        axes.yaxis.set_major_formatter("{x:g}")
        axes.yaxis.set_minor_formatter("")
    return True


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


def new_figure(width: float, height: float) -> Any:
    """A figure in inches. It belongs to no window, so that it needs no screen; a notebook shows it all the same."""
    needed("matplotlib", "this picture")
    from matplotlib.figure import Figure

    figure: Any = Figure(figsize=(width, height), layout="constrained")
    figure._repr_mimebundle_ = partial(_shown, figure)  # asked for by IPython whether pyplot is imported or not
    return figure


def _shown(figure: Any, include: Any = None, exclude: Any = None) -> tuple[dict[str, str], dict[str, Any]]:
    image = b64encode(small(_drawn(figure, "png", 72))).decode()
    return {"text/plain": repr(figure), "image/png": image}, {"image/png": {"alt": in_words(figure)}}


def small(png: bytes) -> bytes:
    """A plot as PNG with a palette, a third as long: of few colours if they are enough, of 64 otherwise."""
    from PIL import Image, ImageChops

    image = Image.open(io.BytesIO(png)).convert("RGB")
    for count in (24, 32, 40, 48, 56, 64):
        palette = image.quantize(count, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
        colors = palette.getpalette() or []
        nearly = [min(colors[i : i + 3]) > 245 for i in range(0, len(colors), 3)]  # white paper stays white
        palette.putpalette([255 if nearly[i // 3] else x for i, x in enumerate(colors)])
        found: Any = ImageChops.difference(image, palette.convert("RGB")).getextrema()
        if max(most for _, most in found) <= 32:  # of 255
            break
    content = io.BytesIO()
    palette.save(content, "png", optimize=True)
    return content.getvalue()


def in_words(figure: Any) -> str:
    """What a figure shows, for those who can't see it: for each of its parts title, axes, and where each line goes."""
    titles = [figure.get_suptitle()] if figure.get_suptitle() else []
    return "A plot. " + " ".join([f"{part}." for part in [*titles, *map(_part, figure.axes)] if part])


def _part(axes: Any) -> str:
    along = [f"{name}: {label}" for name, label in (("across", axes.get_xlabel()), ("up", axes.get_ylabel())) if label]
    lines = []
    for line in axes.get_lines():
        ys, label = [y for y in line.get_ydata() if math.isfinite(y)], line.get_label()
        if ys and not label.startswith("_"):
            lines.append(f"{label} from {ys[0]:.3g} to {ys[-1]:.3g}")
    lines = [*lines[:6], f"{len(lines) - 6} more lines"] if len(lines) > 6 else lines
    return "; ".join([x for x in (axes.get_title(), ", ".join(along), ", ".join(lines)) if x]).replace("\n", " ")
