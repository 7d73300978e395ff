"""The steps of a pass as slides: one step a slide, in a page of its own that also prints, one step a sheet.

No script is needed to see them: the numbers stand in the pictures already. slides.js turns the arrows of a keyboard.
"""

from __future__ import annotations

import html
from typing import Any
from xml.etree import ElementTree

from ..page import document
from .layout import picture
from .passes import Pass
from .positions import Position, positions


def slides(passed: Pass[Any]) -> str:
    """The page.

    Args:
        passed: the steps of a pass.

    Raises:
        ImportError: if there is no Graphviz on the machine; the message names the command that installs it.
    """
    found = positions(passed)
    drawn = picture(passed, [position.texts for position in found])
    shown = [_slide(drawn, found[: k + 1]) for k in range(len(found))]
    style = "\n".join(map(document.asset, (document.STYLE, f"{__package__}/player.css", f"{__package__}/slides.css")))
    script = document.asset(f"{__package__}/slides.js")
    piece = f'<style>{style}</style>\n<div class="stage">\n{"".join(shown)}</div>\n<script>{script}</script>\n'
    return document.document(passed.title, piece, passed.language)


def _slide(drawn: str, past: list[Position]) -> str:
    """A slide, from all positions up to its own."""
    here = past[-1]
    texts = {key: text for position in past for key, text in position.texts.items()}
    classes = {key: ["complete"] for position in past for key in position.complete}
    for mark, keys in here.marks.items():
        for key in keys:
            classes.setdefault(key, []).append(mark)
    root = ElementTree.fromstring(drawn)
    root.set("role", "img")
    root.set("aria-label", here.numbers or here.head)
    for group in root.iter("g"):
        own = group.get("class", "").split()
        group.set("class", " ".join([*own, *classes.get([*own, "", ""][1], [])]))
    for text in root.iter("text"):
        blank = text.attrib.pop("data-blank", None)
        if blank is not None:
            text.text = texts.get(blank, "")
    many = here.formulas.count("<math") > 3
    return (
        f'<section>\n<h2 class="head">{html.escape(here.head)}</h2>\n'
        f'<div class="picture">{ElementTree.tostring(root, encoding="unicode")}</div>\n'
        f'<div class="formulas{" many" * many}" tabindex="0">{here.formulas}</div>\n'
        f'<p class="count">{html.escape(here.count)}</p>\n</section>\n'
    )
