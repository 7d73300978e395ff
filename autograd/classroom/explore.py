"""What the page asks of Python: an expression and its numbers, and what there is to see of them.

The expression comes from a person or a link. It is parsed by expression.py, and never evaluated as Python.
"""

from __future__ import annotations

import html
import json
import math
from collections.abc import Callable, Mapping
from typing import Any

from ..expression import MAX_LENGTH, Expression, ExpressionError, parse
from ..notation.text import figure
from ..show import draw, explain, practice, steps
from ..transforms.modes import pullback
from ..value import Value

MOST_NAMES = 12
"""So many numbers one can look after; each has a slider."""
_MOST_ROWS = 60


def answer(request: str) -> str:
    """Answer the page.

    Args:
        request: as JSON, the expression `e`, the `numbers` as they were written, by name, and the `view`: "graph",
            "steps", "rule", "modes" or "practice". A name without a number has 1.

    Returns:
        As JSON, the `value`, the `table` of names, numbers and gradients, and the `view` in HTML; or an `error`.

    >>> json.loads(answer('{"e": "x**2", "numbers": {"x": "3"}, "view": "rule"}'))["table"]
    [['x', '3.0', '6.0']]
    >>> json.loads(answer('{"e": "__import__", "numbers": {"x": "1/0"}, "view": "rule"}'))["table"]
    [['__import__', '1.0', '1.0']]
    """
    asked = json.loads(request)
    try:
        return json.dumps(_answer(parse(str(asked["e"])), asked["numbers"], asked["view"]))
    except (ValueError, ArithmeticError, RuntimeError, ImportError) as error:
        return json.dumps({"error": " ".join(str(error).split())[:1000]})


def _answer(expression: Expression, written: Mapping[str, str], view: str) -> dict[str, Any]:
    names = expression.names
    if not names:
        raise ExpressionError("There are no names in it, so there is nothing to differentiate: write one such as x**2")
    if len(names) > MOST_NAMES:
        raise ExpressionError(f"The expression has {len(names)} names: {MOST_NAMES} are the most here")
    leaves = {name: Value(_number(name, written.get(name, "1")), label=name) for name in names}
    result = expression(**leaves)
    if not result.op:  # the expression is a name alone
        result = result * 1.0
    result.backward()
    if not result.label:
        result.label = next((name for name in "yfzgqr" if name not in names), "")
    try:
        shown = _VIEWS[view](result, list(leaves.values()))
    except (ValueError, TimeoutError, ImportError) as error:  # too large for this view; the numbers are there
        shown = f"<p>{html.escape(str(error))}</p>"
    table = [[name, repr(leaf.data), repr(leaf.grad)] for name, leaf in leaves.items()]
    return {"value": repr(result.data), "called": result.label, "table": table, "view": shown}


def _number(name: str, written: str) -> float:
    try:
        number = float(str(written)[:MAX_LENGTH])
    except ValueError:
        raise ExpressionError(f"{name} must be a number such as 2, -0.5 or 1e-3, got {str(written)[:50]!r}") from None
    if not math.isfinite(number):
        raise ExpressionError(f"{name} must be finite (and at most 1.8e308)")
    return number


def _graph(result: Value, leaves: list[Value]) -> str:
    picture = draw(result, local_derivatives=True)
    return f'<div class="picture" tabindex="0" role="region" aria-label="graph">{picture.svg()}</div>'


def _steps(result: Value, leaves: list[Value]) -> str:
    return piece(steps(result))


def _practice(result: Value, leaves: list[Value]) -> str:
    return piece(practice(result))


def piece(shown: Any) -> str:
    """What a notebook would show, in HTML."""
    bundle = shown._repr_mimebundle_()
    plain = f"<pre tabindex='0'>{html.escape(bundle['text/plain'])}</pre>"
    return str(bundle.get("text/html", plain))


def _rule(result: Value, leaves: list[Value]) -> str:
    return "".join(f'<pre tabindex="0">{html.escape(str(explain(result, leaf)))}</pre>' for leaf in leaves)


def _modes(result: Value, leaves: list[Value]) -> str:
    """A row for each node: what forward mode carries there, a pass for each name, beside what reverse mode does."""
    passed = steps(result)
    if len(passed.data) > _MOST_ROWS:
        raise ValueError(f"a table of {len(passed.data)} rows is too long to be read (at most {_MOST_ROWS})")
    y = html.escape(passed.names[result])
    heads = [f"<th>∂node/∂{html.escape(leaf.label)}</th>" for leaf in leaves]
    rows = []
    for node in [*leaves, *(x for x in passed.data if x.op)]:
        forward = pullback([node], [1.0], leaves, as_values=False)
        cells = [figure(node.data), *map(figure, forward), figure(passed.gradients.get(node, 0.0))]
        name = html.escape(passed.called(node, 40) if node in passed.data else node.label)
        rows.append(f'<tr><th scope="row">{name}</th>{"".join(f"<td>{cell}</td>" for cell in cells)}</tr>')
    n = len(leaves)
    said = (
        f"Forward mode goes down the table: {n} pass{'es' * (n != 1)}, one for each name, and the last row is the"
        " gradient. Reverse mode goes up: one pass for all names, and the first rows are the gradient."
    )
    return (
        f'<p>{said}</p><div class="wide" tabindex="0" role="region" aria-label="forward and reverse mode"><table>'
        f'<thead><tr><td></td><td></td><th colspan="{n}" scope="colgroup">forward ↓</th><th>reverse ↑</th></tr>'
        f"<tr><th>node</th><th>value</th>{''.join(heads)}<th>∂{y}/∂node</th></tr></thead>"
        f"<tbody>{''.join(rows)}</tbody></table></div>"
    )


_VIEWS: dict[str, Callable[[Value, list[Value]], str]] = {
    "graph": _graph, "steps": _steps, "rule": _rule, "modes": _modes, "practice": _practice,
}  # fmt: skip
