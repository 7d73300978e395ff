"""The player: the steps of a pass as a piece of a page that plays itself, with no network and no Python behind it.

The piece holds the table of the steps, for places where scripts don't run, and a script that puts the player in its
place: the graph, laid out once, and for each position what is added to it. How it looks is in player.css, how it moves
in player.js.
"""

from __future__ import annotations

import hashlib
import html
import json
import re
from collections import defaultdict
from dataclasses import asdict
from functools import cache
from importlib.resources import files
from typing import Any
from xml.etree import ElementTree

from ... import graph
from ...notation.names import as_read, cut
from ...notation.text import figure, markup
from ...value import Value
from ..drawing.looks import EDGE, FONT, KINDS
from ..drawing.rendering import render
from .passes import Pass
from .positions import Position, arrow, positions
from .table import rows

_MOST = {"steps": 60, "Values": 150, "arrows": 300}  # that can be followed; a browser could bear more
_LEGIBLE = (0.8, 1.5, 430)  # the least and most that the picture is scaled, and its height where it is scaled up


def fragment(passed: Pass[Any]) -> str:
    """The player as a piece of a page, in HTML.

    Args:
        passed: the steps of a pass.

    Returns:
        The same text for the same steps. Any number of players can stand on one page.

    Raises:
        ValueError: if there are too many steps, Values or arrows to be followed; the message says how many.
        ImportError: if there is no Graphviz on the machine; the message names the command that installs it.
    """
    _refuse_if_too_large(passed)
    keys = {node: f"n{i}" for i, node in enumerate(passed.data)}
    title, found = _title(passed), positions(passed, keys)
    data = {"title": title, "svg": _picture(passed, keys, found), "states": [asdict(position) for position in found]}
    # as JSON in a script: the only way out of it would be a tag, so none can stand there
    written = json.dumps(data).replace("<", r"\u003c").replace(">", r"\u003e").replace("&", r"\u0026")
    name = hashlib.sha256(written.encode()).hexdigest()[:12]
    # Jupyter: no key is taken from the player, and no $ in a label is taken for a formula
    return f"""\
<div class="chainrule-player tex2jax_ignore mathjax_ignore" data-player="{name}" data-lm-suppress-shortcuts="true">
<style>{_asset("player.css")}</style>
<div class="rows">{_table(passed, title)}</div>
<script>(function () {{
const data = {written};
{_asset("player.js")}
for (const root of document.querySelectorAll('.chainrule-player[data-player="{name}"]'))
  if (!root.dataset.ready) play(root, data);
}})();</script>
</div>
"""


def page(passed: Pass[Any]) -> str:
    """The player as a page of its own; it may fetch nothing, so it needs no network."""
    policy = "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'"
    return f"""\
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<title>{html.escape(_title(passed))}</title>
</head>
<body>
{fragment(passed)}</body>
</html>
"""


def _title(passed: Pass[Any]) -> str:
    name = f"{passed.names[passed.output]} = {figure(passed.data[passed.output])}"
    return f"The backward pass from {name}" if passed.gradients else f"The forward pass to {name}"


def _refuse_if_too_large(passed: Pass[Any]) -> None:
    arrows = sum(len(graph.parents(step.node)) for step in passed)
    sizes = {"steps": len(passed), "Values": len(passed.data), "arrows": arrows}
    if any(size > _MOST[name] for name, size in sizes.items()):
        found = ", ".join(f"{size:,} {name}" for name, size in sizes.items())
        raise ValueError(
            f"a pass of {found} is too long to be played (at most {', '.join(f'{n} {x}' for x, n in _MOST.items())}):"
            " pass a Value inside of it, nearer to the leaves, or print() the steps for a table of them all"
        )


@cache
def _asset(name: str) -> str:
    return files(__package__).joinpath(name).read_text(encoding="utf-8")


def _table(passed: Pass[Any], title: str) -> str:
    lines = [
        "<tr>" + "".join(f"<{tag}>{html.escape(cell)}</{tag}>" for cell in row) + "</tr>"
        for tag, row in zip(["th"] + ["td"] * len(rows(passed)), rows(passed))
    ]
    caption = f"<caption>{html.escape(title)}</caption>"
    return f"<table>{caption}<thead>{lines[0]}</thead><tbody>{''.join(lines[1:])}</tbody></table>"


# ------------------------------------------------------------------------------------------------------- the picture


def _picture(passed: Pass[Any], keys: dict[Value, str], found: list[Position]) -> str:
    """The graph as SVG: a box for each node, an arrow for each operand, and blanks in them for the numbers to come."""
    texts = defaultdict(list)
    for position in found:
        for key, text in position.texts.items():
            texts[key].append(text)
    room = {key: max(those, key=len) for key, those in texts.items()}  # a blank is as wide as the longest text in it
    picture = ElementTree.fromstring(render(_dot(passed, keys, room), "svg"))
    titles = {key: passed.called(node) for node, key in keys.items()}
    titles |= {
        key: cut(node.label, 80) for node, key in keys.items() if node.label and node.label != passed.names[node]
    }
    for element in picture.iter():
        element.tag = element.tag.rpartition("}")[2]  # in a page, SVG needs no namespaces
    for group in picture.iter("g"):
        del group.attrib["id"]  # would not be the only one of that name on the page
        key = group.get("class", "").partition(" ")[2]
        for title in group.findall("title"):
            title.text = titles.get(key)  # what appears when the mouse rests on it
            if title.text is None:
                group.remove(title)
        if key in room:
            blank = group.findall("text")[-1]
            blank.set("class", "blank")
            blank.text = ""
            if key.startswith("e"):
                _put_on_the_line(blank, group.find("path"))
                group.insert(list(group).index(blank), ElementTree.Element("rect", {"class": "plate"}))
    least, most, height = _LEGIBLE
    wide, high = (float(picture.attrib.pop(side).removesuffix("pt")) for side in ("width", "height"))
    scale = max(least, min(most, height / high))
    picture.set("style", f"width: 100%; min-width: {least * wide:.0f}px; max-width: {scale * wide:.0f}px")
    return ElementTree.tostring(picture, encoding="unicode")


def _put_on_the_line(text: ElementTree.Element, path: Any) -> None:
    """Move what is written on an arrow from beside its line onto it, where nobody takes it for the next arrow's."""
    points = [tuple(map(float, point.split(","))) for point in re.findall(r"[-\d.]+,[-\d.]+", path.get("d"))]
    middle = float(text.get("x", "0"))
    curve = [_bezier(points[i : i + 4], t / 20) for i in range(0, len(points) - 3, 3) for t in range(21)]
    x, y = min(curve, key=lambda point: abs(point[0] - middle))
    text.set("x", f"{x:.1f}")
    text.set("y", f"{y + 7.5:.1f}")


def _bezier(points: list[tuple[float, ...]], t: float) -> tuple[float, float]:
    """A point of a cubic curve (https://en.wikipedia.org/wiki/B%C3%A9zier_curve)."""
    weights = ((1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t**3)
    return sum(w * p[0] for w, p in zip(weights, points)), sum(w * p[1] for w, p in zip(weights, points))


def _dot(passed: Pass[Any], keys: dict[Value, str], room: dict[str, str]) -> str:
    import graphviz

    graph_attr = {"rankdir": "LR", "nodesep": "0.2", "ranksep": "0.25", "pad": "0.2", "bgcolor": "white"}
    node_attr = {"shape": "box", "margin": "0.08,0.05", "fontname": FONT, "fontsize": "22", "penwidth": "1.5",
                 "style": "filled", "fillcolor": "white"}  # fmt: skip
    edge_attr = {**EDGE, "penwidth": "2", "arrowsize": "0.8"}
    picture = graphviz.Digraph(graph_attr=graph_attr, node_attr=node_attr, edge_attr=edge_attr)
    for node in as_read(list(keys)):
        key = keys[node]
        kind = "computed" if graph.parents(node) else getattr(type(node), "kind", "input")
        picture.node(key, _box(passed, node, room[key]), **{"class": key, **KINDS.get(kind, KINDS["input"])})
        for j, parent in enumerate(graph.parents(node)):
            name = arrow(key, j)
            label = f" {room[name]} " if name in room else None
            picture.edge(keys[parent], key, label, **{"class": name})
    return str(picture.source)


def _box(passed: Pass[Any], node: Value, blank: str) -> str:
    """The inside of a node: its name, its number, and its gradient, of which the last to come is a blank."""
    lines = [("data", blank)] if not passed.gradients else [("data", figure(passed.data[node])), ("grad", blank)]
    cells = "".join(
        f'<tr><td align="right">{name}</td><td align="left">{markup(text)}</td></tr>' for name, text in lines
    )
    title = f'<tr><td colspan="2"><b>{markup(passed.called(node, room=28))}</b></td></tr>'
    return f'<<table border="0" cellborder="0" cellspacing="0" cellpadding="3">{title}{cells}</table>>'
