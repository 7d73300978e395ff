"""What a function finds around it: variables, the settings of a model and the layers in it, lists and dicts of these.

A trace has them in it as they were when the function was followed. Before each run it is asked whether they still are;
if not, the function is followed anew. Looked at are the functions of the user, whatever has a method `parameters`,
objects of the user that are called, the user's classes, and the lists, tuples and dicts that these name or hold; not
what stands inside of NumPy's arrays, of other objects, or of lists of lists of numbers, for these are rather data.
"""

from __future__ import annotations

import dis
import sys
from collections.abc import Callable, Mapping
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
        foreign: where the files of packages are, whose functions and classes are not looked into.
    """

    def __init__(self, fn: Callable[..., Any], foreign: tuple[str, ...]) -> None:
        self._live: list[Any] = []  # dicts and lists, as they will be
        self._reads: list[Callable[[], Any]] = []  # what tells the rest: the variables of functions, for one
        layers: list[Any] = []  # the attributes of those of nn
        objects: dict[int, Any] = {}  # the attributes of those that are called,
        classes: list[Any] = []  # and of classes
        names: set[str] = set()  # all that the functions name
        met: dict[int, Any] = {}  # it holds on to the items, so that no other gets the id of one
        stack: list[Any] = [fn]
        while stack:
            item = stack.pop()
            if id(item) in met:
                continue
            met[id(item)] = item
            if isinstance(item, FunctionType):
                if item is fn or not item.__code__.co_filename.startswith(foreign):
                    self._reads.append(_variables(item))
                    names |= _names_of(item.__code__)
                    stack += [*self._reads[-1](), item.__defaults__, item.__kwdefaults__, vars(item)]
            elif isinstance(item, type):
                if not _foreign(item, foreign):
                    self._live.append(vars(item))
                    classes.append(vars(item))
                    stack += item.__mro__
            elif _is_model(item):
                self._live.append(vars(item))
                if type(item).__module__.partition(".")[0] == "nn":
                    layers.append(vars(item))
                stack += [*vars(item).values(), *type(item).__mro__]
                stack += [_unwrapped(x) for kind in type(item).__mro__ for x in vars(kind).values() if _is_code(x)]
            elif isinstance(item, (tuple, list, dict)):
                if not isinstance(item, tuple) and not _is_data(item):
                    self._live.append(item)
                if not _is_data(item):
                    stack += item.values() if isinstance(item, dict) else item
            elif isinstance(item, partial):
                stack += [item.func, item.args, item.keywords]
            else:
                owner, code = (item.__self__, item.__func__) if isinstance(item, MethodType) else (item, _call_of(item))
                ...
