"""The chain rule as a sum over paths: each path from an output back to a leaf, and what it contributes.

The derivative of an output with respect to a leaf is the sum, over all paths between them, of the products of the local
derivatives along the path (Bauer 1974, *Computational graphs and rounding error*). Paths are counted and ranked here
without being followed one by one, because a chain of n doublings has 2**n of them. How the sum is
written is decided in derivation.py.
"""

from __future__ import annotations

import heapq
import math
from typing import NamedTuple

from ... import edges, graph, kinks
from ...basics.operand import FLAT
from ...notation.text import is_number
from ...value import Value


class Path(NamedTuple):
    """One way from an output back to a leaf.

    Args:
        nodes: the Values on the way, from the output to the leaf.
        derivatives: of each node but the last with respect to the next; "not a number" where there is none, on a path
            that carries nothing because the output doesn't depend on some operand on it (kinks.py).
        product: of all of them; 1.0 for the path without any, from an output to itself.
        places: which operand each step back goes to, as a place in `edges.slopes(node)`; `x * x` leads to x twice.
    """

    nodes: tuple[Value, ...]
    derivatives: tuple[float, ...]
    product: float
    places: tuple[int, ...]


Arrows = dict[Value, list[tuple[int, Value, float]]]
"""For each node the ways back from it: the place in `edges.slopes`, the operand, and the local derivative."""


def arrows(computed: list[Value], output: Value, leaf: Value) -> Arrows:
    """The arrows of all paths from the output to the leaf, of each node after those of its parents."""
    depending = {leaf}
    for node in computed:
        if not depending.isdisjoint(graph.parents(node)):
            depending.add(node)
    found: Arrows = {}
    for node in reversed([node for node in computed if node in depending and node is not leaf]):
        slopes = kinks.slopes(node)
        found[node] = [(place, x, slope) for place, (x, slope) in enumerate(slopes) if x in depending]
        for _, _, slope in found[node]:
            if not is_number(slope):
                raise ValueError(
                    f"a path from {edges.named(output)} to {edges.named(leaf)} leads through a checkpoint, which keeps"
                    " nothing of its inside: compute it without checkpoint() to have it explained"
                )
    return dict(reversed(found.items()))


def count(ways: Arrows, output: Value, leaf: Value) -> int:
    """How many paths there are: to each node as many as to all of its operands together."""
    last = {parent: node for node in ways for _, parent, _ in ways[node]}
    counts = {leaf: 1}
    for node in ways:
        counts[node] = sum(counts[parent] for _, parent, _ in ways[node])
        for _, parent, _ in ways[node]:
            if last[parent] is node:  # these numbers can have thousands of digits: keep those still needed only
                counts.pop(parent, None)
    return counts.get(output, 0)


def largest(ways: Arrows, output: Value, leaf: Value, k: int) -> list[Path]:
    """The k paths with the largest products in absolute value, the largest first.

    The k best paths to a node are among the k best to its operands, each with one more arrow (Bellman & Kalaba 1960).
    Sizes are logarithms: of these no chain is so long that they overflow, or vanish.
    """
    best: dict[Value, list[tuple[float, int, int]]] = {leaf: [(0.0, 0, 0)]}  # size, which arrow, which path behind it
    for node, back in ways.items():
        candidates = [
            (_size(slope) + size, i, j)
            for i, (_, parent, slope) in enumerate(back)
            for j, (size, _, _) in enumerate(best[parent])
        ]
        if len(back) > 1:  # otherwise there is nothing to choose
            candidates = heapq.nlargest(k, candidates, key=lambda candidate: candidate[0])
        best[node] = candidates
    return [_path(ways, best, output, leaf, j) for j in range(len(best[output]))]


def _size(slope: float) -> float:
    if slope == 0 or slope != slope:
        return -math.inf
    return math.log(min(abs(slope), 1e308))  # an infinite one would cancel the -inf of a zero


def _path(ways: Arrows, best: dict[Value, list[tuple[float, int, int]]], output: Value, leaf: Value, rank: int) -> Path:
    nodes, derivatives, places = [output], [], []
    product = 1.0
    while nodes[-1] is not leaf:
        _, i, rank = best[nodes[-1]][rank]
        place, parent, slope = ways[nodes[-1]][i]
        nodes.append(parent)
        derivatives.append(slope)
        places.append(place)
        product *= slope
    if any(slope is FLAT for slope in derivatives):
        product = 0.0
    return Path(tuple(nodes), tuple(derivatives), product, tuple(places))
