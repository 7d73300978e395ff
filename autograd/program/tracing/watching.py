"""While a function is followed, whoever reads or assigns a number of a Value is noticed.

Otherwise nobody stands between a number and its reader, for that would double the time of `p.data -= lr * p.grad`. So
the two properties of a node are exchanged for watched ones as long as any thread follows a function; a thread that
follows none goes through them unnoticed.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Any

from ...graph import Node
from ...modes import current

_plain: dict[str, property] = {name: vars(Node)[name] for name in ("data", "grad")}
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
            setattr(Node, name, _watched[name] if _followed else plain)


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


_watched = {
    "data": property(_read, _assign, doc=_plain["data"].__doc__),
    "grad": property(_read_grad, _plain["grad"].__set__, doc=_plain["grad"].__doc__),
}
