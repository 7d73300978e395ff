"""What an expression on a page is: its text, how tightly it holds together, and what it needs besides."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

from ..engines.numpy import functions
from . import helpers
from .identifiers import Identifiers

COMPARE, SUM, TIMES, SIGN, POWER, ATOM = range(6)
"""From the loosest to the tightest."""


class Text(NamedTuple):
    """An expression.

    Args:
        text: as Python reads it.
        holds: how tightly it holds together.
        matrix: of a column that is a matrix row by row: that matrix, the biases beside it ("" if there are none), and
            the number of its rows.
        truth: of numbers that are 1 or 0, the comparison.
        parts: of arrays below each other, if there are too many for a line, each of them.
    """

    text: str
    holds: int = ATOM
    matrix: tuple[str, str, int] | None = None
    truth: str = ""
    parts: tuple[str, ...] = ()

    def within(self, least: int) -> str:
        """The text, in brackets where it doesn't hold together as tightly as that."""
        return self.text if self.holds >= least else f"({self.text})"

    @property
    def value(self) -> str:
        """The text as the operand of a method or an index."""
        return self.within(ATOM)


class Notes:
    """What an expression needs besides its operands; page.py collects it.

    Attributes:
        functions: what it calls, one of the engine's functions or of helpers.py or a Rule, with the name on the page.
        tables: lists of numbers that are too long for a line, with their names.
    """

    def __init__(self, identifiers: Identifiers) -> None:
        self.functions: dict[Any, str] = {}
        self.tables: dict[tuple[str, ...], str] = {}
        self._identifiers = identifiers

    def call(self, name: str, of: Any) -> str:
        """The name by which a function is called on the page."""
        if of not in self.functions:
            self.functions[of] = name if _is_ours(of) else self._identifiers.free(name)
        return self.functions[of]

    def numbers(self, numbers: Sequence[Any]) -> str:
        """A list of numbers; a long one is a table above the functions."""
        text = f"[{', '.join([written(x) for x in numbers])}]"
        if len(text) <= 40:
            return text
        key = tuple(map(written, numbers))
        if key not in self.tables:
            self.tables[key] = self._identifiers.numbered("TABLE")
        return self.tables[key]


def _is_ours(f: Any) -> bool:
    return getattr(f, "__module__", "") in (functions.__name__, helpers.__name__)


def written(x: float) -> str:
    """A plain number."""
    if x != x:
        return "np.nan"
    if math.isinf(x):
        return "np.inf" if x > 0 else "-np.inf"
    return repr(x)


def number(x: float) -> Text:
    """A plain number as an operand of arithmetic: 2 for 2.0."""
    x = float(x)
    text = str(int(x)) if x.is_integer() and abs(x) < 1e15 and str(x) != "-0.0" else written(x)
    return Text(text, SIGN if text.startswith("-") else ATOM)


def called(name: str, *args: Any) -> Text:
    """name(a, b)."""
    return Text(f"{name}({', '.join([x.text if isinstance(x, Text) else str(x) for x in args])})")
