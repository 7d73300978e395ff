"""From a scalar graph to operations on arrays: nodes that do the same thing at the same depth become one operation.

Nodes are placed in rows: those of one rule, at one depth, with operands of one kind are the rows of one Array. Neurons
that look at the same inputs become a matrix product, for which their weights lie beside each other in one flat vector
of all parameters; what fits no such pattern is gathered row by row.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

from .. import edges, graph, ops, selection
from ..basics.groups import flat
from ..conditions import chosen, entered
from ..rules import Rule
from ..ternary import takes_lists
from ..transforms.tree import leaves_of
from ..value import Value
from .grouping import NEUTRAL, groups_of, laid_out, tables_of
from .ir import Array
from .places import Place, Places
from .products import dots
from .softmax import share, shares
from .sums import written_out


class Lowered(NamedTuple):
    """The operations that a scalar graph became.

    Args:
        parameters: in the order in which they lie in the flat vector.
        captured: other leaves, whose numbers are read anew in each run.
        inputs: an Array for each argument.
        outputs: the place of each number that the function returned; a float where it is a constant.
        vector: the Array of all parameters; None if there are none.
    """

    parameters: list[Value]
    captured: list[Value]
    inputs: list[Array]
    outputs: list[Place | float]
    vector: Array | None


def lower(output: Any, made: Sequence[Value], arguments: Sequence[Any], parameters: Sequence[Value]) -> Lowered:
    """The operations of a traced function.

    Args:
        output: what it returned: a number or nested lists of them.
        made: all nodes of the trace, in the order of their making.
        arguments: the leaves that it was called with, nested as it wants them.
        parameters: the leaves to differentiate for.
    """
    results = leaves_of(output, "what the function returns")
    made, leaves = edges.reached(shares(made), [x for x in results if isinstance(x, Value)])
    examples = [leaves_of(argument, "an argument") for argument in arguments]
    of_examples = {x for xs in examples for x in xs}
    groups = groups_of(written_out(made, results, of_examples), of_examples)
    order = laid_out(groups, parameters)
    given = of_examples.union(order)
    captured = [leaf for leaf in leaves if leaf not in given]
    rows = _Computed()
    inputs = [rows.source("input", xs, (i, len(xs))) for i, xs in enumerate(examples)]
    vector = rows.source("vector", order, len(order)) if order else None
    if captured:
        rows.source("captured", captured, len(captured))
    for members in groups:
        rows.compute(members)
    outputs = [rows.place[x] if isinstance(x, Value) else float(x) for x in results]
    return Lowered(order, captured, inputs, outputs, vector)


# ------------------------------------------------------------------------------------------------ what is computed


class _Computed(Places):
    """The Arrays that compute groups of nodes."""

    def compute(self, members: Sequence[Value]) -> None:
        """The Array that computes a group of nodes."""
        rule = edges.rule_of(members[0])
        if rule is ops.dot:
            dots(self, members)
            return
        if rule is selection.item:
            self._items(members)
            return
        if rule is share:
            self._shares(members)
            return
        operands = list(zip(*[graph.operands(node) for node in members]))  # the first of all nodes, the second, ...
        if rule is chosen or rule is entered:
            block = self._choice(*operands)
        elif takes_lists(rule):
            self._of_lists(rule, members, operands)
            return
        elif self.holes and self.with_holes(rule, members, operands):
            return
        else:
            columns = [self.column(column) for column in operands]
            # what is multiplied by 0, or 0 added to, is computed for what isn't finite, and -0
            zero = any(isinstance(column, float) and column == 0 for column in columns)
            apply = self.builder.elementwise if zero else self.builder.apply
            block = self.repeated(apply(rule, *columns), len(members))
        self.put(members, block)

    def _choice(self, condition: Sequence[Any], *branches: Sequence[Any]) -> Array:
        """A choice by numbers that are 1 or 0; of one branch only, where the other is not a number."""
        holds = self.builder.elementwise(">", self.column(condition), 0.5)
        columns = [self.column(branch) for branch in branches]
        detail = None if len(columns) > 1 else "entered"
        choice = self.builder.make("where", holds, *[*columns, math.nan][:2], detail=detail)
        return self.repeated(choice, len(condition))

    def _items(self, members: Sequence[Value]) -> None:
        """Rows of tables by their numbers: one gather for all that look up the same columns."""
        for columns, indices, nodes in tables_of(members):
            size = len(indices), len(columns), len(columns[0])
            table = self.gathered(flat(list(zip(*columns))))
            block = self.builder.make("gather", table, self.gathered(indices), detail=size)
            self.place.update({node: (block, row) for node, row in nodes.items()})

    def _shares(self, members: Sequence[Value]) -> None:
        """What belongs to logits in a softmax; there is one for all lists whose logsumexps are one Array."""
        logits, totals = zip(*[graph.operands(node) for node in members])
        lists = {total: graph.operands(total)[0] for total in totals}
        at = {total: {id(x): i for i, x in enumerate(xs)} for total, xs in lists.items()}
        found: dict[Array, dict[int, list[Value]]] = {}
        for node, x, total in zip(members, logits, totals):
            block, i = self.place[total]
            found.setdefault(block, {}).setdefault(i * block.args[0].group + at[total][id(x)], []).append(node)
        for block, nodes in found.items():
            (groups,) = block.args
            whole = self.builder.make("softmax", self.builder.flat(groups), detail=groups.group)
            asked = [xs for total, xs in lists.items() if self.place[total][0] is block]
            if len(asked) == block.rows and sum(map(len, asked)) == len(nodes):  # of all others it has exp(-inf)
                self.put([nodes[i][0] if i in nodes else None for i in range(whole.rows)], whole, 0.0)
            self.place.update({node: (whole, i) for i, several in nodes.items() for node in several})

    def _of_lists(self, rule: Rule, members: Sequence[Value], operands: Sequence[Any]) -> None:
        """A rule of lists (mean, logsumexp, ...): the lists of all members below each other, as groups."""
        lengths = {len(xs) for xs in operands[0]} if rule in NEUTRAL else set()
        if len(lengths) > 1:
            (lists,) = operands
            longest = max(lengths)
            short = 2 * sum(map(len, lists)) > longest * len(lists)
            found = self.padded(lists, longest, NEUTRAL[rule]) if short else None
            if found is None:
                for length in sorted(lengths):
                    some = [node for node, xs in zip(members, lists) if len(xs) == length]
                    self._of_lists(rule, some, [[xs for xs in lists if len(xs) == length]])
                return
            rows = self.builder.groups(self.chosen(*found), longest)
            self.put(members, self.builder.listed(rule, [rows], (False,)))
            return
        groups: list[Array | None] = []
        for lists in operands:
            k = len(lists[0]) if isinstance(lists[0], tuple) else None
            if k != 0:
                rows = self.gathered(flat(lists))
                groups.append(rows if k is None else self.builder.groups(rows, k))
            else:
                groups.append(None)
        args = [x for x in groups if x is not None]
        self.put(members, self.builder.listed(rule, args, tuple([x is None for x in groups])))
