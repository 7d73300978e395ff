"""Properties that are read in C."""

from __future__ import annotations

from functools import wraps
from operator import attrgetter
from typing import Any


class SlotProperty(property):
    """A property of a class that reads the slot `_name` in C: 32 ns, where one in Python takes 77.

    The property may be exchanged for another, which notices who reads. So what a subclass or a caller takes out of it
    (`@Value.data.setter`, `Value.data.fget`) are functions that ask for the property of that moment.

    Args:
        owner: the class.
        plain: its property as it is written in Python.
    """

    fget: Any = None
    fset: Any = None

    def __init__(self, owner: type, plain: Any) -> None:
        name = plain.fget.__name__
        super().__init__(attrgetter(f"_{name}"), plain.fset)
        self.__doc__ = plain.__doc__
        named: Any = super()
        named.__set_name__(owner, name)  # for the messages of its errors

        @wraps(plain.fget)
        def fget(instance: Any) -> Any:
            return vars(owner)[name].__get__(instance)

        @wraps(plain.fset)
        def fset(instance: Any, x: Any) -> None:
            vars(owner)[name].__set__(instance, x)

        self.fget, self.fset = fget, fset

    def getter(self, fget: Any, /) -> property:
        return property(fget, self.fset)

    def setter(self, fset: Any, /) -> property:
        return property(self.fget, fset)
