"""Operations that NumPy computes in fewer calls than the table has for them: idioms.py and ir.py know their forms.

The loss of classes and its gradient (classes.py) have no one-hot vectors. What is needed for one of the forms alone
isn't computed.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from .... import ops
from ...idioms import GRADIENT, LOSS, idiom
from ...ir import Array
from ..base import needed
from .classes import Classes


class Step(NamedTuple):
    """How an Array is computed.

    Args:
        op: the operation, as calls.py has it.
        args: its operands.
        of: what says what else it needs to know: the Array, or what it is a part of.
    """

    op: Any
    args: tuple[Any, ...]
    of: Any


def steps(roots: Sequence[Any]) -> tuple[list[Array], dict[int, Step]]:
    """All that these depend on, each after its operands; and by serial number how it is computed."""
    found: dict[int, Step] = {}
    losses: dict[int, Classes | None] = {}  # by serial number

    def args(x: Array) -> tuple[Any, ...]:
        found[x.serial] = _of_classes(x, losses) or Step(x.op, x.args, x)
        return found[x.serial].args

    order = needed(roots, args)
    _by_roots(order, found)
    return order, found


def _by_roots(order: Sequence[Array], found: dict[int, Step]) -> None:
    """x**-1.5, the slope of x**-0.5, is computed as this divided by x, one call for three."""
    roots: dict[int, Array] = {}
    for y in order:
        if y.op is ops.pow and not y.is_number and isinstance(y.args[1], float):
            x, exponent = y.args
            if exponent == -0.5:
                roots[x.serial] = y
            elif exponent == -1.5 and x.serial in roots:
                found[y.serial] = Step(ops.div, (roots[x.serial], x), y)


def _of_classes(y: Array, losses: dict[int, Classes | None]) -> Step | None:
    """How a loss of classes is computed, or its gradient; None if y is neither."""
    if y.op is ops.cross_entropy:
        if y.serial not in losses:
            losses[y.serial] = _loss(y)
        of = losses[y.serial]
        return None if of is None else Step(LOSS, (of.index, of.logits), of)
    if y.op is not ops.add or not any(isinstance(x, Array) and x.op == "where" for x in y.args):
        return None
    known = idiom(y, several=True)
    if known is None or known.text != GRADIENT:
        return None
    loss = _below(y)
    of = None if loss is None or _of_classes(loss, losses) is None else losses[loss.serial]
    if of is None or known.operands != (of.index, of.logits):
        return None
    factor = 1.0 if known.factor is None else known.factor
    fits = not isinstance(factor, Array) or factor.rows in (1, of.index.rows)
    return Step(GRADIENT, (loss, factor), of) if fits else None


def _below(y: Any) -> Array | None:
    """The loss that a gradient is computed with: of a sum, of products, of expm1(-loss)."""
    if not isinstance(y, Array) or y.op is ops.cross_entropy or y.op == "where":
        return y if isinstance(y, Array) and y.op is ops.cross_entropy else None
    through = y.op in (ops.add, ops.mul, ops.expm1, ops.neg, "einsum", "repeat", "groups", "flat")
    return next((x for x in map(_below, y.args) if x is not None), None) if through else None


def _loss(y: Array) -> Classes | None:
    """The loss of each of some logits; None where it isn't one class for as many logits."""
    known = idiom(y, several=True)
    if known is None or known.text != LOSS:
        return None
    index, logits = known.operands
    k = logits.rows // index.rows
    whole = y.rows == index.rows and y.args[1].group == k and k * y.rows == logits.rows
    return Classes(index, logits, k) if whole and index.wide == logits.wide == y.wide else None
