"""Drawings as Graphviz reads them, and graphs to be drawn."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pygraphviz
from hypothesis import strategies as st

from autograd import Value, dot, tanh
from autograd.show import Drawing
from autograd.show.drawing.operation import SIGNS

SVG = "{http://www.w3.org/2000/svg}"


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
        self.constants = {name: self.looks[name]["label"] for name in self.looks if re.fullmatch(r"c\d+", name)}
        self.operations = {
            name: sign(look["label"]) for name, look in self.looks.items() if re.fullmatch(r"op\d+", name)
        }
        nothing = dict.fromkeys(("label", "style", "color", "penwidth"), "")
        seen = [edge for edge in dot.edges() if edge.attr["style"] != "invis"]
        self.arrows = [(*map(str, edge), {**nothing, **edge.attr.to_dict()}) for edge in seen]
        dot.close()

    def named(self, label: str) -> str:
        (name,) = [name for name, cells in self.boxes.items() if cells[0] == label]
        return name

    def into(self, name: str) -> list[str]:
        return [start for start, end, _ in self.arrows if end == name]

    def places(self, name: str) -> list[str]:
        """What comes to each place of an operation whose operands have an order."""
        found = {look["headport"].partition(":")[0]: start for start, end, look in self.arrows if end == name}
        return [found[place] for place in sorted(found, key=int)]

    def arrow(self, start: str, end: str) -> dict[str, str]:
        (look,) = [look for a, b, look in self.arrows if (a, b) == (start, end)]
        return look


def sign(label: str) -> str:
    """The symbol of an operation, as the program has it, from what is drawn for it."""
    table = ElementTree.fromstring(label if label.startswith("<table") else f"<table><td>{label}</td></table>")
    texts = ["".join(cell.itertext()) for cell in table.iter("td") if "port" not in cell.attrib]
    return {shown: symbol for symbol, shown in SIGNS.items()}.get(texts[0], texts[0])


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
