"""Sums of floats, added from left to right and rounded each time: one answer on every Python.

From Python 3.12 on, the `sum` of floats makes up for what the additions round away, and so differs from before. There
the loops below are the fastest: a `sum` that starts from a subclass of float and functools.reduce take longer, and
math.sumprod rounds once only. Before, `sum` is the same as the loop, in half the time.
"""

from __future__ import annotations

import operator
import sys
from collections.abc import Iterable

if sys.version_info < (3, 12):

    def added(xs: Iterable[float]) -> float:
        """x₁ + … + xₙ.

        >>> added([1e16, 1.0, -1e16])
        0.0
        """
        return sum(xs, 0.0)

    def added_products(ws: Iterable[float], xs: Iterable[float], start: float) -> float:
        """start + w₁x₁ + … + wₙxₙ.

        >>> added_products([1.0, -1e16], [1.0, 1.0], 1e16)
        0.0
        """
        return sum(map(operator.mul, ws, xs), +start)  # a list in its place would be the sum of no products

else:

    def added(xs: Iterable[float]) -> float:
        """As above."""
        total = 0.0
        for x in xs:
            total += x
        return total

    def added_products(ws: Iterable[float], xs: Iterable[float], start: float) -> float:
        """As above."""
        start = +start
        for w, x in zip(ws, xs):
            start += w * x
        return start
