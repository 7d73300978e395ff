"""Groups of operations that have a name of their own: the one-hot vector of a class, cross-entropy.

They are operations in a form which doesn't overflow. A reader wants to see their names (equations/, export/), and NumPy
computes them in fewer calls (engines/numpy/fused.py). Each is recognized by a pattern, number by number. Here are also
the looks at operations that the patterns need.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

from .. import ops, selection
from .ir import Array
from .patterns import pattern

ONE_HOT, SOFTMAX, CENTRED, SIGN_OF = "onehot(#1)", "softmax↓(#1)", "centred↓(#1)", "sign(#1)"
LOSS, GRADIENT = "−sum↓(onehot(#1) ⊙ ln softmax↓(#2))", "softmax↓(#2) − onehot(#1)"
"""How the forms are written, by which readers know them."""


class Idiom(NamedTuple):
    """A named group.

    Args:
        text: how it is written, as a pattern of notation/matrices.py.
        operands: the Arrays that it is applied to.
        factor: an Array or a plain number that it is multiplied by; None for 1.
    """

    text: str
    operands: tuple[Array, ...]
    factor: Any = None


def idiom(node: Array, several: bool = False) -> Idiom | None:
    """The group whose result this Array is, if it is one.

    Args:
        node: the Array.
        several: whether it may be done to each position of a sequence.
    """
    for form, text, names in (*_IDIOMS, *_SEVERAL) if several else _IDIOMS:
        found = _matched(node, form, {})
        if found is not None:
            return Idiom(text, tuple([found[name] for name in names]), found.get("factor"))
    return None


def operands_of(node: Array, several: bool) -> list[Array]:
    """The Arrays that are read in what is written of a node; `several` as for `idiom`."""
    known = idiom(node, several)
    args = node.args if known is None else (*known.operands, known.factor)
    return [x for x in map(strip, args) if isinstance(x, Array)]


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
    for order in (operands, operands[::-1]) if op in (ops.add, ops.mul, _inner) else (operands,):
        here: dict[str, Any] | None = dict(found)
        for operand, part in zip(order, parts):
            here = here if here is None else _matched(operand, part, here)
        if here is not None:
            return here
    return None


def _compared(node: Array) -> tuple[Any, tuple[int, ...], Sequence[float]]:
    """Of a node with a 1 where an index is a class: the index, the rows that it has of them, and the classes."""
    source, rows = chosen(node)
    if not isinstance(source.op, selection.OneHot):
        return None, (), ()
    index, classes = source.args
    return index, rows, constants_of(classes) or ()


def _one_hot(node: Array) -> tuple[Any, ...] | None:
    """The one index, where a node has a row for each class, and a 1 in that with this number."""
    index, rows, numbers = _compared(node)
    if not numbers or not isinstance(index, Array) or index.rows > 1:
        return None
    return (index,) if [numbers[i] for i in rows] == [*range(chosen(node)[0].op.classes)] else None


def _each_one_hot(node: Array) -> tuple[Any, ...] | None:
    """The indices, where a node has for each of them a 1 in the row with this number."""
    index, rows, numbers = _compared(node)
    base, places = chosen(index) if isinstance(index, Array) else (None, ())
    if base is None or not numbers or len(numbers) != len(places):
        return None
    k = chosen(node)[0].op.classes
    if len(rows) != k * base.rows:
        return None
    expected = [(places[rows[i]], i % k) for i in range(0, len(rows), k) for i in range(i, i + k)]
    return (base,) if [(places[i], int(numbers[i])) for i in rows] == expected else None


def spread(x: Array) -> tuple[Any, ...] | None:
    """What an Array is, of which each row is there several times, or all of them are one after the other."""
    if x.op == "repeat":
        return (x.args[0],)
    found = pattern(x.detail) if x.op == "take" else None
    if found is None or 0 not in found.strides or found.start:
        return None
    kept = [(n, stride) for n, stride in zip(found.sizes, found.strides) if stride]
    whole = kept in ([], [(x.args[0].rows, 1)])
    return (x.args[0],) if whole else None


def _inner(x: Array) -> tuple[Any, ...] | None:
    """The two Arrays of which x has, group by group, the sum of the products."""
    return x.args if _is_by_number(x, "ab", "ab", "a") else None


def _each_times(x: Array) -> tuple[Any, ...] | None:
    """(what is multiplied with a whole group, what has the groups), where x is that."""
    return x.args if _is_by_number(x, "a", "ab", "ab") else None


def _is_by_number(x: Array, *letters: str) -> bool:
    d = x.detail
    if x.op != "einsum" or (*[view.letters for view in d.views], d.out) != letters:
        return False
    return all(pattern(tuple(range(arg.rows))) == pattern(d.pattern(i).rows) for i, arg in enumerate(x.args))


def _slope_of_rsqrt(x: Array) -> tuple[Any, ...] | None:
    """(-½, 1/√a), where x is -½ 1/√a / a: with the cube of the root a is read once alone."""
    factor, root = _scaled(x.args[0]) if x.op is ops.div and isinstance(x.args[0], Array) else (None, None)
    fits = isinstance(root, Array) and root.op is ops.rsqrt and root.args[0] is x.args[1]
    return (factor, root) if fits else None


def _repeated(x: Array) -> tuple[Any, ...] | None:
    """What an Array is, of which each row is repeated for a group."""
    return (x.args[0],) if x.op == "repeat" else None


def _scaled(x: Array) -> tuple[Any, ...]:
    """(the number, the rest) of a product with a number; None for the number if there is none."""
    if x.op is ops.mul and (not isinstance(x.args[0], Array) or x.args[0].is_number):
        return x.args
    return None, x


def _in_one_group(x: Array) -> tuple[Any, ...] | None:
    """The Array itself, if all of its rows are one group."""
    return (x,) if x.rows in (1, x.group) else None


_LOOKS = {
    _one_hot, _each_one_hot, _scaled, _in_one_group, _inner, _each_times, _slope_of_rsqrt, _repeated, spread,
}  # fmt: skip


def _softmax(xs: Any, top: Any, *more: Any) -> tuple[Any, ...]:
    """The pattern of the softmax of the rows xs, and of one more; `top` is the largest of them."""
    powers = (ops.exp, (ops.sub, xs, top))
    total: Any = ("segment_sum", powers)
    for z in more:
        total = (ops.add, (ops.exp, (ops.sub, z, top)), total)
    return (ops.div, powers, total)


_HIT = (_one_hot, "index")
_TRUE = (_in_one_group, ("segment_sum", (ops.mul, _HIT, "logits")))  # the logit of the class with this index
_OTHERS = (selection.masked, "logits", _HIT)
_LOSS = (ops.cross_entropy, _TRUE, _OTHERS)
_SHARE = _softmax(_OTHERS, (ops.maximum, _TRUE, ("segment_max", _OTHERS)), _TRUE)
_GRADIENT = (  # of the loss; expm1(-loss) is what the true class lacks to a probability of 1
    ops.add,
    ("where", (">", _HIT, 0.5), 0.0, (_scaled, "factor", _SHARE)),
    (ops.mul, (_scaled, "factor", (ops.expm1, (ops.neg, _LOSS))), _HIT),
)
_WEIGHTED = (  # the same where each example has a factor of its own, such as 0 for one that is left out
    ops.add,
    ("where", (">", _HIT, 0.5), 0.0, (ops.mul, "factor", _SHARE)),
    (ops.mul, (ops.mul, "factor", (ops.expm1, (ops.neg, _LOSS))), _HIT),
)
_SIGN = ("where", (">", "x", 0.0), 1.0, ("where", ("<", "x", 0.0), -1.0, 0.0))  # 0 for 0, as the slope of |x| has it
_IDIOMS = (
    (_HIT, ONE_HOT, ["index"]),
    (_LOSS, LOSS, ["index", "logits"]),
    (_GRADIENT, GRADIENT, ["index", "logits"]),
    (_WEIGHTED, GRADIENT, ["index", "logits"]),
    (_SIGN, SIGN_OF, ["x"]),
)
"""The patterns, with how they are written, of which operands."""


_EACH_HIT = (_each_one_hot, "index")
_EACH_TRUE = (_inner, _EACH_HIT, "logits")
_EACH_OTHERS = (selection.masked, "logits", _EACH_HIT)
_EACH_LOSS = (ops.cross_entropy, _EACH_TRUE, _EACH_OTHERS)
_TOP = (ops.maximum, _EACH_TRUE, ("segment_max", _EACH_OTHERS))
_POWERS = (ops.exp, (ops.sub, _EACH_OTHERS, (_repeated, _TOP)))
_TOTAL = (ops.add, (ops.exp, (ops.sub, _EACH_TRUE, _TOP)), ("segment_sum", _POWERS))
_EACH_GRADIENT = (
    ops.add,
    ("where", (">", _EACH_HIT, 0.5), 0.0, (_scaled, "factor", (ops.div, _POWERS, (_repeated, _TOTAL)))),
    (_each_times, (_scaled, "factor", (ops.expm1, (ops.neg, _EACH_LOSS))), _EACH_HIT),
)
_EACH_WEIGHTED = (
    ops.add,
    ("where", (">", _EACH_HIT, 0.5), 0.0, (ops.mul, (_repeated, "factor"), (ops.div, _POWERS, (_repeated, _TOTAL)))),
    (_each_times, (ops.mul, "factor", (ops.expm1, (ops.neg, _EACH_LOSS))), _EACH_HIT),
)
_SEVERAL = (
    (_EACH_HIT, ONE_HOT, ["index"]),
    (_EACH_LOSS, LOSS, ["index", "logits"]),
    (_EACH_GRADIENT, GRADIENT, ["index", "logits"]),
    (_EACH_WEIGHTED, GRADIENT, ["index", "logits"]),
    (("softmax", "xs"), SOFTMAX, ["xs"]),
    (("centred", "xs"), CENTRED, ["xs"]),
    ((_slope_of_rsqrt, "factor", "root"), "#1³", ["root"]),
)
"""The same for each position of a sequence, which is a column."""
