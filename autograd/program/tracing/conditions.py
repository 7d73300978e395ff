"""A comparison in a function that is being followed: what `where` chooses by, for each example.

Asked for a bool, as `if` does, it looks at the numbers, and trace.py refuses that, or makes it a guard. In arithmetic
it is 1 or 0, as a bool is.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ... import edges
from ...basics.operand import FLAT
from ...conditions import COMPARISONS, chosen, entered
from ...graph import Node
from ...modes import current
from ...operators import Operators


class Condition(Operators):
    """The node of a comparison, 1 or 0, and how its bool is found.

    Args:
        node: a node that one of `COMPARISONS` made.
        ask: what a bool of it comes to.
    """

    unknown = True

    def __init__(self, node: Any, ask: Callable[[], Any]) -> None:
        self._node, self._ask = node, ask

    def __bool__(self) -> bool:
        return bool(self._ask())

    def _apply(self, rule: Any, operands: tuple[Any, ...]) -> Any:
        return rule(*map(_plain, operands))

    def __repr__(self) -> str:
        return f"the comparison {self._node!r}"

    def __and__(self, other: Any) -> Condition | bool:
        if isinstance(other, bool):  # known: a branch that is never taken isn't followed, as it may not be defined
            return self if other else False
        return Condition(COMPARISONS["&"](self._node, _number(other)), lambda: self and other)

    def __or__(self, other: Any) -> Condition | bool:
        if isinstance(other, bool):
            return True if other else self
        return Condition(COMPARISONS["|"](self._node, _number(other)), lambda: self or other)

    __rand__, __ror__ = __and__, __or__

    def __invert__(self) -> Condition:
        return Condition(COMPARISONS["<"](self._node, 0.5), lambda: not self)

    def _where(self, then: Any, otherwise: Any) -> Any:
        opposite = (~self)._node if callable(otherwise) else None
        branches = _branch(self._node, then), _branch(opposite, otherwise)
        y = chosen(self._node, *branches)
        if any(x is FLAT for x in branches):
            current().trace.flat[y] = self, *branches
        return y


def compared(sign: str, a: Any, b: Any, ask: Callable[[], Any]) -> Condition:
    """The comparison of a with b, for each example.

    Args:
        sign: `<`, `<=`, `>` or `>=`.
        a, b: Values or numbers.
        ask: what a bool of it comes to.
    """
    return Condition(COMPARISONS[sign](a, b), ask)


def _number(condition: Any) -> Any:
    return condition._node if isinstance(condition, Condition) else float(condition)


def _plain(operand: Any) -> Any:
    """An operand, or a group of them, with the node of a comparison in its place."""
    if isinstance(operand, (list, tuple)):
        return tuple(map(_plain, operand))
    return operand._node if isinstance(operand, Condition) else operand


def _branch(condition: Any, branch: Any) -> Any:
    """A branch; what a function of one takes from outside is no number for the examples that don't take the branch.

    So whatever isn't defined for these tells no one: what is computed of nan is nan, without a sign of an error.
    """
    if not callable(branch):
        return branch
    nodes: list[Any] = current().trace.nodes
    guards: list[Any] = current().trace.row_guards
    start, first = len(nodes), len(guards)
    y = branch()
    made = nodes[start:]
    del nodes[start:]
    inside, outside = set(map(id, made)), dict[int, Any]()

    def within(x: Any) -> Any:
        if isinstance(x, tuple):
            return type(x)(map(within, x))
        if not isinstance(x, Node) or id(x) in inside:
            return x
        if id(x) not in outside:
            outside[id(x)] = entered(condition, x)
        return outside[id(x)]

    for node in made:
        edges.exchange(node, within)
    guards[first:] = [(within(node), allowed) for node, allowed in guards[first:]]
    nodes += made  # behind those that were entered
    return y
