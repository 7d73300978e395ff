"""Rules that only a compiled function needs: a number chosen by an index, or left out, or that hands nothing on.

They are written as those of the table (ops.py) and are no part of it: their slopes say what a gradient is to do, and no
finite difference would tell that.
"""

from __future__ import annotations

from functools import cache, partial
from math import inf
from typing import Final

from . import floats
from .basics.operand import FLAT, where
from .rules import Binary, Nary, Unary

__all__ = ["RULES", "OneHot", "detached", "item", "largest", "masked", "one_hot"]

detached = Unary("detach", "a", floats.identity, lambda y, a: FLAT, latex=r"\operatorname{stop}(#1)")
masked = Binary("masked", "-inf if b == 1 else a", lambda a, b: -inf if b == 1 else a,
                lambda y, a, b: where(b > 0.5, FLAT, 1.0), lambda y, a, b: FLAT, latex="#1")  # fmt: skip
largest = Nary("largest", "max(x1, ..., xn)", max, lambda y, xs: ([FLAT] * len(xs),),
               groups="xs", latex=r"\max_i x_i")  # fmt: skip


class OneHot(Binary):
    """The rule that tells whether an index a is b, of k possible ones: 1 or 0, and not a number for none of them."""

    def __init__(self, k: int) -> None:
        self.classes = k
        forward = partial(floats.one_hot, k)
        known = f"1 if a is b, of {k} classes"
        super().__init__("one_hot", known, forward, lambda y, a, b: FLAT, lambda y, a, b: FLAT, latex="[#1 = #2]")


one_hot = cache(OneHot)  # applications of one rule make one operation
item = Nary("item", "x[i]", floats.item,
            lambda y, i, xs: (FLAT, [one_hot(len(xs))(i, float(j)) for j in range(len(xs))]),
            groups="i xs", latex="#1")  # fmt: skip

RULES: Final = frozenset({detached, item, largest, masked})
"""They, and each `OneHot`, are as well known as those of the table."""
