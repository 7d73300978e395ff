"""What is done to each group of rows and is an operation of its own, however it is written: softmax, and centring.

`autograd.softmax` is exp(x − logsumexp(x)), and the slope of logsumexp is the powers of x less the largest, divided by
their sum. Both are the same numbers: as one operation they are computed once. A group is centred by x − mean(x), as
LayerNorm does it at each position of a sequence.
"""

from __future__ import annotations

from typing import Any

from .. import ops

FORMS = {ops.exp, ops.div, ops.sub}
"""The rules of which one may come last."""


def groupwise(y: Any) -> tuple[str, Any, int] | None:
    """(operation, the rows that it is done to, how many make a group), if y is one of these; None if it isn't."""
    name, groups = "softmax", None
    if y.op is ops.sub and _op(y.args[1]) == "take" and (parts := _parts(y, ops.sub)):
        name, groups = "centred", _grouped(*parts, ops.mean)
    elif y.op is ops.exp and (parts := _parts(y.args[0], ops.sub)):
        groups = _grouped(*parts, ops.logsumexp)
    elif y.op is ops.div and (parts := _parts(y, ops.div)):
        powers, total = parts
        if powers.op is ops.exp and _grouped(powers, total, "segment_sum") is not None:
            shifted = _parts(powers.args[0], ops.sub)
            groups = None if shifted is None else _grouped(*shifted, "segment_max")
    return None if groups is None else (name, _rows(groups), groups.group)


def back_to_softmax(y: Any, g: Any, a: Any) -> list[tuple[Any, Any]]:
    """Of exp(x − logsumexp(x)): the slope of exp is y, and y are the slopes of logsumexp."""
    builder, k = y.builder, y.detail
    n, g = y.rows // k, builder.full(g, y)
    shared = builder.sums_of_products(y, g, k)
    each = builder.take(shared, [i for i in range(n) for _ in range(k)]) if n > 1 else shared
    return [(None, builder.apply(ops.sub, builder.apply(ops.mul, y, g), builder.apply(ops.mul, y, each)))]


def back_to_centred(y: Any, g: Any, a: Any) -> list[tuple[Any, Any]]:
    """Of x − mean(x): the gradient less its own mean."""
    return [(None, y.builder.make("centred", y.builder.full(g, y), detail=y.detail))]


def _grouped(xs: Any, each: Any, op: Any) -> Any:
    """xs as the groups of which `each` is the result of an operation, repeated for each row; None if it isn't that."""
    if each.op in ("repeat", "take"):
        n, k = each.args[0].rows, xs.rows // each.args[0].rows
        regular = each.op == "repeat" or each.detail == tuple([i for i in range(n) for _ in range(k)])
        each = each.args[0] if regular else each
    if each.op != op or len(each.args) != 1 or each.args[0].group * each.rows != xs.rows:
        return None
    return each.args[0] if _rows(each.args[0]) is xs else None


def _parts(y: Any, rule: Any) -> tuple[Any, Any] | None:
    """The operands of a rule, if they are arrays."""
    y = _rows(y)
    if _op(y) is not rule or not all(map(_op, y.args)):
        return None
    return _rows(y.args[0]), _rows(y.args[1])


def _rows(x: Any) -> Any:
    """The same rows, not taken as groups."""
    while _op(x) in ("groups", "flat"):
        x = x.args[0]
    return x


def _op(x: Any) -> Any:
    """The operation of an Array; None for a number."""
    return getattr(x, "op", None)
