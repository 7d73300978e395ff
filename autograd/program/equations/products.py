"""How products of several matrices at once are written: a position of a sequence is a column, a head one of several.

Rows that count up fastest along the numbers of a position and then along positions are a matrix with a column for each
position, `X`. The rows of weights are those of `W`. So a layer at all positions is `W X`, and the scores of all queries
with all keys `Kᵀ Q`, for each head.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ... import ops
from ...notation.formulas import Formula
from ...notation.matrices import Written, form, places
from ...notation.tightness import ATOM, MATRIX
from ..idioms import chosen, constants_of, operands_of, strip
from ..ir import Array
from ..patterns import Pattern


def vec(matrix: Formula) -> Formula:
    """The rows of a matrix in one column."""
    return form("vec(#1)", ATOM, (matrix, 0))


def of_weights(node: Array) -> bool:
    """Whether it is the product of a layer's weights and a vector for each position."""
    if node.op != "einsum" or "p" in node.detail.out or not node.wide or not node.detail.is_of_matrices:
        return False
    source, rows = chosen(strip(node.args[0]))
    first, second = node.detail.views
    width = node.detail.size("k") if first.letters == "ik" else 0
    fits = first.letters == "ik" and first.start == 0 and second.letters == "jk" and first.strides[-1] == 1
    return source.op == "vector" and fits and len(rows) in [node.detail.size("i") * n for n in (width, width + 1)]


def products_of(node: Array, a: Written, b: Written) -> Written:
    """Matrix products, in the order in which their shapes fit; a factor stays outside."""
    d = node.detail
    heads = "p" if all("p" in x for x in (d.views[0].letters, d.views[1].letters, d.out)) else ""
    out = [x for x in d.out if x not in heads]
    if len(out) == 1:  # a sum over positions
        i = 1 if constants_of(node.args[1]) else 0
        x, y = (a, b) if i else (b, a)
        if strip(node.args[1 - i]).op == "sum_batch":  # it is one sum, over all columns
            return x
        return x._replace(core=form("#1 𝟏", MATRIX, (x.bare, MATRIX)), halves=None).times(y._replace(core=None))
    row, column = (out[0], out[1]) if not node.wide else (out[-1], out[0])
    factors = []
    for letter in (row, column):
        which = 0 if letter in d.views[0].letters else 1
        view, shown, x = d.views[which], (a, b)[which], strip(node.args[which])
        axes = [x for _, x in sorted(zip([-s for s in view.strides], view.letters)) if x not in heads]
        matrix = shown.halves[0] if shown.halves else _part(shown.bare, view, x, heads, d)
        rows = axes[0] if shown.halves else axes[-1]
        wanted = row if letter == row else next(x for x in axes if x != column)
        turned = rows != wanted
        factors.append((form("#1ᵀ", ATOM, (matrix, ATOM)) if turned else matrix, shown))
    core = form("#1 #2", MATRIX, (factors[0][0], MATRIX), (factors[1][0], ATOM))
    found = a._replace(core=None, halves=None, below=None).times(b._replace(core=None))
    if not node.wide and row == d.out[0]:
        return found._replace(core=vec(core), halves=(core, None))
    return found._replace(core=core)


def spread_out(node: Array, args: Sequence[Written]) -> list[Written]:
    """The operands of an operation; of products number by number with each row as often as it is a factor."""
    d = node.detail
    if node.op != "einsum" or len(d.out) < len(d.sizes) or d.is_of_matrices:
        return list(args)
    found = []
    for view, x in zip(d.views, args):
        strides = dict(zip(view.letters, view.strides))
        rows = Pattern(view.start, tuple([n for _, n in d.sizes]), tuple([strides.get(a, 0) for a, _ in d.sizes])).rows
        whole = len(strides) == len(d.sizes) or x.core is None
        each = "".join(strides) == d.out[:-1] and rows[0] == 0
        found.append(x if whole else x.inside(f"repeat{d.sizes[-1][1]}(#1)" if each else f"#1[{places(rows)}]", ATOM))
    return found


def parts_of(node: Array) -> list[tuple[int, int, str]]:
    """Of the scores of a head, K'Q, which rows of the operands are keys and queries: (first, last + 1, letter)."""
    d = node.detail
    if node.op != "einsum" or "p" not in d.out or node.args[0] is not node.args[1]:
        return []
    found = []
    for view in d.views:
        step = max(view.strides)
        slow = view.letters[view.strides.index(step)]
        found.append((view.start, view.start + _inner(view, d), "Q" if d.out[0] == slow else "K"))
    return found


def values_of(node: Array, block: Array) -> tuple[int, int, str] | None:
    """Of the mean that a head brings back, which rows of a block are values; None if it is something else."""
    if node.op != "einsum" or "p" not in node.detail.out or strip(node.args[0]) is strip(node.args[1]):
        return None
    for x, view in zip(node.args, node.detail.views):
        if strip(x) is block:
            return view.start, view.start + _inner(view, node.detail), "V"
    return None


def _inner(view: Any, d: Any) -> int:
    """How many rows of a position are looked at."""
    n = 1
    for letter, stride in zip(view.letters, view.strides):
        n *= d.size(letter) if stride < max(view.strides) else 1
    return n


def _part(matrix: Formula, view: Any, x: Any, heads: str, d: Any) -> Formula:
    """The rows of a matrix that are looked at, where a position has more than these."""
    step, inner = max(view.strides), _inner(view, d)
    if inner == step or view.start + inner > step:
        return matrix
    return form(f"#1[{view.start}:{view.start + inner}]", ATOM, (matrix, ATOM))


def columns_of(order: Sequence[Array], several: bool) -> dict[int, int]:
    """Of what is computed for each position of a sequence, how many there are."""
    found: dict[int, int] = {}
    for node in order:
        if node.op == "einsum" and node.detail.is_of_matrices:
            n = node.detail.size(node.detail.out[0]) if len(node.detail.out) > 1 and node.wide else 1
        elif node.op == "gather":
            n = node.detail[0]
        else:
            n = max([found.get(x.serial, 1) for x in operands_of(node, several)], default=1)
        if n > 1 and node.rows % n == 0:
            found[node.serial] = n
    for node in reversed(order):  # and what these are computed from
        n = found.get(node.serial, 1)
        for x in operands_of(node, several) if n > 1 and node.op not in ("gather", "scatter") else ():
            if x.wide and x.rows % n == 0:
                found.setdefault(x.serial, n)
    return found


def arithmetic_of(node: Array) -> list[Array]:
    """An operation and the operands of its own, as far as arithmetic with numbers goes."""
    found = [node]
    for x in found:
        found += [y for y in map(strip, x.args) if isinstance(y, Array)] if x.op in (ops.add, ops.mul, ops.div) else []
    return found
