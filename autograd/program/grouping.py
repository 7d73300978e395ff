"""Which nodes of a scalar graph go together: those that do the same thing, at one depth, to operands of one kind.

Lists may differ in length, as the scores of a position with those before it do. Products of weights with inputs go
together where all inputs meet the same neurons: those of all positions of a sequence become one product.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Sequence
from typing import Any, NamedTuple

from .. import edges, graph, ops, selection
from ..conditions import COMPARISONS, chosen
from ..rules import Rule
from ..ternary import takes_lists
from ..value import Value

_ANY_CONSTANTS = {ops.add, ops.sub, ops.mul, ops.div, chosen, *COMPARISONS.values()}
"""Rules whose derivatives don't look at constants: each row may have another one."""

NEUTRAL: dict[Rule, float] = {ops.sum: 0.0, ops.norm: 0.0, ops.logsumexp: -math.inf, selection.largest: -math.inf}
"""Rules of one list, which may have any length in a group: it is filled up with this number, which changes nothing."""


def groups_of(computed: Sequence[Value], examples: set[Value]) -> list[list[Value]]:
    """The nodes in groups that one operation can compute, those that others need first.

    Args:
        computed: in the order of their making.
        examples: the leaves that differ from example to example.
    """
    known = _Known(examples)
    found: dict[tuple[Any, ...], list[Value]] = {}
    for node, rule, operands in edges.applications(computed):
        found.setdefault(known.enter(node, rule, operands), []).append(node)
    groups: list[list[Value]] = []
    for key, members in sorted(found.items(), key=lambda item: item[0][0]):
        layers = key[1] is ops.dot and key[2] in ("layer", "narrow")
        groups += _layers(members, known, examples) if layers else [members]
    return groups


class _Known:
    """How deep each node lies, and whether it depends on the examples; a list that many have in common is read once."""

    def __init__(self, examples: set[Value]) -> None:
        self._nodes: dict[Any, tuple[int, bool]] = dict.fromkeys(examples, (0, True))
        self._lists: dict[int, tuple[int, bool, int]] = {}  # with their lengths
        self._keys: dict[int, tuple[int, ...]] = {}
        self._kinds: dict[Any, tuple[tuple[int, bool], tuple[Any, ...]]] = {}

    def of(self, xs: Any) -> tuple[int, bool, int]:
        """Of a list of operands, with its length."""
        found = self._lists.get(id(xs))
        if found is None:
            inside = {self._nodes.get(x, _LEAF) for x in xs} if xs.__class__ is tuple else set()
            found = max([depth for depth, _ in inside], default=0), any(wide for _, wide in inside), len(xs)
            self._lists[id(xs)] = found
        return found

    def key(self, xs: Any) -> tuple[int, ...]:
        """What tells lists from each other: their items."""
        if id(xs) not in self._keys:
            self._keys[id(xs)] = tuple(map(id, xs))
        return self._keys[id(xs)]

    def enter(self, node: Value, rule: Rule, operands: Sequence[Any]) -> tuple[Any, ...]:
        """Note a node; returns what nodes of one group have in common: depth, rule, and the kinds of the operands."""
        each: list[tuple[Any, ...]] = []
        for x in operands:
            if isinstance(x, tuple):
                each.append(self._lists.get(id(x)) or self.of(x))
            elif x.__class__ is not float:
                each.append(self._nodes.get(x, _LEAF))
            else:
                each.append(_CONSTANT if _takes_any(rule) else (0, False, x, str(x)))  # str tells 0.0 from -0.0
        at = rule, *each
        found = self._kinds.get(at)  # there are few
        if found is None:
            found = self._kinds[at] = _kind(rule, operands, each)
        self._nodes[node], kind = found
        return kind

    def sides(self, node: Value) -> tuple[Sequence[Any], Sequence[Any]]:
        """The two lists of a dot; weights, which no example has a part in, come first."""
        ws, xs, _ = graph.operands(node)
        return (xs, ws) if self.of(ws)[1] and not self.of(xs)[1] else (ws, xs)


_LEAF = 0, False
_CONSTANT = 0, False, None


def _takes_any(rule: Rule) -> bool:
    return rule in _ANY_CONSTANTS or takes_lists(rule) or isinstance(rule, selection.OneHot)


def _kind(
    rule: Rule, operands: Sequence[Any], each: Sequence[tuple[Any, ...]]
) -> tuple[tuple[int, bool], tuple[Any, ...]]:
    """(depth, whether the examples have a part in it) of a node, and what its group has in common."""
    wide = [x[1] for x in each]
    depth = 1 + max([x[0] for x in each])
    return (depth, True in wide), (depth, rule, *_operands(rule, operands, each, wide))


def _operands(
    rule: Rule, operands: Sequence[Any], each: Sequence[tuple[Any, ...]], wide: Sequence[bool]
) -> tuple[Hashable, ...]:
    """The kinds of the operands, of which some depend on the examples."""
    if rule is ops.dot:
        (ws, xs, b), (left, right, of_b) = operands, wide
        if each[0][0] and each[1][0] and not (left or right):  # of what depends on no example, but isn't given
            return "computed", not ws, isinstance(b, Value)
        bias = of_b if isinstance(b, Value) else ""
        if left and right:
            return "wide", not ws, bias
        return "layer" if left or right else "narrow", len(xs), bias
    if takes_lists(rule):
        sizes = [len(xs) if isinstance(xs, tuple) else 1 for xs in operands]
        return tuple([((not n) if rule in NEUTRAL else n, w) for n, w in zip(sizes, wide)])
    return tuple([w if isinstance(x, Value) else each[i][2:] for i, (x, w) in enumerate(zip(operands, wide))])


def _layers(members: Sequence[Value], known: _Known, examples: set[Value]) -> list[list[Value]]:
    """Neurons in groups: those of the same inputs, and with them those of other inputs that meet the same weights.

    Layers of the examples themselves stay alone: with their biases each is one product already.
    """
    met: dict[tuple[int, ...], list[tuple[tuple[int, ...], Value]]] = {}
    alone: set[tuple[int, ...]] = set()
    for node in members:
        left, right = known.sides(node)
        ws, xs = known.key(left), known.key(right)
        if xs not in met and not examples.isdisjoint(right):
            alone.add(xs)
        met.setdefault(xs, []).append((ws, node))
    alike: dict[Any, list[Value]] = {}
    for xs, neurons in met.items():
        weights = frozenset([ws for ws, _ in neurons])
        key = xs if xs in alone or len(weights) < len(neurons) else weights
        alike.setdefault(key, []).extend([node for _, node in neurons])
    return list(alike.values())


class Table(NamedTuple):
    """What is looked up.

    Args:
        columns: as long as one another.
        indices: what names the rows.
        rows: by node, which of the numbers it is that are found, those of the first index first.
    """

    columns: list[Sequence[Any]]
    indices: list[Value]
    rows: dict[Value, int]


def tables_of(members: Sequence[Value]) -> list[Table]:
    """The tables that a group of look-ups looks into, each with all indices that look into the same columns."""
    column: dict[tuple[int, ...], Sequence[Any]] = {}
    looked_up: dict[Value, dict[tuple[int, ...], list[Value]]] = {}  # for each index, by column
    for node in members:
        index, xs = graph.operands(node)
        key = tuple(map(id, xs))
        column[key] = xs
        looked_up.setdefault(index, {}).setdefault(key, []).append(node)
    found: dict[tuple[Any, ...], Table] = {}
    for index, keys in looked_up.items():
        table = found.setdefault(tuple(keys), Table([column[key] for key in keys], [], {}))
        start = len(table.indices) * len(keys)
        table.rows.update({node: start + i for i, nodes in enumerate(keys.values()) for node in nodes})
        table.indices.append(index)
    return list(found.values())


def laid_out(groups: Sequence[Sequence[Value]], parameters: Sequence[Value]) -> list[Value]:
    """The parameters in the order of the flat vector: the rows of a layer's matrix, with its bias after each.

    Matrices, and what is in none, stay in the order in which they are given: where all rows do, too, a session needs
    only copy the numbers of its vector.
    """
    place = {p: i for i, p in enumerate(parameters)}
    free = dict.fromkeys(parameters)
    blocks: list[list[Value]] = []
    for members in groups:
        rule = edges.rule_of(members[0])
        matrices: list[list[Any]] = []
        if rule is ops.dot:
            matrices = [list(dict.fromkeys([tuple(_parameters(node, free)) for node in members]))]
        elif rule is selection.item:
            matrices = [list(zip(*table.columns)) for table in tables_of(members)]
        for rows in matrices:
            widths = {len(row) for row in rows}
            wanted = [p for row in rows for p in row]
            if len(widths) == 1 and len(set(wanted)) == len(wanted) and all(p in free for p in wanted):
                blocks.append(wanted)
                for p in wanted:
                    del free[p]
    blocks = [block for block in blocks if block] + [[p] for p in free]
    return [p for block in sorted(blocks, key=lambda block: place[block[0]]) for p in block]


def _parameters(node: Value, free: dict[Value, None]) -> list[Any]:
    """The weights of a dot, on the left unless parameters are on the right alone, and its bias."""
    ws, xs, b = graph.operands(node)
    return [*(xs if xs and xs[0] in free else ws), *([b] if b in free else [])]
