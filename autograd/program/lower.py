"""From a scalar graph to operations on arrays: nodes that do the same thing at the same depth become one operation.

Nodes are placed in rows: those of one rule, at one depth, with operands of one kind are the rows of one Array. Neurons
that look at the same inputs become a matrix product, for which their weights lie beside each other in one flat vector
of all parameters; what fits no such pattern is gathered row by row.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Sequence
from itertools import accumulate, groupby
from typing import Any, NamedTuple

from .. import edges, graph, ops
from ..basics.groups import flat
from ..conditions import COMPARISONS, chosen, entered
from ..rules import Rule
from ..ternary import takes_lists
from ..transforms.tree import leaves_of
from ..value import Value
from .builder import Builder
from .ir import Array
from .sums import written_out

Place = tuple[Array, int]
"""Where the number of a node is: an Array, and a row of it."""

_ANY_CONSTANTS = {ops.add, ops.sub, ops.mul, ops.div, chosen, *COMPARISONS.values()}
"""Rules whose derivatives don't look at constants: each row may have another one."""


class Lowered(NamedTuple):
    """The operations that a scalar graph became.

    Args:
        parameters: in the order in which they lie in the flat vector.
        captured: other leaves, whose numbers are read anew in each run.
        inputs: an Array for each argument.
        outputs: the place of each number that the function returned; a float where it is a constant.
        vector: the Array of all parameters; None if there are none.
    """

    parameters: list[Value]
    captured: list[Value]
    inputs: list[Array]
    outputs: list[Place | float]
    vector: Array | None


def lower(output: Any, made: Sequence[Value], arguments: Sequence[Any], parameters: Sequence[Value]) -> Lowered:
    """The operations of a traced function.

    Args:
        output: what it returned: a number or nested lists of them.
        made: all nodes of the trace, in the order of their making.
        arguments: the leaves that it was called with, nested as it wants them.
        parameters: the leaves to differentiate for.
    """
    results = leaves_of(output, "what the function returns")
    reached, leaves = graph.walk([x for x in results if isinstance(x, Value)])
    used = set(reached)
    examples = [leaves_of(argument, "an argument") for argument in arguments]
    computed = written_out([node for node in made if node in used], results, {x for xs in examples for x in xs})
    groups = _groups(computed, {x for xs in examples for x in xs})
    order = _laid_out(groups, parameters)
    given = {x for xs in examples for x in xs}.union(order)
    captured = [leaf for leaf in leaves if leaf not in given]
    rows = _Rows()
    inputs = [rows.source("input", xs, (i, len(xs))) for i, xs in enumerate(examples)]
    vector = rows.source("vector", order, len(order)) if order else None
    if captured:
        rows.source("captured", captured, len(captured))
    for members in groups:
        rows.compute(members)
    outputs = [rows.place[x] if isinstance(x, Value) else float(x) for x in results]
    return Lowered(order, captured, inputs, outputs, vector)


# ------------------------------------------------------------------------------------------------- what goes together


def _groups(computed: Sequence[Value], examples: set[Value]) -> list[list[Value]]:
    """The nodes in groups that one operation can compute, those that others need first."""
    depth: dict[Value, int] = {}
    wide: set[Value] = set(examples)
    found: dict[tuple[Any, ...], list[Value]] = {}
    for node in computed:
        parents = graph.parents(node)
        depth[node] = 1 + max([depth.get(parent, 0) for parent in parents], default=0)
        if not wide.isdisjoint(parents):
            wide.add(node)
        found.setdefault((depth[node], *_kind(node, wide)), []).append(node)
    return [members for _, members in sorted(found.items(), key=lambda item: item[0][0])]


def _kind(node: Value, wide: set[Value]) -> tuple[Hashable, ...]:
    """What nodes of one group have in common: the rule, and the kinds of its operands."""
    rule, operands = edges.rule_of(node), graph.operands(node)
    if rule is ops.dot:
        ws, xs, b = operands
        if not wide.isdisjoint(ws) and wide.isdisjoint(xs):
            ws, xs = xs, ws  # a product with weights on the right
        some_wide = not wide.isdisjoint(ws)
        return rule, some_wide, len(xs) if some_wide else tuple(map(id, xs)), b in wide if isinstance(b, Value) else ""
    if takes_lists(rule):
        return rule, *[(len(xs), not wide.isdisjoint(xs)) for xs in (flat((operand,)) for operand in operands)]
    if rule in _ANY_CONSTANTS or isinstance(rule, ops.OneHot):
        return rule, *[x in wide if isinstance(x, Value) else "" for x in operands]
    return rule, *[x in wide if isinstance(x, Value) else (x, str(x)) for x in operands]  # str tells 0.0 from -0.0


def _laid_out(groups: Sequence[Sequence[Value]], parameters: Sequence[Value]) -> list[Value]:
    """The parameters in the order of the flat vector: the rows of a layer's matrix, with its bias after each."""
    free = dict.fromkeys(parameters)
    order: list[Value] = []
    for members in groups:
        if edges.rule_of(members[0]) not in (ops.dot, ops.item):
            continue
        rows = list(dict.fromkeys([tuple(_parameters(node, free)) for node in members]))
        widths = {len(row) for row in rows}
        wanted = [p for row in rows for p in row]
        if len(widths) == 1 and len(set(wanted)) == len(wanted) and all(p in free for p in wanted):
            order += wanted
            for p in wanted:
                del free[p]
    return order + list(free)


def _parameters(node: Value, free: dict[Value, None]) -> list[Any]:
    """The weights of a dot, on the left unless parameters are on the right alone, and its bias; a column of a table."""
    if edges.rule_of(node) is ops.item:
        return list(graph.operands(node)[1])
    ws, xs, b = graph.operands(node)
    return [*(xs if xs and xs[0] in free else ws), *([b] if b in free else [])]


# ------------------------------------------------------------------------------------------------ what is computed


class _Rows:
    """The Arrays that are made, and the place of each node in them."""

    def __init__(self) -> None:
        self.builder = Builder()
        self.place: dict[Value, Place] = {}

    def source(self, name: str, values: Sequence[Value], detail: Any) -> Array:
        """An Array of what a run begins with."""
        return self._put(values, self.builder.make(name, detail=detail))

    def compute(self, members: Sequence[Value]) -> None:
        """The Array that computes a group of nodes."""
        rule = edges.rule_of(members[0])
        operands = list(zip(*[graph.operands(node) for node in members]))  # the first of all nodes, the second, ...
        if rule is ops.item:
            self._items(members, *operands)
            return
        if rule is ops.dot:
            block = self._dots(*operands)
        elif rule is chosen or rule is entered:
            block = self._choice(*operands)
        elif takes_lists(rule):
            block = self._of_lists(rule, operands)
        else:
            columns = [self._column(column) for column in operands]
            # what is multiplied by 0, or 0 added to, is computed for what isn't finite, and -0
            zero = any(isinstance(column, float) and column == 0 for column in columns)
            apply = self.builder.elementwise if zero else self.builder.apply
            block = self._repeated(apply(rule, *columns), len(members))
        self._put(members, block)

    def _put(self, values: Sequence[Value], block: Array) -> Array:
        self.place.update({value: (block, i) for i, value in enumerate(values)})
        return block

    # ---------------------------------------------------------------------------------------------- operands

    def _column(self, operands: Sequence[Any]) -> Any:
        """One operand of each node of a group, as an Array (or a float) whose rows are in the order of the nodes."""
        if not isinstance(operands[0], Value):
            return self.builder.column([float(x) for x in operands])
        if len(set(operands)) == 1:  # one number for all: a row that serves every row
            block, row = self.place[operands[0]]
            return self.builder.rows(block, row, row + 1)
        return self._gathered(operands)

    def _gathered(self, operands: Sequence[Any]) -> Array:
        """Values and floats as the rows of an Array: a part of an Array where that will do, else put together."""
        builder = self.builder
        if not all(isinstance(x, Value) for x in operands):
            constants = builder.constants([0.0 if isinstance(x, Value) else float(x) for x in operands])
        places = [self.place[x] if isinstance(x, Value) else (constants, i) for i, x in enumerate(operands)]
        parts = []
        for _, run in groupby(places, key=lambda at: at[0].serial):
            members = list(run)
            block, rows = members[0][0], [row for _, row in members]
            one_by_one = rows == list(range(rows[0], rows[0] + len(rows)))
            parts.append(builder.rows(block, rows[0], rows[-1] + 1) if one_by_one else builder.take(block, rows))
        if len(parts) > 8:
            blocks = {block.serial: block for block, _ in places}
            if len(blocks) < len(parts) / 2:
                # many short runs out of few Arrays: those below each other, and then the rows in order
                starts = dict(zip(blocks, [0, *accumulate([block.rows for block in blocks.values()])]))
                whole = builder.stack(list(blocks.values()))
                return builder.take(whole, [starts[block.serial] + row for block, row in places])
        return builder.stack(parts)

    def _repeated(self, x: Array, n: int) -> Array:
        """n rows that are all the same, unless they are there already."""
        return x if x.rows == n else self.builder.take(x, [0] * n)

    def _choice(self, condition: Sequence[Any], *branches: Sequence[Any]) -> Array:
        """A choice by numbers that are 1 or 0; of one branch only, where the other is not a number."""
        holds = self.builder.elementwise(">", self._column(condition), 0.5)
        columns = [self._column(branch) for branch in branches]
        detail = None if len(columns) > 1 else "entered"
        choice = self.builder.make("where", holds, *[*columns, math.nan][:2], detail=detail)
        return self._repeated(choice, len(condition))

    # ---------------------------------------------------------------------------------------- rules of several

    def _dots(self, left: Sequence[Any], right: Sequence[Any], biases: Sequence[Any]) -> Array:
        """Neurons: w·x + b of the same inputs x is a matrix product; other products are summed up in groups."""
        builder, m, k = self.builder, len(left), len(left[0])
        if not k:
            return self._repeated(self._column(biases), m)
        if _kinds(right) > 1 or (m > 1 and _kinds(left) == 1):
            left, right = right, left  # weights on the right
        shared = _kinds(right) == 1
        vector, start = self._biased_matrix(left, biases) if shared else (None, 0)
        if vector is not None and (xs := self._gathered(right[0])).wide:
            matrix = builder.make("matrix", vector, detail=(start, m, k + 1))
            return builder.make("neurons", matrix, xs, detail=(m, k))
        ws = self._gathered(flat(left))
        shared = shared and not ws.wide
        xs = self._gathered(right[0] if shared else flat(right))
        if shared and xs.wide:
            z = builder.make("product", ws, xs, detail=(m, k))
        else:
            if shared and m > 1:
                xs = builder.take(xs, list(range(k)) * m)
            z = builder.segment_sum(builder.apply(ops.mul, builder.groups(ws, k), builder.groups(xs, k)))
        return builder.apply(ops.add, z, self._column(biases))  # type: ignore[no-any-return]

    def _biased_matrix(self, weights: Sequence[Any], biases: Sequence[Any]) -> tuple[Array | None, int]:
        """Where rows of weights with a bias after each begin in the flat vector; (None, 0) if they don't lie there."""
        operands = [x for row, b in zip(weights, biases) for x in (*row, b)]
        if all(isinstance(x, Value) for x in operands):
            places = [self.place[x] for x in operands]
            vector, start = places[0]
            if vector.op == "vector" and places == [(vector, start + i) for i in range(len(places))]:
                return vector, start
        return None, 0

    def _items(self, members: Sequence[Value], indices: Sequence[Value], lists: Sequence[Any]) -> None:
        """Rows of tables by their numbers: one gather for all that look up the same columns."""
        keys = [tuple(map(id, xs)) for xs in lists]
        column = dict(zip(keys, lists))
        looked_up: dict[Value, dict[tuple[int, ...], None]] = {}  # for each index the columns that it looks into
        for index, key in zip(indices, keys):
            looked_up.setdefault(index, {})[key] = None
        tables: dict[tuple[Any, ...], list[Value]] = {}
        for index, found in looked_up.items():
            tables.setdefault(tuple(found), []).append(index)
        places: dict[Any, Place] = {}
        for of, rows in tables.items():
            size = len(rows), len(of), len(lists[0])
            table = self._gathered(flat([column[key] for key in of]))
            block = self.builder.make("gather", table, self._gathered(rows), detail=size)
            places.update({at: (block, i) for i, at in enumerate([(row, key) for row in rows for key in of])})
        self.place.update({node: places[at] for node, at in zip(members, zip(indices, keys))})

    def _of_lists(self, rule: Rule, operands: Sequence[Any]) -> Array:
        """A rule of lists (mean, logsumexp, ...): the lists of all members below each other, as groups."""
        groups: list[Array | None] = []
        for lists in operands:
            k = len(lists[0]) if isinstance(lists[0], tuple) else None
            if k != 0:
                rows = self._gathered(flat(lists))
                groups.append(rows if k is None else self.builder.groups(rows, k))
            else:
                groups.append(None)
        args = [x for x in groups if x is not None]
        return self.builder.make(rule, *args, detail=tuple([x is None for x in groups]))


def _kinds(lists: Sequence[Any]) -> int:
    """How many of the lists differ."""
    return len({tuple(map(id, xs)) for xs in lists})
