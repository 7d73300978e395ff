"""Many nodes at once: the numbers that a rule of lists reads, and what an optimizer reads and moves."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, Final

from .basics import setting
from .basics.arguments import number
from .basics.groups import Floats
from .basics.moment import moment
from .graph import Node

_DATA: Final[Any] = Node.data
_GRAD: Final[Any] = Node.grad


def added_products(ws: tuple[Any, ...], xs: tuple[Any, ...], start: Any) -> float:
    """As that of basics/addition.py: start + w₁x₁ + … + wₙxₙ, for tuples of nodes, or `Floats` for the xs.

    With lists of their numbers it would take half as long again.

    An AttributeError or TypeError says that there are plain numbers among them.
    """
    total: float = start if type(start) is float else start._data
    w: Node
    if type(xs) is Floats:
        plain: float
        for w, plain in zip(ws, xs):
            total += w._data * plain
    else:
        x: Node
        for w, x in zip(ws, xs):
            total += w._data * x._data
    return total


def hand_on_to_factors(ws: tuple[Any, ...], xs: tuple[Any, ...], start: Any, g: float) -> None:
    """The way back through the same: each factor receives g times the other one, as the rule of `dot` has it.

    With lists of the slopes it would take twice as long.
    """
    if type(ws) is Floats:
        ws, xs = xs, ws
    w: Node
    if type(xs) is not Floats:
        x: Node
        for w, x in zip(ws, xs):
            w._grad += g * x._data
            x._grad += g * w._data
    elif type(ws) is not Floats:
        plain: float
        for w, plain in zip(ws, xs):
            w._grad += g * plain
    if type(start) is not float:
        start._grad += g


def read(operand: Any, as_values: bool = False) -> Any:
    """An operand as a rule wants it: the number in it, or itself."""
    if as_values or type(operand) is float or type(operand) is Floats:
        return operand
    if type(operand) is tuple:
        nodes: tuple[Node, ...] = operand
        return [x._data for x in nodes]
    return operand._data


def taken(groups: tuple[Any, ...], name: str, group: Callable[..., Any]) -> tuple[tuple[Any, ...], list[Any]]:
    """The operands of a rule of lists as its node keeps them, and their numbers as the rule wants them.

    Args:
        groups: the operands, lists of nodes and numbers, and single ones.
        name: that of the rule, for errors.
        group: makes nodes of numbers that stand beside nodes in a list: that of value.py.
    """
    kept: list[Any] = []
    numbers: list[Any] = []
    for operand in groups:
        if isinstance(operand, list):
            operand = tuple(operand)
        if type(operand) is tuple:
            try:
                nodes: tuple[Node, ...] = operand
                numbers.append([x._data for x in nodes])
            except (AttributeError, TypeError):  # there are plain numbers among them, or one that has lost its own
                operand = group(operand, f"an operand of {name}")
                numbers.append(operand if type(operand) is Floats else [x._data for x in operand])
        else:
            if type(operand) is not float and not isinstance(operand, (Node, Floats)):
                operand = number(operand, f"an operand of {name}")
            numbers.append(read(operand))
        kept.append(operand)
    return tuple(kept), numbers


def numbers(nodes: Sequence[Any]) -> list[float]:
    """The `.data` of each."""
    if not _plain(nodes):
        return [x.data for x in nodes]
    each: list[Node] = list(nodes)
    return [node._data for node in each]


def gradients(nodes: Sequence[Any]) -> list[float]:
    """The `.grad` of each."""
    if not _plain(nodes):
        return [x.grad for x in nodes]
    each: list[Node] = list(nodes)
    return [node._grad for node in each]


def assign(nodes: Sequence[Any], xs: Sequence[Any]) -> None:
    """Assign to the `.data` of all; however it ends, by Ctrl-C too, either all are assigned to or none."""
    if not _plain(nodes):
        setting.assign(nodes, "data", xs)
        return
    before = numbers(nodes)
    node: Node
    try:
        for node, x in zip(nodes, xs):
            node._data = x if type(x) is float else number(x, "data")
            if node._rule is None:
                moment.clock = node._time = moment.clock + 1.0  # as `data` of a node does
            else:
                node._time = math.inf
    except BaseException:
        setting.assign(nodes, "data", before)
        raise


def assign_gradients(nodes: Sequence[Any], xs: Sequence[float]) -> None:
    """Assign to the `.grad` of all; however it ends, by Ctrl-C too, either all are assigned to or none."""
    if not _plain(nodes):
        setting.assign(nodes, "grad", xs)
        return
    before = gradients(nodes)
    node: Node
    x: float
    try:
        for node, x in zip(nodes, xs):
            node._grad = x
    except BaseException:
        setting.assign(nodes, "grad", before)
        raise


def zero_gradients(nodes: Sequence[Any]) -> None:
    """Set the `.grad` of each to zero."""
    if not _plain(nodes):
        for x in nodes:
            x.grad = 0.0
        return
    node: Node
    for node in nodes:
        node._grad = 0.0


def _plain(nodes: Sequence[Any]) -> bool:
    """Whether no subclass has its numbers from elsewhere, and nobody notices who reads them."""
    kind: Any = None
    for x in nodes:
        if type(x) is not kind:
            kind = type(x)
            if kind.data is not _DATA or kind.grad is not _GRAD:
                return False
    return True
