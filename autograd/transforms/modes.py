"""Reverse mode and forward mode: a recorded graph, read from its outputs back or from its inputs on.

Neither touches a `.grad`. Where a derivative is to be differentiated itself, both compute with Values, not floats.
`backward()`, which does the first for floats only, in place and faster, is in sweeps.py.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from .. import edges, graph
from ..faults import check, culprit, not_finite
from ..graph import Node
from ..modes import is_followed


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
        for parent, slope in edges.slopes(node, as_values, needed):
            if parent in needed:
                add(parent, g if slope.__class__ is float and slope == 1.0 else g * slope)
    for x in () if is_followed() else inputs:
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
        for parent, slope in edges.slopes(node, as_values, moved):
            if parent in moved:
                part = slope * moved[parent]
                moved[node] = moved[node] + part if node in moved else part
    for root in () if is_followed() else roots:
        t = _number(moved.get(root, 0.0))
        if not math.isfinite(t):
            raise ValueError(f"the tangent of {edges.named(root)} is {t}{culprit(*roots, way='on the way')}")
    return [moved.get(output, 0.0) for output in outputs]


def _number(x: Any) -> Any:
    return x.data if isinstance(x, Node) else x
