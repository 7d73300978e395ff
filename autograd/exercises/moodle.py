"""A quiz for Moodle: for each exercise and name a category, whose questions are the variants of the students.

A quiz that takes one question at random from each category gives every student other numbers. Each known wrong number
has its feedback. The format: https://docs.moodle.org/en/Moodle_XML_format, questions of the type "numerical".
"""

from __future__ import annotations

import html
from collections.abc import Sequence
from typing import Any
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

from ..notation.text import figure
from ..show.practice.answers import of
from ..show.practice.texts import sentence
from ..show.practice.texts import text as said
from .sheet import Sheet, symbol
from .texts import text
from .variants import Exercise


def quiz(sheets: Sequence[Sheet]) -> bytes:
    """The quiz as a file in Moodle's XML.

    Args:
        sheets: one for each student; all have the same number of exercises.
    """
    root = Element("quiz")
    for i in range(len(sheets[0].exercises)):
        names = dict.fromkeys(name for sheet in sheets for name in sheet.exercises[i].leaves)
        for name in names:
            head = f"{sheets[0].head(i + 1)}, {name}"
            category = SubElement(root, "question", type="category")
            places = [place.replace("/", "//") for place in (sheets[0].written, head)]  # a / in a name is written twice
            _text(SubElement(category, "category"), "/".join(["$course$", "top", *places]))
            for k, sheet in enumerate(sheets, 1):
                if name in sheet.exercises[i].leaves:
                    _question(root, sheet, sheet.exercises[i], name, f"{head}, {k}")
    ElementTree.indent(root)
    written: bytes = ElementTree.tostring(root, encoding="UTF-8", xml_declaration=True)
    return written


def _question(root: Element, sheet: Sheet, x: Exercise, name: str, head: str) -> None:
    question = SubElement(root, "question", type="numerical")
    _text(SubElement(question, "name"), head)
    formula = f"<code>{html.escape(f'{x.name} = {x.text}')}</code>"
    asked = text("question", sheet.language, symbol=symbol(x, name), formula=formula, given=x.given)
    _text(SubElement(question, "questiontext", format="html"), f"<p>{asked} {sheet.accepted}</p>")
    SubElement(question, "defaultgrade").text = "1"
    SubElement(question, "penalty").text = "0.3333333"
    SubElement(question, "hidden").text = "0"
    key, _ = of(x.output, x.leaves[name], sheet.tolerance)
    right = said("right", sheet.language, number=figure(key.right))
    _answer(question, "100", repr(key.right), key.margin(key.right), right)
    for mistake in key.mistakes:
        _answer(question, "0", repr(mistake.value + 0.0), key.margin(mistake.value), sentence(mistake, sheet.language))
    _answer(question, "0", "*", 0.0, said("wrong_alone", sheet.language))


def _answer(question: Element, fraction: str, number: str, margin: float, feedback: str) -> None:
    answer = SubElement(question, "answer", fraction=fraction, format="plain_text")
    SubElement(answer, "text").text = number
    SubElement(answer, "tolerance").text = f"{margin:.6g}"
    _text(SubElement(answer, "feedback", format="html"), html.escape(feedback, quote=False))


def _text(element: Any, content: str) -> None:
    SubElement(element, "text").text = content
