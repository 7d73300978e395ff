"""The ways to read a recorded graph for derivatives: backwards from its outputs, or forwards from its inputs.

`backward` is the algorithm of the textbook, on floats, and leaves each gradient in its node. `pullback` (reverse mode)
and `pushforward` (forward mode) are for the transforms: they touch no `.grad`, and where a derivative is to be
differentiated itself they compute with Values.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from threading import RLock
from typing import Any

from . import graph
from .faults import Gradients, check, culprit, not_finite
from .graph import Node
from .rules import Floats

one_at_a_time = RLock()
"""Whoever adds to `.grad` holds it: graphs of several threads may share leaves."""


def backward(root: Node[Any], seed: float) -> None:
    """Differentiate root for all that it was computed from: order, seed, and for each node the chain rule."""
    with one_at_a_time:
        computed, leaves = graph.walk([root])
        check([root], computed, leaves)
        with Gradients(leaves, computed) as gradients:
            root._grad = seed
            chain_rule(computed)
            gradients.add_to_leaves(root)


def chain_rule(computed: Sequence[Node[Any]]) -> None:
    """Every node, the last one first, hands its gradient, times the local derivative, on to each of its operands.

    The slopes of one and two operands are read here without `rule.slopes`: a call less is a tenth of all the time.
    """
    numbers: dict[int, Any] = {}  # of groups by their ids: the neurons of a layer share one, and examples share weights
    for node in reversed(computed):
        g = node._grad
        if g == 0.0:
            continue  # nothing flows back here: behind relus that are off, this is half of a network
        rule: Any = node._rule
        a, b = node._a, node._b
        try:
            if b is not None:
                if b.__class__ is float:
                    a._grad += g * rule.da(node._data, a._data, b)
                elif a.__class__ is float:
                    b._grad += g * rule.db(node._data, a, b._data)
                else:
                    y, x, z = node._data, a._data, b._data
                    a._grad += g * rule.da(y, x, z)
                    b._grad += g * rule.db(y, x, z)
            elif a.__class__ is not tuple:
                a._grad += g * rule.da(node._data, a._data)
            else:  # groups of operands
                for group in a:
                    if id(group) not in numbers:
                        numbers[id(group)] = graph.read(group)
                for operand, slope in zip(a, rule.d(node._data, *[numbers[id(group)] for group in a])):
                    if operand.__class__ is tuple:
                        for x, s in zip(operand, slope):
                            x._grad += g * s
                    elif operand.__class__ is not float and operand.__class__ is not Floats:
                        operand._grad += g * slope
        except (ValueError, ArithmeticError) as cause:
            raise graph.no_slope(node, cause) from None


def pullback(
    outputs: Sequence[Any], seeds: Sequence[Any], inputs: Sequence[Any], *, as_values: bool, ends: bool = True
) -> list[Any]:
    """Reverse mode: Σ seed · ∂output/∂input for each of the inputs.

    With `ends`, the inputs are taken as the ends of the graph, even where they are computed from one another.
    """
    roots = [output for output in outputs if isinstance(output, Node)]
    computed, leaves = graph.walk(roots, inputs if ends else ())
    check(roots, computed, leaves)
    needed = set(inputs)  # the nodes on a way from an input to an output: only those need a gradient
    for node in computed:
        if not needed.isdisjoint(graph.parents(node)):
            needed.add(node)
    gradients: dict[Any, Any] = {}

    def add(node: Any, part: Any) -> None:
        gradients[node] = gradients[node] + part if node in gradients else part

    for output, seed in zip(outputs, seeds):
        if output in needed:
            add(output, seed)
    for node in reversed(computed):
        g = gradients.get(node)
        if g is None or (g.__class__ is float and g == 0.0):
            continue
        for parent, slope in graph.slopes(node, as_values, needed):
            if parent in needed:
                add(parent, g if slope.__class__ is float and slope == 1.0 else g * slope)
    for x in inputs:
        g = _number(gradients.get(x, 0.0))
        if isinstance(g, float) and not math.isfinite(g):
            raise not_finite(x, g, roots)
    return [gradients.get(x, 0.0) for x in inputs]


def pushforward(
    outputs: Sequence[Any], inputs: Sequence[Any], tangents: Sequence[Any], *, as_values: bool
) -> list[Any]:
    """Forward mode: Σ ∂output/∂input · tangent for each of the outputs."""
    roots = [output for output in outputs if isinstance(output, Node)]
    computed, leaves = graph.walk(roots, inputs)
    check(roots, computed, leaves)
    # an input that doesn't move is a constant: where its slope doesn't exist or overflows, nobody has asked for it
    moved: dict[Any, Any] = {x: t for x, t in zip(inputs, tangents) if isinstance(t, Node) or t != 0}
    for node in computed:
        if moved.keys().isdisjoint(graph.parents(node)):
            continue
        for parent, slope in graph.slopes(node, as_values, moved):
            if parent in moved:
                part = slope * moved[parent]
                moved[node] = moved[node] + part if node in moved else part
    for root in roots:
        t = _number(moved.get(root, 0.0))
        if not math.isfinite(t):
            raise ValueError(f"the tangent of {root._written()} is {t}{culprit(*roots, way='on the way')}")
    return [moved.get(output, 0.0) for output in outputs]


def _number(x: Any) -> Any:
    return x._data if isinstance(x, Node) else x
