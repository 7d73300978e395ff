"""What the tests of the rules share: how a rule is called, where it isn't smooth, and what it is in mpmath."""

from __future__ import annotations

import functools
import inspect
import math
from collections.abc import Callable
from math import inf
from typing import Any

import mpmath

from autograd import Value
from autograd.rules import Nary, Unary


@functools.cache
def is_group(rule: Any) -> list[bool]:
    """For each operand, whether it is a group; the table names groups in the plural (`xs`), single operands not."""
    if isinstance(rule, Nary):
        return [name.endswith("s") for name in inspect.signature(rule.forward).parameters]
    return [False] if isinstance(rule, Unary) else [False, False]


def count(rule: Any, size: int) -> int:
    """How many numbers a rule takes with groups of this size."""
    return sum(size if group else 1 for group in is_group(rule))


def operands(rule: Any, flat: list[Any], size: int) -> tuple[Any, ...]:
    """A flat list of numbers or Values, in the rule's groups."""
    items = iter(flat)
    return tuple(tuple(next(items) for _ in range(size)) if group else next(items) for group in is_group(rule))


def inside(rule: Any, flat: list[float]) -> bool:
    """What the rule's domain says about these numbers."""
    if not rule.domain:
        return True
    return bool(eval(rule.domain, {"inf": inf, "abs": abs}, dict(zip("abc", flat))))


def fresh(flat: list[float]) -> list[Value]:
    return [Value(x, label=f"x{i}") for i, x in enumerate(flat)]


def only_first_slope(rule: Any, flat: list[float]) -> bool:
    """Whether d/db doesn't exist, so that b must be a plain number: a power is real only at the integers if a < 0."""
    return rule.name == "pow" and flat[0] < 0


# The distance to the nearest point at which a rule is not smooth. Rules that aren't here are smooth in their domain.
DISTANCE_TO_SINGULARITY: dict[str, Callable[..., float]] = {
    "abs": abs,
    "atan2": lambda a, b: abs(a) if b < 0 else math.hypot(a, b),
    "cbrt": abs,
    "ceil": lambda a: to_whole(a),
    "clip": lambda a, b, c: min(abs(a - b), abs(a - c), abs(b - c)),
    "copysign": lambda a, b: min(abs(a), abs(b)),
    "digamma": lambda a: to_pole(a),
    "div": lambda a, b: abs(b),
    "elu": lambda a, b: abs(a),
    "floor": lambda a: to_whole(a),
    "fmod": lambda a, b: to_multiple(a, b),
    "hardsigmoid": lambda a: abs(abs(a) - 3),
    "hardswish": lambda a: abs(abs(a) - 3),
    "hardtanh": lambda a, b, c: min(abs(a - b), abs(a - c), abs(b - c)),
    "hypot": math.hypot,
    "leaky_relu": lambda a, b: abs(a),
    "lgamma": lambda a: to_pole(a),
    "maximum": lambda a, b: abs(a - b),
    "minimum": lambda a, b: abs(a - b),
    "norm": math.hypot,
    "pow": lambda a, b: abs(a),
    "reciprocal": abs,
    "relu": abs,
    "relu6": lambda a: min(abs(a), abs(a - 6)),
    "remainder": lambda a, b: to_multiple(a, b),
    "round": lambda a: to_whole(a - 0.5),
    "sign": abs,
    "softsign": abs,
    "tan": lambda a: abs(math.remainder(a - math.pi / 2, math.pi)),
    "trunc": lambda a: to_whole(a) if abs(a) >= 1 else 1 - abs(a),
    "xlogy": lambda a, b: max(b, 0.0),
}


def to_whole(a: float) -> float:
    """The distance to the nearest whole number; 0 where floats are nothing else."""
    return abs(math.remainder(a, 1.0))


def to_pole(a: float) -> float:
    """The distance to the nearest of the whole numbers up to 0."""
    return a if a > 0 else to_whole(a)


def to_multiple(a: float, b: float) -> float:
    """How far a and b can move at least before a is a multiple of b; 0 where these lie closer than floats."""
    quotient, rest = abs(a / b) if b else inf, abs(math.fmod(a, b)) if b else 0.0
    return min(rest, abs(b) - rest) / (1 + quotient) if quotient < 2**53 else 0.0


def mp_sigmoid(a):
    return 1 / (1 + mpmath.exp(-a))


def mp_exp_of_negative(a):
    return mpmath.exp(a) if a > -1e5 else mpmath.mpf(0)  # right to 43,429 digits, and quick


def mp_logsumexp(xs):
    top = max(xs)
    return top + mpmath.log(mpmath.fsum(mp_exp_of_negative(x - top) for x in xs))


def mp_erfc(a):
    if abs(a) > 1e6:  # mpmath asks for more digits than there is memory
        return mpmath.mpf(2 if a < 0 else 0)  # to four hundred thousand million digits
    return mpmath.erfc(a)


def mp_trunc(a):
    return mpmath.floor(a) if a > 0 else mpmath.ceil(a)


def mp_lgamma(a):
    return mpmath.inf if mpmath.isinf(a) else mpmath.re(mpmath.loggamma(a))


def mp_polygamma(n, a):
    """Up to n = 2; from negative numbers by reflection, since mpmath would count up from them one by one."""
    if a > 0 or n == 0:
        return mpmath.psi(n, a)
    slope = mpmath.pi / mpmath.sinpi(a)
    return slope**2 - mpmath.psi(1, 1 - a) if n == 1 else mpmath.psi(2, 1 - a) - 2 * slope**3 * mpmath.cospi(a)


def mp_sinc(a):
    return mpmath.sinpi(a) / (mpmath.pi * a) if a else mpmath.mpf(1)


ORACLES: dict[str, Callable[..., Any]] = {  # what mpmath does not have under the rule's own name
    "abs": lambda a: mpmath.fabs(a),
    "add": lambda a, b: a + b,
    "cbrt": lambda a: mpmath.sign(a) * mpmath.cbrt(mpmath.fabs(a)),
    "ceil": lambda a: mpmath.ceil(a),
    "clip": lambda a, b, c: min(max(a, b), c),
    "copysign": lambda a, b: mpmath.fabs(a) * (1 if b >= 0 else -1),
    "cross_entropy": lambda z, xs: mp_logsumexp([z, *xs]) - z,
    "digamma": lambda a: mpmath.digamma(a),
    "div": lambda a, b: a / b,
    "dot": lambda ws, xs, b: mpmath.fdot(ws, xs) + b,
    "elu": lambda a, b: a if a > 0 else b * mpmath.expm1(a),
    "erfc": mp_erfc,
    "exp2": lambda a: mpmath.power(2, a),
    "fmod": lambda a, b: a - b * mp_trunc(a / b),
    "gelu": lambda a: a * mp_erfc(-a / mpmath.sqrt(2)) / 2,
    "gelu_tanh": lambda a: a * mp_sigmoid(2 * mpmath.sqrt(2 / mpmath.pi) * (a + mpmath.mpf(0.044715) * a**3)),
    "hardsigmoid": lambda a: min(max((a + 3) / 6, mpmath.mpf(0)), mpmath.mpf(1)),
    "hardswish": lambda a: mpmath.mpf(0) if a <= -3 else a if a >= 3 else a * (a + 3) / 6,
    "hardtanh": lambda a, b, c: min(max(a, b), c),
    "identity": lambda a: a,
    "leaky_relu": lambda a, b: a if a > 0 else a * b,
    "lgamma": mp_lgamma,
    "log2": lambda a: mpmath.log(a) / mpmath.log(2),
    "logit": lambda a: mpmath.log(a / (1 - a)),
    "logsumexp": mp_logsumexp,
    "maximum": lambda a, b: max(a, b),
    "mean": lambda xs: mpmath.fsum(xs) / len(xs),
    "minimum": lambda a, b: min(a, b),
    "mish": lambda a: a * mpmath.tanh(mpmath.log1p(mpmath.exp(a))),
    "mul": lambda a, b: a * b,
    "neg": lambda a: -a,
    "norm": lambda xs: mpmath.sqrt(mpmath.fsum(x * x for x in xs)),
    "polygamma": mp_polygamma,
    "pow": lambda a, b: mpmath.power(a, b),
    "reciprocal": lambda a: 1 / a,
    "relu": lambda a: max(a, mpmath.mpf(0)),
    "relu6": lambda a: min(max(a, mpmath.mpf(0)), mpmath.mpf(6)),
    "remainder": lambda a, b: a - b * mpmath.floor(a / b),
    "round": lambda a: mpmath.nint(a),
    "rsqrt": lambda a: 1 / mpmath.sqrt(a),
    "sigmoid": mp_sigmoid,
    "silu": lambda a: a * mp_sigmoid(a),
    "sinc": mp_sinc,
    "softplus": lambda a: mpmath.log1p(mpmath.exp(a)),
    "softsign": lambda a: mpmath.sign(a) if mpmath.isinf(a) else a / (1 + mpmath.fabs(a)),
    "square": lambda a: a * a,
    "sub": lambda a, b: a - b,
    "sum": lambda xs: mpmath.fsum(xs),
    "trunc": lambda a: mp_trunc(a),
    "xlogy": lambda a, b: a * mpmath.log(b) if a else mpmath.mpf(0),
}


def oracle(rule: Any) -> Callable[..., Any]:
    """What computes a rule in mpmath."""
    found = ORACLES.get(rule.name) or getattr(mpmath, rule.name, None)
    if found is None:
        raise LookupError(
            f"mpmath has no function {rule.name}: write it with those that it has into ORACLES (tests/support)"
        )
    return found
