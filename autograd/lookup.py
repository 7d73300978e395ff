"""Looking up by a whole number, such as the class of an example, which a compiled function doesn't know yet.

Eagerly that is Python's `xs[index]`. In a function that is being compiled, the trace is asked for arithmetic that does
the same for each example. A loss says so once, here, and needs nothing of the compiler.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any, TypeVar

from . import selection
from .basics.arguments import number
from .basics.messages import shown
from .basics.operand import Operand
from .modes import current

T = TypeVar("T")

FEW, MANY = 64, 4096
"""So many indices Python looks at sooner than NumPy, where they name one of so many items."""


def take(table: Sequence[T], index: Any) -> T:
    """table[index]; compiled one gather of all examples, whose gradients are added up in the rows that they took.

    To compile `table[index]` itself, where the index is an input, the function is run once for each row, of which there
    may be 256; with `take` once.

    Args:
        table: a list of n rows: Values, numbers, or (nested) lists of them, which are as long in each row.
        index: an integer from 0 to n - 1, or a whole number such as 2.0; -1 is no row.

    Returns:
        The row; compiled, a list of its items.

    Raises:
        TypeError: if there is no table, or the index is no integer.
        IndexError: if there is no such row; compiled, a ValueError that names the example.
        ValueError: if the rows differ in length, compiled.

    >>> take([[0.5, 1.0], [0.25, 2.0]], 1)
    [0.25, 2.0]
    """
    table = table.tolist() if hasattr(table, "tolist") else table
    if not isinstance(table, (list, tuple)):
        raise TypeError(f"table must be a list of rows, got {shown(table)}")
    if not is_unknown(index):
        return table[_position(index, len(table))]  # type: ignore[no-any-return]
    n = len(table)  # the table, which may be computed, would keep its graph alive
    current().trace.tell_apart(index, n)
    required(index, Positions(n))
    return _picked(index, table)  # type: ignore[no-any-return]


def one_hot(index: Any, num_classes: int) -> list[Any]:
    """A list of zeros with a 1 at the index: a class as the target of a network.

    Args:
        index: an integer from 0 to num_classes - 1, or a whole number such as 2.0.
        num_classes: the length of the list.

    Returns:
        A list of floats.

    Raises:
        TypeError: if the index is no integer.
        ValueError: if num_classes is no whole number from 1 on.
        IndexError: if there is no such class; compiled, a ValueError that names the example.

    >>> one_hot(2, 4)
    [0.0, 0.0, 1.0, 0.0]
    """
    n = number(num_classes, "num_classes")
    if not (n >= 1 and n % 1 == 0):
        raise ValueError(f"num_classes must be a whole number from 1 on, got {shown(num_classes)}")
    n = int(n)
    if is_unknown(index):
        required(index, Positions(n))
        return current().trace.one_hot(index, n)  # type: ignore[no-any-return]
    row = [0.0] * n
    row[_position(index, n)] = 1.0
    return row


def _picked(index: Any, rows: Sequence[Any]) -> Any:
    """The row, item by item: each is chosen from its column."""
    if not any(issubclass(kind, (list, tuple)) for kind in {*map(type, rows)}):
        return selection.item(index, tuple(rows))
    sizes = {len(row) if isinstance(row, (list, tuple)) else None for row in rows}
    if len(sizes) > 1:
        raise ValueError("the rows of a table must be as long as one another, to be looked up by an unknown index")
    return [_picked(index, column) for column in zip(*rows)]


class Positions:
    """Which of the indices of a batch name one of n items.

    One that is not a number may stand in a branch that isn't taken: whether it does, the function itself will say.
    """

    def __init__(self, n: int) -> None:
        self.n = n

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Positions) and self.n == other.n

    def __hash__(self) -> int:
        return hash(self.n)

    def right(self, numbers: Any) -> Any:
        """Of each number whether it does, in arithmetic that all arrays know."""
        return (numbers >= 0) & (numbers < self.n) & (numbers == numbers.round())

    def __call__(self, numbers: Any) -> Any:
        """The same of an array of NumPy, examples last; True if all do. An error names the first that doesn't."""
        if few_positions(numbers, self.n):
            return True
        right = self.right(numbers)
        if right.all():
            return right
        wrong = (~right & (numbers == numbers)).T
        if wrong.any():
            row = int(wrong.ravel().argmax()) // (wrong.size // len(wrong))
            try:
                _position(numbers.T[wrong][0].item(), self.n)
            except (TypeError, IndexError) as cause:
                raise ValueError(f"row {row}: {cause}") from None
        return right


def few_positions(numbers: Any, n: int) -> bool:
    """Whether these are few, and each is one of 0 to n - 1; False where NumPy is to look."""
    return numbers.size <= FEW and n <= MANY and _positions(n).issuperset(numbers.ravel().tolist())


@lru_cache
def _positions(n: int) -> frozenset[int]:
    return frozenset(range(n))


def _position(index: Any, n: int) -> int:
    """An index as an integer; an error if it is none, or there is no such item among n."""
    try:
        i = operator.index(int(index) if isinstance(index, float) and index % 1 == 0 else index)
    except TypeError:
        raise TypeError(f"index must be an integer, got {shown(index)}") from None
    if not 0 <= i < n:
        raise IndexError(f"index must be from 0 to {n - 1}, got {i}")
    return i


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
