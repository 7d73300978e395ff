"""A sheet as a page: to practise on, to be printed, or with the solutions. No page fetches anything."""

from __future__ import annotations

import html
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from ..notation.mathml import Markup, computed, derivative, name, number, sign
from ..notation.tightness import SUM
from ..show.drawing.drawing import draw
from ..show.explanation.explain import explain
from ..show.page.document import asset
from ..show.practice.page import fragment
from ..show.practice.practice import practice
from ..show.steps.player import table
from ..show.steps.steps import steps
from ..value import Value
from .sheet import Sheet
from .texts import text
from .variants import Exercise

_DEEPEST = 12  # operations within each other that are set as a formula


def practising(sheet: Sheet) -> str:
    """The page on which a student practises: a form for each exercise, which judges the answers."""
    parts = []
    for i, x in enumerate(sheet.exercises, 1):
        form = fragment(practice(x.output, blanks=sheet.blanks, tolerance=sheet.tolerance, language=sheet.language))
        parts.append(f"{head(sheet, x, i)}\n{form}")
    return _document(sheet, sheet.title(), parts)


def printed(sheet: Sheet) -> str:
    """The page to be printed: for each exercise the graph, and room for the answers."""
    named = f"<p>{html.escape(text('name', sheet.language))} {html.escape(sheet.student) or '_' * 30}</p>"
    parts = [named]
    for i, x in enumerate(sheet.exercises, 1):
        lines = "".join(f'<p class="room">{_math(_gradient(x, leaf), sign("="))}</p>' for leaf in x.leaves)
        svg = draw(x.output, show="data").svg()
        picture = f"<figure>{svg[svg.index('<svg') :]}</figure>"
        parts.append(f"{head(sheet, x, i)}\n{picture}\n{lines}")
    return _document(sheet, sheet.title(), parts)


def solved(sheets: Sequence[Sheet]) -> str:
    """The page of the solutions: for each exercise the gradients, the backward pass, and the sums over paths."""
    several = len(sheets) > 1
    parts = []
    for sheet in sheets:
        parts += [f"<h2>{html.escape(sheet.student)}</h2>"] * several
        for i, x in enumerate(sheet.exercises, 1):
            parts.append("\n".join([head(sheet, x, i, "h3" if several else "h2"), *_solution(sheet, x)]))
    first = sheets[0]
    title = text("solutions", first.language, text=first.written) if several else first.title("solutions")
    return _document(first, title, parts, "solved")


def head(sheet: Sheet, x: Exercise, i: int, tag: str = "h2") -> str:
    task = html.escape(sheet.task(x)).replace(html.escape(f"{x.name} = {x.text}"), _formula(x), 1)
    return f"<{tag}>{html.escape(sheet.head(i))}</{tag}>\n<p>{task}</p>"


def _solution(sheet: Sheet, x: Exercise) -> Iterator[str]:
    for found, gradient in x.gradients.items():
        yield f"<p>{_math(_gradient(x, found), sign('='), number(gradient).within(SUM))}</p>"
    passed = steps(x.output, language=sheet.language)
    label = html.escape(passed.title)
    yield f'<div class="rows" tabindex="0" role="group" aria-label="{label}">{table(passed)}</div>'
    yield f'<p class="paths">{html.escape(text("paths", sheet.language))}</p>'
    for leaf in x.leaves.values():
        yield f"<pre>{html.escape(str(explain(x.output, leaf)))}</pre>"


def _formula(x: Exercise) -> str:
    """The expression as mathematics; as text where it is deep."""

    def write(node: Any, depth: int = 0) -> Markup:
        if not isinstance(node, Value):
            return number(node)
        if depth > _DEEPEST:
            raise RecursionError
        return computed(node, lambda operand: write(operand, depth + 1)) if node.op else name(node.label)

    try:
        return _math(name(x.name).text, sign("="), write(x.output).within(SUM))
    except RecursionError:
        return f"<code>{html.escape(f'{x.name} = {x.text}')}</code>"


def _gradient(x: Exercise, leaf: str) -> str:
    return derivative(name(x.name), name(leaf))


def _math(*parts: str) -> str:
    return f"<math>{''.join(parts)}</math>"


def _document(sheet: Sheet, title: str, parts: Iterable[str], kind: str = "") -> str:
    policy = "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'"
    body = "\n".join(f"<section>\n{part}\n</section>" for part in parts)
    return f"""\
<!DOCTYPE html>
<html lang="{sheet.language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<title>{html.escape(title)}</title>
<style>
{asset("autograd.exercises/sheet.css")}</style>
</head>
<body>
<main class="{kind}">
<h1>{html.escape(title)}</h1>
<p>{html.escape(sheet.accepted)}</p>
{body}
</main>
</body>
</html>
"""
