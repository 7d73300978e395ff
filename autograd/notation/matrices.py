"""How formulas of matrices are put together, in text and in LaTeX at the same time: brackets, factors, names and lists.

A numeric factor is kept apart until the end, so that the many numbers which a derivative multiplies by are written as
one: `(Z3 − Y) / 200`. How each operation on arrays is written is not decided here, but in program/equations/writing.py.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from fractions import Fraction
from functools import cache
from typing import NamedTuple

from . import latex as tex
from .formulas import Formula
from .text import figure
from .tightness import ATOM, SUM, TIMES

_PRETTY = {0.5: ("½", r"\tfrac{1}{2}"), 0.25: ("¼", r"\tfrac{1}{4}"), 0.75: ("¾", r"\tfrac{3}{4}")}
_TEX = {
    "−": "-", "⊙": r"\odot", "≤": r"\le", "≥": r"\ge", "∧": r"\wedge", "∨": r"\vee", "∇": r"\nabla ",
    "ᵀ": r"^{\top}", "𝟏": r"\mathbf{1}", **{c: f"^{{{i}}}" for i, c in enumerate("⁰¹²³⁴⁵⁶⁷⁸⁹")},
}  # fmt: skip
_MOST = 8  # of the items of a list that are written


class Written(NamedTuple):
    """What stands for an Array.

    Args:
        core: the formula without its numeric factor; None for a plain number.
        factor: a number it is multiplied by.
        batches: the power of the number of examples that it is multiplied by.
        size: the number of examples, where that matters.
        cost: how many operations are written out in it.
        uses: the names in it.
        halves: of a matrix with its biases, or of its gradient, the two; of a comparison, its opposite.
        below: of a reciprocal, what it is 1 over.
    """

    core: Formula | None
    factor: float = 1.0
    batches: int = 0
    size: int = 1
    cost: int = 0
    uses: frozenset[str] = frozenset()
    halves: tuple[Formula, Formula | None] | None = None
    below: Formula | None = None

    @classmethod
    def number(cls, x: float) -> Written:
        """A plain number."""
        return cls(None, float(x))

    @classmethod
    def name(cls, name: str) -> Written:
        """A name, which is used where this is written."""
        return cls(symbol(name), uses=frozenset([name]))

    @property
    def value(self) -> float:
        """The numeric factor."""
        return self.factor * float(self.size) ** self.batches

    @property
    def bare(self) -> Formula:
        """The formula without its factor, 1 for a plain number."""
        return Formula(math.nan, "1", "1") if self.core is None else self.core

    @property
    def full(self) -> Formula:
        """The formula with its factor, minus sign and all."""
        above, below = self._fraction()
        minus = "−" if self.factor < 0 else ""
        if self.core is not None and not (above or below or minus):
            return self.core
        if self.core is None:
            (text, latex), holds = above or ("1", "1"), SUM if minus else ATOM
            tex_holds = holds
        else:
            core = self.core.bracketed(TIMES)
            text, latex = core.text, self.core.latex if below and not above else core.latex
            if above:
                text, latex = f"{above[0]} {text}", rf"{above[1]}\, {latex}"
            holds, tex_holds = SUM if minus else TIMES, SUM if minus else ATOM if below else TIMES
        if below:
            text, latex = f"{text} / {below[0]}", rf"\frac{{{latex}}}{{{below[1]}}}"
            holds = min(holds, TIMES)
        return Formula(math.nan, minus.replace("−", "-") + latex, minus + text, (tex_holds, holds))

    def times(self, by: Written) -> Written:
        """The product with a factor, and with the factor of something else."""
        factor, batches = self.factor * by.factor, self.batches + by.batches
        return self._replace(factor=factor, batches=batches, size=max(self.size, by.size))

    def over(self, by: Written) -> Written:
        """The quotient, by the factor of something else."""
        return self.times(by._replace(factor=1 / by.factor, batches=-by.batches))

    def inside(self, pattern: str, holds: int, *more: tuple[Formula, int], least: int = ATOM) -> Written:
        """What a linear operation makes of it: the pattern is filled in as by `form`, and the factor stays outside.

        Args:
            pattern, holds, more: as for `form`; #1 stands for this.
            least: how tightly this must hold together.
        """
        return self._replace(core=form(pattern, holds, (self.bare, least), *more), halves=None)

    def _fraction(self) -> tuple[tuple[str, str] | None, tuple[str, str] | None]:
        """The factor without its sign, as what stands above and what below the line; None for 1."""
        c = abs(self.factor)
        above: list[str] = []
        below: list[str] = []
        near = Fraction(c).limit_denominator(2**17) if math.isfinite(c) else Fraction(0)
        short = figure(c)
        if c in _PRETTY and not self.batches:
            return _PRETTY[c], None
        whole = near.denominator & (near.denominator - 1) == 0  # a power of two
        if float(short) == c and len(short) <= 6 and (not whole or c >= 1):
            above += [short] * (c != 1)
        elif near.numerator / near.denominator == c:
            above += [str(near.numerator)] * (near.numerator != 1)
            below += [str(near.denominator)] * (near.denominator != 1)
        else:
            above.append(short)
        if self.size > 1:
            (above if self.batches > 0 else below).extend([str(self.size)] * abs(self.batches))
        top, bottom = (" · ".join(above), r" \cdot ".join(above)), (" · ".join(below), r" \cdot ".join(below))
        if len(below) > 1:
            bottom = (f"({bottom[0]})", bottom[1])
        return (top if above else None), (bottom if below else None)


def form(pattern: str, holds: int, *parts: tuple[Formula, int], latex: str = "") -> Formula:
    """A pattern filled in, in text and in LaTeX.

    Args:
        pattern: how it is written as text; #1 stands for the first part, and 𝟏 for a column of ones.
        holds: how tightly the whole holds together.
        parts: each with how tightly it must hold together, or else it gets brackets.
        latex: the pattern in LaTeX, where that isn't as `in_latex` has it.
    """
    filled = [x.bracketed(least) for x, least in parts]

    def fill(pattern: str, side: str) -> str:
        return re.sub("#([1-9])", lambda found: str(getattr(filled[int(found[1]) - 1], side)), pattern)

    text = fill(pattern.replace("𝟏", "1"), "text")
    return Formula(math.nan, fill(latex or in_latex(pattern), "latex"), text, (holds, holds))


@cache
def in_latex(pattern: str) -> str:
    r"""A pattern in LaTeX: its words as functions, what follows them as an index, and the signs.

    >>> print(in_latex("sum↓(#1 ⊙ #2²)"))
    \operatorname{sum}_{\downarrow}(#1 \odot #2^{2})
    """

    def function(found: re.Match[str]) -> str:
        index = found[2].replace("↓", r"\downarrow ").replace("×", r" \times ").strip()
        return tex.word(found[1]) + (f"_{{{index}}}" if index else "")

    pattern = re.sub(r"([a-z_]{3,})([↓\d×]*)", function, re.sub(r"\^(#\d)", r"^{\1}", pattern))
    return "".join([_TEX.get(sign, sign) for sign in pattern]).replace("ln ", r"\ln ")


def symbol(name: str) -> Formula:
    r"""A name: `W1` is W_{1} in LaTeX, with the primes behind it."""
    bare = name.rstrip("′")
    made = Formula.name(bare, math.nan)
    latex = made.latex.replace("δ", r"\delta ").replace("θ", r"\theta ")
    return Formula(math.nan, latex + "'" * (len(name) - len(bare)), name, (ATOM, ATOM))


def listed(items: Sequence[str], between: str) -> str:
    """The items, of a long list the first and the last."""
    shown = list(items) if len(items) <= _MOST else [*items[: _MOST - 2], "…", items[-1]]
    return between.join(shown)


def column(items: Sequence[Formula], latex: str = r"\left[#\right]") -> Formula:
    """The items below each other, in brackets."""
    text, tex = (listed([getattr(x, side) for x in items], "; ") for side in ("text", "latex"))
    return Formula(math.nan, latex.replace("#", tex), f"[{text}]", (ATOM, ATOM))


def places(rows: Iterable[int]) -> str:
    """Some rows, those that follow one another as NumPy writes them.

    >>> places([0, 1, 2, 7, 5, 6])
    '0:3, 7, 5:7'
    """
    runs: list[list[int]] = []
    for row in rows:
        if runs and row == runs[-1][-1] + 1:
            runs[-1].append(row)
        else:
            runs.append([row])
    return listed([str(run[0]) if len(run) == 1 else f"{run[0]}:{run[-1] + 1}" for run in runs], ", ")
