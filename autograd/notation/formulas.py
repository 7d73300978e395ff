"""Values as formulas: what a Value was computed from, and its local derivatives, in LaTeX and in plain text.

A `Formula` flows through the rules of the table as a float or a Value does, and arithmetic with it writes the result
down. So the local derivative of tanh is written `1 - y ** 2` because the rule says so, and not because it stands here.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Container, Mapping, Sequence
from functools import reduce
from typing import Any

from .. import edges, graph, ops
from ..basics.groups import Floats
from ..basics.messages import shown
from ..operators import Operators
from ..rules import Nary, Rule
from ..value import Value
from . import latex as tex
from .names import cut
from .text import figure
from .tightness import ATOM, OPERATORS, SUM, Part, Pattern, applied, infix

_PATTERNS = {rule: Pattern(infix(rule), row.holds, row.formula) for rule, row in OPERATORS.items()}
_MOST = 3  # operands of an n-ary rule that are written out
_DEEPEST = 10


class Formula(Operators):
    """A number and how it is written, twice: in LaTeX, and as text that Python would read.

    Args:
        data: the number.
        latex: for MathJax and KaTeX, in mathematics mode.
        text: for a terminal.
        holds: how tightly the LaTeX and the text hold together.

    >>> x = Formula.name("x1", 3.0)
    >>> y = 1 - x * x
    >>> y.text, y.latex, y.data
    ('1 - x1 ** 2', '1 - {x_{1}}^{2}', -8.0)
    """

    __slots__ = ("data", "holds", "latex", "text")

    def __init__(self, data: float, latex: str, text: str, holds: tuple[int, int] = (ATOM, ATOM)) -> None:
        self.data = data
        self.latex = latex
        self.text = text
        self.holds = holds

    @classmethod
    def name(cls, label: str, data: float) -> Formula:
        """A name: letters such as x or w1 as mathematics has them, any other as it stands."""
        text = cut(label)
        plain = re.fullmatch(r"[^\s()*/+-]+", text)
        return cls(data, *_both(tex.name(text), Part(text, ATOM if plain else SUM)))

    @classmethod
    def number(cls, x: float) -> Formula:
        """A plain number, in four digits."""
        text = figure(x)
        return cls(x, *_both(tex.number(text), Part(text, SUM if text.startswith("-") else ATOM)))

    def bracketed(self, least: int = ATOM) -> Formula:
        """The formula, in brackets where it doesn't hold together as tightly as that."""
        return Formula(self.data, self.parts[0].within(least), self.parts[1].within(least))

    @property
    def parts(self) -> tuple[tex.Tex, Part]:
        """The LaTeX and the text, each with how tightly it holds together."""
        return tex.Tex(self.latex, self.holds[0]), Part(self.text, self.holds[1])

    def _apply(self, rule: Rule, operands: tuple[Any, ...]) -> Formula:
        """What a rule for a derivative makes of it: as it would be written by hand."""
        if isinstance(rule, Nary):
            groups = [tuple(map(_formula, x)) if isinstance(x, (tuple, list)) else _formula(x) for x in operands]
            numbers: list[Any] = [[y.data for y in x] if isinstance(x, tuple) else x.data for x in groups]
            return _nary(rule, groups, rule.forward(*numbers))
        written = tuple(map(_formula, operands))
        data = rule.compute(tuple(x.data for x in written))
        if rule is ops.mul and written[0].text == written[1].text:
            return _applied(ops.pow, (written[0], Formula.number(2.0)), data)
        if rule is ops.mul and operands[0].__class__ is float and operands[0] == 1:
            return written[1]
        if rule in (ops.mul, ops.div, ops.pow) and operands[1].__class__ is float and operands[1] == 1:
            return written[0]
        return _applied(rule, written, data)

    def _written(self) -> str:
        return self.text

    def __repr__(self) -> str:
        return f"<Formula {self.text}>"

    def _repr_latex_(self) -> str:
        return rf"$\displaystyle {self.latex}$"

    # the rules choose their branches by the numbers
    def __lt__(self, other: Any) -> bool:
        return self.data < _formula(other).data

    def __le__(self, other: Any) -> bool:
        return self.data <= _formula(other).data

    def __gt__(self, other: Any) -> bool:
        return self.data > _formula(other).data

    def __ge__(self, other: Any) -> bool:
        return self.data >= _formula(other).data


DOTS = Formula(math.nan, r"\cdots", "…")


def formula(
    value: Value, depth: int = 3, names: Mapping[Value, Formula] | None = None, keep: Container[Value] = ()
) -> Formula:
    r"""How a Value was computed, as a formula of bounded length.

    Operands appear under their labels; one without a label is a number if it is a leaf, and otherwise written out in
    its turn. Of long lists a few operands are written.

    Args:
        value: a Value; it is written out even if it has a label, unless it is a leaf.
        depth: how many operations deep to write; dots stand for what is deeper. At most 10.
        names: what to write for some of the Values in it, in place of their labels.
        keep: the Values that are not to be left out of a long list, if there is room for them.

    Returns:
        A `Formula`, with `.latex` for a notebook and `.text` for a terminal.

    Raises:
        TypeError: if value is not a Value.
        ValueError: if depth is not a whole number from 0 to 10.

    >>> a, b = Value(2.0, label="a"), Value(1.0, label="b")
    >>> formula((a + b) * (b + 1)).text
    '(a + b) * (b + 1)'
    >>> formula(-a / (a + b)).latex
    '\\frac{-a}{a + b}'
    """
    if not isinstance(value, Value):
        raise TypeError(f"value must be a Value, got {shown(value)} ({type(value).__name__})")
    if not isinstance(depth, int) or not 0 <= depth <= _DEEPEST:
        raise ValueError(f"depth must be a whole number from 0 to {_DEEPEST}, got {shown(depth)}")
    names = {} if names is None else names
    rule = edges.rule(value)
    if rule is None:
        return _named(value, names) or Formula.number(value.data)
    if depth == 0:
        return DOTS

    def write(x: Any) -> Formula:
        if not isinstance(x, Value):
            return _formula(x)
        return _named(x, names) or formula(x, depth - 1, names, keep)

    groups = graph.operands(value)
    if isinstance(rule, Nary):
        picked = _picked(groups, keep)
        written = [
            tuple([DOTS if i is None else write(x[i]) for i in picked if i is None or i < len(x)])
            if isinstance(x, tuple)
            else write(x)
            for x in groups
        ]
        return _nary(rule, written, value.data, max([len(x) for x in groups if isinstance(x, tuple)], default=1))
    return _applied(rule, tuple(map(write, groups)), value.data)


def derivative(node: Value, place: int, write: Callable[[Value], Formula]) -> Formula | None:
    """A local derivative as a formula.

    Args:
        node: a Value that some rule computed.
        place: which derivative, by its place in `edges.slopes(node)`.
        write: from the node, and each of the Values among its operands, to the formulas that stand for them.

    Returns:
        The derivative of the node with respect to the operand at that place; None if its rule can't be written.

    >>> x = Value(0.0, label="x")
    >>> derivative(x.tanh(), 0, lambda v: Formula.name(v.label or "y", v.data))
    <Formula 1 - y ** 2>
    """
    rule: Any = edges.rule(node)
    operands = graph.operands(node)
    sizes = [0 if x.__class__ in (float, Floats) else len(x) if x.__class__ is tuple else 1 for x in operands]
    i, j = [(i, j) for i, size in enumerate(sizes) for j in range(size)][place]  # which operand, and which item of it
    written = [
        [write(item) for item in x] if x.__class__ is tuple else x if size == 0 else write(x)
        for x, size in zip(operands, sizes)
    ]
    try:
        slope = rule.slopes(write(node), written, [k == i for k in range(len(operands))])[i]
    except (ValueError, ArithmeticError, TypeError):  # TypeError: a rule of the reader's own may be for floats only
        return None
    return _formula(slope[j] if operands[i].__class__ is tuple else slope)


def _formula(x: Any) -> Formula:
    return x if isinstance(x, Formula) else Formula.number(x)


def _named(value: Value, names: Mapping[Value, Formula]) -> Formula | None:
    return names.get(value) or (Formula.name(value.label, value.data) if value.label else None)


# ----------------------------------------------------------------------------------------------- applications of a rule


def _applied(rule: Rule, operands: tuple[Formula, ...], data: float) -> Formula:
    """A rule of one or two operands, applied: LaTeX by the rule's own pattern, text as in Python."""
    latex, text = zip(*[x.parts for x in operands])
    return Formula(data, *_both(tex.applied(rule, latex), applied(rule, text, _PATTERNS, _call)))


def _call(name: str, operands: Sequence[Part]) -> Part:
    return Part(f"{name}({', '.join([x.text for x in operands])})")


def _both(latex: Part, text: Part) -> tuple[str, str, tuple[int, int]]:
    return latex.text, text.text, (latex.holds, text.holds)


def _nary(rule: Rule, groups: Sequence[Any], data: float, n: int = 0) -> Formula:
    """An n-ary rule, applied: sums are written out, others as calls with lists."""
    if rule is ops.dot:
        ws, xs, bias = groups
        products = [w if w is DOTS else _applied(ops.mul, (w, x), math.nan) for w, x in zip(ws, xs)]
        terms = products if bias.text == "0" and products else [*products, bias]
    elif rule is ops.sum or rule is ops.mean:
        terms = list(groups[0])
    else:
        sides = [[(y.latex, y.text) for y in x] if isinstance(x, tuple) else (x.latex, x.text) for x in groups]
        latex, text = (
            ", ".join(f"[{', '.join([y[i] for y in x])}]" if isinstance(x, list) else x[i] for x in sides)
            for i in range(2)
        )
        return Formula(data, rf"{tex.word(rule.name)}\left({latex}\right)", f"{rule.name}({text})")
    total = reduce(lambda a, b: _applied(ops.add, (a, b), math.nan), terms) if terms else Formula.number(0.0)
    if rule is ops.mean:
        total = _applied(ops.div, (total, Formula.number(float(n or len(terms)))), data)
    return Formula(data, total.latex, total.text, total.holds)


def _picked(groups: tuple[Any, ...], keep: Container[Value]) -> list[int | None]:
    """Which operands of the lists of an n-ary rule are written, by their places; None stands for a gap."""
    lists = [group for group in groups if isinstance(group, tuple)]
    n = max(map(len, lists), default=0)
    if n <= _MOST:
        return list(range(n))
    wanted = [
        i for i in range(n) if any(i < len(xs) and xs[i].__class__ is not float and xs[i] in keep for xs in lists)
    ]
    kept = wanted[: _MOST - 1] or list(range(_MOST - 1))
    picked: list[int | None] = []
    for i, before in zip(kept, [-1, *kept]):
        picked += [i] if i == before + 1 else [None, i]
    return picked if kept[-1] == n - 1 else [*picked, None]
