"""The trace of a function of scalars: the graph that it leaves when it runs on Values that have no number yet.

Whatever the function asks of such a Value but arithmetic (an `if`, float(), a length that depends on it) would make the
graph depend on the data: it is refused, with the line of the function that asked. What the function read besides, such
as the number of a leaf or a setting, becomes a guard: the trace holds as long as that is as it was. What becomes of the
graph is decided in lower.py.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Mapping, Sequence
from numbers import Real
from typing import Any, NoReturn

from ... import edges, graph, selection
from ...basics.groups import Floats
from ...functions import dot
from ...modes import current, mode
from ...operators import Operators
from ...rules import Rule
from ...value import Value, group
from ..slopes import watched
from .conditions import Condition
from .hearing import Hearing
from .indices import number_of
from .mends import ASKED, CHOICE, EQUAL, mend_for, mend_of_reading
from .origins import OURS, frames, users_line


class TraceError(TypeError):
    """A function does what a compiled program can't repeat for other numbers; the message names the line."""


class TracedValue(Value):
    """A Value in a function that is being followed: it has no number yet, and refuses whatever asks for one."""

    __slots__ = ()
    unknown = True

    def __index__(self) -> int:
        trace: Trace | None = current().trace
        return trace.index(self) if trace is not None else int(self.data)

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

    def backward(self, seed: Any = 1.0) -> NoReturn:
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

    def backward(self, seed: Any = 1.0) -> NoReturn:
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


def _asking_a_condition(*args: Any) -> NoReturn:
    refuse("a comparison is asked for its number", CHOICE)


def _of_a_number(name: str) -> Callable[..., Any]:
    """A method that computes with a number; the compiled kernel would read it without asking `__getattr__`."""
    plain = getattr(Value, name)

    def compute(self: TracedNode, *args: Any) -> Any:
        edges.number_of(self)  # there is one where the traces of several indices are joined
        return plain(self, *args)

    return compute


for _name in ASKED:
    setattr(TracedValue, _name, _asking(_name))
_ORDER = ("__lt__", "__le__", "__gt__", "__ge__")
_arithmetic = {*vars(Operators)} & {*vars(float)} - {*vars(object)}
for _name in (*_arithmetic, *_ORDER, "__bool__", "__format__", "__reduce__", "_unary", "_nary"):
    setattr(TracedNode, _name, _of_a_number(_name))
for _name in (*ASKED, "__index__", "__eq__", "__hash__", "__xor__", "__rxor__", *_ORDER):
    setattr(Condition, _name, _asking_a_condition)


def _is_plain(node: Value) -> bool:
    """Whether it is a plain number when the function runs by itself: it comes from the inputs alone."""
    return all(isinstance(leaf, TracedValue) for leaf in graph.walk([node])[1])


class Trace:
    """What a function does while it is followed: it hears of every node that is made, and of every look at a number.

    Args:
        parameters: leaves that the program is to be differentiated for; their numbers change from run to run.
        numbers: the integers of leaves that something is chosen by; as 0 counts one that isn't among them.
        hearing: what runs meanwhile.
    """

    def __init__(self, parameters: Sequence[Value], numbers: Mapping[Value, int], hearing: Hearing) -> None:
        self.parameters, self.numbers, self.hearing = set(parameters), numbers, hearing
        self.asked: dict[Value, str] = {}
        """The leaves whose integers the function asked for, and where it did."""
        self.nodes: list[Value] = []
        self.draws: list[tuple[TracedValue, Callable[[], float]]] = []
        self.guards: list[Callable[[], Any]] = []
        """Functions that say, before each run, whether the trace still holds; if not, the function is followed anew."""
        self.row_guards: list[tuple[Value, Callable[[Any], Any]]] = []
        """Pairs of a node and a function, which says of an array of its numbers for which examples the trace holds."""
        self.flat: dict[Value, tuple[Any, ...]] = {}
        """Of slopes that are FLAT for some examples: the condition and both branches."""
        self._hot: dict[tuple[Value, int], list[Value]] = {}
        self._classes = 0  # the most that an index chooses among
        self.now: Any = None
        """The modes in which nodes are recorded without more ado: those that the function begins with."""
        self.known: set[Rule] = set()
        """The rules that may be, and """
        self.classes: set[type[Any]] = {Value, TracedValue, *map(type, parameters)}
        """the classes of the nodes that they are applied to,"""
        self.kinds: set[type[Any]] = {float, Floats, *self.classes}
        """and of all operands."""
        self._read: set[Value] = set()
        self._rules: set[Rule] = set()

    def draw(self, source: Callable[[], float]) -> TracedValue:
        """A leaf for which each run draws a number for each example."""
        leaf = traced_input("noise")
        self.draws.append((leaf, source))
        return leaf

    def chosen(self, index: Value, xs: Sequence[Any]) -> Any:
        """xs[index], for an index that is traced; not a number where there is no such item."""
        return dot(self.one_hot(index, len(xs)), xs)

    def as_nodes(self, xs: tuple[Any, ...]) -> tuple[Any, ...]:
        """The xs, with leaves in the place of numbers, by which softmax.py finds each of them in a list."""
        return group(xs, "softmax")

    def others(self, index: Value, xs: Sequence[Any]) -> tuple[Any, ...]:
        """The xs, with -∞ in place of xs[index]: what exp makes nothing of."""
        return tuple([selection.masked(x, hit) for x, hit in zip(xs, self.one_hot(index, len(xs)))])

    def index(self, node: Value) -> int:
        """The integer of a node, which Python asks for to index a list: with each of them the function is followed."""
        if not _is_plain(node):
            refuse("a Value is used as an index", "an index is a plain number, such as the number of a word")
        for leaf in graph.walk([node])[1]:
            self.asked.setdefault(leaf, users_line(sys._getframe(1)))
        return number_of(node, self.numbers)

    def one_hot(self, index: Value, k: int) -> list[Value]:
        """k numbers, of which the one at the index is 1 and the others are 0."""
        if (index, k) not in self._hot:
            self.tell_apart(index, k)
            rule = selection.one_hot(k)
            self._hot[index, k] = [rule(index, float(j)) for j in range(k)]
        return self._hot[index, k]

    def tell_apart(self, index: Value, k: int) -> None:
        """An index chooses among k things; it is a plain number when the function runs by itself."""
        if not _is_plain(index):
            refuse("a Value is used as an index", "an index is a plain number, such as the number of a word")
        self._classes = max(self._classes, k)

    def refuse_too_many_classes(self, dtype: Any) -> None:
        """An error if this precision can't tell the numbers of the classes apart."""
        import numpy as np

        bits = 7 if dtype == "bfloat16" else np.finfo(dtype).nmant
        most = 2 ** (bits + 1)  # up to here every integer is a number of this precision
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

    def record(self, node: Value, rule: Rule | None) -> TracedValue:
        """A node was made: here is the one that takes its place."""
        if rule is None:
            refuse("no_grad() is entered", "use .detach() for what is to have no gradient")
        traced = edges.in_its_place(node, TracedValue)
        self.nodes.append(traced)
        if rule not in self._rules:
            self._rules.add(rule)
            guards = watched(rule)
            self.guards += guards
            if not guards:
                self.known.add(rule)
        return traced

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

    def ask_attribute(self, item: Any, name: str) -> None:
        """An attribute of an item is asked for by getattr or hasattr."""
        self.hearing.ask_attribute(item, name)

    def detached(self, node: Value) -> Value:
        """A node with the number of this one, which sends no gradient back to it."""
        stopped = selection.detached(node)
        stopped.label = node.label
        return stopped


def traced_input(label: str) -> TracedValue:
    """A leaf of the trace: one number of an example."""
    return TracedValue(math.nan, label)


def refuse(what: str, mend: str = "") -> NoReturn:
    """A TraceError that names the innermost line which belongs to neither package, nor to a library if there is one."""
    frame = next(frames(sys._getframe(1)), None)
    trace = current().trace
    mend = mend_for(trace and trace.hearing.asking, frame) or mend or "write it with functions of autograd"
    error = TraceError(f"{users_line(frame)}{what} while the function is being compiled; {mend}")
    if trace is not None:  # raised again where the function has caught it and gone on
        trace.hearing.failed = trace.hearing.failed or error
    raise error
