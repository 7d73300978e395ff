"""What a student hands in, as one line of text: the sheet, the name and each answer; no secret, and no proof.

A code is JSON, compressed, whose check sum tells when a piece is missing: `chainrule1.eJy…b2c.`. It is read with
bounds, since anybody may have written it.
"""

from __future__ import annotations

import base64
import json
import re
import zlib
from dataclasses import replace
from typing import Any, NamedTuple

from ..basics.nesting import depth
from ..exercises.sheet import Sheet, sheets
from .texts import quoted, refused, text

BEGINS = "chainrule1."
MOST_EXERCISES = 20
MOST_LETTERS = 500
"""Of an expression for a sheet."""
MOST_NAME = 80
FLAGS = ("each", "shapes", "products")
"""What a sheet can be besides."""
_MOST_ANSWERS, _MOST_ANSWER = 20, 100
_MOST_BYTES = 1_000_000
_DEEPEST = 100
"""Brackets in each other; a code needs six."""
_STRING = re.compile(r'"(?:[^"\\]|\\.)*"')


class Wanted(NamedTuple):
    """The sheet that a teacher made.

    Args:
        e: the expression.
        exercises: how many it has.
        seed: other seeds give other numbers.
        each: True for other numbers for each name, those that `python -m autograd exercises --students` gives it;
            otherwise all have those of the command without --students.
        shapes: True for other operations, too.
        products: True to ask for products and sums only, and not for local derivatives.
    """

    e: str
    exercises: int = 5
    seed: int = 0
    each: bool = False
    shapes: bool = False
    products: bool = False

    def sheet(self, student: str, language: str) -> Sheet:
        """The sheet of a student: the same name and seed give the same numbers, however the name is spaced or cased.

        Raises:
            ExpressionError: if it can't be made.

        >>> ann, again, ben = (Wanted("x*y", 1, each=True).sheet(name, "en") for name in ("Ann", " ann ", "Ben"))
        >>> [sheet.exercises[0].given for sheet in (ann, again, ben)]
        ['x = 2, y = 4', 'x = 2, y = 4', 'x = -2, y = 3']
        """
        whose = [student] if self.each else []
        made = sheets(self.e, self.exercises, self.seed, whose, self.shapes, language, products=self.products)[0]
        return replace(made, student=student)

    def said(self, language: str) -> str:
        """What it is, in a line."""
        more = [text(key, language) for key in FLAGS if getattr(self, key)]
        key = "sheet_said_one" if self.exercises == 1 else "sheet_said"
        return ", ".join([text(key, language, e=self.e, count=self.exercises, seed=self.seed), *more])


class Tried(NamedTuple):
    """What was tried at a blank.

    Args:
        answers: as they were typed; the last ones, of many.
        hints: how many were taken.
        shown: whether the answer was.
    """

    answers: tuple[str, ...] = ()
    hints: int = 0
    shown: bool = False


class HandedIn(NamedTuple):
    """What a code holds: the sheet, the student, and for each exercise what was tried at each blank."""

    wanted: Wanted
    student: str
    tried: tuple[tuple[Tried, ...], ...]


def wanted(given: Any, language: str) -> Wanted:
    """A sheet as a link has it, checked.

    Raises:
        Refused: if it can't be used; the message says which part.
    """
    e = given.get("e")
    if not isinstance(e, str) or len(e) > MOST_LETTERS:
        raise refused("too_long", language, most=MOST_LETTERS)
    count = _whole("count", given.get("count", 5), 1, MOST_EXERCISES, language)
    seed = _whole("seed", given.get("seed", 0), 0, 10**9, language)
    return Wanted(" ".join(e.split()), count, seed, *[bool(given.get(flag)) for flag in FLAGS])


def student(given: Any, language: str) -> str:
    """A student's name, checked."""
    name = " ".join(str(given or "").split())
    if len(name) > MOST_NAME:
        raise refused("name_too_long", language, most=MOST_NAME)
    return name


def tried(given: Any) -> tuple[tuple[Tried, ...], ...]:
    """What was tried, as the page has it: by exercise and blank the `answers`, the `hints` and the `result`."""
    return tuple(
        tuple(
            Tried(
                tuple(str(answer)[:_MOST_ANSWER] for answer in blank["answers"][-_MOST_ANSWERS:]),
                min(3, int(blank["hints"])),
                blank["result"] == "shown",
            )
            for blank in blanks or ()
        )
        for blanks in given[:MOST_EXERCISES]
    )


def written(handed_in: HandedIn) -> str:
    """The code.

    >>> code = written(HandedIn(Wanted("x*y", 1), "Ann", ((Tried(("1",)),),)))
    >>> [read(code, "en").student, read(code, "en").tried]
    ['Ann', ((Tried(answers=('1',), hints=0, shown=False),),)]
    """
    content = json.dumps([handed_in.wanted, handed_in.student, handed_in.tried], separators=(",", ":"))
    packed = base64.urlsafe_b64encode(zlib.compress(content.encode(), 9)).decode().rstrip("=")
    return f"{BEGINS}{packed}."


def codes(pasted: str) -> list[str]:
    """The codes in a text, each to its last point; a mail may have broken their lines.

    >>> codes("Ann: chainrule1.abc\\n> def. Regards")
    ['chainrule1.abcdef.']
    """
    return [BEGINS + "".join(x.partition(".")[0].replace(">", "").split()) + "." * ("." in x)
            for x in pasted.split(BEGINS)[1:]]  # fmt: skip


def others(pasted: str) -> list[str]:
    """The lines of a text that have nothing of a code, without empty ones.

    >>> others("Ann: chainrule1.abc\\n> def. Regards\\n\\nhello")
    ['hello']
    """
    there = re.sub(rf"{re.escape(BEGINS)}(?:(?!{re.escape(BEGINS)})[^.])*\.?", BEGINS, pasted)
    return [line for line in map(str.strip, there.splitlines()) if line and BEGINS not in line]


def read(code: str, language: str) -> HandedIn:
    """What a code holds.

    Raises:
        Refused: if it is not whole, was altered, or holds what no page puts into one.
    """
    try:
        if not code.startswith(BEGINS) or not code.endswith("."):
            raise ValueError
        packed = code[len(BEGINS) : -1]
        unpacking = zlib.decompressobj()
        content = unpacking.decompress(base64.urlsafe_b64decode(packed + "=" * (-len(packed) % 4)), _MOST_BYTES)
        if not unpacking.eof:
            raise ValueError
        unpacked = content.decode()
        if depth(_STRING.sub("", unpacked)) > _DEEPEST:  # reading it could end the page
            raise ValueError
        sheet, name, blanks = json.loads(unpacked)
        e, count, seed, *flags = sheet  # codes of earlier pages have fewer
        made = wanted({"e": e, "count": count, "seed": seed, **dict(zip(FLAGS, flags))}, language)
        found = [[{"answers": a, "hints": h, "result": "shown" if s else ""} for a, h, s in row] for row in blanks]
        return HandedIn(made, student(name, language), tried(found))
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError, OverflowError, zlib.error):
        raise refused("bad_code", language, begin=code[:30]) from None


def _whole(key: str, given: Any, least: int, most: int, language: str) -> int:
    try:
        number = int(str(given)[:20])
    except ValueError:
        number = least - 1
    if not least <= number <= most:
        sizes = {"least": least, "most": f"{most:,}"}
        raise refused("whole", language, name=text(key, language), got=quoted(given), **sizes)
    return number
