"""While a function is followed, whoever reads, compares or assigns a number of a Value is noticed; and who asks for an
attribute by a name that is computed.

Otherwise nobody stands between a number and its reader, for that would double the time of `p.data -= lr * p.grad`. So
the two properties of a node, and what reads the number itself, are exchanged for watched ones as long as any thread
follows a function: comparisons, truth and copies. So are getattr and hasattr, of which Python's profiler says that they
are called, but not for what. A thread that follows none goes through them unnoticed.

So is what records a node: a trace has no numbers, and while it hears what runs each call takes three times as long.
"""

from __future__ import annotations

import builtins
import sys
from functools import partial
from threading import Lock
from typing import Any

from ...edges import recorded_in
from ...graph import Node
from ...modes import current
from ...value import Value
from .conditions import compared
from .origins import of_code
from .trace import TracedValue

_SIGNS = {"__lt__": "<", "__le__": "<=", "__gt__": ">", "__ge__": ">="}
_RECORDING = ("_unary", "_binary", "_nary")
_plain: dict[str, Any] = {name: getattr(Node, name) for name in ("data", "grad", "__bool__", "__reduce__", *_SIGNS)}
_plain |= {name: getattr(Value, name) for name in _RECORDING}
BY_NAME: dict[str, Any] = {"getattr": getattr, "hasattr": hasattr}
"""What asks for an attribute by its name."""
_lock = Lock()
_followed: set[object] = set()  # for each function that is followed at this moment


class watching:
    """For the length of a `with` block the trace of this thread hears of each number that is read or assigned.

    Its `__exit__` does nothing twice, as that of `modes.mode`.
    """

    def __enter__(self) -> None:
        _followed.add(self)
        _exchange()

    def __exit__(self, *exception: object) -> None:
        _followed.discard(self)
        _exchange()


def _exchange() -> None:
    with _lock:
        for name, plain in _plain.items():
            # where the kernel is compiled, comparisons are slots, which each class has for itself
            owner = Value if name in vars(Value) else Node
            setattr(owner, name, _watched[name] if _followed else plain)
        for name, plain in BY_NAME.items():
            setattr(builtins, name, _watched[name] if _followed else plain)


def _read(node: Any) -> Any:
    _listen(node)
    return _plain["data"].__get__(node)


def _assign(node: Any, data: Any) -> None:
    if current().trace is not None:
        current().trace.write(node)
    _plain["data"].__set__(node, data)


def _read_grad(node: Any) -> Any:
    if current().trace is not None:
        current().trace.read_grad(node)
    return _plain["grad"].__get__(node)


def _listen(*operands: Any) -> None:
    """The trace of this thread, if there is one, hears that the numbers of these are read."""
    trace = current().trace
    for x in operands:
        if trace is not None and isinstance(x, Node):
            trace.read(x)


def truth(node: Any) -> Any:
    """What an `if` asks for."""
    _listen(node)
    return _plain["__bool__"](node)


def copy(node: Any) -> Any:
    """What a copy or a pickle is made of."""
    _listen(node)
    return _plain["__reduce__"](node)


# what records a node: without its number, and in a quarter of the calls, where rule and operands are as they mostly are


def _unary(self: Any, rule: Any, a: Any) -> Any:
    now = current()
    trace = now.trace
    if trace is None or trace.now is not now or rule not in trace.known:
        return _plain["_unary"](self, rule, a)
    return recorded_in(trace.nodes, TracedValue, rule, a)


def _binary(self: Any, rule: Any, a: Any, b: Any) -> Any:
    now = current()
    trace = now.trace
    known = trace is not None and trace.now is now and rule in trace.known
    if known and a.__class__ in trace.kinds and b.__class__ in trace.kinds:
        return recorded_in(trace.nodes, TracedValue, rule, a, b)
    return _plain["_binary"](self, rule, a, b)


def _nary(self: Any, rule: Any, groups: Any) -> Any:
    now = current()
    trace = now.trace
    if trace is not None and trace.now is now and rule in trace.known:
        for x in groups:
            kind = x.__class__
            if not (x and {*map(type, x)} <= trace.classes if kind is tuple else kind in trace.kinds):
                break
        else:
            return recorded_in(trace.nodes, TracedValue, rule, groups)
    return _plain["_nary"](self, rule, groups)


# ---------------------------------------------------------------------------------------------------------------------


def _by_name(plain: Any) -> Any:
    def ask(*arguments: Any) -> Any:
        trace = current().trace
        named = trace is not None and len(arguments) > 1 and isinstance(arguments[1], str)
        if named and of_code(sys._getframe(1).f_code) != "ours":
            trace.ask_attribute(*arguments[:2])
        return plain(*arguments)

    return ask


def _comparing(name: str) -> Any:
    def compare(node: Any, other: Any) -> Any:
        if current().trace is None:
            return _plain[name](node, other)
        return compared(_SIGNS[name], node, other, partial(ask, node, other))

    def ask(node: Any, other: Any) -> Any:
        _listen(node, other)
        return _plain[name](node, other)

    return compare


_watched = {
    **{name: _comparing(name) for name in _SIGNS},
    **{name: _by_name(plain) for name, plain in BY_NAME.items()},
    "__bool__": truth,
    "_unary": _unary,
    "_binary": _binary,
    "_nary": _nary,
    "__reduce__": copy,
    "data": property(_read, _assign, doc=_plain["data"].__doc__),
    "grad": property(_read_grad, _plain["grad"].__set__, doc=_plain["grad"].__doc__),
}
