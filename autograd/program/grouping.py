"""Which nodes of a scalar graph go together: those that do the same thing, at one depth, to operands of one kind.

Lists may differ in length, as the scores of a position with those before it do. Products of weights with inputs go
together where all inputs meet the same neurons: those of all positions of a sequence become one product.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Sequence
from typing import Any

from .. import edges, graph, ops, selection
from ..basics.groups import flat
from ..conditions import COMPARISONS, chosen
from ..rules import Rule
from ..ternary import takes_lists
from ..value import Value

_ANY_CONSTANTS = {ops.add, ops.sub, ops.mul, ops.div, chosen, *COMPARISONS.values()}
"""Rules whose derivatives don't look at constants: each row may have another one."""

NEUTRAL: dict[Rule, float] = {ops.sum: 0.0, ops.norm: 0.0, ops.logsumexp: -math.inf}
"""Rules of one list, which may have any length in a group: it is filled up with this number, which changes nothing."""


def groups_of(computed: Sequence[Value], examples: set[Value]) -> list[list[Value]]:
    """The nodes in groups that one operation can compute, those that others need first.

    Args:
        computed: in the order of their making.
        examples: the leaves that differ from example to example.
    """
    depth: dict[Value, int] = {}
    wide: set[Value] = set(examples)
    found: dict[tuple[Any, ...], list[Value]] = {}
    for node in computed:
        parents = graph.parents(node)
        depth[node] = 1 + max([depth.get(parent, 0) for parent in parents], default=0)
        if not wide.isdisjoint(parents):
            wide.add(node)
        found.setdefault((depth[node], *_kind(node, wide)), []).append(node)
    groups: list[list[Value]] = []
    for key, members in sorted(found.items(), key=lambda item: item[0][0]):
        layers = key[1] is ops.dot and key[2] in ("layer", "narrow")
        groups += _layers(members, wide, examples) if layers else [members]
    return groups


def _kind(node: Value, wide: set[Value]) -> tuple[Hashable, ...]:
    """What nodes of one group have in common: the rule, and the kinds of its operands."""
    rule, operands = edges.rule_of(node), graph.operands(node)
    if rule is ops.dot:
        ws, xs = sides(node, wide)
        bias = operands[2] in wide if isinstance(operands[2], Value) else ""
        if not wide.isdisjoint(ws):
            return rule, "wide", not ws, bias
        return rule, "narrow" if wide.isdisjoint(xs) else "layer", len(xs), bias
    if takes_lists(rule):
        groups = [flat((operand,)) for operand in operands]
        return rule, *[((not xs) if rule in NEUTRAL else len(xs), not wide.isdisjoint(xs)) for xs in groups]
    if rule in _ANY_CONSTANTS or isinstance(rule, selection.OneHot):
        return rule, *[x in wide if isinstance(x, Value) else "" for x in operands]
    return rule, *[x in wide if isinstance(x, Value) else (x, str(x)) for x in operands]  # str tells 0.0 from -0.0


def sides(node: Value, wide: set[Value]) -> tuple[Sequence[Any], Sequence[Any]]:
    """The two lists of a dot; weights, which no example has a part in, come first."""
    ws, xs, _ = graph.operands(node)
    return (xs, ws) if not wide.isdisjoint(ws) and wide.isdisjoint(xs) else (ws, xs)


def _layers(members: Sequence[Value], wide: set[Value], examples: set[Value]) -> list[list[Value]]:
    """Neurons in groups: those of the same inputs, and with them those of other inputs that meet the same weights.

    Layers of the examples themselves stay alone: with their biases each is one product already.
    """
    met: dict[tuple[int, ...], list[tuple[tuple[int, ...], Value]]] = {}
    alone: set[tuple[int, ...]] = set()
    for node in members:
        left, right = sides(node, wide)
        ws, xs = tuple(map(id, left)), tuple(map(id, right))
        if not examples.isdisjoint(right):
            alone.add(xs)
        met.setdefault(xs, []).append((ws, node))
    alike: dict[Any, list[Value]] = {}
    for xs, neurons in met.items():
        weights = frozenset([ws for ws, _ in neurons])
        key = xs if xs in alone or len(weights) < len(neurons) else weights
        alike.setdefault(key, []).extend([node for _, node in neurons])
    return list(alike.values())


def laid_out(groups: Sequence[Sequence[Value]], parameters: Sequence[Value]) -> list[Value]:
    """The parameters in the order of the flat vector: the rows of a layer's matrix, with its bias after each."""
    free = dict.fromkeys(parameters)
    order: list[Value] = []
    for members in groups:
        if edges.rule_of(members[0]) not in (ops.dot, selection.item):
            continue
        rows = list(dict.fromkeys([tuple(_parameters(node, free)) for node in members]))
        widths = {len(row) for row in rows}
        wanted = [p for row in rows for p in row]
        if len(widths) == 1 and len(set(wanted)) == len(wanted) and all(p in free for p in wanted):
            order += wanted
            for p in wanted:
                del free[p]
    return order + list(free)


def _parameters(node: Value, free: dict[Value, None]) -> list[Any]:
    """The weights of a dot, on the left unless parameters are on the right alone, and its bias; a column of a table."""
    if edges.rule_of(node) is selection.item:
        return list(graph.operands(node)[1])
    ws, xs, b = graph.operands(node)
    return [*(xs if xs and xs[0] in free else ws), *([b] if b in free else [])]
