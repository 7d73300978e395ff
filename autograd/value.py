"""Value: a number that remembers how it was made, and backward(), which follows that memory in reverse.

This is the engine. `_node` records an operation: the rule of the table, its operands, and the number that came out.
`backward` visits the nodes in reverse order, and `_sweep` is the chain rule, a line for each way that a node can have
operands. No derivative stands here: those are in ops.py.
"""

from __future__ import annotations

import math
import operator
from numbers import Real
from threading import Lock, RLock
from typing import TYPE_CHECKING, Any, Literal, NoReturn

from . import functions, graph, modes, ops
from .basics.arguments import number
from .basics.messages import shown
from .basics.operand import Operand
from .rules import Binary, Floats, Nary, Rule, Unary, written

_lock = Lock()
_sweeping = RLock()  # one backward() at a time: graphs of several threads may share leaves
_clock = 0  # counts the assignments to .data; a node keeps the time of its making, a leaf that of its last assignment


def clock() -> int:
    """How often a `.data` has been assigned to so far: while it is the same, all leaves have the numbers they had."""
    return _clock


class Value(Operand):
    """A real number in a graph of operations, which can be differentiated with respect to everything it came from.

    Args:
        data: any real number (NumPy scalars, too); it is kept as a Python float.
        label: a name for drawings and error messages.

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

    # 112 bytes a node, its number included; a tuple for the parents would cost 48 more
    __slots__ = ("_a", "_b", "_data", "_grad", "_label", "_rule", "_time")

    def __init__(self, data: float, label: str = "") -> None:
        self.label = label
        self._data = number(data, "data")
        self._grad = 0.0
        self._rule: Rule | None = None
        self._a: Any = None
        self._b: Any = None
        self._time: float = _clock
        if modes.active:
            journal = modes.current().journal
            if journal is not None:
                journal.append(self)

    @property
    def data(self) -> float:
        """The number. Assigning to it doesn't recompute anything; see `backward()`."""
        if modes.active and modes.current().trace is not None:
            modes.current().trace.read(self)
        return self._data

    @data.setter
    def data(self, value: float) -> None:
        global _clock
        if modes.active and modes.current().trace is not None:
            modes.current().trace.write(self)
        value = number(value, "data")
        with _lock:
            _clock += 1
            self._data = value
            self._time = _clock if self._rule is None else math.inf  # never: its operands don't explain it any more

    @property
    def grad(self) -> float:
        """The derivative of what `backward()` was called on with respect to this number; 0.0 before that."""
        if modes.active and modes.current().trace is not None:
            modes.current().trace.read_grad(self)
        return self._number_of_grad()

    @grad.setter
    def grad(self, value: float) -> None:
        self._grad = number(value, "grad")

    def _number_of_grad(self) -> float:
        return self._grad if self._grad.__class__ is float else 0.0  # that of a checkpoint is no number

    @property
    def label(self) -> str:
        """The name in drawings and error messages."""
        return self._label

    @label.setter
    def label(self, label: str) -> None:
        if not isinstance(label, str):
            raise TypeError(f"label must be a string, got {shown(label)}")
        self._label = label

    @property
    def op(self) -> str:
        """The symbol of the operation that made it, `"+"` or `"tanh"`; `""` for a leaf."""
        return "" if self._rule is None else self._rule.symbol

    @property
    def parents(self) -> tuple[Value, ...]:
        """The Values that it was computed from, in order; plain numbers among the operands are not in it."""
        return graph.parents(self)

    # ------------------------------------------------------------------------------------------------- backward

    def backward(self, seed: float = 1.0) -> None:
        """Differentiate this Value with respect to everything it was computed from, and leave the results in `.grad`.

        The gradients of leaves add up over calls, until they are set to zero; those of computed nodes belong to one
        call and start from zero in the next.

        Args:
            seed: the gradient that this Value itself receives.

        Raises:
            ValueError: if this Value, or the gradient of a leaf, is not finite (the message names the first operation
                that made it so), or what the gradients of a leaf add up to over the calls.
            ValueError, ZeroDivisionError: if a local derivative doesn't exist where it is needed. A gradient of 0 needs
                none and goes no further, so that a branch that is off can't spoil the rest: `sqrt(x) ** 2` at 0 gets 0.
            RuntimeError: if the `.data` of a node was assigned to after it had been used.
            In each case every `.grad` is as it was before.
        """
        seed = number(seed, "seed")
        computed, leaves = graph.walk([self])
        graph.check([self], computed, leaves)
        nodes = leaves + computed
        with _sweeping:
            before = [node._grad for node in nodes]
            try:
                for node in nodes:
                    node._grad = 0.0
                self._grad = seed
                _sweep(computed)
                for leaf, old in zip(leaves, before):
                    total = leaf._grad + old
                    if not math.isfinite(total):
                        raise graph.not_finite(leaf, leaf._grad, [self], old)
                    leaf._grad = total
            except BaseException:
                for node, old in zip(nodes, before):
                    node._grad = old
                raise

    def detach(self) -> Value:
        """A new leaf with the same number and label: what is computed from it sends no gradient back to this Value."""
        if modes.active and modes.current().trace is not None:
            return modes.current().trace.detached(self)  # type: ignore[no-any-return]
        return Value(self._data, self.label)

    # ------------------------------------------------------------------------------------------------ arithmetic

    def _apply(self, rule: Rule, operands: tuple[Any, ...]) -> Value:
        if isinstance(rule, Unary):
            return _unary(rule, operands[0])
        if isinstance(rule, Nary):
            return _nary(rule, operands)
        result = _binary(rule, *operands)  # type: ignore[arg-type]
        if result is NotImplemented:
            raise TypeError(f"{written(rule, operands)}: the operands of {rule.name} must be Values or real numbers")
        return result

    def __add__(self, other: Value | float) -> Value:
        return _binary(ops.add, self, other)

    def __radd__(self, other: float) -> Value:
        return _binary(ops.add, other, self)

    def __sub__(self, other: Value | float) -> Value:
        return _binary(ops.sub, self, other)

    def __rsub__(self, other: float) -> Value:
        return _binary(ops.sub, other, self)

    def __mul__(self, other: Value | float) -> Value:
        return _binary(ops.mul, self, other)

    def __rmul__(self, other: float) -> Value:
        return _binary(ops.mul, other, self)

    def __truediv__(self, other: Value | float) -> Value:
        return _binary(ops.div, self, other)

    def __rtruediv__(self, other: float) -> Value:
        return _binary(ops.div, other, self)

    def __pow__(self, other: Value | float) -> Value:
        return _binary(ops.pow, self, other)

    def __rpow__(self, other: float) -> Value:
        return _binary(ops.pow, other, self)

    def __neg__(self) -> Value:
        return ops.neg(self)

    def __pos__(self) -> Value:
        return self

    def __abs__(self) -> Value:
        return ops.abs(self)

    # ---------------------------------------------------------------------- comparisons: by data; == is identity

    def __lt__(self, other: Value | float) -> bool:
        return self.data < _compared(other)

    def __le__(self, other: Value | float) -> bool:
        return self.data <= _compared(other)

    def __gt__(self, other: Value | float) -> bool:
        return self.data > _compared(other)

    def __ge__(self, other: Value | float) -> bool:
        return self.data >= _compared(other)

    def __bool__(self) -> bool:
        return self.data != 0.0

    # ------------------------------------------------------------------------ nothing leaves the graph silently

    def __float__(self) -> NoReturn:
        raise TypeError(
            f"{self!r} would lose its graph as a float: use a function of autograd (autograd.exp(v), not math.exp(v)),"
            " or v.data for the number alone"
        )

    def __complex__(self) -> NoReturn:
        raise TypeError(f"{self!r} would lose its graph as a complex number: use v.data for the number alone")

    def _rounded(self, *args: Any) -> NoReturn:
        raise TypeError(
            f"{self!r}: int, round, floor, ceil, trunc, // and % have a derivative of zero or none: use"
            " autograd.straight_through(round)(v) to let the gradient pass, or v.data for the number alone"
        )

    __int__ = __round__ = __floor__ = __ceil__ = __trunc__ = _rounded
    __floordiv__ = __rfloordiv__ = __mod__ = __rmod__ = __divmod__ = __rdivmod__ = _rounded

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **options: Any) -> Any:
        """What NumPy's functions do with a Value: `np.float64(2.0) * v` is a Value, `np.exp(v)` an error."""
        name = ufunc.__name__
        if any(getattr(x, "shape", ()) for x in inputs):
            raise TypeError(f"a Value is one number, not an array: use [{name}(x, v) for x in array] or the like")
        if name not in _NUMPY or method != "__call__":
            mine = f"autograd.{name}(v)" if name in ops.RULES else "a function of autograd"
            raise TypeError(
                f"numpy.{name} would lose the graph of {self!r}: use {mine}, or v.data for the number alone"
            )
        if options and options.get("out", (None,))[0] is not inputs[0]:  # which is what x += v passes
            raise TypeError(f"numpy.{name} of a Value takes no {next(iter(options))}: a Value is the result")
        return _NUMPY[name](*[x if isinstance(x, Value) else number(x.item(), "an operand") for x in inputs])

    # --------------------------------------------------------------------------------------------- for the reader

    def __repr__(self) -> str:
        label = f", label={self.label!r}" if self.label else ""
        return f"{type(self).__name__}(data={self._data!r}, grad={self._number_of_grad()!r}{label})"

    def __format__(self, spec: str) -> str:
        return format(self._data, spec) if spec else repr(self)

    def _written(self) -> str:
        return f"{self.label}={self._data!r}" if self.label else repr(self._data)

    def __reduce__(self) -> tuple[Any, ...]:
        # copy and pickle: the number, grad, label and what a subclass adds; the history stays behind
        more = getattr(self, "__dict__", None)
        return _restored, (type(self), self.data, self._number_of_grad(), self.label), more or None

    if TYPE_CHECKING:  # the loop below makes these from the table; the test of the table compares the two lists
        exp, expm1, log, log1p, log2, log10 = ops.exp, ops.expm1, ops.log, ops.log1p, ops.log2, ops.log10
        sqrt, cbrt, abs, neg, identity = ops.sqrt, ops.cbrt, ops.abs, ops.neg, ops.identity
        sin, cos, tan, asin, acos, atan = ops.sin, ops.cos, ops.tan, ops.asin, ops.acos, ops.atan
        sinh, cosh, tanh, asinh, acosh, atanh = ops.sinh, ops.cosh, ops.tanh, ops.asinh, ops.acosh, ops.atanh
        erf, erfc, relu, sigmoid, softplus, silu = ops.erf, ops.erfc, ops.relu, ops.sigmoid, ops.softplus, ops.silu

        def leaky_relu(self, negative_slope: Value | float = 0.01) -> Value: ...
        def elu(self, alpha: Value | float = 1.0) -> Value: ...
        def gelu(self, approximate: Literal["none", "tanh"] = "none") -> Value: ...


_NUMPY = {  # the operators, by the names that NumPy has for them
    "add": operator.add, "subtract": operator.sub, "multiply": operator.mul, "divide": operator.truediv,
    "power": operator.pow, "less": operator.lt, "less_equal": operator.le, "greater": operator.gt,
    "greater_equal": operator.ge, "equal": operator.is_, "not_equal": operator.is_not,
}  # fmt: skip

for _name, _function in functions.METHODS.items():
    setattr(Value, _name, _function)


def _restored(cls: type[Value], data: float, grad: float, label: str) -> Value:
    value = cls.__new__(cls)
    Value.__init__(value, data, label)  # a subclass may make its number of something else
    value._grad = grad
    return value


def _compared(other: Value | float) -> float:
    return other.data if isinstance(other, Value) else number(other, "what a Value is compared with")


# ------------------------------------------------------------------------------------------------------- forward


_new = object.__new__


def _node(data: float, rule: Rule | None, a: Any, b: Any = None) -> Value:
    """Record that `rule`, applied to a and b, gave `data`."""
    node: Value = _new(Value)  # not Value(...): what is checked there is known here, and this is twice as fast
    node._data = data
    node._grad = 0.0
    node._label = ""
    node._time = _clock
    if modes.active:  # some thread is in a mode
        mode = modes.current()
        if mode.no_grad:
            rule = a = b = None
        elif mode.journal is not None:
            mode.journal.append(node)
        if mode.trace is not None:
            mode.trace.record(node, rule)
    node._rule = rule
    node._a = a
    node._b = b
    return node


def _unary(rule: Unary, a: Value) -> Value:
    try:
        data = rule.forward(a._data)
    except (ValueError, ZeroDivisionError) as cause:
        data = _undefined(rule, cause, (a,))
    return _node(data, rule, a)


def _binary(rule: Binary, a: Any, b: Any) -> Value:
    if isinstance(a, Value):
        x = a._data
    elif isinstance(a, Real):
        a = x = number(a, f"an operand of {rule.symbol}")
    else:
        return NotImplemented  # type: ignore[no-any-return]  # so that the other operand's class may answer
    if isinstance(b, Value):
        y = b._data
    elif isinstance(b, Real):
        b = y = number(b, f"an operand of {rule.symbol}")
    else:
        return NotImplemented  # type: ignore[no-any-return]
    try:
        data = rule.forward(x, y)
    except (ValueError, ZeroDivisionError) as cause:
        data = _undefined(rule, cause, (a, b))
    return _node(data, rule, a, b)


def _nary(rule: Nary, groups: tuple[Any, ...]) -> Value:
    kept: list[Any] = []
    numbers: list[Any] = []
    for operand in groups:
        if operand.__class__ is tuple:
            try:
                numbers.append([x._data for x in operand])
            except AttributeError:  # there are plain numbers among them
                operand = group(operand, f"an operand of {rule.name}")
                numbers.append(graph.read(operand))
        elif isinstance(operand, Value):
            numbers.append(operand._data)
        elif operand.__class__ is Floats:
            numbers.append(operand)
        else:
            operand = number(operand, f"an operand of {rule.name}")
            numbers.append(operand)
        kept.append(operand)
    return _node(rule.forward(*numbers), rule, tuple(kept))  # with a Value among them each of these is defined


def _undefined(rule: Rule, cause: Exception, operands: tuple[Any, ...]) -> float:
    """The error for operands outside of a rule's domain, unless a function is being compiled: there are no numbers."""
    if modes.active and modes.current().trace is not None:
        return math.nan
    raise rule.refusal(cause, operands) from (None if rule.domain else cause)


def group(xs: tuple[Any, ...], name: str) -> tuple[Any, ...]:
    """Operands of an n-ary rule as a tuple of Values, or as `Floats` where all are plain numbers."""
    if xs.__class__ is Floats:
        return xs
    if any(isinstance(x, Value) for x in xs):
        return tuple([x if isinstance(x, Value) else Value(number(x, name)) for x in xs])
    return Floats([number(x, name) for x in xs])


# ------------------------------------------------------------------------------------------------------ backward


def _sweep(computed: list[Value]) -> None:
    """The chain rule: every node hands its gradient, times the local derivative, on to each of its operands."""
    for node in reversed(computed):
        g = node._grad
        if g == 0.0:
            continue  # nothing flows back here: behind relus that are off, this is half of a network
        rule: Any = node._rule
        a, b = node._a, node._b
        try:
            if b is not None:  # two operands
                x = a if a.__class__ is float else a._data
                y = b if b.__class__ is float else b._data
                if a.__class__ is not float:
                    a._grad += g * rule.da(node._data, x, y)
                if b.__class__ is not float:
                    b._grad += g * rule.db(node._data, x, y)
            elif a.__class__ is not tuple:  # one
                a._grad += g * rule.da(node._data, a._data)
            else:  # groups of them
                for operand, slope in zip(a, rule.d(node._data, *[graph.read(group) for group in a])):
                    if operand.__class__ is tuple:
                        for x, s in zip(operand, slope):
                            x._grad += g * s
                    elif operand.__class__ is not float and operand.__class__ is not Floats:
                        operand._grad += g * slope
        except (ValueError, ArithmeticError) as cause:
            raise graph.no_slope(node, cause) from None
