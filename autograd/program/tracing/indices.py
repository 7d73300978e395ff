"""What Python does by an integer that isn't known yet, as `table[i]`: the function is followed for each that it may be.

Python asks an index for its integer, and an input that is traced has none. So the function is followed with one integer
after the other, until it finds no more items. Where these graphs differ, the one that is made of them looks up what
belongs to the index; that they are alike in all else is looked at, so whatever the integer was for, the result is right
or refused. `autograd.take` comes to the same, and is followed once.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from itertools import product
from typing import Any

from ... import edges, graph, selection
from ...lookup import Positions
from ...modes import mode
from ...rules import Nary
from ...transforms.tree import leaves_of, like, mapped
from ...value import Value, group

MOST = 256
"""So many times a function is followed at most."""

Followed = tuple[Any, Any]
"""What a function returned, and its Trace."""


class Unlike(Exception):
    """The graphs for several integers can't be made one; the message says why."""


def number_of(node: Value, numbers: Mapping[Value, int]) -> int:
    """The integer that a node is, computed from those of the leaves; as 0 counts a leaf that isn't among them."""
    values: dict[Any, Any] = {leaf: numbers.get(leaf, 0) for leaf in graph.walk([node])[1]}

    def read(operand: Any) -> Any:
        return [read(x) for x in operand] if isinstance(operand, tuple) else values.get(operand, operand)

    for x in graph.walk([node])[0]:
        values[x] = edges.rule_of(x).forward(*[read(operand) for operand in graph.operands(x)])
    if values[node] % 1:
        raise Unlike("an index must be an integer, which this isn't")
    return int(values[node])


def followed_for_each(follow: Callable[[dict[Value, int]], Followed], first: Followed) -> Followed:
    """The function as one graph for all integers of the leaves that it asks for theirs.

    Args:
        follow: follows it for the integers of some leaves; the others are 0.
        first: what it gave with 0 for all of them.

    Raises:
        Unlike: if the graphs differ in more than in single numbers and Values.
    """
    leaves = [*first[1].asked]
    known: dict[tuple[int, ...], Followed] = {(0,) * len(leaves): first}

    def runs(*numbers: int) -> bool:
        """Whether the function finds everything for these."""
        try:
            output, trace = follow(dict(zip(leaves, numbers)))
        except (LookupError, ValueError):
            return False
        known[numbers] = output, trace
        if [*trace.asked] != leaves or not _alike(trace, first[1]):
            raise Unlike("what the function computes differs from one to another in more than what it takes from lists")
        return True

    counts, unfinished = [1] * len(leaves), [*range(len(leaves))]
    while unfinished:  # all by turns: of several, it is seen after a few that together they are too many
        for i in [*unfinished]:
            if not runs(*[counts[i] if j == i else 0 for j in range(len(leaves))]):
                unfinished.remove(i)
                continue
            counts[i] += 1
            if math.prod(counts) > MOST:
                raise Unlike(f"the function would have to be followed for more than {MOST} of them")
    every = list(product(*map(range, counts)))
    if not all(numbers in known or runs(*numbers) for numbers in every):
        raise Unlike("some of them together find no item")
    return _joined([known[numbers] for numbers in every], leaves, counts)


def _alike(a: Any, b: Any) -> bool:
    """Whether two traces are of the same rules, one after the other."""
    return list(map(edges.rule_of, a.nodes)) == list(map(edges.rule_of, b.nodes)) and len(a.draws) == len(b.draws)


def _joined(runs: Sequence[Followed], leaves: Sequence[Value], counts: Sequence[int]) -> Followed:
    """One graph for all: that of the first run, with a look-up where the others differ from it."""
    outputs, traces = zip(*runs)
    trace = traces[0]
    for leaf, n in zip(leaves, counts):
        trace.tell_apart(leaf, n)
        trace.require(leaf, Positions(n))
    trace.guards += [guard for other in traces[1:] for guard in other.guards]
    first = [*trace.nodes, *[leaf for leaf, _ in trace.draws]]
    same = [dict(zip([*t.nodes, *[leaf for leaf, _ in t.draws]], first)) for t in traces]
    with mode(trace=None, no_grad=False, journal=None):
        index = leaves[0]
        for leaf, n in zip(leaves[1:], counts[1:]):
            index = index * n + leaf
        order: list[Value] = graph.walk([index])[0]
        found: dict[Any, Value] = {}

        def chosen(operands: Sequence[Any]) -> Any:
            """What stands for these, one of each trace."""
            if isinstance(operands[0], tuple):
                if len(set(map(len, operands))) > 1:
                    raise Unlike("the function makes lists of several lengths of them")
                return group(tuple([chosen(xs) for xs in zip(*operands)]), "an operand")
            xs = tuple([here.get(x, x) if isinstance(x, Value) else x for here, x in zip(same, operands)])
            key = tuple([id(x) if isinstance(x, Value) else (x, math.copysign(1.0, x)) for x in xs])
            if len(set(key)) == 1:
                return xs[0]
            if key not in found:
                found[key] = selection.item(index, xs)
                order.append(found[key])
            return found[key]

        for nodes in zip(*[t.nodes for t in traces]):
            node, operands = nodes[0], [chosen(xs) for xs in zip(*map(graph.operands, nodes))]
            rule = edges.rule_of(node)
            edges.remake(node, rule, *((tuple(operands),) if isinstance(rule, Nary) else operands))
            order.append(node)
        shapes = [mapped(output, lambda x: 0.0) for output in outputs]
        if any(shape != shapes[0] for shape in shapes):
            raise Unlike("what the function returns has several shapes")
        results = [chosen(xs) for xs in zip(*[leaves_of(output, "what the function returns") for output in outputs])]
    trace.nodes[:] = order
    return like(outputs[0], iter(results)), trace
