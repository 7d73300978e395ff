"""Checks of arguments that all parts share: a number, a list, a function."""

from __future__ import annotations

from collections.abc import Iterable
from numbers import Real
from typing import Any, Literal, TypeAlias

from .messages import shown
from .operand import Operand

Precision: TypeAlias = Literal["float64", "float32", "float16", "bfloat16"]
"""What a compiled program can compute with; bfloat16 on JAX alone."""

Backend: TypeAlias = Literal["numpy", "jax"]
"""What can compute it: the engines of autograd/program/engines/."""


def number(x: Any, name: str) -> float:
    """`x` as a Python float; a `TypeError` that calls it `name` if it isn't a real number."""
    if type(x) is float:  # nearly always; asking for Real would take 300 ns
        return x
    if not isinstance(x, (int, Real)):
        if isinstance(x, Operand):
            raise TypeError(f"{name} must be a plain number, got {shown(x)}: pass its .data")
        many = not isinstance(x, str) and hasattr(x, "__len__")
        mend = ": take its items one by one" if many else _OF_NONE.get(name, _OF_NONE[""]) if x is None else ""
        mend = of_text(x) if isinstance(x, str) else mend
        mend = ": pass its .item()" if _is_one(x) else ": float() makes a number of it" if _is_like_one(x) else mend
        raise TypeError(f"{name} must be a real number, got {shown(x)} ({type(x).__name__}){mend}")
    try:
        return float(x)
    except OverflowError:
        raise OverflowError(f"{name} is too large for a float (more than 1.8e308): {shown(x)}") from None


_OF_NONE = {
    "grad": ": set it to 0.0 for none",
    "seed": ": leave it out for 1.0",
    "": ": a function without return gives None; of data, leave out the examples that lack a number",
}
"""What to do about a None, by what should be a number."""


def of_text(x: str) -> str:
    """The end of an error message: what makes a number of a text."""
    try:
        float(x)
    except ValueError:
        return ": number such names yourself, 0 for the first of them, 1 for the next"
    return ": float() makes a number of it"


def unwrapped(x: Any) -> Any:
    """An array, tensor, series or data frame, of whatever package, as (nested) lists; everything else as it is."""
    if x.__class__ is float or isinstance(x, (list, tuple, int, Operand)):
        return x
    if hasattr(x, "tolist"):
        return x.tolist()
    return x.to_numpy().tolist() if hasattr(x, "to_numpy") else x


def plain(x: Any, symbol: str) -> Any:
    """A plain number among the operands of an operator, as a float; what is none is `foreign`."""
    if not isinstance(x, (int, Real)):  # asking for Real takes 700 ns
        return foreign(x)
    try:
        return float(x)
    except OverflowError:
        return number(x, f"an operand of {symbol}")


def foreign(x: Any) -> Any:
    """NotImplemented, so that the class of a strange operand may answer; that of a tensor would not say what to do."""
    if _is_one(x) and not hasattr(x, "__array_ufunc__"):
        raise TypeError(f"an operand must be a Value or a real number, got {shown(x)}: pass its .item()")
    return NotImplemented


def _is_one(x: Any) -> bool:
    """Whether it is an array or tensor of no dimension, which holds one number."""
    return getattr(x, "shape", None) == () and hasattr(x, "item")


def _is_like_one(x: Any) -> bool:
    """Whether it has a float's worth in it and is no real number to Python, as a Decimal."""
    return hasattr(x, "__float__") and not hasattr(x, "shape")


def listed(xs: Iterable[Any], name: str, of: str = "numbers or Values") -> tuple[Any, ...]:
    """`xs` as a tuple; a `TypeError` that calls it `name`, a list `of` something, if it can't be iterated over."""
    if type(xs) is tuple or type(xs) is list:  # nearly always; the look for arrays is a tenth of a `dot`
        return tuple(xs)
    try:
        return tuple(unwrapped(xs))
    except TypeError:
        raise TypeError(f"{name} must be a list of {of}, got {shown(xs)}") from None


def is_function(f: Any, taker: str) -> None:
    """A `TypeError` that says what `taker` takes, unless f can be called."""
    if not callable(f):
        mend = ": the gradient of a Value is gradient(output, inputs)" if isinstance(f, Operand) else ""
        raise TypeError(f"{taker} takes a function, got {shown(f)}{mend}")
