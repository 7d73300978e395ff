"""Operand: what a rule can be applied to besides numbers. This is the base of all kinds; they stand elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, ClassVar

from .native import mypyc_attr


@mypyc_attr(allow_interpreted_subclasses=True, acyclic=True)
class Operand:
    """What a rule can be applied to besides numbers: it says itself, in `_apply(rule, operands)`, what that means."""

    __slots__ = ()
    unknown: ClassVar[bool] = False
    """Whether it has no number yet, as in a function that is being compiled."""

    def _apply(self, rule: Any, operands: tuple[Any, ...]) -> Any:
        raise TypeError(f"{type(self).__name__} does not say how {rule.name} applies to it")

    def _unary(self, rule: Any, a: Any) -> Any:
        return self._apply(rule, (a,))

    def _binary(self, rule: Any, a: Any, b: Any) -> Any:
        return self._apply(rule, (a, b))

    def _nary(self, rule: Any, groups: tuple[Any, ...]) -> Any:
        return self._apply(rule, groups)

    def _where(self, then: Any, otherwise: Any) -> Any:
        """Where this, a condition, holds, `then`, else `otherwise`."""
        raise TypeError(f"the condition of where must be a comparison, such as x > 0, or a bool, got {self!r}")

    def _largest(self, operands: Sequence[Any]) -> Any:
        return max(operands)

    def _written(self) -> str:
        return repr(self)


@mypyc_attr(native_class=False)
class _Flat(float):
    """A kind of 0.0 that is told from others."""

    __slots__ = ()


FLAT = _Flat()
"""The slope of a rule for an operand that its result doesn't depend on nearby, as relu's where it is off.

It is 0, and more than that: such an operand gets nothing of a gradient, be that infinite. A 0.0 is but a number, which
makes of an infinite gradient one that is not defined (kinks.py). In a rule it stands in the outermost choice.
"""


def slope(given: Callable[[Any, Any, Any], Any] | float | str) -> Callable[[Any, Any, Any], Any]:
    """A slope of two operands as a function of (y, a, b): one already, a number, or the name of the operand it is."""
    if isinstance(given, float):
        return lambda y, a, b: given
    if isinstance(given, str):
        return (lambda y, a, b: a) if given == "a" else (lambda y, a, b: b)
    return given


def where(condition: Any, then: Any, otherwise: Any) -> Any:
    """`then` where the condition holds, else `otherwise`; a branch given as a function is evaluated only if taken."""
    if isinstance(condition, Operand):  # of many numbers at once
        return condition._where(then, otherwise)
    chosen = then if condition else otherwise
    return chosen() if callable(chosen) else chosen


def largest(xs: Sequence[Any]) -> Any:
    """The largest of some operands, or of numbers."""
    x = xs[0] if isinstance(xs[0], Operand) else xs[-1]  # beside a number there may be others, as in cross_entropy
    return x._largest(xs) if isinstance(x, Operand) else max(xs)
