"""How NumPy computes the rules of the table: functions of arrays, the last of them for the result.

A rule that isn't named here works all the same, with its own function of floats called number by number.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from .... import ops
from ....conditions import COMPARISONS
from ..one_by_one import one_by_one

UFUNCS: dict[Any, Callable[..., Any]] = {
    ops.add: np.add, ops.sub: np.subtract, ops.mul: np.multiply, ops.div: np.divide, ops.neg: np.negative,
    ops.abs: np.absolute, ops.identity: np.positive, ops.detached: np.positive, ops.hypot: np.hypot,
    ops.exp: np.exp, ops.expm1: np.expm1, ops.log: np.log, ops.log1p: np.log1p, ops.log2: np.log2,
    ops.log10: np.log10, ops.sqrt: np.sqrt, ops.cbrt: np.cbrt,
    ops.sin: np.sin, ops.cos: np.cos, ops.tan: np.tan, ops.asin: np.arcsin, ops.acos: np.arccos,
    ops.atan: np.arctan, ops.atan2: np.arctan2, ops.sinh: np.sinh, ops.cosh: np.cosh, ops.tanh: np.tanh,
    ops.asinh: np.arcsinh, ops.acosh: np.arccosh, ops.atanh: np.arctanh,
    ops.sign: np.sign, ops.floor: np.floor, ops.ceil: np.ceil, ops.trunc: np.trunc, ops.round: np.rint,
    ops.remainder: np.remainder, ops.fmod: np.fmod, ops.square: np.square,
    ops.reciprocal: np.reciprocal, ops.exp2: np.exp2,
    "<": np.less, "<=": np.less_equal, ">": np.greater, ">=": np.greater_equal, "&": np.logical_and,
    "|": np.logical_or,
}  # fmt: skip
UFUNCS |= {rule: UFUNCS[sign] for sign, rule in COMPARISONS.items()}
"""The functions of NumPy that compute a rule, or a comparison, alone."""


def has_kernel(op: Any) -> bool:
    """Whether NumPy alone computes this rule; otherwise its own function does, which may be a user's."""
    return op in UFUNCS or op in WRITTEN or isinstance(op, ops.OneHot)


def kernel(op: Any) -> Callable[..., Any]:
    """A function of arrays that computes a rule, a comparison or a choice.

    Those of a rule of lists have for each group an array of n groups of k numbers, for a batch; None for an empty one.
    """
    if isinstance(op, ops.OneHot):
        return functools.partial(_one_hot, op.classes)
    if own := getattr(op, "kernels", {}).get("numpy"):  # a user's
        return lambda *args: np.copyto(args[-1], own(*args[:-1]))
    return UFUNCS.get(op) or WRITTEN.get(op) or one_by_one(op)


# -------------------------------------------- written for arrays, in the form of ops.py's own, the result coming last


def _power(a: Any, b: Any, out: Any) -> None:
    np.power(a, b, out=out)
    if np.isinf(a).any() or np.isinf(b).any():  # C has limits for these that are not those of any power
        with np.errstate(invalid="ignore"):
            np.copyto(out, np.nan, where=(a < 0) & (np.mod(b, 1.0) != 0))


def _sigmoid(a: Any, out: Any) -> None:
    e = np.exp(-np.abs(a))  # never overflows
    np.divide(np.where(a < 0, e, 1.0), 1.0 + e, out=out)


def _silu(a: Any, out: Any) -> None:
    _sigmoid(a, out)
    np.multiply(a, out, out=out)


def _clip(a: Any, low: Any, high: Any, out: Any) -> None:
    np.minimum(np.maximum(a, low), high, out=out)


def _hardswish(a: Any, out: Any) -> None:
    np.copyto(out, np.where(a <= -3, 0.0, a * np.minimum((a + 3) / 6, 1.0)))


def _softplus(a: Any, out: Any) -> None:
    np.add(np.maximum(a, 0.0), np.log1p(np.exp(-np.abs(a))), out=out)


def _mish(a: Any, out: Any) -> None:
    _softplus(a, out)
    np.multiply(a, np.tanh(out), out=out)


def _softsign(a: Any, out: Any) -> None:
    infinite = np.isinf(a)
    np.copyto(out, np.where(infinite, np.sign(a), a / np.where(infinite, 1.0, 1 + np.abs(a))))


def _logit(a: Any, out: Any) -> None:
    middle = (a >= 0.25) & (a <= 0.75)
    np.copyto(out, np.where(middle, 2 * np.arctanh(np.where(middle, 2 * a - 1, 0.0)), np.log(a / (1 - a))))


def _xlogy(a: Any, b: Any, out: Any) -> None:
    np.multiply(a, np.log(np.where((a == 0) & (b == b), 1.0, b)), out=out)


def _norm(xs: Any, out: Any) -> None:
    top = np.max(np.abs(xs), axis=1, initial=0.0)  # no square of a share of it overflows
    shares = xs / np.where((top == 0) | np.isinf(top), 1.0, top)[:, None]
    np.multiply(np.where(top == 0, 1.0, top), np.sqrt(np.sum(shares * shares, axis=1)), out=out)


def _where(condition: Any, then: Any, otherwise: Any, out: Any) -> None:
    np.copyto(out, otherwise)
    np.copyto(out, then, where=condition.astype(bool, copy=False))  # one that was repeated is made of floats


def _one_hot(classes: int, index: Any, j: Any, out: Any) -> None:
    np.copyto(out, index == j)
    known = (index >= 0) & (index < classes) & (index % 1 == 0)
    if not known.all():
        out[...] += np.where(known, 0.0, np.nan)


def _logsumexp(xs: Any, out: Any) -> None:
    k = np.argmax(xs, axis=1)[:, None]
    top = np.take_along_axis(xs, k, axis=1)
    powers = np.exp(xs - top)
    np.put_along_axis(powers, k, 0.0, axis=1)  # the largest is the 1 in log1p
    np.add(top[:, 0], np.log1p(powers.sum(axis=1)), out=out)


def _cross_entropy(z: Any, xs: Any, out: Any) -> None:
    if xs is None:  # there is no other class
        np.multiply(z, 0.0, out=out)
        return
    differences = xs - z[:, None]
    _logsumexp(np.concatenate([np.zeros_like(differences[:, :1]), differences], axis=1), out)


WRITTEN: dict[Any, Callable[..., Any]] = {
    ops.pow: _power,
    ops.maximum: lambda a, b, out: np.maximum(a, b, out=out),  # unlike others it doesn't take `out` by its place
    ops.minimum: lambda a, b, out: np.minimum(a, b, out=out),
    ops.relu: lambda a, out: np.maximum(a, 0.0, out=out),
    ops.leaky_relu: lambda a, b, out: np.copyto(out, np.where(a > 0, a, np.multiply(a, b))),
    ops.elu: lambda a, b, out: np.copyto(out, np.where(a > 0, a, b * np.expm1(np.minimum(a, 0.0)))),
    ops.sigmoid: _sigmoid,
    ops.softplus: _softplus,
    ops.copysign: lambda a, b, out: np.copyto(out, np.where(np.isnan(b), b, np.copysign(a, b))),
    ops.clip: _clip,
    ops.hardtanh: _clip,
    ops.relu6: lambda a, out: _clip(a, 0.0, 6.0, out),
    ops.hardsigmoid: lambda a, out: _clip((a + 3) / 6, 0.0, 1.0, out),
    ops.hardswish: _hardswish,
    ops.mish: _mish,
    ops.softsign: _softsign,
    ops.rsqrt: lambda a, out: np.divide(1.0, np.sqrt(a), out=out),
    ops.sinc: lambda a, out: np.copyto(out, np.sinc(a)),
    ops.logit: _logit,
    ops.xlogy: _xlogy,
    ops.silu: _silu,
    ops.masked: lambda x, hit, out: np.copyto(out, np.where(hit == 1, -np.inf, x)),
    "where": _where,
    # of lists: groups of shape (n, k, batch)
    ops.sum: lambda xs, out: np.sum(xs, axis=1, out=out),
    ops.mean: lambda xs, out: np.mean(xs, axis=1, out=out),
    ops.norm: _norm,
    ops.logsumexp: _logsumexp,
    ops.cross_entropy: _cross_entropy,
}
"""Those that are written here."""
