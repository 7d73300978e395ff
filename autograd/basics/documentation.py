"""A docstring that is written when it is read: so help() of a rule shows its derivatives, which stand in one place."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


class Documentation:
    """The `__doc__` of the instances of a class, with lines of their own after the first one; that of the class stays.

    Args:
        of_class: the docstring of the class.
        lines: from an instance to its lines.
    """

    def __init__(self, of_class: str | None, lines: Callable[[Any], str]) -> None:
        self.of_class, self.lines = of_class, lines

    def __get__(self, instance: Any, owner: type) -> str | None:
        if instance is None:
            return self.of_class
        own = vars(instance)
        if "_lines" not in own:  # once: `grad(tanh)` asks for them each time, and they take a millisecond
            own["_lines"] = self.lines(instance)
        first, _, rest = own["__doc__"].partition("\n")
        return f"{first}\n\n{own['_lines']}\n{rest}"

    def __set__(self, instance: Any, text: str) -> None:
        vars(instance)["__doc__"] = text
