"""A rule of the table in a few lines: y, its derivatives, and where it is defined. Formulas write the derivatives.

Where a rule chooses by size, as relu does, each branch is shown, with a number for which it is the one.
"""

from __future__ import annotations

import inspect
from typing import Any

from ..rules import Nary, Rule
from ..ternary import Ternary
from .formulas import Formula

_POINTS = ((0.5, 2.0, 0.25), (-0.5, 1.5, 2.0), (3.5, -1.0, 4.0), (-3.5, -2.5, -2.0), (0.0, 0.75, 1.0))
_LONG = 100  # characters; what is longer is no help


def told(rule: Rule) -> str:
    """What `print(rule)` shows: its name and formula, the derivatives, and where it is defined.

    >>> from autograd import ops
    >>> print(told(ops.tanh))
    tanh: y = sinh a / cosh a
      dy/da = 1 - y ** 2
      for all numbers
    >>> print(told(ops.div))
    div: y = a / b
      dy/da = 1 / b
      dy/db = (-y) / b
      for b != 0
    >>> print(told(ops.relu))
    relu: y = max(0, a)
      dy/da = 1 (where a = 0.5), 0 (where a = -0.5)
      for all numbers
    """
    return f"{rule.name}: y = {rule.formula}\n{slopes(rule)}"


def slopes(rule: Rule) -> str:
    """The derivatives, a line for each, and where the rule is defined."""
    lists = isinstance(rule, Nary) and not isinstance(rule, Ternary)
    found: dict[str, dict[str, str]] = {}
    lines = []
    for point in _POINTS[: 1 if lists else None]:
        for name, text in _slopes(rule, point):
            found.setdefault(name, {}).setdefault(text, _where(rule, point))
    for name, texts in found.items():
        written = [f"{text} (where {at})" if len(texts) > 1 else text for text, at in texts.items()]
        lines.append(f"  dy/d{name} = {', '.join(written)}{' (of two)' * lists}")
    return "\n".join([*lines, f"  for {rule.domain or 'all numbers'}"])


def _slopes(rule: Rule, point: tuple[float, ...]) -> list[tuple[str, str]]:
    """The derivatives at a point, each with the name of its operand; none where they aren't defined."""
    operands = _operands(rule, point)
    numbers: Any = [[x.data for x in item] if isinstance(item, list) else item.data for item in operands]
    try:
        y = Formula.name("y", rule.compute(tuple(numbers)))
        slopes = rule.slopes(y, operands, [True] * len(operands))
    except (ValueError, ArithmeticError, TypeError):
        return []
    pairs: list[tuple[str, str]] = []
    for operand, slope in zip(operands, slopes):
        first, of = (operand[0], slope[0]) if isinstance(operand, list) else (operand, slope)
        text = of.text if isinstance(of, Formula) else Formula.number(of + 0.0).text
        pairs.append((first.text, text if len(text) <= _LONG else "…"))
    return pairs


def _operands(rule: Rule, point: tuple[float, ...]) -> list[Any]:
    """Names for the operands; of a list two, of which the first is shown."""
    if not isinstance(rule, Nary) or isinstance(rule, Ternary):
        return [Formula.name(name, x) for name, x in zip(rule.operands, point)]
    names = rule.groups or list(inspect.signature(rule.d).parameters)[1:]
    return [
        [Formula.name(f"{name[:-1]}{i + 1}", point[i]) for i in range(2)]
        if name.endswith("s")
        else Formula.name(name, point[2])
        for name in names
    ]


def _where(rule: Rule, point: tuple[float, ...]) -> str:
    return ", ".join([f"{name} = {x:g}" for name, x in zip(rule.operands, point)])
