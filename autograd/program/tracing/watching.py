"""While a function is followed, whoever reads, compares or assigns a number of a Value is noticed.

Otherwise nobody stands between a number and its reader, for that would double the time of `p.data -= lr * p.grad`. So
the two properties of a node, and what reads its number besides (comparisons, bool, copies), are exchanged for watched
ones as long as any thread follows a function; a thread that follows none goes through them unnoticed.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Any

from ...graph import Node
from ...modes import current
from ...value import Value
from .conditions import compared

_SIGNS = {"__lt__": "<", "__le__": "<=", "__gt__": ">", "__ge__": ">="}
_plain: dict[str, Any] = {name: getattr(Node, name) for name in ("data", "grad", "__bool__", "__reduce__", *_SIGNS)}
_lock = Lock()
_followed = 0  # how many functions are followed at this moment


@contextmanager
def watching() -> Iterator[None]:
    """For the length of a `with` block the trace of this thread hears of each number that is read or assigned."""
    _count(1)
    try:
        yield
    finally:
        _count(-1)


def _count(change: int) -> None:
    global _followed
    with _lock:
        _followed += change
        for name, plain in _plain.items():
            # where the kernel is compiled, comparisons are slots, which each class has for itself
            owner = Value if name in vars(Value) else Node
            setattr(owner, name, _watched[name] if _followed else plain)


def _read(node: Any) -> Any:
    if current().trace is not None:
        current().trace.read(node)
    return _plain["data"].__get__(node)


def _assign(node: Any, data: Any) -> None:
    if current().trace is not None:
        current().trace.write(node)
    _plain["data"].__set__(node, data)


def _read_grad(node: Any) -> Any:
    if current().trace is not None:
        current().trace.read_grad(node)
    return _plain["grad"].__get__(node)


def __bool__(node: Any) -> bool:  # mends.py knows it by this name
    return bool(_read(node) != 0.0)


def __reduce__(node: Any) -> Any:
    _read(node)
    return _plain["__reduce__"](node)


def _comparing(name: str) -> Any:
    def compare(node: Any, other: Any) -> Any:
        def ask() -> Any:
            for x in (node, other):
                if isinstance(x, Node):
                    _read(x)
            return _plain[name](node, other)

        return _plain[name](node, other) if current().trace is None else compared(_SIGNS[name], node, other, ask)

    return compare


_watched = {
    **{name: _comparing(name) for name in _SIGNS},
    "__bool__": __bool__,
    "__reduce__": __reduce__,
    "data": property(_read, _assign, doc=_plain["data"].__doc__),
    "grad": property(_read_grad, _plain["grad"].__set__, doc=_plain["grad"].__doc__),
}
