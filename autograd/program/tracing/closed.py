"""Whether a call stays among functions of this package: then nobody needs to hear what runs in it.

Of what isn't known for sure the answer is no: it costs time alone.
"""

from __future__ import annotations

from collections.abc import Iterable
from types import FunctionType
from typing import Any

from ... import ops
from ...basics.groups import Floats
from ...rules import Rule
from ...value import Value
from .origins import of_class, of_code

_PLAIN: set[type[Any]] = {type(None), bool, int, float, str}
_LISTS = {list, tuple, Floats}


class Closed:
    """Answers for the length of one following, in which nobody exchanges the methods of a class."""

    def __init__(self) -> None:
        self._classes: dict[type[Any], bool] = {}

    def __call__(self, *things: Any) -> bool:
        """Whether these, and all that they hold, are numbers, Values, rules of the table, and objects of this package.

        Args:
            *things: what a function of this package is called with.
        """
        stack: list[Any] = [*things]
        seen: set[int] = set()
        while stack:
            x = stack.pop()
            kind = type(x)
            if kind in _PLAIN or id(x) in seen:
                continue
            seen.add(id(x))
            if kind in _LISTS:
                if not all(self._is_plain(each) for each in set(map(type, x))):
                    stack.extend(x)
            elif kind is dict:
                stack += [*x, *x.values()]
            elif isinstance(x, Rule):
                if ops.RULES.get(x.name) is not x or x.__module__ != ops.__name__:  # a user's is entered, too
                    return False
            elif not self._is_ours(kind):
                return False
            else:
                stack.append(getattr(x, "__dict__", None))
        return True

    def _is_plain(self, kind: type[Any]) -> bool:
        return kind in _PLAIN or (issubclass(kind, Value) and self._is_ours(kind))

    def _is_ours(self, kind: type[Any]) -> bool:
        if kind not in self._classes:
            own = [base for base in kind.__mro__ if base is not object]
            self._classes[kind] = all(of_class(base) == "ours" and _as_written(vars(base).values()) for base in own)
        return self._classes[kind]


def _as_written(methods: Iterable[Any]) -> bool:
    return all(of_code(f.__code__) == "ours" for f in methods if isinstance(f, FunctionType))
