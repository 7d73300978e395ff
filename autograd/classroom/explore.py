"""What the page asks of Python: an expression and its numbers, and what there is to see of them.

The expression comes from a person or a link. It is parsed by expression.py, and never evaluated as Python.
"""

from __future__ import annotations

import html
import json
import math
from collections.abc import Callable, Mapping
from typing import Any

from .. import graph
from ..expression import MAX_LENGTH, Expression, parse
from ..notation.texml import mathml
from ..notation.text import figure
from ..show import draw, explain, steps
from ..show.practice.answers import entered
from ..transforms.modes import pullback
from ..value import Value
from .texts import complaint, quoted, refused, spoken, text

MOST_NAMES = 12
"""So many numbers one can look after; each has a slider."""
_MOST_ROWS = 60


def answer(request: str) -> str:
    """Answer the page.

    Args:
        request: as JSON, the expression `e`, the `numbers` as they were written, by name, and the `view`: "graph",
            "steps", "rule" or "modes"; and the `language`, English unless it is said. A name without a number has 1.

    Returns:
        As JSON, the `value` and the `table` of names, numbers and gradients, the same as they are shown, in
        `short_value` and `short`, and the `view` in HTML; or an `error`, and the `names` if there are any.

    >>> json.loads(answer('{"e": "x**2", "numbers": {"x": "3"}, "view": "rule"}'))["table"]
    [['x', '3.0', '6.0']]
    >>> json.loads(answer('{"e": "__import__", "numbers": {"x": "1/0"}, "view": "rule"}'))["table"]
    [['__import__', '1.0', '1.0']]
    """
    asked = json.loads(request)
    language = spoken(asked.get("language"))
    try:
        return json.dumps(_answer(asked, language))
    except (ValueError, ArithmeticError, RuntimeError, ImportError) as error:
        return json.dumps(complaint(error, language) | {"names": _names(str(asked["e"]))})


def _names(e: str) -> list[str]:
    """The names whose numbers can be mended; none where the expression has to be."""
    try:
        return list(parse(e).names[:MOST_NAMES])
    except (ValueError, ArithmeticError, RuntimeError):
        return []


def _answer(asked: Mapping[str, Any], language: str) -> dict[str, Any]:
    result, leaves = computed(parse(str(asked["e"])), asked["numbers"], language)
    try:
        shown = _VIEWS[asked["view"]](result, leaves, language)
    except (ValueError, TimeoutError, ImportError) as error:  # too large for this view; the numbers are there
        shown = f"<p>{html.escape(complaint(error, language)['error'])}</p>"
    table = [[leaf.label, repr(leaf.data), repr(leaf.grad)] for leaf in leaves]
    short = [[leaf.label, figure(leaf.data), figure(leaf.grad)] for leaf in leaves]
    value = {"value": repr(result.data).removesuffix(".0"), "short_value": figure(result.data)}
    return {**value, "called": result.label, "table": table, "short": short, "view": shown}


def computed(expression: Expression, written: Mapping[str, str], language: str) -> tuple[Value, list[Value]]:
    """An expression's value, after its backward pass, and the Values of its names.

    Args:
        expression: what was parsed.
        written: the numbers as they were written, by name; a name without one has 1.
        language: of what is said.

    Raises:
        ValueError, ArithmeticError: if it can't be computed or differentiated there; the message says why.
    """
    names = expression.names
    if not names:
        raise refused("no_names", language)
    if len(names) > MOST_NAMES:
        raise refused("too_many_names", language, n=len(names), most=MOST_NAMES)
    leaves = {name: Value(_number(name, written.get(name, "1"), language), label=name) for name in names}
    result = expression(**leaves)
    if not result.op:  # the expression is a name alone
        result = result * 1.0
    result.backward()
    if not result.label:
        result.label = expression.letter
    return result, list(leaves.values())


def _number(name: str, written: object, language: str) -> float:
    try:
        number = entered(str(written)[:MAX_LENGTH])
    except (ValueError, ArithmeticError):
        raise refused("no_number", language, name=name, got=quoted(written)) from None
    if not math.isfinite(number):
        raise refused("not_finite", language, name=name)
    return number


def _graph(result: Value, leaves: list[Value], language: str) -> str:
    picture = draw(result, local_derivatives=True)
    label = text("graph", language)
    svg = picture.svg()
    if language != "en":  # its description is
        svg = svg.replace("<svg", '<svg lang="en"', 1)
    return f'<div class="picture" tabindex="0" role="region" aria-label="{label}">{svg}</div>'


def _steps(result: Value, leaves: list[Value], language: str) -> str:
    return piece(steps(result, language=language))


def piece(shown: Any) -> str:
    """What a notebook would show, in HTML."""
    bundle = shown._repr_mimebundle_()
    plain = f"<pre tabindex='0'>{html.escape(bundle['text/plain'])}</pre>"
    return str(bundle.get("text/html", plain))


def _rule(result: Value, leaves: list[Value], language: str) -> str:
    return "".join(
        [
            f'<div class="wide rule" tabindex="0">{mathml(explain(result, leaf, language=language).latex)}</div>'
            for leaf in leaves
        ]
    )


def _modes(result: Value, leaves: list[Value], language: str) -> str:
    """A row for each node: what forward mode carries there, a pass for each name, beside what reverse mode does."""
    passed = steps(result)
    if len(passed.data) > _MOST_ROWS:
        raise refused("too_many_rows", language, n=len(passed.data), most=_MOST_ROWS)
    y = html.escape(passed.names[result])
    said = {key: text(key, language) for key in ("modes", "forward", "reverse", "node", "value")}
    heads = [f'<th scope="col">∂{said["node"]}/∂{html.escape(leaf.label)}</th>' for leaf in leaves]
    rows = []
    for node in [*leaves, *(x for x in _as_written(result) if x.op and x in passed.data)]:
        forward = pullback([node], [1.0], leaves, as_values=False)
        cells = [figure(node.data), *map(figure, forward), figure(passed.gradients.get(node, 0.0))]
        name = html.escape(passed.called(node, 40) if node in passed.data else node.label)
        rows.append(f'<tr><th scope="row">{name}</th>{"".join(f"<td>{cell}</td>" for cell in cells)}</tr>')
    n = len(leaves)
    passes = text("one_pass" if n == 1 else "passes", language, n=n)
    return (
        f"<p>{text('modes_said', language, passes=passes)}</p>"
        f'<div class="wide" tabindex="0" role="region" aria-label="{said["modes"]}"><table>'
        f'<thead><tr><td></td><td></td><th colspan="{n}" scope="colgroup">{said["forward"]}</th>'
        f'<th scope="col">{said["reverse"]}</th></tr><tr><th scope="col">{said["node"]}</th>'
        f'<th scope="col">{said["value"]}</th>{"".join(heads)}<th scope="col">∂{y}/∂{said["node"]}</th></tr></thead>'
        f"<tbody>{''.join(rows)}</tbody></table></div>"
    )


def _as_written(node: Value) -> list[Value]:
    """The nodes that a node is computed from, and itself, in the order in which the expression has them."""
    found: dict[Value, None] = {}
    stack = [(node, False)]
    while stack:
        x, entered = stack.pop()
        if entered:
            found.setdefault(x)
        elif x not in found:
            stack += [(x, True), *((parent, False) for parent in reversed(graph.parents(x)))]
    return list(found)


_VIEWS: dict[str, Callable[[Value, list[Value], str], str]] = {
    "graph": _graph, "steps": _steps, "rule": _rule, "modes": _modes,
}  # fmt: skip
