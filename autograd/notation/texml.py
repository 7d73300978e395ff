r"""The LaTeX that formulas are written in, as MathML: for pages where no MathJax runs.

It reads the commands that this package writes, not all of LaTeX; of a command that it doesn't know it shows the name.
Specification: https://w3c.github.io/mathml-core/
"""

from __future__ import annotations

import html
import re

_SYMBOLS = {
    "cdot": "·", "cdots": "⋯", "partial": "∂", "nabla": "∇", "infty": "∞", "lvert": "|", "rvert": "|", "lVert": "‖",
    "rVert": "‖", "lfloor": "⌊", "rfloor": "⌋", "lceil": "⌈", "rceil": "⌉", "lt": "<", "gt": ">", "le": "≤", "ge": "≥",
    "sum": "∑", "times": "×", "odot": "⊙", "wedge": "∧", "vee": "∨", "sim": "∼", "bmod": "mod", "backslash": "\\",
    "top": "⊤", "downarrow": "↓",
}  # fmt: skip
_PLAIN = {"wedge": "^", "sim": "~", "lt": "<", "gt": ">", "backslash": "\\"}  # what stands for them in a name
_LETTERS = {"Gamma": "Γ", "Phi": "Φ", "psi": "ψ", "sigma": "σ", "pi": "π", "theta": "θ", "delta": "δ"}
_SPACES = {"\\,": "0.17em", "\\ ": "0.25em", "\\quad": "1em"}
_OPEN = ("(</mo>", "[</mo>", "=</mo>", "+</mo>", "·</mo>", ",</mo>")
_MATH = '<math style="font-size: 120%">'  # as large as MathJax makes it
_FIXED = ' stretchy="false"'  # brackets are as high as a letter, but those of \\left and \\right
_TOKEN = re.compile(r"\\[A-Za-z]+|\\.|\d+(?:\.\d+)?|\S", re.DOTALL)


def mathml(latex: str) -> str:
    r"""A formula in MathML.

    Args:
        latex: the formula, or lines of them in `\begin{aligned}`.

    >>> mathml(r"\sin \frac{x}{2}").partition("<mspace")[0].rpartition("'true'>")[2]
    '<mi>sin</mi>'
    """
    inner = re.fullmatch(r"\\begin\{aligned\}\s*(.*?)\s*\\end\{aligned\}", latex, re.DOTALL)
    if inner is None:
        return f"{_MATH}<mstyle displaystyle='true'>{_Reader(latex).row()}</mstyle></math>"
    rows = []
    for line in re.split(r"\\\\(?:\[\d+pt\])?\n", inner[1]):
        cells = [_Reader(cell).row() for cell in re.split(r"(?<!\\)&", line)]
        aligned = zip(cells, ("right", "left", "right", "left"))
        rows.append("".join(f'<mtd style="text-align: {side}; padding: 3px 0">{cell}</mtd>' for cell, side in aligned))
    lines = "".join(f"<mtr>{row}</mtr>" for row in rows)
    return f'{_MATH}<mtable displaystyle="true">{lines}</mtable></math>'


def beside(text: str, latex: str) -> str:
    """A formula as HTML: its text, which any front end shows, and mathematics in its place where anything runs."""
    dot = "data:image/gif;base64,R0lGODlhAQABAAAAACwAAAAAAQABAAA="
    live = (
        "this.parentNode.innerHTML = this.dataset.math"  # an attribute: scripts don't run where HTML is put in as text
    )
    return (
        f'<div style="overflow-x: auto"><pre>{html.escape(text)}</pre>'
        f'<img alt="" src="{dot}" data-math="{html.escape(mathml(latex))}" onload="{live}"></div>'
    )


class _Reader:
    """Reads a formula from the left to the right."""

    def __init__(self, latex: str) -> None:
        self.latex = latex
        self.at = 0

    def next(self) -> str:
        """The next token; "" at the end."""
        found = _TOKEN.search(self.latex, self.at)
        self.at = found.end() if found else len(self.latex)
        return found[0] if found else ""

    def peek(self) -> str:
        before = self.at
        token = self.next()
        self.at = before
        return token

    def row(self) -> str:
        """All up to the end, or to the bracket that closes."""
        parts: list[str] = []
        while token := self.next():
            if token in ("}", r"\right"):
                break
            if token == "-" and (not parts or parts[-1].endswith(_OPEN)):  # a sign, and no difference
                parts.append('<mo form="prefix">−</mo>')
            else:
                parts.append(self.scripted(self.atom(token)))
        return "".join(parts)

    def argument(self) -> str:
        """What a command is applied to: a part in braces, or the next token."""
        token = self.next()
        return f"<mrow>{self.row()}</mrow>" if token == "{" else self.atom(token)

    def raw(self) -> str:
        """What stands in the braces that follow, as text."""
        text, depth = "", 1
        self.next()
        while self.at < len(self.latex):
            c, self.at = self.latex[self.at], self.at + 1
            if c == "\\":
                command = self.latex[self.at - 1] + _command(self.latex, self.at)
                self.at += len(command) - 1
                if command[1:].isalpha() and self.latex[self.at : self.at + 1] == " ":  # it only ends the command
                    self.at += 1
                if command == r"\text":
                    text += self.raw()
                else:
                    text += " " if command in _SPACES else _PLAIN.get(command[1:], command[1:])
            elif c in "{}":
                depth += 1 if c == "{" else -1
                if not depth:
                    break
            else:
                text += c
        return text

    def atom(self, token: str) -> str:
        name = token[1:]
        if not token:  # nothing is left
            return "<mrow></mrow>"
        if token == "{":
            return f"<mrow>{self.row()}</mrow>"
        if token == r"\left":  # brackets grow by themselves; a power is one of all that is between them
            first, inner, last = self.atom(self.next()), self.row(), self.atom(self.next())
            return f"<mrow>{first.replace(_FIXED, '')}{inner}{last.replace(_FIXED, '')}</mrow>"
        if token in (r"\frac", r"\tfrac"):
            return f"<mfrac>{self.argument()}{self.argument()}</mfrac>"
        if token == r"\sqrt":
            if self.peek() != "[":
                return f"<msqrt>{self.argument()}</msqrt>"
            self.next()
            degree = self.atom(self.next())
            self.next()
            return f"<mroot>{self.argument()}{degree}</mroot>"
        if token == r"\underbrace":
            above = f"<munder>{self.argument()}<mo>⏟</mo></munder>"
            below = self.argument() if self.peek() == "_" and self.next() else "<mrow></mrow>"
            return f"<munder>{above}{below}</munder>"
        if token == r"\phantom":
            return f"<mphantom>{self.argument()}</mphantom>"
        if token == r"\text":
            said = self.raw()
            ends = ["\N{NO-BREAK SPACE}" * (said != stripped) for stripped in (said.lstrip(), said.rstrip())]
            return f"<mtext>{html.escape(said.strip()).join(ends)}</mtext>"
        if token == r"\textbf":
            return f'<mtext style="font-weight: bold">{html.escape(self.raw())}</mtext>'
        if token == r"\mathtt":
            return f'<mtext style="font-family: monospace">{html.escape(self.raw())}</mtext>'
        if token in (r"\mathrm", r"\mathbf"):
            bold = ' style="font-weight: bold"' * (token == r"\mathbf")
            return f'<mi mathvariant="normal"{bold}>{html.escape(self.raw())}</mi>'
        if token in _SPACES:
            return f'<mspace width="{_SPACES[token]}"></mspace>'
        if token == r"\operatorname" or (name.isalpha() and name not in _SYMBOLS and name not in _LETTERS):
            function = self.raw() if token == r"\operatorname" else name  # as \sin, and of what isn't known the name
            apart = "" if self.peek() in ("(", r"\left", "_", "^", "") else '<mspace width="0.17em"></mspace>'
            return f"<mi>{html.escape(function)}</mi>{apart}"
        if name in _LETTERS or token.isalpha():
            return f"<mi>{_LETTERS.get(name, token)}</mi>"
        if token[0].isdigit():
            return f"<mn>{token}</mn>"
        text = _SYMBOLS.get(name, name) if name else {"-": "−"}.get(token, token)
        sides = (
            "prefix"
            if token in "([" or token[:2] == r"\l"
            else "postfix"
            if token in ")]" or token[:2] == r"\r"
            else ""
        )
        form = f' form="{sides}" lspace="0" rspace="0"{_FIXED}' if sides and name not in ("lt", "le") else ""
        return f"<mo{form}>{html.escape(text)}</mo>"

    def scripted(self, base: str) -> str:
        """The base with what stands below and above it."""
        found = {}
        while (sign := self.peek()) and sign in "_^":
            self.next()
            found[sign] = self.argument()
        tag = {"": "", "_": "msub", "^": "msup"}.get("".join(found), "msubsup")
        scripts = "".join(found[sign] for sign in "_^" if sign in found)
        return f"<{tag}>{base}{scripts}</{tag}>" if tag else base


def _command(latex: str, at: int) -> str:
    """The letters of a command from there on, or its one sign."""
    letters = re.compile(r"[A-Za-z]+|.", re.DOTALL).match(latex, at)
    return letters[0] if letters else ""
