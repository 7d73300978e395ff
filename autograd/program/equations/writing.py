"""How each operation on arrays is written: as a textbook has it, with a column of a matrix for each example.

`WRITERS` is a table with a function for each operation. What has a name, and the order of the equations, is not decided
here but in naming.py and reader.py.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from itertools import accumulate
from typing import Any

from ... import ops
from ...conditions import COMPARISONS, Comparison
from ...notation import latex as tex
from ...notation.formulas import Formula
from ...notation.matrices import Written, column, form, listed, places
from ...notation.tightness import ATOM, COMPARISON, MATRIX, SUM, TIMES
from ...ternary import takes_lists
from ..idioms import chosen
from ..ir import Array
from ..patterns import pattern
from .products import products_of, vec

_SIGNS = {"<": "<", "<=": "≤", ">": ">", ">=": "≥", "&": "∧", "|": "∨"}
_NOT = {"<": ">=", "<=": ">", ">": "<=", ">=": "<"}
_POWERS = "⁰¹²³⁴⁵⁶⁷⁸⁹"
_NAMES = {"maximum": "max", "minimum": "min", "log": "ln"}
_FACTORS = {"batch", ops.mul, ops.div, ops.neg}
"""What makes a factor of numbers, in which the number of examples is kept apart."""


def write(node: Array, args: Sequence[Written]) -> Written:
    """How an operation is written.

    Args:
        node: the operation.
        args: how its operands are written.
    """
    if node.is_number and node.op not in _FACTORS:
        return Written.number(node.op.forward(*[x.value for x in args]))
    found = WRITERS.get(node.op, _group if takes_lists(node.op) else _function)(node, *args)
    uses = found.uses.union(*[x.uses for x in args])
    return found if found.core is None else found._replace(uses=uses, cost=1 + sum([x.cost for x in args]))


def constants(numbers: Sequence[float]) -> Written:
    """A column of plain numbers."""
    each = [Written.number(x).full.text for x in numbers]
    if len(each) > 2 and set(numbers) == {0.0, -math.inf}:  # a causal sequence looks at none that come later
        return Written(Formula(math.nan, r"\text{mask}", "mask", (ATOM, ATOM)))
    shown = f"{len(each)} × {each[0]}" if len(each) > 2 and len(set(numbers)) == 1 else listed(each, "; ")
    latex = shown.replace("−", "-").replace("×", r"\times")
    return Written(Formula(math.nan, f"[{latex}]", f"[{shown}]", (ATOM, ATOM)))


# ------------------------------------------------------------------------------------------------------- arithmetic


def _product_of_numbers(node: Array, a: Written, b: Written) -> Written:
    return times(a, b, [is_lone(x) for x in node.args])


def is_lone(x: Any) -> bool:
    """Whether an operand is a single number, the same for all examples."""
    return isinstance(x, Array) and x.rows == 1 and not x.wide


def times(a: Written, b: Written, lone: Sequence[bool]) -> Written:
    """a ⊙ b; `lone` says which of them is a single number."""
    if a.core is None or b.core is None:
        return b.times(a) if a.core is None else a.times(b)
    for one, other in ((a, b), (b, a)):
        if other.below is not None and other.factor:
            return _quotient(one, other._replace(core=other.below, factor=1 / other.factor, batches=-other.batches))
    left, right = a.bare, b.bare
    if left.text == right.text:
        core = form("#1²", MATRIX, (left, ATOM))
    else:
        if any(lone):  # a number comes first, and needs no sign
            left, right = (left, right) if lone[0] else (right, left)
            core = form("#1 #2", MATRIX, (left, MATRIX), (right, MATRIX), latex=r"#1\, #2")
        else:
            core = form("#1 ⊙ #2", TIMES, (left, TIMES), (right, TIMES))
    return a.times(b)._replace(core=core, halves=None, below=None)


def _quotient(a: Written, b: Written) -> Written:
    quotient = a.over(b)
    if b.core is None:
        return quotient
    text = f"{a.bare.bracketed(TIMES).text} / {b.core.bracketed(MATRIX).text}"
    core = Formula(math.nan, rf"\frac{{{a.bare.latex}}}{{{b.core.latex}}}", text, (ATOM, TIMES))
    return quotient._replace(core=core, halves=None, below=b.core if a.core is None else None)


def _sum(node: Array, a: Written, b: Written) -> Written:
    minus = node.op is ops.sub
    if b.factor < 0:
        b, minus = b._replace(factor=-b.factor), not minus
    pattern, least = ("#1 − #2", TIMES) if minus else ("#1 + #2", SUM)

    def of(a: Written, b: Written) -> Formula:
        return form(pattern, SUM, (a.full, SUM), (b.full, least))

    halves = None
    if a.halves and b.halves and a.halves[1] and b.halves[1]:
        w, bias = [of(a._replace(core=x), b._replace(core=y)) for x, y in zip(a.halves, b.halves)]
        halves = w, bias
    return Written(of(a, b), halves=halves)


def _power(node: Array, a: Written, b: Written) -> Written:
    if b.core is None and b.value in range(2, 10):
        return Written(form(f"#1{_POWERS[int(b.value)]}", MATRIX, (a.full, ATOM)))
    return Written(form("#1^#2", MATRIX, (a.full, ATOM), (b.full, ATOM)))


def _function(node: Array, *args: Written) -> Written:
    """A function of one or two operands; LaTeX by the rule's own pattern."""
    rule: Any = node.op
    shown = tuple(x.full for x in args)
    latex = rf"{tex.word(rule.name)}({', '.join([x.latex for x in shown])})"
    if rule.latex not in ("", "#1"):
        latex = tex.applied(rule, [x.parts[0] for x in shown]).text
    text = f"{_NAMES.get(rule.name, rule.name)}({', '.join([x.text for x in shown])})"
    return Written(Formula(math.nan, latex, text, (MATRIX, ATOM)))


def _comparison(node: Array, *args: Written) -> Written:
    if isinstance(getattr(node.args[0], "op", None), Comparison) and node.op == ">":  # 1 or 0, asked for more than 0.5
        return args[0]
    sides = [(x.full, SUM) for x in args]
    here = getattr(node.op, "name", node.op)
    signs = [_SIGNS[op] for op in (here, _NOT.get(here)) if op]
    shown, *opposite = [form(f"#1 {sign} #2", COMPARISON, *sides) for sign in signs]
    return Written(shown, halves=(opposite[0], None) if opposite else None)


def _choice(node: Array, condition: Written, *branches: Written) -> Written:
    """A choice between two; between a number and 0 a product with Iverson's bracket [Z > 0]."""
    if node.detail == "entered":
        return branches[0]
    numbers = [x.value if x.core is None else math.nan for x in branches]
    for i, holds in ((0, condition.bare), (1, condition.halves and condition.halves[0])):
        if numbers[1 - i] == 0 and holds:
            bracket = Written(form("[#1]", ATOM, (holds, 0)))
            return times(branches[i], bracket, [is_lone(node.args[1 + i]), is_lone(node.args[0])])
    parts = [(condition.bare, 0), *[(x.full, 0) for x in branches]]
    return Written(form("where(#1, #2, #3)", ATOM, *parts))


# --------------------------------------------------------------------------------------------------- matrix products


def _neurons(node: Array, matrix: Written, x: Written) -> Written:
    assert matrix.halves is not None
    w, b = matrix.halves
    assert b is not None
    return Written(form("#1 #2 + #3", SUM, (w, MATRIX), (x.full, ATOM), (b, SUM)))


def _outer(node: Array, g: Written, x: Written) -> Written:
    factors = [(g.bare, ATOM), (x.full, ATOM)]
    w = form("#1 #2ᵀ", MATRIX, *factors)
    if not node.detail[2]:
        return g._replace(core=vec(w), halves=(w, None))
    b = form("#1 𝟏", MATRIX, factors[0])
    both = form("vec(#1 [#2; 𝟏]ᵀ)", ATOM, *factors)
    return g._replace(core=both, halves=(w, b))


def _matrix_of(node: Array, ws: Written) -> Formula:
    """The operand of a matrix product, whose numbers lie below each other."""
    if ws.halves:
        return ws.halves[0]
    m, k = node.detail[:2]
    return form(f"mat{m}×{k}(#1)", ATOM, (ws.full, 0))


def _looked_up(node: Array, table: Written, index: Written) -> Written:
    """A row of a matrix for each of m indices, as a column."""
    m, k, n = node.detail
    matrix = table.halves[0] if table.halves else form(f"mat{n}×{k}(#1)", ATOM, (table.full, 0))
    return Written(form(f"#1ᵀ onehot{m if m > 1 else ''}(#2)", MATRIX, (matrix, ATOM), (index.full, 0)))


def _brought_back(node: Array, g: Written, index: Written) -> Written:
    m = node.detail[0]
    whole = form(f"onehot{m if m > 1 else ''}(#2) #1ᵀ", MATRIX, (g.bare, ATOM), (index.full, 0))
    return g._replace(core=vec(whole), halves=(whole, None))


def _products(node: Array, a: Written, b: Written) -> Written:
    """Products of matrices; or of numbers one by one, and their sums down the rows or along the positions."""
    d = node.detail
    if d.is_of_matrices or (len(d.out) == 1 and d.out not in d.views[1].letters):
        return products_of(node, a, b)
    found = times(a, b, [False, False])
    gone = [letter for letter, _ in d.sizes if letter not in d.out]
    last = gone and gone[-1] == d.sizes[-1][0]
    if last:
        found = found.inside(f"sum↓{d.size(gone.pop())}(#1)", ATOM, least=0)
    summed = gone or any(x.wide for x in node.args) > node.wide
    return found.inside("#1 𝟏", MATRIX, least=MATRIX) if summed else found


# ----------------------------------------------------------------------------------------------------- rows and sums


def _group(node: Array, *args: Written) -> Written:
    """A rule of lists, such as the mean of all rows of a column, or of each so many of them."""
    if node.op in (ops.sum, ops.mean, ops.logsumexp) and node.args[0].group == 1:
        return args[0]
    inside = ", ".join([f"#{i + 1}" for i in range(len(args))])
    pattern = _down(node.op.name, node).replace("#1", inside)
    return Written(form(pattern, ATOM, *[(x.full, 0) for x in args]))


def _each(node: Array) -> str:
    """Of how many rows each is, where there are several groups."""
    return str(node.detail) if node.detail < node.rows else ""


def _down(name: str, node: Array) -> str:
    """The pattern for a function of the rows of a column, or of each so many of them."""
    k = next((x.group for x in node.args if isinstance(x, Array) and x.group), 0)
    group = str(k) if k and node.rows > 1 else ""
    return f"{name}↓{group}(#1)"


def _assembled(node: Array, *parts: Written) -> Written:
    """Parts of a gradient, each for some rows of it; below each other where they are so in each column."""
    found = [pattern(tuple(where)) for where in node.detail[0]]
    if all(x is not None and len(x.sizes) == 2 and x.strides[1] == 1 for x in found):
        lying = sorted([(x.start, x.sizes[1], x.strides[0], part.full) for x, part in zip(found, parts) if x])
        starts = [0, *accumulate([size for _, size, _, _ in lying])]
        if [x[0] for x in lying] == starts[:-1] and {x[2] for x in lying} == {starts[-1]}:
            return Written(column([x[3] for x in lying], "[#]"))
    terms = [
        form(f"into{node.rows}[{places(where)}](#1)", ATOM, (x.full, 0)) for where, x in zip(node.detail[0], parts)
    ]
    text, latex = (listed([getattr(x, side) for x in terms], " + ") for side in ("text", "latex"))
    return Written(Formula(math.nan, latex, text, (SUM, SUM)))


WRITERS: dict[Any, Callable[..., Written]] = {
    ops.neg: lambda node, x: x._replace(factor=-x.factor),
    **dict.fromkeys((ops.add, ops.sub), _sum),
    ops.mul: _product_of_numbers,
    ops.div: lambda node, a, b: _quotient(a, b),
    ops.pow: _power,
    ops.abs: lambda node, x: Written(form("|#1|", ATOM, (x.full, 0), latex=r"\lvert #1 \rvert")),
    **dict.fromkeys([*_SIGNS, *COMPARISONS.values()], _comparison),
    "where": _choice,
    "neurons": _neurons,
    "product": lambda node, ws, x: Written(form("#1 #2", MATRIX, (_matrix_of(node, ws), MATRIX), (x.full, ATOM))),
    "back": lambda node, ws, g: g.inside("#2ᵀ #1", MATRIX, (_matrix_of(node, ws), ATOM)),
    "outer": _outer,
    "einsum": _products,
    "softmax": lambda node, x: Written(form(f"softmax↓{_each(node)}(#1)", ATOM, (x.full, 0))),
    "centred": lambda node, x: x.inside(f"centred↓{_each(node)}(#1)", ATOM, least=0),
    "gather": _looked_up,
    "scatter": _brought_back,
    "sum_batch": lambda node, x: x.inside("#1 𝟏", MATRIX, least=MATRIX),
    "sum_rows": lambda node, x: x.inside(_down("sum", node), ATOM, least=0),
    "segment_sum": lambda node, x: (
        x.times(Written.number(node.detail)) if x.core is None else x.inside(_down("sum", node), ATOM, least=0)
    ),
    "segment_max": lambda node, x: Written(form(_down("max", node), ATOM, (x.full, 0))),
    "repeat": lambda node, x: x.inside(f"repeat{node.detail}(#1)", ATOM, least=0),
    "full": lambda node, x: Written(x.full),
    **dict.fromkeys(
        ("rows", "take"), lambda node, x: x if x.core is None else x.inside(f"#1[{places(chosen(node)[1])}]", ATOM)
    ),
    "stack": lambda node, *parts: Written(column([x.full for x in parts])),
    "assemble": _assembled,
}
"""By operation, the function that writes it: of the operation, and of how its operands are written.

What isn't in it is a rule, written as a function: tanh(Z1).
"""
