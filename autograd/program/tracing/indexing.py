"""What depends on a traced integer, such as the class of an example: a choice among numbers, as arithmetic.

In the table there is no such operation: eagerly, Python chooses. A trace doesn't know the integer yet, so it computes a
1 for the chosen one and a 0 for the others, and goes on with these.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import cache
from typing import Any

from ...functions import dot
from ...modes import current
from ...ops import one_hot, unless
from ...rules import Binary
from ...value import Value

__all__ = ["chosen", "others", "required"]


def required(x: Any, allowed: Callable[[Any], Any]) -> None:
    """Have each run look whether a traced number is one of those that are allowed; if not, the function itself says so.

    Args:
        x: the number.
        allowed: whether it is, in arithmetic that arrays know, too.
    """
    if current().trace is not None:
        current().trace.required.append((x, allowed))


def chosen(index: Any, xs: Sequence[Any]) -> Any:
    """xs[index], for a traced index; not a number where there is no such item."""
    return dot(_one_hot(index, len(xs)), xs)


def others(index: Any, xs: Sequence[Any]) -> tuple[Any, ...]:
    """The xs, with -∞ in place of xs[index]: what exp makes nothing of."""
    return tuple([unless(x, hit) for x, hit in zip(xs, _one_hot(index, len(xs)))])


def _one_hot(index: Any, k: int) -> list[Any]:
    rule = _rule(k)
    return [rule(index, float(j)) for j in range(k)]


def countable(nodes: Iterable[Value], dtype: Any) -> None:
    """An error if among these nodes classes are chosen from, and too many for this precision to tell them apart."""
    import numpy as np

    classes = max([x._b + 1 for x in nodes if x._rule is not None and x._rule.name == "one_hot"], default=0.0)
    exact = 2 ** (np.finfo(dtype).nmant + 1)  # up to here every integer is a number of this precision
    if classes > exact:
        raise ValueError(
            f"{classes:.0f} classes are more than {dtype} tells apart, {exact}: compile with dtype='float64'"
        )


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
