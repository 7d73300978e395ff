"""Faults of a graph: what has no gradient, and what to tell about it; gradients are given back when one is found.

A number that is infinite, or none at all, is looked for where it first came up, for that is what one can mend.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from math import inf
from typing import Any

from . import modes
from .basics.groups import outside
from .edges import describe
from .graph import Node, parents
from .order import topological_order
from .rules import Rule


def check(roots: Iterable[Node], computed: list[Node], leaves: list[Node]) -> None:
    """Refuse a graph without gradients: one that isn't finite, or that doesn't hold the numbers it was made with."""
    if modes.is_followed():
        return  # it has no numbers yet
    for root in roots:
        if not math.isfinite(root._data):
            raise ValueError(f"cannot differentiate {root._written()}{culprit(root)}")
    check_unchanged(computed, leaves)  # once, however many roots there are: it looks at every node


def check_unchanged(computed: list[Node], leaves: list[Node], what: str = "gradient") -> None:
    """Refuse a graph that doesn't hold the numbers it was made with.

    A node reads its operands on the way back, so an operand that was assigned to in the meantime would give a wrong
    gradient. Each node knows the time of its making, each leaf the time of its last assignment.
    """
    newest = 0.0
    for node in leaves:
        if node._time > newest:
            newest = node._time
    for node in computed:
        if not newest <= node._time < inf:
            break
    else:
        return  # nearly always: no leaf was assigned to since the first of these nodes was made
    for node in computed:
        if node._time == math.inf:
            raise RuntimeError(
                f"{node._written()} is the result of an operation ({node.op}) that was then assigned to, so its"
                " operands don't explain it any more: assign to leaves only, or detach() it first"
            )
        for parent in parents(node):
            if parent._time > node._time:
                raise RuntimeError(
                    f"{parent._written()} was assigned to after the operation `{node.op}` had used it, so the {what}"
                    " would mix old and new numbers: compute the output again, then call backward()"
                )


def first_nonfinite(*roots: Node) -> Any:
    """The first node, parents before children, whose data is infinite or not a number; None if all are finite."""
    for node in topological_order(*roots):
        if not math.isfinite(node._data):
            return node
    return None


def culprit(*roots: Node, way: str = "on the way back") -> str:
    """The end of an error message: where the first number that isn't finite comes from."""
    node = first_nonfinite(*roots)
    if node is None:
        return f": it overflowed {way}"
    return f": the first number that is not finite is {describe(node)}" + (f" = {node._data}" if node._rule else "")


def not_finite(node: Node, gradient: float, roots: Iterable[Node], before: float = 0.0) -> Exception:
    """The error for a gradient that is infinite or not a number, by itself or added to the one before."""
    if math.isfinite(gradient):
        return ValueError(
            f"the gradient of {node._written()} adds up to {before + gradient}: it was {before} before this call;"
            " set it to 0.0, as zero_grad() does"
        )
    return ValueError(f"the gradient of {node._written()} is {gradient}{culprit(*roots)}")


class Gradients:
    """If a `with` block fails or is interrupted, the gradients of some nodes are as they were before it.

    Args:
        leaves: they are given back what they had, or it is added to what they have received.
        computed: the other nodes; those of them that have a gradient are in `odd`.
    """

    def __init__(self, leaves: list[Node], computed: list[Node], odd: list[Node]) -> None:
        self._leaves, self._computed, self._odd = leaves, computed, odd
        self._held: list[Node] = []
        self._before: list[float] = []

    def __enter__(self) -> Gradients:
        self._held = [node for node in self._leaves + self._odd if node._grad]  # in most training steps none
        self._before = [node._grad for node in self._held]
        return self

    def __exit__(self, kind: Any, error: Any, traceback: Any) -> None:
        if error is not None:
            for node in self._leaves + self._computed:
                node._grad = 0.0
            for node, old in zip(self._held, self._before):
                node._grad = old

    def start(self, root: Node, seed: float) -> None:
        """From here on all are 0.0, and that of the root is the seed. (`__enter__` is still outside of the block.)"""
        if not math.isfinite(seed):
            raise ValueError(f"seed must be finite, got {seed}")
        for node in self._held:
            node._grad = 0.0
        root._grad = seed

    def add_to_leaves(self, root: Node) -> None:
        """Add what the leaves had before to what they have received; a ValueError if a sum is not finite."""
        for leaf in self._leaves:
            if not math.isfinite(leaf._grad):
                raise not_finite(leaf, leaf._grad, [root])
        for node, old in zip(self._held, self._before):
            if node._rule is None:
                total = node._grad + old
                if not math.isfinite(total):
                    raise not_finite(node, node._grad, [root], old)
                node._grad = total


def undefined(rule: Rule, cause: Exception, operands: tuple[Any, ...]) -> float:
    """Raise the error for operands outside of a rule's domain; in a trace, which has no numbers, return nan."""
    if modes.is_followed():
        return math.nan
    raise outside(rule, cause, operands)
