"""Reverse mode and forward mode: a recorded graph, read from its outputs back or from its inputs on.

Neither touches a `.grad`. Where a derivative is to be differentiated itself, both compute with Values, not floats.
`backward()`, which does the first for floats only, in place and faster, is in sweeps.py.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, TypeAlias

from .. import graph, kinks
from ..basics.operand import FLAT
from ..faults import check
from ..graph import Node
from ..modes import is_followed

Order: TypeAlias = tuple[list[Any], list[Any]]
"""What some outputs depend on, computed nodes and leaves, as graph.walk gives it."""


def pullback(
    outputs: Sequence[Any],
    seeds: Sequence[Any],
    inputs: Sequence[Any],
    *,
    as_values: bool,
    order: Order | None = None,
    within: bool = False,
    finite: bool = True,
) -> list[Any]:
    """Reverse mode: Σ seed · ∂output/∂input for each of the inputs.

    `order` is a walk from the outputs. By itself it ends at the inputs, even where they are computed from one another.
    `within` means that it is a part of a larger graph, where a seed of 0 is a gradient like any other, and an input
    that gets none is given FLAT; without `finite` a gradient that is not finite isn't refused.
    """
    roots = [output for output in outputs if isinstance(output, Node)]
    computed, leaves = order or graph.walk(roots, inputs)
    check(roots, computed, leaves)
    needed = set(inputs)  # the nodes on a way from an input to an output: only those need a gradient
    for node in computed:
        if not needed.isdisjoint(graph.parents(node)):
            needed.add(node)
    gradients: dict[Any, Any] = {}
    for output, seed in zip(outputs, seeds):
        if output in needed and (within or isinstance(seed, Node) or seed != 0):  # who gives 0 doesn't ask for it
            gradients[output] = gradients[output] + seed if output in gradients else seed
    kinks.back(computed, gradients, needed, as_values)
    for x in inputs if finite and not is_followed() else ():
        g = kinks.number(gradients.get(x, 0.0))
        if isinstance(g, float) and not math.isfinite(g):
            raise kinks.refusal(x, gradients, computed, roots)
    return [gradients.get(x, FLAT if within else 0.0) for x in inputs]


def pushforward(
    outputs: Sequence[Any], inputs: Sequence[Any], tangents: Sequence[Any], *, as_values: bool, order: Order
) -> list[Any]:
    """Forward mode: Σ ∂output/∂input · tangent for each of the outputs; `order` is a walk from them to the inputs."""
    roots = [output for output in outputs if isinstance(output, Node)]
    computed, leaves = order
    check(roots, computed, leaves)
    # an input that doesn't move is a constant: where its slope doesn't exist or overflows, nobody has asked for it
    moved: dict[Any, Any] = {x: t for x, t in zip(inputs, tangents) if isinstance(t, Node) or t != 0}
    kinks.forth(computed, moved, as_values)
    for root in () if is_followed() else roots:
        t = kinks.number(moved.get(root, 0.0))
        if not math.isfinite(t):
            raise kinks.refusal(root, moved, computed, roots, "tangent")
    return [moved.get(output, 0.0) for output in outputs]
