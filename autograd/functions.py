"""Functions of the package that take an option or a list, on top of the rules of ops.py. No derivative stands here."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal, overload

from . import ops, special
from .basics.arguments import is_function, number
from .basics.messages import shown
from .basics.typed import Gives, T
from .choosing import clamp, clip, hardtanh, where
from .reductions import logaddexp, norm, prod, std, var
from .rules import Unary
from .sums import dot, log_softmax, logsumexp, mean, softmax, sum

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
