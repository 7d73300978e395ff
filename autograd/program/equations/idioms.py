"""Groups of operations that have a name of their own: softmax, the one-hot vector of a class, cross-entropy.

They run as the operations that they are, in a form which doesn't overflow; a reader wants to see their names. Each is
recognized by a pattern, number by number. Here are also the looks at operations that the patterns need. How anything
else is written is decided in writing.py.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

from ... import ops
from ..ir import Array


class Idiom(NamedTuple):
    """A named group.

    Args:
        text: how it is written, as a pattern of notation/matrices.py.
        operands: the Arrays that it is applied to.
        factor: an Array, a plain number, that it is multiplied by; None for 1.
    """

    text: str
    operands: tuple[Array, ...]
    factor: Any = None


def idiom(node: Array) -> Idiom | None:
    """The group whose result this Array is, if it is one."""
    for pattern, text, names in _IDIOMS:
        found = _matched(node, pattern, {})
        if found is not None:
            return Idiom(text, tuple([found[name] for name in names]), found.get("factor"))
    return None


def strip(x: Any) -> Any:
    """The Array with the same rows that isn't taken as groups."""
    while isinstance(x, Array) and (x.op in ("groups", "flat") or x.op is ops.identity):
        x = x.args[0]
    return x


def chosen(node: Array) -> tuple[Array, tuple[int, ...]]:
    """The Array that a node has rows of, and which rows."""
    if node.op in ("rows", "take"):
        return strip(node.args[0]), tuple(range(*node.detail) if node.op == "rows" else node.detail)
    return node, tuple(range(node.rows))


def constants_of(node: Any) -> list[float] | None:
    """The numbers of a column of constants."""
    source, rows = chosen(node) if isinstance(node, Array) else (None, ())
    if source is None or source.op != "constants":
        return None
    numbers = [math.copysign(*x) if isinstance(x, tuple) else float(x) for x in source.detail]  # (0.0, its sign)
    return [numbers[i] for i in rows]


def _matched(x: Any, pattern: Any, found: dict[str, Any]) -> dict[str, Any] | None:
    """What the names in a pattern stand for, if x fits it; None if it doesn't.

    Args:
        x: an Array or a plain number.
        pattern: a name, which stands for the same wherever it occurs; a number; or a tuple of an operation and patterns
            for its operands. In place of the operation may be a function from an Array to a tuple of such operands,
            None if there are none.
        found: what the names met so far stand for.
    """
    x = strip(x)
    if isinstance(pattern, str):
        return found if found.setdefault(pattern, x) is x else None
    if isinstance(pattern, float):
        return found if not isinstance(x, Array) and x == pattern else None
    if not isinstance(x, Array):
        return None
    op, *parts = pattern
    operands = op(x) if op in _LOOKS else x.args if x.op == op else None
    if operands is None or len(operands) != len(parts):
        return None
    for order in (operands, operands[::-1]) if op in (ops.add, ops.mul) else (operands,):
        here: dict[str, Any] | None = dict(found)
        for operand, part in zip(order, parts):
            here = here if here is None else _matched(operand, part, here)
        if here is not None:
            return here
    return None


def _one_hot(node: Array) -> tuple[Any, ...] | None:
    """The index, where a node has a 1 in the row with this number."""
    source, rows = chosen(node)
    if not isinstance(source.op, ops.OneHot):
        return None
    index, classes = source.args
    numbers = constants_of(classes) or []
    return (index,) if numbers and [numbers[i] for i in rows] == list(range(len(rows))) else None


def _scaled(x: Array) -> tuple[Any, ...]:
    """(the number, the rest) of a product with a number; None for the number if there is none."""
    if x.op is ops.mul and (not isinstance(x.args[0], Array) or x.args[0].is_number):
        return x.args
    return None, x


def _in_one_group(x: Array) -> tuple[Any, ...] | None:
    """The Array itself, if all of its rows are one group."""
    return (x,) if x.rows in (1, x.group) else None


_LOOKS = {_one_hot, _scaled, _in_one_group}


def _softmax(xs: Any, top: Any, *more: Any) -> tuple[Any, ...]:
    """The pattern of the softmax of the rows xs, and of one more; `top` is the largest of them."""
    powers = (ops.exp, (ops.sub, xs, top))
    total: Any = ("segment_sum", powers)
    for z in more:
        total = (ops.add, (ops.exp, (ops.sub, z, top)), total)
    return (ops.div, powers, total)


_HIT = (_one_hot, "index")
_TRUE = (_in_one_group, ("segment_sum", (ops.mul, _HIT, "logits")))  # the logit of the class with this index
_OTHERS = (ops.masked, "logits", _HIT)
_LOSS = (ops.cross_entropy, _TRUE, _OTHERS)
_SHARE = _softmax(_OTHERS, (ops.maximum, _TRUE, ("segment_max", _OTHERS)), _TRUE)
_GRADIENT = (  # of the loss; expm1(-loss) is what the true class lacks to a probability of 1
    ops.add,
    ("where", (">", _HIT, 0.5), 0.0, (_scaled, "factor", _SHARE)),
    (ops.mul, (_scaled, "factor", (ops.expm1, (ops.neg, _LOSS))), _HIT),
)
_SIGN = ("where", (">", "x", 0.0), 1.0, ("where", ("<", "x", 0.0), -1.0, 0.0))  # 0 for 0, as the slope of |x| has it
_IDIOMS = (
    (_HIT, "onehot(#1)", ["index"]),
    (_LOSS, "−sum↓(onehot(#1) ⊙ ln softmax↓(#2))", ["index", "logits"]),
    (_GRADIENT, "softmax↓(#2) − onehot(#1)", ["index", "logits"]),
    ((_in_one_group, _softmax("xs", ("segment_max", "xs"))), "softmax↓(#1)", ["xs"]),
    (_SIGN, "sign(#1)", ["x"]),
)
"""The patterns, with how they are written, of which operands."""
