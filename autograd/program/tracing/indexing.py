"""A choice by a number that is traced, such as the class of an example, as arithmetic.

Eagerly Python chooses, and the table has no such operation. A trace doesn't know the index yet: it computes a 1 for the
chosen number and a 0 for the others, and goes on with these. Losses don't import this, they ask autograd/choice.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

from ...functions import dot
from ...ops import OneHot, unless


def chosen(index: Any, xs: Sequence[Any]) -> Any:
    """xs[index]; not a number where there is no such item."""
    return dot(_one_hot(index, len(xs)), xs)


def others(index: Any, xs: Sequence[Any]) -> tuple[Any, ...]:
    """The xs, with -∞ in place of xs[index]: what exp makes nothing of."""
    return tuple([unless(x, hit) for x, hit in zip(xs, _one_hot(index, len(xs)))])


def refuse_too_many(classes: int, dtype: Any) -> None:
    """An error if this precision can't tell the numbers of so many classes apart."""
    import numpy as np

    most = 2 ** (np.finfo(dtype).nmant + 1)  # up to here every integer is a number of this precision
    if classes > most:
        raise ValueError(f"{classes} classes are more than {dtype} tells apart, {most}: compile with dtype='float64'")


_rule = cache(OneHot)  # applications of one rule make one operation


def _one_hot(index: Any, k: int) -> list[Any]:
    rule = _rule(k)
    return [rule(index, float(j)) for j in range(k)]
