"""Functions of lists, each a single node: dot, sum, mean, logsumexp; and softmax by it. No derivative stands here."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, overload

from . import modes, ops
from .basics.arguments import listed, number
from .basics.moment import moment
from .basics.operand import Operand
from .basics.typed import Gives, T
from .selection import largest


@overload
def dot(ws: Iterable[Gives[T]], xs: Iterable[Gives[T] | float], bias: Gives[T] | float = 0.0) -> T: ...
@overload
def dot(ws: Iterable[Gives[T] | float], xs: Iterable[Gives[T]], bias: Gives[T] | float = 0.0) -> T: ...
@overload
def dot(ws: Iterable[Gives[T] | float], xs: Iterable[Gives[T] | float], bias: Gives[T]) -> T: ...
@overload
def dot(ws: Iterable[float], xs: Iterable[float], bias: float = 0.0) -> float: ...
@overload
def dot(ws: Iterable[Operand | float], xs: Iterable[Operand | float], bias: Operand | float = 0.0) -> Any: ...
def dot(ws: Iterable[Any], xs: Iterable[Any], bias: Any = 0.0) -> Any:
    """w₁x₁ + … + wₙxₙ + bias as a single node: what a neuron computes before its activation.

    Args:
        ws, xs: two lists of n Values or numbers each.
        bias: a Value or a number.

    Returns:
        A Value if any of the operands is one, else a float.

    Raises:
        ValueError: if the lists differ in length.

    >>> dot([1.0, 2.0], [3.0, 4.0], bias=0.5)
    11.5
    """
    some: tuple[Any, ...] = ws if type(ws) is tuple else listed(ws, "ws")
    others: tuple[Any, ...] = xs if type(xs) is tuple else listed(xs, "xs")
    if len(some) != len(others):
        raise ValueError(f"dot needs lists of equal length, got {len(some)} ws and {len(others)} xs")
    return ops.dot(some, others, bias)


@overload
def sum(values: Iterable[Gives[T]]) -> T: ...
@overload
def sum(values: Iterable[float]) -> float: ...
@overload
def sum(values: Iterable[Operand | float]) -> Any: ...
def sum(values: Iterable[Any]) -> Any:
    """x₁ + … + xₙ as a single node.

    Args:
        values: Values or numbers; of none at all the sum is 0.

    Returns:
        A Value if any of them is one, else a float.

    >>> sum([1.0, 2.0, 3.0])
    6.0
    """
    return ops.sum(listed(values, "values"))


@overload
def mean(values: Iterable[Gives[T]]) -> T: ...
@overload
def mean(values: Iterable[float]) -> float: ...
@overload
def mean(values: Iterable[Operand | float]) -> Any: ...
def mean(values: Iterable[Any]) -> Any:
    """(x₁ + … + xₙ) / n as a single node.

    Args:
        values: Values or numbers, at least one.

    Returns:
        A Value if any of them is one, else a float.

    Raises:
        ValueError: if there are none.

    >>> mean([1.0, 2.0, 6.0])
    3.0
    """
    return ops.mean(_some(values, "mean"))


@overload
def logsumexp(values: Iterable[Gives[T]]) -> T: ...
@overload
def logsumexp(values: Iterable[float]) -> float: ...
@overload
def logsumexp(values: Iterable[Operand | float]) -> Any: ...
def logsumexp(values: Iterable[Any]) -> Any:
    """ln(eˣ¹ + … + eˣⁿ) as a single node; no exponential in it can overflow.

    Args:
        values: Values or numbers, at least one.

    Returns:
        A Value if any of them is one, else a float.

    Raises:
        ValueError: if there are none.

    >>> round(logsumexp([1000.0, 1000.0]) - 1000, 6)
    0.693147
    """
    return ops.logsumexp(_some(values, "logsumexp"))


@overload
def softmax(values: Iterable[Gives[T]]) -> list[T]: ...
@overload
def softmax(values: Iterable[float]) -> list[float]: ...
@overload
def softmax(values: Iterable[Operand | float]) -> list[Any]: ...
def softmax(values: Iterable[Any]) -> list[Any]:
    """The probabilities eˣⁱ / Σⱼ eˣʲ.

    Args:
        values: n logits, Values or numbers, at least one.

    Returns:
        A list of n Values (floats, if all logits were numbers) that sum to 1.

    Raises:
        ValueError: if there are none.

    >>> softmax([1000.0, 1000.0])
    [0.5, 0.5]
    """
    shifted = _shifted(values, "softmax")
    total = ops.logsumexp(shifted)
    return [ops.exp(x - total) for x in shifted]


@overload
def log_softmax(values: Iterable[Gives[T]]) -> list[T]: ...
@overload
def log_softmax(values: Iterable[float]) -> list[float]: ...
@overload
def log_softmax(values: Iterable[Operand | float]) -> list[Any]: ...
def log_softmax(values: Iterable[Any]) -> list[Any]:
    """The logarithms of `softmax(values)`, finite for logits that are far apart, too.

    Args:
        values: n logits, Values or numbers, at least one.

    Returns:
        A list of n Values (floats, if all logits were numbers).

    Raises:
        ValueError: if there are none.

    >>> log_softmax([0.0, 1000.0])
    [-1000.0, 0.0]
    """
    shifted = _shifted(values, "log_softmax")
    total = ops.logsumexp(shifted)
    return [x - total for x in shifted]


def _shifted(values: Iterable[Any], name: str) -> tuple[Any, ...]:
    """The logits less the largest of them: softmax is the same, and no digits are lost to a large common part."""
    logits: list[Any] = [
        x if isinstance(x, Operand) else number(x, f"an argument of {name}") for x in _some(values, name)
    ]
    if moment.modes and modes.current().trace is not None:  # a compiled function: the largest isn't known yet
        if name == "softmax":  # which is one operation there, that takes the largest
            return modes.current().trace.as_nodes(tuple(logits))  # type: ignore[no-any-return]
        top = largest(tuple(logits))
    else:
        top = max(logits)
        top = getattr(top, "data", top)
    return tuple([x - top for x in logits])


def _some(values: Iterable[Any], name: str) -> tuple[Any, ...]:
    some = listed(values, "values")
    if not some:
        raise ValueError(f"{name} needs at least one value, got an empty list")
    return some
