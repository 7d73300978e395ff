"""From a scalar graph to operations on arrays: nodes that do the same thing at the same depth become one operation.

Nodes are placed in rows: those of one rule, at one depth, with operands of one kind are the rows of one Array. Neurons
that look at the same inputs become a matrix product, for which their weights lie beside each other in one flat vector
of all parameters; what fits no such pattern is gathered row by row.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from .. import graph, ops
from ..rules import Floats, Nary, flat
from ..transforms.tree import leaves_of
from ..value import Value
from .builder import Builder
from .ir import Array

Place = tuple[Array, int]
"""Where the number of a node is: an Array, and a row of it."""

_ANY_CONSTANTS = {"add", "sub", "mul", "div", "one_hot"}
"""Rules whose derivatives don't look at constants: they may have another one in each row."""


@dataclass
class Lowered:
    """The operations that a scalar graph became.

    Args:
        builder: all of them.
        parameters: in the order in which they lie in the flat vector.
        captured: other leaves, whose numbers are read anew in each run.
        inputs: an Array for each argument.
        outputs: the place of each number that the function returned; a float where it is a constant.
    """

    builder: Builder
    parameters: list[Value]
    captured: list[Value]
    inputs: list[Array]
    outputs: list[Place | float] = field(default_factory=list)
    vector: Array | None = None


def lower(output: Any, made: Sequence[Value], arguments: Sequence[Any], parameters: Sequence[Value]) -> Lowered:
    """The operations of a traced function.

    Args:
        output: what it returned: a number or nested lists of them.
        made: all nodes of the trace, in the order of their making.
        arguments: the Traced leaves that it was called with, nested as it wants them.
        parameters: the leaves to differentiate for.
    """
    results = leaves_of(output, "what the function returns")
    reached, leaves = graph.walk([x for x in results if isinstance(x, Value)])
    used = set(reached)
    computed = [node for node in made if node in used]
    examples = [leaves_of(argument, "an argument") for argument in arguments]
    groups = _groups(computed, {x for xs in examples for x in xs})
    builder = Builder()
    order = _laid_out(groups, parameters)
    given = {x for xs in examples for x in xs}.union(order)
    captured = [leaf for leaf in leaves if leaf not in given]
    result = Lowered(builder, order, captured, [])
    place: dict[Value, Place] = {}

    def source(name: str, values: Sequence[Value], detail: Any) -> Array:
        block = builder.make(name, detail=detail)
        place.update({value: (block, i) for i, value in enumerate(values)})
        return block

    for i, xs in enumerate(examples):
        result.inputs.append(source("input", xs, (i, len(xs))))
    if order:
        result.vector = source("vector", order, len(order))
    if captured:
        source("captured", captured, len(captured))
    for members in groups:
        rule: Any = members[0]._rule
        if rule is ops.dot:
            block = _dots(members, place, builder)
        elif isinstance(rule, Nary):
            block = _listed(members, place, builder)
        else:
            columns = zip(*[graph.operands(node) for node in members])
            block = _computed(rule, [_column(column, place, builder) for column in columns], builder)
            block = _repeated(block, len(members), builder)
        place.update({node: (block, i) for i, node in enumerate(members)})
    result.outputs = [place[x] if isinstance(x, Value) else float(x) for x in results]
    return result


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
    rule: Any = node._rule

    def of(x: Any) -> Hashable:
        if isinstance(x, Value):
            return "wide" if x in wide else "narrow"
        return "constant" if rule.name in _ANY_CONSTANTS else (x, str(x))  # str tells 0.0 from -0.0

    if rule is ops.dot:
        ws, xs, b = node._a
        if not wide.isdisjoint(ws) and wide.isdisjoint(xs):
            ws, xs = xs, ws  # a product with weights on the right
        weights = "wide" if not wide.isdisjoint(ws) else "narrow"
        return (
            rule,
            weights,
            tuple(map(id, xs)) if weights == "narrow" else len(xs),
            of(b) if b.__class__ is not float else "constant",
        )
    if isinstance(rule, Nary):
        kinds = ["wide" if not wide.isdisjoint(flat((operand,))) else "narrow" for operand in node._a]
        return rule, *[(len(flat((x,))), kind) for x, kind in zip(node._a, kinds)]
    return rule, *[of(x) for x in graph.operands(node)]


def _laid_out(groups: Sequence[Sequence[Value]], parameters: Sequence[Value]) -> list[Value]:
    """The parameters in the order of the flat vector: the rows of a layer's matrix, with its bias after each."""
    free = dict.fromkeys(parameters)
    order: list[Value] = []
    for members in groups:
        if members[0]._rule is not ops.dot:
            continue
        rows = [[*_weights(node, free), *([node._a[2]] if node._a[2] in free else [])] for node in members]
        widths = {len(row) for row in rows}
        wanted = [p for row in rows for p in row]
        if len(widths) == 1 and len(set(wanted)) == len(wanted) and all(p in free for p in wanted):
            order += wanted
            for p in wanted:
                del free[p]
    return order + list(free)


def _weights(node: Value, free: Any) -> tuple[Any, ...]:
    """The operands of a dot that are parameters: on the left, unless they are on the right."""
    ws, xs, _ = graph.operands(node)
    return tuple(xs if xs and xs[0] in free else ws)


# ---------------------------------------------------------------------------------------------------- their operands


def _column(operands: Sequence[Any], place: dict[Value, Place], builder: Builder) -> Any:
    """One operand of each node of a group, as an Array (or a float) whose rows are in the order of the nodes."""
    if not isinstance(operands[0], Value):
        return builder.column([float(x) for x in operands])
    places = [place[x] for x in operands]
    if len(set(places)) == 1:  # one number for all: a row that serves every row
        block, row = places[0]
        return builder.rows(block, row, row + 1)
    return _gathered(places, builder)


def _computed(rule: Any, columns: Sequence[Any], builder: Builder) -> Any:
    """A rule applied to columns; what is multiplied by 0, or 0 added to, is computed for what isn't finite, and -0."""
    zero = any(isinstance(column, float) and column == 0 for column in columns)
    return (builder.elementwise if zero else builder.apply)(rule, *columns)


def _gathered(places: Sequence[Place], builder: Builder) -> Array:
    """The rows at these places, one below the other: a part of an Array where that will do, else put together."""
    parts = []
    for serial, run in groupby(places, key=lambda at: at[0].serial):
        del serial
        members = list(run)
        block, rows = members[0][0], [row for _, row in members]
        if rows == list(range(rows[0], rows[0] + len(rows))):
            parts.append(builder.rows(block, rows[0], rows[-1] + 1))
        else:
            parts.append(builder.take(block, rows))
    if len(parts) > 8 and len({block.serial for block, _ in places}) < len(parts) / 2:
        # many short runs out of few Arrays: those below each other, and then the rows in order
        blocks = list({block.serial: block for block, _ in places}.values())
        starts, total = {}, 0
        for block in blocks:
            starts[block.serial] = total
            total += block.rows
        return builder.take(builder.stack(blocks), [starts[block.serial] + row for block, row in places])
    return builder.stack(parts)


def _operands(operands: Sequence[Any], place: dict[Value, Place], builder: Builder) -> Array:
    """Values and floats as the rows of an Array."""
    if all(isinstance(x, Value) for x in operands):
        return _gathered([place[x] for x in operands], builder)
    constants = builder.constants([0.0 if isinstance(x, Value) else float(x) for x in operands])
    return _gathered([place[x] if isinstance(x, Value) else (constants, i) for i, x in enumerate(operands)], builder)


def _repeated(x: Any, n: int, builder: Builder) -> Array:
    """n rows that are all the same, unless they are there already."""
    if isinstance(x, Array) and x.rows == n:
        return x
    if not isinstance(x, Array):
        return builder.constants([float(x)] * n)
    return builder.take(x, [0] * n)


# ------------------------------------------------------------------------------------------------ rules of several


def _dots(members: Sequence[Value], place: dict[Value, Place], builder: Builder) -> Array:
    """Neurons: w·x + b of the same inputs x is a matrix product; other products are summed up in groups."""
    sides = [(node._a[0], node._a[1]) for node in members]
    shared = {tuple(map(id, xs)) for _, xs in sides}
    if len(shared) > 1 or (len(members) > 1 and len({tuple(map(id, ws)) for ws, _ in sides}) == 1):
        sides = [(xs, ws) for ws, xs in sides]  # weights on the right
        shared = {tuple(map(id, xs)) for _, xs in sides}
    k, m = len(sides[0][0]), len(members)
    biases = [node._a[2] for node in members]
    if not k:
        return _repeated(_column(biases, place, builder), m, builder)
    ws = _operands([w for ws, _ in sides for w in ws], place, builder)
    if len(shared) > 1 or ws.wide:
        xs = _operands([x for _, xs in sides for x in xs], place, builder)
        products = builder.apply(ops.mul, builder.groups(ws, k), builder.groups(xs, k))
        z = builder.segment_sum(products)
        return _biased(z, biases, place, builder)
    x = _operands(list(sides[0][1]), place, builder)
    if not x.wide:
        products = builder.apply(
            ops.mul, builder.groups(ws, k), builder.groups(x, k) if m == 1 else builder.groups(_tiled(x, m, builder), k)
        )
        return _biased(builder.segment_sum(products), biases, place, builder)
    augmented = _augmented(ws, biases, m, k, place)
    if augmented is not None:
        vector, start = augmented
        matrix = builder.make("matrix", vector, detail=(start, m, k + 1))
        return builder.make("neurons", matrix, x, detail=(m, k))
    return _biased(builder.make("product", ws, x, detail=(m, k)), biases, place, builder)


def _tiled(x: Array, m: int, builder: Builder) -> Array:
    return builder.take(x, list(range(x.rows)) * m)


def _augmented(ws: Array, biases: Sequence[Any], m: int, k: int, place: dict[Value, Place]) -> tuple[Array, int] | None:
    """Where a matrix with its biases as last column begins in the flat vector; None if there is none."""
    if not all(isinstance(b, Value) for b in biases):
        return None
    vector, first = place[biases[0]]
    start = first - k
    if vector.op != "vector" or [place[b] for b in biases] != [(vector, start + i * (k + 1) + k) for i in range(m)]:
        return None
    wanted = [start + i * (k + 1) + j for i in range(m) for j in range(k)]
    if ws.op == "rows":
        (source,), (a, b) = ws.args, ws.detail
        found = list(range(a, b))
    elif ws.op == "take":
        (source,), found = ws.args, list(ws.detail)
    elif ws.op == "stack" and all(part.op == "rows" for part in ws.args):
        source = ws.args[0].args[0]
        if any(part.args[0] is not source for part in ws.args):
            return None
        found = [i for part in ws.args for i in range(*part.detail)]
    else:
        return None
    return (vector, start) if source is vector and found == wanted else None


def _biased(z: Array, biases: Sequence[Any], place: dict[Value, Place], builder: Builder) -> Array:
    if all(not isinstance(b, Value) for b in biases):
        return builder.apply(ops.add, z, builder.column([float(b) for b in biases]))  # type: ignore[no-any-return]
    values = all(isinstance(b, Value) for b in biases)
    column = _column(biases, place, builder) if values else _operands(biases, place, builder)
    return builder.apply(ops.add, z, column)  # type: ignore[no-any-return]


def _listed(members: Sequence[Value], place: dict[Value, Place], builder: Builder) -> Array:
    """A rule of lists (mean, logsumexp, ...): the lists of all members below each other, as groups."""
    rule: Any = members[0]._rule
    groups = []
    for operands in zip(*[node._a for node in members]):
        if operands[0].__class__ in (tuple, Floats):
            rows = _operands([x for operand in operands for x in operand], place, builder)
            k = len(operands[0])
            groups.append(builder.groups(rows, k) if k else None)
        else:
            groups.append(_operands(list(operands), place, builder))
    args = [x for x in groups if x is not None]
    return builder.make(rule, *args, detail=tuple([x is None for x in groups]))
