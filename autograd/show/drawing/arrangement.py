"""How a picture is arranged: which way it runs, and which leaves stand beside each of their uses."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ... import edges, graph, ops
from ...value import Value
from .extent import Operation

_LONG = 12  # operations in a row; a picture of more, and hardly any beside them, runs down


def levels(operations: Sequence[Operation]) -> list[int]:
    """For each operation of a picture how many others lie, at most, between it and the leaves.

    One of leaves alone stands just before what its result is used for: the input of a later time at that time.
    """
    place: dict[Any, int] = {operation.result: i for i, operation in enumerate(operations)}
    found: dict[int, int] = {}
    stack = list(range(len(operations)))
    while stack:
        before = [place[x] for x in operations[stack[-1]].operands if x in place]
        missing = [i for i in before if i not in found]
        if missing and stack[-1] not in found:
            stack += missing
        else:
            i = stack.pop()
            found[i] = 1 + max([found[j] for j in before], default=-1)
    first: dict[int, int] = {}
    for i, operation in enumerate(operations):
        for j in [place[x] for x in operation.operands if x in place]:
            first[j] = min(first.get(j, found[i]), found[i])
    return [first.get(i, 1) - 1 if found[i] == 0 else found[i] for i in range(len(operations))]


def runs_down(level: Sequence[int]) -> bool:
    """Whether a picture of operations at these levels is long and thin."""
    length = max(level, default=0) + 1
    return length > _LONG and len(level) < 2 * length


def places(operations: Sequence[Operation], level: Sequence[int], shared: bool | None) -> dict[tuple[Any, int], int]:
    """Where leaves are drawn more than once: for a leaf and the operation that uses it, which time this is.

    Args:
        operations: those of the picture.
        level: that of each operation.
        shared: True for none, False for all leaves beside each of their uses; None for the parameters of a recurrent
            network, once in each column of time: they are those whose list of weights is used at several levels.
    """
    if shared is True:
        return {}
    uses = [(x, i) for i, operation in enumerate(operations) for x in operation.operands if _is_leaf(x)]
    if shared is False:
        return {(x, i): i for x, i in uses}
    at: dict[int, set[int]] = {}
    weights: dict[int, Any] = {}
    for i, operation in enumerate(operations):
        if edges.rule(operation.made) is ops.dot:
            group = graph.operands(operation.made)[0]
            at.setdefault(id(group), set()).add(level[i])
            weights[id(group)] = group
    recurrent = any(len(found) > 1 and any(_is_parameter(x) for x in weights[key]) for key, found in at.items())
    return {(x, i): level[i] for x, i in uses if _is_parameter(x)} if recurrent else {}


def layers(operations: Sequence[Operation]) -> list[list[int]]:
    """The neurons of each layer in their order: operations `dot` of the same list of inputs."""
    found: dict[int, list[int]] = {}
    for i, operation in enumerate(operations):
        if edges.rule(operation.made) is ops.dot and operation.made is operation.result:
            found.setdefault(id(graph.operands(operation.made)[1]), []).append(i)
    return [layer for layer in found.values() if len(layer) > 1]


def _is_leaf(x: Any) -> bool:
    return isinstance(x, Value) and not x.op


def _is_parameter(x: Any) -> bool:
    return _is_leaf(x) and getattr(type(x), "kind", "") == "parameter"
