"""A softmax that is written out becomes the operation that it is, be it a single share of it that is asked for.

`autograd.softmax` is exp(x − logsumexp(xs)) in a compiled function, where the largest of the xs isn't known. Others
write exp(x − m) / sum(exp(x − m) for x in xs), where m is the largest, detached or not, or a number, or leave m out;
they multiply by 1 / sum(…) or sum(…) ** -1, or write log(sum(…)) for logsumexp. Here the scalar graph is looked through
for these, before lower.py finds out what goes together. What is taken from all logits alike changes no share and no
slope; the operation takes their largest, so that nothing overflows and no digits are lost.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Sequence
from typing import Any, NamedTuple

from .. import edges, graph, ops, selection
from ..modes import mode
from ..rules import Rule
from ..value import Value, recorded

share = Rule("share", "exp(a - b), where b is the logsumexp of a list with a in it", lambda a, b: math.exp(a - b),
             latex="e^{#1 - #2}")  # fmt: skip
"""What belongs to a in the softmax of that list; how a gradient goes back through all of it stands in groupwise.py."""


class _Total(NamedTuple):
    """A logsumexp, or a sum of powers; or anything else, which has no logits.

    Args:
        logits: what is in the list.
        by: the logits by the keys of the exponents, which may be less by the largest of them.
        key: what tells the list from others.
    """

    logits: tuple[Value, ...]
    by: dict[Hashable, Value]
    key: Hashable


def shares(made: Sequence[Value]) -> list[Value]:
    """The nodes of a trace with `share` in the place of what is one in other words, in an order of making.

    Args:
        made: all nodes, in the order of their making; those that are a share, or the logarithm of a sum of powers, are
            remade.
    """
    order: list[Value] = []
    totals: dict[Value, _Total] = {}
    known: dict[Hashable, Value] = {}  # for each list one logsumexp
    with mode(trace=None, no_grad=False, journal=None):
        for node in made:
            rule, operands = edges.rule_of(node), graph.operands(node)
            if rule is ops.log and (exponents := _exponents(operands[0])):
                edges.remake(node, ops.logsumexp, (exponents,))
            elif rule in _LAST and (parts := _parts(rule, *operands)):
                exponent, of = parts
                total = totals.get(of) or totals.setdefault(of, _total(of))
                logit = total.by.get(_key(exponent))
                if logit is not None:
                    if total.key not in known and not _of(of, ops.logsumexp):
                        order.append(recorded(math.nan, ops.logsumexp, (total.logits,)))
                        of = order[-1]
                    edges.remake(node, share, logit, known.setdefault(total.key, of))
            order.append(node)
    return order


_LAST = {ops.exp, ops.div, ops.mul}


def _parts(rule: Rule, a: Any, b: Any = None) -> tuple[Any, Any] | None:
    """(a, total) of what is exp(a − total) or exp(a) / total, in any form; None of what can't be one."""
    if rule is ops.exp:
        less = _of(a, ops.sub)
        return less if less and _of(less[1], ops.logsumexp) else None
    if rule is ops.mul:
        a, b = (b, _inverse(a)) if _of(b, ops.exp) else (a, _inverse(b))
    power = _of(a, ops.exp)
    return (power[0], b) if power and (_of(b, ops.add) or _of(b, ops.sum)) else None


def _inverse(x: Any) -> Any:
    """What x is 1 by; None if it isn't written so."""
    if base := _of(x, ops.reciprocal):
        return base[0]
    one, total = _of(x, ops.div) or (None, None)
    base, power = _of(x, ops.pow) or (None, None)
    return total if one.__class__ is float and one == 1 else base if power.__class__ is float and power == -1 else None


def _total(of: Value) -> _Total:
    listed = _of(of, ops.logsumexp)
    exponents = listed[0] if listed else _exponents(of)
    logits = exponents if listed or not exponents else _logits(exponents)
    return _Total(logits, dict(zip(map(_key, exponents), logits)), tuple(map(id, logits)))


def _exponents(of: Any) -> tuple[Any, ...]:
    """The exponents of a sum of powers, in their order; none of anything else."""
    found: list[Any] = []
    stack = [of]
    while stack:
        x = stack.pop()
        if terms := _of(x, ops.add) or _of(x, ops.sum):
            stack += reversed(terms[0] if terms[0].__class__ is tuple else terms)
        elif power := _of(x, ops.exp):
            found += power
        elif x.__class__ is not float or x != 0:  # which sum() begins with
            return ()
    return tuple(found)


def _logits(exponents: tuple[Any, ...]) -> tuple[Any, ...]:
    """What the exponents are before the largest of them was taken from each; as they are, if it wasn't."""
    logits, tops = zip(*[_of(x, ops.sub) or (x, None) for x in exponents])
    known, stack = set(map(id, logits)), [tops[0]]
    if len(set(map(id, tops))) > 1 or not all(isinstance(x, Value) for x in logits):
        return exponents
    while stack:
        x = stack.pop()
        if id(x) in known or (x.__class__ is float and x < math.inf):
            continue
        largest = _of(x, selection.largest)
        parts = largest[0] if largest else _of(x, ops.maximum) or _of(x, selection.detached)
        if not parts:
            return exponents
        stack += parts
    return logits


def _key(x: Any) -> Hashable:
    """What tells an exponent from others, be it computed twice."""
    return tuple(map(id, _of(x, ops.sub))) or id(x)


def _of(x: Any, rule: Rule) -> tuple[Any, ...]:
    """What a node is made of by this rule; nothing, if it isn't."""
    return graph.operands(x) if isinstance(x, Value) and edges.rule(x) is rule else ()
