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
        name: that of its property as it is written in Python.
    """

    fget: Any = None
    fset: Any = None

    def __init__(self, owner: type, name: str) -> None:
        plain: Any = vars(owner)[name]
        getter: Any
        setter: Any
        getter, setter = (plain.fget, plain.fset) if isinstance(plain, property) else (plain.__get__, plain.__set__)
        super().__init__(attrgetter(f"_{name}"), setter)
        self.__doc__ = plain.__doc__
        named: Any = super()
        named.__set_name__(owner, name)  # for the messages of its errors

        @wraps(getter)
        def fget(instance: Any) -> Any:
            return vars(owner)[name].__get__(instance)

        @wraps(setter)
        def fset(instance: Any, x: Any) -> None:
            vars(owner)[name].__set__(instance, x)

        self.fget, self.fset = fget, fset

    def getter(self, fget: Any, /) -> property:
        return property(fget, self.fset)

    def setter(self, fset: Any, /) -> property:
        return property(self.fget, fset)


def read_in_c(owner: type, *names: str) -> None:
    """Let a class have a `SlotProperty` in the place of each of these properties."""
    for name in names:
        setattr(owner, name, SlotProperty(owner, name))
