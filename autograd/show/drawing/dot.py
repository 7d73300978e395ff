"""A picture of a graph in DOT: boxes with numbers, operations, and arrows as wide as the gradients that flow there.

It reads from left to right, or down: the operands, the operation (a small dark node), the result. What is drawn is
decided in extent.py, how it is arranged in arrangement.py.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Container
from itertools import pairwise
from typing import Any, NamedTuple

from ... import edges
from ...notation.short import labels
from ...notation.text import figure, is_number, markup, tooltip
from ...value import Value
from .arrangement import layers, levels, places, runs_down
from .extent import Number, Operation, gradients
from .legend import legend as written_legend
from .looks import CONSTANT, DOWN, EDGE, FADED, GRAPH, KINDS, NEGATIVE, NODE, OUTPUT, POSITIVE, STUB
from .operation import SIGNS, looks

_CLEAR = 4 * "\u00a0"  # after what is written on an arrow: it would run into the head otherwise
_LEGEND_KINDS = {**KINDS, "output": OUTPUT, "plain number": CONSTANT}
_LEGEND_ARROWS = {"positive gradient": POSITIVE, "negative": NEGATIVE, "no gradient": EDGE}


class Paths(NamedTuple):
    """What is highlighted: Values, and arrows between them, each by its result and the place of its operand."""

    values: Container[Value]
    arrows: Container[tuple[Value, int]] | None = None

    def lead(self, result: Value, place: int, operand: Value) -> bool:
        """Whether an arrow is one of them."""
        if self.arrows is None:
            return result in self.values and operand in self.values
        return (result, place) in self.arrows


class Options(NamedTuple):
    """What a picture shows; the names are those of `draw`."""

    local_derivatives: bool = False
    legend: bool = False
    show: str = "both"
    highlight: Paths | None = None
    shared: bool | None = None
    direction: str = "auto"
    full_names: bool = False


class _Arrow(NamedTuple):
    """An arrow: from where to where, what flows back there, the local derivative, and what it says of itself."""

    start: str
    end: str
    flow: Any
    slope: Any
    title: str
    lit: bool


def written(
    numbers: list[Value], operations: list[Operation], outputs: set[Value], options: Options
) -> tuple[str, int]:
    """Some Values and the operations between them, in DOT; and how many boxes there are more than Values."""
    import graphviz

    level = levels(operations)
    down = options.direction == "down" or (options.direction == "auto" and runs_down(level))
    picture = graphviz.Digraph(graph_attr={**GRAPH, **DOWN} if down else GRAPH, node_attr=NODE, edge_attr=EDGE)
    if options.legend:
        picture.attr(label=written_legend(_LEGEND_KINDS, _LEGEND_ARROWS), labelloc="b")
    at = places(operations, level, options.shared)
    columns: dict[Value, dict[int, None]] = {}
    for (leaf, _), time in at.items():
        columns.setdefault(leaf, {})[time] = None
    called, received, lit = labels(numbers, options.full_names), gradients(numbers), options.highlight
    uses = Counter(x for operation in operations for x in operation.operands)
    names = {number: f"n{i}" for i, number in enumerate(numbers)}
    for number, name in names.items():
        kind = "computed" if number.op else getattr(type(number), "kind", "input")
        boxed = {**KINDS.get(kind, KINDS["input"]), **(OUTPUT if number in outputs else {})}
        if lit is not None and number not in lit.values:
            boxed |= FADED
        inside = _box(called[number], number.data, received[number], options.show, down)
        for place in [f"{name}at{time}" for time in columns.get(number, ())] or [name]:
            picture.node(place, inside, tooltip=tooltip(f"{kind}: {number!r}"), **boxed)
    given: dict[Number, str] = {}
    arrows: list[_Arrow] = []
    for i, (made, result, sources) in enumerate(operations):
        operation, alone = (
            f"op{i}",
            all(uses[x] == 1 for x in sources),
        )  # for a shared one, Graphviz finds the best place
        made_lit = lit is None or result in lit.values
        dark = looks(made, len(sources), down, not made_lit) | ({"ordering": "in"} if alone else {})
        picture.node(operation, tooltip=tooltip(edges.describe(made)), **dark)
        slopes, sign = iter(enumerate(_slopes(made))), SIGNS.get(made.op, made.op)
        for j, x in enumerate(sources):
            end = f"{operation}:{j}:{'n' if down else 'w'}" if dark["shape"] == "plain" else operation
            if isinstance(x, Number):
                if x not in given:
                    given[x] = f"c{len(given)}"
                    grey = CONSTANT if lit is None else {**CONSTANT, **FADED}
                    picture.node(given[x], figure(x.number), tooltip=tooltip(f"number: {x.number!r}"), **grey)
                arrows.append(_Arrow(given[x], end, None, None, f"from {figure(x.number)} to {sign}", lit is None))
                continue
            k, slope = next(slopes)
            flow = _times(slope, received[result])
            start = f"{names[x]}at{at[x, i]}" if (x, i) in at else names[x]
            title = f"from {_called(called.get(x), x)} to {sign}{_said(flow, slope)}"
            arrows.append(_Arrow(start, end, flow, slope, title, lit is None or lit.lead(result, k, x)))
        title = f"from {sign} to {_called(called[result], result)}{_said(received[result])}"
        arrows.append(_Arrow(operation, names[result], received[result], None, title, made_lit))
    drawn = {operation.result for operation in operations}
    for number, name in names.items():
        if number.op and number not in drawn:
            picture.node(f"{name}cut", "…", tooltip="the graph goes on here", **STUB)
            title = f"from the part that is not drawn to {_called(called[number], number)}"
            arrows.append(_Arrow(f"{name}cut", name, received[number], None, title, lit is None))
    flows = [arrow.flow for arrow in arrows]
    most = max([abs(flow) for flow in flows if is_number(flow) and math.isfinite(flow)], default=0.0)
    for arrow in arrows:
        text = f"∂ {figure(arrow.slope)}{_CLEAR}" if options.local_derivatives and arrow.slope is not None else None
        drawn_as = {} if options.show == "data" else flowing(arrow.flow, most)
        if not arrow.lit:
            drawn_as |= {"color": FADED["color"], "fontcolor": FADED["fontcolor"]}
        picture.edge(arrow.start, arrow.end, text, tooltip=tooltip(arrow.title), **drawn_as)
    for layer in layers(operations):
        with picture.subgraph() as rank:
            rank.attr(rank="same")
            for i, j in pairwise(layer):
                rank.edge(f"op{i}", f"op{j}", style="invis")
    return str(picture.source), sum(len(times) - 1 for times in columns.values())


def _box(label: str, data: float, grad: Any, show: str, down: bool) -> str:
    """The inside of a node: its label, if any, beside its data and grad; no number for a grad that is None."""
    rows = [
        f'<td align="left"><font point-size="16">{name}</font></td><td align="left">{x}</td>'
        for name, x in (("data", figure(data)), ("grad", "" if grad is None else figure(grad)))
        if show in ("both", name)
    ]
    rows = ["".join(rows)] if down else rows
    table = '<table border="0" cellborder="0" cellspacing="0" cellpadding="3">'
    head = (
        f'<td rowspan="{len(rows)}" border="1" sides="r" cellpadding="8"><b>{markup(label)}</b></td>' if label else ""
    )
    return f"<{table}<tr>{head}{'</tr><tr>'.join(rows)}</tr></table>>"


def flowing(flow: Any, most: float) -> dict[str, str]:
    """Width, colour and dashes of an arrow by the gradient that flows there, where `most` is the largest."""
    if not is_number(flow) or flow == 0 or math.isnan(flow):
        return {}
    share = min(abs(flow) / most, 1.0) if most else 1.0
    return {**(POSITIVE if flow > 0 else NEGATIVE), "penwidth": f"{1.5 + 5 * share:.2f}"}


def _called(label: str | None, number: Value) -> str:
    return label or figure(number.data)


def _said(flow: Any, slope: Any = None) -> str:
    """What flows on an arrow, in words."""
    said = "" if slope is None else f", local derivative {figure(slope)}"
    return f"{said}, gradient {figure(flow)}" if is_number(flow) else said


def _slopes(node: Value) -> list[Any]:
    """The local derivatives of a node, one for each operand that is a Value; Nones where there are none."""
    try:
        return [slope for _, slope in edges.slopes(node)]
    except (ValueError, ArithmeticError):  # it isn't differentiable there, or not in floats
        return [None for _ in node.parents]


def _times(slope: Any, gradient: Any) -> Any:
    """What flows back to an operand; None where either is something else than a number, as in checkpoint."""
    return slope * gradient if is_number(slope) and is_number(gradient) else None
