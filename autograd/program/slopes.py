"""Local derivatives that arrays can't be put through: those written for floats, with `if` or `math.cos`.

A derivative of the table is arithmetic, and arrays flow through it. That of a rule of one's own may ask its operands
for their numbers; then it is an operation itself, which an engine computes number by number with the derivative as is.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any

from ..basics.arguments import number
from ..rules import Rule


class Slope(Rule):
    """∂y/∂operand of another rule, for one operand, as a rule of y and of all numbers that the other is applied to.

    Args:
        rule: the other rule.
        sizes: for each of its operands how many numbers it has, if that is a list; None for a single number.
        place: whose derivative it is: the position of the operand, and of the item in it, if that is a list.
    """

    def __init__(self, rule: Rule, sizes: tuple[int | None, ...], place: tuple[int, int]) -> None:
        i, j = place
        wanted = [k == i for k in range(len(sizes))]

        def forward(y: float, *flat: float) -> float:
            items = iter(flat)
            operands = [next(items) if size is None else [next(items) for _ in range(size)] for size in sizes]
            try:
                found = rule.slopes(y, operands, wanted)[i]
            except OverflowError as cause:
                raise ValueError(str(cause)) from None
            return number(found if sizes[i] is None else list(found)[j], f"a slope of {rule.name}")

        self.operands = ("y", *[f"x{k}" for k in range(sum([1 if size is None else size for size in sizes]))])
        super().__init__(f"slope_{rule.name}", f"the slope of {rule.formula}", forward, latex="")


_slope = lru_cache(1000)(Slope)  # applications of one rule make one operation


def slopes_of(y: Any, operands: Sequence[Any]) -> list[Any]:
    """The slopes of an operation on arrays, nested like its operands: by arithmetic if possible, else number by number.

    Args:
        y: the Array of what a rule gave.
        operands: Arrays and floats, in lists for the groups of a rule of lists.
    """
    rule, wanted = y.op, [not isinstance(x, float) for x in operands]
    y.builder.differentiating = True
    try:
        return [
            x if isinstance(x, float) or not isinstance(x, Iterable) else list(x)
            for x in rule.slopes(y, operands, wanted)
        ]
    except TypeError:  # an Array was asked for its number
        sizes = tuple([len(x) if isinstance(x, list) else None for x in operands])
        flat = [item for x in operands for item in (x if isinstance(x, list) else [x])]

        def slope(i: int, j: int = 0) -> Any:
            return y.builder.elementwise(_slope(rule, sizes, (i, j)), y, *flat)

        return [
            [slope(i, j) for j in range(len(x))] if isinstance(x, list) else slope(i) if wanted[i] else None
            for i, x in enumerate(operands)
        ]
    finally:
        y.builder.differentiating = False
