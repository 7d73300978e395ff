"""Functions of arrays that NumPy doesn't have, for rules of the table: the engine calls them, and pages show them.

A page that `program.source()` writes has the text of those that it needs, without annotations and `out`. So each is
written for a reader, in lines of 88 characters. Where the last thing done is a function of NumPy it writes into `out`
if there is one, which spares a copy.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np


def power(a: Any, b: Any, out: Any = None) -> Any:
    y = np.power(a, b, out=out)
    if np.isinf(a).any() or np.isinf(b).any():
        # C has limits for these that are not those of any power
        with np.errstate(invalid="ignore"):
            np.copyto(y, np.nan, where=(a < 0) & (np.mod(b, 1.0) != 0))
    return y


def sigmoid(a: Any, out: Any = None) -> Any:
    e = np.exp(-np.abs(a))  # never overflows
    return np.divide(np.where(a < 0, e, 1.0), 1.0 + e, out=out)


def silu(a: Any, out: Any = None) -> Any:
    return np.multiply(a, sigmoid(a, out=out), out=out)


def clip(a: Any, low: Any, high: Any, out: Any = None) -> Any:
    return np.minimum(np.maximum(a, low), high, out=out)


def leaky_relu(a: Any, slope: Any) -> Any:
    return np.where(a > 0, a, a * slope)


def elu(a: Any, alpha: Any) -> Any:
    return np.where(a > 0, a, alpha * np.expm1(np.minimum(a, 0.0)))


def copysign(a: Any, b: Any) -> Any:
    return np.where(np.isnan(b), b, np.copysign(a, b))


def sinc(a: Any, out: Any = None) -> Any:
    r = a - 2.0 * np.round(0.5 * a)  # exact: how far it is from an even number
    sine = np.sin(np.pi * np.where(np.abs(r) > 0.5, np.copysign(1.0, r) - r, r))
    zero = a == 0
    return np.divide(np.where(zero, 1.0, sine), np.where(zero, 1.0, np.pi * a), out=out)


def hardsigmoid(a: Any, out: Any = None) -> Any:
    return clip((a + 3) / 6, 0.0, 1.0, out=out)


def hardswish(a: Any) -> Any:
    return np.where(a <= -3, 0.0, a * np.minimum((a + 3) / 6, 1.0))


def softplus(a: Any, out: Any = None) -> Any:
    return np.add(np.maximum(a, 0.0), np.log1p(np.exp(-np.abs(a))), out=out)


def mish(a: Any, out: Any = None) -> Any:
    return np.multiply(a, np.tanh(softplus(a, out=out)), out=out)


def softsign(a: Any) -> Any:
    infinite = np.isinf(a)
    return np.where(infinite, np.sign(a), a / np.where(infinite, 1.0, 1 + np.abs(a)))


def logit(a: Any) -> Any:
    middle = (a >= 0.25) & (a <= 0.75)
    near = 2 * np.arctanh(np.where(middle, 2 * a - 1, 0.0))
    return np.where(middle, near, np.log(a / (1 - a)))


def xlogy(a: Any, b: Any, out: Any = None) -> Any:
    return np.multiply(a, np.log(np.where((a == 0) & ~np.isnan(b), 1.0, b)), out=out)


def erf(a: Any) -> Any:
    return np.frompyfunc(math.erf, 1, 1)(a).astype(float)


def erfc(a: Any) -> Any:
    return np.frompyfunc(math.erfc, 1, 1)(a).astype(float)


def gelu(a: Any) -> Any:
    return a * (0.5 * erfc(a * -math.sqrt(0.5)))


def gelu_tanh(a: Any, out: Any = None) -> Any:
    b = np.clip(a, -100.0, 100.0)  # where the cube might overflow the gate is 0 or 1
    gate = sigmoid(2 * math.sqrt(2 / math.pi) * b * (1 + 0.044715 * (b * b)))
    return np.multiply(a, gate, out=out)


def one_hot(index: Any, j: Any, classes: Any, out: Any = None) -> Any:
    known = (index >= 0) & (index < classes) & (np.trunc(index) == index)
    return np.add(index == j, 0.0 if known.all() else np.where(known, 0.0, np.nan), out=out)


# ------------------------------------------------------------------------ of lists: groups of shape (n, k, batch)


def norm(xs: Any, out: Any = None) -> Any:
    top = np.max(np.abs(xs), axis=1, initial=0.0)  # no square of a share overflows
    shares = xs / np.where((top == 0) | np.isinf(top), 1.0, top)[:, None]
    root = np.sqrt(np.sum(shares * shares, axis=1))
    return np.multiply(np.where(top == 0, 1.0, top), root, out=out)


def logsumexp(xs: Any, out: Any = None) -> Any:
    top = xs.max(axis=1, keepdims=True)
    largest = xs == top
    powers = np.where(largest, 0.0, np.exp(xs - top))
    # the largest is the 1 in log1p, but there may be several
    rest = powers.sum(axis=1) + (largest.sum(axis=1) - 1.0)
    return np.add(top[:, 0], np.log1p(rest), out=out)


def cross_entropy(z: Any, xs: Any, out: Any = None) -> Any:
    differences = xs - z[:, None]  # of the other classes from the true one
    top = np.maximum(differences.max(axis=1), 0.0)
    powers = np.exp(differences - top[:, None])
    return np.add(top, np.log1p(powers.sum(axis=1) + np.expm1(-top)), out=out)
