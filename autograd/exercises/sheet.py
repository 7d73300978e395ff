"""A sheet: the exercises of one student, or of all, and what is said of each in every format."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..show.practice.answers import TOLERANCE
from ..show.practice.blanks import PARTS
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
        blanks: what a page asks for at each step, some of `PARTS`.
    """

    written: str
    exercises: tuple[Exercise, ...]
    student: str = ""
    language: str = "en"
    tolerance: float = TOLERANCE
    blanks: tuple[str, ...] = PARTS

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
    products: bool = False,
) -> list[Sheet]:
    """A sheet for each student, or one for all.

    The seed and the name alone decide a student's numbers, so a sheet stays what it is whoever joins the class. No
    exercise is twice on a sheet; that two students have the same one is left to chance, and two of one name have one.

    Args:
        written: the expression.
        count: how many exercises a sheet has.
        seed: other seeds give other numbers.
        students: their names; however one is spaced or cased, it has the same numbers.
        shapes: True for other operations and functions, too, and not only other numbers.
        language: "en" or "de".
        tolerance: the share of the right number by which an answer may differ from it.
        products: True for pages that ask for products and sums only, and not for local derivatives.

    >>> [[x.given for x in sheet.exercises] for sheet in sheets("x*y", 2, students=["Ann", "Ben"])]
    [['x = 2, y = 4', 'x = 3, y = 2'], ['x = -2, y = 3', 'x = 2, y = 3']]
    """
    more = (language, tolerance, PARTS[1:] if products else PARTS)
    return [
        Sheet(written, tuple(variants(written, count, _seed(seed, student), shapes)), student, *more)
        for student in students or [""]
    ]


def _seed(seed: int | str, student: str) -> int | str:
    name = " ".join(student.casefold().split())
    return f"{seed} {name}" if name else seed


def symbol(x: Exercise, name: str) -> str:
    """A gradient as it is written: `∂f/∂x`."""
    return f"∂{x.name}/∂{name}"
