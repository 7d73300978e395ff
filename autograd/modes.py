"""What can be special about recording: nothing is recorded (no_grad), or what is recorded is also listed (checkpoint).

A mode holds for the thread that entered it, in asyncio for the task. `moment.modes` counts those of all of them, so
that recording a node asks for its own only when there is any.
"""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar
from functools import wraps
from threading import Lock, local
from typing import Any, NamedTuple, TypeVar, overload

from .basics.moment import moment

F = TypeVar("F", bound=Callable[..., Any])

_lock = Lock()


class _Mode(NamedTuple):
    """What is special at this moment, in this thread or task."""

    no_grad: bool = False  # nothing is recorded
    journal: list[Any] | None = None  # every node that is made is also listed here
    draw: Callable[[Callable[[], float]], float] | None = None  # a checkpoint notes random numbers, or gives them again
    again: bool = False  # a checkpoint computes what was computed before: what counts the calls has counted this one
    trace: Any = None  # a function is being compiled: this hears of every node, and of every look at a number


_mode: ContextVar[_Mode] = ContextVar("mode", default=_Mode())  # noqa: B039  a named tuple is frozen
current = _mode.get
"""The modes of the thread that asks, and in asyncio of its task: each has a context of its own."""


class _Nesting(local):
    """What transforms are at work around a line of this thread."""

    depth = 0
    forward = 0  # how many of them are jvp
    count = 0  # how many there have been
    equal: Callable[[Any, Any], Any]  # what `==` of a Value means there: the outermost of them says it


nesting = _Nesting()


class mode:
    """For the length of a `with` block, set some of the modes; what they were comes back after it.

    Ctrl-C may come where `__exit__` is about to begin. Whoever can't have that calls it again: it does nothing twice.
    """

    def __init__(self, **settings: Any) -> None:
        self._settings = settings
        self._before: list[_Mode] = []

    def __enter__(self) -> None:
        before = _mode.get()
        with _lock:
            moment.modes += 1
            self._before.append(before)
        _mode.set(before._replace(**self._settings))

    def __exit__(self, *exception: object) -> None:
        if self._before:
            _mode.set(self._before[-1])
            with _lock:
                moment.modes -= 1
                del self._before[-1]


def made(node: Any) -> Any:
    """What the modes of this thread make of a node that was just made: that node, or another in its place."""
    now = current()
    leaf = node._rule is None
    unrecorded = now.no_grad and not leaf
    if unrecorded:
        node._rule = node._a = node._b = None
    if now.trace is not None and not leaf:
        node = now.trace.record(node, node._rule)
    if now.journal is not None and not unrecorded:
        now.journal.append(node)
    return node


class _NoGrad(mode):
    """What `no_grad()` returns: for a `with` block, or to decorate a function."""

    def __init__(self) -> None:
        super().__init__(no_grad=True)

    def __call__(self, f: F) -> F:
        import inspect

        if inspect.isgeneratorfunction(f) or inspect.iscoroutinefunction(f):
            raise TypeError(
                f"no_grad can't decorate {f.__name__}, which runs in pieces: use `with no_grad():` inside, and leave it"
                " before each yield or await, for it holds for whoever runs on meanwhile"
            )

        @wraps(f)
        def unrecorded(*args: Any, **kwargs: Any) -> Any:
            with no_grad():
                return f(*args, **kwargs)

        return unrecorded  # type: ignore[return-value]


@overload
def no_grad(f: None = None) -> _NoGrad: ...
@overload
def no_grad(f: F) -> F: ...
def no_grad(f: Callable[..., Any] | None = None) -> Any:
    """A context in which nothing is recorded: what is computed there are leaves. It also serves as a decorator.

    It holds for the thread that entered it, in asyncio for the task.

    Args:
        f: a function to decorate, as `@no_grad` does; None for `with no_grad():` and for `@no_grad()`.

    Returns:
        A context, or the function, decorated.

    Raises:
        TypeError: if the function to decorate is a generator or a coroutine, which runs in pieces.

    >>> from autograd import Value
    >>> w = Value(3.0)
    >>> with no_grad():
    ...     y = w * w
    >>> y.data, y.parents
    (9.0, ())
    """
    return _NoGrad() if f is None else _NoGrad()(f)


def drawn(source: Callable[[], float]) -> Any:
    """A random number: one from the source; in a function that is being compiled one that each run draws anew.

    What a `checkpoint` computes again is given the number that it had.

    Args:
        source: a function without arguments that returns the next number.

    >>> drawn(lambda: 0.5)
    0.5
    """
    now = current()
    if now.trace is not None:
        return now.trace.draw(source)
    return source() if now.draw is None else now.draw(source)


def depending(read: Callable[[], Any]) -> Any:
    """What `read` returns; a function that was compiled with it is followed anew when it returns something else.

    Args:
        read: a function without arguments, such as `lambda: module.training`.
    """
    if current().trace is not None:
        current().trace.depend(read)
    return read()


def is_followed() -> bool:
    """Whether this thread follows a function that is being compiled: its Values have no numbers yet."""
    return moment.modes > 0 and current().trace is not None


def flat_choices() -> dict[Any, tuple[Any, ...]] | None:
    """In a function that is being compiled the slopes that are FLAT for some examples: condition and branches."""
    return current().trace.flat if is_followed() else None


def is_grad_enabled() -> bool:
    """False inside of `no_grad()`, in this thread or task.

    Returns:
        True or False.

    >>> with no_grad():
    ...     is_grad_enabled()
    False
    """
    return not current().no_grad
