"""Functions of the package that take an option or a list, on top of the rules of ops.py. No derivative stands here."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Literal, overload

from . import modes, ops, special
from .basics.arguments import is_function, listed, number
from .basics.messages import shown
from .basics.moment import moment
from .basics.operand import Operand
from .basics.typed import Gives, T
from .choosing import clamp, clip, hardtanh, where
from .reductions import logaddexp, norm, prod, std, var
from .rules import Unary

__all__ = [
    "clamp", "clip", "dot", "elu", "gelu", "hardtanh", "leaky_relu", "log_softmax", "logaddexp", "logsumexp", "mean",
    "norm", "polygamma", "prod", "softmax", "std", "sum", "var", "where",
]  # fmt: skip
"""The functions of numbers and Values. `straight_through`, which makes a function, is imported by its name."""


@overload
def leaky_relu(x: Gives[T], negative_slope: Gives[T] | float = 0.01) -> T: ...
@overload
def leaky_relu(x: float, negative_slope: Gives[T]) -> T: ...
@overload
def leaky_relu(x: float, negative_slope: float = 0.01) -> float: ...
def leaky_relu(x: Any, negative_slope: Any = 0.01) -> Any:
    """x where it is positive, `negative_slope` times x elsewhere (Maas et al. 2013).

    Args:
        x: a Value or a number.
        negative_slope: a number, or a Value that is to be learned (PReLU, He et al. 2015).

    Returns:
        A Value if an argument is one, else a float. The derivative at 0 is the negative slope, as in PyTorch.

    >>> leaky_relu(-2.0)
    -0.02
    """
    return ops.leaky_relu(x, negative_slope)


@overload
def elu(x: Gives[T], alpha: Gives[T] | float = 1.0) -> T: ...
@overload
def elu(x: float, alpha: Gives[T]) -> T: ...
@overload
def elu(x: float, alpha: float = 1.0) -> float: ...
def elu(x: Any, alpha: Any = 1.0) -> Any:
    """x where it is positive, alpha (eˣ - 1) elsewhere (Clevert et al. 2015).

    Args:
        x: a Value or a number.
        alpha: minus the value at -∞, a number or a Value.

    Returns:
        A Value if an argument is one, else a float.

    >>> elu(3.0), elu(-1000.0)
    (3.0, -1.0)
    """
    return ops.elu(x, alpha)


@overload
def gelu(x: Gives[T], approximate: Literal["none", "tanh"] = "none") -> T: ...
@overload
def gelu(x: float, approximate: Literal["none", "tanh"] = "none") -> float: ...
def gelu(x: Any, approximate: Literal["none", "tanh"] = "none") -> Any:
    """x Φ(x), with Φ the distribution function of the standard normal (Hendrycks & Gimpel 2016).

    Args:
        x: a Value or a number.
        approximate: "none" for the exact form, "tanh" for the paper's approximation by tanh.

    Returns:
        A Value if x is one, else a float.

    Raises:
        ValueError: if `approximate` is neither.

    >>> round(gelu(1.0), 6), round(gelu(1.0, approximate="tanh"), 6)
    (0.841345, 0.841192)
    """
    if approximate not in ("none", "tanh"):
        raise ValueError(f"approximate must be 'none' or 'tanh', got {shown(approximate)}")
    return ops.gelu(x) if approximate == "none" else ops.gelu_tanh(x)


@overload
def polygamma(n: int, x: Gives[T]) -> T: ...
@overload
def polygamma(n: int, x: float) -> float: ...
def polygamma(n: int, x: Any) -> Any:
    """The derivative of order n of `digamma`, which is itself that of the logarithm of the gamma function.

    Args:
        n: a whole number up to 100, 0 for `digamma` itself.
        x: a Value or a number.

    Returns:
        A Value if x is one, else a float.

    Raises:
        ValueError: if n is no whole number from 0 to 100, or x is 0 or a negative whole number.

    >>> round(polygamma(1, 1.0), 6)
    1.644934
    """
    order = number(n, "n")
    if not (0 <= order <= 100 and order % 1 == 0):  # the factorials of 171 and more are no floats
        raise ValueError(f"n must be a whole number from 0 to 100, got {shown(n)}")
    return special.polygamma(order, x) if order else ops.digamma(x)


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
    some, others = listed(ws, "ws"), listed(xs, "xs")
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
    if moment.modes and modes.current().trace is not None:
        return tuple(logits)  # a compiled function: the largest isn't known yet, and logsumexp can do without
    top = max(logits)
    top = getattr(top, "data", top)
    return tuple([x - top for x in logits])


def _some(values: Iterable[Any], name: str) -> tuple[Any, ...]:
    some = listed(values, "values")
    if not some:
        raise ValueError(f"{name} needs at least one value, got an empty list")
    return some


def straight_through(f: Callable[[float], float]) -> Unary:
    """The function f, with the derivative of the identity: the straight-through estimator (Bengio et al. 2013).

    Args:
        f: any function from a number to a number, differentiable or not (`round`, a step).

    Returns:
        A function of a Value or a number.

    Raises:
        TypeError: if f is not a function.

    >>> from autograd import Value
    >>> v = Value(2.7)
    >>> rounded = straight_through(round)(v)
    >>> rounded.backward()
    >>> rounded.data, v.grad
    (3.0, 1.0)
    """
    is_function(f, "straight_through")
    return _StraightThrough(f)


class _StraightThrough(Unary):
    """A rule that is in no table: copies and pickles are made of its function."""

    def __init__(self, f: Callable[[float], float]) -> None:
        name = getattr(f, "__name__", type(f).__name__)
        result, latex = f"the result of {name}", rf"\operatorname{{{name}}}(#1)"
        super().__init__(name, f"{name}(a)", lambda a: number(f(a), result), ops.identity.da, latex=latex)
        self.f = f

    def __reduce__(self) -> Any:
        return straight_through, (self.f,)
