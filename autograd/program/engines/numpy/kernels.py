"""How NumPy computes the rules of the table: functions of arrays, the last of them for the result.

A rule that isn't named here works all the same, with its own function of floats called number by number.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from inspect import signature
from typing import Any

import numpy as np

from .... import ops, selection
from ....conditions import COMPARISONS
from ..one_by_one import one_by_one
from . import functions

UFUNCS: dict[Any, Callable[..., Any]] = {
    ops.add: np.add, ops.sub: np.subtract, ops.mul: np.multiply, ops.div: np.divide, ops.neg: np.negative,
    ops.abs: np.absolute, ops.identity: np.positive, selection.detached: np.positive, ops.hypot: np.hypot,
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


MANY = 4096
"""So many numbers are multiplied by 1 or 0 where they, or 0, are chosen: where the two alternate, in an eighth of the
time."""


def has_kernel(op: Any) -> bool:
    """Whether NumPy alone computes this rule; otherwise its own function does, which may be a user's."""
    return op in UFUNCS or op in WRITTEN or isinstance(op, selection.OneHot)


def kernel(op: Any) -> Callable[..., Any]:
    """A function of arrays that computes a rule, a comparison or a choice.

    Those of a rule of lists have for each group an array of n groups of k numbers, for a batch; None for an empty one.
    """
    if isinstance(op, selection.OneHot):
        return lambda i, j, out: functions.one_hot(i, j, op.classes, out)
    if own := getattr(op, "kernels", {}).get("numpy"):  # a user's
        return _copied(own)
    return UFUNCS.get(op) or WRITTEN.get(op) or one_by_one(op)


def power(exponent: float) -> Callable[..., Any]:
    """A function of arrays, as `kernel` has it for pow, where the exponent is known: in a tenth of the time."""
    if exponent in _BY_ROOTS:
        return _BY_ROOTS[exponent]
    return np.power if math.isfinite(exponent) and exponent % 1 == 0 else functions.power


_BY_ROOTS: dict[float, Callable[..., Any]] = {
    0.5: lambda a, b, out: np.add(np.sqrt(a, out), 0.0, out),  # of -0 it is 0
    1.5: lambda a, b, out: np.multiply(np.sqrt(a, out), a, out),
    -0.5: lambda a, b, out: np.reciprocal(np.sqrt(a, out), out),
    -1.5: lambda a, b, out: np.divide(np.reciprocal(np.sqrt(a, out), out), a, out),
}


def _copied(f: Callable[..., Any]) -> Callable[..., None]:
    """A function of arrays as a kernel."""
    return lambda *args: np.copyto(args[-1], f(*args[:-1]))


def _where(condition: Any, then: Any, otherwise: Any, out: Any) -> None:
    if out.size >= MANY and then.dtype == out.dtype and otherwise.ndim == 0 and not any(otherwise.tobytes()):
        bits = out.view(f"i{out.itemsize}")  # infinity times 0 is 0 here
        np.copyto(bits, condition, casting="unsafe")
        np.multiply(then.view(bits.dtype), bits, out=bits)
        return
    np.copyto(out, otherwise)
    np.copyto(out, then, where=condition.astype(bool, copy=False))  # one that was repeated is made of floats


def _masked(x: Any, hit: Any, out: Any) -> None:
    np.copyto(out, x)
    np.copyto(out, -np.inf, where=hit == 1)


def _mean(xs: Any, out: Any) -> None:
    if xs.dtype == np.float16:  # whose sum may be infinite
        np.mean(xs, axis=1, out=out)
    else:  # in a third of the time
        np.divide(np.add.reduce(xs, 1), xs.shape[1], out=out)


def _cross_entropy(z: Any, xs: Any, out: Any) -> None:
    if xs is None:  # there is no other class
        np.multiply(z, 0.0, out=out)
    else:
        functions.cross_entropy(z, xs, out)


FUNCTIONS: dict[Any, Callable[..., Any]] = {
    ops.pow: functions.power, ops.leaky_relu: functions.leaky_relu, ops.elu: functions.elu,
    ops.sigmoid: functions.sigmoid, ops.softplus: functions.softplus, ops.copysign: functions.copysign,
    ops.clip: functions.clip, ops.hardtanh: functions.clip, ops.hardsigmoid: functions.hardsigmoid,
    ops.hardswish: functions.hardswish, ops.mish: functions.mish, ops.softsign: functions.softsign,
    ops.logit: functions.logit, ops.xlogy: functions.xlogy, ops.silu: functions.silu, ops.erf: functions.erf,
    ops.erfc: functions.erfc, ops.gelu: functions.gelu, ops.gelu_tanh: functions.gelu_tanh, ops.norm: functions.norm,
    ops.logsumexp: functions.logsumexp, ops.sinc: functions.sinc, ops.cross_entropy: functions.cross_entropy,
}  # fmt: skip
"""The functions of functions.py, by their rules."""

WRITTEN: dict[Any, Callable[..., Any]] = {
    **{rule: f if "out" in signature(f).parameters else _copied(f) for rule, f in FUNCTIONS.items()},
    ops.cross_entropy: _cross_entropy,
    ops.maximum: lambda a, b, out: np.maximum(a, b, out=out),  # unlike others it doesn't take `out` by its place
    ops.minimum: lambda a, b, out: np.minimum(a, b, out=out),
    ops.relu: lambda a, out: np.maximum(a, 0.0, out=out),
    ops.relu6: lambda a, out: functions.clip(a, 0.0, 6.0, out),
    ops.rsqrt: lambda a, out: np.reciprocal(np.sqrt(a, out), out),
    selection.masked: _masked,
    "where": _where,
    # of lists: groups of shape (n, k, batch)
    ops.sum: lambda xs, out: np.add.reduce(xs, 1, None, out),
    ops.mean: _mean,
}
"""Those that are not a function of NumPy as it is."""
