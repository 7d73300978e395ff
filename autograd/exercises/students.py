"""The students of a class, from a table in CSV, and a name for the file of each."""

from __future__ import annotations

import csv
import os
import re
import unicodedata
from pathlib import Path

_HEADS = ("name", "student", "full name", "username", "id", "email", "id number", "schüler", "schülerin", "vorname")
"""What the column of the names may be called, the likeliest first."""
_LETTERS = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i"})
"""Latin letters that Unicode doesn't take apart; `casefold` has ß as ss."""


def read(path: str | os.PathLike[str]) -> list[str]:
    """The names of the students.

    Args:
        path: a table in CSV, with commas, semicolons or tabs. If its first line has a head such as `name` or `student`,
            the names are in that column, otherwise in the first.

    Raises:
        ValueError: if there are none, or the file is no text, or no table.
        RuntimeError: if it can't be read.
    """
    try:
        text = Path(path).read_text(encoding="utf-8-sig")
    except OSError as cause:
        raise RuntimeError(f"cannot read {os.fspath(path)}: {cause.strerror or cause}") from None
    except UnicodeDecodeError:
        raise ValueError(f"{os.fspath(path)} is no text in UTF-8: save the table as CSV (UTF-8)") from None
    first = text.strip().partition("\n")[0]
    try:  # strict: a quote that is never closed would make one student of all that follow
        rows = list(csv.reader(text.splitlines(), delimiter=max(",;\t", key=first.count), strict=True))
    except csv.Error as cause:
        raise ValueError(f"{os.fspath(path)} is no table in CSV: {cause}") from None
    rows = [[cell.strip() for cell in row] for row in rows if any(cell.strip() for cell in row)]
    heads = [cell.casefold() for cell in rows[0]] if rows else []
    column = next((heads.index(head) for head in _HEADS if head in heads), None)
    names = [row[column or 0] for row in rows[column is not None :] if len(row) > (column or 0)]
    names = [name for name in names if name]
    if not names:
        raise ValueError(f"{os.fspath(path)} has no students: write a name on each line")
    return names


def file_names(students: list[str]) -> list[str]:
    """A name for a file for each student, no two of them the same, in letters that every system has.

    >>> file_names(["Änne Weiß", "anne weiss", "Øre Łuk", "李雷", ""])
    ['anne-weiss', 'anne-weiss-2', 'ore-luk', 'student', 'student-2']
    """
    used: dict[str, int] = {}
    found = []
    for student in students:
        plain = unicodedata.normalize("NFKD", student.casefold().translate(_LETTERS)).encode("ascii", "ignore").decode()
        name = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:60] or "student"
        used[name] = used.get(name, 0) + 1
        while used[name] > 1 and f"{name}-{used[name]}" in used:
            used[name] += 1
        found.append(name if used[name] == 1 else f"{name}-{used[name]}")
        used.setdefault(found[-1], 1)
    return found
