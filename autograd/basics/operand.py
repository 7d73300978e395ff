"""Operand: what a rule can be applied to besides numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


class Operand:
    """What a rule can be applied to besides numbers: it says itself, in `_apply(rule, operands)`, what that means."""

    __slots__ = ()
    unknown = False
    """Whether it has no number yet, as in a function that is being compiled."""

    def _apply(self, rule: Any, operands: tuple[Any, ...]) -> Any:
        raise TypeError(f"{type(self).__name__} does not say how {rule.name} applies to it")

    def _where(self, then: Any, otherwise: Any) -> Any:
        """Where this, a condition, holds, `then`, else `otherwise`."""
        raise TypeError(f"{type(self).__name__} is no condition")

    @staticmethod
    def _largest(operands: Sequence[Any]) -> Any:
        return max(operands)

    def _written(self) -> str:
        return repr(self)
