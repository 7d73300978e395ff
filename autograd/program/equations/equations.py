"""The equations that a program computes, as a textbook has them: Z1 = W1 X + b1, δ1 = W2ᵀ δ2 ⊙ (1 − A1²), ∇W1 = δ1 Xᵀ.

They are read off the operations that run, by reader.py; here they are only set below each other.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ...notation.texml import beside, mathml
from .reader import Equation, Reader

if TYPE_CHECKING:
    from ..specialization import Specialization

_HEADINGS = {"once": "once, whatever the examples", "forward": "forward", "backward": "backward"}
_REMARKS = {  # where these signs occur, as regular expressions: what they mean
    "⊙": ("⊙ multiplies number by number", r"\odot\text{ multiplies number by number}"),
    "[²³⁴⁵⁶⁷⁸⁹]": ("Powers are number by number, too: A² is A ⊙ A",
                   r"\text{powers are number by number, too: }A^2\text{ is }A \odot A"),
    r"[\w)\]ᵀ′] 1(?![\w.])":
        ("1 behind a matrix is a column of ones: it adds up the columns",
         r"\mathbf{1}\text{ is a column of ones: it adds up the columns}"),
    "↓": ("↓ goes down the rows of each column", r"\downarrow\text{ goes down the rows of each column}"),
    "centred":
        ("centred↓ takes the mean of a column away", r"\text{centred}\downarrow\text{ takes the mean of it away}"),
    "mask": ("mask is −∞ for what comes later", r"\text{mask is }-\infty\text{ for what comes later}"),
    r"K\d*ᵀ Q": ("K, V and Q have the rows of one head below those of another: products are of each head alone",
                r"\text{products of }K, V, Q\text{ are of each head alone}"),
    r"\[[^\]]*[<>≤≥]": ("[Z > 0] is 1 where that holds, else 0", r"[Z > 0]\text{ is 1 where that holds, else 0}"),
    r"mean\(": ("mean is over the examples", r"\text{mean is over the examples}"),
    r"vec\(": ("vec(W) has the rows of W in one column", r"\text{vec}(W)\text{ has the rows of }W\text{ in a column}"),
    r"onehot\d":
        ("onehot2(i) is a column for each of 2 indices", r"\text{onehot}_2(i)\text{ has a column for each of 2}"),
    "into": ("into5[i](G) has 5 rows: G in the rows i, else 0", r"\text{into}_5[i](G)\text{ has }G\text{ in rows }i"),
}  # fmt: skip
_TO_EACH = (
    "A column beside ⊙ multiplies each column, a row each row",
    r"\text{a column beside }\odot\text{ multiplies each column, a row each row}",
)


@dataclass(frozen=True, repr=False)
class Equations:
    """What a compiled program computes: it prints as text, and shows itself in a notebook as mathematics.

    Numbers are written in four digits where they aren't simple; of long lists the first items and the last are written.

    Args:
        equations: in the order in which they are computed.
        given: the shapes of what they begin with: inputs and parameters.
        inputs: the names of the inputs among these.
        result: the name of what the function returns.
        examples: the number of examples that the shapes are for.
        calls: how many calls of NumPy it takes, or operations of XLA; what Python computes by numbers counts as one.
        how: the same in words.
        text: what is printed.
        latex: for MathJax and KaTeX.
    """

    equations: tuple[Equation, ...]
    given: dict[str, tuple[int, int]]
    inputs: tuple[str, ...]
    result: str
    examples: int
    calls: int
    how: str
    text: str = field(compare=False)
    latex: str = field(compare=False)

    def __str__(self) -> str:
        return self.text

    def __repr__(self) -> str:
        return f"<{len(self.equations)} equations, {self.how}: print() shows them>"

    def _repr_latex_(self) -> str:
        return rf"$\displaystyle {self.latex}$"

    def _repr_html_(self) -> str:
        return beside(self.text, self.latex)

    def _mime_(self) -> tuple[str, str]:  # marimo
        return "text/html", mathml(self.latex)


def equations(operations: Specialization, arguments: Sequence[str], size: int) -> Equations:
    """The equations of a program.

    Args:
        operations: what a function is for examples of one shape.
        arguments: the names of the function's arguments.
        size: the number of examples.
    """
    reader = Reader(operations, arguments, size)
    found = reader.equations()
    n = f"{size} example{'s' * (size != 1)}"
    ready = reader.executable
    how = f"{ready.calls} {ready.unit[ready.calls != 1]}"
    if ready.by_python:
        how += f", and for each number of {', '.join(ready.by_python)} a call of Python"
    used = frozenset().union(*[x.uses for x in found])
    given = {name: shape for name, shape in reader.names.given.items() if name in used}
    shapes = ", ".join([f"{name}\N{NO-BREAK SPACE}({a}×{b})" for name, (a, b) in given.items()])  # not to be parted
    width = min(max([len(x.text) for x in found], default=0), 60)
    lines = [f"{n} at once: {how}", *textwrap.wrap(f"given {shapes}" if shapes else "", 80, subsequent_indent="  ")]
    lines = [line.replace("\N{NO-BREAK SPACE}", " ") for line in lines]
    top = len(lines)
    tex = [rf"&\text{{{lines[0]}}}"]
    stage = ""
    for x in found:
        if x.stage != stage:
            stage = x.stage
            lines += ["", _HEADINGS[stage]]
            tex.append(rf"&\textbf{{{_HEADINGS[stage]}}}")
        lines.append(f"  {x.text:{width}}  ({x.shape[0]}×{x.shape[1]})")
        tex.append(rf"{x.latex} && ({x.shape[0]} \times {x.shape[1]})")
    body = "\n".join(lines[top:])
    said = [both for sign, both in _REMARKS.items() if re.search(sign, body)]
    said += [_TO_EACH] * (reader.several and "⊙" in body)
    lines += [""] * bool(said) + [f"{text}." for text, _ in said]
    tex += [f"&{latex}" for _, latex in said]
    latex = "\\begin{aligned}\n" + " \\\\\n".join(tex) + "\n\\end{aligned}"
    inputs = tuple([name for name in reader.names.inputs.values() if name in given])
    return Equations(tuple(found), given, inputs, reader.result, size, ready.calls, how, "\n".join(lines), latex)
