"""Which part of a graph a picture shows: how far back it goes, and how many numbers and operations there are."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import accumulate
from typing import Any, NamedTuple

from ... import edges, graph, ops
from ...basics.groups import Floats, flat
from ...modes import mode
from ...value import Value

MOST_ARROWS = 3000
"""So many take Graphviz some ten seconds, twice as many minutes."""


class Number(NamedTuple):
    """A plain number of the picture, and where it stands.

    Each use of a number has a place of its own; the numbers of an example have one for all neurons that look at them.
    """

    place: tuple[int, int]
    number: float


class Operation(NamedTuple):
    """An operation of the picture.

    Args:
        made: the Value that has its rule.
        result: the one that stands for its result.
        operands: what the arrows to it come from, in order.
    """

    made: Value
    result: Value
    operands: list[Value | Number]


class Extent(NamedTuple):
    """What a picture shows.

    Args:
        values: the nearest to the outputs first.
        computed: those of them whose operations are drawn.
        sizes: how many numbers, the plain ones included, there are at each distance from the outputs.
        hidden: how many of these numbers are inside of expanded `dot` nodes only.
    """

    values: list[Value]
    computed: list[Value]
    sizes: list[int]
    hidden: int

    @property
    def arrows(self) -> int:
        """How many arrows the picture has: from each operand of an operation, and to its result."""
        return sum(len(operands(node)) + 1 for node in self.computed) + 2 * self.hidden

    @property
    def size(self) -> int:
        """How many numbers the picture shows."""
        return sum(self.sizes)

    def refuse_if_larger(self, most: int) -> None:
        """A `ValueError` if the picture shows more numbers than that; it says what to draw instead."""
        if self.size <= most:
            return
        values, operations = len(self.values) + self.hidden, len(self.computed) + self.hidden
        deepest = sum(total <= most for total in accumulate(self.sizes)) - 1
        part = "fewer outputs, or one operand alone with draw(value.parents[0])"
        if deepest > 0:
            part = f"a part of it with depth={min(deepest, 10)} (operations back from the output)"
            part += " or until=[...] (Values not to look behind)"
        whole = f"max_nodes={self.size} draws all of it"
        if self.size > MOST_ARROWS or self.arrows > MOST_ARROWS:
            whole = "Graphviz would take minutes for all of it"
        if any(getattr(type(x), "kind", "") == "parameter" for x in self.values):
            part += "; or the network's layers, draw(model)"
        raise ValueError(
            f"the graph to draw has {values:,} Values, {self.size - values:,} plain numbers and {operations:,}"
            f" operations, too many to read (max_nodes={most}): draw {part}; {whole}"
        )

    def operations(self, expand: bool) -> list[Operation]:
        """What is drawn between the numbers, in the order in which one reads: the first operands first."""
        parts = [part for node in self.computed for part in (_expanded(node) if expand else [_whole(node)])]
        by_result = {part.result: part for part in parts}
        left = dict(by_result)
        stack: list[Any] = [x for x in reversed(self.values) if x in by_result]
        found: list[Operation] = []
        while stack:
            x = stack.pop()
            if isinstance(x, Operation):
                found.append(x)
            elif part := left.pop(x, None):
                stack += [part, *reversed([y for y in part.operands if y in left])]
        return found

    def numbers(self, operations: Iterable[Operation]) -> list[Value]:
        """The Values of the picture in the same order, those inside of expanded nodes among them."""
        read = [x for part in operations for x in (*part.operands, part.result) if isinstance(x, Value)]
        return list(dict.fromkeys([*read, *self.values]))


def extent(outputs: list[Value], depth: int | None, until: list[Value], expand: bool) -> Extent:
    """Go back from the outputs: so many operations, and not behind the Values in `until`."""
    distance: dict[Value | Number, int] = dict.fromkeys(outputs, 0)
    values, ends = list(outputs), set(until)
    computed = []
    sizes = [len(outputs)]
    hidden = 0
    for node in values:  # the list grows on the way
        if not node.op or node in ends or distance[node] == depth:
            continue
        computed.append(node)
        here = distance[node] + 1
        if here == len(sizes):
            sizes.append(0)
        for x in reversed(operands(node)):
            if x in distance:
                continue
            distance[x] = here
            sizes[here] += 1
            if not isinstance(x, Number):
                values.append(x)
        if expand:
            sizes[here] += _count(node) - 1
            hidden += _count(node) - 1
    return Extent(values, computed, sizes, hidden)


def operands(node: Value) -> list[Value | Number]:
    """The operands of a node in order, without the bias of a `dot` that has none."""
    found: list[Value | Number] = []
    for i, group in enumerate(graph.operands(node)):
        if group.__class__ is Floats:
            found += [Number((id(group), j), x) for j, x in enumerate(group)]
        else:
            found += [Number((id(node), i), x) if x.__class__ is float else x for x in flat([group])]
    last = found[-1] if found else None
    return found[:-1] if edges.rule(node) is ops.dot and isinstance(last, Number) and last.number == 0 else found


def _opens(node: Value) -> bool:
    """Whether the node is a `dot` with products in it, rather than one of plain numbers only."""
    if edges.rule(node) is not ops.dot:
        return False
    ws, xs, _ = graph.operands(node)
    return bool(ws) and not (ws.__class__ is Floats and xs.__class__ is Floats)


def _count(node: Value) -> int:
    """How many operations the node is in an expanded picture: the products of a `dot`, their sum, and the bias."""
    n = len(graph.operands(node)[0]) if _opens(node) else 0
    return len(operands(node)) - n + (n > 1) if n else 1


def _whole(node: Value) -> Operation:
    return Operation(node, node, operands(node))


def _expanded(node: Value) -> list[Operation]:
    """The operations that `_count` counts, from the node back, with the gradients that flow there."""
    if not _opens(node):
        return [_whole(node)]
    given = operands(node)
    ws, xs, bias = graph.operands(node)
    n = len(ws)
    with mode(no_grad=False, journal=None):
        products = [ops.mul(w, x) for w, x in zip(ws, xs)]
        total = products[0] if n == 1 else ops.sum(tuple(products))
        top = total if len(given) == 2 * n else ops.add(total, bias)
    made: dict[Value, list[Any]] = {top: [total, given[-1]]}
    made |= {total: products} | {product: [given[i], given[n + i]] for i, product in enumerate(products)}
    top.grad = node.grad
    for part in made:
        for parent, slope in edges.slopes(part):
            if parent in made:  # w, x and bias have their gradients already
                parent.grad = slope * part.grad
    return [Operation(part, node if part is top else part, sources) for part, sources in made.items()]


def gradients(numbers: Iterable[Value]) -> dict[Value, Any]:
    """The gradient of each Value, which is no number for a checkpoint, and None for all if there was no backward().

    Before that all are 0; after it, that of the Value that it was called on is 1.
    """
    found = {x: getattr(x, "received", x.grad) for x in numbers}
    return found if any(gradient != 0.0 for gradient in found.values()) else dict.fromkeys(found)
