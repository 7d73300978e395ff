"""What a rule is: how to compute, how to differentiate, where it is defined, how it is written; and what it applies to.

The rules themselves, all the calculus of the engine, stand in ops.py. Here are the three forms that they have (of one
operand, of two, of groups of operands), and what happens when one is called with plain numbers. Called with anything
else, a rule asks the operand: a Value records a node of its graph.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from numbers import Real
from types import MethodType
from typing import TYPE_CHECKING, Any, overload

if TYPE_CHECKING:
    from .value import Value


class Operand:
    """What a rule can be applied to besides numbers: it says itself, in `_apply(rule, operands)`, what that means."""

    __slots__ = ()

    def _apply(self, rule: Rule, operands: tuple[Any, ...]) -> Any:
        raise TypeError(f"{type(self).__name__} does not say how {rule.name} applies to it")

    def _written(self) -> str:
        return repr(self)


def number(x: Any, name: str) -> float:
    """`x` as a Python float; a `TypeError` that calls it `name` if it isn't a real number."""
    if isinstance(x, Operand):
        raise TypeError(f"{name} must be a plain number, got {x!r}: pass its .data")
    if not isinstance(x, Real):
        raise TypeError(f"{name} must be a real number, got {x!r} ({type(x).__name__})")
    try:
        return float(x)
    except OverflowError:
        raise OverflowError(f"{name} is too large for a float (more than 1.8e308): {str(x)[:20]}...") from None


def listed(xs: Iterable[Any], name: str) -> tuple[Any, ...]:
    """`xs` as a tuple; a `TypeError` that calls it `name` if it can't be iterated over."""
    try:
        return tuple(xs)
    except TypeError:
        raise TypeError(f"{name} must be a list of numbers or Values, got {xs!r}") from None


class Floats(tuple[float, ...]):
    """A tuple that is known to hold floats only: a group of operands that the walks need not look into."""

    __slots__ = ()


class Rule:
    """One line of the table: name, symbol, formula, LaTeX, domain, how to compute y, and the local derivatives.

    `formula` and `domain` are written in the operands a, b (the domain as a Python condition, empty where every number
    is allowed); in `latex`, #1 and #2 stand for the operands, as in a TeX macro.
    """

    __slots__ = ("__dict__", "domain", "formula", "forward", "latex", "name", "symbol")

    def __init__(
        self, name: str, symbol: str, latex: str, formula: str, domain: str, forward: Callable[..., float]
    ) -> None:
        self.name = self.__name__ = self.__qualname__ = name
        self.symbol = symbol
        self.latex = latex
        self.formula = formula
        self.domain = domain
        self.forward = forward
        self.__module__ = "autograd.ops"

    def __repr__(self) -> str:
        return f"<rule {self.name}: y = {self.formula}>"

    def __reduce__(self) -> str:
        return self.name  # copies and pickles of a rule are the entry of this module with that name

    def compute(self, operands: tuple[Any, ...], written: Callable[[], str]) -> float:
        """y at these numbers; an operation outside its domain is an error that shows what `written()` says."""
        try:
            return self.forward(*operands)
        except (ValueError, ZeroDivisionError) as cause:
            raise self.refusal(cause, written()) from None

    def refusal(self, cause: Exception, written: str) -> Exception:
        """The error for operands outside the domain, of the same type as Python's own."""
        where = f": it needs {self.domain}" if self.domain else ""
        return type(cause)(f"{written} is not defined{where}")


class Unary(Rule):
    """y = f(a), with dy/da = da(y, a). Call it with a number to get a number, with a Value to get a Value."""

    __slots__ = ("da",)

    def __init__(
        self,
        name: str,
        latex: str,
        formula: str,
        forward: Callable[[float], float],
        da: Callable[[Any, Any], Any],
        *,
        domain: str = "",
        symbol: str = "",
    ) -> None:
        super().__init__(name, symbol or name, latex, formula, domain, forward)
        self.da = da
        self.__doc__ = _docstring(self, ("a",))

    @overload
    def __call__(self, a: Value, /) -> Value: ...
    @overload
    def __call__(self, a: float, /) -> float: ...
    def __call__(self, a: Any, /) -> Any:
        if isinstance(a, Operand):
            return a._apply(self, (a,))
        a = number(a, f"the argument of {self.name}")
        return self.compute((a,), lambda: written(self, (a,)))

    @overload
    def __get__(self, instance: None, owner: Any) -> Unary: ...
    @overload
    def __get__(self, instance: Value, owner: Any) -> Callable[[], Value]: ...
    def __get__(self, instance: Any, owner: Any = None) -> Any:
        return self if instance is None else MethodType(self, instance)  # as functions do: x.tanh() is tanh(x)


class Binary(Rule):
    """y = f(a, b), with dy/da = da(y, a, b) and dy/db = db(y, a, b)."""

    __slots__ = ("da", "db")

    def __init__(
        self,
        name: str,
        latex: str,
        formula: str,
        forward: Callable[[float, float], float],
        da: Callable[[Any, Any, Any], Any],
        db: Callable[[Any, Any, Any], Any],
        *,
        domain: str = "",
        symbol: str = "",
    ) -> None:
        super().__init__(name, symbol or name, latex, formula, domain, forward)
        self.da = da
        self.db = db
        self.__doc__ = _docstring(self, ("a", "b"))

    @overload
    def __call__(self, a: Value, b: Value | float, /) -> Value: ...
    @overload
    def __call__(self, a: float, b: Value, /) -> Value: ...
    @overload
    def __call__(self, a: float, b: float, /) -> float: ...
    def __call__(self, a: Any, b: Any, /) -> Any:
        if isinstance(a, Operand):
            return a._apply(self, (a, b))
        if isinstance(b, Operand):
            return b._apply(self, (a, b))
        a, b = (number(x, f"an argument of {self.name}") for x in (a, b))
        return self.compute((a, b), lambda: written(self, (a, b)))


class Nary(Rule):
    """y = f(*groups), a group being a tuple of operands or a single one; d(y, *groups) gives the slopes in groups."""

    __slots__ = ("d",)

    def __init__(
        self,
        name: str,
        latex: str,
        formula: str,
        forward: Callable[..., float],
        d: Callable[..., tuple[Any, ...]],
        *,
        domain: str = "",
        symbol: str = "",
    ) -> None:
        super().__init__(name, symbol or name, latex, formula, domain, forward)
        self.d = d
        self.__doc__ = f"y = {formula}."

    def __call__(self, *groups: Any) -> Any:
        for group in groups:
            first = group[0] if group.__class__ is tuple and group else group
            if isinstance(first, Operand):  # nearly always the first look finds it
                return first._apply(self, groups)
        for x in flat(groups):
            if isinstance(x, Operand):
                return x._apply(self, groups)
        numbers = tuple(numeric(group, self.name) for group in groups)
        return self.compute(numbers, lambda: written(self, groups))


def numeric(group: Any, name: str) -> Any:
    """A group of plain numbers, as floats."""
    if isinstance(group, tuple):
        return Floats([number(x, f"an argument of {name}") for x in group])
    return number(group, f"an argument of {name}")


def flat(groups: Iterable[Any]) -> list[Any]:
    """The operands of some groups, in order."""
    return [x for group in groups for x in (group if isinstance(group, tuple) else (group,))]


def written(rule: Rule, operands: tuple[Any, ...]) -> str:
    """The application of a rule for an error message: `log(-1.0)`, `1.0 / 0.0`."""
    names = [x._written() if isinstance(x, Operand) else repr(x) for x in flat(operands)]
    if len(names) == 2 and not rule.symbol.isidentifier():
        return f"{names[0]} {rule.symbol} {names[1]}"
    if len(names) > 6:
        names[5:-1] = ["..."]
    return f"{rule.name}({', '.join(names)})"


def _docstring(rule: Rule, operands: tuple[str, ...]) -> str:
    arguments = " and ".join(operands)
    where = f"{rule.domain}, otherwise a ValueError or ZeroDivisionError says so" if rule.domain else "any number"
    return (
        f"y = {rule.formula}, as a rule of the table: its local derivatives stand beside it in autograd/ops.py.\n\n"
        f"Args:\n    {arguments}: a Value or a number; {where}.\n\n"
        f"Returns:\n    A Value if an argument is one, else a float."
    )
