"""Errors in a notebook: what is shown are the user's own lines, not those of this package between and below them.

IPython has a place for this (https://ipython.readthedocs.io/en/stable/api/generated/IPython.core.interactiveshell.html,
`set_custom_exc`). One that somebody else has put something into stays as it is. The environment variable
CHAINRULE_FULL_TRACEBACKS=1 shows all lines.
"""

from __future__ import annotations

import os
import sys
from types import TracebackType
from typing import Any

REFUSALS = (ValueError, TypeError, ArithmeticError, RuntimeError, ImportError, AttributeError, OSError)
"""What this package raises where it was misused. An error of another kind is its own, and all of it is shown."""

_OURS = ("autograd", "nn")


def short_tracebacks() -> None:
    """Let IPython leave the lines of this package out of a traceback, if it is there."""
    shell: Any = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    if shell is not None and not shell.custom_exceptions and not os.environ.get("CHAINRULE_FULL_TRACEBACKS"):
        shell.set_custom_exc(REFUSALS, _show)


def _show(shell: Any, kind: type[BaseException], error: BaseException, tb: Any, tb_offset: int | None = None) -> None:
    shell.showtraceback((kind, error, without_ours(tb)), tb_offset=tb_offset, running_compiled_code=True)


def without_ours(tb: TracebackType | None) -> TracebackType | None:
    """A traceback without the lines of this package; all of it where there are no others."""
    places = []
    at = tb
    while at is not None:
        if at.tb_frame.f_globals.get("__name__", "").partition(".")[0] not in _OURS:
            places.append(at)
        at = at.tb_next
    kept = None
    for place in reversed(places):
        kept = TracebackType(kept, place.tb_frame, place.tb_lasti, place.tb_lineno)
    return kept or tb
