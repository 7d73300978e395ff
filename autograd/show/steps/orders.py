"""The orders in which a backward pass can be taken: the right one, and those that people try before they know it.

Each is a few lines about the order alone; what a node does when its turn comes, `hand_on`, is the same for all.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, get_args

from ... import graph, kinks
from ...basics.operand import FLAT
from ...value import Value
from .passes import Contribution, Step

Order = Literal["topological", "depth_first", "breadth_first", "recursive"]
ORDERS: tuple[Order, ...] = get_args(Order)

CUT = 50
"""Recursion is followed for so many steps: it can take 2 to the number of nodes, and that many a player shows."""


def taken(
    order: Order, output: Value, computed: Sequence[Value], sums: dict[Value, float], accumulate: bool
) -> list[Step]:
    """The steps of a backward pass.

    Args:
        order: in which the computed nodes have their turn.
        output: where the pass begins.
        computed: the nodes that the output was computed from, each after its parents; itself the last.
        sums: what each node has received at the end of the pass; it is filled here.
        accumulate: whether what a node receives is added to what it has; otherwise it takes its place.
    """
    sums[output] = 1.0
    if order == "recursive":
        return _recursive(output, sums, accumulate)
    turns = list(reversed(computed))
    if order != "topological":
        turns = _depth_first(computed) if order == "depth_first" else _breadth_first(computed)
    return [hand_on(node, sums.get(node, 0.0), sums, accumulate) for node in turns]


def hand_on(node: Value, gradient: float, sums: dict[Value, float], accumulate: bool) -> Step:
    """The chain rule for one node: each operand receives the local derivative times the gradient."""
    contributions = []
    for parent, slope in kinks.slopes(node) if node in sums else ():
        product = FLAT if slope is FLAT else gradient * slope
        if product is not FLAT:
            sums[parent] = sums.get(parent, 0.0) + product if accumulate else product
        contributions.append(Contribution(parent, slope, product, sums.get(parent, 0.0)))
    return Step(node, gradient, tuple(contributions) if gradient != 0 else ())


def _depth_first(computed: Sequence[Value]) -> list[Value]:
    """Each node when the pass first comes to it, and what it was computed from at once after it."""
    met: dict[Value, None] = {}
    stack = [computed[-1]] if computed else []
    while stack:
        node = stack.pop()
        if node.op and node not in met:
            met[node] = None
            stack += reversed(graph.parents(node))
    return list(met)


def _breadth_first(computed: Sequence[Value]) -> list[Value]:
    """Each node when the pass first comes to it, those nearest to the output first."""
    met = dict.fromkeys(computed[-1:])
    queue = list(met)
    for node in queue:  # which grows on the way
        new = [x for x in dict.fromkeys(graph.parents(node)) if x.op and x not in met]
        met |= dict.fromkeys(new)
        queue += new
    return queue


def _recursive(output: Value, sums: dict[Value, float], accumulate: bool) -> list[Step]:
    """Whatever a node receives it hands on at once: it has a turn for each path to it. Cut after `CUT` steps."""
    steps: list[Step] = []
    stack: list[tuple[Value, Any]] = [(output, 1.0)] if output.op else []
    while stack and len(steps) < CUT:
        node, received = stack.pop()
        step = hand_on(node, received, sums, accumulate) if received else Step(node, 0.0, ())
        steps.append(step)
        on = [(c.parent, c.product) for c in step.contributions] or [(x, FLAT) for x in graph.parents(node)]
        stack += [(parent, product) for parent, product in reversed(on) if parent.op]
    return steps


def visits(order: Order, computed: Sequence[Value], leaves: Sequence[Value]) -> dict[Value, int]:
    """How many times the pass comes to each node: once, or by recursion as many times as there are paths to it."""
    nodes = [*leaves, *computed]
    if order != "recursive":
        return dict.fromkeys(nodes, 1)
    counts = {**dict.fromkeys(nodes, 0), nodes[-1]: 1}
    for node in reversed(computed):
        for parent in graph.parents(node):
            counts[parent] += counts[node]
    return counts
