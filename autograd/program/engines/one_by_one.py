"""Rules that an engine has no function for: their own function of floats, called for each number, or each list."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ...basics.groups import flat
from ...rules import Nary, Rule
from ...ternary import takes_lists


def one_by_one(rule: Any) -> Callable[..., None]:
    """A function of NumPy's arrays that computes a rule into the last of them.

    Those of a rule of lists have for each group an array of n groups of k numbers, for a batch; None for an empty one.
    """
    return _list_by_list(rule) if takes_lists(rule) else _number_by_number(rule)


def _number_by_number(rule: Rule) -> Callable[..., None]:
    each = np.frompyfunc(lambda *xs: _or_nan(rule, [float(x) for x in xs], xs), len(rule.operands), 1)

    def compute(*args: Any) -> None:
        *operands, out = args
        out[...] = each(*operands)

    return compute


def _list_by_list(rule: Nary) -> Callable[..., None]:
    def compute(*args: Any) -> None:
        *groups, out = args
        whole = [() if x is None else np.broadcast_to(x, (*x.shape[:-1], out.shape[1])) for x in groups]
        for i, j in np.ndindex(out.shape):
            numbers = [x if isinstance(x, tuple) else x[i, ..., j].tolist() for x in whole]
            operands = tuple([tuple(x) if isinstance(x, list) else x for x in numbers])
            out[i, j] = _or_nan(rule, operands, flat(operands))

    return compute


def _or_nan(rule: Rule, operands: Sequence[Any], numbers: Sequence[float]) -> float:
    """What the rule's own function gives, not a number where it isn't defined or one of the numbers is none."""
    if any(x != x for x in numbers):
        return math.nan  # a step, or the like, would make a number of it
    try:
        return rule.forward(*operands)
    except (ValueError, ZeroDivisionError):
        return math.nan
