"""A choice by a number that is traced, such as the class of an example, as arithmetic.

Eagerly Python chooses, and the table has no such operation. A trace doesn't know the index yet: it computes a 1 for the
chosen number and a 0 for the others, and goes on with these. Losses don't import this, they ask autograd/choice.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

from ...functions import dot
from ...ops import one_hot, unless
from ...rules import Binary


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


def _one_hot(index: Any, k: int) -> list[Any]:
    rule = _rule(k)
    return [rule(index, float(j)) for j in range(k)]


@cache
def _rule(k: int) -> Binary:
    """The table's rule for k classes, with how it is computed for arrays."""

    def of_arrays(index: Any, j: Any, out: Any) -> None:
        import numpy as np

        np.copyto(out, index == j)
        if not ((index >= 0) & (index < k) & (index % 1 == 0)).all():
            out[...] += np.where((index >= 0) & (index < k) & (index % 1 == 0), 0.0, np.nan)

    rule = one_hot(k)
    rule.of_arrays = of_arrays  # type: ignore[attr-defined]
    return rule


def _unless_of_arrays(x: Any, hit: Any, out: Any) -> None:
    import numpy as np

    np.copyto(out, np.where(hit == 1, -np.inf, x))


unless.of_arrays = _unless_of_arrays  # type: ignore[attr-defined]
