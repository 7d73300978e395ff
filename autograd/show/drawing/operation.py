"""The dark nodes of a drawing: the sign of an operation, and places for its operands where their order matters.

`a - b` and `b - a` are told apart by these places, however the arrows run: each arrow ends at its own, which says
which operand it is: 1st or 2nd, and of a neuron w₁, x₁ or b.
"""

from __future__ import annotations

import inspect
from typing import Any

from ... import edges, graph, ops
from ...notation.text import markup
from ...rules import Rule
from ...value import Value
from .looks import DARK, FADED, OPERATION, ORDERED

SIGNS = {"*": "×", "-": "−", "**": "pow"}
"""What is drawn for a symbol: an asterisk hangs high, or low, by the font."""

SYMMETRIC: frozenset[Rule] = frozenset(
    [ops.add, ops.mul, ops.maximum, ops.minimum, ops.hypot, ops.sum, ops.mean, ops.norm, ops.logsumexp]
)
"""Rules whose operands may change places."""

_SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")


def looks(node: Value, operands: int, down: bool = False, faded: bool = False) -> dict[str, str]:
    """The attributes of an operation's node.

    Args:
        node: what the operation computed.
        operands: how many of them are drawn.
        down: whether the arrows come from above; otherwise they come from the left.
        faded: whether it is beside the path that is to be seen.
    """
    sign = markup(SIGNS.get(node.op, node.op))
    found = places(node)[:operands]
    if not found:
        return {"label": f"<{sign}>", **OPERATION, **(FADED if faded else {})}
    cells = [f'<td port="{i}"><font point-size="15">{markup(name)}</font></td>' for i, name in enumerate(found)]
    if down:
        rows = f'<tr>{"".join(cells)}</tr><tr><td colspan="{len(found)}">{sign}</td></tr>'
    else:
        cells[0] += f'<td rowspan="{len(found)}" cellpadding="6">{sign}</td>'
        rows = "".join([f"<tr>{cell}</tr>" for cell in cells])
    fill = FADED["fillcolor"] if faded else DARK
    table = f'<table border="0" cellborder="0" cellspacing="0" cellpadding="3" bgcolor="{fill}" style="rounded">'
    return {"label": f"<{table}{rows}</table>>", **ORDERED, **({"fontcolor": FADED["fontcolor"]} if faded else {})}


def places(node: Value) -> list[str]:
    """What the operands of a computed node are called where they can't change places; empty where they can.

    >>> a, b = Value(2.0), Value(3.0)
    >>> places(a / b), places(ops.dot([a, b], [b, a], a)), places(a * b)
    (['1st', '2nd'], ['w₁', 'w₂', 'x₁', 'x₂', 'b'], [])
    """
    rule: Any = edges.rule(node)
    groups = graph.operands(node)
    if rule in SYMMETRIC or (len(groups) == 1 and not isinstance(groups[0], tuple)):
        return []
    if not any(isinstance(group, tuple) for group in groups):
        return [_ordinal(i) for i in range(len(groups))]
    found: list[str] = []
    for name, group in zip(_names(rule, len(groups)), groups):
        many = isinstance(group, tuple)
        stem = name.removesuffix("s") if many and len(name) > 1 else name
        numbered = [f"{stem}{i + 1}".translate(_SUBSCRIPTS) for i in range(len(group) if many else 0)]
        found += [stem] if not many or len(group) == 1 else numbered
    return found


def _names(rule: Any, n: int) -> list[str]:
    """What a rule of lists calls its operands."""
    try:
        found = rule.groups or list(inspect.signature(rule.d).parameters)[1:]
    except (TypeError, ValueError):  # it has none that can be looked up
        found = []
    return found if len(found) == n else [_ordinal(i) for i in range(n)]


def _ordinal(i: int) -> str:
    return ("1st", "2nd", "3rd")[i] if i < 3 else f"{i + 1}th"
