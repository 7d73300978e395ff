"""The command `python -m autograd exercises "x*y + sin(x)" --count 5`: sheets of exercises, and their solutions."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from ..basics.files import write_whole
from ..show.practice.answers import TOLERANCE, checked
from . import students
from .moodle import quiz
from .notebook import notebook
from .page import practising, printed, solved
from .pdf import pdfs
from .sheet import Sheet, sheets

_DESCRIPTION = """\
Make exercises from an expression: its gradients, at other numbers for each student.

  python -m autograd exercises "x*y + sin(x)" --count 5 --seed 7 --students class.csv --to html
"""

_MORE = """\
For each student there is a sheet in exercises/ and one with the solutions in solutions/; without --students there is
one sheet, exercises.html, and solutions.html. For Moodle it is one quiz, quiz.xml, and solutions.html.

A student's numbers depend on --seed and the name alone: they stay what they are if the class changes, and are those of
a link that the classroom's page makes with "other numbers for each name".

  html      pages on which one practises: answers are judged, with no network and no Python
  notebook  notebooks with cells that check, and nbgrader's metadata; those in solutions/ are its source
  pdf       sheets to be printed
  moodle    questions to import, with feedback for each known wrong number
"""

_MOST, _MOST_IN_ALL = 1_000, 10_000
"""Exercises on a sheet, and on all of them."""
_MANY = 300
"""Exercises that take half a minute as pages, each with its graph."""


def main(argv: Sequence[str]) -> None:
    """Run the command.

    Args:
        argv: what stands behind `exercises`.

    Raises:
        SystemExit: after `--help`, and for arguments that make no sense.
        ValueError, ImportError, RuntimeError, OSError: if it can't be done; the message says why.
    """
    parser = argparse.ArgumentParser(
        prog="python -m autograd exercises", description=_DESCRIPTION, epilog=_MORE, allow_abbrev=False,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    parser.add_argument("expression", metavar="EXPRESSION", help='what to differentiate: "x*y + sin(x)"')
    parser.add_argument("--count", type=int, default=5, metavar="N", help="exercises on a sheet: 5")
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="other seeds give other numbers: 0")
    parser.add_argument("--students", metavar="FILE", help="a table in CSV with a name on each line")
    parser.add_argument("--to", choices=("html", "notebook", "pdf", "moodle"), default="html", help="the format: html")
    parser.add_argument("--vary", choices=("numbers", "shapes"), default="numbers", help="shapes: operations, too")
    parser.add_argument("--products", action="store_true", help="pages ask for products and sums, no local derivatives")
    parser.add_argument("--language", choices=("en", "de"), default="en", help="of all that is said: en")
    parser.add_argument("--tolerance", type=float, default=TOLERANCE, help=f"a share of the right number: {TOLERANCE}")
    parser.add_argument("--out", type=Path, default=Path(), metavar="FOLDER", help="where the files go: here")
    wanted = parser.parse_args(argv)
    if not 1 <= wanted.count <= _MOST:
        parser.error(f"--count must be from 1 to {_MOST:,}, got {wanted.count:,}")
    class_ = students.read(wanted.students) if wanted.students is not None else []
    if wanted.count * len(class_) > _MOST_IN_ALL:
        total = f"{wanted.count:,} exercises for {len(class_):,} students"
        parser.error(f"{total} are more than {_MOST_IN_ALL:,}: take a smaller --count, or a part of the class")
    if wanted.count * max(1, len(class_)) > _MANY:
        print(f"{wanted.count * max(1, len(class_)):,} exercises: this may take minutes.", file=sys.stderr, flush=True)
    made = sheets(
        wanted.expression, wanted.count, wanted.seed, class_, wanted.vary == "shapes", wanted.language,
        checked(wanted.tolerance), wanted.products,
    )  # fmt: skip
    files = _quiz(made) if wanted.to == "moodle" else _files(made, wanted.to)
    for name, content in files.items():
        path = wanted.out / name
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, content)
    n = len(made) * wanted.count
    print(f"{n} exercise{'s' * (n > 1)}: {_listed([str(wanted.out / name) for name in files])}")


def _quiz(made: list[Sheet]) -> dict[str, bytes]:
    return {"quiz.xml": quiz(made), "solutions.html": solved(made).encode()}


def _files(made: list[Sheet], to: str) -> dict[str, bytes]:
    """For each sheet the file of the exercises and that of the solutions, by their names."""
    write: dict[str, Callable[[list[Sheet]], list[bytes]]] = {
        "html": lambda all: [x for s in all for x in (practising(s).encode(), solved([s]).encode())],
        "notebook": lambda all: [x for s in all for x in (notebook(s), notebook(s, solved=True))],
        "pdf": lambda all: pdfs([x for s in all for x in (printed(s), solved([s]))]),
    }
    ending = {"notebook": "ipynb"}.get(to, to)
    folders = ("exercises", "solutions")
    if made[0].student:
        names = [f"{folder}/{name}" for name in students.file_names([s.student for s in made]) for folder in folders]
    else:
        names = list(folders)
    return {f"{name}.{ending}": content for name, content in zip(names, write[to](made))}


def _listed(names: list[str]) -> str:
    return ", ".join(names if len(names) <= 4 else [*names[:3], f"… ({len(names)} files)"])
