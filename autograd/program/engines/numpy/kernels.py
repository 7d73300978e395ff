"""How NumPy computes the rules of the table.

A rule that isn't named here works all the same, with its own function of floats called for each number.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from .... import ops
from ....rules import Rule

UFUNCS = {
    "add": "add", "sub": "subtract", "mul": "multiply", "div": "divide", "neg": "negative",
    "abs": "absolute", "exp": "exp", "expm1": "expm1", "log": "log", "log1p": "log1p", "log2": "log2",
    "log10": "log10", "sqrt": "sqrt", "cbrt": "cbrt", "sin": "sin", "cos": "cos", "tan": "tan", "asin": "arcsin",
    "acos": "arccos", "atan": "arctan", "atan2": "arctan2", "sinh": "sinh", "cosh": "cosh", "tanh": "tanh",
    "asinh": "arcsinh", "acosh": "arccosh", "atanh": "arctanh", "hypot": "hypot", "identity": "positive",
    "detach": "positive",
    "<": "less", "<=": "less_equal", ">": "greater", ">=": "greater_equal", "&": "logical_and", "|": "logical_or",
}  # fmt: skip
"""The functions of NumPy that compute a rule, or a comparison, alone."""


def kernel(op: Any) -> Callable[..., Any]:
    """A function of arrays and `out`, the array for the result, that computes a rule or a comparison."""
    import numpy as np

    if isinstance(op, ops.OneHot):
        return partial(_one_hot, op.classes)
    name = op.name if isinstance(op, Rule) else op
    known = op is ops.RULES.get(name) or op in (ops.detached, ops.unless) or not isinstance(op, Rule)
    if known and name in UFUNCS:
        found: Callable[..., Any] = getattr(np, UFUNCS[name])
        return found
    if known and name in _OWN:
        return _OWN[name]
    each = np.frompyfunc(_number_or_nan(op.forward), len(op.operands), 1)

    def one_by_one(*args: Any) -> None:
        *args, out = args  # type: ignore[assignment]
        out[...] = each(*args)

    return one_by_one


def _number_or_nan(f: Callable[..., float]) -> Callable[..., float]:
    def computed(*args: float) -> float:
        if any(x != x for x in args):
            return float("nan")  # a step, or the like, would make a number of it
        try:
            return f(*[float(x) for x in args])
        except (ValueError, ZeroDivisionError):
            return float("nan")

    return computed


# ------------------------------------------------------------------- written for arrays, in the form of ops.py's own


def _power(a: Any, b: Any, out: Any) -> None:
    import numpy as np

    np.power(a, b, out=out)
    if np.isinf(a).any() or np.isinf(b).any():  # of which C has limits that are not those of any power
        with np.errstate(invalid="ignore"):
            np.copyto(out, np.nan, where=(a < 0) & (np.mod(b, 1.0) != 0))


def _maximum(a: Any, b: Any, out: Any) -> None:
    import numpy as np

    np.maximum(a, b, out=out)  # this one doesn't take `out` by its place


def _minimum(a: Any, b: Any, out: Any) -> None:
    import numpy as np

    np.minimum(a, b, out=out)


def _relu(a: Any, out: Any) -> None:
    import numpy as np

    np.maximum(a, 0.0, out=out)


def _sigmoid(a: Any, out: Any) -> None:
    import numpy as np

    e = np.exp(-np.abs(a))  # never overflows
    np.divide(np.where(a < 0, e, 1.0), 1.0 + e, out=out)


def _softplus(a: Any, out: Any) -> None:
    import numpy as np

    np.add(np.maximum(a, 0.0), np.log1p(np.exp(-np.abs(a))), out=out)


def _silu(a: Any, out: Any) -> None:
    import numpy as np

    y = np.empty_like(out)
    _sigmoid(a, y)
    np.multiply(a, y, out=out)


def _leaky_relu(a: Any, b: Any, out: Any) -> None:
    import numpy as np

    np.copyto(out, np.where(a > 0, a, np.multiply(a, b)))


def _elu(a: Any, b: Any, out: Any) -> None:
    import numpy as np

    np.copyto(out, np.where(a > 0, a, b * np.expm1(np.minimum(a, 0.0))))


def _one_hot(classes: int, index: Any, j: Any, out: Any) -> None:
    import numpy as np

    np.copyto(out, index == j)
    known = (index >= 0) & (index < classes) & (index % 1 == 0)
    if not known.all():
        out[...] += np.where(known, 0.0, np.nan)


def _unless(x: Any, hit: Any, out: Any) -> None:
    import numpy as np

    np.copyto(out, np.where(hit == 1, -np.inf, x))


def _where(condition: Any, then: Any, otherwise: Any, out: Any) -> None:
    import numpy as np

    np.copyto(out, otherwise)
    np.copyto(out, then, where=condition)


_OWN: dict[str, Callable[..., Any]] = {
    "pow": _power, "maximum": _maximum, "minimum": _minimum, "relu": _relu, "sigmoid": _sigmoid, "softplus": _softplus,
    "silu": _silu, "leaky_relu": _leaky_relu, "elu": _elu,
    "where": _where, "unless": _unless,
}  # fmt: skip


# ------------------------------------------------------------------------ rules of lists: groups of shape (n, k, batch)


def _sum(xs: Any, out: Any) -> None:
    import numpy as np

    np.sum(xs, axis=1, out=out)


def _mean(xs: Any, out: Any) -> None:
    import numpy as np

    np.mean(xs, axis=1, out=out)


def _logsumexp(xs: Any, out: Any) -> None:
    import numpy as np

    k = np.argmax(xs, axis=1)[:, None]
    top = np.take_along_axis(xs, k, axis=1)
    powers = np.exp(xs - top)
    np.put_along_axis(powers, k, 0.0, axis=1)  # the largest is the 1 in log1p
    np.add(top[:, 0], np.log1p(powers.sum(axis=1)), out=out)


def _cross_entropy(z: Any, xs: Any, out: Any) -> None:
    import numpy as np

    if xs is None:  # there is no other class
        np.multiply(z, 0.0, out=out)
        return
    differences = xs - z[:, None]
    _logsumexp(np.concatenate([np.zeros_like(differences[:, :1]), differences], axis=1), out)


LISTED: dict[str, Callable[..., Any]] = {
    "sum": _sum, "mean": _mean, "logsumexp": _logsumexp, "cross_entropy": _cross_entropy,
}  # fmt: skip
