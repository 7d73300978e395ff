"""Formulas in MathML, which browsers set as mathematics with no library and no network.

All text passes through `html.escape` here. What the formulas of the player say is not decided here, but in
positions.py. Specification: https://w3c.github.io/mathml-core/
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Sequence
from typing import Any

from .. import edges, graph, ops
from ..basics.groups import flat
from ..basics.messages import shortened
from ..rules import Rule
from ..value import Value
from .names import cut
from .short import parted
from .text import figure
from .tightness import ATOM, OPERATORS, PRODUCT, QUOTIENT, SUM, Part, Pattern, applied

_OPERATORS = {
    ops.add: "#1<mo>+</mo>#2", ops.sub: "#1<mo>−</mo>#2", ops.neg: "<mo>−</mo>#1", ops.mul: "#1<mo>·</mo>#2",
    ops.div: "<mfrac>#1#2</mfrac>", ops.pow: "<msup>#1#2</msup>",
}  # fmt: skip
_PATTERNS: dict[Rule, Pattern] = {
    **{rule: Pattern(text, OPERATORS[rule].holds, OPERATORS[rule].mathml) for rule, text in _OPERATORS.items()},
    ops.sqrt: Pattern("<msqrt>#1</msqrt>", ATOM, (SUM,)),
}


class Markup(Part):
    """A part of a formula in MathML."""

    __slots__ = ()

    def within(self, least: int) -> str:
        """The part as one element, in brackets where it doesn't hold together as tightly as that."""
        return bracketed(f"<mrow>{self.text}</mrow>", self.holds < least)


def formula(*rows: list[str]) -> str:
    """A formula of its own, from rows of cells that stand below each other."""
    lines = "".join(f"<mtr>{''.join(f'<mtd>{cell}</mtd>' for cell in row)}</mtr>" for row in rows)
    return f'<math display="block"><mtable displaystyle="true">{lines}</mtable></math>'


def sign(text: str) -> str:
    """An operator such as + or =.

    >>> sign("<")
    '<mo>&lt;</mo>'
    """
    return f"<mo>{html.escape(text)}</mo>"


def name(text: str) -> Markup:
    """A name as mathematics has it: letters italic, digits behind them as an index; any other text as it stands.

    >>> name("w1").text, name("w₁₂⁽¹⁾").text
    ('<msub><mi>w</mi><mn>1</mn></msub>', '<msubsup><mi>w</mi><mn>12</mn><mn>(1)</mn></msubsup>')
    """
    if place := parted(text):
        letters, below, above = (f"<mi>{part}</mi>" if part[:1].isalpha() else f"<mn>{part}</mn>" for part in place)
        if place[1] and place[2]:
            return Markup(f"<msubsup>{letters}{below}{above}</msubsup>")
        return Markup(f"<msub>{letters}{below}</msub>" if place[1] else f"<msup>{letters}{above}</msup>")
    index = re.fullmatch(r"([^\W\d_]+)_?(\d+)", text)
    if index:
        return Markup(f"<msub><mi>{index[1]}</mi><mn>{index[2]}</mn></msub>")
    if re.fullmatch(r"[^\W\d_]+", text):
        return Markup(f"<mi>{text}</mi>")
    return Markup(f"<mtext>{html.escape(text)}</mtext>", SUM if re.search(r"[^\w.#…]", text) else ATOM)


def number(x: Any) -> Markup:
    """A number in the digits that drawings have.

    >>> number(-0.5).text, number(1e-9).text
    ('<mn>−0.5</mn>', '<msup><mn>10</mn><mn>−9</mn></msup>')
    """
    text = figure(x).replace("inf", "∞").replace("-", "−")
    digits, e, exponent = text.partition("e")
    holds = SUM if text.startswith("−") else PRODUCT if e else ATOM
    if not e:
        return Markup(f"<mn>{text}</mn>", holds)
    power = f"<msup><mn>10</mn><mn>{exponent.replace('+', '').replace('−0', '−').lstrip('0')}</mn></msup>"
    return Markup(power if digits == "1" else f"<mn>{digits}</mn><mo>·</mo>{power}", holds)


def bracketed(part: str, needed: bool = True) -> str:
    """A part of a formula in brackets, which grow with a fraction alone: a font has gaps beside brackets that may grow.

    >>> bracketed("<mi>x</mi>")
    '<mrow><mo stretchy="false">(</mo><mi>x</mi><mo stretchy="false">)</mo></mrow>'
    """
    grows = "" if "<mfrac" in part else ' stretchy="false"'
    return f"<mrow><mo{grows}>(</mo>{part}<mo{grows}>)</mo></mrow>" if needed else part


def derivative(y: Markup, x: Markup, d: str = "∂") -> str:
    """∂y/∂x, or with another sign dy/dx."""
    upright = ' mathvariant="normal"' if d.isascii() else ""
    above, below = (f"<mrow><mi{upright}>{d}</mi>{part.within(ATOM)}</mrow>" for part in (y, x))
    return f"<mfrac>{above}{below}</mfrac>"


def computed(node: Value, operand: Callable[[Any], Markup]) -> Markup:
    """How a node was computed: a fraction for a division, a power, a root, otherwise the rule's sign or name.

    Args:
        node: a Value that some rule computed.
        operand: what to write for each Value or number among its operands.
    """
    rule: Any = edges.rule(node)
    if rule is ops.dot:
        ws, xs, bias = graph.operands(node)
        terms = [_PATTERNS[ops.mul].filled([operand(w), operand(x)]).text for w, x in zip(ws, xs)]
        if bias.__class__ is not float or bias != 0 or not terms:
            terms.append(operand(bias).within(QUOTIENT))
        return Markup(_series(terms, sign("+")), SUM)
    return applied(rule, [operand(x) for x in flat(graph.operands(node))], _PATTERNS, _call)


def _call(name: str, operands: Sequence[Markup]) -> Markup:
    arguments = _series([x.within(SUM) for x in operands], sign(","))
    return Markup(f"<mi>{html.escape(cut(name))}</mi>{bracketed(arguments)}")


def _series(parts: list[str], between: str) -> str:
    return between.join(shortened(parts, "<mtext>…</mtext>"))
