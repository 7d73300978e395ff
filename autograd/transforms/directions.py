"""All derivatives of several outputs by several inputs, from one walk over their graph, in the cheaper direction.

Reverse mode carries from the outputs back, for each node, its share of each row of the matrix; forward mode carries
each column from the inputs on. Either way a slope is computed once, and nothing is carried to where it doesn't lead.
With few inputs and many outputs that share most of their graph (a time series), forward mode has less to carry.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from .. import edges, graph, kinks
from ..basics.operand import FLAT
from ..faults import check
from ..graph import Node
from ..modes import flat_choices, is_followed
from .modes import Order, pullback

Parts = dict[int, Any]
"""What is carried: a number or Value for each row or column that has come to a node, by its position."""


def derivatives(
    outputs: Sequence[Any], inputs: Sequence[Any], *, as_values: bool, order: Order | None = None
) -> list[list[Any]]:
    """∂output/∂input: for each output a row, with a number or Value for each input.

    Args:
        outputs: Values, and numbers, whose derivatives are 0.
        inputs: Values; the graph ends at them.
        as_values: whether the derivatives are to be differentiated themselves.
        order: a walk from the outputs to the inputs, if there has been one.

    Raises:
        ValueError, ZeroDivisionError, RuntimeError: as `Value.backward`.
    """
    roots = [y for y in outputs if isinstance(y, Node)]
    order = order or graph.walk(roots, inputs)
    if len(roots) < 2:
        return [pullback([y], [1.0], inputs, as_values=as_values, order=order) for y in outputs]

    def one_by_one() -> list[list[Any]]:
        return [pullback([y], [1.0], inputs, as_values=as_values) for y in outputs]

    computed, leaves = order
    check(roots, computed, leaves)
    moving: dict[Any, int] = {x: 1 << i for i, x in enumerate(inputs)}
    """The nodes that depend on inputs, each with the set of these, one bit an input."""
    links = [graph.parents(node) for node in computed]
    for node, parents in zip(computed, links):
        bits = 0
        for parent in parents:
            bits |= moving.get(parent, 0)
        if bits:
            moving[node] = bits
    if any(edges.rule_of(node).name == "checkpoint" for node in computed):  # it computes anew for each row
        return one_by_one()
    forward = len(roots) > len(inputs) and _forward_is_cheaper(outputs, computed, links, moving)
    matrix = (_columns if forward else _rows)(outputs, inputs, computed, moving, as_values)
    if is_followed() or all(math.isfinite(kinks.number(g)) for row in matrix for g in row):
        return matrix
    return one_by_one()  # which says what made it so


def _forward_is_cheaper(
    outputs: Sequence[Any], computed: list[Any], links: list[tuple[Any, ...]], moving: dict[Any, int]
) -> bool:
    """Whether the inputs behind all nodes are fewer than the outputs before them."""
    ahead: dict[Any, int] = {}
    for j, y in enumerate(outputs):
        ahead[y] = ahead.get(y, 0) | 1 << j
    forward = reverse = 0
    for node, parents in zip(reversed(computed), reversed(links)):
        bits = ahead.pop(node, 0)
        if node in moving:
            forward += moving[node].bit_count()
            reverse += bits.bit_count()
            for parent in parents:
                ahead[parent] = ahead.get(parent, 0) | bits
    return forward < reverse


def _rows(
    outputs: Sequence[Any], inputs: Sequence[Any], computed: list[Any], moving: dict[Any, int], as_values: bool
) -> list[list[Any]]:
    received: dict[Any, Parts] = {}
    for j, y in enumerate(outputs):
        if y in moving:
            received.setdefault(y, {})[j] = 1.0
    for node in reversed(computed):
        parts = received.pop(node, None)
        if parts:
            for parent, slope in kinks.slopes(node, as_values, moving):
                if parent in moving and slope is not FLAT:
                    _add(received.setdefault(parent, {}), parts, slope)
    return [[received.get(x, {}).get(j, 0.0) for x in inputs] for j in range(len(outputs))]


def _columns(
    outputs: Sequence[Any], inputs: Sequence[Any], computed: list[Any], moving: dict[Any, int], as_values: bool
) -> list[list[Any]]:
    position = {x: i for i, x in enumerate(inputs)}
    moved: dict[Any, Parts] = {x: {i: 1.0} for x, i in position.items()}
    for node in computed:
        if node in moving:
            moved[node] = {}
            for parent, slope in kinks.slopes(node, as_values, moving):
                if parent in moving and slope is not FLAT:
                    _add(moved[node], moved[parent], slope)
    return [[moved.get(y, {}).get(position[x], 0.0) for x in inputs] for y in outputs]


def _add(total: Parts, parts: Parts, slope: Any) -> None:
    """total += slope · parts."""
    unchanged, choices = slope.__class__ is float and slope == 1.0, flat_choices()
    for k, x in parts.items():
        part = x if unchanged else x * slope if choices is None else kinks.times(x, slope, choices)
        total[k] = total[k] + part if k in total else part
