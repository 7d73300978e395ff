"""Variants of an expression: with other numbers, or of another shape; nice numbers first, and no two alike.

The same seed gives the same variants. Which numbers are nice is decided by how many digits the value and the gradients
need.
"""

from __future__ import annotations

import ast
import math
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ..expression import Expression, ExpressionError, parse
from ..notation.text import figure
from ..value import Value
from ..vocabulary import short

_LEVELS = [
    [-3.0, -2.0, -1.0, 0.5, 1.0, 2.0, 3.0, 4.0],
    [n / 2 for n in range(-12, 13) if n],
    [n / 10 for n in range(-99, 100) if n],
]
"""From nice numbers to those that are always there."""

_DRAWN = 8  # of so many the nicest is taken: of 16, a few of 60 students have the same five exercises
_MOST, _LEAST = (
    1e4,
    1e-3,
)  # between them all numbers of an exercise are, in size; a gradient may be 0 where it always is

_FAMILIES = [("sin", "cos"), ("exp", "tanh", "sigmoid"), ("log", "sqrt"), ("sinh", "cosh"), ("relu", "softplus")]
"""Functions of which one may stand for another."""


@dataclass(frozen=True)
class Exercise:
    """An expression at numbers, to be differentiated.

    Args:
        text: the expression.
        numbers: of its names.
        output: its value.
        leaves: the Values of the names.
        gradients: of each name.
    """

    text: str
    numbers: dict[str, float]
    output: Value
    leaves: dict[str, Value]
    gradients: dict[str, float]

    @property
    def name(self) -> str:
        """What the value is called."""
        return self.output.label or self.text

    @property
    def given(self) -> str:
        """The numbers as they are written: `x = 2, y = -0.5`."""
        return ", ".join(f"{name} = {figure(x)}" for name, x in self.numbers.items())


def exercise(expression: Expression, numbers: dict[str, float]) -> Exercise:
    """The exercise of differentiating an expression.

    Args:
        expression: it has at least one name.
        numbers: one for each of its names.

    Raises:
        ValueError, ArithmeticError: if it has no value or no derivative there.

    >>> exercise(parse("x*y + x"), {"x": 2.0, "y": 3.0}).gradients
    {'x': 4.0, 'y': 2.0}
    """
    leaves = {name: Value(x, label=name) for name, x in numbers.items()}
    output = expression(**leaves)
    if not output.label:
        output.label = next(name for name in ("f", "y", "z", "g", "result") if name not in numbers)
    output.backward()
    return Exercise(expression.text, numbers, output, leaves, {name: x.grad + 0.0 for name, x in leaves.items()})


def variants(text: str, count: int, seed: int | str = 0, shapes: bool = False) -> list[Exercise]:
    """Exercises from one expression, no two of them alike.

    Args:
        text: the expression.
        count: how many.
        seed: other seeds give other numbers.
        shapes: True for other operations and functions, too, and not only other numbers.

    Raises:
        ExpressionError: if the text is no expression, has no names, or if there aren't so many variants of it.

    >>> [(x.text, x.given) for x in variants("x*y + sin(x)", 2, seed=7)]
    [('x*y + sin(x)', 'x = 0.5, y = 4'), ('x*y + sin(x)', 'x = 4, y = 2')]
    """
    expression = parse(text)
    if not expression.names:
        raise ExpressionError(f"{short(text)!r} has no names: an exercise needs one to differentiate for, as in x*y")
    chance = random.Random(f"{seed} {expression.text} {shapes}")
    made: dict[tuple[str, tuple[float, ...]], Exercise] = {}
    for numbers in _LEVELS:
        for flat in (False, True):  # first those whose gradients are not 0
            barren = 0
            while len(made) < count and barren < 12:
                drawn = list(_drawn(expression, numbers, chance, shapes, flat))
                new = [x for x in drawn if (x.text, tuple(x.numbers.values())) not in made]
                barren = 0 if new else barren + 1
                if new:
                    best = min(new, key=_digits)
                    made[best.text, tuple(best.numbers.values())] = best
    if not made:
        raise ExpressionError(
            f"{short(text)!r} has no value, or no derivative, at any of the numbers that were tried, from -9.9 to 9.9;"
            f" or none from {_LEAST} to {_MOST:,.0f}"
        )
    if len(made) < count:
        raise ExpressionError(
            f"there are only {len(made):,} exercises of this kind for {short(text)!r}, and {count:,} are needed: write"
            f" an expression with more names{'' if shapes else ', or vary its shape as well (--vary shapes)'}"
        )
    return list(made.values())


def _drawn(
    expression: Expression, numbers: Sequence[float], chance: random.Random, shapes: bool, flat: bool
) -> Iterator[Exercise]:
    """Some exercises by chance, of those that can be computed."""
    for _ in range(_DRAWN):
        try:
            shaped = parse(reshaped(expression.text, chance)) if shapes else expression
            found = exercise(
                shaped, {name: chance.choice(numbers) for name in expression.names if name in shaped.names}
            )
        except (ValueError, ArithmeticError):
            continue
        sizes = [abs(x) for x in (found.output.data, *found.gradients.values()) if x or not flat]
        if all(_LEAST <= x <= _MOST and math.isfinite(x) for x in sizes):
            yield found


def _digits(x: Exercise) -> int:
    """How many digits the numbers of an exercise need; more where two can be taken for each other."""
    shown = [figure(abs(n)) for n in (x.output.data, *x.gradients.values())]
    given = [abs(n) for n in x.numbers.values()]
    alike = len(given) - len(set(given)) + sum(n == 1 for n in given) + len(shown) - len(set(shown))
    return sum(map(len, shown)) + 3 * alike


def reshaped(text: str, chance: random.Random) -> str:
    """An expression of another shape: + for -, a function for one of its family, operands exchanged.

    >>> reshaped("x*y + sin(x)", random.Random(4))
    'sin(x) - y * x'
    """
    tree = ast.parse(text, mode="eval")
    for node in ast.walk(tree):
        if isinstance(node, ast.BinOp):
            if isinstance(node.op, ast.Add | ast.Sub) and chance.random() < 0.5:
                node.op = ast.Sub() if isinstance(node.op, ast.Add) else ast.Add()
            if isinstance(node.op, ast.Add | ast.Sub | ast.Mult) and chance.random() < 0.5:
                node.left, node.right = node.right, node.left
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            family = next((names for names in _FAMILIES if node.func.id in names), (node.func.id,))
            node.func.id = chance.choice(family)
    return ast.unparse(tree)
