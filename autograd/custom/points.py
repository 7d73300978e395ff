"""Points to try a rule at: numbers of several sizes and both signs, as far as the rule is defined there."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import product
from typing import Any

from ..basics.arguments import listed, number
from ..basics.domains import within
from ..basics.messages import shown
from ..rules import Nary, Rule

_NUMBERS = (0.37, -0.52, 1.3, -1.7, 2.6, -3.1, 0.8, 5.3, -6.4)
_SCALES = (1.0, 0.01, 100.0, 1e4)  # those after the first where the rule is defined at none of the others
_MOST = 5
_ITEMS = 3


def names_of(forward: Callable[..., Any]) -> list[str]:
    """The names of the operands of a function; none if it doesn't say what it takes."""
    try:
        parameters = inspect.signature(forward).parameters.values()
    except (TypeError, ValueError):  # some functions written in C
        return []
    known = all(p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD) for p in parameters)
    return [p.name for p in parameters] if known else []


def are_lists(rule: Rule) -> list[bool]:
    """For each operand whether it is a list: those with a name in the plural, as xs, or else those that can be."""
    if not isinstance(rule, Nary):
        return [False] * len(rule.operands)
    names = names_of(rule.forward)
    guess = [len(name) > 1 and name.endswith("s") for name in names]
    for kinds in [guess, *map(list, product((True, False), repeat=len(names)))] if len(names) <= _MOST else [guess]:
        try:
            rule.forward(*next(_candidates(kinds, 1.0)))
        except TypeError:
            continue
        except (ValueError, ArithmeticError):
            pass
        return kinds
    return guess


def given(rule: Rule, points: Any) -> list[tuple[Any, ...]]:
    """Points that a user has given: each a tuple of the operands, or the only one, as floats and lists of floats."""
    found = []
    for i, point in enumerate(listed(points, "points", "points")):
        operands = point if isinstance(point, tuple) else (point,)
        if not isinstance(rule, Nary) and len(operands) != len(rule.operands):
            raise ValueError(
                f"points[{i}] must have {len(rule.operands)} numbers for {rule.name}({', '.join(rule.operands)}), got"
                f" {shown(point)}"
            )
        what = f"a number in points[{i}]"
        found.append(
            tuple([[number(z, what) for z in x] if isinstance(x, (list, tuple)) else number(x, what) for x in operands])
        )
    return found


def drawn(rule: Rule) -> list[tuple[Any, ...]]:
    """Some points inside of the rule's domain.

    Raises:
        ValueError: if there is none among those that are tried, or the rule doesn't say what its operands are.
    """
    kinds = are_lists(rule)
    if not kinds:
        raise ValueError(
            f"the operands of {rule.name} can't be guessed from its function: give some points to try it at"
        )
    for scale in _SCALES:
        found = [point for point in _candidates(kinds, scale) if is_defined(rule, point)]
        if found:
            return found[:_MOST]
    raise ValueError(f"no point was found where {rule.name} is defined: give some to try it at, points=[...]")


def _candidates(kinds: Sequence[bool], scale: float) -> Iterator[tuple[Any, ...]]:
    n = len(_NUMBERS)
    for start in range(n):
        places = range(start, start + 3 * _ITEMS * len(kinds), 3)  # 3: neighbours are of different sizes
        numbers = iter([_NUMBERS[i % n] * scale for i in places])
        yield tuple([[next(numbers) for _ in range(_ITEMS)] if many else next(numbers) for many in kinds])


def is_defined(rule: Rule, point: Iterable[Any]) -> bool:
    """Whether the rule gives a finite number there, and its domain agrees."""
    point = tuple(point)
    try:
        if not isinstance(rule, Nary) and not within(rule.domain, dict(zip(rule.operands, point))):
            return False
        return math.isfinite(rule.forward(*point))
    except (ValueError, ArithmeticError):
        return False
