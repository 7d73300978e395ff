"""NumPy's floating-point errors, kept quiet or noted: for code that looks at its results itself."""

from __future__ import annotations

from collections.abc import Callable
from contextvars import Context
from typing import Any


def quietly(note: Callable[[str, int], None] | None = None, **settings: str) -> Callable[..., Any]:
    """What calls a function so that NumPy warns of nothing: `quietly()(f, x)` is f(x).

    NumPy's settings belong to a context of Python. One that is made once takes 0.3 µs a call, np.errstate 6. Only one
    thread at a time may use it.

    Args:
        note: what is called for each error whose setting is "call".
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
    return context.run
