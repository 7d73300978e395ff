"""The rules of `where` and, in a function that is being compiled, of the comparisons that it chooses by.

They stand in no table, for no finite difference would tell their slopes. Eagerly the branch that is taken is all that
there is of a choice; a compiled function keeps both, and a number that says for each example which one counts.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from typing import Any

from .basics.operand import FLAT, where
from .rules import Binary, Unary
from .ternary import Ternary


class Comparison(Binary):
    """Whether a and b compare as the sign says: 1 or 0, which no gradient goes through."""

    def __init__(self, sign: str, compare: Callable[[Any, Any], Any]) -> None:
        super().__init__(
            sign,
            f"a {sign} b",
            lambda a, b: float(compare(a, b)),
            lambda y, a, b: FLAT,
            lambda y, a, b: FLAT,
            latex=f"#1 {sign} #2",
        )


COMPARISONS = {
    "<": Comparison("<", operator.lt), "<=": Comparison("<=", operator.le), ">": Comparison(">", operator.gt),
    ">=": Comparison(">=", operator.ge), "&": Comparison("&", lambda a, b: bool(a) and bool(b)),
    "|": Comparison("|", lambda a, b: bool(a) or bool(b)),
}  # fmt: skip

taken = Unary("where", "a, the branch that is taken", lambda a: a, lambda y, a: 1.0, latex="#1")
chosen = Ternary("where", "b if a else c", lambda a, b, c: b if a else c,
                 lambda y, a, b, c: (FLAT, where(a > 0.5, 1.0, FLAT), where(a > 0.5, FLAT, 1.0)),
                 latex=r"\operatorname{where}(#1, #2, #3)")  # fmt: skip
entered = Binary("entered", "b if a else nan", lambda a, b: b if a else math.nan,
                 lambda y, a, b: FLAT, lambda y, a, b: where(a > 0.5, 1.0, FLAT), latex="#2")  # fmt: skip
"""What a branch that is a function takes from outside of it: not a number for examples that don't take the branch."""
