"""Letting go of a long chain of objects link by link, where Python's own way would go too deep for the machine.

Python frees what an object held while it frees the object, and counts how deep that goes. In the newest interpreters
that run as WebAssembly (Pyodide from 0.29 on) the stack of the browser ends sooner than this count, some 3,000 links
deep, and with it the interpreter: no exception, the page waits for ever.
"""

from __future__ import annotations

import sys
from typing import Any


def link_by_link(cls: type[Any]) -> None:
    """Have the objects of a class taken apart from the first on, each after the one that held it, with no recursion.

    What an object held in `_a`, `_b` and `_rule` waits in a list until the object itself is gone. It costs a call of
    Python for each object, a sixth of the time of a step in Pyodide, so it is for WebAssembly only.

    Args:
        cls: a class with these attributes; None in `_a` says that there is nothing in any.
    """
    waiting: list[Any] = []
    busy = False

    def let_go(self: Any) -> None:
        nonlocal busy
        if getattr(self, "_a", None) is None:  # also one that was never made whole
            return
        waiting.append((self._a, self._b, self._rule))  # in no variable: that would hold it longer than the list does
        self._a = self._b = self._rule = None
        if busy:
            return
        busy = True
        try:
            while waiting:
                waiting.pop()
        finally:
            busy = False

    cls.__del__ = let_go


in_webassembly = sys.platform in ("emscripten", "wasi")
