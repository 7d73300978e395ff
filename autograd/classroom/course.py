"""The course in the page: notebooks as they were executed, in HTML, made when the page is built.

Formulas become MathML, which browsers write by themselves; pictures stand in the text, so nothing is fetched. A cell
whose metadata have an `explore`, the pairs of a link such as {"e": "x*y", "n.x": "2"}, is followed by a link to that
expression.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from ..basics.extras import installing

Cell = Mapping[str, Any]
Written = Callable[[str], str]
"""What text is in HTML."""
_TIGHT = re.compile("<mo(?=[^>]*>(?:&#x0002F;|&#x0007C;|/|[|])</mo>)")
"""Operators that have room at both sides in MathML, and none in LaTeX, where they stand for a quotient or a size."""
_STRANGE = re.compile(r"<mi>(?:&<|\\)")
"""What wasn't understood of a formula stands in it as it was written."""
_FORMULA = re.compile(r"(?<!\$)\$[^$`]+\$(?!\$)")
"""A formula in a line of text. It may be broken: what begins its second line, as + does, begins no list."""
_QUESTION = "**Before you"
"""So begins what is to be predicted of the next cell, whose output is folded until it is asked for."""
_APPLIED = re.compile("(<mi>(?:tanh|cosh|sin|cos|exp|ln|log|max|min)</mi>(?=<m[inrs]))")
"""Functions before what they are applied to without brackets."""


def course(folder: Path) -> str:
    """The notebooks of a folder.

    Args:
        folder: with files .ipynb, which are read in the order of their names.

    Returns:
        As JSON, a list of the `name`, `title` and `html` of each.

    Raises:
        ImportError: if a package is missing that makes HTML of text; the message names the extra that brings it.
        ValueError: if there are none, or a file isn't a notebook.
    """
    paths = sorted(folder.glob("*.ipynb"))
    if not paths:
        raise ValueError(f"there are no notebooks (.ipynb) in {folder}")
    text, code, formula = _writers({path.name: i for i, path in enumerate(paths, 1)})
    made = []
    for path in paths:
        try:
            cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
            asked = [False, *map(_asks, cells)]  # whether the cell before asks for a prediction
            parts = [_cell(cell, text, code, formula, folded) for cell, folded in zip(cells, asked)]
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise ValueError(f"{path} can't be read as a notebook (format 4): {error!r}") from None
        made.append({"name": path.stem, "title": _title(cells) or path.stem, "html": "\n".join(parts)})
    return json.dumps(made, ensure_ascii=False)


def _title(cells: list[Cell]) -> str:
    lines = [line for cell in cells if cell["cell_type"] == "markdown" for line in _joined(cell["source"]).splitlines()]
    return next((line[2:].strip() for line in lines if line.startswith("# ")), "")


def _asks(cell: Cell) -> bool:
    return cell["cell_type"] == "markdown" and _QUESTION in _joined(cell["source"])


def _cell(cell: Cell, text: Written, code: Written, formula: Written, folded: bool) -> str:
    source = _joined(cell["source"])
    if cell["cell_type"] == "markdown":
        return f"<section>{text(_FORMULA.sub(lambda found: found[0].replace(chr(10), ' '), source))}</section>"
    if cell["cell_type"] != "code":
        return f"<pre tabindex='0'>{html.escape(source)}</pre>"
    parts = [f"<pre class='code' tabindex='0'><code>{code(source)}</code></pre>"] if source.strip() else []
    outputs = "".join([_output(output, formula) for output in cell["outputs"]])
    parts.append(f'<details><summary data-say="run"></summary>{outputs}</details>' if folded and outputs else outputs)
    link = cell["metadata"].get("explore")
    if link:
        pairs = html.escape(urlencode(link, quote_via=quote))
        parts.append(f'<p class="open"><a href="#{pairs}" data-say="open_in_explore"></a></p>')
    return f"<section>{''.join(parts)}</section>"


def _output(output: Cell, formula: Written) -> str:
    """The richest form of it that there is."""
    data: dict[str, str] = {kind: _joined(content) for kind, content in output.get("data", {}).items()}
    if "text/html" in data:
        return f'<div class="output">{data["text/html"]}</div>'
    if "text/latex" in data:
        return f'<div class="output wide" tabindex="0">{formula(data["text/latex"])}</div>'
    for kind in ("image/png", "image/jpeg"):
        if kind in data:
            told = output.get("metadata", {}).get(kind, {}).get("alt", "A picture that the code above makes.")
            source = f"data:{kind};base64,{''.join(data[kind].split())}"
            return f'<div class="output"><img alt="{html.escape(told)}" src="{source}"></div>'
    plain = data.get("text/plain") or _joined(output.get("text") or output.get("traceback") or "")
    return f'<pre class="output" tabindex="0">{html.escape(plain)}</pre>'


def _joined(lines: Any) -> str:
    return lines if isinstance(lines, str) else "".join(lines)


def _writers(numbers: Mapping[str, int]) -> tuple[Written, Written, Written]:
    """What writes text, Python and formulas; a link to a notebook leads to its number."""
    try:
        from latex2mathml.converter import convert
        from markdown_it import MarkdownIt
        from mdit_py_plugins.dollarmath import dollarmath_plugin
        from pygments import highlight
        from pygments.formatters import HtmlFormatter
        from pygments.lexers import PythonLexer
    except ImportError as error:
        raise ImportError(f"the course needs {error.name}, which comes with: {installing('classroom')}") from None

    def formula(latex: str, display: bool = True) -> str:
        latex = latex.strip().strip("$").replace("{aligned}", "{align*}")
        made = str(convert(latex, display="block" if display else "inline"))
        if _STRANGE.search(made):
            return f"<code>{html.escape(latex)}</code>"
        return _APPLIED.sub(r'\1<mspace width="0.17em"/>', _TIGHT.sub(r'<mo lspace="0" rspace="0"', made))

    def linked(self: Any, tokens: Any, i: int, options: Any, env: Any) -> str:
        name, _, _ = str(tokens[i].attrGet("href")).partition("#")
        if name in numbers:
            tokens[i].attrSet("href", f"#course={numbers[name]}")
        return str(self.renderToken(tokens, i, options, env))

    def lowered(self: Any, tokens: Any, i: int, options: Any, env: Any) -> str:
        tokens[i].tag = f"h{min(6, int(tokens[i].tag[1]) + 1)}"  # the page has the first heading
        return str(self.renderToken(tokens, i, options, env))

    def block(self: Any, tokens: Any, i: int, options: Any, env: Any) -> str:
        return f'<div class="math" tabindex="0">{formula(tokens[i].content)}</div>'

    def head(self: Any, tokens: Any, i: int, options: Any, env: Any) -> str:
        if not tokens[i + tokens[i].nesting].content:  # nothing stands at the head of this column
            tokens[i].tag = "td"
        return str(self.renderToken(tokens, i, options, env))

    markdown = MarkdownIt("commonmark", {"html": True}).enable("table")
    dollarmath_plugin(markdown, double_inline=True, renderer=lambda tex, options: formula(tex, options["display_mode"]))
    markdown.add_render_rule("math_block", block)
    markdown.add_render_rule("table_open", lambda *given: '<div class="wide" tabindex="0"><table>')
    markdown.add_render_rule("table_close", lambda *given: "</table></div>")
    markdown.add_render_rule("link_open", linked)
    for edge in ("open", "close"):
        markdown.add_render_rule(f"heading_{edge}", lowered)
        markdown.add_render_rule(f"th_{edge}", head)
    colored, python = HtmlFormatter(nowrap=True), PythonLexer()
    return markdown.render, lambda source: str(highlight(source, python, colored)), formula
