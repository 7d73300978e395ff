"""How each operation on arrays is written: as a textbook has it, with a column of a matrix for each example.

What is named, and in which order, naming.py decides.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from ... import ops
from ...notation import latex as tex
from ...notation.formulas import Formula
from ...notation.matrices import (
    ATOM,
    COMPARISON,
    MATRIX,
    SUM,
    TIMES,
    Notation,
    Written,
    core_of,
    form,
    listed,
    places,
    word,
)
from ...rules import Binary, Nary, Rule, Unary
from ..ir import Array

_SIGNS = {
    "<": ("<", "<"), "<=": ("≤", r"\le"), ">": (">", ">"), ">=": ("≥", r"\ge"), "&": ("∧", r"\wedge"),
    "|": ("∨", r"\vee"),
}  # fmt: skip
_NOT = {"<": ">=", "<=": ">", ">": "<=", ">=": "<"}
_POWERS = "⁰¹²³⁴⁵⁶⁷⁸⁹"


class Writer(Notation):
    """Writes operations, for batches of one size."""

    # --------------------------------------------------------------------------------------------- operations

    def write(self, node: Array, args: Sequence[Written]) -> Written:
        """How an operation is written.

        Args:
            node: the operation.
            args: how its operands are.
        """
        uses = frozenset().union(*[x.uses for x in args])
        cost = 1 + sum([x.cost for x in args])
        found = self._written(node, list(args))
        return found if found.core is None else found._replace(uses=uses | found.uses, cost=cost)

    def _written(self, node: Array, args: list[Written]) -> Written:
        op = node.op
        if op == "batch":
            return Written(None, 1.0, 1)
        if op is ops.mul:
            return self._times(node, *args)
        if op is ops.neg:
            return args[0]._replace(factor=-args[0].factor)
        if op is ops.div and args[1].core is None:
            a, b = args
            return a._replace(factor=a.factor / b.factor, batches=a.batches - b.batches)
        if node.is_number:
            return self.number(op.forward(*[self.value(x) for x in args]))
        if op in (ops.add, ops.sub):
            return self._sum(args[0], args[1], 1 if op is ops.add else -1)
        if op is ops.pow and args[1].core is None and self.value(args[1]) in range(2, 10):
            p = int(self.value(args[1]))
            return Written(form(f"#1{_POWERS[p]}", f"#1^{{{p}}}", MATRIX, (self.full(args[0]), ATOM)))
        if op in _SIGNS:
            sides = [(self.full(x), SUM) for x in args]
            opposite = _signed(_NOT[op], *sides) if op in _NOT else None
            here = _signed(op, *sides)
            return Written(here, halves=(opposite, None) if opposite else None)
        if op == "where":
            return self._where(*args)
        if op is ops.div:
            return self._quotient(*args)
        if isinstance(op, (Unary, Binary)):
            return Written(_applied(op, [self.full(x) for x in args]))
        if op in (ops.sum, ops.mean, ops.logsumexp) and node.args[0].group == 1:
            return args[0]
        if isinstance(op, Nary):
            inside = ", ".join([f"#{i + 1}" for i in range(len(args))])
            return Written(_downwards(op.name, node, inside, *[(self.full(x), 0) for x in args]))
        return getattr(self, f"_{op}")(node, *args)  # type: ignore[no-any-return]

    def _times(self, node: Array, a: Written, b: Written) -> Written:
        if a.core is None or b.core is None:
            return self.scaled(b, a) if a.core is None else self.scaled(a, b)
        if b.below is not None or a.below is not None:
            a, b = (a, b) if b.below is not None else (b, a)
            return self._quotient(a, b._replace(core=b.below, factor=1 / b.factor, batches=-b.batches))
        left, right = core_of(a), core_of(b)
        if left.text == right.text:
            core = form("#1²", "#1^{2}", MATRIX, (left, ATOM))
        else:
            lone = [isinstance(x, Array) and x.rows == 1 and not x.wide for x in node.args]
            if any(lone):  # a number comes first, and needs no sign
                left, right = (left, right) if lone[0] else (right, left)
                core = form("#1 #2", r"#1\, #2", MATRIX, (left, MATRIX), (right, MATRIX))
            else:
                core = form("#1 ⊙ #2", r"#1 \odot #2", TIMES, (left, TIMES), (right, TIMES))
        return Written(core, a.factor * b.factor, a.batches + b.batches)

    def _quotient(self, a: Written, b: Written) -> Written:
        assert b.core is not None
        top = core_of(a)
        core = Formula(
            math.nan,
            rf"\frac{{{top.latex}}}{{{b.core.latex}}}",
            f"{top.bracketed(TIMES).text} / {b.core.bracketed(MATRIX).text}",
            (ATOM, TIMES),
        )
        below = b.core if a.core is None else None
        return Written(core, a.factor / b.factor, a.batches - b.batches, below=below)

    def _sum(self, a: Written, b: Written, sign: int) -> Written:
        if b.factor < 0:
            b, sign = b._replace(factor=-b.factor), -sign
        second = (self.full(b), SUM if sign > 0 else TIMES)
        mark, tex = ("+", "+") if sign > 0 else ("−", "-")
        core = form(f"#1 {mark} #2", f"#1 {tex} #2", SUM, (self.full(a), SUM), second)
        if a.halves and b.halves and a.halves[1] and b.halves[1]:
            pairs = [
                (self.full(a._replace(core=x)), SUM, self.full(b._replace(core=y)), second[1])
                for x, y in zip(a.halves, b.halves)
            ]
            w, bias = [form(f"#1 {mark} #2", f"#1 {tex} #2", SUM, (x, left), (y, right)) for x, left, y, right in pairs]
            return Written(core, halves=(w, bias))
        return Written(core)

    def _where(self, condition: Written, then: Written, otherwise: Written) -> Written:
        """A choice; Iverson's bracket [Z > 0] if it is one between 1 and 0."""
        holds, branches = condition.core, (then, otherwise)
        assert holds is not None
        if all(x.core is None for x in branches):
            numbers = [self.value(x) for x in branches]
            if numbers == [1.0, 0.0]:
                return Written(form("[#1]", "[#1]", ATOM, (holds, 0)))
            if numbers == [0.0, 1.0] and condition.halves:
                return Written(form("[#1]", "[#1]", ATOM, (condition.halves[0], 0)))
        parts = [(holds, 0), *[(self.full(x), 0) for x in branches]]
        return Written(form("where(#1, #2, #3)", rf"{word('where')}(#1, #2, #3)", ATOM, *parts))

    # ---------------------------------------------------------------------------------------- matrix products

    def _neurons(self, node: Array, matrix: Written, x: Written) -> Written:
        assert matrix.halves is not None
        w, b = matrix.halves
        assert b is not None
        return Written(form("#1 #2 + #3", "#1 #2 + #3", SUM, (w, MATRIX), (self.full(x), ATOM), (b, SUM)))

    def _product(self, node: Array, ws: Written, x: Written) -> Written:
        return Written(form("#1 #2", "#1 #2", MATRIX, (self._matrix_of(node, ws), MATRIX), (self.full(x), ATOM)))

    def _back(self, node: Array, ws: Written, g: Written) -> Written:
        w = self._matrix_of(node, ws)
        return g._replace(core=form("#1ᵀ #2", r"#1^{\top} #2", MATRIX, (w, ATOM), (core_of(g), ATOM)), halves=None)

    def _outer(self, node: Array, g: Written, x: Written) -> Written:
        factors = [(core_of(g), ATOM), (self.full(x), ATOM)]
        w = form("#1 #2ᵀ", r"#1 #2^{\top}", MATRIX, *factors)
        if not node.detail[2]:
            core = form("vec(#1)", rf"{word('vec')}(#1)", ATOM, (w, 0))
            return g._replace(core=core, halves=(w, None))
        b = form("#1 1", r"#1 \mathbf{1}", MATRIX, factors[0])
        both = form("vec(#1 [#2; 1]ᵀ)", rf"{word('vec')}(#1 [#2; \mathbf{{1}}]^{{\top}})", ATOM, *factors)
        return g._replace(core=both, halves=(w, b))

    def _matrix_of(self, node: Array, ws: Written) -> Formula:
        """The operand of a matrix product, whose numbers lie below each other."""
        if ws.halves:
            return ws.halves[0]
        m, k = node.detail[:2]
        return form(f"mat{m}×{k}(#1)", rf"{word('mat')}_{{{m} \times {k}}}(#1)", ATOM, (self.full(ws), 0))

    # ------------------------------------------------------------------------------------------ rows and sums

    def _sum_batch(self, node: Array, x: Written) -> Written:
        return x._replace(core=form("#1 1", r"#1 \mathbf{1}", MATRIX, (core_of(x), MATRIX)), halves=None)

    def _sum_rows(self, node: Array, x: Written) -> Written:
        return x._replace(core=_downwards("sum", node, "#1", (core_of(x), 0)), halves=None)

    def _segment_sum(self, node: Array, x: Written) -> Written:
        if x.core is None:
            return x._replace(factor=x.factor * node.detail)
        return self._sum_rows(node, x)

    def _segment_max(self, node: Array, x: Written) -> Written:
        return Written(_downwards("max", node, "#1", (self.full(x), 0)))

    def _repeat(self, node: Array, x: Written) -> Written:
        return x._replace(
            core=form(f"repeat{node.detail}(#1)", rf"{word('repeat')}_{{{node.detail}}}(#1)", ATOM, (core_of(x), 0)),
            halves=None,
        )

    def _full(self, node: Array, x: Written) -> Written:
        return Written(self.full(x))

    def _rows(self, node: Array, x: Written) -> Written:
        return self._chosen(x, places(range(*node.detail)))

    def _take(self, node: Array, x: Written) -> Written:
        return self._chosen(x, places(node.detail))

    def _chosen(self, x: Written, which: str) -> Written:
        if x.core is None:
            return x
        return x._replace(core=form(f"#1[{which}]", f"#1[{which}]", ATOM, (x.core, ATOM)), halves=None)

    def _stack(self, node: Array, *parts: Written) -> Written:
        shown = [self.full(x) for x in parts]
        text, latex = (listed([getattr(x, side) for x in shown], "; ") for side in ("text", "latex"))
        return Written(Formula(math.nan, rf"\left[{latex}\right]", f"[{text}]", (ATOM, ATOM)))

    def _assemble(self, node: Array, *parts: Written) -> Written:
        """Parts of a gradient, each for some rows of it."""
        terms = []
        for where, x in zip(node.detail[0], parts):
            rows = places(where)
            n = node.rows
            terms.append(form(f"into{n}[{rows}](#1)", rf"{word('into')}_{{{n}}}[{rows}](#1)", ATOM, (self.full(x), 0)))
        text, latex = (listed([getattr(x, side) for x in terms], " + ") for side in ("text", "latex"))
        return Written(Formula(math.nan, latex, text, (SUM, SUM)))

    def column(self, numbers: Sequence[float]) -> Written:
        """Constants, one for each row."""
        shown = listed([self.full(self.number(x)).text for x in numbers], "; ")
        if len(numbers) > 2 and len(set(numbers)) == 1:
            shown = f"{len(numbers)} × {self.full(self.number(numbers[0])).text}"
        return Written(
            Formula(
                math.nan, f"[{shown.replace('−', '-').replace('×', chr(92) + 'times')}]", f"[{shown}]", (ATOM, ATOM)
            )
        )


def _signed(op: str, *sides: tuple[Formula, int]) -> Formula:
    text, latex = _SIGNS[op]
    return form(f"#1 {text} #2", f"#1 {latex} #2", COMPARISON, *sides)


def _applied(rule: Rule, args: Sequence[Formula]) -> Formula:
    """A function of one or two operands; LaTeX by its own pattern."""
    if rule is ops.pow:
        return form("#1^#2", "#1^{#2}", MATRIX, (args[0], ATOM), (args[1], ATOM))
    if rule is ops.abs:
        return form("|#1|", r"\lvert #1 \rvert", ATOM, (args[0], 0))
    inside = ", ".join([x.text for x in args])
    if rule.latex == "#1":
        latex = rf"{word(rule.name)}({', '.join([x.latex for x in args])})"
    else:
        latex = tex.applied(rule, [x.parts[0] for x in args]).text
    name = {"maximum": "max", "minimum": "min", "log": "ln"}.get(rule.name, rule.name)
    return Formula(math.nan, latex, f"{name}({inside})", (MATRIX, ATOM))


def _downwards(name: str, node: Array, inside: str, *parts: tuple[Formula, int]) -> Formula:
    """A function of all rows of a column, or of each so many of them."""
    spread = next((x.group for x in node.args if isinstance(x, Array) and x.group), 0)
    group = f"{spread}" if spread and node.rows > 1 else ""
    return form(f"{name}↓{group}({inside})", rf"{word(name)}_{{\downarrow {group}}}({inside})", ATOM, *parts)
