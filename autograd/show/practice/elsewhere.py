"""A graph at other numbers than its own: there a formula is told from one that gives the right number by chance."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from ... import edges, graph
from ...notation.names import as_read
from ...notation.text import figure
from ...order import topological_order
from ...transforms.calls import transforming
from ...value import Value

_SHARES = (0.1, -0.07)  # of a leaf's number by which it is moved: not far, so that few kinks lie between
_MOST = 5_000  # nodes
_SHOWN = 4  # numbers of leaves in a sentence


class Place(NamedTuple):
    """Other numbers for a graph.

    Args:
        said: those of its leaves, as a sentence has them: `x = 2.2, y = 3.3`.
        numbers: those of all its nodes, by their names.
        node: what each node of the graph is there.
    """

    said: str
    numbers: dict[str, float]
    node: dict[Value, Value]


def elsewhere(called: Mapping[Value, str], output: Value) -> Iterator[Place]:
    """The graph at other numbers, where it is defined; none if a leaf has no label, or a node can't be computed anew.

    Args:
        called: the names of its nodes.
        output: the Value that is differentiated.
    """
    order = topological_order(output)
    leaves = [x for x in as_read(order) if edges.rule(x) is None]
    if len(order) > _MOST or not all(x.label for x in leaves):
        return
    for share in _SHARES:
        anew = {x: Value(x.data + share * (1 + i % 5 / 2) * (abs(x.data) or 1.0)) for i, x in enumerate(leaves)}
        try:
            with transforming():
                for node in order[len(leaves) :]:
                    rule: Any = edges.rule(node)
                    anew[node] = rule(*[_of(x, anew) for x in graph.operands(node)])
        except (ValueError, ArithmeticError, TypeError, RuntimeError):  # not defined there; a checkpoint says no
            continue
        given = [f"{called[x]} = {figure(anew[x].data)}" for x in leaves]
        said = ", ".join(given[:_SHOWN]) + ", …" * (len(given) > _SHOWN)
        yield Place(said, {called[x]: new.data for x, new in anew.items()}, anew)


def _of(operand: Any, anew: Mapping[Value, Value]) -> Any:
    if isinstance(operand, tuple):
        return [_of(x, anew) for x in operand]
    return anew[operand] if isinstance(operand, Value) else operand
