"""Practice as a piece of a page, with no network and no Python behind it.

The piece holds the questions, for places where scripts don't run, and what the script puts in their place: the graph, a
form, and for each blank what is right, what is said of known wrong numbers, and the hints. The script reads an answer
and compares (arithmetic.js); which numbers are wrong in a known way was computed here, by the engine.
"""

from __future__ import annotations

import html
from typing import Any

from ...notation.text import figure
from ..page import document
from ..steps.layout import arrow, keys, picture
from ..steps.player import refuse_if_too_large
from ..steps.positions import positions
from ..steps.table import product
from .blanks import Blank, Questions
from .texts import PAGE, sentence, words

_SCRIPTS = [f"{__package__}/arithmetic.js", f"{__package__}/practice.js"]
_STAGE = ("tools", "more", "larger", "light", "full", "smaller_picture", "larger_picture", "fit", "next")
_STYLES = [f"{__package__}/practice.css"]


def fragment(practice: Questions, hint: bool = False) -> str:
    """Practice as a piece of a page, in HTML.

    Args:
        practice: the blanks.
        hint: True to say above the questions, which are seen where no script runs, that a run cell asks them.

    Returns:
        The same text for the same blanks. Any number of them can stand on one page.

    Raises:
        ValueError: if there are too many steps, Values or arrows to be followed; the message says how many.
        ImportError: if there is no Graphviz on the machine; the message names the command that installs it.
    """
    passed, language = practice.passed, practice.language
    refuse_if_too_large(passed)
    found = positions(passed)
    share = f"{100 * practice.tolerance:.3g} %"
    data = {
        "title": practice.title,
        "language": language,
        "words": {**{key: passed.texts[key] for key in _STAGE}, **words(language)},
        "accepted": PAGE[language]["accepted"].format(share=share),
        "svg": picture(passed, [x.texts for x in found]),
        "states": [{"texts": x.texts, "complete": x.complete} for x in found],
        "numbers": practice.numbers,
        "elsewhere": [
            {"place": place.said, "numbers": {name: place.numbers[name] for name in practice.numbers}, "right": right}
            for place, right in practice.elsewhere
        ],
        "share": practice.tolerance,
        "blanks": [_asked(practice, blank) for blank in practice],
    }
    asked = "".join(f"<li>{html.escape(f'{x.formula} = ? ({x.asked})')}</li>" for x in practice)
    said = f"<p>{html.escape(PAGE[language]['alive'])}</p>" if hint else ""
    fallback = f"{said}<p>{html.escape(practice.title)}</p><ol>{asked}</ol>"
    return document.fragment("practise", data, fallback, _SCRIPTS, _STYLES, packed=hint)


def page(practice: Questions) -> str:
    """Practice as a page of its own."""
    return document.document(practice.title, fragment(practice), practice.language)


def frame(practice: Questions) -> str:
    """Practice in a frame, for front ends that run no script elsewhere."""
    return document.framed(practice.title, page(practice), 640)


def _asked(practice: Questions, x: Blank) -> dict[str, Any]:
    """A blank under the names by which the script reads it."""
    passed, key = practice.passed, x.key
    named = keys(passed)
    if x.part == "seed":
        place = named[passed.output]
        given, fills, marks = {}, {place: figure(1.0)}, {"receiving": [place]}
    else:
        step = passed[x.step]
        c = step.contributions[x.place]
        node, parent, way = named[step.node], named[c.parent], arrow(named[step.node], x.place)
        given = {node: figure(step.gradient)}
        marks = {"active": [node], "receiving": [parent], "lit": [way]}
        so_far = {parent: f"{figure(c.sum_so_far)} …"}
        first = c.sum_so_far == c.product
        fills = {"local": {}, "product": {way: product(step, c), **(so_far if first else {})}, "sum": so_far}[x.part]
    return {
        "part": x.part, "step": x.step, "asked": x.asked, "formula": x.formula, "mathml": x.mathml,
        "right": key.right, "shown": figure(key.right), "margin": key.margin(key.right), "loose": key.loose,
        "mistakes": [[m.value, key.margin(m.value), sentence(m, practice.language)] for m in key.mistakes],
        "wrong": key.wrong, "hints": x.hints, "given": given, "fills": fills, "marks": marks,
    }  # fmt: skip
