"""What is done to each group of rows and is an operation of its own, however it is written: softmax, and centring.

The slope of logsumexp is a softmax, by powers of x less the largest that are divided by their sum; softmax.py has those
that a function asks for. Both are the same numbers: as one operation they are computed once. A group is centred by
x − mean(x), as LayerNorm does it at each position of a sequence.
"""

from __future__ import annotations

from typing import Any

from .. import ops

FORMS = {"softmax": (ops.exp, ops.logsumexp), "centred": (ops.identity, ops.mean)}
"""Of each operation f and s, which make it f(x − s(x)), for each x of a group."""

LAST = {ops.div, ops.sub}
"""The rules of which one may come last."""


class Group(list[Any]):
    """A group of k operands that are one Array: it is met once in a loop, but counts for k."""

    def __init__(self, array: Any) -> None:
        super().__init__([array])

    def __len__(self) -> int:
        return int(self[0].group)


def groupwise(y: Any) -> tuple[str, Any] | None:
    """(operation, the groups that it is done to), if y is one of these; None if it isn't."""
    name, groups = "softmax", None
    if y.op is ops.sub and _op(y.args[1]) in ("take", ops.mul) and (parts := _parts(y, ops.sub)):
        name, groups = "centred", _grouped(*parts, ops.mean)
    elif y.op is ops.div and (parts := _parts(y, ops.div)):
        powers, total = parts
        if powers.op is ops.exp and _grouped(powers, total, "segment_sum") is not None:
            shifted = _parts(powers.args[0], ops.sub)
            groups = None if shifted is None else _grouped(*shifted, "segment_max")
    return None if groups is None else (name, groups)


def back(y: Any, g: Any, a: Any) -> list[tuple[Any, Any]]:
    """Of y = f(x − s(x)): what f hands on to the difference, less what s makes of the sum of that; by their slopes.

    Those of logsumexp are the softmax y once more, and what those of mean make of a gradient is its mean.
    """
    (f, s), builder, k = FORMS[y.op], y.builder, y.detail
    groups = builder.groups(a, k)
    (of_f,), (of_s,) = f.slopes(y, (a,)), s.slopes(builder.make(s, groups, detail=(False,)), (Group(groups),))
    n, g = y.rows // k, builder.full(g, y)
    part = builder.apply(ops.mul, of_f, g)
    total = builder.segment_sum(builder.groups(part, k))
    each = total if n == 1 else builder.take(total, [i for i in range(n) for _ in range(k)])
    return [(None, builder.apply(ops.sub, part, builder.apply(ops.mul, builder.flat(of_s[0]), each)))]


def _grouped(xs: Any, each: Any, op: Any) -> Any:
    """xs as the groups of which `each` is the result of an operation, repeated for each row; None if it isn't that."""
    factor = None
    if op is ops.mean and each.op is ops.mul:
        op, (factor, each) = "segment_sum", each.args
    if _op(each) in ("repeat", "take"):
        n, k = each.args[0].rows, xs.rows // each.args[0].rows
        regular = each.op == "repeat" or each.detail == tuple([i for i in range(n) for _ in range(k)])
        each = each.args[0] if regular else each
    if _op(each) != op or len(each.args) != 1 or each.args[0].group * each.rows != xs.rows:
        return None
    groups = each.args[0]
    mean = factor is None or (isinstance(factor, float) and factor == 1 / groups.group)
    return groups if mean and _rows(groups) is xs else None


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
