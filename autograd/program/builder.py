"""The builder of array operations: it makes each once, and none for what needs no computing, such as 1 · x."""

from __future__ import annotations

import math
from collections.abc import Hashable, Sequence
from typing import Any

from .. import ops, selection
from ..basics.groups import flat
from ..basics.operand import FLAT
from ..rules import Rule
from .einsum import Einsum, View
from .groupwise import LAST, groupwise
from .ir import Array
from .patterns import Shape, along, pattern


class Builder:
    """The Arrays of a program, in the order of their making."""

    def __init__(self) -> None:
        self.arrays: list[Array] = []
        self._known: dict[Hashable, Array] = {}
        self.differentiating = False
        """Whether a derivative is being asked for its slopes: then `==` means numbers, and else which Array it is."""

    def make(self, op: Rule | str, *args: Any, detail: Any = None) -> Array:
        """The Array of this operation, which may have been made before.

        Args:
            op: a rule, or the name of an operation of the table.
            *args: Arrays and floats.
            detail: as the operation has it.
        """
        operands = tuple([("array", x.serial) if isinstance(x, Array) else _key(x) for x in args])
        key = (op, operands, tuple(map(_key, detail)) if op == "constants" else detail)
        if key not in self._known:
            self._known[key] = Array(op, args, detail, self)
        return self._known[key]

    def elementwise(self, op: Rule | str, *args: Any) -> Array:
        """An operation on each number; where some operands are groups, a row of another serves a whole group."""
        size = max([x.group for x in args if isinstance(x, Array)])
        if size:
            args = tuple([self.repeat(x, size) if isinstance(x, Array) else x for x in args])
        return self.make(op, *args)

    def apply(self, rule: Rule, *args: Any) -> Any:
        """A rule of one or two operands, applied to each number; what needs no computing isn't computed."""
        if not any(isinstance(x, Array) for x in args):
            return rule.forward(*args)
        if rule in _SIMPLER:
            simple = _SIMPLER[rule](self, *args)
            if simple is not None:
                return simple
        y = self.elementwise(rule, *args)
        found = groupwise(y) if rule in LAST else None
        if found is None:
            return y
        name, groups = found
        whole = self.make(name, self.flat(groups), detail=groups.group)
        return self.groups(whole, y.group) if y.group else whole

    # ------------------------------------------------------------------------------------------ choices of rows

    def rows(self, a: Array, start: int, stop: int) -> Array:
        """The rows from start to stop."""
        if (start, stop) == (0, a.rows):
            return a
        if a.op == "rows":
            return self.rows(a.args[0], a.detail[0] + start, a.detail[0] + stop)
        if a.op == "take":  # of rows that stand together anyway
            first, last = a.detail[start], a.detail[stop - 1]
            if a.detail[start:stop] == tuple(range(first, last + 1)):
                return self.rows(a.args[0], first, last + 1)
        return self.make("rows", a, detail=(start, stop))

    def take(self, a: Array, indices: Sequence[int]) -> Array:
        """The rows with these numbers, in this order."""
        return self.make("take", a, detail=tuple(indices))

    def stack(self, parts: Sequence[Array]) -> Array:
        """The rows of several Arrays, one below the other."""
        return parts[0] if len(parts) == 1 else self.make("stack", *parts)

    def spread(self, x: Any, rows: int) -> Array:
        """A number, or a single row, as so many rows; an Array that has them as it is."""
        if not isinstance(x, Array):
            return self.constants([x] * rows)
        if x.is_number:
            return self.make("full", x, detail=Shape(rows, False))
        return x if x.rows == rows else self.take(x, [0] * rows)

    def column(self, numbers: Sequence[float]) -> Array | float:
        """Constants, one for each row; a float if they are the same."""
        return numbers[0] if len(set(map(_key, numbers))) == 1 else self.constants(numbers)

    def constants(self, numbers: Sequence[float]) -> Array:
        """Constants, one for each row."""
        return self.make("constants", detail=tuple(numbers))

    @property
    def batch(self) -> Array:
        """The number of examples."""
        return self.make("batch")

    # ---------------------------------------------------------------------------------- groups of k rows each

    def groups(self, a: Array, k: int) -> Array:
        """The same rows, taken as groups of k."""
        return self.make("groups", a, detail=k)

    def beside(self, items: Sequence[Any], rows: int) -> Array:
        """The first rows of all items, then the second, ...: lists of as many numbers as there are items, as groups."""
        k, whole = len(items), self.stack([self.spread(x, rows) for x in items])
        return self.groups(self.take(whole, [j * rows + i for i in range(rows) for j in range(k)]), k)

    def of_lists(self, rule: Rule, operands: Sequence[Any]) -> Array:
        """A rule of lists, applied to single Arrays and numbers and to lists of them."""
        lists = [list(x) if isinstance(x, (list, tuple)) else [x] for x in operands]
        rows = max([x.rows for x in flat(lists) if isinstance(x, Array)])
        given = [
            self.beside(xs, rows) if isinstance(x, (list, tuple)) else self.spread(x, rows)
            for x, xs in zip(operands, lists)
            if xs
        ]
        return self.listed(rule, given, tuple([not xs for xs in lists]))

    def listed(self, rule: Rule, given: Sequence[Array], empty: tuple[bool, ...]) -> Array:
        """A rule of lists, applied to groups and to single rows; `empty` says of each of its lists whether it is so."""
        return self.segment_max(*given) if rule is selection.largest else self.make(rule, *given, detail=empty)

    def repeat(self, a: Array, k: int) -> Array:
        """Every row k times, as a group; what is in groups stays, and a single row serves all anyway."""
        return a if a.group or a.rows == 1 else self.make("repeat", a, detail=k)

    def flat(self, a: Any) -> Any:
        """The rows of groups as rows like any others."""
        if not isinstance(a, Array) or not a.group:
            return a
        return a.args[0] if a.op == "groups" else self.make("flat", a)

    def segment_sum(self, a: Any) -> Any:
        """The sum of each group; what isn't in groups is its own."""
        return self.make("segment_sum", a, detail=a.group) if isinstance(a, Array) and a.group else a

    def sums_of_products(self, a: Array, b: Array, k: int) -> Array:
        """The sum of each k products of a row of a and one of b; several such sums of examples as one operation."""
        n = a.rows // k
        if n == 1 or not (a.wide and b.wide):
            return self.segment_sum(self.apply(ops.mul, self.groups(a, k), self.groups(b, k)))  # type: ignore[no-any-return]
        seen = _in_a_row(a.rows, (n, k))
        axes = ("a", n), ("b", k)
        return self.make("einsum", a, b, detail=Einsum((seen, seen), "a", axes, a.wide or b.wide))

    def segment_max(self, a: Array) -> Array:
        """The largest of each group."""
        return self.make("segment_max", a, detail=a.group) if a.group else a

    # ------------------------------------------------------------------------------------------- for gradients

    def full(self, g: Any, like: Array) -> Array:
        """g with a number of its own in all places where `like` has one."""
        if isinstance(g, Array) and (g.rows, g.wide) == (like.rows, like.wide):
            return g
        return self.make("full", g, detail=Shape(like.rows, like.wide))


def _in_a_row(rows: int, sizes: Sequence[int]) -> View:
    at = along(range(rows), sizes)
    assert at is not None
    return View("abcd"[: len(sizes)], 0, at.strides)


def _key(x: Any) -> Hashable:
    """What tells a number from others, also 0.0 from -0.0 and from FLAT."""
    if x is FLAT:
        return "flat"
    return (x, math.copysign(1.0, x)) if isinstance(x, float) and x == 0 else x


# ----------------------------------------------------------------- a rule of two operands without computing, or None


def _product(builder: Builder, a: Any, b: Any) -> Any:
    if isinstance(b, float) or (_is_number(b) and not _is_number(a)):
        a, b = b, a  # numbers come first
    if isinstance(a, float) and a in (1.0, 0.0, -1.0):
        return 0.0 if a == 0 else b if a == 1 else builder.apply(ops.neg, b)
    if isinstance(b, Array) and b.op is ops.mul and not b.is_number and _can_be_joined(a, b.args[0]):
        return builder.apply(ops.mul, builder.apply(ops.mul, a, b.args[0]), b.args[1])
    if isinstance(a, float) and isinstance(b, Array) and b.op == "einsum":  # into the factor of an operand
        x, y = b.args
        if isinstance(x, Array) and x.op is ops.mul and not x.is_number and _can_be_joined(a, x.args[0]):
            return builder.make("einsum", builder.apply(ops.mul, a, x), y, detail=b.detail)
    found = _where_they_stand(builder, a, b)
    return builder.elementwise(ops.mul, a, b) if found is None else found


def _where_they_stand(builder: Builder, a: Any, b: Any) -> Array | None:
    """The product with rows that were repeated in a regular order: these needn't be copied. None if there are none."""
    for x, y in ((a, b), (b, a)):
        if not isinstance(x, Array) or x.op != "take" or not isinstance(y, Array) or y.rows != x.rows or y.group:
            continue
        at = pattern(x.detail)
        if at is None or 0 not in at.strides or not any(at.strides) or min(at.strides) < 0:
            continue
        letters = "abcd"[: len(at.sizes)]
        kept = [(letter, stride) for letter, stride in zip(letters, at.strides) if stride]
        seen = View("".join([letter for letter, _ in kept]), 0, tuple([stride for _, stride in kept]))
        source = builder.rows(x.args[0], at.start, at.rows[-1] + 1)
        sides = (source, seen), (y, _in_a_row(y.rows, at.sizes))
        (p, of_p), (q, of_q) = sides if x is a else sides[::-1]
        detail = Einsum((of_p, of_q), letters, tuple(zip(letters, at.sizes)), p.wide or q.wide)
        return builder.make("einsum", p, q, detail=detail)
    return None


def _sum(builder: Builder, a: Any, b: Any) -> Any:
    if _is(a, 0.0):
        return b
    if _is(b, 0.0):
        return a
    return builder.apply(ops.mul, 2.0, a) if a is b else None


def _power(builder: Builder, a: Any, b: Any) -> Any:
    return a if _is(b, 1.0) else builder.elementwise(ops.mul, a, a) if _is(b, 2.0) else None


_SIMPLER: dict[Rule, Any] = {
    ops.mul: _product,
    ops.add: _sum,
    ops.sub: lambda builder, a, b: a if _is(b, 0.0) else None,
    ops.div: lambda builder, a, b: a if _is(b, 1.0) else None,
    ops.pow: _power,
}


def _can_be_joined(a: Any, b: Any) -> bool:
    """Whether a (b x) may be computed as (a b) x: where no product of numbers leaves what any precision can hold."""
    if not (_is_number(a) and _is_number(b)):
        return False
    x, y = (abs(x.number if isinstance(x, Array) else x) for x in (a, b))
    return all(2**-10 <= size <= 2**10 for size in (x, y, x * y))


def _is(x: Any, number: float) -> bool:
    return isinstance(x, float) and x == number


def _is_number(x: Any) -> bool:
    return isinstance(x, float) or (isinstance(x, Array) and x.is_number)
