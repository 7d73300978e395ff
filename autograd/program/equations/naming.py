"""Which parameters are a layer, and what inputs and parameters are called in the equations: X, W1, b1, or their labels.

A layer's parameters are a matrix W and its biases b, other parameters have the label that they share, and all of them
together are θ. What is computed gets its name in reader.py, which asks here only whether it is free.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from ...notation.formulas import Formula
from ...notation.matrices import Written, form, in_latex, places, symbol
from ...notation.names import cut
from ...notation.tightness import ATOM
from ..idioms import chosen, strip
from ..ir import Array
from ..lower import Lowered
from .products import of_weights, vec


class Layer(NamedTuple):
    """A matrix of parameters: their places in the flat vector, row by row, and those of the biases."""

    weights: tuple[int, ...]
    biases: tuple[int, ...]
    shape: tuple[int, int]


def layer_at(start: int, m: int, width: int) -> Layer:
    """The layer whose m rows of weights, each with its bias last, begin at this place of the vector."""
    places = [range(start + i * width, start + (i + 1) * width) for i in range(m)]
    return Layer(tuple([j for row in places for j in row[:-1]]), tuple([row[-1] for row in places]), (m, width - 1))


def layers_of(order: Sequence[Array]) -> list[Layer]:
    """The matrices of parameters, in the order of their first use."""
    found: dict[Layer, None] = {}
    for node in order:
        if node.op == "neurons":
            found[layer_at(*strip(node.args[0]).detail)] = None
        elif of_weights(node):
            _, rows = chosen(strip(node.args[0]))
            m, k = node.detail.size("i"), node.detail.size("k")
            found[Layer(rows, (), (m, k)) if len(rows) == m * k else layer_at(rows[0], m, k + 1)] = None
        elif node.op in ("product", "gather"):
            source, rows = chosen(strip(node.args[0]))
            if source.op == "vector":
                found[Layer(rows, (), node.detail if node.op == "product" else node.detail[:0:-1])] = None
    return list(found)


class Names:
    """The names in the equations of a program.

    Args:
        program: its operations.
        arguments: the names of the function's arguments.
        layers: its matrices of parameters.
        size: the number of examples.
    """

    def __init__(self, program: Lowered, arguments: Sequence[str], layers: Sequence[Layer], size: int) -> None:
        self.given: dict[str, tuple[int, int]] = {}
        """What the equations begin with, and the shapes."""
        self.labels = [cut(p.label, 60) for p in program.parameters]
        self._stems = [re.sub(r"\.\d+$", "", label) for label in self.labels]
        self.taken = {x for stem in self._stems for x in (stem, stem.rpartition(".")[2])}.union(self.labels)
        self._captured = [cut(x.label, 60) for x in program.captured]
        self.inputs: dict[int, str] = {}
        for i, x in enumerate(program.inputs):
            name = arguments[i] if i < len(arguments) and "*" not in arguments[i] else f"x{i + 1}"
            name = name.upper() if len(name) == 1 and name.upper() not in "LΔ" else name
            self.inputs[x.serial] = self.free(name)
            self.given[self.inputs[x.serial]] = (x.rows, size)
        self.letters: list[tuple[Layer, str, str]] = []
        """Each layer with the names of its matrix and of its biases, which may have none."""
        shapes: dict[tuple[int, ...], tuple[int, int]] = {}
        self.tied: set[tuple[int, ...]] = set()
        """The places of weights that are matrices of several shapes, as a row that is a column elsewhere: one name."""
        for i, layer in enumerate(layers, 1):
            if shapes.setdefault(layer.weights, layer.shape) != layer.shape:
                self.tied.add(layer.weights)
                if not layer.biases:
                    continue
            w, b = self.free(f"W{i}"), self.free(f"b{i}") if layer.biases else ""
            self.letters.append((layer, w, b))
            self.given |= {w: layer.shape, **({b: (layer.shape[0], 1)} if b else {})}
        self.vector = self.free("θ")

    def free(self, name: str) -> str:
        """The name, with primes behind it if it is taken; then it is."""
        while name in self.taken:
            name += "′"
        self.taken.add(name)
        return name

    def source(self, node: Array) -> Written | None:
        """How an input, parameters, or other leaves are written; None for what is computed."""
        if node.op == "input":
            return Written.name(self.inputs[node.serial])
        source, rows = chosen(node)
        if source.op == "vector":
            once = tuple(dict.fromkeys(rows))
            return self.selected(once if len(once) > 1 and rows == once * (len(rows) // len(once)) else rows)
        if node.op == "matrix":
            _, w, b = next(x for x in self.letters if x[0] == layer_at(*node.detail))
            return Written(both(w, b), uses=frozenset([w, b]), halves=(symbol(w), symbol(b)))
        if node.op == "captured":
            alone = len(self._captured) == 1 and self._captured[0]
            return self._given(alone or self.free("c"), node.rows)
        return None

    def selected(self, indices: tuple[int, ...]) -> Written:
        """Some of the parameters, by the name that they have together."""
        for layer, w, b in self.letters:
            if indices == layer.weights:
                halves = None if indices in self.tied else (symbol(w), None)
                return Written(vec(symbol(w)), uses=frozenset([w]), halves=halves)
            if b and indices == tuple(sorted(layer.weights + layer.biases)):
                return Written(both(w, b), uses=frozenset([w]), halves=(symbol(w), symbol(b)))
            if indices == layer.biases:
                return Written.name(b)
        label = self.shared_label(indices)
        if label:
            return self._given(label, len(indices))
        matrix = [re.match(r"(\D.*?)\.\d+\.\d+$", self.labels[i]) for i in indices]
        names = {found[1] if found else "" for found in matrix}
        if len(names) == 1 and "" not in names:  # rows of a table, such as those of the first positions
            (name,) = names
            places_of = [i for i, label in enumerate(self.labels) if label.startswith(f"{name}.")]
            return self._given(name, len(places_of)).inside(f"#1[{places([*map(places_of.index, indices)])}]", ATOM)
        vector = self._given(self.vector, len(self.labels))
        if indices == tuple(range(len(self.labels))):
            return vector
        which = places(indices)
        return vector.inside(f"#1[{which}]", ATOM)

    def _given(self, name: str, rows: int) -> Written:
        self.given.setdefault(name, (rows, 1))
        return Written.name(name)

    def shared_label(self, indices: tuple[int, ...]) -> str:
        """The label that these parameters, and no others, have but for a number at its end; empty if there is none."""
        label, stem = self.labels[indices[0]], self._stems[indices[0]]
        if not label or (len(indices) == 1 and self.labels.count(label) == 1):
            return label
        if tuple([i for i, x in enumerate(self._stems) if x == stem]) != indices:
            return ""
        return self._shortest(stem)

    def _shortest(self, stem: str) -> str:
        """As much of the end of a name as tells it from others: attention_norm.weight."""
        words = stem.split(".")
        for n in range(1, len(words)):
            end = words[-n:]
            if not end[0].isdigit() and len({x for x in self._stems if x.split(".")[-n:] == end}) == 1:
                return ".".join(end)
        return stem


def both(w: str, b: str) -> Formula:
    """A layer's matrix with its biases as the last column, in one column."""
    return form("vec([#1 #2])", ATOM, (symbol(w), 0), (symbol(b), 0), latex=in_latex("vec([#1\\ #2])"))
