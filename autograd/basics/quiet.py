"""NumPy's floating-point errors, kept quiet or noted: for code that looks at its results itself."""

from __future__ import annotations

from collections.abc import Callable
from contextvars import Context
from typing import Any


def quietly(
    note: Callable[[str, int], None] | None = None, *, alone: bool = False, **settings: str
) -> Callable[..., Any]:
    """What calls a function so that NumPy warns of nothing: `quietly()(f, x)` is f(x).

    NumPy keeps its settings in a variable of Python's contexts. To set that to what was made once takes 0.3 µs a call,
    np.errstate 6.

    Args:
        note: what is called for each error whose setting is "call".
        alone: whether the functions call NumPy alone. They run in a context of their own then, which takes 0.1 µs, but
            has none of the variables that a user has set, and can be entered only once at a time.
        **settings: as for `np.seterr`, such as divide="call"; the others are "ignore".
    """
    import numpy as np

    chosen: Any = {"all": "ignore", **settings}
    noting: Any = note
    if np.__version__.startswith("1."):  # its settings are those of a thread

        def call(f: Callable[..., Any], *args: Any) -> Any:
            with np.errstate(**chosen, call=noting):
                return f(*args)

        return call
    context = Context()
    context.run(np.seterr, **chosen)
    if note is not None:
        context.run(np.seterrcall, note)
    if alone:
        return context.run
    ((variable, setting),) = context.items()
    get, put = variable.get, variable.set

    def call_with_setting(f: Callable[..., Any], *args: Any) -> Any:
        before = get()
        try:
            put(setting)  # in here, for Ctrl-C may come as soon as it is done
            return f(*args)
        finally:
            put(before)

    return call_with_setting
