"""What a function finds around it: variables, the settings of a model and the layers in it, lists and dicts of these.

A trace has them in it as they were when the function was followed. Before each run this guard says whether they still
are; if not, the function is followed anew. It looks at the functions and classes of the user, at whatever has a method
`parameters`, at objects that are called (those of their attributes that a function names), and at the lists, tuples and
dicts that any of these name or hold. It does not look into NumPy's arrays, other objects, or lists of lists of numbers,
for these are rather data. The other guards, on numbers and settings that a function reads, stand in trace.py.
"""

from __future__ import annotations

import dis
import sys
from collections.abc import Callable
from functools import partial
from numbers import Real
from types import CodeType, FunctionType, MethodType
from typing import Any

_NO_ANSWER = (ValueError, TypeError, RuntimeError)
"""What comparing with another array, data frame or tensor raises, which gives more than one answer."""

_LENGTH = "length"
"""What has changed of a list that has become longer or shorter; an item that is another goes by its position."""


class Environment:
    """All that a function finds around it, as it is at this moment.

    Args:
        fn: the function.
        foreign: where the files of packages are; their functions and classes are not looked into.
    """

    def __init__(self, fn: Callable[..., Any], foreign: tuple[str, ...]) -> None:
        self._containers: list[Any] = []  # dicts and lists, which are looked at themselves
        self._reads: list[Callable[[], Any]] = []  # functions that return the rest, such as the variables of a function
        self._layers: set[int] = set()  # the places in `_containers` of the layers of nn
        self._attributes: list[Any] = []  # those of objects and classes, of which the ones that are named count
        self._names: set[str] = set()  # all names in the functions
        self._foreign = foreign
        met: dict[int, Any] = {}  # it holds on to the items, so that no other gets the id of one
        stack: list[Any] = [fn]
        while stack:
            item = stack.pop()
            if id(item) not in met:
                met[id(item)] = item
                if item is fn or not _is_foreign(item, foreign):
                    stack += self._look_at(item)
                elif isinstance(item, FunctionType):  # of a decorator, perhaps, around one of the user's
                    stack += [x for x in map(_content, item.__closure__ or ()) if isinstance(x, FunctionType)]
            if not stack:  # what has one of the names found so far may name more
                found = [_code(x[name]) or x[name] for x in self._attributes for name in self._names & x.keys()]
                stack += [x for x in found if id(x) not in met]
        self._before = [_copy(x) for x in self._now()]
        # the layers of nn that depend on the mode say so themselves, by `modes.depending`
        unread = set() if "training" in self._names else {"training"}
        self._ignored = [set(unread) if i in self._layers else set() for i in range(len(self._before))]

    def _look_at(self, item: Any) -> list[Any]:
        """Take in what can change of an item; returns what is to be looked at next."""
        if isinstance(item, FunctionType):
            self._reads.append(_variables(item))
            self._names |= _names_of(item.__code__)
            return [*self._reads[-1](), item.__defaults__, item.__kwdefaults__, vars(item)]
        if isinstance(item, type):
            self._containers.append(vars(item))
            self._attributes.append(vars(item))
            return list(item.__mro__)
        if isinstance(item, partial):
            return [item.func, item.args, item.keywords]
        if _is_model(item):
            if type(item).__module__.partition(".")[0] == "nn":
                self._layers.add(len(self._containers))
            self._containers.append(vars(item))
            kinds = type(item).__mro__
            return [*vars(item).values(), *kinds, *[_code(x) for kind in kinds for x in vars(kind).values()]]
        if isinstance(item, tuple):
            return list(item)
        if isinstance(item, dict) or (isinstance(item, list) and not _is_data(item)):
            self._containers.append(item)
            return list(item.values() if isinstance(item, dict) else item)
        if call := _call(item):
            owner, function = call
            if _is_model(owner) or isinstance(owner, type):
                return [function, owner]
            if hasattr(owner, "__dict__") and not _is_foreign(type(owner), self._foreign):
                self._reads.append(_named(vars(owner), self._names))
                self._attributes.append(vars(owner))
            return [function, type(owner)]
        return []

    def ignore_what_has_changed(self) -> None:
        """Leave out what has changed since: the function itself changes it, as one that keeps its last result."""
        now = self._now()
        for ignored, x, before in zip(self._ignored, now, self._before):
            ignored |= _changed(x, before)
        self._keep(now)

    def is_unchanged(self) -> bool:
        """Whether all the rest is as it was."""
        try:
            now = self._now()
            if now == self._before:  # in one go: it is asked for in each run
                return True
        except _NO_ANSWER:
            now = self._now()
        if not all(_changed(x, before) <= ignored for ignored, x, before in zip(self._ignored, now, self._before)):
            return False
        self._keep(now)
        return True

    def _now(self) -> list[Any]:
        return self._containers + [read() for read in self._reads]

    def _keep(self, now: list[Any]) -> None:
        """Keep what is ignored as it is now, so that it makes no difference in the next run."""
        # but of a list that the function makes longer only what was in it
        pairs = zip(self._ignored, now, self._before)
        self._before = [before if _LENGTH in ignored else _copy(x) for ignored, x, before in pairs]


def _changed(now: Any, before: Any) -> set[Any]:
    """The keys of a dict, or the positions in a list, where there is something else than before."""
    if _same(now, before):
        return set()
    if isinstance(before, dict):
        return {name for name in {**now, **before} if not _same(now.get(name, now), before.get(name, before))}
    changed: set[Any] = {i for i, (x, old) in enumerate(zip(now, before)) if not _same(x, old)}
    return changed if len(now) == len(before) else changed | {_LENGTH}


def _same(now: Any, before: Any) -> bool:
    try:
        return now is before or bool(now == before)
    except _NO_ANSWER:
        return False


def _copy(x: Any) -> Any:
    return list(x) if isinstance(x, list) else dict(x)


def _is_foreign(item: Any, places: tuple[str, ...]) -> bool:
    """Whether it is a function or class from one of these places."""
    if isinstance(item, FunctionType):
        return item.__code__.co_filename.startswith(places)
    if isinstance(item, type):
        file = getattr(sys.modules.get(item.__module__), "__file__", None)
        return file.startswith(places) if file else item.__module__ in sys.builtin_module_names
    return False


def _is_model(item: Any) -> bool:
    return hasattr(item, "__dict__") and callable(getattr(type(item), "parameters", None))


def _is_data(item: list[Any]) -> bool:
    row = item[0] if item else None
    return isinstance(row, (list, tuple)) and bool(row) and isinstance(row[0], Real)


def _call(item: Any) -> tuple[Any, Any] | None:
    """Of what is called, as a method or as an object, the object and the function that runs; None if there is none."""
    if isinstance(item, MethodType):
        return item.__self__, item.__func__
    function = getattr(type(item), "__call__", None)  # noqa: B004  the function itself is wanted
    return (item, function) if isinstance(function, FunctionType) else None


def _code(attribute: Any) -> FunctionType | None:
    """The function that an attribute of a class is, or that runs when it is read or called; None if there is none."""
    if isinstance(attribute, property):
        attribute = attribute.fget
    elif isinstance(attribute, (staticmethod, classmethod)):
        attribute = attribute.__func__
    return attribute if isinstance(attribute, FunctionType) else None


def _variables(function: FunctionType) -> Callable[[], list[Any]]:
    """What gives the variables around a function, as they are then: those of functions around it, and the globals."""
    cells, around = function.__closure__ or (), function.__globals__
    names = sorted(_globals_of(function.__code__) & around.keys())
    return lambda: [*map(_content, cells), *map(around.get, names)]


def _named(attributes: dict[str, Any], names: set[str]) -> Callable[[], dict[str, Any]]:
    """What gives those of an object's attributes that have one of the names."""
    return lambda: {name: x for name, x in attributes.items() if name in names}


def _content(cell: Any) -> Any:
    try:
        return cell.cell_contents
    except ValueError:  # the variable has no value yet
        return None


def _globals_of(code: CodeType) -> set[str]:
    """The global names that a function asks for, also in the functions and comprehensions inside of it."""
    names = {x.argval for x in dis.get_instructions(code) if x.opname in ("LOAD_GLOBAL", "LOAD_NAME")}
    return names.union(*[_globals_of(x) for x in code.co_consts if isinstance(x, CodeType)])


def _names_of(code: CodeType) -> set[str]:
    """All names in a function but those of its variables, also such as are given to getattr()."""
    names = {*code.co_names, *[x for x in code.co_consts if isinstance(x, str)]}
    return names.union(*[_names_of(x) for x in code.co_consts if isinstance(x, CodeType)])
