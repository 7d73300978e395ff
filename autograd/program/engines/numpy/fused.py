"""Operations that NumPy computes in fewer calls than the table has for them: idioms.py and ir.py know their forms.

A softmax is exp(x - logsumexp(x)) forward; the slope of logsumexp is the powers of x - max(x) divided by their sum.
Both are the same numbers, and are computed once. The loss of classes and its gradient (classes.py) have no one-hot
vectors. What is needed for one of the forms alone isn't computed.
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

    def step(x: Array) -> Step:
        groups = _softmax_of(x)
        if groups is not None:
            return Step("softmax", (groups,), groups)
        return _of_classes(x, losses) or Step(x.op, x.args, x)

    def args(x: Array) -> tuple[Any, ...]:
        found[x.serial] = step(x)
        return found[x.serial].args

    order = needed(roots, args)
    first: dict[int, Array] = {}
    for x in order:
        op, _, of = found[x.serial]
        if op == "softmax" and first.setdefault(of.serial, x) is not x:
            found[x.serial] = Step("same", (first[of.serial],), x)
    return order, found


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
    through = y.op in (ops.add, ops.mul, ops.expm1, ops.neg, "repeat", "groups", "flat")
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


def _softmax_of(y: Array) -> Array | None:
    """The Array in groups of which y is the softmax, group by group; None if it isn't one."""
    if y.op is ops.exp and (parts := _parts(y.args[0], ops.sub)):
        return _grouped(*parts, ops.logsumexp)
    if y.op is ops.div and (parts := _parts(y, ops.div)):
        powers, total = parts
        if powers.op is ops.exp and _grouped(powers, total, "segment_sum") is not None:
            shifted = _parts(powers.args[0], ops.sub)
            return None if shifted is None else _grouped(*shifted, "segment_max")
    return None


def _grouped(xs: Array, each: Array, op: Any) -> Array | None:
    """xs as the groups of which `each` is the result of an operation, repeated for each row; None if it isn't that."""
    if each.op in ("repeat", "take"):
        n, k = each.args[0].rows, xs.rows // each.args[0].rows
        regular = each.op == "repeat" or each.detail == tuple([i for i in range(n) for _ in range(k)])
        each = each.args[0] if regular else each
    if each.op != op or len(each.args) != 1 or each.args[0].group * each.rows != xs.rows:
        return None
    groups: Array = each.args[0]
    return groups if _rows(groups) is xs else None


def _parts(y: Any, rule: Any) -> tuple[Array, Array] | None:
    """The operands of a rule, if they are arrays."""
    y = _rows(y)
    if not isinstance(y, Array) or y.op is not rule or not all(isinstance(x, Array) for x in y.args):
        return None
    return _rows(y.args[0]), _rows(y.args[1])


def _rows(x: Any) -> Any:
    """The same rows, not taken as groups."""
    while isinstance(x, Array) and x.op in ("groups", "flat"):
        x = x.args[0]
    return x
