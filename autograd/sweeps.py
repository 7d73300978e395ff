"""backward() as the textbook has it: order, seed, and for each node the chain rule.

It reads the recorded graph from its end, on floats, and leaves each gradient in its node. Forward mode beside it, and
reverse mode on Values for derivatives of derivatives, stand in transforms/modes.py.
"""

from __future__ import annotations

from typing import Any

from . import bulk, graph, kinks
from .basics.groups import Floats
from .faults import Gradients, check
from .graph import Node, one_at_a_time
from .rules import Binary, Nary, Unary


def backward(root: Node, seed: float) -> None:
    """Differentiate root for all that it was computed from: order, seed, and for each node the chain rule."""
    with one_at_a_time:
        odd: list[Node] = []
        computed, leaves = graph.walk([root], odd=odd)
        check([root], odd, leaves)
        with Gradients(leaves, computed, odd) as gradients:
            gradients.start(root, seed)
            try:
                chain_rule(computed)
                gradients.add_to_leaves(root)
            except (ValueError, ArithmeticError):  # perhaps by a slope that no leaf depends on
                kinks.chain_rule(root, seed, computed, leaves)
                gradients.add_to_leaves(root)


def chain_rule(computed: list[Node]) -> None:
    """Every node, the last one first, hands its gradient, times the local derivative, on to each of its operands.

    The slopes of one and two operands are read here without `rule.slopes`: a call less is a tenth of all the time.
    """
    for node in reversed(computed):
        g, rule = node._grad, node._rule
        if g == 0.0 and not rule.steep and node._data - node._data == 0.0:
            continue  # nothing flows back from a finite number: behind relus that are off, this is half of a network
        a, b = node._a, node._b
        if b is not None:
            binary: Binary = rule
            if type(b) is float:
                left: Node = a
                slope: float = binary.da(node._data, left._data, b)
                left._grad += g * slope
            elif type(a) is float:
                right: Node = b
                slope = binary.db(node._data, a, right._data)
                right._grad += g * slope
            else:
                left, right = a, b
                if binary.fixed:
                    left._grad += g * binary.to_a
                    right._grad += g * binary.to_b
                elif binary.crossed:
                    left._grad += g * right._data
                    right._grad += g * left._data
                else:
                    y: Any = node._data  # as an object, which a rule takes: compiled, each making of one takes 15 ns
                    x: Any = left._data
                    z: Any = right._data
                    slope = binary.da(y, x, z)
                    left._grad += g * slope
                    slope = binary.db(y, x, z)
                    right._grad += g * slope
        elif type(a) is not tuple:
            unary: Unary = rule
            left = a
            slope = unary.da(node._data, left._data)
            left._grad += g * slope
        else:
            hand_on_to_groups(node, g)


def hand_on_to_groups(node: Node, g: float) -> None:
    """The same for a node whose operands are groups."""
    rule: Nary = node._rule
    groups: tuple[Any, ...] = node._a
    if rule.products:
        bulk.hand_on_to_factors(groups[0], groups[1], groups[2], g)
        return
    for operand, slopes in zip(groups, rule.d(node._data, *[bulk.read(group) for group in groups])):
        if type(operand) is tuple:
            x: Node
            slope: float
            for x, slope in zip(operand, slopes):
                x._grad += g * slope
        elif type(operand) is not float and type(operand) is not Floats:
            operand._grad += g * slopes
