"""What an operation on arrays is: a rule of the table applied to rows of numbers, a matrix product, a choice of rows.

An `Array` stands for n rows. It is wide where each row has a number for every example of a batch, narrow where it
doesn't depend on the example (parameters, and what is computed of them alone): then each row is one number. As in
NumPy, one row serves many, and one number a whole row. The rules' derivatives are computed with Arrays as with floats,
which is how the table is read here.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Sequence
from typing import Any

from .. import ops
from ..basics.operand import Operand
from ..rules import Nary, Rule

Part = tuple["range | tuple[int, ...] | None", Any]
"""Which rows of an Array a gradient is for (None for all of them), and the gradient."""


class Array(Operand):
    """An operation, and what it is applied to.

    Args:
        op: a Rule, or the name of what is done with rows ("rows", "stack", "matmul", ...).
        args: Arrays and floats.
        rows: how many rows it has.
        wide: whether each of them has a number for every example.
        detail: what else the operation needs to know, such as which rows.
        book: where equal operations are found again.
    """

    __slots__ = ("args", "book", "detail", "is_number", "op", "rows", "serial", "spread", "told", "wide")

    def __init__(
        self, op: Any, args: tuple[Any, ...], rows: int, wide: bool, detail: Any, book: Book, spread: int
    ) -> None:
        self.op, self.args, self.rows, self.wide, self.detail = op, args, rows, wide, detail
        self.book, self.spread = book, spread
        self.serial = len(book.arrays)
        self.is_number: bool = op == "batch" or (
            isinstance(op, Rule) and not wide and all(not isinstance(x, Array) or x.is_number for x in args)
        )
        """Whether it is a single number, the same for all examples, that Python computes alone."""
        self.told = self._computed() if self.is_number else math.nan
        """That number, but for how large the batch is; nan where it is none."""
        book.arrays.append(self)

    def _computed(self) -> float:
        """The number that it is for a batch of one."""
        if self.op == "batch":
            return 1.0
        try:
            return float(self.op.forward(*[x.told if isinstance(x, Array) else x for x in self.args]))
        except (TypeError, ValueError, ZeroDivisionError):  # a rule of lists, or not defined
            return math.nan

    def __repr__(self) -> str:
        name = self.op.name if isinstance(self.op, Rule) else self.op
        return f"<{name} {self.serial}: {self.rows} × {'batch' if self.wide else 1}>"

    # ------------------------------------------------------------------------- arithmetic, as the rules use it

    def _apply(self, rule: Rule, operands: tuple[Any, ...]) -> Any:
        if isinstance(rule, Nary):
            if rule is not ops.sum:
                raise TypeError(f"{rule.name} of arrays is not a part of any derivative")
            (xs,) = operands
            total: Any = 0.0
            for x in xs:
                total = self.book.apply(ops.add, total, self.book.segment_sum(x))
            return total
        return self.book.apply(rule, *operands)

    def __add__(self, other: Any) -> Any:
        return self.book.apply(ops.add, self, other)

    def __radd__(self, other: Any) -> Any:
        return self.book.apply(ops.add, other, self)

    def __sub__(self, other: Any) -> Any:
        return self.book.apply(ops.sub, self, other)

    def __rsub__(self, other: Any) -> Any:
        return self.book.apply(ops.sub, other, self)

    def __mul__(self, other: Any) -> Any:
        return self.book.apply(ops.mul, self, other)

    def __rmul__(self, other: Any) -> Any:
        return self.book.apply(ops.mul, other, self)

    def __truediv__(self, other: Any) -> Any:
        return self.book.apply(ops.div, self, other)

    def __rtruediv__(self, other: Any) -> Any:
        return self.book.apply(ops.div, other, self)

    def __neg__(self) -> Any:
        return self.book.apply(ops.neg, self)

    def __lt__(self, other: Any) -> Any:
        return self.book.elementwise("<", self, other)

    def __le__(self, other: Any) -> Any:
        return self.book.elementwise("<=", self, other)

    def __gt__(self, other: Any) -> Any:
        return self.book.elementwise(">", self, other)

    def __ge__(self, other: Any) -> Any:
        return self.book.elementwise(">=", self, other)

    def __and__(self, other: Any) -> Any:
        return self.book.elementwise("&", self, other)

    def __or__(self, other: Any) -> Any:
        return self.book.elementwise("|", self, other)

    def _where(self, then: Any, otherwise: Any) -> Any:
        then, otherwise = [branch() if callable(branch) else branch for branch in (then, otherwise)]
        return self.book.elementwise("where", self, then, otherwise)

    @staticmethod
    def _largest(operands: Sequence[Any]) -> Any:
        top: Any = None
        for x in operands:
            x = x.book.segment_max(x) if isinstance(x, Array) else x
            top = x if top is None else x.book.apply(ops.maximum, top, x)
        return top


class Spread(list[Any]):
    """A group of k operands that are one Array: it is met once in a loop, but counts for k."""

    def __init__(self, array: Array, k: int) -> None:
        super().__init__([array])
        self.k = k

    def __len__(self) -> int:
        return self.k


class Book:
    """The Arrays of a program, in the order of their making, each operation once."""

    def __init__(self) -> None:
        self.arrays: list[Array] = []
        self._known: dict[Hashable, Array] = {}

    def make(self, op: Any, args: Sequence[Any], rows: int, wide: bool, detail: Any = None, spread: int = 0) -> Array:
        """The Array of this operation, which may have been made before."""
        operands = tuple([("array", x.serial) if isinstance(x, Array) else _exact(x) for x in args])
        key = (op, operands, rows, wide, detail, spread)
        if key not in self._known:
            self._known[key] = Array(op, tuple(args), rows, wide, detail, self, spread)
        return self._known[key]

    def elementwise(self, op: Any, *args: Any) -> Any:
        """An operation on each number; of spread groups and others, each of the others serves its whole group."""
        arrays = [x for x in args if isinstance(x, Array)]
        spread = max(x.spread for x in arrays)
        if spread:
            args = tuple([self.repeat(x, spread) if isinstance(x, Array) else x for x in args])
            arrays = [x for x in args if isinstance(x, Array)]
        rows = max(x.rows for x in arrays)
        return self.make(op, args, rows, any(x.wide for x in arrays), spread=spread)

    def apply(self, rule: Rule, *args: Any) -> Any:
        """A rule of one or two operands, applied to each number; what needs no computing isn't computed."""
        if not any(isinstance(x, Array) for x in args):
            return rule.forward(*args)
        if len(args) == 2:
            a, b = args
            simple = _simplified(rule, a, b, self)
            if simple is not None:
                return simple
        return self.elementwise(rule, *args)

    # ----------------------------------------------------------------------------------------- choices of rows

    def rows(self, a: Array, start: int, stop: int) -> Array:
        """The rows from start to stop."""
        if (start, stop) == (0, a.rows):
            return a
        if a.op == "rows":
            return self.rows(a.args[0], a.detail[0] + start, a.detail[0] + stop)
        return self.make("rows", (a,), stop - start, a.wide, (start, stop))

    def take(self, a: Array, indices: Sequence[int]) -> Array:
        """The rows with these numbers, in this order."""
        return self.make("take", (a,), len(indices), a.wide, tuple(indices))

    def stack(self, parts: Sequence[Array]) -> Array:
        """The rows of several Arrays, one below the other."""
        if len(parts) == 1:
            return parts[0]
        return self.make("stack", parts, sum([a.rows for a in parts]), any(a.wide for a in parts))

    def column(self, numbers: Sequence[float]) -> Array | float:
        """Constants, one for each row; a float if they are the same."""
        if len(set(map(_exact, numbers))) == 1:
            return numbers[0]
        return self.make("constants", (), len(numbers), False, tuple(map(_exact, numbers)))

    # ------------------------------------------------------------------------------- groups of k rows each

    def spread(self, a: Array, k: int) -> Array:
        """The same rows, taken as groups of k."""
        return self.make("spread", (a,), a.rows, a.wide, k, spread=k)

    def repeat(self, a: Array, k: int) -> Array:
        """Every row k times, as a spread of groups."""
        if a.spread or a.rows == 1:
            return a
        return self.make("repeat", (a,), a.rows * k, a.wide, k, spread=k)

    def flat(self, a: Any) -> Any:
        """The rows of a spread of groups as rows like any others."""
        if not isinstance(a, Array) or not a.spread:
            return a
        return a.args[0] if a.op == "spread" else self.make("flat", (a,), a.rows, a.wide)

    def full(self, g: Any, like: Array) -> Array:
        """g with a number of its own in all places where `like` has one."""
        if isinstance(g, Array) and (g.rows, g.wide) == (like.rows, like.wide):
            return g
        return self.make("full", (g,), like.rows, like.wide)

    def segment_sum(self, a: Any) -> Any:
        """The sum of each group; what is not spread is its own."""
        if not isinstance(a, Array) or not a.spread:
            return a
        return self.make("segment_sum", (a,), a.rows // a.spread, a.wide, a.spread)

    def segment_max(self, a: Array) -> Array:
        """The largest of each group."""
        return self.make("segment_max", (a,), a.rows // a.spread, a.wide, a.spread) if a.spread else a

    # --------------------------------------------------------------------------------- sums that undo a broadcast

    @property
    def batch(self) -> Array:
        """The number of examples."""
        return self.make("batch", (), 1, False)

    def fitted(self, g: Any, like: Array, of: Array) -> Any:
        """The gradient for the operand `like` of `of`, from g, which is of its size: summed where it was broadcast."""
        rows, wide = (g.rows, g.wide) if isinstance(g, Array) else (1, False)
        if like.rows == 1 and of.rows > 1:
            g = self.make("sum_rows", (g,), 1, wide) if rows > 1 else self.apply(ops.mul, g, float(of.rows))
        if of.wide and not like.wide:
            wide = isinstance(g, Array) and g.wide
            g = (
                self.make("sum_batch", (g,), g.rows, False, spread=g.spread)
                if wide
                else self.apply(ops.mul, g, self.batch)
            )
        return g


def _exact(x: Any) -> Hashable:
    """A float as what tells 0.0 from -0.0."""
    return (x, math.copysign(1.0, x)) if isinstance(x, float) and x == 0 else x


def _simplified(rule: Rule, a: Any, b: Any, book: Book) -> Any:
    """What a op b is without computing, None if it must be computed."""
    if rule is ops.mul:
        if isinstance(b, float) or (isinstance(b, Array) and b.is_number and not _number(a)):
            a, b = b, a  # numbers come first
        if isinstance(a, float) and a == 1.0:
            return b
        if isinstance(a, float) and a == 0.0:
            return 0.0
        if isinstance(a, float) and a == -1.0:
            return book.apply(ops.neg, b)
        if isinstance(b, Array) and b.op is ops.mul and not b.is_number and _can_be_joined(a, b.args[0]):
            return book.apply(ops.mul, book.apply(ops.mul, a, b.args[0]), b.args[1])
        return book.elementwise(ops.mul, a, b)
    if rule is ops.add:
        if isinstance(a, float) and a == 0.0:
            return b
        if isinstance(b, float) and b == 0.0:
            return a
        if a is b:
            return book.apply(ops.mul, 2.0, a)
    if rule is ops.sub and isinstance(b, float) and b == 0.0:
        return a
    if rule is ops.div and isinstance(b, float) and b == 1.0:
        return a
    if rule is ops.pow and isinstance(b, float) and b == 1.0:
        return a
    if rule is ops.pow and isinstance(b, float) and b == 2.0:
        return book.elementwise(ops.mul, a, a)
    return None


def _can_be_joined(a: Any, b: Any) -> bool:
    """Whether a (b x) may be computed as (a b) x: where no product of numbers leaves what any precision can hold."""
    if not (_number(a) and _number(b)):
        return False
    x, y = (abs(x.told if isinstance(x, Array) else x) for x in (a, b))
    return all(2**-10 <= size <= 2**10 for size in (x, y, x * y))


def _number(x: Any) -> bool:
    return isinstance(x, float) or (isinstance(x, Array) and x.is_number)
