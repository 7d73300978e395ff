"""What the tests of the rules share: how a rule is called, where it isn't smooth, and what it is in mpmath."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable
from math import inf
from typing import Any

import mpmath

from autograd import Value
from autograd.rules import Nary, Unary


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
    return bool(eval(rule.domain, {"inf": inf, "abs": abs}, dict(zip("ab", flat))))


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
    "div": lambda a, b: abs(b),
    "elu": lambda a, b: abs(a),
    "hypot": math.hypot,
    "leaky_relu": lambda a, b: abs(a),
    "maximum": lambda a, b: abs(a - b),
    "minimum": lambda a, b: abs(a - b),
    "pow": lambda a, b: abs(a),
    "relu": abs,
    "tan": lambda a: abs(math.remainder(a - math.pi / 2, math.pi)),
}


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


ORACLES: dict[str, Callable[..., Any]] = {  # what mpmath does not have under the rule's own name
    "abs": lambda a: mpmath.fabs(a),
    "add": lambda a, b: a + b,
    "cbrt": lambda a: mpmath.sign(a) * mpmath.cbrt(mpmath.fabs(a)),
    "cross_entropy": lambda z, xs: mp_logsumexp([z, *xs]) - z,
    "div": lambda a, b: a / b,
    "dot": lambda ws, xs, b: mpmath.fdot(ws, xs) + b,
    "elu": lambda a, b: a if a > 0 else b * mpmath.expm1(a),
    "erfc": mp_erfc,
    "gelu": lambda a: a * mp_erfc(-a / mpmath.sqrt(2)) / 2,
    "gelu_tanh": lambda a: a * mp_sigmoid(2 * mpmath.sqrt(2 / mpmath.pi) * (a + mpmath.mpf(0.044715) * a**3)),
    "identity": lambda a: a,
    "leaky_relu": lambda a, b: a if a > 0 else a * b,
    "log2": lambda a: mpmath.log(a) / mpmath.log(2),
    "logsumexp": mp_logsumexp,
    "maximum": lambda a, b: max(a, b),
    "mean": lambda xs: mpmath.fsum(xs) / len(xs),
    "minimum": lambda a, b: min(a, b),
    "mul": lambda a, b: a * b,
    "neg": lambda a: -a,
    "pow": lambda a, b: mpmath.power(a, b),
    "relu": lambda a: max(a, mpmath.mpf(0)),
    "sigmoid": mp_sigmoid,
    "silu": lambda a: a * mp_sigmoid(a),
    "softplus": lambda a: mpmath.log1p(mpmath.exp(a)),
    "sub": lambda a, b: a - b,
    "sum": lambda xs: mpmath.fsum(xs),
}


def oracle(rule: Any) -> Callable[..., Any]:
    return ORACLES[rule.name] if rule.name in ORACLES else getattr(mpmath, rule.name)
