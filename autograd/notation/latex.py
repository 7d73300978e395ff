r"""LaTeX, for MathJax and KaTeX: names, words, numbers, and the rules' own patterns such as `\frac{#1}{#2}`.

A pattern says where the operands stand; which of them need brackets there is read from the signs around their places.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache

from ..rules import Rule
from .short import parted
from .tightness import ATOM, COMPARISON, POWER, PRODUCT, SUM, Part, Pattern

_SIGNS = {
    "\\": r"\backslash ", "^": r"{\wedge}", "~": r"{\sim}", " ": r"\ ", "<": r"{\lt}", ">": r"{\gt}", "'": r"\text{'}",
    "`": r"\text{`}", '"': r"\text{''}", "-": r"\text{-}", **{c: f"\\{c}" for c in "_%#$&{}"},
}  # fmt: skip


class Tex(Part):
    """A part of a formula in LaTeX."""

    __slots__ = ()

    def within(self, least: int) -> str:
        """The part, in brackets where it doesn't hold together as tightly as that."""
        return self.text if self.holds >= least else rf"\left({self.text}\right)"


def name(text: str) -> Tex:
    r"""A name: `x` and `w_{1}` as mathematics has them, any other in typewriter letters, as it stands in the program.

    >>> name("w1").text, name("w₁₂⁽¹⁾").text, name("learning rate").text
    ('w_{1}', 'w_{12}^{(1)}', '\\mathtt{learning\\ rate}')
    """
    if place := parted(text):
        letters, below, above = place
        letters = letters if len(letters) == 1 else rf"\mathrm{{{letters.replace('_', chr(92) + '_')}}}"
        return Tex(letters + (f"_{{{below}}}" if below else "") + (f"^{{{above}}}" if above else ""))
    letter = re.fullmatch(r"([A-Za-zΑ-Ωα-ω])_?(\d*)", text)
    if letter:
        return Tex(f"{letter[1]}_{{{letter[2]}}}" if letter[2] else letter[1])
    return Tex(r"\mathtt{" + "".join(_SIGNS.get(c, c if c.isascii() else rf"\text{{{c}}}") for c in text) + "}")


def word(text: str) -> str:
    r"""A function's name: `\operatorname{sum}`."""
    return r"\operatorname{" + text.replace("_", r"\_") + "}"


def number(figure: str) -> Tex:
    r"""A number, from its digits.

    >>> number("1.5e-09"), number("-inf")
    (Tex(text='1.5 \\cdot 10^{-9}', holds=3), Tex(text='-\\infty', holds=1))
    """
    text = figure.replace("inf", r"\infty").replace("nan", r"\mathrm{nan}")
    digits, e, exponent = figure.partition("e")
    if e:
        power = f"10^{{{int(exponent)}}}"
        text = {"1": power, "-1": f"-{power}"}.get(digits, rf"{digits} \cdot {power}")
    return Tex(text, SUM if text.startswith("-") else PRODUCT if e else ATOM)


def applied(rule: Rule, operands: Sequence[Tex]) -> Tex:
    """A rule of one or two operands, applied."""
    return operands[0] if rule.latex == "#1" else _pattern(rule.latex).filled(operands)


@cache
def _pattern(latex: str) -> Pattern:
    """A rule's LaTeX, with what the places in it demand."""
    places = re.finditer("#[123]", latex)
    return Pattern(latex, _holds(latex), tuple(_demanded(latex[: x.start()], latex[x.end() :]) for x in places))


def _demanded(before: str, after: str) -> int:
    """How tightly an operand must hold together between what stands before and after it in a pattern."""
    if re.match(r"\}?\^", after):
        return ATOM
    if re.search(r"([{(,]|\\lvert) ?$", before) and re.match(r" ?([}),]|\\rvert)", after):
        return COMPARISON
    if re.search(r"[-+] ?$", before):
        return PRODUCT
    if before.endswith(r"\cdot "):
        return POWER
    return SUM if re.match(r" [-+]", after) else PRODUCT if after.startswith(r" \cdot") else ATOM


def _holds(pattern: str) -> int:
    """How tightly a pattern holds together: by the loosest operator outside of its brackets."""
    inside = re.compile(r"\{[^{}()]*\}|\([^{}()]*\)")
    while inside.search(pattern):
        pattern = inside.sub("", pattern)
    if re.search(r"^-| [-+] ", pattern):
        return SUM
    if r"\cdot" in pattern:
        return PRODUCT
    return POWER if re.search(r"\^|#|frac", pattern) else ATOM
