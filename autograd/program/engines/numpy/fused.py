"""Operations that NumPy computes in fewer calls than the table has for them: a softmax, and that only once.

Its forward pass is exp(x - logsumexp(x)), the slope of logsumexp the powers of x - max(x) divided by their sum. Both
are the same numbers, and what is needed for one of the forms alone isn't computed.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from .... import ops
from ...ir import Array
from ...patterns import pattern
from ..base import needed


class Step(NamedTuple):
    """How an Array is computed.

    Args:
        op: the operation, as calls.py has it.
        args: its operands.
        of: the Array that says what else it needs to know.
    """

    op: Any
    args: tuple[Any, ...]
    of: Array


def steps(roots: Sequence[Any]) -> tuple[list[Array], dict[int, Step]]:
    """All that these depend on, each after its operands; and by serial number how it is computed."""

    def step(x: Array) -> Step:
        groups = _softmax_of(x)
        return Step(x.op, x.args, x) if groups is None else Step("softmax", (groups,), groups)

    order = needed(roots, lambda x: step(x).args)
    found = {x.serial: step(x) for x in order}
    first: dict[int, Array] = {}
    for x in order:
        of = found[x.serial].of
        if of is not x and first.setdefault(of.serial, x) is not x:
            found[x.serial] = Step("same", (first[of.serial],), x)
    return order, found


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
        regular = each.op == "repeat" or pattern(each.detail) == pattern(tuple([i for i in range(n) for _ in range(k)]))
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
