"""The products of a `dot` in numbers, as they stand in the box of its node."""

from __future__ import annotations

from typing import Any

from ... import edges, graph, ops
from ...basics.messages import shortened
from ...notation.names import operand
from ...notation.text import figure
from ...notation.tightness import ATOM
from ...value import Value
from .passes import Pass


def products(passed: Pass[Any], node: Value) -> list[str]:
    """A line for each product, `+ 2 · 3 = 6`, and one for the bias; none for any other operation than `dot`.

    Args:
        passed: the steps of a pass, with the numbers of that moment.
        node: one of its Values.
    """
    if edges.rule(node) is not ops.dot:
        return []
    ws, xs, bias = graph.operands(node)
    lines = []
    for w, x in zip(ws, xs):
        a, b = (passed.data.get(factor, factor) for factor in (w, x))
        lines.append(f"{_factor(a)} · {_factor(b)} = {figure(a * b)}")
    if bias.__class__ is not float or bias != 0:
        lines.append(_factor(passed.data.get(bias, bias)))
    return [f"{'+' if i else chr(0x2007)} {line}" for i, line in enumerate(shortened(lines))]


def _factor(x: float) -> str:
    return operand(float(x)).within(ATOM)
