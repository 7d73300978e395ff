"""The formulas of the table in many digits, with a tangent: quick to compute, and right if the formulas are.

accuracy.py looks here for the points at which floats are furthest off, and measures these against the true functions.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import mpmath
from mpmath import mpf

from autograd.basics.groups import flat
from autograd.operators import Operators
from autograd.rules import Rule
from tests.support.oracles import oracle


class Digits(Operators):
    """A number, and its derivative in some direction: where that isn't 0, each operation hands on the product."""

    def __init__(self, number: Any, tangent: Any = 0) -> None:
        self.number, self.tangent = mpf(number), tangent

    def _apply(self, rule: Rule, operands: tuple[Any, ...]) -> Digits:
        y = Digits(oracle(rule)(*[_each(x, _number) for x in operands]))
        moved = [any(isinstance(item, Digits) and item.tangent for item in flat((x,))) for x in operands]
        if any(moved):
            slopes = rule.slopes(y, [_each(x, lambda x: Digits(_number(x))) for x in operands], moved)
            pairs = zip(flat(slopes), flat(operands))
            y.tangent = mpmath.fsum(_number(s) * x.tangent for s, x in pairs if isinstance(x, Digits) and x.tangent)
        return y

    def __lt__(self, other: Any) -> bool:
        return bool(self.number < _number(other))

    def __le__(self, other: Any) -> bool:
        return bool(self.number <= _number(other))

    def __gt__(self, other: Any) -> bool:
        return bool(self.number > _number(other))

    def __ge__(self, other: Any) -> bool:
        return bool(self.number >= _number(other))


def _number(x: Any) -> Any:
    return x.number if isinstance(x, Digits) else mpf(x)


def _each(x: Any, f: Any) -> Any:
    return [f(item) for item in x] if isinstance(x, (list, tuple)) else f(x)


def value(rule: Rule, operands: Sequence[Any]) -> Any:
    """The true value of a rule for numbers, in tuples for the groups of a rule of lists."""
    return oracle(rule)(*[_each(x, mpf) for x in operands])


def derivatives(rule: Rule, operands: Sequence[Any], wanted: int) -> tuple[list[Any], list[list[Any]]]:
    """The first and the second derivatives of a rule, by its formulas.

    Args:
        rule: an entry of the table.
        operands: numbers, in tuples for the groups of a rule of lists.
        wanted: so many of the operands, the first ones, matter.
    """
    which = [k < wanted for k in range(len(operands))]
    y = value(rule, operands)
    slopes = [_number(s) for s in flat(rule.slopes(Digits(y), [_each(x, Digits) for x in operands], which))[:wanted]]
    rows = []
    for j in range(wanted):
        places = iter(range(100))
        moved = [_each(x, lambda x: Digits(x, mpf(next(places) == j))) for x in operands]  # noqa: B023
        found = flat(rule.slopes(Digits(y, slopes[j]), moved, which))[:wanted]
        rows.append([s.tangent if isinstance(s, Digits) else mpf(0) for s in found])
    return slopes, rows
