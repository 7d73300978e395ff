"""Backward on arrays: every operation hands its gradient, times the local derivative, on to each of its operands.

The local derivatives are those of the table, read with Arrays; what stands here besides is how a choice of rows, a sum
or a matrix product is gone through backwards.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

from .. import ops
from ..rules import Binary, Nary, Unary
from .ir import Array, Book, Part, Spread
from .lower import groups_of


def transposed(root: Array, seed: Any, book: Book) -> dict[int, list[Part]]:
    """The gradients of all that the root depends on.

    Args:
        root: what is differentiated.
        seed: its own gradient.
        book: where the new operations are written.

    Returns:
        By the serial number of an Array, its gradient in parts that add up.
    """
    parts: dict[int, list[Part]] = {root.serial: [(None, seed)]}
    for node in reversed(book.arrays[: root.serial + 1]):
        received = parts.get(node.serial)
        if received is None or not node.args:
            continue
        g = total(node, received, book)
        if isinstance(g, float) and g == 0.0:
            continue
        for arg, part, gradient in _handed_on(node, g, book):
            if not (isinstance(gradient, float) and gradient == 0.0):
                parts.setdefault(arg.serial, []).append((part, gradient))
    return parts


def total(node: Array, received: Sequence[Part], book: Book) -> Any:
    """The sum of the parts of a gradient."""
    if all(part is None for part, _ in received):
        g: Any = received[0][1]
        for _, more in received[1:]:
            g = book.apply(ops.add, g, more)
        return g
    where = tuple([range(node.rows) if part is None else part for part, _ in received])
    return book.make("assemble", [g for _, g in received], node.rows, node.wide, where, node.spread)


def _handed_on(node: Array, g: Any, book: Book) -> list[tuple[Array, Any, Any]]:
    """For each operand of a node: the operand, which of its rows, and what they receive."""
    op: Any = node.op
    args = node.args
    if isinstance(op, Nary):
        return _of_lists(node, g, book)
    if isinstance(op, (Unary, Binary)):
        slopes: tuple[Any, ...] = (op.da,) if isinstance(op, Unary) else (op.da, op.db)
        return [
            (arg, None, book.fitted(_times(g, _local(slope, node), node, book), arg, node))
            for arg, slope in zip(args, slopes)
            if isinstance(arg, Array)
        ]
    (first, *others) = args
    if op == "rows" or op == "take":
        return [(first, range(*node.detail) if op == "rows" else node.detail, g)]
    if op == "stack":
        found, start = [], 0
        for arg in args:
            part = g if not isinstance(g, Array) or g.rows == 1 else book.rows(g, start, start + arg.rows)
            start += arg.rows
            found.append((arg, None, _narrowed(part, arg, node, book)))
        return found
    if op == "spread":
        return [(first, None, book.flat(g))]
    if op == "repeat":
        k = float(node.spread)
        return [(first, None, book.segment_sum(g) if isinstance(g, Array) and g.spread else book.apply(ops.mul, g, k))]
    if op == "segment_sum":
        return [(first, None, book.repeat(g, first.spread) if isinstance(g, Array) else g)]
    if op == "matrix":
        start, m, width = node.detail
        return [(first, range(start, start + m * width), g)]
    if op in ("neurons", "product"):
        (x,) = others
        for_weights, for_inputs, _ = ops.dot.d(node, first, x, None)  # of w·x: x for the weights, w for the inputs
        full = book.full(g, node)
        m, k = node.detail
        weights = book.make("outer", (full, for_weights), first.rows, False, (m, k, op == "neurons"))
        inputs = book.make("back", (for_inputs, full), k, True, (m, k, op == "neurons"))
        return [(first, None, weights), (x, None, inputs)]
    raise TypeError(f"{node!r} has no way back")


def _local(slope: Callable[..., Any], node: Array) -> Any:
    """A local derivative; one that no number would have, as that of (-2.0) ** x, is not a number.

    Then the gradient is none either, and what the function itself says of each row counts: it may not need it there.
    """
    try:
        return slope(node, *node.args)
    except (ValueError, ZeroDivisionError):
        return math.nan


def _times(g: Any, slope: Any, node: Array, book: Book) -> Any:
    """g · slope; that a slope of the table is 0, for some constant, doesn't hide a g that is no number, or infinite."""
    if isinstance(slope, float) and slope == 0.0 and isinstance(g, Array) and ops.RULES.get(node.op.name) is node.op:
        return book.elementwise(ops.mul, slope, g)
    return book.apply(ops.mul, g, slope)


def _of_lists(node: Array, g: Any, book: Book) -> list[tuple[Array, Any, Any]]:
    groups = groups_of(node)
    found: list[tuple[Array, Any, Any]] = []
    for group, slope in zip(groups, node.op.d(node, *groups)):
        if isinstance(group, Spread):
            (arg,), first = group, slope[0]  # one slope for all of the group, or an Array of them
            part = book.apply(ops.mul, g, first)
            if isinstance(part, Array) and not part.spread:
                part = book.repeat(part, arg.spread)
            found.append((arg, None, book.fitted(part, arg, node)))
        elif isinstance(group, Array):
            found.append((group, None, book.fitted(book.apply(ops.mul, g, slope), group, node)))
    return found


def _narrowed(g: Any, like: Array, of: Array, book: Book) -> Any:
    """A gradient for an operand that is narrow, where the result is wide."""
    if like.wide or not of.wide:
        return g
    if isinstance(g, Array) and g.wide:
        return book.make("sum_batch", (g,), g.rows, False)
    return book.apply(ops.mul, g, book.batch)
