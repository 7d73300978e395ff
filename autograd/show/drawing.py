"""Drawings of graphs: from a Value to DOT, with the gradients that flow there. No derivative stands here.

A picture reads from left to right: the operands, the operation (a small dark node), the result. How DOT becomes SVG,
PNG or PDF is in rendering.py.

How to read the picture:

    rounded box, blue               an input: a leaf that nothing learns
    double box, yellow              a parameter
    plain box, white                a computed number; the output has a thick frame
    small grey text                 a plain number
    wide arrow                      much gradient flows here, in proportion to the most that flows in the picture
    blue, solid arrow               the gradient is positive: the output grows with this number
    orange, dashed arrow            the gradient is negative
    thin grey arrow                 no gradient flows here
    …                               the picture is cut here; the graph goes on
"""

from __future__ import annotations

import html
import math
import os
import re
from itertools import accumulate
from pathlib import Path
from typing import Any, NamedTuple

from .. import graph, ops
from ..modes import mode
from ..rules import flat
from ..value import Value
from .rendering import render

_FONT = "Helvetica,Arial,sans-serif"
_GRAPH = {"rankdir": "LR", "nodesep": "0.2", "ranksep": "0.35", "pad": "0.1", "bgcolor": "white", "fontname": _FONT}
_NODE = {"fontname": _FONT, "fontsize": "22", "shape": "box", "style": "filled", "fillcolor": "white",
         "margin": "0.06,0.04", "height": "0", "width": "0"}  # fmt: skip
_EDGE = {"fontname": _FONT, "fontsize": "22", "color": "#757575", "penwidth": "1.5", "arrowsize": "0.8"}

# Shapes and frames tell the kinds apart where colours don't: in print, and for the colour-blind.
_KINDS = {
    "input": {"style": "filled,rounded", "fillcolor": "#cfe8fc"},
    "parameter": {"peripheries": "2", "fillcolor": "#ffd966"},
    "computed": {},
}
_OUTPUT = {"penwidth": "5"}
_CONSTANT = {"shape": "plain", "fillcolor": "#dddddd", "fontsize": "20"}
_OPERATION = {"shape": "ellipse", "fillcolor": "#333333", "fontcolor": "white", "fontsize": "24", "margin": "0.04,0"}
_STUB = {"style": "dashed", "shape": "ellipse", "fontsize": "24", "margin": "0.04,0"}

# blue and vermilion of the palette of Okabe & Ito (2008), which the colour-blind tell apart
_POSITIVE = {"color": "#0072b2"}
_NEGATIVE = {"color": "#d55e00", "style": "dashed"}


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
        path = Path(path)
        ending = path.suffix.lower()
        if ending not in (".svg", ".png", ".pdf", ".dot", ".gv"):
            raise ValueError(f"path must end in .svg, .png, .pdf, .dot or .gv, got {str(path)!r}")
        content = self.source.encode() if ending in (".dot", ".gv") else render(self.source, ending[1:])
        unfinished = path.with_name(f".{path.name}.{os.getpid()}")
        try:
            unfinished.write_bytes(content)
            unfinished.replace(path)
        finally:
            unfinished.unlink(missing_ok=True)
        return path

    def __repr__(self) -> str:
        return f"<Drawing of {_counted(self.nodes, self.operations)}>"

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        try:
            return {"text/plain": repr(self), "image/svg+xml": self.svg()}
        except ImportError as error:  # a notebook shows the way out, not a traceback
            return {"text/plain": f"{self!r}\n{error}"}


def draw(
    value: Value | list[Value] | tuple[Value, ...],
    *,
    local_derivatives: bool = False,
    expand: bool = False,
    depth: int | None = None,
    until: Value | list[Value] | tuple[Value, ...] = (),
    max_nodes: int = 300,
) -> Drawing:
    """Draw the graph that a Value was computed by, with the gradients that the last `backward()` left in it.

    Blue arrows carry positive gradients, dashed orange ones negative gradients, the wider the more. Inputs have rounded
    boxes, parameters double ones, outputs a thick frame.

    Args:
        value: a Value, or a list of several to be drawn in one picture.
        local_derivatives: True writes on the arrow from an operand to an operation the derivative of the result with
            respect to that operand alone.
        expand: True shows the multiplications and additions in each `dot` node.
        depth: how many operations to go back from the output; None for all.
        until: a Value, or a list of them, that the picture doesn't look behind.
        max_nodes: the most numbers that a picture may show.

    Returns:
        The picture. A number is shown in full where four digits are enough, otherwise rounded to four.

    Raises:
        TypeError: if `value` or `until` is, or holds, anything but Values.
        ValueError: if the picture would have more than `max_nodes` numbers (the message says how many, and how to draw
            a part), if the list is empty, or if `depth` is negative.

    >>> a, b = Value(2.0, label="a"), Value(1.0, label="b")
    >>> e = (a + b) * (b + 1)
    >>> e.backward()
    >>> draw(e)
    <Drawing of 6 nodes and 3 operations>
    """
    outputs = _values(value, "value")
    if not outputs:
        raise ValueError("value must be a Value or a list of Values, got an empty list")
    if depth is not None and depth < 0:
        raise ValueError(f"depth must be 0 or more, or None for the whole graph, got {depth}")
    level, opened, sizes = _reach(outputs, depth, _values(until, "until"))
    _refuse_if_too_large(sizes, len(opened), max_nodes)
    operations = [_Operation(node, node) for node in opened]
    if expand:
        inner = {node: _inside(node) for node in opened if node._rule is ops.dot_rule}
        operations = [part for node in opened for part in inner.get(node, [_Operation(node, node)])]
        for node, parts in inner.items():
            sizes[level[node] + 1] += len(parts) - 1
        _refuse_if_too_large(sizes, len(operations), max_nodes)
    numbers = list(dict.fromkeys([*level, *(operation.result for operation in operations)]))
    source = _dot(numbers[::-1], operations[::-1], set(outputs), local_derivatives)
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
    if not isinstance(given, (list, tuple, set, frozenset)):
        raise TypeError(f"{name} must be a Value or a list of Values, got {given!r} ({type(given).__name__})")
    for i, x in enumerate(given):
        if not isinstance(x, Value):
            raise TypeError(f"{name} must hold Values only, got {x!r} ({type(x).__name__}) at place {i}")
    return list(dict.fromkeys(given))


def _reach(
    outputs: list[Value], depth: int | None, until: list[Value]
) -> tuple[dict[Value, int], list[Value], list[int]]:
    """Go back from the outputs, the nearest Values first.

    Returns:
        The Values, each with the number of operations from it to an output; those of them whose operations are to be
        drawn; and how many numbers, the plain ones included, there are at each distance.
    """
    level = dict.fromkeys(outputs, 0)
    queue, ends = list(outputs), set(until)
    opened = []
    sizes = [len(outputs)]
    for node in queue:  # it grows on the way
        if node._rule is None or node in ends or level[node] == depth:
            continue
        opened.append(node)
        here = level[node] + 1
        if here == len(sizes):
            sizes.append(0)
        for x in reversed(_operands(node)):
            if x.__class__ is float:
                sizes[here] += 1  # each use of a plain number has a place of its own in the picture
            elif x not in level:
                level[x] = here
                sizes[here] += 1
                queue.append(x)
    return level, opened, sizes


def _operands(node: Value) -> list[Any]:
    """The operands of a node in order, without the bias of a `dot` that has none."""
    found = flat(graph.operands(node))
    return found[:-1] if node._rule is ops.dot_rule and found[-1].__class__ is float and found[-1] == 0 else found


def _refuse_if_too_large(sizes: list[int], operations: int, max_nodes: int) -> None:
    size = sum(sizes)
    if size <= max_nodes:
        return
    deepest = sum(total <= max_nodes for total in accumulate(sizes)) - 1
    part = (
        f"depth={min(deepest, 10)} (operations back from the output) or until=[...] (Values not to look behind)"
        if deepest > 0
        else "draw(value.parents[0]), one of its operands, or with fewer outputs"
    )
    raise ValueError(
        f"this graph has {size:,} nodes and {operations:,} operations, too many to read (max_nodes={max_nodes}): draw a"
        f" part of it with {part}; or, with patience, all of it with max_nodes={size}"
    )


def _inside(dot: Value) -> list[_Operation]:
    """The multiplications and additions in a `dot` node, from its result back, with the gradients that they have."""
    ws, xs, bias = graph.operands(dot)
    with mode(no_grad=False, journal=None):
        products = [ops.mul(w, x) for w, x in zip(ws, xs)]
        total: Any = products[0] if len(products) == 1 else ops.sum_rule(tuple(products))
        top = total if len(_operands(dot)) == 2 * len(products) else ops.add(total, bias)
    made = [x for x in dict.fromkeys((top, total, *products)) if isinstance(x, Value)]
    top._grad = dot._grad
    for node in made:
        for parent, slope in graph.slopes(node):
            if parent in made:  # w, x and bias are the user's, and have their gradients
                parent._grad = slope * node._grad
    return [_Operation(node, dot if node is top else node) for node in made]


# ---------------------------------------------------------------------------------------------------------------- DOT


def _dot(numbers: list[Value], operations: list[_Operation], outputs: set[Value], local_derivatives: bool) -> str:
    """The picture of some Values and operations between them, in DOT."""
    import graphviz  # type: ignore[import-untyped]

    picture = graphviz.Digraph(graph_attr=_GRAPH, node_attr=_NODE, edge_attr=_EDGE)
    names = {number: f"n{i}" for i, number in enumerate(numbers)}
    for number, name in names.items():
        kind = "computed" if number._rule is not None else getattr(type(number), "kind", "input")
        looks = {**_KINDS.get(kind, _KINDS["input"]), **(_OUTPUT if number in outputs else {})}
        picture.node(name, _box(number), tooltip=_literal(f"{kind}: {number!r}"), **looks)
    edges: list[tuple[str, str, Any, Any]] = []  # from, to, what flows back, local derivative
    for i, (made, result) in enumerate(operations):
        operation = f"op{i}"
        picture.node(operation, f"<{_markup(made.op)}>", tooltip=_literal(made._rule.formula), **_OPERATION)
        slopes = iter(_slopes(made))
        for j, x in enumerate(_operands(made)):
            if x.__class__ is float:
                constant = f"{operation}c{j}"
                picture.node(constant, _figure(x), tooltip=_literal(f"number: {x!r}"), **_CONSTANT)
                edges.append((constant, operation, None, None))
            else:
                slope = next(slopes)
                edges.append((names[x], operation, _times(slope, result._grad), slope))
        edges.append((operation, names[result], result._grad, None))
    drawn = {operation.result for operation in operations}
    for number, name in names.items():
        if number._rule is not None and number not in drawn:
            picture.node(f"{name}cut", "…", tooltip="the graph goes on here", **_STUB)
            edges.append((f"{name}cut", name, number._grad, None))
    most = max([abs(flow) for _, _, flow, _ in edges if _is_number(flow) and math.isfinite(flow)], default=0.0)
    for start, end, flow, slope in edges:
        text = f"∂ {_figure(slope)}" if local_derivatives and slope is not None else None
        picture.edge(start, end, text, **_arrow(flow, most))
    return str(picture.source)


def _box(number: Value) -> str:
    """The inside of a node: its label, if any, beside its data and grad."""
    label = f'<td rowspan="2" border="1" sides="r"><b>{_markup(number.label)}</b></td>' if number.label else ""
    rows = [
        f'<td align="left"><font point-size="16">{name}</font></td><td align="left">{_figure(x)}</td>'
        for name, x in (("data", number._data), ("grad", number._grad))
    ]
    table = '<table border="0" cellborder="0" cellspacing="0" cellpadding="2">'
    return f"<{table}<tr>{label}{rows[0]}</tr><tr>{rows[1]}</tr></table>>"


def _arrow(flow: Any, most: float) -> dict[str, str]:
    """Width, colour and dashes of an arrow by the gradient that flows there, where `most` is the largest."""
    if not _is_number(flow) or flow == 0 or math.isnan(flow):
        return {}
    share = min(abs(flow) / most, 1.0) if most else 1.0
    return {**(_POSITIVE if flow > 0 else _NEGATIVE), "penwidth": f"{1.5 + 6 * share:.2f}"}


def _slopes(node: Value) -> list[Any]:
    """The local derivatives of a node, one for each operand that is a Value; Nones where there are none."""
    try:
        return [slope for _, slope in graph.slopes(node)]
    except (ValueError, ArithmeticError):  # it isn't differentiable there, or not in floats
        return [None for _ in graph.parents(node)]


def _times(slope: Any, gradient: Any) -> Any:
    """What flows back to an operand; None where either is something else than a number, as in checkpoint."""
    return slope * gradient if _is_number(slope) and _is_number(gradient) else None


def _is_number(x: Any) -> bool:
    return isinstance(x, (int, float))


# ---------------------------------------------------------------------------------------------------------------- text


def _figure(x: Any) -> str:
    """A number in four digits: `0.5` is just that, `0.5000` is rounded; from ten thousand to a million it has six."""
    if not _is_number(x):
        return "…"  # the gradient of a checkpoint
    x += 0.0  # no minus before a zero
    digits = 4 if abs(x) < 1e4 else 6
    short = f"{x:.{digits}g}"
    return short if float(short) == x or x != x else f"{x:#.{digits}g}".removesuffix(".")


def _counted(nodes: int, operations: int) -> str:
    return f"{nodes} node{'s' * (nodes != 1)} and {operations} operation{'s' * (operations != 1)}"


def _visible(text: str) -> str:
    """Text with its control characters as the pictures of them that Unicode has, because SVG can't hold them."""
    text = re.sub(r"[\x00-\x09\x0b-\x1f]", lambda c: chr(0x2400 + ord(c[0])), text)
    return re.sub(r"[\x7f-\x9f\ud800-\udfff\ufffe\uffff]", "\ufffd", text)


def _markup(text: str) -> str:
    """Any text, for an HTML-like label of Graphviz."""
    return html.escape(_visible(text)).replace("\n", "<br/>")


def _literal(text: str) -> str:
    """Any text, for another attribute of Graphviz, where backslashes and ampersands mean something."""
    import graphviz

    return str(graphviz.escape(_visible(text).replace("&", "&amp;")))
