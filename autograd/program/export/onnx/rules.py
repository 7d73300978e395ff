"""How the rules of the table are computed in ONNX: by nodes that onnxruntime has in single and in double precision.

ONNX has no expm1, log1p or erfc, and onnxruntime no double-precision sinh, erf or atan; its Sigmoid and Softplus are
exact to an absolute error alone. So they are formulas here, which keep the digits near 0 and far out.

Formulas: W. Kahan for log1p and expm1 (Higham, *Accuracy and Stability of Numerical Algorithms*, 1.14.1); for erfc
exp(-x² + P(t)) t with t = 2 / (2 + x), P by its Chebyshev series (from 50 digits); erf near 0 by its power series.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

from .... import ops, selection
from .tensors import Tensor

_ERFC = (
    -0.6513268598908547, 0.6419697923564902, 0.019476473204185836, -0.009561514786808632, -0.0009465953444820369,
    0.00036683949785276145, 4.252332480690777e-05, -2.0278578112534242e-05, -1.6242900046470256e-06,
    1.3036558355805232e-06, 1.5626441722066142e-08, -8.523809591492654e-08, 6.5290544390988515e-09,
    5.059343495551469e-09, -9.91364156493033e-10, -2.273651222931836e-10, 9.646791102015527e-11,
    2.3940380830391146e-12, -6.886027526497553e-12, 8.944879273090725e-13, 3.130921399342958e-13,
    -1.1270822361367252e-13, 3.810905255189232e-16, 7.106097613609237e-15, -1.5230282014571043e-15,
    -9.457494571291233e-17, 1.210237189224279e-16, -2.816663087747177e-17,
)  # fmt: skip
"""The Chebyshev coefficients of ln(erfc(x) / t) + x² on 0 ≤ t ≤ 1."""

_ERF = [(-1) ** n * 2 / math.sqrt(math.pi) / (math.factorial(n) * (2 * n + 1)) for n in range(21)]


def op(name: str) -> Callable[..., Tensor]:
    """A function that is a node."""
    return lambda a, *more: a.graph.node(name, a, *more)


exp, log, sqrt, absolute, sign, floor = op("Exp"), op("Log"), op("Sqrt"), op("Abs"), op("Sign"), op("Floor")


def where(condition: Tensor, then: Any, otherwise: Any) -> Tensor:
    return condition.graph.where(condition, then, otherwise)


def largest(a: Tensor, b: Any) -> Tensor:
    """The larger; what is no number stays so, which is not said of ONNX's Max."""
    return where((a >= b) | a.graph.node("IsNaN", a), a, b)


def smallest(a: Tensor, b: Any) -> Tensor:
    return where((a <= b) | a.graph.node("IsNaN", a), a, b)


def clip(a: Tensor, low: Any, high: Any) -> Tensor:
    return smallest(largest(a, low), high)


def signed(x: Tensor, like: Tensor) -> Tensor:
    """|x| with the sign of another number, of -0.0 as well."""
    negative = (like < 0.0) | (like.equals(0.0) & (1.0 / like < 0.0))
    return where(negative, -absolute(x), where(like.graph.node("IsNaN", like), like, absolute(x)))


def log1p(a: Tensor) -> Tensor:
    w = 1.0 + a
    middle = a * (log(w) / where(w.equals(1.0) | w.equals(math.inf), 1.0, w - 1.0))
    return where(w.equals(1.0), a, where(w.equals(math.inf), a, middle))


def expm1(a: Tensor) -> Tensor:
    u = exp(a)
    middle = (u - 1.0) * (a / where(u.equals(1.0) | u.equals(0.0), 1.0, log(u)))
    return where(u.equals(1.0), a, where((u < 1e-3) | (u > 1e3), u - 1.0, middle))


def sinh(a: Tensor) -> Tensor:
    x = absolute(a)
    t, root = expm1(smallest(x, 30.0)), exp(0.5 * x)
    return signed(where(x < 20.0, 0.5 * (t + t / (t + 1.0)), 0.5 * root * root), a)


def cosh(a: Tensor) -> Tensor:
    root = exp(0.5 * absolute(a))
    return 0.5 * root * root + 0.5 / (root * root)


def tanh(a: Tensor) -> Tensor:
    t = expm1(-2.0 * absolute(a))
    return signed(t / (t + 2.0), a)


def asinh(a: Tensor) -> Tensor:
    x = absolute(a)
    square = smallest(x, 1e8) * smallest(x, 1e8)
    near = log1p(x + square / (1.0 + sqrt(square + 1.0)))
    return signed(where(x > 1e8, log(x) + math.log(2), near), a)


def acosh(a: Tensor) -> Tensor:
    t = smallest(a, 1e8) - 1.0
    return where(a > 1e8, log(a) + math.log(2), log1p(t + sqrt(t) * sqrt(t + 2.0)))


def atanh(a: Tensor) -> Tensor:
    x = absolute(a)
    return signed(0.5 * log1p(2.0 * x / (1.0 - x)), a)


def atan(a: Tensor) -> Tensor:
    """By the single-precision one, and in double precision a step that makes twice as many digits of its."""
    x = absolute(a)
    z = smallest(x, 1.0 / x)
    if z.graph.dtype.itemsize == 4:
        y = z.graph.node("Atan", z)
    else:
        y = z.graph.node("Cast", z.graph.node("Atan", z.graph.node("Cast", z, to=1)), to=11)
        t = op("Sin")(y) / cosine_of(y)  # of at most π/4
        y = where(z.equals(0.0), z, y + (z - t) / (1.0 + z * t))
    return signed(where(x > 1.0, math.pi / 2 - y, y), a)


_QUARTER = (1.5707963267341256, 6.077100506303966e-11, 2.0222662487111665e-21, 8.4784276603689e-32)
"""π/2 in four parts; the product of one of the first three with a whole number up to a million is exact."""


def cosine_of(r: Tensor) -> Tensor:
    """cos r of at most π/4: onnxruntime 1.23 has no cosine in double precision."""
    half = op("Sin")(0.5 * r)
    return 1.0 - 2.0 * half * half


def turned(a: Tensor) -> tuple[Tensor, Tensor]:
    """(sin a, cos a): onnxruntime's of the distance to the nearest quarter of a turn, for up to a million of these."""
    k = op("Round")(a * (2 / math.pi))
    r = a
    for part in _QUARTER:
        r = r - k * part
    r = where(absolute(k) > 1e6, a, r)
    quarter = where(absolute(k) > 1e6, 0.0, k - 4.0 * floor(0.25 * k))
    s, c = op("Sin")(r), cosine_of(r)
    odd = quarter.equals(1.0) | quarter.equals(3.0)
    sine, cosine = where(odd, c, s), where(odd, s, c)
    return where(quarter > 1.0, -sine, sine), where(quarter.equals(1.0) | quarter.equals(2.0), -cosine, cosine)


def sin(a: Tensor) -> Tensor:
    return turned(a)[0] if a.graph.dtype.itemsize == 8 else op("Sin")(a)


def cos(a: Tensor) -> Tensor:
    return turned(a)[1] if a.graph.dtype.itemsize == 8 else op("Cos")(a)


def tan(a: Tensor) -> Tensor:
    return sin(a) / cos(a)


def asin(a: Tensor) -> Tensor:
    return 2.0 * atan(a / (1.0 + sqrt(1.0 - a) * sqrt(1.0 + a)))


def acos(a: Tensor) -> Tensor:
    return 2.0 * atan(sqrt(1.0 - a) / sqrt(1.0 + a))


def atan2(a: Tensor, b: Tensor) -> Tensor:
    y, x = absolute(a), absolute(b)
    angle = where(y.equals(0.0), 0.0, atan(y / x))
    behind = (b < 0.0) | (b.equals(0.0) & (1.0 / b < 0.0))
    return signed(where(behind, math.pi - angle, angle), a)


def hypot(a: Tensor, b: Tensor) -> Tensor:
    top, low = largest(absolute(a), absolute(b)), smallest(absolute(a), absolute(b))
    share = low / where(top.equals(0.0), 1.0, top)
    return where(top.equals(math.inf), top, top * sqrt(1.0 + share * share))


def cbrt(a: Tensor) -> Tensor:
    x = where(a.equals(0.0) | a.equals(math.inf) | a.equals(-math.inf), 1.0, absolute(a))
    y = x.graph.node("Pow", x, 1 / 3)
    y = y - (y - x / (y * y)) / 3.0  # a step of Newton's method takes the power's rounding away
    return where(a.equals(0.0) | a.equals(math.inf) | a.equals(-math.inf), a, signed(y, a))


def power(a: Tensor, b: Tensor) -> Tensor:
    whole = floor(b).equals(b)
    return where((a < 0.0) & ~whole, math.nan, a.graph.node("Pow", a, b))


def fmod(a: Tensor, b: Tensor) -> Tensor:
    return a.graph.node("Mod", a, b, fmod=1)


def remainder(a: Tensor, b: Tensor) -> Tensor:
    r = fmod(a, b)
    return where((r < 0.0) & (b > 0.0) | (r > 0.0) & (b < 0.0), r + b, r)


def sigmoid(a: Tensor) -> Tensor:
    e = exp(-absolute(a))  # never overflows
    return where(a < 0.0, e, 1.0) / (1.0 + e)


def softplus(a: Tensor) -> Tensor:
    return largest(a, 0.0) + log1p(exp(-absolute(a)))


def elu(a: Tensor, b: Any) -> Tensor:
    return where(a > 0.0, a, b * expm1(smallest(a, 0.0)))


def softsign(a: Tensor) -> Tensor:
    x = absolute(a)
    return where(x.equals(math.inf), sign(a), a / (1.0 + x))


def logit(a: Tensor) -> Tensor:
    middle = (a >= 0.25) & (a <= 0.75)
    return where(middle, 2.0 * atanh(where(middle, 2.0 * a - 1.0, 0.0)), log(a / (1.0 - a)))


def xlogy(a: Tensor, b: Tensor) -> Tensor:
    return where(a.equals(0.0) & ~b.graph.node("IsNaN", b), 0.0, a * log(b))


def sinc(a: Tensor) -> Tensor:
    x = absolute(a - 2.0 * op("Round")(0.5 * a))  # the distance to the nearest even number, which is exact
    angle = math.pi * where(x > 0.5, 1.0 - x, x)
    return where(a.equals(0.0), 1.0, signed(sin(angle), a - 2.0 * op("Round")(0.5 * a)) / (math.pi * a))


def erfc(a: Tensor) -> Tensor:
    x = absolute(a)
    t = 2.0 / (2.0 + x)
    u = 2.0 * t - 1.0
    d: Any = 0.0
    before: Any = 0.0
    for c in _ERFC[:0:-1]:  # Clenshaw's recurrence
        d, before = 2.0 * u * d - before + c, d
    near = floor(smallest(x, 100.0) * 16.0) / 16.0  # whose square is exact
    tail = t * exp(-near * near) * exp(u * d - before + _ERFC[0] - (x - near) * (x + near))
    tail = where(x > 100.0, 0.0, tail)
    return where(a < 0.0, 2.0 - tail, tail)


def erf(a: Tensor) -> Tensor:
    square = a * a
    series: Any = _ERF[-1]
    for c in _ERF[-2::-1]:
        series = series * square + c
    tail = 1.0 - erfc(absolute(a))
    return where(absolute(a) < 1.0, a * series, signed(tail, a))


def gelu(a: Tensor) -> Tensor:
    return a * (0.5 * erfc(a * -math.sqrt(0.5)))


def gelu_tanh(a: Tensor) -> Tensor:
    b = clip(a, -100.0, 100.0)
    return a * sigmoid(2 * math.sqrt(2 / math.pi) * b * (1.0 + 0.044715 * (b * b)))


def one_hot(index: Tensor, j: Any, classes: int) -> Tensor:
    known = (index >= 0.0) & (index < float(classes)) & floor(index).equals(index)
    return where(known, index.counted(index.equals(j)), math.nan)


# ------------------------------------------------------------------------ of lists: groups of shape (n, k, batch)


def norm(xs: Tensor) -> Tensor:
    top = absolute(xs).reduced("ReduceMax", 1)
    shares = xs / where(top.equals(0.0) | top.equals(math.inf), 1.0, top)
    root = sqrt((shares * shares).reduced("ReduceSum", 1, False))
    flat = top.reduced("ReduceMax", 1, False)
    return where(flat.equals(0.0), 1.0, flat) * root


def logsumexp(xs: Tensor, k: int) -> Tensor:
    place = xs.graph.node("ArgMax", xs, axis=1, keepdims=1)
    top = xs.reduced("ReduceMax", 1)
    others = where(place.equals(xs.graph.integers(range(k)).shaped(1, k, 1)), 0.0, exp(xs - top))
    flat = top.reduced("ReduceMax", 1, False)
    return flat + log1p(others.reduced("ReduceSum", 1, False))  # the largest is the 1 in log1p


def softmax(xs: Tensor) -> Tensor:
    """Of groups of shape (n, k, batch)."""
    powers = exp(xs - xs.reduced("ReduceMax", 1))
    return powers / powers.reduced("ReduceSum", 1)


def cross_entropy(z: Tensor, xs: Tensor, k: int) -> Tensor:
    differences = xs - z.graph.node("Unsqueeze", z, z.graph.integers([1]))
    first = differences.rows(0, 1, axis=1)
    zeros = where(first < 0.0, 0.0, 0.0)
    return logsumexp(z.graph.node("Concat", zeros, differences, axis=1), k + 1)


NUMBERS: dict[Any, Callable[..., Tensor]] = {
    ops.add: op("Add"), ops.sub: op("Sub"), ops.mul: op("Mul"), ops.div: op("Div"), ops.neg: op("Neg"),
    ops.abs: absolute, ops.identity: lambda a: a, selection.detached: lambda a: a, ops.sign: sign,
    ops.square: lambda a: a * a, ops.reciprocal: lambda a: 1.0 / a, ops.floor: floor,
    ops.ceil: op("Ceil"), ops.round: op("Round"),
    ops.trunc: lambda a: where(a < 0.0, op("Ceil")(a), floor(a)), ops.copysign: signed, ops.fmod: fmod,
    ops.remainder: remainder, ops.pow: power, ops.exp: exp, ops.expm1: expm1, ops.log: log, ops.log1p: log1p,
    ops.exp2: lambda a: a.graph.node("Pow", 2.0, a), ops.log2: lambda a: log(a) / math.log(2),
    ops.log10: lambda a: log(a) / math.log(10), ops.sqrt: sqrt, ops.rsqrt: lambda a: 1.0 / sqrt(a), ops.cbrt: cbrt,
    ops.sin: sin, ops.cos: cos, ops.tan: tan, ops.asin: asin, ops.acos: acos, ops.atan: atan,
    ops.atan2: atan2, ops.sinh: sinh, ops.cosh: cosh, ops.tanh: tanh, ops.asinh: asinh, ops.acosh: acosh,
    ops.atanh: atanh, ops.hypot: hypot, ops.maximum: largest, ops.minimum: smallest, ops.clip: clip, ops.hardtanh: clip,
    ops.relu: lambda a: largest(a, 0.0), ops.relu6: lambda a: clip(a, 0.0, 6.0),
    ops.leaky_relu: lambda a, b: where(a > 0.0, a, a * b), ops.elu: elu, ops.sigmoid: sigmoid, ops.softplus: softplus,
    ops.silu: lambda a: a * sigmoid(a), ops.mish: lambda a: a * tanh(softplus(a)), ops.softsign: softsign,
    ops.hardsigmoid: lambda a: clip((a + 3.0) / 6.0, 0.0, 1.0),
    ops.hardswish: lambda a: where(a <= -3.0, 0.0, a * smallest((a + 3.0) / 6.0, 1.0)), ops.logit: logit,
    ops.xlogy: xlogy, ops.sinc: sinc, ops.erf: erf, ops.erfc: erfc, ops.gelu: gelu, ops.gelu_tanh: gelu_tanh,
    selection.masked: lambda x, hit: where(hit.equals(1.0), -math.inf, x),
}  # fmt: skip
"""Of numbers: functions of tensors."""

LISTS: dict[Any, Callable[[Sequence[tuple[Tensor, int]]], Tensor]] = {
    ops.sum: lambda xs: xs[0][0].reduced("ReduceSum", 1, False),
    ops.mean: lambda xs: xs[0][0].reduced("ReduceMean", 1, False),
    ops.norm: lambda xs: norm(xs[0][0]),
    ops.logsumexp: lambda xs: logsumexp(*xs[0]),
    ops.cross_entropy: lambda xs: cross_entropy(xs[0][0], *xs[1]) if len(xs) > 1 else xs[0][0] * 0.0,
}
"""Of lists: functions of those that aren't empty, each with the length of its groups."""
