"""What a function finds around it: variables, the settings of a model and the layers in it, lists and dicts of these.

A trace has them in it as they were when the function was followed. Before each run it is asked whether they still are;
if not, the function is followed anew. Looked at are the functions of the user, whatever has a method `parameters`, and
the lists, tuples and dicts that they name or hold; not what stands inside of NumPy's arrays, of other objects, or of
lists of lists of numbers, for these are rather data.
"""

from __future__ import annotations

import dis
from collections.abc import Callable
from functools import partial
from numbers import Real
from types import CodeType, FunctionType, MethodType
from typing import Any

_NO_ANSWER = (ValueError, TypeError, RuntimeError)
"""What comparing with another array, data frame or tensor raises, which gives more than one answer."""


class Surroundings:
    """What a function finds around it at this moment.

    Args:
        fn: the function.
        foreign: where the files of packages are, whose functions are not looked into.
    """

    def __init__(self, fn: Callable[..., Any], foreign: tuple[str, ...]) -> None:
        self._lists: list[tuple[Callable[[], Any], Any]] = []
        self._now: list[dict[str, Any]] = []  # the attributes of objects, as they will be;
        self._then: list[dict[str, Any]] = []  # and as they are
        self._ignored: list[set[str]] = []
        met: set[int] = set()
        stack: list[Any] = [fn]
        while stack:
            item = stack.pop()
            if id(item) in met or (item is not fn and _foreign(item, foreign)):
                continue
            met.add(id(item))  # what is kept below holds on to the item, so that no other gets its id
            if hasattr(item, "__dict__") and callable(getattr(type(item), "parameters", None)):
                self._now.append(vars(item))
                self._then.append(dict(vars(item)))
                # the layers of nn that depend on the mode say so themselves, by `modes.depending`
                self._ignored.append({"training"} if type(item).__module__.partition(".")[0] == "nn" else set())
                methods = [f for kind in type(item).__mro__ for f in vars(kind).values() if isinstance(f, FunctionType)]
                stack += [*vars(item).values(), *methods]
            elif isinstance(item, tuple):
                stack.extend(item)
            elif (read := _reader(item)) is not None:
                found = read()
                self._lists.append((read, dict(found) if isinstance(found, dict) else list(found)))
                stack.extend(found.values() if isinstance(found, dict) else found)

    def settle(self) -> None:
        """Leave out what has changed since: the function itself changes it, as one that keeps its last result."""
        self._lists = [(read, then) for read, then in self._lists if _same(read(), then)]
        for now, then, ignored in zip(self._now, self._then, self._ignored):
            ignored.update([name for name in {**now, **then} if not _same(now.get(name, now), then.get(name, then))])

    def hold(self) -> bool:
        """Whether all of it is as it was."""
        try:
            for read, then in self._lists:
                if read() != then:
                    return False
            if self._now == self._then:  # in one go: it is asked for in each run
                return True
            for now, then, ignored in zip(self._now, self._then, self._ignored):
                if _without(ignored, now) != _without(ignored, then):
                    return False
        except _NO_ANSWER:
            return False
        self._then = [dict(now) for now in self._now]
        return True


def _same(now: Any, then: Any) -> bool:
    try:
        return bool(now == then)  # what is the same object is equal without being asked
    except _NO_ANSWER:
        return False


def _foreign(item: Any, places: tuple[str, ...]) -> bool:
    return isinstance(item, FunctionType) and item.__code__.co_filename.startswith(places)


def _reader(item: Any) -> Callable[[], Any] | None:
    """What tells, as a list or dict, what an object refers to at the time; None if that isn't looked at."""
    if isinstance(item, FunctionType):
        cells, defaults, around = item.__closure__ or (), item.__defaults__ or (), item.__globals__
        names = sorted(_globals_of(item.__code__) & around.keys())
        return lambda: [*map(_content, cells), *map(around.get, names), *defaults]
    if isinstance(item, MethodType):
        return lambda: [item.__self__, item.__func__]
    if isinstance(item, partial):
        return lambda: [item.func, *item.args, *item.keywords.values()]
    if isinstance(item, dict):
        return lambda: item
    if isinstance(item, list):
        row = item[0] if item else None
        data = isinstance(row, (list, tuple)) and bool(row) and isinstance(row[0], Real)
        return None if data else lambda: item
    return None


def _without(ignored: set[str], attributes: dict[str, Any]) -> dict[str, Any]:
    return {name: x for name, x in attributes.items() if name not in ignored}


def _content(cell: Any) -> Any:
    try:
        return cell.cell_contents
    except ValueError:  # the variable has no value yet
        return None


def _globals_of(code: CodeType) -> set[str]:
    """The global names that a function asks for, also in the functions and comprehensions inside of it."""
    names = {x.argval for x in dis.get_instructions(code) if x.opname in ("LOAD_GLOBAL", "LOAD_NAME")}
    return names.union(*[_globals_of(x) for x in code.co_consts if isinstance(x, CodeType)])
