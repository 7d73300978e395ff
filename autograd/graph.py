"""A graph: what a node keeps of the operation that made it, and how one walks from a node back to the leaves.

A node keeps its rule and its operands: `_a` and `_b` for one or two operands, each a node or a float; `_a` alone, as a
tuple of groups, for the rules of lists, where a group is a tuple of nodes, a `Floats`, a node or a float. A walk is a
loop with its own stack, so the depth of a graph is bounded by memory only.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from threading import RLock
from typing import Any

from .basics.arguments import number
from .basics.groups import Floats, flat
from .basics.letting_go import in_webassembly, link_by_link
from .basics.moment import moment
from .basics.native import mypyc_attr
from .basics.slots import read_in_c
from .basics.typed import Unchecked
from .presentation import Presentation

one_at_a_time = RLock()  # whoever marks nodes or adds to `.grad` holds it: graphs of several threads may share leaves


@mypyc_attr(allow_interpreted_subclasses=True, acyclic=True)
class Node(Presentation):
    """A number, its gradient, and how it was made: by a rule from operands, or by nobody, which makes it a leaf."""

    # in all 120 bytes with the number, compiled 96; a tuple for the operands would cost 48 more. Those of an operation
    # have no label at first: an empty slot takes no time, and the collector passes it by
    __slots__ = ("_a", "_b", "_data", "_grad", "_label", "_mark", "_rule", "_time")
    _a: Any
    _b: Any
    _mark: float  # of the last walk that met it
    _time: float

    @property
    def data(self) -> float:
        return self._data

    @data.setter
    def data(self, data: float | Unchecked) -> None:
        self._data = data if type(data) is float else number(data, "data")
        if self._rule is not None:
            self._time = math.inf  # never: its operands don't explain it any more
            return
        # No lock, which would take 300 ns: Python gives other threads their turn at calls and jumps only. The number
        # comes before the time, so what another thread computes from the old number is older than this assignment.
        moment.clock = self._time = moment.clock + 1.0

    @property
    def grad(self) -> float:
        return self._grad

    @grad.setter
    def grad(self, grad: float | Unchecked) -> None:
        self._grad = grad if type(grad) is float else number(grad, "grad")


read_in_c(Node, "data", "The number. Assigning to it doesn't recompute anything; see `backward()`.")
read_in_c(Node, "grad", "The derivative of what `backward()` was called on by this number; 0.0 before that.")
if in_webassembly:
    link_by_link(Node)


def operands(node: Node) -> tuple[Any, ...]:
    """What the node's rule was applied to: nodes and floats, in tuples for the groups of a rule of lists."""
    return node._a if type(node._a) is tuple else (node._a,) if node._b is None else (node._a, node._b)


def parents(node: Node) -> tuple[Any, ...]:
    """The nodes that the node was computed from, in order; one that is used twice is there twice."""
    return () if node._rule is None else tuple([x for x in flat(operands(node)) if type(x) is not float])


def walk(roots: Iterable[Any], ends: Iterable[Any] = (), odd: list[Any] | None = None) -> tuple[list[Any], list[Any]]:
    """The nodes that the roots depend on, themselves included: the computed ones (parents first) and the leaves.

    The walk doesn't look behind the nodes in `ends`; they are listed among the leaves. Into `odd` go those of the
    computed ones that aren't fresh: they have a gradient, or something was assigned to since they were made.
    """
    now = moment.clock
    computed: list[Any] = []
    leaves: list[Any] = list(ends)
    stack: list[Any] = list(roots)
    node: Node
    x: Node
    with one_at_a_time:
        moment.walks = mark = moment.walks + 1.0  # nodes with this mark are listed: a set of them takes twice the time
        entered = mark - 0.5  # the mark of a node that waits on the stack for its parents
        for node in leaves:
            node._mark = mark
        while stack:
            node = stack.pop()
            if node._mark == entered:  # all its parents are in the lists
                node._mark = mark
                computed.append(node)
                continue
            while node._mark != mark:
                if node._rule is None:
                    node._mark = mark
                    leaves.append(node)
                    break
                node._mark = entered
                if odd is not None and (node._time != now or node._grad):  # two loops of its own take 8 % of a step
                    odd.append(node)
                stack.append(node)  # where it waits for its parents, above which it can't stand
                a, b = node._a, node._b
                if b is None and type(a) is tuple:
                    groups: tuple[Any, ...] = a
                    for group in groups:  # neurons share inputs: a look at 16 takes less than a set of groups
                        if type(group) is tuple:
                            nodes: tuple[Any, ...] = group
                            for x in nodes:
                                if x._mark != mark:
                                    stack.append(x)
                    for group in groups:
                        if type(group) is not tuple and type(group) is not float and type(group) is not Floats:
                            stack.append(group)
                    break
                if b is None or type(b) is float:
                    node = a
                else:
                    node = b  # and on, without the stack, which saves a quarter of the time
                    if type(a) is not float:
                        x = a
                        if node._mark == mark:
                            node = x
                        elif x._mark != mark:
                            stack.append(x)
    return computed, leaves
