"""A picture of a graph in DOT: boxes with numbers, operations, and arrows as wide as the gradients that flow there.

It reads from left to right: the operands, the operation (a small dark node), the result. What is drawn is decided in
extent.py.
"""

from __future__ import annotations

import math
from collections import Counter
from typing import Any

from ... import edges, graph
from ...notation.text import figure, is_number, markup, tooltip
from ...value import Value
from .extent import Operation, operands
from .legend import legend as written_legend
from .looks import CONSTANT, EDGE, GRAPH, KINDS, NEGATIVE, NODE, OUTPUT, POSITIVE, STUB
from .operation import looks

_CLEAR = 4 * "\u00a0"  # after what is written on an arrow: it would run into the head otherwise
_LEGEND_KINDS = {**KINDS, "output": OUTPUT, "plain number": CONSTANT}
_LEGEND_ARROWS = {"positive gradient": POSITIVE, "negative": NEGATIVE, "no gradient": EDGE}


def written(
    numbers: list[Value], operations: list[Operation], outputs: set[Value], local_derivatives: bool, legend: bool
) -> str:
    """Some Values and the operations between them, in DOT."""
    import graphviz

    picture = graphviz.Digraph(graph_attr=GRAPH, node_attr=NODE, edge_attr=EDGE)
    if legend:
        picture.attr(label=written_legend(_LEGEND_KINDS, _LEGEND_ARROWS), labelloc="b")
    names = {number: f"n{i}" for i, number in enumerate(numbers)}
    for number, name in names.items():
        kind = "computed" if number.op else getattr(type(number), "kind", "input")
        boxed = {**KINDS.get(kind, KINDS["input"]), **(OUTPUT if number in outputs else {})}
        picture.node(name, _box(number), tooltip=tooltip(f"{kind}: {number!r}"), **boxed)
    uses = Counter(x for made, _ in operations for x in graph.parents(made))
    arrows: list[tuple[str, str, Any, Any]] = []  # from, to, what flows back, local derivative
    for i, (made, result) in enumerate(operations):
        operation = f"op{i}"
        given = operands(made)
        dark = looks(made, len(given))
        alone = all(uses[x] == 1 for x in graph.parents(made))  # of a shared operand, Graphviz finds the best place
        order = {"ordering": "in"} if alone else {}
        picture.node(operation, tooltip=tooltip(edges.describe(made)), **dark, **order)
        slopes = iter(_slopes(made))
        for j, x in enumerate(given):
            place = f"{operation}:{j}:w" if dark["shape"] == "plain" else operation
            if x.__class__ is float:
                constant = f"{operation}c{j}"
                picture.node(constant, figure(x), tooltip=tooltip(f"number: {x!r}"), **CONSTANT)
                arrows.append((constant, place, None, None))
            else:
                slope = next(slopes)
                arrows.append((names[x], place, _times(slope, _received(result)), slope))
        arrows.append((operation, names[result], _received(result), None))
    drawn = {operation.result for operation in operations}
    for number, name in names.items():
        if number.op and number not in drawn:
            picture.node(f"{name}cut", "…", tooltip="the graph goes on here", **STUB)
            arrows.append((f"{name}cut", name, _received(number), None))
    most = max([abs(flow) for _, _, flow, _ in arrows if is_number(flow) and math.isfinite(flow)], default=0.0)
    for start, end, flow, slope in arrows:
        text = f"∂ {figure(slope)}{_CLEAR}" if local_derivatives and slope is not None else None
        picture.edge(start, end, text, **_arrow(flow, most))
    return str(picture.source)


def _box(number: Value) -> str:
    """The inside of a node: its label, if any, beside its data and grad."""
    label = f'<td rowspan="2" border="1" sides="r" cellpadding="8"><b>{markup(number.label)}</b></td>'
    rows = [
        f'<td align="left"><font point-size="16">{name}</font></td><td align="left">{figure(x)}</td>'
        for name, x in (("data", number.data), ("grad", _received(number)))
    ]
    table = '<table border="0" cellborder="0" cellspacing="0" cellpadding="3">'
    return f"<{table}<tr>{label if number.label else ''}{rows[0]}</tr><tr>{rows[1]}</tr></table>>"


def _arrow(flow: Any, most: float) -> dict[str, str]:
    """Width, colour and dashes of an arrow by the gradient that flows there, where `most` is the largest."""
    if not is_number(flow) or flow == 0 or math.isnan(flow):
        return {}
    share = min(abs(flow) / most, 1.0) if most else 1.0
    return {**(POSITIVE if flow > 0 else NEGATIVE), "penwidth": f"{1.5 + 5 * share:.2f}"}


def _slopes(node: Value) -> list[Any]:
    """The local derivatives of a node, one for each operand that is a Value; Nones where there are none."""
    try:
        return [slope for _, slope in edges.slopes(node)]
    except (ValueError, ArithmeticError):  # it isn't differentiable there, or not in floats
        return [None for _ in graph.parents(node)]


def _times(slope: Any, gradient: Any) -> Any:
    """What flows back to an operand; None where either is something else than a number, as in checkpoint."""
    return slope * gradient if is_number(slope) and is_number(gradient) else None


def _received(node: Value) -> Any:
    """The gradient of a node; that of a checkpoint is no number."""
    return getattr(node, "received", node.grad)
