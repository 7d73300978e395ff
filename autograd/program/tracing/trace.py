"""Following a function of scalars: it runs once, on Values that have no number yet, and leaves its graph.

Whatever the function asks of such a Value but arithmetic (an `if`, float(), a length that depends on it) would make the
graph depend on the data: it is refused, with the line of the function that asked. What the function read besides, such
as the number of a leaf or a setting, becomes a guard: the trace holds as long as that is as it was. What becomes of the
graph is decided in lower.py.
"""

from __future__ import annotations

import inspect
import math
import sys
from collections.abc import Callable, Sequence
from numbers import Real
from typing import Any, NoReturn

from ... import edges, graph, ops
from ...functions import dot
from ...modes import current, mode
from ...rules import Rule
from ...transforms.tree import as_lists, leaves_of, mapped, results_of
from ...value import Value
from ..slopes import watched
from .guards import Environment
from .hearing import Hearing
from .mends import ASKED, EQUAL, mend_for, mend_of_reading
from .origins import OURS, frames, users_line
from .watching import watching


class TraceError(TypeError):
    """A function does what a compiled program can't repeat for other numbers; the message names the line."""


class TracedValue(Value):
    """A Value in a function that is being followed: it has no number yet, and refuses whatever asks for one."""

    __slots__ = ()
    unknown = True

    def __eq__(self, other: object) -> bool:
        # two Values are compared by identity; but an input is a plain number when the function runs by itself
        if isinstance(other, Real) or (isinstance(other, TracedValue) and _is_plain(self) and _is_plain(other)):
            refuse("it is compared with ==", EQUAL)
        return self is other

    def __hash__(self) -> int:
        # a set or dict of numbers finds them by their size; the graph is walked in the packages alone
        if not sys._getframe(1).f_code.co_filename.startswith(OURS) and _is_plain(self):
            refuse("it is looked up in a set or dict", EQUAL)
        return super().__hash__()

    def backward(self, seed: float = 1.0) -> NoReturn:
        """Refused: the program does it."""
        refuse("backward() is called", "leave it out, for the program does that")

    def __repr__(self) -> str:
        return f"Traced({self.label or self.op})"


class TracedNode(TracedValue):
    """What a TracedValue becomes after the function has run: a node of its graph, quick in sets and dicts again.

    It has no number and no gradient, nor the slots for them: whoever kept it and uses it is told so.
    """

    __slots__ = ()
    __eq__, __hash__ = Value.__eq__, Value.__hash__

    def __getattr__(self, name: str) -> NoReturn:
        if name not in ("_data", "_grad"):
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
        raise TraceError(
            f"{users_line(sys._getframe(1))}{self!r}: return it from the function, and program.map gives its number for"
            " each example; what a next call needs of it must be an argument"
        )

    def backward(self, seed: float = 1.0) -> NoReturn:
        """Refused: it has no number."""
        raise TypeError(self.data)

    def __repr__(self) -> str:
        what = self.label or self.op or "a number"
        return f"<{what}, kept from a function while it was compiled, when it had no number>"


def _asking(name: str) -> Callable[..., NoReturn]:
    """A method of traced numbers that Python calls for a number: it is refused."""

    def ask(self: TracedValue, *args: Any) -> NoReturn:
        if isinstance(self, TracedNode):
            raise TypeError(self.data)  # which raises the error for a node that was kept
        refuse(f"{name.strip('_')}() of it is asked for", ASKED[name])

    return ask


for _name in ASKED:
    if getattr(Value, _name, None) is not None and "mod__" in _name and Value.__mod__ is not Value.__floordiv__:
        continue
    setattr(TracedValue, _name, _asking(_name))


def _is_plain(node: Value) -> bool:
    """Whether it is a plain number when the function runs by itself: it comes from the inputs alone."""
    return all(isinstance(leaf, TracedValue) for leaf in graph.walk([node])[1])


class Trace:
    """What a function does while it is followed: it hears of every node that is made, and of every look at a number.

    Args:
        parameters: leaves that the program is to be differentiated for; their numbers change from run to run.
    """

    def __init__(self, parameters: Sequence[Value]) -> None:
        self.parameters = set(parameters)
        self.nodes: list[Value] = []
        self.draws: list[tuple[TracedValue, Callable[[], float]]] = []
        self.guards: list[Callable[[], Any]] = []
        """Functions that say, before each run, whether the trace still holds; if not, the function is followed anew."""
        self.row_guards: list[tuple[Value, Callable[[Any], Any]]] = []
        """Pairs of a node and a function, which says of an array of its numbers for which examples the trace holds."""
        self.hearing: Hearing | None = None
        self._classes = 0  # the most that an index chooses among
        self._read: set[Value] = set()
        self._rules: set[Rule] = set()

    def draw(self, source: Callable[[], float]) -> TracedValue:
        """A leaf for which each run draws a number for each example."""
        leaf = traced_input("noise")
        self.draws.append((leaf, source))
        return leaf

    def chosen(self, index: Value, xs: Sequence[Any]) -> Any:
        """xs[index], for an index that is traced; not a number where there is no such item."""
        return dot(self._hits(index, len(xs)), xs)

    def others(self, index: Value, xs: Sequence[Any]) -> tuple[Any, ...]:
        """The xs, with -∞ in place of xs[index]: what exp makes nothing of."""
        return tuple([ops.masked(x, hit) for x, hit in zip(xs, self._hits(index, len(xs)))])

    def _hits(self, index: Value, k: int) -> list[Value]:
        self.tell_apart(index, k)
        rule = ops.one_hot(k)
        return [rule(index, float(j)) for j in range(k)]

    def tell_apart(self, index: Value, k: int) -> None:
        """An index chooses among k things; it is a plain number when the function runs by itself."""
        if not _is_plain(index):
            refuse("a Value is used as an index", "an index is a plain number, such as the number of a word")
        self._classes = max(self._classes, k)

    def refuse_too_many_classes(self, dtype: Any) -> None:
        """An error if this precision can't tell the numbers of the classes apart."""
        import numpy as np

        most = 2 ** (np.finfo(dtype).nmant + 1)  # up to here every integer is a number of this precision
        if self._classes > most:
            raise ValueError(
                f"{self._classes} classes are more than {dtype} tells apart, {most}: compile with dtype='float64'"
            )

    def require(self, node: Value, allowed: Callable[[Any], Any]) -> None:
        """Only some numbers of a node are allowed: for an example with another, the function itself is asked."""
        self.row_guards.append((node, allowed))

    def depend(self, read: Callable[[], Any]) -> None:
        """The function has asked for a setting: the trace holds as long as `read` returns what it does now."""
        setting = read()
        self.guards.append(lambda: read() == setting)

    def record(self, node: Value, rule: Rule | None) -> None:
        """A node was made."""
        if rule is None:
            refuse("no_grad() is entered", "use .detach() for what is to have no gradient")
        node.__class__ = TracedValue
        self.nodes.append(node)
        if rule not in self._rules:
            self._rules.add(rule)
            self.guards += watched(rule)

    def read(self, node: Value) -> None:
        """The number of a node is read, by `.data` or a comparison: the trace holds as long as a leaf has it."""
        if isinstance(node, TracedValue) or node in self.parameters:
            what = "a result" if node.parents else node.label or "a parameter"
            refuse(f"the number of {what} is asked for", mend_of_reading(sys._getframe(1)))
        if node not in self._read:
            self._read.add(node)
            with mode(trace=None):
                before = repr(node.data)  # which tells 0.0 from -0.0
            self.guards.append(lambda: repr(node.data) == before)

    def write(self, node: Value) -> None:
        """The number of a node is assigned to."""
        refuse(f"{node.label or 'a Value'} is assigned to", "return the number, and assign it outside")

    def read_grad(self, node: Value) -> None:
        """The gradient of a node is read, which belongs to a backward() and not to the function."""
        refuse("a .grad is asked for", "pass it as an argument")

    def detached(self, node: Value) -> Value:
        """A node with the number of this one, which sends no gradient back to it."""
        stopped = ops.detached(node)
        stopped.label = node.label
        return stopped


def traced_input(label: str) -> TracedValue:
    """A leaf of the trace: one number of an example."""
    return TracedValue(math.nan, label)


def follow(fn: Callable[..., Any], arguments: Sequence[Any], parameters: Sequence[Value]) -> tuple[Any, Trace]:
    """Run a function on one example without numbers.

    Args:
        fn: the function.
        arguments: for each of its arguments a traced leaf or nested lists of them.
        parameters: what it is to be differentiated for.

    Returns:
        (what it returned, the Trace, with guards for all that the function found around it).

    Raises:
        TraceError: if the function can't be followed.
    """
    output, trace, changes = _follow_once(fn, arguments, parameters)
    if changes:  # perhaps it keeps something for later calls: those would do the same then
        output, trace, changes = _follow_once(fn, arguments, parameters, again=True)
    if changes:
        raise TraceError(f"{_line_of(fn)}{changes[0]}: each call does something else; pass it as an argument")
    made = set(trace.nodes)
    for node in graph.walk([x for x in leaves_of(output, "the result") if isinstance(x, Value)])[0]:
        if node not in made:
            raise TraceError(
                f"{node!r}, which the function uses, was computed before: compute it inside of the function, or"
                " detach() it"
            )
    return output, trace


def _follow_once(
    fn: Callable[..., Any], arguments: Sequence[Any], parameters: Sequence[Value], again: bool = False
) -> tuple[Any, Trace, list[str]]:
    """What the function returned, its Trace, and what it looks at and has changed itself, in words."""
    trace, environment = Trace(parameters), Environment(fn)
    inputs = leaves_of(arguments, "an argument")
    for leaf in inputs:
        leaf.__class__ = TracedValue
        edges.give_number(leaf, math.nan)
    hearing = trace.hearing = Hearing(environment.enter)
    try:
        with watching(), mode(trace=trace, no_grad=False, journal=None):
            given = mapped(list(arguments), lambda x: x)  # in lists of its own, which it may change
            with hearing:
                returned = fn(*given)
            output = as_lists(returned)
            results_of(output, "what the function returns")
        changes = environment.close(hearing.reflecting, again)
        if hearing.failed is not None:
            raise hearing.failed
        for refusal in hearing.refusals:
            raise TraceError(refusal)
        for refusal in environment.refusals:
            raise TraceError(f"{_line_of(fn)}{refusal}")
    finally:
        for node in (*inputs, *[leaf for leaf, _ in trace.draws], *trace.nodes):
            node.__class__ = TracedNode
            edges.take_number(node)
    trace.guards.append(environment.is_unchanged)
    return output, trace, changes


def _line_of(fn: Callable[..., Any]) -> str:
    """Where a function begins, as the beginning of a message."""
    code = getattr(inspect.unwrap(fn), "__code__", None)
    return f"{code.co_filename}:{code.co_firstlineno}: " if code else ""


def refuse(what: str, mend: str = "") -> NoReturn:
    """A TraceError that names the innermost line which belongs to neither package, nor to a library if there is one."""
    frame = next(frames(sys._getframe(1)), None)
    hearing = getattr(current().trace, "hearing", None)
    mend = mend_for(hearing and hearing.asking, frame) or mend or "write it with functions of autograd"
    raise TraceError(f"{users_line(frame)}{what} while the function is being compiled; {mend}")
