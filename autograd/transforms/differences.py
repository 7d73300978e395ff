"""A derivative from values alone, by differences that are extrapolated to a step of 0, and how good it is.

Nothing here knows a rule: it is what the engine's derivatives are checked against.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Iterator
from typing import NamedTuple

HALVINGS = 6
"""So many steps, each half of the one before, make a table: the extrapolation removes as many powers of the step."""

_SUBNORMAL = 8 * math.ulp(0.0)
"""Numbers near 0 are multiples of the smallest float: so much may be lost of a difference of them."""


class Estimate(NamedTuple):
    """What a table of differences says of f'(x)."""

    slope: float
    error: float  # how much it differs from its neighbours in the table
    rounding: float  # what the rounding of f's values may come to in it


def estimates(f: Callable[[float], float], x: float, h: float) -> Iterator[Estimate]:
    """f'(x) by central differences with steps h, h/2, h/4, ..., extrapolated to 0 (Richardson 1911).

    Where f is analytic within 2h of x, each column of the table removes the next even power of the step. The error is
    that of an entry against its two neighbours (Ridders 1982). Where f is not finite, the table begins anew.
    """
    rows: list[list[float]] = []
    for k in range(HALVINGS):
        above, below = x + h / 2**k, x - h / 2**k
        high, low = f(above), f(below)
        if not math.isfinite(high - low):
            rows = []
            continue
        row = [(high - low) / (above - below)]
        rounding = max(4 * sys.float_info.epsilon * max(abs(high), abs(low)), _SUBNORMAL) / (above - below)
        for j, old in enumerate(rows[-1] if rows else []):
            row.append(row[j] + (row[j] - old) / (4 ** (j + 1) - 1))
            yield Estimate(row[j + 1], max(abs(row[j + 1] - row[j]), abs(row[j + 1] - old)), rounding)
        rows.append(row)


def steps(x: float, widest: float | None = None) -> Iterator[float]:
    """Largest steps to try for tables at x, from wide to narrow: powers of 2, which round nothing.

    Args:
        x: where.
        widest: the first of them; 1/64 of x, or of 1 where x is smaller, if it is None.
    """
    size = max(1.0, abs(x))
    h = 2.0 ** math.floor(math.log2(size / 64)) if widest is None else widest
    narrowest = 2.0**12 * max(math.ulp(x), size * 2.0**-70)
    while h >= narrowest:
        yield h
        h /= 8
    if 2.0**-1060 < abs(x) < narrowest:  # a number so small may still be the scale of the function, as in log(x)
        yield 2.0 ** math.floor(math.log2(abs(x) / 8))


class Verdict(NamedTuple):
    """Whether a derivative agrees with the differences, and what these say."""

    agrees: bool
    slope: float  # the best estimate
    error: float  # how far that may be off
    step: float  # the largest of its table


def compared(
    f: Callable[[float], float], x: float, slope: float, *, rtol: float, atol: float, widest: float | None = None
) -> Verdict:
    """Hold a derivative of f at x against tables of differences, until one is good enough to agree with it.

    A table is good enough if its error is a tenth of the tolerance; or if it is the best so far, and its error not
    above what rounding alone comes to: then doubles don't show the derivative any better. Else the best must do.

    Args:
        f: a function of a number; nan where it is not defined.
        x: where.
        slope: the derivative.
        rtol, atol: the difference `atol + rtol · |numeric|` is allowed.
        widest: the largest step, None for one that follows x.
    """
    best, settled = Verdict(False, math.nan, math.inf, 1.0), False
    for h in steps(x, widest):
        for estimate, error, rounding in estimates(f, x, h):
            total, allowed = error + rounding, atol + rtol * abs(estimate)
            settled = settled or error <= 16 * rounding
            good = total <= allowed / 10 or (error <= 16 * rounding and total <= best.error)
            if good and abs(slope - estimate) <= allowed + total:
                return Verdict(True, estimate, total, h)
            if total < best.error:
                best = Verdict(False, estimate, total, h)
    near = (
        best.error <= 2e-5 * abs(best.slope) and abs(slope - best.slope) <= atol + rtol * abs(best.slope) + best.error
    )
    return best._replace(agrees=near, error=best.error if near or settled else math.inf)


def kink(f: Callable[[float], float], x: float, verdict: Verdict) -> tuple[float, float] | None:
    """The slopes of f to the left and to the right of x, if they differ however near one looks; else None.

    Args:
        f: a function of a number; nan where it is not defined.
        x: where.
        verdict: on the derivative. If that agrees, the points of its table show of most functions that they have none.
    """
    h = verdict.step
    if verdict.agrees and abs(_gap(f, x, h / 4)[0]) <= 0.4 * abs(_gap(f, x, h)[0]):
        return None
    (wide, *_), (gap, left, right) = _gap(f, x, h / 2**16), _gap(f, x, h / 2**22)
    rounding = 8 * sys.float_info.epsilon * abs(f(x)) / (h / 2**22)
    stays = abs(gap - wide) <= 0.5 * abs(gap)  # a bend's gap would be 1/64 of what it was
    return (left, right) if stays and abs(gap) > max(1e-6 * max(abs(left), abs(right)), 100 * rounding) else None


def _gap(f: Callable[[float], float], x: float, step: float) -> tuple[float, float, float]:
    """By how much the slope to the right exceeds that to the left, and these slopes."""
    above, below = x + step, x - step
    if not below < x < above:
        return (math.nan,) * 3
    left, right = (f(x) - f(below)) / (x - below), (f(above) - f(x)) / (above - x)
    return right - left, left, right
