"""The equations of a pass, one for each node, as mathematics: what it is computed from, its value, and its gradient."""

from __future__ import annotations

import html
from typing import Any

from ..notation.mathml import Markup, computed, derivative, name, number, sign
from ..notation.tightness import SUM
from ..show.steps.passes import Pass
from ..value import Value
from .texts import text

_MOST = 150


def equations(passed: Pass[Any], language: str) -> str:
    """The equations in the order in which they are computed, then the leaves, in HTML; "" of more than 150 nodes.

    >>> from autograd.show import steps
    >>> x = Value(3.0, label="x")
    >>> y = x * x
    >>> y.label = "y"
    >>> equations(steps(y), "en").count("<tr><td><math>")
    2
    """
    nodes = sorted(passed.data, key=lambda node: not node.op)  # leaves last
    if len(nodes) > _MOST:
        return ""
    output = name(passed.names[passed.output])
    rows = []
    for node in nodes:
        left = [] if _unnamed(passed, node) else [name(passed.names[node]).text]
        made = [computed(node, lambda operand: _written(passed, operand)).text] if node.op else []
        value = sign("=").join([*left, *made, number(node.data).within(SUM)])
        slope = derivative(output, _written(passed, node))
        slope += sign("=") + number(passed.gradients.get(node, 0.0)).within(SUM)
        rows.append(f"<tr><td><math>{slope}</math></td><td><math>{value}</math></td></tr>")
    said = {key: html.escape(text(key, language)) for key in ("equations", "value", "gradient")}
    return (
        f'<h3>{said["equations"]}</h3><div class="wide" tabindex="0" role="region" aria-label="{said["equations"]}">'
        f'<table><thead><tr><th scope="col">{said["gradient"]}</th><th scope="col">{said["value"]}</th></tr></thead>'
        f"<tbody>{''.join(rows)}</tbody></table></div>"
    )


def _unnamed(passed: Pass[Any], node: Value) -> bool:
    """Whether what a node is called is only how it was computed, as for tanh(v1)."""
    return bool(node.op) and passed.called(node, 1000) == passed.names[node]


def _written(passed: Pass[Any], operand: Any) -> Markup:
    if not isinstance(operand, Value) or operand not in passed.names:
        return number(operand)
    if _unnamed(passed, operand):  # such names are short, so it isn't deep
        return computed(operand, lambda inner: _written(passed, inner))
    return name(passed.names[operand])
