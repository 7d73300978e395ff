"""Functions that choose among numbers: where, clip, hardtanh. The slopes stand in ops.py."""

from __future__ import annotations

from collections.abc import Callable
from math import inf
from typing import Any, overload

from . import ops
from .basics import operand
from .basics.arguments import number
from .basics.messages import shown
from .basics.operand import Operand
from .basics.typed import Gives, T
from .conditions import taken
from .modes import is_followed

__all__ = ["clamp", "clip", "hardtanh", "where"]


@overload
def where(
    condition: Any, a: Gives[T] | Callable[[], Gives[T]], b: Gives[T] | float | Callable[[], Gives[T] | float]
) -> T: ...
@overload
def where(condition: Any, a: float | Callable[[], float], b: Gives[T] | Callable[[], Gives[T]]) -> T: ...
@overload
def where(condition: Any, a: float | Callable[[], float], b: float | Callable[[], float]) -> float: ...
def where(condition: Any, a: Any, b: Any) -> Any:
    """a where the condition holds, else b; no gradient goes to the branch that isn't taken, whatever it is there.

    Python computes both arguments before it calls a function, so a branch that isn't defined everywhere is given as a
    function without arguments: it is computed only if it is taken. In a compiled function, a comparison in `where`
    chooses for each example, where an `if` is refused; comparisons are put together by & and |. Both functions run when
    it is compiled, so they should change nothing.

    Args:
        condition: a comparison of Values, or any bool.
        a, b: Values, numbers, or functions without arguments that return one.

    Returns:
        A Value if the branch that is taken is one, or the other is given as one; else a float.

    Raises:
        TypeError: if the condition is no bool, or a branch no number.

    >>> from autograd import Value, log
    >>> x = Value(-1.0)
    >>> y = where(x > 0, lambda: log(x), 0.5 * x)
    >>> y.backward()
    >>> y.data, x.grad
    (-0.5, 0.5)
    """
    if isinstance(condition, Operand):
        return operand.where(condition, a, b)
    if type(condition).__name__ not in ("bool", "bool_"):  # that of NumPy
        mend = "; ~ of a bool is an integer in Python: exchange a and b instead" if type(condition) is int else ""
        raise TypeError(f"condition must be a comparison, such as x > 0, or a bool, got {shown(condition)}{mend}")
    x, other = (a, b) if condition else (b, a)
    if other.__class__ is not float and not isinstance(other, Operand) and not callable(other):
        number(other, "a branch of where")
    x = x() if callable(x) else x
    if isinstance(x, Operand):
        return x if is_followed() else taken(x)
    x = number(x, "a branch of where")
    if isinstance(other, Operand) and not is_followed():  # a Value all the same, which knows nothing of the other
        leaf: Any = other.detach()  # type: ignore[attr-defined]
        leaf._data, leaf._label = x, ""  # not by the property: nothing has been computed from an older number
        return taken(leaf)
    return x


@overload
def clip(x: Gives[T], min: Gives[T] | float | None = None, max: Gives[T] | float | None = None) -> T: ...
@overload
def clip(x: float, min: Gives[T], max: Gives[T] | float | None = None) -> T: ...
@overload
def clip(x: float, min: float | None = None, *, max: Gives[T]) -> T: ...
@overload
def clip(x: float, min: float | None = None, max: float | None = None) -> float: ...
def clip(x: Any, min: Any = None, max: Any = None) -> Any:
    """x, but at least `min` and at most `max`; `clamp` is another name of it.

    Args:
        x: a Value or a number.
        min, max: Values or numbers, None for no bound; where min > max, the result is max.

    Returns:
        A Value if an argument is one, else a float. The derivative is 1 between the bounds and at them, 0 beyond, where
        that of the bound is 1, as in PyTorch.

    Raises:
        ValueError: if there is no bound at all.

    >>> clip(5.0, 0.0, 1.0), clamp(-5.0, min=0.0)
    (1.0, 0.0)
    """
    if min is None and max is None:
        raise ValueError("clip needs a bound: pass min, max or both")
    return ops.clip(x, -inf if min is None else min, inf if max is None else max)


clamp = clip


@overload
def hardtanh(x: Gives[T], min_val: float = -1.0, max_val: float = 1.0) -> T: ...
@overload
def hardtanh(x: float, min_val: float = -1.0, max_val: float = 1.0) -> float: ...
def hardtanh(x: Any, min_val: float = -1.0, max_val: float = 1.0) -> Any:
    """x between the bounds, the nearer bound elsewhere: an activation (Collobert 2004).

    Args:
        x: a Value or a number.
        min_val, max_val: plain numbers.

    Returns:
        A Value if x is one, else a float. The derivative at both bounds is 0, as in PyTorch (that of `clip` is 1).

    Raises:
        ValueError: unless min_val < max_val.

    >>> hardtanh(0.5), hardtanh(-3.0), hardtanh(3.0, max_val=2.0)
    (0.5, -1.0, 2.0)
    """
    low, high = number(min_val, "min_val"), number(max_val, "max_val")
    if not low < high:
        raise ValueError(f"min_val must be less than max_val, got {shown(min_val)} and {shown(max_val)}")
    return ops.hardtanh(x, low, high)
