"""What a rule is: how to compute, how to differentiate, where it is defined, how it is written.

The rules themselves, all the calculus, stand in ops.py. Here are their forms (of one operand, of two, of lists; that of
three is in ternary.py), and a call with plain numbers: of anything else a rule asks the operand to record its node.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from types import MethodType
from typing import Any, ClassVar, overload

from .basics.arguments import number
from .basics.described import Described
from .basics.groups import flat, misfit, numeric, outside, single
from .basics.native import mypyc_attr
from .basics.operand import Operand, slope
from .basics.typed import Gives, T


@mypyc_attr(allow_interpreted_subclasses=True)
class Rule(Described):
    """One line of the table: name, formula, how to compute y and to write it; its subclasses add the local derivatives.

    Args:
        name: of the operation and its function.
        formula: y in terms of the operands a and b.
        forward: from floats to the float y; it raises ValueError or ZeroDivisionError where y is not defined.
        latex: how it is written; #1 and #2 stand for the operands, as in a TeX macro.
        domain: where y is defined, as a Python condition on a and b; empty where every number will do.
        symbol: the operator, if there is one.
        known: a value that can be looked up, such as "exp(0.0) = 1.0": the example in the function's docstring. A rule
            without one is no function of the package by itself.
    """

    operands: ClassVar[tuple[str, ...]] = ()

    def __init__(
        self, name: str, formula: str, forward: Callable[..., float],
        *, latex: str, domain: str = "", symbol: str = "", known: str = "",
    ) -> None:  # fmt: skip
        self.name = name
        self.symbol = symbol or name
        self.known = known
        self.latex = latex
        self.formula = formula
        self.domain = domain
        self.forward = forward
        self.steep = True  # a slope may be infinite, or not exist, where y is finite
        self.describe()

    def __call__(self, *operands: Any, **options: Any) -> Any:
        raise TypeError(f"{self!r} can't be applied by itself")

    def __repr__(self) -> str:
        return f"<rule {self.name}: y = {self.formula}>"

    def __reduce__(self) -> str:
        return self.name  # copies and pickles of a rule are the entry of this module with that name

    def __get__(self, instance: Any, owner: Any = None) -> Any:  # as functions do: x.tanh() is tanh(x)
        return self if instance is None else MethodType(self, instance)

    def slopes(self, y: Any, operands: Sequence[Any], wanted: Sequence[bool] = ()) -> tuple[Any, ...]:
        """The local derivatives ∂y/∂operand, a list for a group; ValueError, ZeroDivisionError where one doesn't exist.

        Args:
            y: what the rule gave for the operands.
            operands: numbers, or whatever else has arithmetic; a group is a list of them.
            wanted: for each operand whether its derivative matters; those that don't may be None. Empty for all.
        """
        raise TypeError(f"{self!r} has no derivatives")

    def compute(self, operands: tuple[Any, ...]) -> float:
        """y at these plain numbers; outside the domain an error that shows them."""
        try:
            return self.forward(*operands)
        except (ValueError, ZeroDivisionError) as cause:
            raise outside(self, cause, operands)  # noqa: B904  it says itself what its cause is


@mypyc_attr(allow_interpreted_subclasses=True)
class Unary(Rule):
    """y = f(a), with dy/da = da(y, a). Call it with a number to get a number, with a Value to get a Value."""

    operands: ClassVar[tuple[str, ...]] = ("a",)

    def __init__(
        self, name: str, formula: str, forward: Callable[[float], float], da: Callable[[Any, Any], Any],
        *, latex: str, domain: str = "", symbol: str = "", known: str = "",
    ) -> None:  # fmt: skip
        super().__init__(name, formula, forward, latex=latex, domain=domain, symbol=symbol, known=known)
        self.da = da

    def slopes(self, y: Any, operands: Sequence[Any], wanted: Sequence[bool] = ()) -> tuple[Any, ...]:
        return (self.da(y, *operands),)

    @overload
    def __call__(self, a: Gives[T], /) -> T: ...
    @overload
    def __call__(self, a: float, /) -> float: ...
    def __call__(self, a: Any, more: Any = None, /) -> Any:  # `*more` would take 15 of 650 ns
        if more is None and isinstance(a, Operand):
            return a._unary(self, a)
        return self.compute((single(self, a, more),))

    @overload
    def __get__(self, instance: None, owner: Any = None) -> Unary: ...
    @overload
    def __get__(self, instance: Gives[T], owner: Any = None) -> Callable[[], T]: ...
    def __get__(self, instance: Any, owner: Any = None) -> Any:
        return self if instance is None else MethodType(self, instance)


@mypyc_attr(allow_interpreted_subclasses=True)
class Binary(Rule):
    """y = f(a, b), with dy/da = da(y, a, b) and dy/db = db(y, a, b); or one is a number, or "a" or "b", the operand."""

    operands: ClassVar[tuple[str, ...]] = ("a", "b")

    def __init__(
        self, name: str, formula: str, forward: Callable[[float, float], float],
        da: Callable[[Any, Any, Any], Any] | float | str, db: Callable[[Any, Any, Any], Any] | float | str,
        *, latex: str, domain: str = "", symbol: str = "", known: str = "",
    ) -> None:  # fmt: skip
        super().__init__(name, formula, forward, latex=latex, domain=domain, symbol=symbol, known=known)
        self.crossed = da == "b" and db == "a"  # backward() reads such slopes as they stand, which saves two calls
        self.fixed = isinstance(da, float) and isinstance(db, float)
        self.to_a: float = da if isinstance(da, float) else math.nan
        self.to_b: float = db if isinstance(db, float) else math.nan
        self.da, self.db = slope(da), slope(db)

    def slopes(self, y: Any, operands: Sequence[Any], wanted: Sequence[bool] = ()) -> tuple[Any, ...]:
        of_a, of_b = wanted or (True, True)  # one that nobody wants may not exist: that of (-2) ** b for b
        return self.da(y, *operands) if of_a else None, self.db(y, *operands) if of_b else None

    @overload
    def __call__(self, a: Gives[T], b: Gives[T] | float, /) -> T: ...
    @overload
    def __call__(self, a: float, b: Gives[T], /) -> T: ...
    @overload
    def __call__(self, a: float, b: float, /) -> float: ...
    def __call__(self, a: Any, b: Any, /) -> Any:
        if isinstance(a, Operand):
            return a._apply(self, (a, b))
        if isinstance(b, Operand):
            return b._apply(self, (a, b))
        return self.compute((number(a, f"the first argument of {self.name}"), number(b, f"the second of {self.name}")))


@mypyc_attr(allow_interpreted_subclasses=True)
class Nary(Rule):
    """y = f(*groups), a group being a tuple of operands or a single one; d(y, *groups) gives the slopes in groups."""

    operands: ClassVar[tuple[str, ...]] = ("groups",)

    def __init__(
        self, name: str, formula: str, forward: Callable[..., float], d: Callable[..., tuple[Any, ...]],
        *, latex: str, domain: str = "", symbol: str = "", known: str = "", groups: str = "",
        products: bool = False,
    ) -> None:  # fmt: skip
        super().__init__(name, formula, forward, latex=latex, domain=domain, symbol=symbol, known=known)
        self.d, self.groups = d, groups.split()  # the names of the groups, as d has them
        self.products = products  # it is w₁x₁ + … + wₙxₙ + b: the two ways read that as it stands, without lists

    def slopes(self, y: Any, operands: Sequence[Any], wanted: Sequence[bool] = ()) -> tuple[Any, ...]:
        return self.d(y, *operands)

    def __call__(self, *groups: Any) -> Any:
        for group in groups:
            first = group[0] if isinstance(group, (tuple, list)) and group else group
            if isinstance(first, Operand):  # nearly always the first look finds it
                return first._nary(self, groups)
        for x in flat(groups):
            if isinstance(x, Operand):
                return x._nary(self, groups)
        return self.compute(tuple(numeric(group, self.name) for group in groups))

    def compute(self, operands: tuple[Any, ...]) -> float:
        try:
            return super().compute(operands)
        except TypeError as cause:  # which may be one of a user's function
            raise misfit(self, operands, cause)  # noqa: B904  it has its cause
