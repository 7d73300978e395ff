"""Sums that are written out, w1 x1 + w2 x2 + … + b, become the rule of lists that they are: `dot`, or `sum`.

Whoever writes `sum((w * x for w, x in zip(ws, xs)), b)`, or the same with `+=`, means w·x + b. Here the scalar graph is
looked through for such trees of + and −, before lower.py finds out what goes together. A term is taken out of the graph
only where nothing else uses it, so that the same numbers are added up, in the order of the matrix product.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from .. import edges, graph, ops
from ..basics.groups import Floats
from ..modes import mode
from ..rules import Rule
from ..value import Value, recorded

LONG = 4
"""From so many on, terms of one kind become a list; products, unless they are with constants, do so from two on."""

_FLOAT, _LEAF, _NARROW, _WIDE = range(4)  # a constant, a leaf such as a weight, what comes of leaves, what of examples
_WEIGHTED = (_LEAF, _WIDE)
_PARTS = {ops.add, ops.sub, ops.neg, ops.sum}


class _Term(NamedTuple):
    """What is added up: a node or a number, with its sign; of a product also its factors, and their kinds."""

    sign: int
    node: Any
    factors: tuple[Any, Any] | None = None
    kinds: tuple[int, int] | None = None


class _Piece(NamedTuple):
    """A part of the new sum, with its sign: a rule of lists and its operands, or without a rule a node or a number."""

    sign: int
    rule: Rule | None
    of: Any


def written_out(computed: Sequence[Value], results: Iterable[Any], examples: set[Value]) -> list[Value]:
    """The graph with rules of lists in the place of the sums that were written out; these nodes are remade.

    Args:
        computed: the nodes that the results depend on, in the order of their making.
        results: what the function returns.
        examples: the leaves that it was called with.

    Returns:
        The nodes that they depend on now, in an order of making.
    """
    roots = [x for x in results if isinstance(x, Value)]
    sums = _Sums(computed, roots, examples)
    found = {node: terms for node in reversed(sums.parts) if (terms := sums.terms(node)) and _may_be_lists(terms)}
    lone = Counter([sums.lone(terms) for terms in found.values()])
    order: list[Value] = []
    with mode(trace=None, no_grad=False, journal=None):
        for node in computed:
            if node in found:
                kinds, _ = alike = sums.lone(found[node])
                order += sums.remade(node, found[node], kinds if lone[alike] > 1 else None)
            order.append(node)
    if not sums.remakes:
        return order
    return edges.reached(order, roots)[0]


class _Sums:
    """What is known of the nodes: where they come from, and which of them only serve a sum."""

    def __init__(self, computed: Sequence[Value], roots: Sequence[Value], examples: set[Value]) -> None:
        self.twice = set(roots)  # what is used more than once; what is returned stays, too
        self.kinds = dict.fromkeys(examples, _WIDE)
        self.products: dict[Value, int] = {}  # of a part of a sum, how many products are in it
        self.apart: set[Value] = set()  # sums that are terms of a sum, and stay so
        self.groups: dict[Any, Any] = {}  # lists by what is in them, so that neurons have one in common
        self.taken: set[Value] = set()
        self.long: set[tuple[int, int]] = set()  # of the factors of products, several of which make a sum
        self.remakes = 0
        self.parts: list[Value] = []  # what may be one of a sum, but for products
        self._met = set[Value]()  # what is used
        self._lists: dict[int, tuple[bool, bool]] = {}  # by id: whether one was met twice, whether examples are in it
        for node, rule, operands in edges.applications(computed):
            wide = False
            for x in operands:
                if x.__class__ is tuple:
                    twice, of_examples = self._lists.get(id(x)) or (False, False)
                    wide = (of_examples if twice else self._of_list(x)) or wide  # more than twice is often enough
                elif x.__class__ is not float and x.__class__ is not Floats:
                    (self.twice if x in self._met else self._met).add(x)
                    wide = wide or self.kinds.get(x) == _WIDE
            self.kinds[node] = _WIDE if wide else _NARROW
            if rule is ops.mul:
                self.products[node] = 1
            elif rule in _PARTS:
                self.parts.append(node)
        for node in self.parts:
            self._count(node, edges.rule_of(node), graph.operands(node))

    def _of_list(self, xs: tuple[Any, ...]) -> bool:
        """Note a use of what is in a list; returns whether the examples have a part in it."""
        twice, wide = self._lists.get(id(xs), (None, False))
        if twice is None:
            each = set(xs)
            self.twice |= each & self._met
            self._met |= each
            if len(each) < len(xs):
                self.twice.update([x for x, n in Counter(xs).items() if n > 1])
            wide = _WIDE in map(self.kinds.get, xs)
        else:
            self.twice.update(xs)
        self._lists[id(xs)] = twice is not None, wide
        return wide

    def _count(self, node: Value, rule: Rule, operands: Sequence[Any]) -> None:
        """Note how many products a part of a sum brings in."""
        if rule is ops.sum:  # what is added up there stays a term
            inside = [x for x in operands[0] if self._inside(x)]
            self.apart.update([x for x in inside if edges.rule_of(x) is not ops.mul])
            self.products[node] = sum([self._inside(x) for x in inside])
            return
        counts = [self._inside(x) for x in operands]
        if min(counts) > 1 and rule is not ops.neg:  # a sum of products, added to another
            self.apart.add(operands[1])
            counts.pop()
        self.products[node] = sum(counts)

    def _inside(self, x: Any) -> int:
        """How many products an operand brings into a sum."""
        return self.products.get(x, 0) if isinstance(x, Value) and not (x in self.twice or x in self.apart) else 0

    def kind(self, x: Any) -> int:
        """Of what kind a number or node is."""
        return self.kinds.get(x, _LEAF) if isinstance(x, Value) else _FLOAT

    def terms(self, root: Value) -> list[_Term]:
        """The terms of a sum, in the order in which they are written; none for what is no sum, or a part of one."""
        if root in self.taken or edges.rule_of(root) is ops.neg or not self._may_be_several(root):
            return []
        terms: list[_Term] = []
        stack: list[tuple[int, Any]] = [(1, root)]
        while stack:
            sign, x = stack.pop()
            inner = isinstance(x, Value) and x in self.kinds and not (x in self.twice or x in self.apart)
            rule = edges.rule_of(x) if inner or x is root else None
            operands = graph.operands(x) if rule is not None else ()
            if rule is ops.mul:
                a, b = sorted(operands, key=self.kind)  # the weight comes first
                terms.append(_Term(sign, x, (a, b), (self.kind(a), self.kind(b))))
                continue
            if rule is ops.sum and (x is root or self.products[x]):
                stack += [(sign, y) for y in reversed(operands[0])]
            elif rule is ops.add or rule is ops.sub:
                stack += [(sign if rule is ops.add else -sign, operands[1]), (sign, operands[0])]
            elif rule is ops.neg:
                stack.append((-sign, operands[0]))
            else:
                terms.append(_Term(sign, x))
                continue
            self.taken.add(x)
        kinds = [t.kinds for t in terms if t.kinds and min(t.kinds) >= _NARROW]
        self.long.update(k for k in set(kinds) if kinds.count(k) > 1)
        return terms

    def _may_be_several(self, root: Value) -> bool:
        """Whether there are more terms in a sum than two that are neither products nor sums themselves."""
        apart, twice = self.apart, self.twice
        inner = [x for x in graph.operands(root) if x.__class__ is tuple or x in self.products]
        return any(x.__class__ is tuple or not (x in twice or x in apart) for x in inner)

    def lone(self, terms: Sequence[_Term]) -> tuple[Any, Any]:
        """(the kinds of a sum's one product, what it has in common with those that go together with it), or Nones.

        Of w x + b that is the x: with one input, too, neurons that look at the same make a layer. A product of what is
        computed goes with longer sums of these: the first position of a sequence has but itself to look at.
        """
        products = [t for t in terms if t.factors]
        weighted = [t.factors[1] for t in products if t.factors and t.kinds == _WEIGHTED]
        rest = [t.node for t in terms if not t.factors and _is_something(t.node)]
        if len(rest) < 2 and all(t.sign == 1 for t in terms):
            if len(weighted) == 1 and self.kinds.keys().isdisjoint(rest):
                return _WEIGHTED, weighted[0]
            if len(products) == 1 and not rest and products[0].kinds in self.long:
                return products[0].kinds, None
        return None, None

    def remade(self, node: Value, terms: Sequence[_Term], single: tuple[int, int] | None) -> list[Value]:
        """Make the sum one of lists, where there are enough terms for one; returns the nodes that are new.

        Args:
            node: the sum.
            terms: what it adds up.
            single: the kinds of a product that makes a list by itself; None for none.
        """
        listed: dict[Any, list[_Term]] = {}
        for t in terms:
            listed.setdefault((t.sign, t.kinds), []).append(t)
        pieces: list[_Piece] = []
        for (sign, kinds), members in listed.items():
            least = 1 if kinds and kinds == single else 2 if kinds and kinds[0] != _FLOAT else LONG
            if kinds and len(members) >= least:
                ws, xs = [self._group(x) for x in zip(*[t.factors for t in members if t.factors])]
                pieces.append(_Piece(sign, ops.dot, (ws, xs, 0.0)))
            else:
                pieces += [_Piece(sign, None, t.node) for t in members if _is_something(t.node)]
        if edges.rule_of(node) is ops.sum and not any(p.rule for p in pieces):
            return []  # it is one already
        constants = [p.sign * p.of for p in pieces if isinstance(p.of, float)]
        if len(constants) > 1:
            total = math.fsum(constants) if all(map(math.isfinite, constants)) else sum(constants)
            pieces = [*[p for p in pieces if not isinstance(p.of, float)], _Piece(1, None, total)]
        return self._joined(node, self._with_bias(pieces))

    def _group(self, xs: Iterable[Any]) -> Any:
        group = tuple(xs)
        return self.groups.setdefault(tuple(map(id, group)), group) if isinstance(group[0], Value) else Floats(group)

    def _with_bias(self, pieces: Sequence[_Piece]) -> list[_Piece]:
        """The pieces in the order in which they are added: lists first; a leaf or a constant is the bias of a dot."""
        made = sorted([p for p in pieces if p.rule], key=lambda p: -p.sign)
        rest = sorted([p for p in pieces if not p.rule], key=lambda p: -p.sign)
        constant = [p for p in rest if isinstance(p.of, float)]
        leaves = [p for p in rest if isinstance(p.of, Value) and p.sign > 0 and p.of not in self.kinds]
        if made and made[0].sign > 0 and (leaves or constant):
            bias = (leaves or constant)[0]
            rest.remove(bias)
            ws, xs, _ = made[0].of
            made[0] = _Piece(1, ops.dot, (ws, xs, bias.of if leaves else bias.sign * bias.of))
        return made + rest

    def _joined(self, node: Value, pieces: Sequence[_Piece]) -> list[Value]:
        """Make the node the sum of the pieces, if that is simpler; returns the nodes that are new."""
        new: list[Value] = []

        def made(piece: _Piece) -> Any:
            if piece.rule is not None:
                new.append(recorded(math.nan, piece.rule, piece.of))
            return piece.of if piece.rule is None else new[-1]

        for sign in (1, -1):  # a long sum of anything else is one of a list, too
            several = [p for p in pieces if p.sign == sign and not isinstance(p.of, float)]
            rules = {p.rule or (edges.rule_of(p.of) if p.of in self.kinds else None) for p in several}
            if len(several) >= max(LONG, 2 * len(rules)):  # rows of few Arrays, which needn't be copied together
                whole = _Piece(sign, ops.sum, (self._group([made(p) for p in several]),))
                pieces = [whole, *[p for p in pieces if p not in several]]
        if not any(p.rule for p in pieces):
            return []
        self.remakes += 1
        first, *others = sorted(pieces, key=lambda p: -p.sign)
        if not others:
            if first.sign > 0 and first.rule is not None:
                edges.remake(node, first.rule, first.of)
            else:
                edges.remake(node, ops.neg, made(first))
            return new
        total = made(first)
        if first.sign < 0:
            new.append(recorded(math.nan, ops.neg, total))
            total = new[-1]
        for p in others[:-1]:
            new.append(recorded(math.nan, ops.add if p.sign > 0 else ops.sub, total, made(p)))
            total = new[-1]
        edges.remake(node, ops.add if others[-1].sign > 0 else ops.sub, total, made(others[-1]))
        return new


def _may_be_lists(terms: Sequence[_Term]) -> bool:
    return len(terms) >= LONG or any(term.factors for term in terms)


def _is_something(x: Any) -> bool:
    """Whether it isn't the 0 which sum() begins with."""
    return not isinstance(x, float) or x != 0.0
