"""Whether a function looks at what it changes itself: one that counts its calls may be compiled, a schedule may not.

The source tells `self.calls += 1` from a number that is used. Where there is no source, or a name stands in a way that
isn't understood, the function is taken to look.
"""

from __future__ import annotations

import ast
import linecache
from collections.abc import Collection, Iterable, Iterator
from types import CodeType
from typing import Any

ANY: Any = object()
_CHANGING = {"append", "extend", "insert", "add", "update", "remove", "discard", "clear", "appendleft", "extendleft"}
"""Methods that return nothing of what they change."""


class Uses:
    """What stands in the source of some functions.

    Args:
        codes: those of the functions.
    """

    def __init__(self, codes: Iterable[CodeType]) -> None:
        self._parents: dict[ast.AST, ast.AST] = {}
        self._nodes: list[ast.AST] = []
        self.known = True
        lines: dict[str, set[int]] = {}
        for code in codes:
            within = [line for _, _, line in code.co_lines() if line]
            lines.setdefault(code.co_filename, set()).update(range(code.co_firstlineno, max(within, default=0) + 1))
        for name, numbers in lines.items():
            # all that exec() and `python -c` run has this name: what Python 3.13 keeps of it may be another's
            text = [] if name == "<string>" else linecache.getlines(name)
            try:
                tree = ast.parse("".join(text))
            except (SyntaxError, ValueError):
                self.known = False
                continue
            found = [node for node in ast.walk(tree) if getattr(node, "lineno", 0) in numbers]
            self.known = self.known and bool(found)
            self._nodes += found
            for node in ast.walk(tree):
                self._parents.update(dict.fromkeys(ast.iter_child_nodes(node), node))

    def read_name(self, name: str) -> bool:
        """Whether a variable or an attribute of this name may be looked at."""
        texts = any(isinstance(x, ast.Constant) and x.value == name for x in self._nodes)
        return not self.known or texts or any(True for _ in self._loads(name))

    def read_item(self, names: Collection[str], key: Any) -> bool:
        """Whether the item with this key may be looked at, in what goes by these names; ANY for any item."""
        if not self.known or not names or "" in names:  # it stands in something else
            return True
        return any(self._looks(node, key) for name in names for node in self._loads(name))

    def _loads(self, name: str) -> Iterator[ast.AST]:
        for node in self._nodes:
            written = node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else None
            if written == name and isinstance(getattr(node, "ctx", None), ast.Load):
                yield node

    def _looks(self, node: ast.AST, key: Any) -> bool:
        around = self._parents.get(node)
        if isinstance(around, ast.Subscript) and around.value is node:
            if not isinstance(around.ctx, ast.Load):
                return False
            place = around.slice
            return key is ANY or not isinstance(place, ast.Constant) or place.value == key
        if isinstance(around, ast.Attribute) and around.attr in _CHANGING:
            call = self._parents.get(around)
            return not (isinstance(call, ast.Call) and call.func is around)
        return True
