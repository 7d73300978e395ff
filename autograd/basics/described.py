"""How a rule looks like a function: to help(), to completion, to pickle."""

from __future__ import annotations

from typing import Any


class Described:
    """A rule that has the name, signature and documentation of a function of the package."""

    __slots__ = ()  # what is compiled on top of it has its own fields there

    def describe(self: Any) -> None:
        """Look like a function, by what the rule says of itself."""
        example = "\n\n>>> {}\n{}".format(*self.known.split(" = ")) if self.known else ""
        raises = f"\n\nRaises:\n    ValueError, ZeroDivisionError: unless {self.domain}." if self.domain else ""
        names = ", ".join(self.operands)
        self.__name__ = self.__qualname__ = self.name
        self.__module__ = "autograd.ops"
        self.__text_signature__ = f"({names}, /)"
        self.__doc__ = (
            f"y = {self.formula}.\n\nArgs:\n    {names}: a Value or a number.\n\n"
            f"Returns:\n    A Value if an argument is one, else a float.{raises}{example}\n"
        )
