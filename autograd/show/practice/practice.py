"""practice: the backward pass with blanks, which a learner fills in; each answer is checked, and a wrong one explained.

What is asked stands in blanks.py, how an answer is judged in answers.py, the page that does it all with no Python
behind it in page.py.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from ...basics.files import checked as checked_path
from ...basics.files import write_whole
from ...basics.messages import shown
from ...notation.text import is_number
from ...value import Value
from ..steps.steps import steps
from . import answers
from .answers import TOLERANCE, Answer, as_formula, judged
from .blanks import PARTS, Questions
from .blanks import blanks as blanks_of
from .texts import known


class Practice(Questions):
    """The blanks of a backward pass: a sequence, a list of questions when printed, from 1, a form in a notebook.

    `practice` makes it.

    Args:
        passed: the steps of the pass.
        blanks: what is asked.
        tolerance: the share of the right number by which an answer may differ from it.
        language: of all that is said.
    """

    def check(self, index: int, answer: float | str) -> Answer:
        """Judge an answer.

        Args:
            index: of the blank, from 0, as in a list: one less than its number in print and on the page.
            answer: a number, or text such as "-1/2" or "2*x", in which the names of the graph stand for its numbers.

        Returns:
            Whether it is right, and a sentence about it. A formula is judged at other numbers, too: one that is right
            at these alone is told so.

        Raises:
            IndexError: if there is no such blank.

        >>> x = Value(3.0, label="x")
        >>> p = practice(x * x)
        >>> p[1].formula, p.check(1, "x"), p.check(1, "2*x")
        ('∂₁(x * x)/∂x', Right: 3., Not right yet. A hint may help.)
        """
        try:
            blank = self[index]
        except (IndexError, TypeError):
            raise IndexError(f"index must be that of a blank, from 0 to {len(self) - 1}, got {shown(index)}") from None
        found = judged(answer, blank.key, self.numbers, self.language)
        if not found.right or not isinstance(answer, str):
            return found
        places = [(place, right[index]) for place, right in self.elsewhere]
        return as_formula(found, answer, places, self.tolerance, self.language)

    def html(self) -> str:
        """The form as a page of its own, which needs no network, no Python and no other file.

        Raises:
            ValueError: if the pass is too long, or the graph too large, to be followed; the message says what to do.
            ImportError: if there is no Graphviz on the machine; the message names the command that installs it.
        """
        from .page import page  # only now: it needs JSON and XML

        return page(self)

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the form to a file, as a page of its own.

        Args:
            path: the file's name, which ends in .html.

        Returns:
            The path.

        Raises:
            ValueError: if the name ends otherwise, or the pass is too long to be followed.
            ImportError: if there is no Graphviz on the machine.
            OSError: if the file can't be written.
        """
        path = checked_path(path)
        if path.suffix.lower() not in (".html", ".htm"):
            raise ValueError(f"path must end in .html, got {shown(str(path))}")
        write_whole(path, self.html().encode())
        return path

    def __str__(self) -> str:
        lines = [f"{i}. {x.formula} = ?   ({x.asked})" for i, x in enumerate(self, 1)]
        return "\n".join([self.title, *lines])

    def __repr__(self) -> str:
        name = self.passed.names[self.passed.output]
        return f"<practice with {len(self)} blanks in the backward pass from {name}: print() shows them>"

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        from .page import fragment

        try:
            return {"text/plain": str(self), "text/html": fragment(self, hint=True)}
        except (ValueError, ImportError, TimeoutError) as error:  # a notebook shows the way out, not a traceback
            return {"text/plain": f"{self!r}\n{error}"}

    def _mime_(self) -> tuple[str, str]:  # marimo: it shows one form, and runs no script but those of a frame
        from .page import frame

        try:
            return "text/html", frame(self)
        except (ValueError, ImportError, TimeoutError):
            return "text/plain", self._repr_mimebundle_()["text/plain"]


def practice(
    output: Value, *, blanks: Iterable[str] = PARTS, tolerance: float = TOLERANCE, language: str = "en",
    max_nodes: int = 1000, full_names: bool = False,
) -> Practice:  # fmt: skip
    """The backward pass with blanks: local derivatives, products and sums to be filled in, checked, and explained.

    In a notebook it shows itself as a form; `save("practice.html")` writes it as a page that needs no Python. An answer
    may be a fraction or an expression such as `2*x`. A wrong one is compared with what usual mistakes lead to: a path
    or a factor forgotten, another operand's derivative, a sign, a wrong number, `=` for `+=`, rounding.

    Args:
        output: the Value to differentiate.
        blanks: which numbers are asked for besides the first: "local", "product", "sum".
        tolerance: the share of the right number by which an answer may differ from it.
        language: "en" or "de".
        max_nodes: how many Values the graph may have at most.
        full_names: True for the parameters of a network under their full names, `layers.0.neurons.0.w.1` for `w₁₂⁽¹⁾`.

    Returns:
        A `Practice`: the blanks in the order of the pass.

    Raises:
        TypeError: if `output` is not a Value.
        ValueError: if an argument can't be used, or if `output.backward()` raises it.
        RuntimeError: if the `.data` of a node was assigned to after it had been used.

    >>> a, b = Value(2.0, label="a"), Value(1.0, label="b")
    >>> c, d = a + b, b + 1
    >>> c.label, d.label = "c", "d"
    >>> e = c * d
    >>> e.label = "e"
    >>> p = practice(e, blanks=["local", "sum"])
    >>> print(p)
    Practice: the backward pass from e = 6
    1. ∂e/∂e = ?   (the gradient that the backward pass begins with)
    2. ∂e/∂c = ?   (the local derivative of e = c * d with respect to c)
    3. ∂e/∂d = ?   (the local derivative of e = c * d with respect to d)
    4. ∂c/∂a = ?   (the local derivative of c = a + b with respect to a)
    5. ∂c/∂b = ?   (the local derivative of c = a + b with respect to b)
    6. ∂d/∂b = ?   (the local derivative of d = b + 1 with respect to b)
    7. ∂e/∂b = ?   (what b has received so far, this included)
    >>> p.check(6, "3"), p.check(6, "10/2")
    (That is = in place of +=: the 2 that b had already is lost., Right: 5.)
    """
    listed = (blanks,) if isinstance(blanks, str) or not isinstance(blanks, Iterable) else blanks
    asked = tuple(listed)
    if not asked or not all(part in PARTS for part in asked):
        raise ValueError(f"blanks must be some of {', '.join(map(repr, PARTS))}, got {shown(asked)}")
    share, language = answers.checked(tolerance), known(language)
    passed = steps(output, max_nodes=max_nodes, full_names=full_names, language=language)
    for step in passed:
        for contribution in step.contributions:
            if not is_number(contribution.local_derivative):
                raise ValueError(
                    "a checkpoint keeps nothing of its inside, so nobody can be asked for it: compute the output"
                    " without checkpoint() to practise on it"
                )
    return Practice(passed, blanks_of(passed, asked, share, language), share, language)
