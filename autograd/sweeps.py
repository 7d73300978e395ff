"""backward() as the textbook has it: order, seed, and for each node the chain rule.

It reads the recorded graph from its end, on floats, and leaves each gradient in its node. Forward mode beside it, and
reverse mode on Values for derivatives of derivatives, stand in transforms/modes.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from threading import RLock
from typing import Any

from . import graph, kinks
from .basics.groups import Floats
from .faults import Gradients, check
from .graph import Node

one_at_a_time = RLock()  # whoever adds to `.grad` holds it: graphs of several threads may share leaves


def backward(root: Node, seed: float) -> None:
    """Differentiate root for all that it was computed from: order, seed, and for each node the chain rule."""
    with one_at_a_time:
        computed, leaves = graph.walk([root])
        check([root], computed, leaves)
        with Gradients(leaves, computed) as gradients:
            gradients.start(root, seed)
            try:
                chain_rule(computed)
                gradients.add_to_leaves(root)
            except (ValueError, ArithmeticError):  # perhaps by a slope that no leaf depends on
                kinks.chain_rule(root, seed, computed, leaves)
                gradients.add_to_leaves(root)


def chain_rule(computed: Sequence[Any]) -> None:
    """Every node, the last one first, hands its gradient, times the local derivative, on to each of its operands.

    The slopes of one and two operands are read here without `rule.slopes`: a call less is a tenth of all the time.
    """
    numbers: dict[int, Any] = {}  # of groups by their ids: the neurons of a layer share one, and examples share weights
    for node in reversed(computed):
        g, rule = node._grad, node._rule
        if g == 0.0 and not rule.steep and node._data - node._data == 0.0:
            continue  # nothing flows back here: behind relus that are off, this is half of a network
        a, b = node._a, node._b
        if b is not None:
            if b.__class__ is float:
                a._grad += g * rule.da(node._data, a._data, b)
            elif a.__class__ is float:
                b._grad += g * rule.db(node._data, a, b._data)
            else:
                y, x, z = node._data, a._data, b._data
                a._grad += g * rule.da(y, x, z)
                b._grad += g * rule.db(y, x, z)
        elif a.__class__ is not tuple:
            a._grad += g * rule.da(node._data, a._data)
        else:  # groups of operands
            for group in a if rule.spares else ():
                if id(group) not in numbers:
                    numbers[id(group)] = graph.read(group)
            given = [numbers[id(group)] if rule.spares else graph.read(group) for group in a]
            for operand, slope in zip(a, rule.d(node._data, *given)):
                if operand.__class__ is tuple:
                    for x, s in zip(operand, slope):
                        x._grad += g * s
                elif operand.__class__ is not float and operand.__class__ is not Floats:
                    operand._grad += g * slope
