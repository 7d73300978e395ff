"""How far to go along a direction: a step length that meets the strong Wolfe conditions (Nocedal & Wright 3.5, 3.6).

f(t) is the loss at a distance t, in steps; along a direction that goes downhill f'(0) is negative. Where f is not
defined it is infinite here, and the step is shortened.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple

ENOUGH = 1e-4
"""c₁: the loss falls by at least so much of what the slope at the start promises."""
FLATTER = 0.9
"""c₂: the slope there is at most so much of that at the start."""


class Point(NamedTuple):
    """What is known at a distance t: loss, slope along the direction, gradient."""

    t: float
    loss: float
    slope: float
    gradient: Any = None


def strong_wolfe(f: Callable[[float], Point], start: Point, t: float, most: int = 25) -> Point:
    """A point with f(t) ≤ f(0) + c₁ t f'(0) and |f'(t)| ≤ c₂ |f'(0)|, or the best that was found.

    Args:
        f: the loss at a distance.
        start: the point at distance 0, whose slope is negative.
        t: the distance that is tried first, greater than 0.
        most: so many points are tried.

    >>> f = lambda t: Point(t, (t - 3.0) ** 2, 2 * (t - 3.0))
    >>> found = strong_wolfe(f, f(0.0), 0.01)
    >>> found.loss < 9.0, abs(found.slope) <= 0.9 * 6.0
    (True, True)
    """
    before, low, high = start, start, None
    for tried in range(most):
        here = f(t)
        if high is None:  # algorithm 3.5: further out, until there is a minimum in between
            if not here.loss <= start.loss + ENOUGH * t * start.slope or (tried and here.loss >= before.loss):
                low, high = before, here
            elif abs(here.slope) <= -FLATTER * start.slope:
                return here
            elif here.slope >= 0:
                low, high = here, before
            else:
                ahead = _lowest(before, here)
                low, before, t = here, here, min(max(ahead, 1.1 * t), 10 * t) if ahead > t else 4 * t
                continue
        elif not here.loss <= start.loss + ENOUGH * t * start.slope or here.loss >= low.loss:  # 3.6: closer and closer
            high = here
        elif abs(here.slope) <= -FLATTER * start.slope:
            return here
        else:
            low, high = here, (low if here.slope * (high.t - low.t) >= 0 else high)
        width = high.t - low.t
        nearest, furthest = sorted((low.t + 0.1 * width, high.t - 0.1 * width))
        t = min(max(_lowest(low, high), nearest), furthest)
        if t in (low.t, high.t):
            break
    return low


def _lowest(a: Point, b: Point) -> float:
    """Where the cubic that has the losses and slopes of two points is lowest (3.59); half way where there is none."""
    width = b.t - a.t
    if not math.isfinite(b.loss - a.loss) or not width:
        return a.t + 0.5 * width
    d1 = a.slope + b.slope - 3 * (b.loss - a.loss) / width
    square = d1 * d1 - a.slope * b.slope
    if not 0 <= square < math.inf:
        return a.t + 0.5 * width if square < 0 else b.t
    d2 = math.copysign(math.sqrt(square), width)
    bottom = b.slope - a.slope + 2 * d2
    return b.t - width * (b.slope + d2 - d1) / bottom if bottom else b.t
