"""explain: the gradient of a leaf as the sum over its paths, each a product of local derivatives.

How the paths are found is in paths.py, how the sum is written in derivation.py.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from numbers import Integral
from typing import overload

from ... import edges, graph
from ...basics.messages import shown
from ...faults import check
from ...notation.names import as_read
from ...notation.texml import beside, mathml
from ...notation.text import figure, figure_of_count
from ...order import topological_order
from ...transforms.modes import pullback
from ...value import Value
from .derivation import derive
from .paths import Path, arrows, count, largest
from .texts import texts

MOST = 50
"""So many leaves are explained at once: for each of them the whole graph is gone through."""


@dataclass(frozen=True, repr=False)
class Explanation:
    """The chain rule written out: it prints as text, and shows itself in a notebook as mathematics.

    Args:
        output: what is differentiated.
        leaf: what it is differentiated with respect to.
        paths: those that are shown, the ones that carry most first.
        total: the sum of the products of all paths: the gradient that `output.backward()` gives the leaf.
        count: how many paths there are.
        text: what is printed, in lines of 80 characters.
        latex: for MathJax and KaTeX.
    """

    output: Value
    leaf: Value
    paths: tuple[Path, ...]
    total: float
    count: int
    text: str = field(compare=False)
    latex: str = field(compare=False)

    def __str__(self) -> str:
        return self.text

    def __repr__(self) -> str:
        paths = "1 path" if self.count == 1 else f"{figure_of_count(self.count)} paths"
        return f"<Explanation of a derivative of {figure(self.total)} by {paths}: print() shows it>"

    def _repr_latex_(self) -> str:
        return rf"$\displaystyle {self.latex}$"

    def _repr_html_(self) -> str:
        return beside(self.text, self.latex)

    def _mime_(self) -> tuple[str, str]:  # marimo
        return "text/html", mathml(self.latex)


class Explanations(tuple[Explanation, ...]):
    """The explanations of several leaves, one below the other."""

    __slots__ = ()

    def __str__(self) -> str:
        return "\n\n".join(map(str, self))

    def __repr__(self) -> str:
        return f"<Explanations of {len(self)} derivative{'s' * (len(self) != 1)}: print() shows them>"

    def _repr_latex_(self) -> str:
        return "\n\n".join(x._repr_latex_() for x in self)

    def _repr_html_(self) -> str:
        return "\n".join(x._repr_html_() for x in self)

    def _mime_(self) -> tuple[str, str]:  # marimo
        return "text/html", "\n".join(f"<div>{x._mime_()[1]}</div>" for x in self)


@overload
def explain(
    output: Value, leaf: Value, *, max_paths: int = ..., full_names: bool = ..., language: str = ...
) -> Explanation: ...
@overload
def explain(
    output: Value, leaf: None = None, *, max_paths: int = ..., full_names: bool = ..., language: str = ...
) -> Explanations: ...
def explain(
    output: Value, leaf: Value | None = None, *, max_paths: int = 8, full_names: bool = False, language: str = "en"
) -> Explanation | Explanations:
    """Write the chain rule out: every path from a leaf to an output, its product of local derivatives, and their sum.

    Args:
        output: the Value to differentiate.
        leaf: the Value to differentiate with respect to: a leaf, or any other that the output was computed from. If the
            output doesn't depend on it there is no path, and the total is 0. Without it, all leaves.
        max_paths: how many paths to show at most, those with the largest products; the others are counted.
        full_names: True for the parameters of a network under their full names, `layers.0.neurons.0.w.1` for `w₁₂⁽¹⁾`.
        language: "en" or "de", for what is said in words.

    Returns:
        An `Explanation`: `print` it, or leave it to a notebook to show. Without a leaf, a tuple of them that prints and
        shows itself, too.

    Raises:
        TypeError: if `output` or `leaf` is not a Value.
        ValueError: if `max_paths` is not a number of things, if the language has no texts, if the arguments are the
            wrong way round, if the output or the derivative is not finite, if a local derivative doesn't exist where a
            path needs it, if a path leads through a checkpoint, or if no leaf is given and there are more than 50.
        RuntimeError: if the `.data` of a node was assigned to after it had been used.

    >>> a, b = Value(2.0, label="a"), Value(1.0, label="b")
    >>> c, d = a + b, b + 1
    >>> c.label, d.label = "c", "d"
    >>> e = c * d
    >>> e.label = "e"
    >>> print(explain(e, b))
    ∂e/∂b = ∂e/∂c · ∂c/∂b + ∂e/∂d · ∂d/∂b
          = d · 1 + c · 1
          = 2 · 1 + 3 · 1
          = 2 + 3
          = 5
    >>> explain(e, b).total
    5.0
    >>> [told.leaf.label for told in explain(e)]
    ['a', 'b']
    """
    if leaf is None and isinstance(output, Value):
        leaves = [x for x in as_read(topological_order(output)) if not x.op]
        if len(leaves) > MOST:
            raise ValueError(
                f"output depends on {len(leaves)} leaves, and {MOST} are explained at most: give one of them"
            )
        return Explanations([_explained(output, x, max_paths, full_names, language, False) for x in leaves])
    for name, given in (("output", output), ("leaf", leaf)):
        if not isinstance(given, Value):
            raise TypeError(f"{name} must be a Value, got {shown(given)} ({type(given).__name__})")
    return _explained(output, leaf, max_paths, full_names, language, True)


def _explained(output: Value, leaf: Value, max_paths: int, full_names: bool, language: str, alone: bool) -> Explanation:
    """One leaf explained; alone, Values without labels are numbered as they occur, and else as in the whole graph."""
    if not isinstance(max_paths, Integral) or max_paths < 1:
        raise ValueError(f"max_paths must be a whole number, 1 or more, got {shown(max_paths)}")
    said = texts(language)
    computed, leaves = graph.walk([output])
    check([output], computed, leaves)
    total = pullback([output], [1.0], [leaf], as_values=False)[0] + 0.0  # no minus before a zero
    ways = arrows(computed, output, leaf)
    n = count(ways, output, leaf)
    paths = largest(ways, output, leaf, int(max_paths)) if n else []
    behind = [] if n else topological_order(leaf)
    if output in behind:
        raise ValueError(
            f"output doesn't depend on leaf, and leaf does on output: to explain how {edges.named(leaf)} depends on"
            f" {edges.named(output)}, exchange the arguments"
        )
    nodes = leaves + computed if n else list(dict.fromkeys(leaves + computed + behind))
    text, latex = derive(nodes, output, leaf, paths, total, n, said, full_names, alone)
    return Explanation(output, leaf, tuple(paths), total, n, text, latex)
