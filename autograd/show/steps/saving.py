"""What a pass is written to a file as: by the ending of the file's name."""

from __future__ import annotations

import math
from collections.abc import Sequence
from numbers import Integral, Real
from typing import Any

from ...basics.messages import shown
from .passes import Pass
from .player import page, refuse_if_too_large
from .slides import slides
from .still import film, still

_STILL, _FILM, _PAGE = (".svg", ".png", ".pdf"), (".gif", ".webp"), (".html", ".htm")


def content(passes: Sequence[Pass[Any]], name: str, step: int | None, seconds: float) -> bytes:
    """The content of a file.

    Args:
        passes: the steps of a pass; the player shows others beside it.
        name: the file's name.
        step: which position one picture shows; None for the last.
        seconds: how long an animated picture shows each.
    """
    passed, lower = passes[0], name.lower()
    if not lower.endswith(_PAGE + _STILL + _FILM):
        raise ValueError(f"path must end in .html, .slides.html, .svg, .png, .pdf, .gif or .webp, got {shown(name)}")
    last = len(passed) + bool(passed.gradients)  # the leaves at the end have a position of their own
    if step is not None:
        if isinstance(step, bool) or not isinstance(step, Integral):
            raise TypeError(f"step must be a whole number, got {shown(step)}")
        if not lower.endswith(_STILL):
            raise ValueError(f"step is for .svg, .png and .pdf, which show one; got step={step} for {shown(name)}")
        if not 0 <= step <= last:
            raise ValueError(f"step must be from 0 to {last}, got {step}")
    if isinstance(seconds, bool) or not isinstance(seconds, Real):
        raise TypeError(f"seconds must be a number, got {shown(seconds)}")
    if not (math.isfinite(seconds) and 0.02 <= seconds <= 600):  # browsers take less for a mistake
        raise ValueError(f"seconds must be from 0.02 to 600, got {shown(seconds)}")
    refuse_if_too_large(passed)
    ending = lower.rpartition(".")[2]
    if lower.endswith(_STILL):
        return still(passed, last if step is None else int(step), ending)
    if lower.endswith(_FILM):
        return film(passed, ending, float(seconds))
    return (slides(passed) if lower.rpartition(".")[0].endswith(".slides") else page(*passes)).encode()
