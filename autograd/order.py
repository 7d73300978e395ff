"""The nodes of a graph in the order of their making, for whoever asks; graph.py walks."""

from __future__ import annotations

from .basics.messages import shown
from .basics.typed import Gives, T
from .graph import Node, walk


def topological_order(*roots: Gives[T]) -> list[T]:
    """Every node that the roots depend on, themselves included, each one after all of its parents.

    Args:
        roots: the Values to start from.

    Returns:
        A list of Values: the leaves first, then the computed nodes.

    Raises:
        TypeError: if a root is no Value.

    >>> from autograd import Value
    >>> a, b = Value(2.0, label="a"), Value(1.0, label="b")
    >>> [node.label or node.op for node in topological_order((a + b) * b)]
    ['b', 'a', '+', '*']
    """
    for root in roots:
        if not isinstance(root, Node):
            mend = ": pass the Values in it one by one" if isinstance(root, (list, tuple)) else ""
            raise TypeError(f"roots must be Values, got {shown(root)}{mend}")
    computed, leaves = walk(roots)
    return leaves + computed
