"""A sheet: the exercises of one student, or of all, and what is said of each in every format."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..show.practice.answers import TOLERANCE
from .texts import text
from .variants import Exercise, variants


@dataclass(frozen=True)
class Sheet:
    """Some exercises for one student.

    Args:
        written: the expression that they were made from.
        exercises: in their order.
        student: whose they are; "" for nobody's in particular.
        language: "en" or "de".
        tolerance: the share of the right number by which an answer may differ from it.
    """

    written: str
    exercises: tuple[Exercise, ...]
    student: str = ""
    language: str = "en"
    tolerance: float = TOLERANCE

    def title(self, key: str = "title") -> str:
        """Its title, or with the key "solutions" that of the solutions."""
        title = text(key, self.language, text=self.written)
        return f"{title}, {text('for', self.language, student=self.student)}" if self.student else title

    def head(self, number: int) -> str:
        """The head of an exercise, counted from 1."""
        return text("exercise", self.language, number=str(number))

    def task(self, x: Exercise) -> str:
        """What is to be done, as text."""
        *most, last = x.leaves
        names = text("and", self.language, names=", ".join(most), last=last) if most else last
        return text("task", self.language, formula=f"{x.name} = {x.text}", given=x.given, names=names)

    @property
    def accepted(self) -> str:
        """Which answers count as right."""
        return text("accepted", self.language, share=f"{100 * self.tolerance:.3g} %")


def sheets(
    written: str,
    count: int,
    seed: int | str = 0,
    students: Sequence[str] = (),
    shapes: bool = False,
    language: str = "en",
    tolerance: float = TOLERANCE,
) -> list[Sheet]:
    """A sheet for each student, or one for all; no exercise is there twice.

    Args:
        written: the expression.
        count: how many exercises a sheet has.
        seed: other seeds give other numbers.
        students: their names.
        shapes: True for other operations and functions, too, and not only other numbers.
        language: "en" or "de".
        tolerance: the share of the right number by which an answer may differ from it.

    >>> [[x.given for x in sheet.exercises] for sheet in sheets("x*y", 2, students=["Ann", "Ben"])]
    [['x = 4, y = -2', 'x = -2, y = 3'], ['x = -2, y = 4', 'x = -2, y = -3']]
    """
    made = variants(written, count * max(1, len(students)), seed, shapes)
    return [
        Sheet(written, tuple(made[i * count : (i + 1) * count]), student, language, tolerance)
        for i, student in enumerate(students or [""])
    ]


def symbol(x: Exercise, name: str) -> str:
    """A gradient as it is written: `∂f/∂x`."""
    return f"∂{x.name}/∂{name}"
