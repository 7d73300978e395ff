"""Formulas in MathML, which browsers set as mathematics with no library and no network.

All text passes through `html.escape` here. What the formulas say is decided in player.py. Specification:
https://w3c.github.io/mathml-core/
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from typing import Any, NamedTuple

from .. import graph, ops
from ..rules import flat
from ..value import Value
from .names import cut
from .text import figure

SUM, PRODUCT, ATOM = 1, 2, 3  # how tightly a part holds together


class Part(NamedTuple):
    """A part of a formula, and how tightly it holds together."""

    markup: str
    tightness: int

    def within(self, least: int) -> str:
        """The part as one element, in brackets where it doesn't hold together as tightly as that."""
        return bracketed(f"<mrow>{self.markup}</mrow>", self.tightness < least)


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


def name(text: str) -> Part:
    """A name as mathematics has it: letters italic, digits behind them as an index; any other text as it stands.

    >>> name("w1").markup
    '<msub><mi>w</mi><mn>1</mn></msub>'
    """
    index = re.fullmatch(r"([^\W\d_]+)_?(\d+)", text)
    if index:
        return Part(f"<msub><mi>{index[1]}</mi><mn>{index[2]}</mn></msub>", ATOM)
    if re.fullmatch(r"[^\W\d_]+", text):
        return Part(f"<mi>{text}</mi>", ATOM)
    return Part(f"<mtext>{html.escape(text)}</mtext>", SUM if re.search(r"[^\w.#…]", text) else ATOM)


def number(x: Any) -> Part:
    """A number in the digits that drawings have.

    >>> number(-0.5).markup, number(1e-9).markup
    ('<mn>−0.5</mn>', '<msup><mn>10</mn><mn>−9</mn></msup>')
    """
    text = figure(x).replace("inf", "∞").replace("-", "−")
    digits, e, exponent = text.partition("e")
    tightness = SUM if text.startswith("−") else PRODUCT if e else ATOM
    if not e:
        return Part(f"<mn>{text}</mn>", tightness)
    power = f"<msup><mn>10</mn><mn>{exponent.replace('+', '').replace('−0', '−').lstrip('0')}</mn></msup>"
    return Part(power if digits == "1" else f"<mn>{digits}</mn><mo>·</mo>{power}", tightness)


def bracketed(inside: str, needed: bool = True) -> str:
    """A part of a formula in brackets."""
    return f"<mrow><mo>(</mo>{inside}<mo>)</mo></mrow>" if needed else inside


def derivative(y: Part, x: Part) -> str:
    """∂y/∂x."""
    above, below = (f"<mrow><mi>∂</mi>{part.within(ATOM)}</mrow>" for part in (y, x))
    return f"<mfrac>{above}{below}</mfrac>"


def computed(node: Value, operand: Callable[[Any], Part]) -> Part:
    """How a node was computed: a fraction for a division, a power, a root, otherwise the rule's sign or name.

    Args:
        node: a Value that some rule computed.
        operand: what to write for each Value or number among its operands.
    """
    rule: Any = node._rule
    if rule is ops.dot:
        return _dot(node, operand)
    parts = [operand(x) for x in flat(graph.operands(node))]
    if rule in (ops.add, ops.sub):
        return Part(f"{parts[0].within(PRODUCT)}{sign('+' if rule is ops.add else '−')}{parts[1].within(PRODUCT)}", SUM)
    if rule is ops.mul:
        return Part(f"{parts[0].within(PRODUCT)}{sign('·')}{parts[1].within(PRODUCT)}", PRODUCT)
    if rule is ops.div:
        return Part(f"<mfrac>{parts[0].within(SUM)}{parts[1].within(SUM)}</mfrac>", PRODUCT)
    if rule is ops.pow:
        return Part(f"<msup>{parts[0].within(ATOM)}{parts[1].within(SUM)}</msup>", PRODUCT)
    if rule is ops.sqrt:
        return Part(f"<msqrt>{parts[0].within(SUM)}</msqrt>", ATOM)
    if rule is ops.neg:
        return Part(f"{sign('−')}{parts[0].within(PRODUCT)}", SUM)
    inside = _listed([part.within(SUM) for part in parts], sign(","))
    return Part(f"<mi>{html.escape(cut(rule.name))}</mi>{bracketed(inside)}", ATOM)


def _dot(node: Value, operand: Callable[[Any], Part]) -> Part:
    ws, xs, bias = graph.operands(node)
    terms = [sign("·").join(operand(x).within(PRODUCT) for x in pair) for pair in zip(ws, xs)]
    if bias.__class__ is not float or bias != 0 or not terms:
        terms.append(operand(bias).within(PRODUCT))
    return Part(_listed(terms, sign("+")), SUM)


def _listed(parts: list[str], between: str) -> str:
    """The parts one after the other, of more than six only the first five and the last."""
    return between.join(parts if len(parts) <= 6 else [*parts[:5], "<mtext>…</mtext>", parts[-1]])
