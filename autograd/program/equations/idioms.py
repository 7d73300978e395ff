"""Groups of operations that have a name of their own: softmax, the one-hot vector of a class, cross-entropy.

They run as the operations that they are, in a form which doesn't overflow; a reader wants to see their names. Only what
is such a group number by number is recognized as one.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from ... import ops
from ..ir import Array

_PLAIN = {"groups", "flat"}


class Idiom(NamedTuple):
    """A named group: `#1` and `#2` of the text and the LaTeX stand for its operands, as in notation.py.

    Args:
        text, latex: how it is written.
        operands: the Arrays that it is applied to.
        factor: an Array, a plain number, that it is multiplied by; None for 1.
        atomic: whether it needs no brackets anywhere.
    """

    text: str
    latex: str
    operands: tuple[Array, ...]
    factor: Any = None
    atomic: bool = True


def strip(x: Any) -> Any:
    """The Array with the same rows that isn't taken as groups."""
    while isinstance(x, Array) and (x.op in _PLAIN or x.op is ops.identity):
        x = x.args[0]
    return x


def idiom(node: Array) -> Idiom | None:
    """The group whose result this Array is, if it is one."""
    hit = _one_hot(node)
    if hit is not None:
        return Idiom("onehot(#1)", r"\operatorname{onehot}(#1)", (hit,))
    if node.op is ops.cross_entropy:
        found = _classes(*node.args)
        return found and Idiom(
            "−sum↓(onehot(#1) ⊙ ln softmax↓(#2))",
            r"-\operatorname{sum}_{\downarrow}"
            r"(\operatorname{onehot}(#1) \odot \ln \operatorname{softmax}_{\downarrow}(#2))",
            found,
            atomic=False,
        )
    if node.op == "where" and (signed := _sign_of(node)) is not None:
        return Idiom("sign(#1)", r"\operatorname{sign}(#1)", (signed,))
    if node.op is ops.add:
        return _softmax_less_one_hot(*map(strip, node.args)) or _softmax_less_one_hot(*map(strip, node.args[::-1]))
    if node.op is ops.div and (x := _softmax(node)) is not None and strip(x[0]).rows == node.group and not x[1]:
        return Idiom("softmax↓(#1)", r"\operatorname{softmax}_{\downarrow}(#1)", (strip(x[0]),))
    return None


def _sign_of(node: Array) -> Array | None:
    """What it is the sign of, with 0 for 0, as the derivative of |x| has it."""
    above, one, otherwise = node.args
    if one != 1.0 or not isinstance(otherwise, Array) or otherwise.op != "where" or otherwise.args[1:] != (-1.0, 0.0):
        return None
    below = otherwise.args[0]
    same = (
        above.op == ">" and below.op == "<" and above.args[1] == below.args[1] == 0 and above.args[0] is below.args[0]
    )
    return strip(above.args[0]) if same else None


def _one_hot(node: Any) -> Array | None:
    """The index, where a node has a 1 in the row with this number."""
    start, stop = 0, getattr(node, "rows", 0)
    if isinstance(node, Array) and node.op == "rows":
        (start, stop), node = node.detail, strip(node.args[0])
    if not isinstance(node, Array) or getattr(node.op, "name", "") != "one_hot":
        return None
    index, classes = node.args
    if not isinstance(classes, Array) or classes.op != "constants":
        return None
    numbers = [x[0] if isinstance(x, tuple) else x for x in classes.detail[start:stop]]
    return strip(index) if numbers == list(range(len(numbers))) else None


def _classes(true: Any, others: Any) -> tuple[Array, Array] | None:
    """(index, logits), where these are the logit of the class with this index, and the logits without it."""
    others = strip(others)
    if getattr(others.op, "name", "") != "unless" or true.op != "segment_sum" or true.rows != 1:
        return None
    logits, hit = map(strip, others.args)
    index, product = _one_hot(hit), true.args[0]
    if index is None or product.op is not ops.mul:
        return None
    a, b = map(strip, product.args)
    chosen = (_one_hot(a) is index and b is logits) or (_one_hot(b) is index and a is logits)
    return (index, logits) if chosen else None


def _softmax(node: Any) -> tuple[Any, Any] | None:
    """(xs, z), where a node is the softmax of the rows z and xs, in the rows of xs; z is None if there is none."""
    if not _is(node, ops.div) or not _is(node.args[0], ops.exp) or not _is(node.args[0].args[0], ops.sub):
        return None
    power, total = node.args
    xs, top = power.args[0].args
    z = None
    if _is(total, ops.add) and _is(total.args[0], ops.exp) and _is(total.args[0].args[0], ops.sub):
        z, same = total.args[0].args[0].args
        if same is not top or not _is(top, ops.maximum) or top.args[0] is not z:
            return None
        total, largest = total.args[1], top.args[1]
    else:
        largest = top
    sums_up = isinstance(total, Array) and total.op == "segment_sum" and strip(total.args[0]) is strip(power)
    shifted = isinstance(largest, Array) and largest.op == "segment_max" and strip(largest.args[0]) is strip(xs)
    return (xs, z) if sums_up and shifted else None


def _softmax_less_one_hot(off: Any, on: Any) -> Idiom | None:
    """The gradient of cross_entropy: softmax where the class isn't, and softmax - 1 where it is.

    There expm1(-loss) is what the true class lacks to a probability of 1.
    """
    if not _is(off, ops.mul) or not _is(on, ops.mul):
        return None
    share, mask = map(strip, off.args)
    factor, share = _scaled(share)
    lacking, hit = map(strip, on.args)
    second, lacking = _scaled(lacking)
    found = _softmax(share)
    if factor is not second or found is None or found[1] is None:
        return None
    classes = _classes(found[1], found[0])
    if classes is None or not _is(lacking, ops.expm1) or not _is(lacking.args[0], ops.neg):
        return None
    loss = lacking.args[0].args[0]
    hit_of = strip(strip(found[0]).args[1])
    elsewhere = isinstance(mask, Array) and mask.op == "where" and mask.args[1:] == (0.0, 1.0)
    same = (
        elsewhere
        and _is(loss, ops.cross_entropy)
        and loss.args[0] is found[1]
        and strip(loss.args[1]) is strip(found[0])
        and mask.args[0].op == ">"
        and mask.args[0].args[0] is hit_of
        and _one_hot(hit) is classes[0]
    )
    if not same:
        return None
    return Idiom(
        "softmax↓(#2) − onehot(#1)",
        r"\operatorname{softmax}_{\downarrow}(#2) - \operatorname{onehot}(#1)",
        classes,
        factor,
        atomic=False,
    )


def _scaled(x: Any) -> tuple[Any, Any]:
    """(the number, the rest) of a product with a number."""
    if _is(x, ops.mul) and (not isinstance(x.args[0], Array) or x.args[0].is_number):
        return x.args[0], strip(x.args[1])
    return None, x


def _is(x: Any, rule: Any) -> bool:
    return isinstance(x, Array) and x.op is rule
