"""What modules and losses of this package do among themselves while a function is compiled: nobody needs to hear it."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, TypeVar

from autograd.basics.moment import moment
from autograd.modes import current

F = TypeVar("F", bound=Callable[..., Any])


def unheard(call: F) -> F:
    """A decorator: while a function is followed Python tells nobody what runs in this one, if nothing of a user's does.

    Of each call of a function, also of C, Python tells whoever asked for it. A GPT makes so many calls that to follow
    it would take three times as long.
    """

    @functools.wraps(call)
    def called(*inputs: Any, **named: Any) -> Any:
        trace = current().trace if moment.modes else None
        if trace is None:
            return call(*inputs, **named)
        with trace.hearing.unheard(inputs, named):
            return call(*inputs, **named)

    return called  # type: ignore[return-value]
