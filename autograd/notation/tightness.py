"""The application of a rule, written: how tightly operators hold together, and so where brackets stand, in one table.

An operand stands in brackets where it holds less tightly than its place demands. How names, numbers and calls look is
decided in the file of each notation: names.py, formulas.py, latex.py, mathml.py, matrices.py.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple, TypeVar

from .. import ops
from ..rules import Rule

COMPARISON, SUM, QUOTIENT, PRODUCT, POWER, ATOM = range(6)
"""From the loosest to the tightest. A place that takes anything demands no more than a COMPARISON."""

TIMES, MATRIX = QUOTIENT, PRODUCT
"""Of matrices: W δ ⊙ A + B is ((W δ) ⊙ A) + B."""


class Operator(NamedTuple):
    """A row of the table: how tightly an application holds together, and what it demands of its operands.

    Args:
        holds: how tightly the whole holds together.
        formula: what the operands' places demand in a formula, which has no more brackets than Python needs.
        step: the same where one operation stands alone: there, an operand that is an operation itself has brackets.
        mathml: the same in MathML, where fractions and powers show by themselves what belongs together.
    """

    holds: int
    formula: tuple[int, ...]
    step: tuple[int, ...]
    mathml: tuple[int, ...]


# fmt: off
OPERATORS: dict[Rule, Operator] = {
    #                  holds     formula           step                  mathml
    ops.add: Operator(SUM,      (SUM, QUOTIENT),  (QUOTIENT, QUOTIENT), (QUOTIENT, QUOTIENT)),
    ops.sub: Operator(SUM,      (SUM, QUOTIENT),  (QUOTIENT, QUOTIENT), (QUOTIENT, QUOTIENT)),
    ops.neg: Operator(SUM,      (QUOTIENT,),      (ATOM,),              (QUOTIENT,)),
    ops.mul: Operator(PRODUCT,  (PRODUCT, POWER), (ATOM, ATOM),         (QUOTIENT, QUOTIENT)),
    ops.div: Operator(QUOTIENT, (PRODUCT, POWER), (ATOM, ATOM),         (SUM, SUM)),
    ops.remainder: Operator(QUOTIENT, (PRODUCT, POWER), (ATOM, ATOM), (ATOM, ATOM)),
    ops.pow: Operator(POWER,    (ATOM, POWER),    (ATOM, ATOM),         (ATOM, SUM)),
}
# fmt: on


class Part(NamedTuple):
    """A part of a formula, and how tightly it holds together. A notation with other brackets has a subclass."""

    text: str
    holds: int = ATOM

    def within(self, least: int) -> str:
        """The part, in brackets where it doesn't hold together as tightly as that."""
        return self.text if self.holds >= least else f"({self.text})"


P = TypeVar("P", bound=Part)


class Pattern(NamedTuple):
    """How an application of a rule is written.

    Args:
        text: with #1 and #2 for the operands.
        holds: how tightly the whole holds together.
        demands: how tightly an operand must hold together, for each #1 and #2 in the text.
    """

    text: str
    holds: int
    demands: tuple[int, ...]

    def filled(self, operands: Sequence[P]) -> P:
        """The application of the rule to some operands.

        >>> Pattern("#1 * #2", PRODUCT, (PRODUCT, POWER)).filled([Part("a + b", SUM), Part("c")])
        Part(text='(a + b) * c', holds=3)
        """
        demands = iter(self.demands)
        text = re.sub("#([123])", lambda found: operands[int(found[1]) - 1].within(next(demands)), self.text)
        return type(operands[0])(text, self.holds)


def infix(rule: Rule) -> str:
    """The pattern of an operator in text: `#1 + #2`, `-#1`."""
    return f"#1 {rule.symbol} #2" if len(rule.operands) == 2 else f"{rule.symbol}#1"


def applied(
    rule: Rule, operands: Sequence[P], patterns: Mapping[Rule, Pattern], call: Callable[[str, Sequence[P]], P]
) -> P:
    """A rule applied to operands: by its pattern in a notation, or else as a call of the function with its name."""
    return patterns[rule].filled(operands) if rule in patterns else call(rule.name, operands)
