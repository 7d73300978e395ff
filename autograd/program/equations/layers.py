"""What in the operations of a program is a layer: its parameters and its weighted sum; and other looks at operations.

What only takes the same rows as groups is passed over, and operations that have a name together (idioms.py) count as
one. How anything is written or named is not decided here.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from ... import ops
from ..ir import Array
from .idioms import chosen, idiom, strip


class Layer(NamedTuple):
    """A matrix of parameters: their places in the flat vector, row by row, and those of the biases."""

    weights: tuple[int, ...]
    biases: tuple[int, ...]
    shape: tuple[int, int]


def operands_of(node: Array) -> list[Array]:
    """The Arrays that are read in what is written of a node."""
    known = idiom(node)
    args = node.args if known is None else (*known.operands, known.factor)
    return [x for x in map(strip, args) if isinstance(x, Array)]


def reached(roots: Sequence[Array]) -> dict[int, Array]:
    """What is written of all that the roots depend on, by serial number."""
    found: dict[int, Array] = {}
    stack = [strip(x) for x in roots]
    while stack:
        node = stack.pop()
        if node.serial not in found:
            found[node.serial] = node
            stack.extend(operands_of(node))
    return found


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
        elif node.op == "product":
            source, rows = chosen(strip(node.args[0]))
            if source.op == "vector":
                found[Layer(rows, (), node.detail)] = None
    return list(found)


def sums_of(order: Sequence[Array], consumers: dict[int, list[Array]]) -> set[int]:
    """The weighted sums of layers: products, and what is added to them before anything else is done with them."""
    linear = {node.serial for node in order if node.op in ("neurons", "product")}
    folded: set[int] = set()
    for node in order:
        if node.op is ops.add:
            into = [x.serial for x in operands_of(node) if x.serial in linear and len(consumers[x.serial]) == 1]
            if into:
                linear.add(node.serial)
                folded.update(into)
    return linear - folded
