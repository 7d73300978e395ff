"""Value: a number that remembers how it was made, and backward(), which follows that memory in reverse.

A Value is a node of a graph (graph.py). Here is how it records an operation: the rule of the table, its operands, and
the number that came out. How `backward` reads that is the chain rule, in sweeps.py; the derivatives are in ops.py.
"""

from __future__ import annotations

from typing import Any, Final, overload

from . import bulk, graph, modes, sweeps
from .basics.arguments import number, plain
from .basics.groups import Floats, misfit, written
from .basics.moment import moment
from .basics.native import mypyc_attr
from .basics.typed import Gives, Unchecked
from .familiar import OPTIONS, takes_no
from .faults import undefined
from .graph import Node
from .operators import ADD, MUL
from .presentation import _restored  # noqa: F401  pickles of earlier versions look for it here
from .rules import Binary, Nary, Rule, Unary


@mypyc_attr(allow_interpreted_subclasses=True, acyclic=True)
class Value(Node):
    """A real number in a graph of operations, which can be differentiated with respect to everything it came from.

    Args:
        data: any real number (NumPy scalars, too); it is kept as a Python float.
        label, more, no: a name for drawings and messages. Anything more is refused, with what to write for it.

    Raises:
        TypeError: if data is not a real number, or label not a string.

    Copies and pickles keep number, gradient and label, and leave the graph behind: they are leaves.

    >>> a, b = Value(2.0, label="a"), Value(1.0, label="b")
    >>> e = (a + b) * (b + 1)
    >>> e.backward()
    >>> e.data, a.grad, b.grad
    (6.0, 2.0, 5.0)
    >>> e.op, [parent.op for parent in e.parents], a.label, e.detach().parents
    ('*', ['+', '+'], 'a', ())
    """

    __slots__ = ()

    def __init__(self, data: float | Unchecked, label: str | Unchecked = "", *more: Any, **no: Unchecked) -> None:
        self._label, self._time, self._mark = "", moment.clock, 0.0
        if type(label) is not str or label or more or no:
            self._name((label, *more) if more else label, no)
        self._data = data if type(data) is float else number(data, "data")
        self._grad = 0.0
        self._rule = self._a = self._b = None
        if moment.modes:  # some thread is in a mode
            modes.made(self)

    @takes_no(**OPTIONS)
    def backward(self, seed: float | Unchecked = 1.0) -> None:
        """Differentiate this Value with respect to everything it was computed from, and leave the results in `.grad`.

        Gradients of leaves add up over calls until they are set to zero; those of computed nodes begin anew in each.

        Args:
            seed: the gradient that this Value itself receives.

        Raises:
            ValueError: if this Value, a gradient of a leaf, or its sum over calls isn't finite; it names the culprit.
            ValueError, ZeroDivisionError: if a local derivative that is needed is infinite or missing (kinks.py).
            RuntimeError: if the `.data` of a node was assigned to after it had been used.
            In each case every `.grad` is as it was before.
        """
        sweeps.backward(self, number(seed, "seed"))

    def detach(self) -> Value:
        """A new leaf with the same number and label: what is computed from it sends no gradient back to this Value."""
        if moment.modes and modes.current().trace is not None:
            return modes.current().trace.detached(self)  # type: ignore[no-any-return]
        return Value(self._data, self.label)

    @property
    def parents(self) -> tuple[Value, ...]:
        """The Values that it was computed from, in order; plain numbers among the operands are not in it."""
        return graph.parents(self)

    @overload
    def __add__(self, other: Gives[Any], /) -> Value: ...
    @overload
    def __add__(self, other: float, /) -> Value: ...
    def __add__(self, other: Any, /) -> Any:  # of two nodes as `_binary` does it, without calls: 280 ns in place of 410
        if type(other) is not Value:
            return self._binary(ADD, self, other)
        node: Value = blank(Value)
        node._data, node._grad = self._data + other._data, 0.0
        node._time, node._mark = moment.clock, 0.0
        node._rule, node._a, node._b = ADD, self, other
        return modes.made(node) if moment.modes else node

    @overload
    def __mul__(self, other: Gives[Any], /) -> Value: ...
    @overload
    def __mul__(self, other: float, /) -> Value: ...
    def __mul__(self, other: Any, /) -> Any:
        if type(other) is not Value:
            return self._binary(MUL, self, other)
        node: Value = blank(Value)
        node._data, node._grad = self._data * other._data, 0.0
        node._time, node._mark = moment.clock, 0.0
        node._rule, node._a, node._b = MUL, self, other
        return modes.made(node) if moment.modes else node

    def _apply(self, rule: Rule, operands: tuple[Any, ...]) -> Value:
        if isinstance(rule, Unary):
            return self._unary(rule, operands[0])
        if isinstance(rule, Nary):
            return self._nary(rule, operands)
        result = self._binary(rule, *operands)  # type: ignore[arg-type]
        if result is NotImplemented:
            raise TypeError(f"{written(rule, operands)}: the operands of {rule.name} must be Values or real numbers")
        return result  # type: ignore[no-any-return]

    def _unary(self, rule: Unary, a: Any) -> Value:
        try:
            data = rule.forward(a._data)
        except (ValueError, ZeroDivisionError) as cause:
            data = undefined(rule, cause, (a,))
        return recorded(data, rule, a)

    def _binary(self, rule: Binary, a: Any, b: Any) -> Any:
        if isinstance(a, Value):
            x: Any = a._data
        else:
            a = x = a if type(a) is float else plain(a, rule.symbol)
            if x is NotImplemented:
                return x
        if type(b) is float:
            y: Any = b
        elif isinstance(b, Value):
            y = b._data
        else:
            b = y = plain(b, rule.symbol)
            if y is NotImplemented:
                return y
        try:
            data = rule.forward(x, y)
        except (ValueError, ZeroDivisionError) as cause:
            data = undefined(rule, cause, (a, b))
        node: Value = blank(Value)  # as `recorded` has it, without a call of it: 50 of 490 ns
        node._data, node._grad = data, 0.0
        node._time, node._mark = moment.clock, 0.0
        node._rule, node._a, node._b = rule, a, b
        return modes.made(node) if moment.modes else node

    def _nary(self, rule: Nary, groups: tuple[Any, ...]) -> Value:
        if rule.products and len(groups) == 3 and type(groups[0]) is tuple and isinstance(groups[1], tuple):
            try:
                return recorded(bulk.added_products(groups[0], groups[1], groups[2]), rule, groups)
            except (AttributeError, TypeError):
                pass  # there are plain numbers among them
        operands, numbers = bulk.taken(groups, rule.name, group)
        try:
            data = rule.forward(*numbers)
        except (ValueError, ZeroDivisionError) as cause:
            data = undefined(rule, cause, groups)
        except TypeError as cause:
            raise misfit(rule, groups, cause)  # noqa: B904  it has its cause
        return recorded(data, rule, operands)


blank: Final[Any] = Value.__new__  # Value(...) in its place would be as right, and 100 of 430 ns slower
Value.__hash__ = object.__hash__  # type: ignore[method-assign]  # in C, as sets and dicts of nodes need it


def recorded(data: float, rule: Rule, a: Any, b: Any = None) -> Value:
    """The node that says: `rule`, applied to a and b, gave `data`."""
    node: Value = blank(Value)
    node._data, node._grad = data, 0.0
    node._time, node._mark = moment.clock, 0.0
    node._rule, node._a, node._b = rule, a, b
    return modes.made(node) if moment.modes else node


def group(xs: tuple[Any, ...], name: str) -> tuple[Any, ...]:
    """Operands of a rule of lists as a tuple of Values, or as `Floats` where all are plain numbers."""
    if type(xs) is Floats:
        return xs
    if any(isinstance(x, Value) for x in xs):
        return tuple([x if isinstance(x, Value) else Value(number(x, name)) for x in xs])
    return Floats([number(x, name) for x in xs])
