"""Properties that are read in C."""

from __future__ import annotations

from operator import attrgetter
from typing import Any


class SlotProperty(property):
    """A property of a class that reads the slot `_name` in C: 32 ns, where one in Python takes 77.

    The property may be exchanged for another, which notices who reads. So what a subclass or a caller takes out of it
    (`@Value.data.setter`, `Value.data.fget`) are functions that ask for the property of that moment.

    Args:
        owner: the class.
        name: that of its property as it is written in Python.
        doc: its documentation.
    """

    fget: Any = None
    fset: Any = None

    def __init__(self, owner: type, name: str, doc: str) -> None:
        plain: Any = vars(owner)[name]
        setter = plain.fset if isinstance(plain, property) else plain.__set__
        super().__init__(attrgetter(f"_{name}"), setter)
        self.__doc__ = doc
        named: Any = super()
        named.__set_name__(owner, name)  # for the messages of its errors

        def fget(self: Any) -> float:
            return vars(owner)[name].__get__(self)  # type: ignore[no-any-return]

        def fset(self: Any, x: float) -> None:
            vars(owner)[name].__set__(self, x)

        for function in (fget, fset):  # they look as if they were written in the class
            function.__name__, function.__qualname__ = name, f"{owner.__qualname__}.{name}"
            function.__module__ = owner.__module__
            del function.__annotations__["self"]
        self.fget, self.fset = fget, fset

    def getter(self, fget: Any, /) -> property:
        return property(fget, self.fset)

    def setter(self, fset: Any, /) -> property:
        return property(self.fget, fset, None, self.__doc__)


def read_in_c(owner: type, name: str, doc: str) -> None:
    """Let a class have a `SlotProperty` in the place of a property, with this documentation: in C it has none."""
    setattr(owner, name, SlotProperty(owner, name, doc))
