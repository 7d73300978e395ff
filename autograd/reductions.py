"""Functions that make one number of a list: prod, norm, var, std; and logaddexp. The slopes stand in ops.py."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any, overload

from . import ops
from .basics.arguments import listed, number
from .basics.messages import shown
from .basics.operand import Operand
from .basics.typed import Gives, T

__all__ = ["logaddexp", "norm", "prod", "std", "var"]


@overload
def logaddexp(a: Gives[T], b: Gives[T] | float) -> T: ...
@overload
def logaddexp(a: float, b: Gives[T]) -> T: ...
@overload
def logaddexp(a: float, b: float) -> float: ...
def logaddexp(a: Any, b: Any) -> Any:
    """ln(eᵃ + eᵇ), where no exponential overflows: the `logsumexp` of two numbers.

    Args:
        a, b: Values or numbers.

    Returns:
        A Value if an argument is one, else a float.

    >>> round(logaddexp(1000.0, 1000.0) - 1000, 6)
    0.693147
    """
    return ops.logsumexp((a, b))


@overload
def prod(values: Iterable[Gives[T]]) -> T: ...
@overload
def prod(values: Iterable[float]) -> float: ...
@overload
def prod(values: Iterable[Operand | float]) -> Any: ...
def prod(values: Iterable[Any]) -> Any:
    """x₁ · … · xₙ, of pairs, pairs of pairs and so on; each derivative is the product of the others, zeros or not.

    Args:
        values: Values or numbers; of none at all the product is 1.

    Returns:
        A Value if any of them is one, else a float.

    >>> from autograd import grad
    >>> prod([2.0, 3.0, 4.0]), grad(prod)([0.0, 3.0, 4.0])
    (24.0, [12.0, 0.0, 0.0])
    """
    xs: list[Any] = [
        x if isinstance(x, Operand) else number(x, "an argument of prod") for x in listed(values, "values")
    ]
    xs = xs if len(xs) > 1 else [1.0, *xs, 1.0][-2:]
    while len(xs) > 1:
        xs = [a * b for a, b in zip(xs[::2], xs[1::2])] + xs[len(xs) & ~1 :]
    return xs[0]


@overload
def norm(values: Iterable[Gives[T]]) -> T: ...
@overload
def norm(values: Iterable[float]) -> float: ...
@overload
def norm(values: Iterable[Operand | float]) -> Any: ...
def norm(values: Iterable[Any]) -> Any:
    """√(x₁² + … + xₙ²), the length of a vector, as a single node; no square in it overflows.

    Args:
        values: Values or numbers; of none at all the norm is 0.

    Returns:
        A Value if any of them is one, else a float. At 0, where there is no derivative, it is 0, as in PyTorch.

    >>> norm([3.0, 4.0])
    5.0
    """
    return ops.norm(listed(values, "values"))


@overload
def var(values: Iterable[Gives[T]], correction: float = 1) -> T: ...
@overload
def var(values: Iterable[float], correction: float = 1) -> float: ...
@overload
def var(values: Iterable[Operand | float], correction: float = 1) -> Any: ...
def var(values: Iterable[Any], correction: float = 1) -> Any:
    """The variance Σ(xᵢ - mean)² / (n - correction).

    Args:
        values: n Values or numbers.
        correction: 1 for the unbiased estimate from a sample, as in PyTorch and R; 0 for the mean square, as in NumPy.

    Returns:
        A Value if any of them is one, else a float.

    Raises:
        ValueError: unless n is more than the correction.

    >>> var([1.0, 2.0, 6.0]), var([1.0, 2.0, 6.0], correction=0)
    (7.0, 4.666666666666667)
    """
    deviations, n = _deviations(values, correction, "var")
    return ops.dot(deviations, deviations, 0.0) / n


@overload
def std(values: Iterable[Gives[T]], correction: float = 1) -> T: ...
@overload
def std(values: Iterable[float], correction: float = 1) -> float: ...
@overload
def std(values: Iterable[Operand | float], correction: float = 1) -> Any: ...
def std(values: Iterable[Any], correction: float = 1) -> Any:
    """The standard deviation √(Σ(xᵢ - mean)² / (n - correction)).

    Args:
        values, correction: as for `var`.

    Returns:
        A Value if any of them is one, else a float. Where all numbers are the same, the derivatives are 0, as in
        PyTorch.

    Raises:
        ValueError: unless n is more than the correction.

    >>> std([1.0, 2.0, 3.0])
    1.0
    """
    deviations, n = _deviations(values, correction, "std")
    return ops.norm(deviations) / math.sqrt(n)


def _deviations(values: Iterable[Any], correction: float, name: str) -> tuple[tuple[Any, ...], float]:
    """The differences from the mean, and by what the sum of their squares is divided."""
    xs = listed(values, "values")
    n = len(xs) - number(correction, "correction")
    if not n > 0:
        raise ValueError(f"{name} needs more values than the correction, {shown(correction)}, got {len(xs)}")
    mean = ops.mean(xs)
    return tuple([x - mean for x in xs]), n
