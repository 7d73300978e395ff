"""Rules of three numbers, such as clip(x, low, high): a rule of lists in which each group is a single number."""

from __future__ import annotations

from typing import Any, ClassVar

from .rules import Nary


class Ternary(Nary):
    """y = f(a, b, c); d(y, a, b, c) gives the three slopes."""

    operands: ClassVar[tuple[str, ...]] = ("a", "b", "c")


def takes_lists(rule: Any) -> bool:
    """Whether some operands of a rule are lists."""
    return isinstance(rule, Nary) and not isinstance(rule, Ternary)
