"""How the rules compute with floats, where no function of Python's does it alone. No derivative stands here.

What a rule needs is named as the rule is; the rules themselves, with their derivatives, are in ops.py.
"""

from __future__ import annotations

import builtins
import math
from collections.abc import Callable, Sequence
from math import inf

from .basics.addition import added


def _or_inf(f: Callable[[float], float]) -> Callable[[float], float]:
    """f, with IEEE's answer of infinity where Python's math raises OverflowError (f grows upwards)."""

    def computed(a: float) -> float:
        try:
            return f(a)
        except OverflowError:
            return inf

    return computed


exp, expm1, cosh = _or_inf(math.exp), _or_inf(math.expm1), _or_inf(math.cosh)
exp2, _lgamma = _or_inf(lambda a: math.pow(2.0, a)), _or_inf(math.lgamma)


def lgamma(a: float) -> float:
    if not 1e-300 < abs(a) < 20:
        return _lgamma(a)  # whose absolute error is up to 34 ulp of 1 near its roots, from -20 to 2
    if a < 0 and a % 1 == 0:
        raise ValueError
    x, product = abs(a), 1.0
    while x > 2:  # where the gamma function has most of its digits
        x -= 1
        product *= x
    product *= math.gamma(x)
    if a > 0:
        return math.log(product)
    return -math.log(product * abs(a) * abs(math.sin(math.pi * math.remainder(a, 1.0))) / math.pi)  # reflected


def sinh(a: float) -> float:
    try:
        return math.sinh(a)
    except OverflowError:
        return math.copysign(inf, a)


def pow(a: float, b: float) -> float:
    if (a < 0 and b % 1 != 0 and b == b) or a == 0 > b:
        raise ValueError  # C has limits for infinite operands here that are not those of any power
    try:
        return math.pow(a, b)
    except OverflowError:
        return -inf if a < 0 and b % 2 == 1 else inf


def cbrt(a: float) -> float:
    if a == 0 or not math.isfinite(a):
        return a
    y = math.copysign(math.pow(math.fabs(a), 1 / 3), a)
    return y - (y - a / (y * y)) / 3  # one step of Newton's method takes the power's rounding away


def identity(a: float) -> float:
    return a


def sign(a: float) -> float:
    return float((a > 0) - (a < 0)) if a == a else a


def copysign(a: float, b: float) -> float:
    return math.copysign(a, b) if b == b else b  # what is not a number stays so, here and below


def _whole(f: Callable[[float], int]) -> Callable[[float], float]:
    """f, which gives a whole number, with the sign of the number before: that of -0.5 is -0.0."""
    return lambda a: math.copysign(f(a), a) if math.isfinite(a) else a


floor, ceil, trunc, round = _whole(math.floor), _whole(math.ceil), _whole(math.trunc), _whole(builtins.round)


def remainder(a: float, b: float) -> float:
    if math.isinf(a):
        raise ValueError
    return a % b


def xlogy(a: float, b: float) -> float:
    return 0.0 if a == 0 and b == b else a * math.log(b)


def logit(a: float) -> float:
    if a <= 0 or a >= 1:
        raise ValueError
    return 2 * math.atanh(2 * a - 1) if 0.25 <= a <= 0.75 else math.log(a / (1 - a))


def maximum(a: float, b: float) -> float:
    return a if a >= b or a != a else b


def minimum(a: float, b: float) -> float:
    return a if a <= b or a != a else b


def clip(a: float, low: float, high: float) -> float:
    return minimum(maximum(a, low), high)


def relu(a: float) -> float:
    return 0.0 if a <= 0 else a


def relu6(a: float) -> float:
    return minimum(relu(a), 6.0)


def hardsigmoid(a: float) -> float:
    return clip((a + 3) / 6, 0.0, 1.0)


def hardswish(a: float) -> float:
    return 0.0 if a <= -3 else a * hardsigmoid(a)


def softsign(a: float) -> float:
    return math.copysign(1.0, a) if math.isinf(a) else a / (1 + abs(a))


def mish(a: float) -> float:
    return a * math.tanh(softplus(a))


def leaky_relu(a: float, b: float) -> float:
    return a if a > 0 else a * b


def elu(a: float, b: float) -> float:
    return a if a > 0 else b * math.expm1(a)


def sigmoid(a: float) -> float:
    if a < 0:  # the exponential is always of a negative number, so it never overflows
        e = math.exp(a)
        return e / (1 + e)
    return 1 / (1 + math.exp(-a))


def softplus(a: float) -> float:
    return math.log1p(math.exp(a)) if a <= 0 else a + math.log1p(math.exp(-a))


def silu(a: float) -> float:
    return a * sigmoid(a)


def gelu(a: float) -> float:
    return a * (0.5 * math.erfc(a * -math.sqrt(0.5)))


def mean(xs: Sequence[float]) -> float:
    return added(xs) / len(xs)


def norm(xs: Sequence[float]) -> float:
    return math.hypot(*xs)


def logsumexp(xs: Sequence[float]) -> float:
    top = max(xs)
    if math.isinf(top):
        return math.nan if any(x != x for x in xs) else top
    k = xs.index(top) if top == top else 0
    return top + math.log1p(added([math.exp(x - top) for i, x in enumerate(xs) if i != k]))


def cross_entropy(z: float, xs: Sequence[float]) -> float:
    return logsumexp([0.0 if z == z else z, *[x - z for x in xs]])


def item(i: float, xs: Sequence[float]) -> float:
    return xs[int(i)] if 0 <= i < len(xs) and i % 1 == 0 else math.nan


def one_hot(k: int, a: float, b: float) -> float:
    return float(a == b) if 0 <= a < k and a % 1 == 0 else math.nan
