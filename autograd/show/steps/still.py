"""A position of a pass as a picture that stands still: SVG, PNG, PDF; and all of them one after the other, in one file.

Graphviz lays the graph out once, with the longest text in each blank, and then draws each position where the parts
stand already (its engine nop2: https://graphviz.org/docs/layouts/neato/). So nothing moves but the numbers.
"""

from __future__ import annotations

import io
import json
import textwrap
from typing import Any, NamedTuple

from ...basics.extras import installing
from ...notation.text import markup
from ..drawing.looks import NEGATIVE, POSITIVE
from ..drawing.rendering import render
from ..drawing.svg import titled
from .layout import longest, on_the_line, written
from .passes import Pass
from .positions import Position, positions

_LOOKS = {
    "active": {"penwidth": "6", "color": "#111111", "fillcolor": "#e6dcf5"},
    "receiving": {"penwidth": "5", "color": "#555555"},
    "lit": {"penwidth": "5", "color": "#111111"},
    "positive": {**POSITIVE, "fontcolor": "#00517f"},
    "negative": {**NEGATIVE, "fontcolor": "#8f3f00"},
    "wrong": {"penwidth": "7", "color": "#b3001b", "fillcolor": "#ffd9dd"},
}
_SPACE = "\u2007"  # as wide as a digit
_HEAD, _FOOT = 26.0, 20.0  # points of the letters above and below
_WIDE = 0.5  # of a letter, as a share of its height; Arial's mean
_LEAST = 560.0  # points of a picture's width


class _Place(NamedTuple):
    """A graph that is laid out: its size in points, and where its parts stand, as attributes of Graphviz."""

    width: float
    height: float
    parts: dict[str, dict[str, str]]


def still(passed: Pass[Any], position: int, format: str) -> bytes:
    """A position as a picture: what happens there, the graph, and the numbers.

    Args:
        passed: the steps of a pass.
        position: from 0, before the first step.
        format: "svg", "png" or "pdf".

    Returns:
        The contents of the picture's file.
    """
    found = positions(passed)
    source = _drawn(passed, found, position, _placed(passed, found))
    picture = render(source, format)
    if format != "svg":
        return picture
    here = found[position]
    return titled(picture, passed.title, f"{here.head} {here.numbers}".strip()).encode()


def film(passed: Pass[Any], format: str, seconds: float) -> bytes:
    """All positions one after the other, again and again.

    Args:
        passed: the steps of a pass.
        format: "gif" or "webp".
        seconds: how long each is seen.

    Raises:
        ImportError: if Pillow is missing; the message names the extra.
    """
    try:
        from PIL import Image
    except ImportError:
        raise ImportError(f"an animated picture needs Pillow: {installing('film')}") from None
    found = positions(passed)
    place = _placed(passed, found)
    frames = [
        Image.open(io.BytesIO(render(_drawn(passed, found, k, place), "png"))).convert("RGB") for k in range(len(found))
    ]
    size = max(frame.width for frame in frames), max(frame.height for frame in frames)
    whole = [Image.new("RGB", size, "white") for _ in frames]  # one size for all, whatever was rounded
    for canvas, frame in zip(whole, frames):
        canvas.paste(frame)
    if format == "gif":  # flat colours: 64 of them are enough, and no dithering, which would be larger
        whole = [frame.quantize(64, dither=Image.Dither.NONE) for frame in whole]
    written = io.BytesIO()
    how = {"lossless": True} if format == "webp" else {"optimize": True}
    milliseconds = round(1000 * seconds)
    whole[0].save(written, format, save_all=True, append_images=whole[1:], duration=milliseconds, loop=0, **how)
    return written.getvalue()


def _placed(passed: Pass[Any], found: list[Position]) -> _Place:
    """Lay the graph out with the longest texts."""
    laid = json.loads(render(written(passed, longest(position.texts for position in found)), "json"))
    left, bottom, right, top = map(float, laid["bb"].split(","))
    parts = {part["name"]: {side: part[side] for side in ("pos", "width", "height")} for part in laid["objects"]}
    for line in laid["edges"]:
        parts[line["class"]] = {"pos": line["pos"]}
        if "lp" in line:
            x, y = on_the_line(" ".join(_curve(line["pos"])[1]), float(line["lp"].split(",")[0]))
            parts[line["class"]]["lp"] = f"{x:.1f},{y:.1f}"
    return _Place(right - left, top - bottom, parts)


def _curve(pos: str) -> tuple[dict[str, str], list[str]]:
    """The tips of an arrow, "s" and "e", and the points between (https://graphviz.org/docs/attr-types/splineType/)."""
    parts = pos.split()
    return {x[0]: x[2:] for x in parts if x[0] in "se"}, [x for x in parts if x[0] not in "se"]


def _aimed(pos: str, back: bool) -> dict[str, str]:
    """An arrow that was laid out with a head at either end, with one of them; the line takes the place of the other."""
    tips, points = _curve(pos)
    if back:
        return {"dir": "back", "pos": " ".join([f"s,{tips['s']}", *points[:-1], tips["e"]])}
    return {"dir": "forward", "pos": " ".join([f"e,{tips['e']}", tips.get("s", points[0]), *points[1:]])}


def _drawn(passed: Pass[Any], found: list[Position], k: int, place: _Place) -> str:
    """A position in DOT: every part at its place, the numbers so far, and what is said above and below."""
    texts = {key: text for position in found[: k + 1] for key, text in position.texts.items()}
    complete = {key for position in found[: k + 1] for key in position.complete}
    room = longest(position.texts for position in found)
    looks = {key: dict(look) for key, look in place.parts.items()}
    lit = found[k].marks.get("lit", []) if passed.gradients else []
    for key, look in looks.items():
        if key[0] == "e":
            look |= _aimed(look["pos"], key in lit)
    for mark, marked in found[k].marks.items():
        for key in marked:
            looks[key] |= _LOOKS[mark]
    for key in room:
        if key[0] == "e" and key in texts:  # on a white ground, so that the line doesn't run through it
            plate = '<table border="0" cellborder="0" cellspacing="0" cellpadding="2" bgcolor="white">'
            looks[key]["label"] = f"<{plate}<tr><td>{markup(texts[key])}</td></tr></table>>"
    looks["head"] = _said([position.head for position in found], k, place, _HEAD, above=True)
    looks["foot"] = _said([position.numbers for position in found], k, place, _FOOT, above=False)
    filled = {key: f"{texts.get(key, ''):{_SPACE}<{len(text) - 1}}" for key, text in room.items() if key[0] == "n"}
    return written(passed, filled, looks, complete, layout="nop2", bgcolor="white")


def _said(said: list[str], k: int, place: _Place, size: float, above: bool) -> dict[str, str]:
    """What is said at a position, in a box above or below the graph that has room for what is said at any."""
    width = max(place.width, _LEAST)
    lines = [textwrap.wrap(text, int(width / (size * _WIDE))) for text in said]
    height = 1.3 * size * max(map(len, lines)) + 10
    y = place.height + height / 2 if above else -height / 2
    text = "".join([f'{markup(line)}<br align="left"/>' for line in lines[k]])
    cell = f'<td width="{width - 8:.0f}" height="{height - 8:.0f}" valign="{"bottom" if above else "top"}" align="left"'
    table = (
        f'<table border="0" cellborder="0" cellspacing="0" cellpadding="0"><tr>{cell} balign="left">{text}</td></tr>'
    )
    box = {"pos": f"{place.width / 2:.1f},{y:.1f}", "width": f"{width / 72:.3f}", "height": f"{height / 72:.3f}"}
    box |= {"shape": "plaintext", "style": "", "fixedsize": "true", "margin": "0"}
    return {**box, "fontsize": f"{size:g}", "label": f"<{table}</table>>"}
