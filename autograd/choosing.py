"""Functions that choose among numbers: where, clip, hardtanh, one_hot. The slopes stand in ops.py."""

from __future__ import annotations

from collections.abc import Callable
from math import inf
from typing import Any, overload

from . import ops
from .basics.arguments import number
from .basics.messages import shown
from .basics.operand import Operand, T
from .choice import hits
from .conditions import taken
from .modes import current

__all__ = ["clamp", "clip", "hardtanh", "one_hot", "where"]


@overload
def where(
    condition: Any, a: Operand[T] | Callable[[], Operand[T]], b: Operand[T] | float | Callable[[], Operand[T] | float]
) -> T: ...
@overload
def where(condition: Any, a: float | Callable[[], float], b: Operand[T] | Callable[[], Operand[T]]) -> T: ...
@overload
def where(condition: Any, a: float | Callable[[], float], b: float | Callable[[], float]) -> float: ...
def where(condition: Any, a: Any, b: Any) -> Any:
    """a where the condition holds, else b; no gradient goes to the branch that isn't taken, whatever it is there.

    Python computes both arguments before it calls a function, so a branch that isn't defined everywhere is given as a
    function without arguments: it is computed only if it is taken. In a compiled function, a comparison in `where`
    chooses for each example, where an `if` is refused; comparisons are put together by & and |.

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
        return condition._where(a, b)
    if type(condition).__name__ not in ("bool", "bool_"):  # that of NumPy
        raise TypeError(f"condition must be a comparison, such as x > 0, or a bool, got {shown(condition)}")
    x, other = (a, b) if condition else (b, a)
    x = x() if callable(x) else x
    if isinstance(x, Operand):
        return taken._of(x)
    x = number(x, "a branch of where")
    if isinstance(other, Operand) and current().trace is None:  # a Value all the same, which knows nothing of the other
        leaf: Any = other.detach()  # type: ignore[attr-defined]
        leaf.data, leaf.label = x, ""
        return taken(leaf)
    return x
