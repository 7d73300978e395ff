"""The edges of a graph, each with its local derivative: what pictures, explanations and transforms read.

`backward()` reads the rules itself, for floats alone, in place and faster (sweeps.py).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Container, Iterable, Sequence
from typing import Any, TypeVar

from .basics.groups import Floats, written
from .basics.moment import moment
from .bulk import read
from .graph import Node, operands
from .rules import Rule

N = TypeVar("N", bound=Node)


def slopes(node: Node, as_values: bool = False, wanted: Container[Any] | None = None) -> list[tuple[Any, Any]]:
    """The local derivatives of a computed node: pairs (parent, ∂node/∂parent), one for each operand that is a node.

    Args:
        node: a node that some rule computed.
        as_values: False for slopes that are floats; True to compute them on the graph, so that they can be
            differentiated again.
        wanted: the parents that matter, None for all; of the others only slopes that come for free are in the list.

    Raises:
        ValueError, ZeroDivisionError: if a local derivative doesn't exist at these operands.
    """
    given = operands(node)
    numbers = [read(operand, as_values) for operand in given]
    of = [x.__class__ is not float and (wanted is None or x in wanted) for x in given] if node._b is not None else ()
    try:
        found = node._rule.slopes(node if as_values else node._data, numbers, of)
    except (ValueError, ArithmeticError) as cause:
        raise no_slope(node, cause) from None
    except TypeError as cause:
        if not as_values or type(cause) is not TypeError:
            raise
        raise TypeError(
            f"{describe(node)} can't be differentiated again: its derivative is for plain numbers ({cause}); write it"
            " with functions of autograd"
        ) from cause
    pairs: list[tuple[Any, Any]] = []
    for operand, slope in zip(given, found):
        if operand.__class__ is tuple:
            pairs.extend(zip(operand, slope))
        elif operand.__class__ is not float and operand.__class__ is not Floats and slope is not None:
            pairs.append((operand, slope))
    return pairs


def rule(node: Node) -> Rule | None:
    """The rule that made the node; None for a leaf."""
    return node._rule  # type: ignore[no-any-return]


def named(node: Node) -> str:
    """A node for an error message, its label and number: `x=2.0`."""
    return node._written()


def describe(node: Node) -> str:
    """How a node came to be, for an error message: `exp(a=1000.0)`, or for a leaf `the leaf a=nan`."""
    if node._rule is None:
        return f"the leaf {named(node)}"
    return written(node._rule, operands(node))


def no_slope(node: Node, cause: Exception) -> Exception:
    """The error for a local derivative that doesn't exist, of the type that Python's arithmetic raises."""
    kind = ZeroDivisionError if isinstance(cause, ZeroDivisionError) else ValueError
    return kind(f"{describe(node)} has no finite derivative there ({cause})")


def exchange(node: Node, change: Callable[[Any], Any]) -> None:
    """Put change(x) in the place of each operand, or group of operands, of a computed node."""
    node._a, node._b = change(node._a), change(node._b)


def rule_of(node: Node) -> Rule:
    """The rule that made a computed node."""
    rule: Any = node._rule
    return rule  # type: ignore[no-any-return]


def remake(node: Node, rule: Rule, a: Any, b: Any = None) -> None:
    """Let a computed node be the result of another rule, which gives the same number."""
    node._rule, node._a, node._b = rule, a, b


def renewed(node: Node, kind: Callable[..., N]) -> N:
    """A node that nobody has seen yet, anew as one of a subclass.

    Its `__class__` can't be assigned: compiled, a Value is no business of Python's collector, what inherits from it is.
    """
    new = kind(node._data, node.label)
    new._time, new._rule, new._a, new._b = node._time, node._rule, node._a, node._b
    return new


def in_its_place(node: Node, kind: type[N]) -> N:
    """The same without anybody's notice, as all nodes of a trace are made: in a quarter of the calls."""
    new = kind.__new__(kind)
    new._data, new._grad, new._label, new._time, new._mark = node._data, 0.0, node.label, node._time, 0.0
    new._rule, new._a, new._b = node._rule, node._a, node._b
    return new


def recorded_in(nodes: list[Any], kind: type[N], rule: Rule, a: Any, b: Any = None) -> N:
    """A new node without a number, at the end of these: a trace is told of each call of Python's, and here are two."""
    new = kind.__new__(kind)
    new._data, new._grad, new._label, new._time, new._mark = math.nan, 0.0, "", moment.clock, 0.0
    new._rule, new._a, new._b = rule, a, b
    nodes += (new,)
    return new


def gradient_of(node: Node) -> float:
    """What a node has received so far."""
    return node._grad


def assigned_at(leaf: Node) -> float:
    """The time, by `moment.clock`, of the last assignment to the number of a leaf."""
    return leaf._time


def number_of(node: Node) -> float:
    """The number of a node, without anybody's notice; if it was taken away, `__getattr__` of its class is asked."""
    return node._data


def give_number(node: Node, data: float) -> None:
    """Give a node this number, without anybody's notice; its gradient is 0."""
    node._data, node._grad = data, 0.0


def take_numbers(nodes: Iterable[Node]) -> None:
    """Take number and gradient away: whoever asks for them comes to the `__getattr__` of their class."""
    for node in nodes:
        del node._data, node._grad


def applications(nodes: Iterable[N]) -> list[tuple[N, Rule, tuple[Any, ...]]]:
    """Computed nodes, each with its rule and what that was applied to."""
    return [(x, x._rule, x._a if x._a.__class__ is tuple else (x._a,) if x._b is None else (x._a, x._b)) for x in nodes]


def reached(nodes: Sequence[N], roots: Iterable[Any]) -> tuple[list[N], list[Any]]:
    """Of nodes in the order of their making those that the roots depend on, and what else these depend on.

    From here on lists of the same operands are one tuple, so that whoever goes through them later knows them by their
    ids: a layer has as many lists as neurons, of one or two kinds.
    """
    needed: dict[Any, None] = dict.fromkeys(roots)
    lists: dict[int, Any] = {}  # by the id of a list the one that takes its place
    known: dict[tuple[int, ...], Any] = {}
    kept = []  # those whose place was taken, for another list would get the id of one
    used = []
    for node in reversed(nodes):
        if node not in needed:
            continue
        used.append(node)
        if node._a.__class__ is not tuple:
            for x in (node._a, node._b):
                if x is not None and x.__class__ is not float:
                    needed[x] = None
            continue
        other = False
        for group in node._a:
            if group.__class__ is tuple:
                same = lists.get(id(group))
                if same is None:
                    same = lists[id(group)] = known.setdefault(tuple(map(id, group)), group)
                    if same is group:
                        needed.update(dict.fromkeys(group))
                    else:
                        kept.append(group)
                other = other or same is not group
            elif group.__class__ is not float and group.__class__ is not Floats:
                needed[group] = None
        if other:
            node._a = tuple([lists[id(x)] if x.__class__ is tuple else x for x in node._a])
    used.reverse()
    for node in used:
        del needed[node]
    return used, list(needed)


def outside(nodes: Iterable[Node], known: Container[Any]) -> list[Any]:
    """The operands of some nodes that are not among the known ones, each once."""
    found: dict[Any, None] = {}
    seen: set[int] = set()  # groups by their ids: the neurons of a layer share one
    for node in nodes:
        for operand in node._a if node._a.__class__ is tuple else (node._a, node._b):
            if operand.__class__ is not tuple:
                operand = (operand,)
            elif id(operand) in seen:
                continue
            else:
                seen.add(id(operand))
            for x in operand:
                if x not in known and isinstance(x, Node):
                    found[x] = None
    return list(found)
