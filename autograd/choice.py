"""What depends on a plain number that a compiled function doesn't know yet, such as the class of an example.

Eagerly, Python chooses: `xs[index]`. In a function that is being compiled, the trace is asked for arithmetic that does
the same for each example. A loss says so once, here, and needs nothing of the compiler.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from .basics.operand import Operand
from .modes import current


def chosen(index: Any, xs: Sequence[Any]) -> Any:
    """xs[index]; for an index that is traced not a number where there is no such item.

    >>> chosen(1, [0.5, 0.25])
    0.25
    """
    return current().trace.chosen(index, xs) if is_unknown(index) else xs[index]


def others(index: Any, xs: tuple[Any, ...]) -> tuple[Any, ...]:
    """The xs without xs[index]; for an index that is traced with -∞ in its place, what exp makes nothing of.

    >>> others(1, (0.5, 0.25, 0.125))
    (0.5, 0.125)
    """
    return current().trace.others(index, xs) if is_unknown(index) else xs[:index] + xs[index + 1 :]


def one_hot(index: Any, k: int) -> list[Any]:
    """k numbers, of which the one at the index is 1 and the others are 0.

    >>> one_hot(1, 3)
    [0.0, 1.0, 0.0]
    """
    return current().trace.one_hot(index, k) if is_unknown(index) else [float(j == index) for j in range(k)]


def required(x: Any, allowed: Callable[[Any], Any]) -> None:
    """Have each run of a compiled function look at a number that is traced: where it is not allowed, the function runs.

    Args:
        x: the number.
        allowed: whether it is allowed, in arithmetic that arrays know, too.
    """
    if is_unknown(x):
        current().trace.require(x, allowed)


def is_unknown(x: Any) -> bool:
    """Whether x has no number yet, because the function is being compiled."""
    return isinstance(x, Operand) and x.unknown
