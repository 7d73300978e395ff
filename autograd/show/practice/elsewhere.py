"""A graph at other numbers than its own: there a formula is told from one that gives the right number by chance."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from ... import edges, graph
from ...order import topological_order
from ...transforms.calls import transforming
from ...transforms.modes import pullback
from ...value import Value

_SHARES = (0.1, -0.07)  # of a leaf's number by which it is moved: not far, so that few kinks lie between
_MOST = 5_000  # nodes


class Place(NamedTuple):
    """Other numbers for a graph.

    Args:
        leaves: those of its leaves, by their names.
        numbers: those of all its nodes, by their names.
        gradient: what is asked for, there.
    """

    leaves: dict[str, float]
    numbers: dict[str, float]
    gradient: float


def elsewhere(called: Mapping[Value, str], output: Value, leaf: Value) -> Iterator[Place]:
    """The graph at other numbers, where it is defined; none if a leaf has no label, or a node can't be computed anew.

    Args:
        called: the names of the nodes.
        output: the Value that is differentiated.
        leaf: what it is differentiated with respect to.
    """
    order = topological_order(output)
    leaves = [x for x in order if edges.rule(x) is None]
    if len(order) > _MOST or not all(x.label for x in leaves):
        return
    for share in _SHARES:
        anew = {leaf: Value(leaf.data)}
        anew |= {x: Value(x.data + share * (1 + i % 5 / 4) * (abs(x.data) or 1.0)) for i, x in enumerate(leaves)}
        try:
            with transforming():
                for node in order[len(leaves) :]:
                    rule: Any = edges.rule(node)
                    anew[node] = rule(*[_of(x, anew) for x in graph.operands(node)])
            gradient = pullback([anew[output]], [1.0], [anew[leaf]], as_values=False)[0]
        except (ValueError, ArithmeticError, TypeError, RuntimeError):  # not defined there; a checkpoint says no
            continue
        if math.isfinite(gradient):
            yield Place(
                {called[x]: anew[x].data for x in leaves}, {name: anew[x].data for x, name in called.items()}, gradient
            )


def _of(operand: Any, anew: Mapping[Value, Value]) -> Any:
    if isinstance(operand, tuple):
        return [_of(x, anew) for x in operand]
    return anew[operand] if isinstance(operand, Value) else operand
