"""The whole engine on one screen: what a Value is, how it records, and backward().

It reads the same table as the real one, so it has all operations, and no derivative stands here either. value.py is
this, with what real work needs: graphs deeper than Python's recursion, speed, errors that say what to mend.

>>> a, b = Value(2.0), Value(1.0)
>>> e = (a + b) * (b + 1)
>>> e.backward()
>>> a, b
(Value(data=2.0, grad=2.0), Value(data=1.0, grad=5.0))
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .basics.groups import flat
from .operators import Operators
from .rules import Rule


class Value(Operators):
    """A number that remembers how it was made: by a rule of the table, from operands. A leaf has neither.

    Args:
        data: the number.
        rule: what made it.
        operands: what the rule was applied to: Values and numbers, in lists for a rule of lists.
    """

    def __init__(self, data: float, rule: Rule | None = None, operands: tuple[Any, ...] = ()) -> None:
        self.data, self.grad = data, 0.0
        self.rule, self.operands = rule, operands

    def __repr__(self) -> str:
        return f"Value(data={self.data}, grad={self.grad})"

    def _apply(self, rule: Rule, operands: tuple[Any, ...]) -> Value:
        """Compute the number, and remember how.

        This is what `a * b` and `a.tanh()` come to: `__mul__` (operators.py) calls `_binary`, the method tanh `_unary`,
        and both of them this (basics/operand.py).
        """
        return Value(rule.forward(*numbers(operands)), rule, operands)

    def edges(self) -> Iterator[tuple[Value, float]]:
        """The Values that this one was made from, each with the local derivative ∂self/∂it."""
        if self.rule is not None:
            wanted = [isinstance(x, Value) for x in self.operands]
            slopes = self.rule.slopes(self.data, numbers(self.operands), wanted)
            yield from ((x, s) for x, s in zip(flat(self.operands), flat(slopes)) if isinstance(x, Value))

    def backward(self) -> None:
        """The gradient of this Value with respect to each Value that it was made from, added to its `grad`."""
        order: list[Value] = []  # parents before children
        seen: set[Value] = set()

        def visit(node: Value) -> None:
            if node not in seen:
                seen.add(node)
                for parent in flat(node.operands):
                    if isinstance(parent, Value):
                        visit(parent)
                order.append(node)

        visit(self)
        self.grad = 1.0
        for node in reversed(order):  # the chain rule
            for parent, slope in node.edges():
                parent.grad += node.grad * slope


def numbers(operands: Any) -> list[Any]:
    """The operands as plain numbers, groups of them as lists."""
    return [numbers(x) if isinstance(x, (tuple, list)) else x.data if isinstance(x, Value) else x for x in operands]
