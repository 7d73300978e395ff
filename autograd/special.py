"""Special functions of floats that Python doesn't have: polygamma, erfinv, sinc; and the rule of polygamma.

The rule stands in no table, since its first operand is no number to differentiate for. The others are in ops.py.
Formulas: Abramowitz & Stegun, *Handbook of Mathematical Functions*, 6.3 and 6.4 (polygamma), 7.1 (error function).
"""

from __future__ import annotations

import math
from functools import cache
from math import inf, pi

from .floats import pow
from .rules import Binary

_BERNOULLI = (1 / 6, -1 / 30, 1 / 42, -1 / 30, 5 / 66, -691 / 2730, 7 / 6, -3617 / 510, 43867 / 798, -174611 / 330)
"""B₂, B₄, ..., B₂₀."""

NUMBERED = list(enumerate(_BERNOULLI, 1))


def polygamma_of(n: int, a: float) -> float:
    """The n-th derivative of digamma: by its asymptotic series (6.4.11), which holds far enough from 0.

    The recurrence (6.4.6) leads there from small numbers, the reflection (6.4.7) from negative ones.
    """
    if a <= 0 and (a == -inf or a % 1 == 0):
        raise ValueError
    sign = 1.0 if n % 2 else -1.0
    if a < 0:
        return -sign * polygamma_of(n, 1 - a) - _derivative_of_cot(n, _cot(a))
    steps = max(0, math.ceil(16 + 2 * n - a)) if a < 16 + 2 * n else 0
    terms = [math.factorial(n) * pow(a + k, -n - 1.0) for k in range(steps)]
    a += steps
    terms.append(math.factorial(n) / 2 * pow(a, -n - 1.0))
    for k, b in NUMBERED:
        terms.append(b * math.factorial(2 * k + n - 1) / math.factorial(2 * k) * pow(a, -2.0 * k - n))
    terms.append(-math.log(a) if n == 0 else math.factorial(n - 1) * pow(a, -float(n)))
    return sign * (inf if inf in terms else math.fsum(terms))


def _no_slope(y: float, n: float, a: float) -> float:
    raise ValueError("the order of a derivative is a whole number")


polygamma: Binary = Binary("polygamma", "the derivative of order a of digamma at b",
                           lambda n, a: polygamma_of(int(n), a), _no_slope, lambda y, n, a: polygamma(n + 1, a),
                           latex=r"\psi^{(#1)}(#2)", domain="b > 0 or b > -inf and b % 1 != 0")  # fmt: skip


def _cot(a: float) -> float:
    """π cot(πa), from the distance to the nearest whole number, which is exact; near there by its series (4.3.70)."""
    r = math.remainder(a, 1.0)
    if abs(r) > 0.25:
        return math.copysign(pi * math.tan(pi * (0.5 - abs(r))), r)
    if abs(r) > 0.1:
        return pi / math.tan(pi * r)
    terms = [abs(b) * (2 * pi) ** (2 * k) * r ** (2 * k - 1) / math.factorial(2 * k) for k, b in NUMBERED]
    return 1 / r - math.fsum(terms)


def _derivative_of_cot(n: int, c: float) -> float:
    """The n-th derivative of π cot(πa), from c, its value."""
    highest, *others = _cot_polynomial(n)
    y = highest
    for coefficient in others:
        y = y * c + coefficient
    return y


@cache
def _cot_polynomial(n: int) -> tuple[float, ...]:
    """The coefficients of the n-th derivative, a polynomial in c, whose derivative is -(π² + c²); the highest first."""
    if n == 0:
        return (1.0, 0.0)
    before = _cot_polynomial(n - 1)
    degree = len(before) - 1
    slope = [x * (degree - i) for i, x in enumerate(before[:-1])]
    return tuple([-x - pi * pi * z for x, z in zip([*slope, 0.0, 0.0], [0.0, 0.0, *slope])])


def erfinv(a: float) -> float:
    """The number whose error function is a: by Halley's method; far out by erfc, which keeps the digits of 1 - a."""
    if not -1 < a < 1:
        if a != a:
            return a
        raise ValueError
    rest = 1 - abs(a)
    if abs(a) <= 0.5:
        x = abs(a) * math.sqrt(pi) / 2
    else:  # Winitzki 2008
        t = math.log(rest * (1 + abs(a)))
        u = 2 / (pi * 0.147) + t / 2
        x = math.sqrt(math.sqrt(u * u - t / 0.147) - u)
    for _ in range(3):
        error = math.erf(x) - abs(a) if abs(a) <= 0.5 else rest - math.erfc(x)
        u = error * math.sqrt(pi) / 2 * math.exp(x * x)
        x -= u / (1 + x * u)
    return math.copysign(x, a)


def sinc(a: float) -> float:
    """sin(πa) / (πa), from the distance to the nearest whole number, which is exact."""
    if a == 0:
        return 1.0
    if math.isinf(a):
        raise ValueError
    r = math.remainder(a, 2.0)
    return math.sin(pi * (math.copysign(1.0, r) - r if abs(r) > 0.5 else r)) / (pi * a)
