"""The sum over paths as it is written on a board: symbols first, then the local derivatives, then numbers.

Each line is made of formulas, which are text and LaTeX at the same time, so a terminal and a notebook show the same.
The sum is computed in paths.py; how one Value or one derivative is written is decided in formulas.py.
"""

from __future__ import annotations

import math
import re
import textwrap
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from itertools import count as numbers_from
from typing import TYPE_CHECKING, NamedTuple

from ... import graph
from ...notation.formulas import DOTS, Formula, derivative, formula
from ...notation.names import names
from ...notation.text import figure, figure_of_count
from ...notation.tightness import PRODUCT, QUOTIENT
from ...value import Value

if TYPE_CHECKING:
    from .paths import Path

_WIDTH = 80
_MOST, _ENDS = 7, 3  # of a path with more factors than that, the first and last three are written
_LONG = 24  # characters of a local derivative; for a longer one stands ∂y/∂x

Row = list[list[Formula]]
"""A sum of products."""


class Line(NamedTuple):
    """A line, or a part of one, as text and as LaTeX."""

    text: str
    latex: str


_TIMES, _PLUS, _THEN = Line(" · ", r" \cdot "), Line(" + ", " + "), Line("  ", r"\quad ")
_NOTHING = Line("", "")


def derive(
    nodes: Sequence[Value],
    output: Value,
    leaf: Value,
    paths: Sequence[Path],
    total: float,
    count: int,
    said: Mapping[str, str],
    full_names: bool = False,
    alone: bool = True,
) -> Line:
    """Write the sum over paths: the text in lines of 80 characters, and the LaTeX.

    Args:
        nodes: the Values of the graph, each after its parents; the output and the leaf are among them.
        output: what is differentiated.
        leaf: what it is differentiated with respect to.
        paths: those to write.
        total: the sum over all paths.
        count: how many there are in all.
        said: what is said in words (texts.py).
        full_names: whether the parameters of a network have their full names.
        alone: whether automatic names count what is written here; otherwise all of the graph, as in the steps.
    """
    if count == len(paths):  # all are written: in the order of the operands
        paths = sorted(paths, key=lambda path: path.places)
    places = [_written_places(path) for path in paths]
    seen = {output, leaf}
    for path, written in zip(paths, places):
        seen.update(node for i in written if i is not None for node in path.nodes[i : i + 2])
    passed = {output, leaf}.union(*(path.nodes for path in paths))
    called = names(nodes, full_names)
    if alone:
        _count_anew(called, passed, seen)
    write = _writer(called, passed)
    hidden = count - len(paths)

    def row(factor: Callable[[Path, int], Formula]) -> Row:
        terms = [[DOTS if i is None else factor(path, i) for i in written] for path, written in zip(paths, places)]
        return terms + [[DOTS]] * (hidden > 0)

    products = [[Formula.number(path.product)] for path in paths]
    part = math.fsum(path.product for path in paths)
    rest = total - part if abs(total - part) > 1e-12 * max(abs(total), abs(part)) else 0.0  # but for rounding
    rows = [
        row(lambda path, i: _symbol(path, i, write)),
        row(lambda path, i: _local(path, i, write)),
        row(lambda path, i: Formula.number(path.derivatives[i])),
        products + [[_others(rest, said["others"])]] * (hidden > 0),
        [[Formula.number(total)]],
    ]
    if count == 0 or output is leaf:  # no path, or an empty one: nothing but a number
        del rows[:-1]
    direct = count > 1 and any(len(path.derivatives) == 1 for path in paths)
    left = _fraction("d" if direct else "∂", "", write(output), write(leaf))
    width = _WIDTH - len(left.text) - 3 if len(left.text) < _WIDTH / 3 else _WIDTH - 4
    sides = [[Line(left.text, left.latex)]]
    for terms in rows:
        side = _lines(terms, width)
        if side != sides[-1]:
            sides.append(side)
    automatic = [node for node in seen if _is_automatic(node, called[node])]
    automatic.sort(key=lambda node: int(called[node][1:]))
    definitions = [_definition(node, write, passed) for node in automatic]
    signs = (
        _remark(said["signs"], d="d", part="∂"),
        _remark(said["signs"], d=r"}\mathrm{d}\text{", part=r"}\partial\text{"),
    )
    remarks = [Line(signs[0].text, signs[1].latex)] * direct + _remarks(
        output, leaf, count, len(paths), part, total, said
    )
    return Line(_text(definitions, left, sides[1:], remarks), _latex(definitions, left, sides[1:], remarks))


# ------------------------------------------------------------------------------------------------------------ the parts


def _count_anew(called: dict[Value, str], passed: set[Value], seen: set[Value]) -> None:
    """Let automatic names count only what a path passes, first of all what is written."""
    taken = {name for node, name in called.items() if not _is_automatic(node, name)}
    free = (name for name in map("v{}".format, numbers_from(1)) if name not in taken)
    automatic = [node for node, name in called.items() if node in passed and _is_automatic(node, name)]
    for node in sorted(automatic, key=lambda x: (x not in seen, int(called[x][1:]))):
        called[node] = next(free)


def _is_automatic(node: Value, name: str) -> bool:
    return not node.label and re.fullmatch(r"v\d+", name) is not None


def _written_places(path: Path) -> list[int | None]:
    """The places of the factors that are written; None for those left out in the middle."""
    n = len(path.derivatives)
    return list(range(n)) if n <= _MOST else [*range(_ENDS), None, *range(n - _ENDS, n)]


def _writer(called: dict[Value, str], passed: set[Value]) -> Callable[[Value], Formula]:
    """From a Value to what stands for it: its label, what computed it where that is short, or `v1`.

    A Value without a label that none of the paths passes is a number here, like any other constant.
    """

    @cache
    def write(node: Value) -> Formula:
        name = called[node]
        if node.label or (node in passed and _is_automatic(node, name)):
            return Formula.name(name, node.data)
        if _is_automatic(node, name):
            return Formula.number(node.data)
        return formula(node, 1, {x: write(x) for x in graph.parents(node)})  # such names are short, so it isn't deep

    return write


def _definition(node: Value, write: Callable[[Value], Formula], passed: set[Value]) -> list[Formula]:
    """What an automatic name stands for: the name, the formula and the number."""
    parts = [write(node), Formula.number(node.data)]
    if node.op:
        parts.insert(1, formula(node, 1, {x: write(x) for x in graph.parents(node)}, passed))
    return parts


def _fraction(sign: str, mark: str, above: Formula, below: Formula) -> Formula:
    """∂y/∂x; the mark says which operand is meant where x is more than one of them."""
    above, below = above.bracketed(), below.bracketed()
    d = r"\mathrm{d}" if sign == "d" else r"\partial"
    subscript = mark.translate(str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉"))
    index = f"_{{{mark}}}" if mark else ""
    latex = rf"\frac{{{d}{index} {above.latex}}}{{{d} {below.latex}}}"
    return Formula(math.nan, latex, f"{sign}{subscript}{above.text}/{sign}{below.text}")


def _symbol(path: Path, i: int, write: Callable[[Value], Formula]) -> Formula:
    node, parent = path.nodes[i], path.nodes[i + 1]
    twice = sum(x is parent for x in graph.parents(node)) > 1
    return _fraction("∂", str(path.places[i] + 1) if twice else "", write(node), write(parent))


def _local(path: Path, i: int, write: Callable[[Value], Formula]) -> Formula:
    found = derivative(path.nodes[i], path.places[i], write)
    return _symbol(path, i, write) if found is None or len(found.text) > _LONG else found


def _others(rest: float, said: str) -> Formula:
    number = Formula.number(rest).bracketed(PRODUCT)
    return Formula(rest, rf"\underbrace{{{number.latex}}}_{{\text{{{said}}}}}", f"{number.text} ({said})")


def _remarks(
    output: Value, leaf: Value, count: int, shown: int, part: float, total: float, said: Mapping[str, str]
) -> list[Line]:
    if count == 0:
        return [_remark(said["none"])]
    if output is leaf:
        return [_remark(said["itself"])]
    numbers = {"count": figure_of_count(count), "shown": shown, "part": figure(part), "total": figure(total)}
    return [_remark(said["most"], **numbers)] * (count > shown)


def _remark(said: str, **words: object) -> Line:
    text = said.format(**words)
    return Line(text, rf"\text{{{text}}}".replace(r"\text{}", ""))


# ------------------------------------------------------------------------------------------------------------ the lines


def _joined(parts: Iterable[Formula | Line], between: Line = _NOTHING) -> Line:
    parts = list(parts)
    return Line(between.text.join(x.text for x in parts), between.latex.join(x.latex for x in parts))


def _lines(row: Row, width: int) -> list[Line]:
    """A row in one line if there is room, otherwise in one for each term, or more."""
    terms = [[x.bracketed(PRODUCT if len(term) > 1 else QUOTIENT) for x in term] for term in row]
    if len(row[0]) == 1 and (len(row) == 1 or " " not in row[0][0].text):  # a bare -2 may stand at the beginning
        terms[0] = row[0]
    whole = _joined([_joined(term, _TIMES) for term in terms], _PLUS)
    if len(whole.text) <= width:
        return [whole]
    lines = []
    for n, term in enumerate(terms):
        line = _joined([Line("+ ", "{}+ ")] * (n > 0) + [Line(term[0].text, term[0].latex)])
        for factor in term[1:]:
            longer = _joined([line, _TIMES, factor])
            if len(longer.text) > width:
                lines.append(line)
                longer = _joined([_THEN, Line("· ", r"{}\cdot "), factor])
            line = longer
        lines.append(line)
    return lines


def _text(definitions: list[list[Formula]], left: Formula, sides: list[list[Line]], remarks: list[Line]) -> str:
    lines = []
    for parts in definitions:
        lines += textwrap.wrap(" = ".join(part.text for part in parts), _WIDTH, subsequent_indent="    ")
    lines += [""] * bool(definitions)
    narrow = len(left.text) < _WIDTH / 3
    before = left.text if narrow else "  "
    lines += [] if narrow else [left.text]
    for side in sides:
        for n, line in enumerate(side):
            lines.append(f"{before} {' ' if n else '='} {line.text}")
            before = " " * len(before)
    for remark in remarks:
        lines += ["", *textwrap.wrap(remark.text, _WIDTH)]
    return "\n".join(lines)


def _latex(definitions: list[list[Formula]], left: Formula, sides: list[list[Line]], remarks: list[Line]) -> str:
    lines = [f"{parts[0].latex} &= {' = '.join(part.latex for part in parts[1:])}" for parts in definitions]
    before = left.latex
    for side in sides:
        for n, line in enumerate(side):
            sign = r"\phantom{=}\ " if n else "= "
            lines.append(f"{before} &{sign}{line.latex}")
            before = ""
    lines += [rf"&{remark.latex}" for remark in remarks]
    return "\\begin{aligned}\n" + " \\\\[6pt]\n".join(lines) + "\n\\end{aligned}"
