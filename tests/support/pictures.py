"""Drawings as Graphviz reads them, and graphs to be drawn."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pygraphviz
from hypothesis import strategies as st

from autograd import Value, dot, tanh
from autograd.show import Drawing

SVG, XLINK = "{http://www.w3.org/2000/svg}", "{http://www.w3.org/1999/xlink}"


class Parameter(Value):
    __slots__ = ()
    kind = "parameter"


class Picture:
    """A drawing as Graphviz reads it: boxes, operations, plain numbers, and arrows between them."""

    def __init__(self, drawn: Drawing) -> None:
        dot = pygraphviz.AGraph()
        dot.from_string(drawn.source)
        self.looks = {str(node): node.attr.to_dict() for node in dot.nodes()}
        self.boxes = {name: cells(look["label"]) for name, look in self.looks.items() if re.fullmatch(r"n\d+", name)}
        self.stubs = {name for name in self.looks if name.endswith("cut")}
        self.constants = {name: self.looks[name]["label"] for name in self.looks if re.fullmatch(r"op\d+c\d+", name)}
        self.operations = {
            name: look["label"].replace("&lt;", "<")
            for name, look in self.looks.items()
            if re.fullmatch(r"op\d+", name)
        }
        nothing = dict.fromkeys(("label", "style", "color", "penwidth"), "")
        self.arrows = [(*map(str, edge), {**nothing, **edge.attr.to_dict()}) for edge in dot.edges()]
        dot.close()

    def named(self, label: str) -> str:
        (name,) = [name for name, cells in self.boxes.items() if cells[0] == label]
        return name

    def into(self, name: str) -> list[str]:
        return [start for start, end, _ in self.arrows if end == name]

    def arrow(self, start: str, end: str) -> dict[str, str]:
        (look,) = [look for a, b, look in self.arrows if (a, b) == (start, end)]
        return look


def cells(label: str) -> tuple[str, str, str]:
    """Label, data and grad of a box."""
    texts = ["".join(cell.itertext()) for cell in ElementTree.fromstring(label).iter("td")]
    data, grad = (texts[i + 1] for i, text in enumerate(texts) if text in ("data", "grad") and i >= len(texts) - 4)
    return texts[0] if len(texts) == 5 else "", data, grad


def lecture() -> tuple[Value, Value, Value]:
    a, b = Value(2.0, label="a"), Value(1.0, label="b")
    e = (a + b) * (b + 1)
    e.label = "e"
    return a, b, e


@st.composite
def graphs(draw_: st.DrawFn) -> Value:
    """The end of a random graph, with shared operands and plain numbers."""
    numbers = st.floats(-2, 2)
    nodes = [Value(draw_(numbers)), Parameter(draw_(numbers))]
    for _ in range(draw_(st.integers(1, 8))):
        a, b = draw_(st.sampled_from(nodes)), draw_(st.sampled_from(nodes))
        made = [
            a + b,
            a * b,
            a - draw_(numbers),
            tanh(a),
            dot([a, b], [b, a], 0.5),
            dot([a], [b]),
            dot([a, b], [1.0, 2.0]),
        ]
        nodes.append(draw_(st.sampled_from(made)))
    return nodes[-1]


def svg_of(drawn: Drawing) -> ElementTree.Element:
    return ElementTree.fromstring(drawn.svg())
