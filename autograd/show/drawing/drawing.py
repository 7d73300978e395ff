"""draw: a picture of a graph, with the gradients that flow there. No derivative stands here.

Which Values a picture shows is decided in extent.py, how they look in dot.py, and how Graphviz renders it in
rendering.py; svg.py makes of it what a page needs.
"""

from __future__ import annotations

import os
from base64 import b64encode
from collections.abc import Sequence
from contextlib import suppress
from numbers import Integral
from pathlib import Path
from typing import Any, Literal

from ...basics.files import checked, write_whole
from ...basics.messages import shown
from ...edges import named
from ...familiar import DRAWING, Familiar, elsewhere
from ...faults import check_unchanged
from ...graph import walk
from ...value import Value
from .dot import Options, Paths, written
from .extent import extent
from .model import Model, picture
from .rendering import render
from .sentences import sentences
from .svg import page_part, titled


class Drawing(Familiar):
    """A picture of a graph: it shows itself in a notebook, and `save` writes it to a file.

    Args:
        source: the graph in the DOT language.
        nodes: how many numbers the picture shows.
        operations: how many operations it shows.
        description: what it shows, in words, for those who can't see it.
    """

    def __init__(self, source: str, nodes: int, operations: int, description: str = "") -> None:
        self.source = source
        self.nodes = nodes
        self.operations = operations
        self.description = description or f"A picture of {self._size()}"

    def svg(self) -> str:
        """The picture as an SVG document, which says in words what it shows, and on hover what each part is.

        Raises:
            ImportError: if there is no Graphviz on the machine; the message names the command that installs it.
            TimeoutError: if Graphviz takes more than a minute; Ctrl-C ends it earlier.
        """
        return titled(render(self.source, "svg"), f"A picture of {self._size()}", self.description)

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the picture to a file; a file that was there stays as it is until the new one is complete.

        Args:
            path: the file's name. Its ending says what is written: .svg, .png, .pdf, or .dot or .gv for the DOT source.

        Returns:
            The path.

        Raises:
            ValueError: if the ending is another one.
            ImportError, TimeoutError: as `svg`; .dot and .gv need no Graphviz.
            OSError: if the file can't be written.
        """
        path = checked(path)
        ending = path.suffix.lower()
        if ending not in (".svg", ".png", ".pdf", ".dot", ".gv"):
            film = ": steps(value).save() writes that" if ending in (".html", ".gif", ".webp") else ""
            raise ValueError(f"path must end in .svg, .png, .pdf, .dot or .gv, got {shown(str(path))}{film}")
        if ending == ".svg":
            content = self.svg().encode()
        else:
            content = self.source.encode() if ending in (".dot", ".gv") else render(self.source, ending[1:])
        write_whole(path, content)
        return path

    def _size(self) -> str:
        nodes = f"{self.nodes} node{'s' * (self.nodes != 1)}"
        return f"{nodes} and {self.operations} operation{'s' * (self.operations != 1)}"

    def __repr__(self) -> str:
        return f"<Drawing of {self._size()}: display() shows it>"

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        try:
            shown = {"text/plain": repr(self), "text/html": page_part(self.svg(), self.description)}
            if self.nodes + self.operations <= _ON_PAPER:
                with suppress(ValueError):  # a Graphviz without the library gd
                    shown["image/png"] = b64encode(render(self.source, "png:gd")).decode()
            return shown
        except (ImportError, TimeoutError) as error:  # a notebook shows the way out, not a traceback
            return {"text/plain": f"{self!r}\n{error}"}

    def _mime_(self) -> tuple[str, str]:  # marimo shows one form
        shown = self._repr_mimebundle_()
        return ("text/html", shown["text/html"]) if "text/html" in shown else ("text/plain", shown["text/plain"])


elsewhere(Drawing, DRAWING)

_ON_PAPER = 60  # boxes: of a larger picture no copy is made for what takes no SVG, as LaTeX
_DIRECTIONS = ("auto", "right", "down")


def draw(
    value: Value | Sequence[Value] | Model,
    *,
    local_derivatives: bool = False,
    expand: bool = False,
    depth: int | None = None,
    until: Value | Sequence[Value] = (),
    max_nodes: int = 500,
    legend: bool = False,
    show: Literal["both", "data", "grad"] = "both",
    highlight: Any = None,
    shared: bool | None = None,
    direction: Literal["auto", "right", "down"] = "auto",
    full_names: bool = False,
) -> Drawing:
    """Draw the graph that a Value was computed by, with the gradients that the last `backward()` left in it.

    Inputs have rounded boxes, parameters double ones, outputs a thick frame; plain numbers are grey. The width of an
    arrow is the gradient that flows there, compared with the most in the picture; it is blue where that is positive,
    orange and dashed where it is negative, grey where there is none. Where the order of operands matters, an operation
    has a place for each: 1st and 2nd, or w₁, x₁ and b of a neuron. The dots … stand for a part that was left out. Where
    all gradients are 0, there was no `backward()`, and none is written.

    Args:
        value: a Value, or a list of several to be drawn in one picture; or a model, whose layers are drawn with their
            shapes. Of the options, a model has `expand`, `max_nodes` and `direction`.
        local_derivatives: True writes on the arrow from an operand to an operation the derivative of the result with
            respect to that operand alone.
        expand: True shows the multiplications and additions in each `dot` node; of a model, the neurons in its layers.
        depth: how many operations to go back from the output; None for all.
        until: a Value, or a list of them, that the picture doesn't look behind.
        max_nodes: how many numbers a picture may show at most, Values and plain ones together.
        legend: True explains the boxes and arrows at the lower edge of the picture.
        show: "data" for the numbers alone, "grad" for the gradients alone.
        highlight: what is to be seen: an `Explanation`, one of its paths, or a list of Values; all else is grey.
        shared: True draws each leaf once, however often it is used; False beside each of its uses. None draws each
            once, but the parameters of a recurrent network in each column of time.
        direction: "right" or "down"; "auto" is down for long chains, right for all else.
        full_names: True for the parameters of a network under their full names, `layers.0.neurons.0.w.1` for `w₁₂⁽¹⁾`.
            The mouse shows these in any case.

    Returns:
        The picture. A number is shown in full where four digits are enough, otherwise rounded to four.

    Raises:
        TypeError: if `value`, `until` or `highlight` is, or holds, anything but Values.
        ValueError: if the picture would have more than `max_nodes` numbers (the message says how many, and how to draw
            a part), if the list is empty, if `depth` or `max_nodes` is not a number of things, if `show` or
            `direction` is another word, or if what is highlighted isn't in the graph.
        RuntimeError: if the `.data` of a node was assigned to after it had been used: the numbers don't fit together.

    >>> a, b = Value(2.0, label="a"), Value(1.0, label="b")
    >>> e = (a + b) * (b + 1)
    >>> e.backward()
    >>> draw(e)
    <Drawing of 6 nodes and 3 operations: display() shows it>
    """
    for name, word, words in (("show", show, ("both", "data", "grad")), ("direction", direction, _DIRECTIONS)):
        if word not in words:
            raise ValueError(f"{name} must be one of {', '.join(map(repr, words))}, got {shown(word)}")
    if hasattr(type(value), "named_parameters"):
        return Drawing(*picture(value, expand, direction == "down", max_nodes))
    outputs = _values(value, "value")
    if not outputs:
        raise ValueError("value must be a Value or a list of Values, got an empty list")
    for name, given, least in (("depth", 0 if depth is None else depth, 0), ("max_nodes", max_nodes, 1)):
        if not isinstance(given, Integral) or given < least:
            raise ValueError(f"{name} must be a whole number, {least} or more, got {shown(given)}")
    computed, leaves = walk(outputs)
    check_unchanged(computed, leaves, "picture")
    lit = _paths(highlight, {*computed, *leaves})
    options = Options(local_derivatives, legend, show, lit, shared, direction, full_names)
    part = extent(outputs, depth, _values(until, "until"), expand)
    part.refuse_if_larger(max_nodes)
    operations = part.operations(expand)
    numbers = part.numbers(operations)
    source, more = written(numbers, operations, set(outputs), options)
    return Drawing(source, part.size + more, len(operations), sentences(numbers, operations, outputs))


def _paths(given: Any, there: set[Value]) -> Paths | None:
    """What is highlighted in a graph of Values: all paths of an Explanation, one path, or Values; None for nothing."""
    if given is None:
        return None
    paths = getattr(given, "paths", [given] if hasattr(given, "places") else None)
    if paths is None:
        lit, arrows = _values(given, "highlight"), None
    else:
        ends = [given.output] if hasattr(given, "output") else []  # of an Explanation without a path
        lit = [*ends, *[x for path in paths for x in path.nodes]]
        arrows = {(node, place) for path in paths for node, place in zip(path.nodes, path.places)}
    for x in lit:
        if x not in there:
            raise ValueError(
                f"highlight must hold Values of the graph that is drawn, and {named(x)} is not in it: if its cell was"
                " run again, compute value again, too"
            )
    return Paths(set(lit), arrows)


def _values(given: Any, name: str) -> list[Value]:
    """The Values in an argument, each once."""
    if isinstance(given, Value):
        return [given]
    if not isinstance(given, (list, tuple)):
        raise TypeError(f"{name} must be a Value or a list of Values, got {shown(given)} ({type(given).__name__})")
    for i, x in enumerate(given):
        if not isinstance(x, Value):
            raise TypeError(f"{name} must hold Values only, got {shown(x)} ({type(x).__name__}) at place {i}")
    return list(dict.fromkeys(given))
