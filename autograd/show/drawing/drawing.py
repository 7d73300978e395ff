"""Drawings of graphs: from a Value to DOT, with the gradients that flow there. No derivative stands here.

A picture reads from left to right: the operands, the operation (a small dark node), the result. How DOT becomes SVG,
PNG or PDF is in rendering.py.
"""

from __future__ import annotations

import math
import os
from base64 import b64encode
from collections import Counter
from collections.abc import Sequence
from itertools import accumulate
from numbers import Integral
from pathlib import Path
from typing import Any, NamedTuple

from ... import graph, ops
from ...basics.files import checked, write_whole
from ...basics.messages import shown
from ...modes import mode
from ...notation.text import figure, is_number, markup, tooltip
from ...rules import Floats, flat
from ...value import Value
from .legend import legend as explained
from .looks import CONSTANT, EDGE, GRAPH, KINDS, NEGATIVE, NODE, OPERATION, OUTPUT, POSITIVE, STUB
from .rendering import render

_CLEAR = 4 * "\u00a0"  # after what is written on an arrow: it would run into the head otherwise
_LEGEND_KINDS = {**KINDS, "output": OUTPUT, "plain number": CONSTANT}
_LEGEND_ARROWS = {"positive gradient": POSITIVE, "negative": NEGATIVE, "no gradient": EDGE}


class Drawing:
    """A picture of a graph: it shows itself in a notebook, and `save` writes it to a file.

    Args:
        source: the graph in the DOT language.
        nodes: how many numbers the picture shows.
        operations: how many operations it shows.
    """

    def __init__(self, source: str, nodes: int, operations: int) -> None:
        self.source = source
        self.nodes = nodes
        self.operations = operations

    def svg(self) -> str:
        """The picture as an SVG document.

        Raises:
            ImportError: if there is no Graphviz on the machine; the message names the command that installs it.
        """
        return render(self.source, "svg").decode()

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the picture to a file; a file that was there stays as it is until the new one is complete.

        Args:
            path: the file's name. Its ending says what is written: .svg, .png, .pdf, or .dot or .gv for the DOT source.

        Returns:
            The path.

        Raises:
            ValueError: if the ending is another one.
            ImportError: if there is no Graphviz on the machine; .dot and .gv don't need it.
            OSError: if the file can't be written.
        """
        path = checked(path)
        ending = path.suffix.lower()
        if ending not in (".svg", ".png", ".pdf", ".dot", ".gv"):
            raise ValueError(f"path must end in .svg, .png, .pdf, .dot or .gv, got {shown(str(path))}")
        content = self.source.encode() if ending in (".dot", ".gv") else render(self.source, ending[1:])
        write_whole(path, content)
        return path

    def __repr__(self) -> str:
        nodes = f"{self.nodes} node{'s' * (self.nodes != 1)}"
        operations = f"{self.operations} operation{'s' * (self.operations != 1)}"
        return f"<Drawing of {nodes} and {operations}>"

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> tuple[dict[str, str], dict[str, Any]]:
        try:
            png = render(self.source, "png")
            pictures = {"image/svg+xml": self.svg(), "image/png": b64encode(png).decode()}
        except ImportError as error:  # a notebook shows the way out, not a traceback
            return {"text/plain": f"{self!r}\n{error}"}, {}
        # SVG is sharper, but JupyterLab doesn't show it in a notebook that came from elsewhere and wasn't run yet
        width = int.from_bytes(png[16:20], "big") * 2 // 3  # from two pixels a point to the browser's 96 an inch
        return {"text/plain": repr(self), **pictures}, {"image/png": {"width": width}}


def draw(
    value: Value | Sequence[Value],
    *,
    local_derivatives: bool = False,
    expand: bool = False,
    depth: int | None = None,
    until: Value | Sequence[Value] = (),
    max_nodes: int = 300,
    legend: bool = False,
) -> Drawing:
    """Draw the graph that a Value was computed by, with the gradients that the last `backward()` left in it.

    Inputs have rounded boxes, parameters double ones, outputs a thick frame; plain numbers are grey. The width of an
    arrow is the gradient that flows there, compared with the most in the picture; it is blue where that is positive,
    orange and dashed where it is negative, grey where there is none. The dots … stand for a part that was left out.

    Args:
        value: a Value, or a list of several to be drawn in one picture.
        local_derivatives: True writes on the arrow from an operand to an operation the derivative of the result with
            respect to that operand alone.
        expand: True shows the multiplications and additions in each `dot` node.
        depth: how many operations to go back from the output; None for all.
        until: a Value, or a list of them, that the picture doesn't look behind.
        max_nodes: how many numbers a picture may show at most, Values and plain ones together.
        legend: True explains the boxes and arrows at the lower edge of the picture.

    Returns:
        The picture. A number is shown in full where four digits are enough, otherwise rounded to four.

    Raises:
        TypeError: if `value` or `until` is, or holds, anything but Values.
        ValueError: if the picture would have more than `max_nodes` numbers (the message says how many, and how to draw
            a part), if the list is empty, or if `depth` or `max_nodes` is not a number of things.

    >>> a, b = Value(2.0, label="a"), Value(1.0, label="b")
    >>> e = (a + b) * (b + 1)
    >>> e.backward()
    >>> draw(e)
    <Drawing of 6 nodes and 3 operations>
    """
    outputs = _values(value, "value")
    if not outputs:
        raise ValueError("value must be a Value or a list of Values, got an empty list")
    for name, given, least in (("depth", 0 if depth is None else depth, 0), ("max_nodes", max_nodes, 1)):
        if not isinstance(given, Integral) or given < least:
            raise ValueError(f"{name} must be a whole number, {least} or more, got {shown(given)}")
    values, opened, sizes, hidden = _reach(outputs, depth, _values(until, "until"), expand)
    _refuse_if_too_large(sizes, len(values) + hidden, len(opened) + hidden, max_nodes)
    operations = [part for node in opened for part in (_inside(node) if expand else [_Operation(node, node)])]
    numbers = list(dict.fromkeys([*values, *(operation.result for operation in operations)]))
    source = _dot(numbers[::-1], operations[::-1], set(outputs), local_derivatives, legend)
    return Drawing(source, sum(sizes), len(operations))


# ------------------------------------------------------------------------------------- which part of the graph is drawn


class _Operation(NamedTuple):
    """An operation of the picture: the Value that has its rule and operands, and the one that stands for its result."""

    made: Value
    result: Value


def _values(given: Any, name: str) -> list[Value]:
    """The Values in an argument, each once."""
    if isinstance(given, Value):
        return [given]
    if not isinstance(given, (list, tuple)):
        raise TypeError(f"{name} must be a Value or a list of Values, got {shown(given)} ({type(given).__name__})")
    for i, x in enumerate(given):
        if not isinstance(x, Value):
            raise TypeError(f"{name} must hold Values only, got {shown(x)} ({type(x).__name__}) at place {i}")
    return list(dict.fromkeys(given))


def _reach(
    outputs: list[Value], depth: int | None, until: list[Value], expand: bool
) -> tuple[list[Value], list[Value], list[int], int]:
    """Go back from the outputs, the nearest Values first.

    Returns:
        The Values; those of them whose operations are to be drawn; how many numbers, the plain ones included, there are
        at each distance from the outputs; and how many of them are only to be seen in expanded `dot` nodes.
    """
    distance = dict.fromkeys(outputs, 0)
    values, ends = list(outputs), set(until)
    opened = []
    sizes = [len(outputs)]
    hidden = 0
    for node in values:  # the list grows on the way
        if node._rule is None or node in ends or distance[node] == depth:
            continue
        opened.append(node)
        here = distance[node] + 1
        if here == len(sizes):
            sizes.append(0)
        for x in reversed(_operands(node)):
            if x.__class__ is float:
                sizes[here] += 1  # each use of a plain number has a place of its own in the picture
            elif x not in distance:
                distance[x] = here
                sizes[here] += 1
                values.append(x)
        if expand:
            sizes[here] += _steps(node) - 1
            hidden += _steps(node) - 1
    return values, opened, sizes, hidden


def _operands(node: Value) -> list[Any]:
    """The operands of a node in order, without the bias of a `dot` that has none."""
    found = flat(graph.operands(node))
    return found[:-1] if node._rule is ops.dot and found[-1].__class__ is float and found[-1] == 0 else found


def _refuse_if_too_large(sizes: list[int], values: int, operations: int, max_nodes: int) -> None:
    size = sum(sizes)
    if size <= max_nodes:
        return
    deepest = sum(total <= max_nodes for total in accumulate(sizes)) - 1
    if deepest > 0:
        part = (
            f"a part of it with depth={min(deepest, 10)} (operations back from the output) or until=[...] (Values not"
        )
        part += " to look behind)"
    else:
        part = "fewer outputs, or one operand alone with draw(value.parents[0])"
    raise ValueError(
        f"the graph to draw has {values:,} Values, {size - values:,} plain numbers and {operations:,} operations, too"
        f" many to read (max_nodes={max_nodes}): draw {part}; max_nodes={size} draws all of it, if Graphviz can"
    )


def _opens(node: Value) -> bool:
    """Whether the node is a `dot` with products in it, rather than one of plain numbers only."""
    if node._rule is not ops.dot:
        return False
    ws, xs, _ = graph.operands(node)
    return bool(ws) and not (ws.__class__ is Floats and xs.__class__ is Floats)


def _steps(node: Value) -> int:
    """How many operations the node is in an expanded picture: the products of a `dot`, their sum, and the bias."""
    n = len(graph.operands(node)[0]) if _opens(node) else 0
    return len(_operands(node)) - n + (n > 1) if n else 1


def _inside(node: Value) -> list[_Operation]:
    """What `_steps` counts, from the node back, with the gradients that flow there."""
    if not _opens(node):
        return [_Operation(node, node)]
    ws, xs, bias = graph.operands(node)
    with mode(no_grad=False, journal=None):
        products = [ops.mul(w, x) for w, x in zip(ws, xs)]
        total = products[0] if len(products) == 1 else ops.sum(tuple(products))
        top = total if len(_operands(node)) == 2 * len(products) else ops.add(total, bias)
    made = dict.fromkeys((top, total, *products))  # an ordered set
    top._grad = node._grad
    for part in made:
        for parent, slope in graph.slopes(part):
            if parent in made:  # w, x and bias have their gradients already
                parent._grad = slope * part._grad
    return [_Operation(part, node if part is top else part) for part in made]


# ---------------------------------------------------------------------------------------------------------------- DOT


def _dot(
    numbers: list[Value], operations: list[_Operation], outputs: set[Value], local_derivatives: bool, legend: bool
) -> str:
    """The picture of some Values and operations between them, in DOT."""
    import graphviz

    picture = graphviz.Digraph(graph_attr=GRAPH, node_attr=NODE, edge_attr=EDGE)
    if legend:
        picture.attr(label=explained(_LEGEND_KINDS, _LEGEND_ARROWS), labelloc="b")
    names = {number: f"n{i}" for i, number in enumerate(numbers)}
    for number, name in names.items():
        kind = "computed" if number._rule is not None else getattr(type(number), "kind", "input")
        looks = {**KINDS.get(kind, KINDS["input"]), **(OUTPUT if number in outputs else {})}
        picture.node(name, _box(number), tooltip=tooltip(f"{kind}: {number!r}"), **looks)
    uses = Counter(x for made, _ in operations for x in graph.parents(made))
    edges: list[tuple[str, str, Any, Any]] = []  # from, to, what flows back, local derivative
    for i, (made, result) in enumerate(operations):
        operation = f"op{i}"
        alone = all(uses[x] == 1 for x in graph.parents(made))  # of a shared operand, Graphviz finds the best place
        order = {"ordering": "in"} if alone else {}
        picture.node(operation, f"<{markup(made.op)}>", tooltip=tooltip(graph.describe(made)), **OPERATION, **order)
        slopes = iter(_slopes(made))
        for j, x in enumerate(_operands(made)):
            if x.__class__ is float:
                constant = f"{operation}c{j}"
                picture.node(constant, figure(x), tooltip=tooltip(f"number: {x!r}"), **CONSTANT)
                edges.append((constant, operation, None, None))
            else:
                slope = next(slopes)
                edges.append((names[x], operation, _times(slope, result._grad), slope))
        edges.append((operation, names[result], result._grad, None))
    drawn = {operation.result for operation in operations}
    for number, name in names.items():
        if number._rule is not None and number not in drawn:
            picture.node(f"{name}cut", "…", tooltip="the graph goes on here", **STUB)
            edges.append((f"{name}cut", name, number._grad, None))
    most = max([abs(flow) for _, _, flow, _ in edges if is_number(flow) and math.isfinite(flow)], default=0.0)
    for start, end, flow, slope in edges:
        text = f"∂ {figure(slope)}{_CLEAR}" if local_derivatives and slope is not None else None
        picture.edge(start, end, text, **_arrow(flow, most))
    return str(picture.source)


def _box(number: Value) -> str:
    """The inside of a node: its label, if any, beside its data and grad."""
    label = f'<td rowspan="2" border="1" sides="r" cellpadding="8"><b>{markup(number.label)}</b></td>'
    rows = [
        f'<td align="left"><font point-size="16">{name}</font></td><td align="left">{figure(x)}</td>'
        for name, x in (("data", number._data), ("grad", number._grad))
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
        return [slope for _, slope in graph.slopes(node)]
    except (ValueError, ArithmeticError):  # it isn't differentiable there, or not in floats
        return [None for _ in graph.parents(node)]


def _times(slope: Any, gradient: Any) -> Any:
    """What flows back to an operand; None where either is something else than a number, as in checkpoint."""
    return slope * gradient if is_number(slope) and is_number(gradient) else None
