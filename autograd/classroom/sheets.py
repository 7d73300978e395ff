"""What the page's practice asks of Python: forms to practise on, a code to hand in, and what is in it, judged again.

Nothing is sent anywhere: a sheet is in the teacher's link (codes.py), what a student did is in the code.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

from ..exercises.page import head
from ..expression import parse
from ..notation.text import figure
from ..show.practice.answers import judged
from ..show.practice.blanks import PARTS
from ..show.practice.page import fragment
from ..show.practice.practice import Practice, practice
from ..show.practice.texts import PAGE
from .codes import BEGINS, HandedIn, Tried, codes, others, read, student, tried, wanted, written
from .explore import computed
from .texts import complaint, quoted, refused, spoken, text

_MOST_LINES = 10
"""Of those without a code so many are told."""


def answer(request: str) -> str:
    """Answer the page.

    Args:
        request: as JSON, what to `do` and in which `language`. "one": the form for an expression `e` at `numbers`, of
            `products` alone or not. "sheet": what is on a `sheet` (`e`, `count`, `seed` and flags) for a `student`.
            "exercise": the form for the exercise `at`. "code": what a student hands in who has `tried` this. "codes":
            those in a text that was `pasted`. "check": a `code`, judged. "table": `rows` as CSV.

    Returns:
        As JSON what was asked for; or an `error`, a sentence.

    >>> json.loads(answer('{"do": "codes", "pasted": "no code"}'))
    {'error': 'There is no code here: one begins with chainrule1.'}
    """
    asked = json.loads(request)
    language = spoken(asked.get("language"))
    try:
        return json.dumps(_DONE[asked["do"]](asked, language))
    except (ValueError, ArithmeticError, RuntimeError, ImportError, TypeError, KeyError) as error:
        return json.dumps(complaint(error, language))


def _one(asked: Any, language: str) -> dict[str, Any]:
    expression = parse(str(asked["e"]))
    result, leaves = computed(expression, asked["numbers"], language)
    given = ", ".join(f"{x.label} = {figure(x.data)}" for x in leaves)
    said = text("one_said", language, formula=f"{result.label} = {expression.text}", given=given)
    blanks = PARTS[1:] if asked.get("products") else PARTS
    return {"said": said, "form": fragment(practice(result, blanks=blanks, language=language))}


def _sheet(asked: Any, language: str) -> dict[str, Any]:
    sheet = wanted(asked["sheet"], language).sheet(student(asked["student"], language), language)
    blanks = [len(practice(x.output, blanks=sheet.blanks)) for x in sheet.exercises]
    return {"title": sheet.title(), "accepted": sheet.accepted, "blanks": blanks}


def _exercise(asked: Any, language: str) -> dict[str, Any]:
    sheet = wanted(asked["sheet"], language).sheet(student(asked["student"], language), language)
    n = int(asked["at"])
    if not 0 <= n < len(sheet.exercises):
        raise refused("no_exercise", language, n=n + 1)
    x = sheet.exercises[n]
    form = practice(x.output, blanks=sheet.blanks, tolerance=sheet.tolerance, language=language)
    return {"head": head(sheet, x, n + 1, "h3"), "form": fragment(form)}


def _code(asked: Any, language: str) -> dict[str, Any]:
    made = HandedIn(wanted(asked["sheet"], language), student(asked["student"], language), tried(asked["tried"]))
    return {"code": written(made), "said": text("done_so_far", language, **_counted(_tries(made, language)))}


def _codes(asked: Any, language: str) -> dict[str, Any]:
    found = codes(str(asked["pasted"]))
    if not found:
        raise refused("no_code", language, begins=BEGINS)
    lines = [quoted(line) for line in others(str(asked["pasted"]))]
    shown = ", ".join(lines[:_MOST_LINES]) + ", …" * (len(lines) > _MOST_LINES)
    return {"codes": found, "others": text("no_code_lines", language, lines=shown) if lines else ""}


def _check(asked: Any, language: str) -> dict[str, Any]:
    """What is in a code: the counts, and for each blank what was asked, what is right, the answers and the result."""
    made = read(asked["code"], language)
    expected = asked.get("sheet")
    found: dict[str, Any] = {"sheet": made.wanted.said(language), "another": ""}
    if expected and wanted(expected, language) != made.wanted:
        found["another"] = text("another_sheet", language, sheet=found["sheet"])
    tries = list(_tries(made, language))
    rows = [
        [x.exercise, x.asked, x.right, "; ".join(x.tried.answers), text(f"result_{x.result}", language), x.tried.hints]
        for x in tries
    ]
    return {"student": made.student or text("nameless", language), "rows": rows, **found, **_counted(tries)}


def _table(asked: Any, language: str) -> dict[str, Any]:
    file = io.StringIO()
    csv.writer(file).writerows([_kept(str(cell)) for cell in row] for row in asked["rows"])
    return {"csv": "\ufeff" + file.getvalue()}


def _kept(cell: str) -> str:
    """A cell that no spreadsheet computes: what would be a formula begins with a quote."""
    try:
        float(cell)
    except ValueError:
        return f"'{cell}" if cell[:1] in ("=", "+", "-", "@", "\t") else cell
    return cell


class _Try(NamedTuple):
    """A blank of a sheet, and what became of it: "right", "wrong", "open" or "shown"."""

    exercise: int
    asked: str
    right: str
    tried: Tried
    result: str


def _tries(made: HandedIn, language: str) -> Iterator[_Try]:
    """All blanks of the sheet, with its own numbers; each answer is judged by the engine."""
    sheet = made.wanted.sheet(made.student, language)
    for i, x in enumerate(sheet.exercises):
        form = practice(x.output, blanks=sheet.blanks, language=language)
        done = made.tried[i] if i < len(made.tried) else ()
        for j, blank in enumerate(form):
            here = done[j] if j < len(done) else Tried()
            asked = blank.formula + (PAGE[language]["so_far"] if blank.part == "sum" else "")
            yield _Try(i + 1, asked, figure(blank.key.right), here, _result(form, j, here))


def _result(form: Practice, j: int, here: Tried) -> str:
    if here.shown:
        return "shown"
    if not here.answers:
        return "open"
    return "right" if any(judged(x, form[j].key, form.numbers) for x in here.answers) else "wrong"


def _counted(tries: Iterable[_Try]) -> dict[str, int]:
    tries = list(tries)
    right = [x.tried for x in tries if x.result == "right"]
    return {
        "right": len(right),
        "all": len(tries),
        "first": sum(len(x.answers) == 1 and not x.hints for x in right),
        "hints": sum(x.tried.hints for x in tries),
        "shown": sum(x.tried.shown for x in tries),
    }


_DONE: dict[str, Callable[[Any, str], dict[str, Any]]] = {
    "one": _one, "sheet": _sheet, "exercise": _exercise, "code": _code, "codes": _codes, "check": _check,
    "table": _table,
}  # fmt: skip
