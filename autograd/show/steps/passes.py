"""A pass over a graph, one move at a time: what backward() does and in what order, to be looked at step by step.

Nothing is computed here but the chain rule's products and sums, from the local derivatives that the rules give. The
numbers are those of `backward()`, to the last digit, and no `.grad` is touched. How the steps look in a terminal is
decided in table.py, in a notebook in player.py.
"""

from __future__ import annotations

from typing import NamedTuple, TypeVar

from ...value import Value


class Contribution(NamedTuple):
    """What a node hands on to one of its operands.

    Args:
        parent: the operand.
        local_derivative: of the node with respect to this operand alone.
        product: the local derivative times the node's gradient.
        sum_so_far: all that the parent has received, this product included.
    """

    parent: Value
    local_derivative: float
    product: float
    sum_so_far: float


class Step(NamedTuple):
    """A step of the backward pass: a node whose gradient is complete, and what it hands on.

    Args:
        node: a computed Value.
        gradient: the derivative of the output with respect to it.
        contributions: one for each operand that is a Value, in order; none where the gradient is 0, because nothing
            flows on from there (`backward()` doesn't even ask for the local derivatives).
    """

    node: Value
    gradient: float
    contributions: tuple[Contribution, ...]


class ForwardStep(NamedTuple):
    """A step of the forward pass: a node is computed.

    Args:
        node: the Value.
        operands: the Values and plain numbers that it is computed from, in order.
        data: the result.
    """

    node: Value
    operands: tuple[Value | float, ...]
    data: float


S = TypeVar("S", Step, ForwardStep)
