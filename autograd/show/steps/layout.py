"""The graph of a pass in DOT and as SVG: a box for each node, an arrow for each operand, blanks for what is to come.

The numbers that fill the blanks stand in positions.py. The parts have keys: `n3` is the fourth node, `c0` the first
plain number, `e3_0` the arrow to the fourth node from its first operand, `e3_c0` that from its first plain number.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Container, Iterable, Mapping
from typing import Any
from xml.etree import ElementTree

from ... import graph
from ...notation.names import as_read, cut
from ...notation.text import figure, markup
from ...value import Value
from ..drawing.extent import Number, operands
from ..drawing.looks import CONSTANT, EDGE, FONT, KINDS
from ..drawing.rendering import render
from .passes import Pass
from .products import products

GRAPH = {"rankdir": "LR", "ranksep": "0.3", "pad": "0.15", "bgcolor": "transparent"}
NODE = {"shape": "box", "margin": "0.08,0.05", "fontname": FONT, "fontsize": "22", "penwidth": "1.5", "style": "filled",
        "fillcolor": "white"}  # fmt: skip
ARROW = {**EDGE, "penwidth": "2", "arrowsize": "0.8"}
_MANY = 20  # Values; those of a larger graph stand closer together
_REST = '<td colspan="60" cellpadding="0"></td>'  # columns share what a box is wider than they need: these take it
_CLEAR = 3 * "\u00a0"  # on both sides of what is written on an arrow, so that its ends are seen


def keys(passed: Pass[Any]) -> dict[Value, str]:
    """For each node the key of its part of the picture."""
    return {node: f"n{i}" for i, node in enumerate(passed.data)}


def arrow(key: str, operand: int) -> str:
    """The key of the arrow to a node from one of its operands that are Values."""
    return f"e{key[1:]}_{operand}"


def plain_arrows(key: str, node: Value) -> list[str]:
    """The keys of the arrows to a node from plain numbers."""
    plain = [x for x in operands(node) if isinstance(x, Number)] if node.op else []
    return [f"e{key[1:]}_c{j}" for j in range(len(plain))]


def picture(passed: Pass[Any], texts: Iterable[Mapping[str, str]]) -> str:
    """The graph as SVG for a page; what is to be filled in later is a text with `data-blank`.

    Args:
        passed: the steps of a pass.
        texts: what the blanks will hold at each position; each is as wide as the longest text in it.
    """
    named, room = keys(passed), longest(texts)
    root = ElementTree.fromstring(render(written(passed, room), "svg"))
    titles = {key: passed.called(node) for node, key in named.items()}
    titles |= {
        key: cut(node.label, 80) for node, key in named.items() if node.label and node.label != passed.names[node]
    }
    for element in root.iter():
        element.tag = element.tag.rpartition("}")[2]  # in a page, SVG needs no namespaces
        element.tail = None
        for name in ("id", "{http://www.w3.org/XML/1998/namespace}space"):
            element.attrib.pop(name, None)
    for group in root.iter("g"):
        key = [*group.get("class", "").split(), "", ""][1]
        for title in group.findall("title"):
            title.text = titles.get(key)  # what appears when the mouse rests on it
            if title.text is None:
                group.remove(title)
        for blank, text in _blanks(key, group.findall("text"), room):
            text.set("class", "blank")
            text.set("data-blank", blank)
            text.text = ""
            if key.startswith("e"):
                _put_on_the_line(text, group.find("path"))
        if key.startswith("e") and len(group.findall("polygon")) == 2:
            _both_ways(group)
    for side in ("width", "height"):  # the script scales it
        root.attrib.pop(side)
    return ElementTree.tostring(root, encoding="unicode")


def longest(texts: Iterable[Mapping[str, str]]) -> dict[str, str]:
    """For each blank the longest text that it will hold: so much room it needs."""
    room: dict[str, str] = {}
    for some in texts:
        room |= {key: max(text, room.get(key, ""), key=len) for key, text in some.items()}
    return room


def _blanks(key: str, texts: list[Any], room: Mapping[str, str]) -> list[tuple[str, Any]]:
    """The blanks of a part with their keys: the last text, and above it, in a box, the products of a `dot`."""
    rows = [name for name in room if name.startswith(f"{key}.")]
    found = list(zip(rows, texts[-2 - len(rows) : -2]))
    return [*found, (key, texts[-1])] if key in room else found


def _put_on_the_line(text: ElementTree.Element, path: Any) -> None:
    """Move what is written on an arrow from beside its line onto it, where nobody takes it for the next arrow's."""
    x, y = on_the_line(path.get("d"), float(text.get("x", "0")))
    text.set("x", f"{x:.1f}")
    text.set("y", f"{y + 7.5:.1f}")


def _both_ways(group: ElementTree.Element) -> None:
    """An arrow with a head at either end becomes two: "on", and "back", which is seen where a gradient flows."""
    line, heads = group.find("path"), group.findall("polygon")
    assert line is not None
    path = line.get("d", "")
    ends = [_points(path)[i] for i in (0, -1)]
    tips = [max(_points(head.get("points", "")), key=lambda x: math.dist(x, end)) for head, end in zip(heads, ends)]
    # on to the box: Graphviz keeps the tip of a head off it by a third of its length
    (x, y), (u, v) = ([a + 1.35 * (b - a) for a, b in zip(end, tip)] for end, tip in zip(ends, tips))
    back = ElementTree.Element("path", {**line.attrib, "class": "back", "d": f"{path}L{u:.1f},{v:.1f}"})
    line.attrib |= {"class": "on", "d": f"M{x:.1f},{y:.1f}L{path[1:]}"}
    group.insert(list(group).index(line), back)
    for head, way in zip(heads, ("back", "on")):
        head.set("class", way)


def on_the_line(path: str, middle: float) -> tuple[float, float]:
    """The point of a line of Bézier curves that is nearest to some x."""
    points = _points(path)
    curve = [_bezier(points[i : i + 4], t / 20) for i in range(0, len(points) - 3, 3) for t in range(21)]
    return min(curve, key=lambda point: abs(point[0] - middle))


def _points(path: str) -> list[tuple[float, ...]]:
    return [tuple(map(float, point.split(","))) for point in re.findall(r"[-\d.]+,[-\d.]+", path)]


def _bezier(points: list[tuple[float, ...]], t: float) -> tuple[float, float]:
    """A point of a cubic curve (https://en.wikipedia.org/wiki/B%C3%A9zier_curve)."""
    weights = ((1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t**3)
    return sum(w * p[0] for w, p in zip(weights, points)), sum(w * p[1] for w, p in zip(weights, points))


# ---------------------------------------------------------------------------------------------------------------- DOT


def written(
    passed: Pass[Any],
    texts: Mapping[str, str],
    looks: Mapping[str, Mapping[str, str]] | None = None,
    bold: Container[str] = (),
    **attributes: str,
) -> str:
    """The graph in DOT, with texts in its blanks.

    Args:
        passed: the steps of a pass.
        texts: what stands in the blanks.
        looks: attributes of Graphviz for some of the parts, by their keys; of keys that are no part, more nodes.
        bold: the blanks whose text is bold.
        attributes: those of the whole graph.
    """
    import graphviz

    looks = looks or {}
    attributes = {"nodesep": "0.1" if len(passed.data) > _MANY else "0.25", **attributes}
    source = graphviz.Digraph(graph_attr={**GRAPH, **attributes}, node_attr=NODE, edge_attr=ARROW)
    named: dict[Any, str] = dict(keys(passed))
    uses = Counter(x for node in passed.data for x in graph.parents(node))
    for node in as_read(list(passed.data)):
        key, parents = named[node], 0
        kind = "computed" if graph.parents(node) else getattr(type(node), "kind", "input")
        kind = kind if kind in KINDS else "input"
        look = {"class": f"{key} {kind}", **KINDS[kind], **looks.get(key, {})}
        if node.op and all(uses[x] == 1 for x in graph.parents(node)):
            look["ordering"] = "in"  # the operands in their order; for a shared one, Graphviz finds the best place
        source.node(key, _box(passed, node, key, texts, bold), **look)
        plain = iter(plain_arrows(key, node))
        for x in operands(node) if node.op else ():
            if isinstance(x, Number):
                name = next(plain)
                if x not in named:
                    named[x] = f"c{len(named) - len(passed.data)}"
                    look = {"class": f"{named[x]} plain", **CONSTANT, "margin": "0.06,0.03", **looks.get(named[x], {})}
                    source.node(named[x], markup(figure(x.number)), **look)
            else:
                name, parents = arrow(key, parents), parents + 1
            label = f"{_CLEAR}{texts[name]}{_CLEAR}" if name in texts else None
            ways = "both" if passed.gradients and not isinstance(x, Number) else "forward"
            source.edge(named[x], key, **{"class": name, "label": label, "dir": ways, **looks.get(name, {})})
    for key in looks:
        if key[0] not in "nce":
            source.node(key, **looks[key])
    return str(source.source)


def _box(passed: Pass[Any], node: Value, key: str, texts: Mapping[str, str], bold: Container[str]) -> str:
    """The inside of a node: its name, the products of a `dot`, its number, and its gradient."""
    blank = markup(texts.get(key) or "\u00a0")
    blank = f"<b>{blank}</b>" if key in bold else blank
    lines = [("data", figure(passed.data[node])), ("grad", blank)] if passed.gradients else [("data", blank)]
    columns = [f'<td align="left">{name}</td><td align="left">{text}</td>' for name, text in lines]
    columns[0] += _REST
    title = f"<td><b>{markup(passed.called(node, room=28))}</b></td>"
    numbers = f"<td>{_table(columns)}</td>"
    if not node.op:  # beside, because there are many leaves, one above the other
        return f"<{_table([title + numbers])}>"
    shown = [
        text if passed.gradients else texts.get(f"{key}.{i}") or "\u00a0"
        for i, text in enumerate(products(passed, node))
    ]
    parts = [f'<td align="left">{markup(text)}</td>' for text in shown]
    return f"<{_table([title, *parts, numbers])}>"


def _table(rows: Iterable[str]) -> str:
    body = "".join(f"<tr>{row}</tr>" for row in rows)
    return f'<table border="0" cellborder="0" cellspacing="0" cellpadding="3">{body}</table>'
