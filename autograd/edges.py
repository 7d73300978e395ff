"""The edges of a graph, each with its local derivative: what pictures, explanations and transforms read.

`backward()` reads the rules itself, for floats alone, in place and faster (sweeps.py).
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable
from typing import Any, TypeVar

from .basics.groups import Floats, written
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


def take_number(node: Node) -> None:
    """Take number and gradient away: whoever asks for them comes to the `__getattr__` of its class."""
    del node._data, node._grad


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
