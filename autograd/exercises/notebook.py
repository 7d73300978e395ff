"""A sheet as a notebook: cells to fill in, and cells that check, with nbgrader's metadata.

The student's notebook is what nbgrader hands out; that with the solutions is its source, from which nbgrader makes
the other: it takes out what stands between BEGIN SOLUTION and END SOLUTION. The metadata:
https://nbgrader.readthedocs.io/en/stable/contributor_guide/metadata.html
"""

from __future__ import annotations

import re
from typing import Any

from ..basics.extras import needed
from ..show.practice.answers import TOLERANCE
from ..vocabulary import FUNCTIONS
from .sheet import Sheet
from .texts import text
from .variants import Exercise


def notebook(sheet: Sheet, solved: bool = False) -> bytes:
    """The notebook of a sheet.

    Args:
        sheet: the exercises.
        solved: True for nbgrader's source, which has the solutions.

    Raises:
        ImportError: if nbformat isn't installed; the message names the extra.
    """
    nbformat = needed("nbformat", "a notebook of exercises")
    made = nbformat.v4.new_notebook()
    made.metadata = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    head = f"# {sheet.title()}\n\n{text('notebook', sheet.language)} {sheet.accepted}"
    made.cells = [_cell("markdown", head, "head"), _cell("code", _imports(sheet), "imports", locked=True)]
    for i, x in enumerate(sheet.exercises, 1):
        made.cells.append(_cell("markdown", f"## {sheet.head(i)}\n\n{_task(sheet, x)}", f"exercise-{i}"))
        made.cells.append(_cell("code", _given(x), f"given-{i}", locked=True))
        made.cells.append(_cell("code", _answers(x, solved), f"answers-{i}", solution=True))
        for name in x.leaves:
            check = f"check_answer({_answer(x, name)}, {x.name}, {name}{_options(sheet)})"
            made.cells.append(_cell("code", check, f"check-{i}-{_plain(name)}", locked=True, points=1))
    nbformat.validate(made)
    return f"{nbformat.writes(made)}\n".encode()


def _cell(kind: str, source: str, name: str, locked: bool = False, solution: bool = False, points: int = 0) -> Any:
    """A cell; what is locked or to be filled in carries nbgrader's metadata."""
    nbformat = needed("nbformat", "a notebook of exercises")
    cell = nbformat.v4.new_code_cell(source) if kind == "code" else nbformat.v4.new_markdown_cell(source)
    cell.id = name
    if locked or solution:
        cell.metadata["nbgrader"] = {
            "schema_version": 3, "grade_id": name, "grade": points > 0, "locked": locked, "solution": solution,
            "task": False, **({"points": points} if points else {}),
        }  # fmt: skip
    return cell


def _imports(sheet: Sheet) -> str:
    words = set(re.findall(r"[^\W\d]\w*", " ".join(x.text for x in sheet.exercises)))
    taken = {name for x in sheet.exercises for name in x.numbers}
    constants = sorted(words & {"e", "pi"} - taken)
    functions = sorted(words & FUNCTIONS.keys())
    lines = [f"from math import {', '.join(constants)}\n"] if constants else []
    lines.append(f"from autograd import {', '.join(['Value', 'check_answer', 'explain', 'steps', *functions])}")
    return "\n".join(lines)


def _task(sheet: Sheet, x: Exercise) -> str:
    names = ", ".join(f"`{_answer(x, name)}`" for name in x.leaves)
    task = sheet.task(x).replace(f"{x.name} = {x.text}", f"`{x.name} = {x.text}`", 1)
    return f"{task} ({names})"


def _given(x: Exercise) -> str:
    lines = [f'{name} = Value({number!r}, label="{name}")' for name, number in x.numbers.items()]
    named = [f'{x.name}.label = "{x.name}"'] if x.output.op else []
    return "\n".join([*lines, f"{x.name} = {x.text}", *named])


def _answers(x: Exercise, solved: bool) -> str:
    if not solved:
        return "\n".join(f"{_answer(x, name)} = ..." for name in x.leaves)
    lines = [f"{_answer(x, name)} = {gradient!r}" for name, gradient in x.gradients.items()]
    shown = [f"print(steps({x.name}))", *[f"print(explain({x.name}, {name}))" for name in x.leaves]]
    return "\n".join(["### BEGIN SOLUTION", *lines, *shown, "### END SOLUTION"])


def _answer(x: Exercise, name: str) -> str:
    return f"d{x.name}_d{name}"


def _options(sheet: Sheet) -> str:
    tolerance = "" if sheet.tolerance == TOLERANCE else f", tolerance={sheet.tolerance!r}"
    return tolerance + ("" if sheet.language == "en" else f', language="{sheet.language}"')


def _plain(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9_-]", lambda c: f"u{ord(c[0]):x}", name)
