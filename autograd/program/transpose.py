"""Backward on arrays: every operation hands its gradient, times the local derivative, on to each of its operands.

How it does stands in the table of operations (ir.py); here the table is read from the last operation to the first.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .. import ops
from ..basics.operand import FLAT
from .ir import Array, Part, operation
from .patterns import Shape


def transposed(root: Array, seed: Any) -> dict[int, list[Part]]:
    """The gradients of all that the root depends on.

    Args:
        root: what is differentiated.
        seed: its own gradient.

    Returns:
        By the serial number of an Array, its gradient in parts that add up.

    Raises:
        TypeError: for an operation that is only there for gradients, and has none itself.
    """
    parts: dict[int, list[Part]] = {root.serial: [(None, seed)]}
    for node in reversed(root.builder.arrays[: root.serial + 1]):
        received = parts.get(node.serial)
        if received is None or not node.args:
            continue
        if node.op == "rows" and node.args[0].op == "vector" and any(isinstance(rows, tuple) for rows, _ in received):
            start, whole = node.detail[0], range(node.rows)  # the weights of rows that have their biases between them
            for rows, part in received:
                at = tuple([start + i for i in (whole if rows is None else rows)])
                parts.setdefault(node.args[0].serial, []).append((at, part))
            continue
        g = total(node, received)
        hand_on = operation(node.op).gradient
        if hand_on is None:
            raise TypeError(f"{node!r} has no way back")
        for arg, (rows, part) in zip(node.args, hand_on(node, g, *node.args)):
            if part is not FLAT:
                parts.setdefault(arg.serial, []).append((rows, part))
    return parts


def total(node: Array, received: Sequence[Part]) -> Any:
    """The sum of the parts of a gradient."""
    if all(rows is None for rows, _ in received):
        builder, found = node.builder, [g for _, g in received]
        once = list({id(g): g for g in found}.values())  # of a square the same comes twice
        if len(once) < len(found) and all(isinstance(g, Array) for g in once):
            found = [builder.apply(ops.mul, float(n), g) if (n := found.count(g)) > 1 else g for g in once]
        total: Any = found[0]
        for more in found[1:]:
            total = builder.apply(ops.add, total, more)
        return total
    where = tuple([range(node.rows) if rows is None else rows for rows, _ in received])
    shape = Shape(node.rows, node.wide, node.group)
    return node.builder.make("assemble", *[g for _, g in received], detail=(where, shape))
