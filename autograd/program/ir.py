"""The table of array operations: what a traced scalar graph is made of once it is lowered, and what each entry is.

An `Array` stands for n rows. It is wide where each row has a number for every example of a batch, narrow where it
doesn't depend on the example (parameters, and what is computed of them alone): then each row is one number. As in
NumPy, one row serves many, and one number a whole row.

An operation is a rule of ops.py, applied to rows of numbers, or has a name here: its entry says how the shape of the
result follows from the operands, and how a gradient is handed on to them. Engines say how it is computed, equations/
how it is written. Arrays are made by a Builder (builder.py).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import partialmethod
from numbers import Real
from typing import Any, NamedTuple

from .. import ops
from ..basics.operand import FLAT
from ..operators import Operators
from ..rules import Rule
from ..ternary import takes_lists
from . import einsum, groupwise
from .groupwise import Group
from .patterns import Shape
from .slopes import slopes_of

Part = tuple["range | tuple[int, ...] | None", Any]
"""Which rows of an Array a gradient is for (None for all of them), and the gradient: an Array or a number."""


class Array(Operators):
    """An operation, and what it is applied to.

    Args:
        op: a Rule, or the name of an operation of the table.
        args: Arrays and floats.
        detail: what else the operation needs to know, such as which rows.
        builder: what made it; it makes what is computed of it.
    """

    __slots__ = ("args", "builder", "detail", "group", "is_number", "number", "op", "rows", "serial", "wide")

    def __init__(self, op: Rule | str, args: tuple[Any, ...], detail: Any, builder: Any) -> None:
        self.op: Any = op
        self.args, self.detail, self.builder = args, detail, builder
        self.rows, self.wide, self.group = operation(op).shape(detail, *args)
        self.serial = len(builder.arrays)
        self.is_number: bool = op == "batch" or (
            isinstance(op, Rule) and not self.wide and all(not isinstance(x, Array) or x.is_number for x in args)
        )
        """Whether it is a single number, the same for all examples, that Python computes alone."""
        self.number = self._computed() if self.is_number else math.nan
        """That number, for a batch of one example; nan where it is none."""
        builder.arrays.append(self)

    def _computed(self) -> float:
        if self.op == "batch":
            return 1.0
        try:
            return float(self.op.forward(*[x.number if isinstance(x, Array) else x for x in self.args]))
        except (TypeError, ValueError, ZeroDivisionError):  # a rule of lists, or not defined
            return math.nan

    def __repr__(self) -> str:
        name = self.op.name if isinstance(self.op, Rule) else self.op
        return f"<{name} {self.serial}: {self.rows} × {'batch' if self.wide else 1}>"

    # ------------------------------------------------------------------------- arithmetic, as the rules use it

    def _apply(self, rule: Rule, operands: tuple[Any, ...]) -> Any:
        if not takes_lists(rule):
            return self.builder.apply(rule, *operands)
        xs, *others = operands
        if rule is ops.sum:
            total: Any = 0.0
            for x in xs:
                total = self.builder.apply(ops.add, total, self.builder.segment_sum(x))
            return total
        if rule is ops.dot:
            return self._apply(ops.sum, ([others[1], *[w * x for w, x in zip(xs, others[0])]],))
        if not others and self.group and [*map(id, xs)] == [id(self)]:
            return self.builder.make(rule, self, detail=(False,))
        return self.builder.of_lists(rule, operands)

    def _compare(self, sign: str, other: Any) -> Any:
        return self.builder.elementwise(sign, self, other)

    __lt__, __le__ = partialmethod(_compare, "<"), partialmethod(_compare, "<=")
    __gt__, __ge__ = partialmethod(_compare, ">"), partialmethod(_compare, ">=")
    __and__, __or__ = partialmethod(_compare, "&"), partialmethod(_compare, "|")

    def __rand__(self, other: bool) -> Any:
        return other and self

    def __ror__(self, other: bool) -> Any:
        return other or self

    def __bool__(self) -> bool:
        raise TypeError("an array has no single number that `if` could ask for")  # slopes.py does without arrays then

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Real) or (isinstance(other, Array) and self.builder.differentiating):
            return self is other or bool(self)
        return self is other

    __hash__ = Operators.__hash__

    def _where(self, then: Any, otherwise: Any) -> Any:
        then, otherwise = [branch() if callable(branch) else branch for branch in (then, otherwise)]
        return self.builder.elementwise("where", self, then, otherwise)

    def _largest(self, operands: Sequence[Any]) -> Any:
        top: Any = None
        for x in operands:
            x = x.builder.segment_max(x) if isinstance(x, Array) else x
            top = x if top is None else x.builder.apply(ops.maximum, top, x)
        return top


# ------------------------------------------------------------------------------------------- what the table is made of


class Operation(NamedTuple):
    """An entry of the table.

    Args:
        name: as `Array.op` has it.
        shape: from the detail and the operands to the Shape of the result.
        gradient: from the result y, its gradient g and the operands to the Part that each operand gets; None for what
            only gradients are computed with.
    """

    name: str
    shape: Callable[..., Shape]
    gradient: Callable[..., list[Part]] | None = None


def operation(op: Rule | str) -> Operation:
    """The entry of an operation; rules of numbers have one in common, and rules of lists."""
    if takes_lists(op):
        return OF_LISTS
    return OF_NUMBERS if isinstance(op, Rule) else OPERATIONS[op]


def _each_number(detail: Any, *args: Any) -> Shape:
    arrays = [x for x in args if isinstance(x, Array)]
    return Shape(max([x.rows for x in arrays]), any(x.wide for x in arrays), max([x.group for x in arrays]))


def _each_group(detail: Any, *args: Array) -> Shape:
    return Shape(max([x.rows // (x.group or 1) for x in args]), any(x.wide for x in args))


def _back_by_slopes(y: Array, g: Any, *args: Any) -> list[Part]:
    """To each operand goes g times its slope, which the rule computes with Arrays as with floats."""
    try:
        slopes = slopes_of(y, args)
    except (ValueError, ZeroDivisionError):
        # no number would have a slope here, as (-2.0) ** x has none. The gradient isn't one, either, and what the
        # function itself says of each row counts: it may not need it there
        slopes = [math.nan] * len(args)
    received = [_times(g, slope, y) if isinstance(arg, Array) else FLAT for arg, slope in zip(args, slopes)]
    return [(None, part if part is FLAT else _fitted(part, arg, y)) for arg, part in zip(args, received)]


def _times(g: Any, slope: Any, y: Array) -> Any:
    """g · slope; where one of the two may be FLAT, which hands nothing on (kinks.py), it is chosen, not multiplied."""
    if slope is FLAT:
        return FLAT
    for chosen, other in ((slope, g), (g, slope)):
        if isinstance(chosen, Array) and chosen.op == "where" and any(x is FLAT for x in chosen.args):
            branches = [x if x is FLAT else _times(other, x, y) for x in chosen.args[1:]]
            return y.builder.elementwise("where", chosen.args[0], *branches)
    if 0.0 in [x for x in (g, slope) if isinstance(x, float)] and not (g.__class__ is slope.__class__ is float):
        return y.builder.elementwise(ops.mul, g, slope)  # what is infinite, or not a number, isn't hidden
    return y.builder.apply(ops.mul, g, slope)


def groups_of(y: Array) -> list[Any]:
    """The operands of a rule of lists, as its derivative takes them; y.detail says which lists are empty."""
    args = iter(y.args)
    given = [None if empty else next(args) for empty in y.detail]
    return [[] if x is None else Group(x) if x.group else x for x in given]


def _back_to_lists(y: Array, g: Any, *args: Array) -> list[Part]:
    groups, builder = groups_of(y), y.builder
    if y.op not in _ALIKE:
        return _back_to_items(y, g, groups)
    received: list[Part] = []
    for group, slope in zip(groups, y.op.slopes(y, groups)):
        if isinstance(group, Group):
            part = builder.apply(ops.mul, g, slope[0])  # one slope for all of the group, or an Array of them
            if isinstance(part, Array) and not part.group:
                part = builder.repeat(part, len(group))
            received.append((None, _fitted(part, group[0], y)))
        elif isinstance(group, Array):
            received.append((None, _fitted(builder.apply(ops.mul, g, slope), group, y)))
    return received


_ALIKE = {ops.sum, ops.mean, ops.norm, ops.logsumexp, ops.cross_entropy}
"""Rules of lists with one formula for the slope of every item: a group that is one Array stands for them all."""


def _back_to_items(y: Array, g: Any, groups: Sequence[Any]) -> list[Part]:
    """To each item of each list goes g times its own slope, which may look at the others, and at their order."""
    builder = y.builder

    def items(group: Any) -> Any:
        if not isinstance(group, Group):
            return group
        whole, k = builder.flat(group[0]), len(group)
        return [builder.take(whole, range(j, whole.rows, k)) for j in range(k)]

    received: list[Part] = []
    for group, slopes in zip(groups, slopes_of(y, [items(group) for group in groups])):
        if isinstance(group, Array):
            received.append((None, _fitted(_times(g, slopes, y), group, y)))
        elif group:
            whole, k = group[0], len(group)
            parts = [builder.spread(_over_examples(_times(g, s, y), whole, y), y.rows) for s in slopes]
            received.append((None, parts[0] if k == 1 else builder.beside(parts, y.rows)))
    return received


def _fitted(g: Any, like: Array, y: Array) -> Any:
    """The gradient for the operand `like` of y, from g, which is of the size of y: summed where it was broadcast."""
    if like.rows == 1 and y.rows > 1:
        several = isinstance(g, Array) and g.rows > 1
        g = y.builder.make("sum_rows", g) if several else y.builder.apply(ops.mul, g, float(y.rows))
    return _over_examples(g, like, y)


def _over_examples(g: Any, like: Array, y: Array) -> Any:
    """The gradient for an operand that is narrow, where the result is wide: the sum over the batch."""
    if like.wide or not y.wide:
        return g
    wide = isinstance(g, Array) and g.wide
    return y.builder.make("sum_batch", g) if wide else y.builder.apply(ops.mul, g, y.builder.batch)


def _back_to_branches(y: Array, g: Any, condition: Array, *branches: Any) -> list[Part]:
    """To the branch that is taken goes g, to the other 0, even where g is no number."""
    parts = [y.builder.elementwise("where", condition, *pair) for pair in ((g, FLAT), (FLAT, g))]
    return [(None, FLAT), *[(None, _fitted(*x, y) if isinstance(x[1], Array) else FLAT) for x in zip(parts, branches)]]


def _back_to_parts(y: Array, g: Any, *args: Array) -> list[Part]:
    received: list[Part] = []
    start = 0
    for arg in args:
        part = g if not isinstance(g, Array) or g.rows == 1 else y.builder.rows(g, start, start + arg.rows)
        received.append((None, _over_examples(part, arg, y)))
        start += arg.rows
    return received


def _back_to_repeated(y: Array, g: Any, a: Array) -> list[Part]:
    builder = y.builder
    several = isinstance(g, Array) and g.group
    return [(None, builder.segment_sum(g) if several else builder.apply(ops.mul, g, float(y.group)))]


def _back_to_product(y: Array, g: Any, ws: Array, xs: Array) -> list[Part]:
    """Of W X: G Xᵀ for W and Wᵀ G for X, by the slopes of w·x, which are x and w."""
    for_ws, for_xs, _ = ops.dot.slopes(y, (ws, xs, 0.0))
    detail, g = (*y.detail, y.op == "neurons"), y.builder.full(g, y)
    return [
        (None, y.builder.make("outer", g, for_ws, detail=detail)),
        (None, y.builder.make("back", for_xs, g, detail=detail)),
    ]


# ------------------------------------------------------------------------------------------------------------ the table

OF_NUMBERS = Operation("a rule of numbers", _each_number, _back_by_slopes)
OF_LISTS = Operation("a rule of lists", _each_group, _back_to_lists)

_TABLE = [
    # what a run begins with; the detail of an input is its position and its rows, that of the batch nothing
    Operation("input", lambda at: Shape(at[1], True)),
    Operation("vector", lambda n: Shape(n, False)),
    Operation("captured", lambda n: Shape(n, False)),
    Operation("constants", lambda numbers: Shape(len(numbers), False)),
    Operation("batch", lambda _: Shape(1, False)),

    # choices of rows: from start to stop; with these numbers; several Arrays one below the other; a part of the vector
    # as a matrix, which begins at a row and has m rows
    Operation("rows", lambda at, a: Shape(at[1] - at[0], a.wide), lambda y, g, a: [(range(*y.detail), g)]),
    Operation("take", lambda at, a: Shape(len(at), a.wide), einsum.back_to_taken),
    Operation("stack", lambda _, *args: Shape(sum([a.rows for a in args]), any(a.wide for a in args)), _back_to_parts),
    Operation("matrix", lambda at, a: Shape(at[1] * at[2], False),
              lambda y, g, a: [(range(y.detail[0], y.detail[0] + y.rows), g)]),

    # groups of k rows: taken as such, or no longer; each row k times; the sum and the largest of each group. As in
    # selection.py, the largest is what all are less by: no gradient goes through it
    Operation("groups", lambda k, a: Shape(a.rows, a.wide, k), lambda y, g, a: [(None, y.builder.flat(g))]),
    Operation("flat", lambda _, a: Shape(a.rows, a.wide)),
    Operation("repeat", lambda k, a: Shape(a.rows * k, a.wide, k), _back_to_repeated),
    Operation("segment_sum", lambda k, a: Shape(a.rows // k, a.wide),
              lambda y, g, a: [(None, y.builder.repeat(g, a.group) if isinstance(g, Array) else g)]),
    Operation("segment_max", lambda k, a: Shape(a.rows // k, a.wide), lambda y, g, a: [(None, FLAT)]),

    # products of an m×k matrix W, given by its rows, and X: W X; W X + b, with b as a last column of W. Their
    # gradients: G Xᵀ, with the sum of G as a last column if there is a b; Wᵀ G
    Operation("product", lambda size, w, x: Shape(size[0], True), _back_to_product),
    Operation("neurons", lambda size, w, x: Shape(size[0], True), _back_to_product),
    Operation("outer", lambda size, g, x: Shape(size[0] * (size[1] + size[2]), False)),
    Operation("back", lambda size, w, g: Shape(size[1], True)),

    # of each k rows the softmax; each k rows less their mean
    Operation("softmax", lambda k, a: Shape(a.rows, a.wide), groupwise.back),
    Operation("centred", lambda k, a: Shape(a.rows, a.wide), groupwise.back),

    # products of several matrices at once, of rows that are looked at along axes (einsum.py)
    Operation("einsum", lambda d, a, b: Shape(d.rows, d.wide), einsum.back),

    # of a table of n rows with k numbers each, which lie one below the other, the rows that m indices name; the other
    # way, to each number of the table the sum of what those get that took it
    Operation("gather", lambda size, table, i: Shape(size[0] * size[1], table.wide or i.wide),
              lambda y, g, table, i: [(None, y.builder.make("scatter", y.builder.full(g, y), i,
                                                            detail=(*y.detail, table.wide))), (None, 0.0)]),
    Operation("scatter", lambda size, g, i: Shape(size[1] * size[2], size[3])),

    # what gradients need besides: sums that undo a broadcast; a number in each place of a shape; a gradient of which
    # each part is for some rows
    Operation("sum_rows", lambda _, a: Shape(1, a.wide)),
    Operation("sum_batch", lambda _, a: Shape(a.rows, False, a.group)),
    Operation("full", lambda shape, a: shape),
    Operation("assemble", lambda at, *args: at[1]),

    # comparisons, number by number, and the choice by one
    *[Operation(sign, _each_number) for sign in ("<", "<=", ">", ">=", "&", "|")],
    Operation("where", _each_number, _back_to_branches),
]  # fmt: skip

OPERATIONS: dict[str, Operation] = {entry.name: entry for entry in _TABLE}
"""The table by name, for its readers."""
