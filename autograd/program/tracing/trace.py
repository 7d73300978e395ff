"""Following a function of scalars: it runs once, on Values that have no number yet, and leaves its graph.

Whatever the function asks of such a Value but arithmetic (an `if`, float(), a length that depends on it) would make the
graph depend on the data: it is refused, with the line of the function that asked.
"""

from __future__ import annotations

import linecache
import math
import sys
import sysconfig
from collections.abc import Callable, Sequence
from numbers import Real
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn

from ... import graph, ops
from ...modes import mode
from ...rules import Rule
from ...transforms.tree import as_lists, leaves_of, mapped
from ...value import Value

STOP = ops.detached
"""What `detach()` becomes in a trace: the number goes on, no gradient comes back."""


class TraceError(TypeError):
    """A function does what a compiled program can't repeat for other numbers; the message names the line."""


class Traced(Value):
    """A Value in a trace, which has no number yet."""

    __slots__ = ()
    unknown = True

    def _refused(self, *args: Any) -> NoReturn:
        refuse("its number is asked for")

    __float__ = __int__ = __index__ = __complex__ = _refused
    __round__ = __floor__ = __ceil__ = __trunc__ = _refused
    __floordiv__ = __rfloordiv__ = __mod__ = __rmod__ = __divmod__ = __rdivmod__ = _refused

    def __eq__(self, other: object) -> bool:
        # two Values are compared by identity; but an input is a plain number when the function runs by itself
        if isinstance(other, Real) or (isinstance(other, Traced) and _plain(self) and _plain(other)):
            self._refused()
        return self is other

    def __hash__(self) -> int:
        # a set or dict of numbers finds them by their size; the graph is walked in the packages alone
        if not sys._getframe(1).f_code.co_filename.startswith(_PACKAGES) and _plain(self):
            self._refused()
        return super().__hash__()

    def backward(self, seed: float = 1.0) -> NoReturn:
        """Refused: the program does it."""
        refuse("backward() is called: the program does that")

    def __repr__(self) -> str:
        return f"Traced({self._label or self.op})"


class Followed(Traced):
    """What is Traced while the function runs, after that: in sets and dicts at once, for it is one node of a graph."""

    __slots__ = ()
    __eq__, __hash__ = Value.__eq__, Value.__hash__


def _plain(node: Value) -> bool:
    """Whether it is a plain number when the function runs by itself: it comes from the inputs alone."""
    return all(isinstance(leaf, Traced) for leaf in graph.walk([node])[1])


class Trace:
    """What is told of each node that is made, and of each look at a number, while a function is followed.

    Args:
        parameters: leaves that the program is to be differentiated for; their numbers change from run to run.
    """

    def __init__(self, parameters: Sequence[Value]) -> None:
        self.parameters = set(parameters)
        self.nodes: list[Value] = []
        self.draws: list[tuple[Traced, Callable[[], float]]] = []
        self.conditions: list[tuple[Callable[[], Any], Any]] = []
        """What else the trace depends on: it holds as long as each function returns what it did."""
        self.guards: dict[Value, float] = {}
        """Leaves whose number the function has read: the trace holds as long as they have it."""
        self.required: list[tuple[Value, Callable[[Any], Any]]] = []
        """Nodes of which only some numbers are allowed, and whether those of an array are."""

    def draw(self, source: Callable[[], float]) -> Traced:
        """A leaf for which each run draws a number for each example."""
        leaf = traced_input("noise")
        self.draws.append((leaf, source))
        return leaf

    def record(self, node: Value, rule: Rule | None) -> None:
        """A node was made."""
        if rule is None:
            refuse("no_grad() is entered", "use .detach() for what is to have no gradient")
        node.__class__ = Traced
        self.nodes.append(node)

    def read(self, node: Value) -> None:
        """The number of a node is read, by `.data` or a comparison."""
        if isinstance(node, Traced) or node in self.parameters:
            refuse(f"the number of {node._label or 'a parameter' if node._rule is None else 'a result'} is asked for")
        self.guards[node] = node._data

    def write(self, node: Value) -> None:
        """The number of a node is assigned to."""
        refuse(f"{node._label or 'a Value'} is assigned to")

    def read_grad(self, node: Value) -> None:
        """The gradient of a node is read, which belongs to a backward() and not to the function."""
        refuse("a .grad is asked for")

    def detached(self, node: Value) -> Value:
        """A node with the number of this one, without its gradient."""
        stopped: Value = node._apply(STOP, (node,))
        stopped._label = node._label
        return stopped


def traced_input(label: str) -> Traced:
    """A leaf of the trace: one number of an example."""
    return Traced(math.nan, label)


def follow(fn: Callable[..., Any], arguments: Sequence[Any], parameters: Sequence[Value]) -> tuple[Any, Trace]:
    """Run a function on one example without numbers.

    Args:
        fn: the function.
        arguments: for each of its arguments a Traced leaf or nested lists of them.
        parameters: what it is to be differentiated for.

    Returns:
        (what it returned, the Trace).

    Raises:
        TraceError: if the function can't be followed.
    """
    trace = Trace(parameters)
    try:
        with mode(trace=trace, no_grad=False, journal=None):
            output = as_lists(fn(*mapped(list(arguments), lambda x: x)))  # in lists of its own, which it may change
            leaves_of(output, "what the function returns")
    finally:
        for node in (*leaves_of(arguments, "an argument"), *[leaf for leaf, _ in trace.draws], *trace.nodes):
            node.__class__ = Followed
    made = set(trace.nodes)
    for node in graph.walk([x for x in leaves_of(output, "the result") if isinstance(x, Value)])[0]:
        if node not in made:
            raise TraceError(
                f"{node!r}, which the function uses, was computed before: compute it inside of the function, or"
                " detach() it"
            )
    return output, trace


_PACKAGES = (str(Path(__file__).parents[2]), str(Path(__file__).parents[3] / "nn"))
FOREIGN = _PACKAGES + tuple(sysconfig.get_paths()[name] for name in ("stdlib", "platstdlib", "purelib", "platlib"))


def refuse(what: str, mend: str = "") -> NoReturn:
    """A TraceError that names the innermost line which belongs to neither package, nor to a library if there is one."""
    found: list[FrameType] = []
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        if not frame.f_code.co_filename.startswith(_PACKAGES):
            found.append(frame)
        frame = frame.f_back
    frame = next((x for x in found if not x.f_code.co_filename.startswith(FOREIGN)), found[0] if found else None)
    where = ""
    if frame is not None:
        name, line = frame.f_code.co_filename, frame.f_lineno
        text = linecache.getline(name, line).strip()
        where = f"{name}:{line}: `{text}`: " if text else f"{name}:{line}: "
    mend = mend or "a compiled function runs the same operations for every example: write it with functions of autograd"
    raise TraceError(f"{where}{what} while the function is being compiled; {mend}")
