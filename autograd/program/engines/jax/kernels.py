"""How JAX computes the rules of the table: functions of arrays.

A rule that isn't named here works all the same, with its own function of floats called number by number, by Python.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import jax.scipy.special as special
import numpy as np

from .... import ops, selection
from ....conditions import COMPARISONS
from ..one_by_one import one_by_one
from . import exact


def kernel(op: Any) -> Callable[..., Any]:
    """A function of arrays that computes a rule.

    Those of a rule of lists have for each group an array of n groups of k numbers, for a batch; None for an empty one.
    """
    if isinstance(op, selection.OneHot):
        return functools.partial(_one_hot, op.classes)
    own: Callable[..., Any] | None = getattr(op, "kernels", {}).get("jax")  # a user's
    return own or KERNELS.get(op) or _by_python(op)


def has_kernel(op: Any) -> bool:
    """Whether XLA computes this rule; otherwise Python does, number by number."""
    return op in KERNELS or isinstance(op, selection.OneHot) or "jax" in getattr(op, "kernels", {})


def _by_python(rule: Any) -> Callable[..., Any]:
    """The rule's own function, which XLA calls in each run: the numbers go to the host and back."""
    compute = one_by_one(rule)

    def computed(*args: Any) -> Any:
        given = [x for x in args if x is not None]
        shape = jnp.broadcast_shapes(*[jnp.shape(x)[:1] + jnp.shape(x)[-1:] for x in given])
        dtype = np.dtype(given[0].dtype)
        # XLA may call from a thread of its own, where JAX makes 32 bits of numbers with 64: they go as two halves
        halves = (2,) * (dtype.itemsize == 8)
        passed_as = np.dtype("uint32") if halves else dtype

        def call(*arrays: Any) -> Any:
            numbers = iter([np.asarray(x).view(dtype).reshape(x.shape[: x.ndim - len(halves)]) for x in arrays])
            out = np.empty(shape, dtype)
            with np.errstate(all="ignore"):  # as on NumPy: a comparison with nan is an invalid operation to newer ones
                compute(*[None if x is None else next(numbers) for x in args], out)
            return out.view(passed_as).reshape(*shape, *halves)

        made = jax.ShapeDtypeStruct((*shape, *halves), passed_as)  # type: ignore[no-untyped-call]
        passed = [jax.lax.bitcast_convert_type(jnp.asarray(x, dtype), passed_as) for x in given]
        result = jax.pure_callback(call, made, *passed, vmap_method="sequential")
        return jax.lax.bitcast_convert_type(result, dtype)

    return computed


def _one_hot(classes: int, index: Any, j: Any) -> Any:
    known = (index >= 0) & (index < classes) & (jnp.floor(index) == index)
    return jnp.where(known, (index == j) * 1.0, jnp.nan)


def _power(a: Any, b: Any) -> Any:
    if isinstance(b, (float, np.floating)) and abs(b) in (0.5, 1.5):  # XLA calls C for each: 2 % of a step of microgpt
        root = jnp.abs(jnp.sqrt(a))  # of -0.0 it is 0
        power = root if b > 0 else 1 / root
        return power if abs(b) == 0.5 else power * jnp.abs(a) if b > 0 else power / jnp.abs(a)
    undefined = (a < 0) & (jnp.isinf(b) | (b % 1 != 0))  # C has limits for infinite b that are not those of any power
    return jnp.where(undefined, jnp.nan, jnp.power(a, b))


def _sigmoid(a: Any) -> Any:
    e = jnp.exp(-jnp.abs(a))  # never overflows
    return jnp.where(a < 0, e, 1.0) / (1.0 + e)


def _softplus(a: Any) -> Any:
    return jnp.maximum(a, 0.0) + jnp.log1p(jnp.exp(-jnp.abs(a)))


def _clip(a: Any, low: Any, high: Any) -> Any:
    return jnp.minimum(jnp.maximum(a, low), high)


def _hardswish(a: Any) -> Any:
    return jnp.where(a <= -3, 0.0, a * jnp.minimum((a + 3) / 6, 1.0))


def _softsign(a: Any) -> Any:
    return jnp.where(jnp.isinf(a), jnp.sign(a), a / (1 + jnp.abs(a)))


def _logit(a: Any) -> Any:
    middle = (a >= 0.25) & (a <= 0.75)
    return jnp.where(middle, 2 * exact.atanh(jnp.where(middle, 2 * a - 1, 0.0)), jnp.log(a / (1 - a)))


def _sinc(a: Any) -> Any:
    r = a - 2 * jnp.round(a / 2)  # exact
    sine = jnp.sin(math.pi * jnp.where(jnp.abs(r) > 0.5, jnp.copysign(1.0, r) - r, r))
    return jnp.where(a == 0, 1.0, sine / jnp.where(a == 0, 1.0, math.pi * a))


def _gelu_tanh(a: Any) -> Any:
    near = jnp.clip(a, -100.0, 100.0)  # beyond, the cube might overflow
    return a * jnp.where(a < -100, 0.0, _sigmoid(2 * math.sqrt(2 / math.pi) * near * (1 + 0.044715 * (near * near))))


def _norm(xs: Any) -> Any:
    top = jnp.abs(xs).max(1)  # no square of a share of it overflows
    shares = xs / jnp.where((top == 0) | jnp.isinf(top), 1.0, top)[:, None]
    return jnp.where(top == 0, 1.0, top) * jnp.sqrt((shares * shares).sum(1))


def _logsumexp(xs: Any) -> Any:
    k = jnp.argmax(xs, axis=1, keepdims=True)
    top = jnp.take_along_axis(xs, k, axis=1)
    powers = jnp.where(jnp.arange(xs.shape[1])[:, None] == k, 0.0, jnp.exp(xs - top))  # the largest is the 1 in log1p
    return top[:, 0] + jnp.log1p(powers.sum(1))


def _cross_entropy(z: Any, xs: Any) -> Any:
    if xs is None:  # there is no other class
        return z * 0.0
    differences = xs - z[:, None]
    return _logsumexp(jnp.concatenate([jnp.zeros_like(differences[:, :1]), differences], axis=1))


KERNELS: dict[Any, Callable[..., Any]] = {
    ops.add: jnp.add, ops.sub: jnp.subtract, ops.mul: jnp.multiply, ops.div: jnp.divide, ops.neg: jnp.negative,
    ops.abs: jnp.abs, ops.identity: lambda a: a, selection.detached: lambda a: a, ops.hypot: jnp.hypot,
    ops.exp: jnp.exp, ops.expm1: jnp.expm1, ops.log: jnp.log, ops.log1p: exact.log1p, ops.log2: jnp.log2,
    ops.log10: jnp.log10, ops.sqrt: jnp.sqrt, ops.cbrt: jnp.cbrt, ops.exp2: exact.exp2,
    ops.sin: jnp.sin, ops.cos: jnp.cos, ops.tan: jnp.tan, ops.asin: jnp.arcsin, ops.acos: jnp.arccos,
    ops.atan: jnp.arctan, ops.atan2: jnp.arctan2, ops.sinh: exact.sinh, ops.cosh: exact.cosh, ops.tanh: exact.tanh,
    ops.asinh: jnp.arcsinh, ops.acosh: jnp.arccosh, ops.atanh: exact.atanh,
    ops.erf: special.erf, ops.erfc: exact.erfc, ops.erfinv: exact.erfinv,
    ops.lgamma: special.gammaln, ops.digamma: exact.digamma,
    ops.sign: jnp.sign, ops.floor: jnp.floor, ops.ceil: jnp.ceil, ops.trunc: jnp.trunc, ops.round: jnp.round,
    ops.remainder: jnp.remainder, ops.fmod: jnp.fmod, ops.square: jnp.square, ops.reciprocal: jnp.reciprocal,
    ops.copysign: lambda a, b: jnp.where(jnp.isnan(b), b, jnp.copysign(a, b)),
    ops.pow: _power,
    ops.maximum: jnp.maximum,
    ops.minimum: jnp.minimum,
    ops.clip: _clip,
    ops.hardtanh: _clip,
    ops.relu: lambda a: jnp.maximum(a, 0.0),
    ops.relu6: lambda a: _clip(a, 0.0, 6.0),
    ops.leaky_relu: lambda a, b: jnp.where(a > 0, a, a * b),
    ops.elu: lambda a, b: jnp.where(a > 0, a, b * jnp.expm1(jnp.minimum(a, 0.0))),
    ops.sigmoid: _sigmoid,
    ops.softplus: _softplus,
    ops.silu: lambda a: a * _sigmoid(a),
    ops.gelu: lambda a: a * (0.5 * exact.erfc(a * -math.sqrt(0.5))),
    ops.gelu_tanh: _gelu_tanh,
    ops.mish: lambda a: a * exact.tanh(_softplus(a)),
    ops.hardsigmoid: lambda a: _clip((a + 3) / 6, 0.0, 1.0),
    ops.hardswish: _hardswish,
    ops.softsign: _softsign,
    ops.rsqrt: lambda a: 1 / jnp.sqrt(a),
    ops.sinc: _sinc,
    ops.logit: _logit,
    ops.xlogy: lambda a, b: a * jnp.log(jnp.where((a == 0) & (b == b), 1.0, b)),
    selection.masked: lambda x, hit: jnp.where(hit == 1, -jnp.inf, x),
    # of lists: groups of shape (n, k, batch)
    ops.sum: lambda xs: xs.sum(1),
    ops.mean: lambda xs: xs.mean(1),
    ops.norm: _norm,
    ops.logsumexp: _logsumexp,
    ops.cross_entropy: _cross_entropy,
}  # fmt: skip
KERNELS |= {
    COMPARISONS["<"]: jnp.less, COMPARISONS["<="]: jnp.less_equal, COMPARISONS[">"]: jnp.greater,
    COMPARISONS[">="]: jnp.greater_equal, COMPARISONS["&"]: jnp.logical_and, COMPARISONS["|"]: jnp.logical_or,
}  # fmt: skip
"""By rule."""
