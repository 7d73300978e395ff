"""What a number in a graph refuses, so that nothing leaves the graph silently; and how it is compared.

It compares by its number, as PyTorch's scalars do, but `==` and `hash` are those of the object; in a function that is
being differentiated by a transform, `==` compares, too. What would turn it into a number without a graph (float(),
math.exp, NumPy's functions, rounding) is an error that says what to write instead.

A comparison gives True or False, and no gradient goes through these, as in PyTorch and JAX: `1.0 * (v > 0)` is a plain
number, with the derivative 0 that it would have anyway. An object that refuses the product would double the time of
`if v > 0`, and forbid `sum(v > 0 for v in vs)`, which counts.
"""

from __future__ import annotations

import operator
from collections.abc import Iterable, Sequence
from typing import Any, ClassVar, NoReturn

from . import ops, selection
from .basics.arguments import number
from .basics.moment import moment
from .basics.native import mypyc_attr
from .basics.operand import Operand
from .basics.typed import OfOne, OfTwo, Unchecked
from .familiar import FIXED, OF_NUMPY, VALUE, Fixed, by_name, elsewhere, offered
from .modes import is_followed, nesting
from .operators import Operators
from .rules import Rule


@mypyc_attr(allow_interpreted_subclasses=True, acyclic=True)
class Refusals(Operators):
    """Operators, comparisons, and errors for what has no place in a graph."""

    __slots__ = ()  # those of a node stand together in graph.py: Python's collector looks through them sooner
    __deletable__ = ("_data",)  # of what a compiled function leaves, which never had one
    _data: float
    # as operators.py has them; for type checkers, what comes out is what `_apply` of the operand says
    __add__: ClassVar[OfTwo]
    __radd__: ClassVar[OfTwo]
    __sub__: ClassVar[OfTwo]
    __rsub__: ClassVar[OfTwo]
    __mul__: ClassVar[OfTwo]
    __rmul__: ClassVar[OfTwo]
    __truediv__: ClassVar[OfTwo]
    __rtruediv__: ClassVar[OfTwo]
    __pow__: ClassVar[OfTwo]
    __rpow__: ClassVar[OfTwo]
    __mod__: ClassVar[OfTwo]
    __rmod__: ClassVar[OfTwo]
    __neg__: ClassVar[OfOne]
    __pos__: ClassVar[OfOne]

    def __lt__(self, other: Operand | float | Unchecked) -> bool:
        return self._data < _compared(other)

    def __le__(self, other: Operand | float | Unchecked) -> bool:
        return self._data <= _compared(other)

    def __gt__(self, other: Operand | float | Unchecked) -> bool:
        return self._data > _compared(other)

    def __ge__(self, other: Operand | float | Unchecked) -> bool:
        return self._data >= _compared(other)

    def __eq__(self, other: object) -> Any:
        if nesting.depth:
            return nesting.equal(self, other)
        return True if self is other else NotImplemented

    def __bool__(self) -> bool:
        moment.compared = True
        return self._data != 0.0

    def _largest(self, operands: Sequence[Any]) -> Any:
        # no gradient goes through it: what it is taken from doesn't depend on it
        return selection.largest(tuple(operands)) if is_followed() else max(operands)

    def _xored(self, *args: Any) -> NoReturn:
        raise TypeError(f"{self!r} has no ^: a power is written v ** 2")

    def __float__(self) -> NoReturn:
        raise TypeError(
            f"{self!r} would lose its graph as a float: use a function of autograd (autograd.exp(v), not math.exp(v)),"
            " or v.data for the number alone"
        )

    def __complex__(self) -> NoReturn:
        raise TypeError(f"{self!r} would lose its graph as a complex number: use v.data for the number alone")

    def _rounded(self, *args: Any) -> NoReturn:
        raise TypeError(
            f"{self!r}: int, round, floor, ceil, trunc and // have the derivative zero: use autograd.floor(v) or the"
            " like for a Value that no gradient passes, autograd.straight_through(round)(v) to let it pass, or v.data"
            " for the number alone"
        )

    def __dir__(self) -> Iterable[str]:
        return offered(self)

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **options: Any) -> Any:
        """What NumPy's functions do with a Value: `np.float64(2.0) * v` is a Value, `np.exp(v)` an error."""
        name = ufunc.__name__
        rule = ops.RULES.get(OF_NUMPY.get(name, name))
        if any(x is not self and getattr(x, "shape", ()) for x in inputs):
            each = _applied(rule, ["v" if x is self else "x" for x in inputs]) if rule else "f(x, v)"
            raise TypeError(f"a Value is one number, not an array: use [{each} for x in array]")
        if name not in _NUMPY or method != "__call__":
            mine = _applied(rule, ["v", "w"][: len(inputs)]) if rule else "a function of autograd"
            alone = "" if is_followed() else ", or v.data for the number alone"
            raise TypeError(f"numpy.{name} would lose the graph of {self!r}: use {mine}{alone}")
        if options and options.get("out", (None,))[0] is not inputs[0]:  # which is what x += v passes
            raise TypeError(f"numpy.{name} of a Value takes no {next(iter(options))}: a Value is the result")
        return _NUMPY[name](*[x if isinstance(x, Operand) else number(_item(x), "an operand") for x in inputs])


_NUMPY = {  # the operators, by the names that NumPy has for them
    "add": operator.add, "subtract": operator.sub, "multiply": operator.mul, "divide": operator.truediv,
    "power": operator.pow, "remainder": operator.mod, "less": operator.lt, "less_equal": operator.le,
    "greater": operator.gt, "greater_equal": operator.ge, "equal": operator.eq, "not_equal": operator.ne,
}  # fmt: skip


def _applied(rule: Rule, names: list[str]) -> str:
    """How a rule is written in a program: `x * v`, `autograd.exp(v)`."""
    if rule.symbol.isidentifier() or len(names) != 2:
        return f"autograd.{rule.name}({', '.join(names)})"
    return f"{names[0]} {rule.symbol} {names[1]}"


for _name in ("int", "round", "floor", "ceil", "trunc", "floordiv", "rfloordiv", "divmod", "rdivmod"):
    setattr(Refusals, f"__{_name}__", Refusals._rounded)
for _name in ("xor", "rxor"):
    setattr(Refusals, f"__{_name}__", Refusals._xored)
elsewhere(Refusals, VALUE)
elsewhere(Refusals, FIXED, Fixed)


def told(option: str) -> str:
    """The end of an error message about an option that a Value doesn't take: what to write."""
    return f": {by_name(VALUE | FIXED).get(option, 'it takes data and a label')}"


def _item(x: Any) -> Any:
    """The number in an array without axes; anything else as it is."""
    return x.item() if hasattr(x, "item") else x


def _compared(other: Any) -> float:
    moment.compared = True
    return other._data if isinstance(other, Refusals) else number(other, "what a Value is compared with")
