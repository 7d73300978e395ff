"""draw: a picture of a graph, with the gradients that flow there. No derivative stands here.

Which Values a picture shows is decided in extent.py, how they look in dot.py, and how Graphviz renders it in
rendering.py.
"""

from __future__ import annotations

import os
from base64 import b64encode
from collections.abc import Sequence
from numbers import Integral
from pathlib import Path
from typing import Any

from ...basics.files import checked, write_whole
from ...basics.messages import shown
from ...familiar import DRAWING, Familiar, elsewhere
from ...value import Value
from .dot import written
from .extent import extent
from .rendering import render


class Drawing(Familiar):
    """A picture of a graph: it shows itself in a notebook, and `save` writes it to a file.

    Args:
        source: the graph in the DOT language.
        nodes: how many numbers the picture shows.
        operations: how many operations it shows.
    """

    def __init__(self, source: str, nodes: int, operations: int) -> None:
        self.source = source
        self.nodes = nodes
        self.operations = operations

    def svg(self) -> str:
        """The picture as an SVG document.

        Raises:
            ImportError: if there is no Graphviz on the machine; the message names the command that installs it.
            TimeoutError: if Graphviz takes more than a minute; Ctrl-C ends it earlier.
        """
        return render(self.source, "svg").decode()

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
            raise ValueError(f"path must end in .svg, .png, .pdf, .dot or .gv, got {shown(str(path))}")
        content = self.source.encode() if ending in (".dot", ".gv") else render(self.source, ending[1:])
        write_whole(path, content)
        return path

    def __repr__(self) -> str:
        nodes = f"{self.nodes} node{'s' * (self.nodes != 1)}"
        operations = f"{self.operations} operation{'s' * (self.operations != 1)}"
        return f"<Drawing of {nodes} and {operations}>"

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> tuple[dict[str, str], dict[str, Any]]:
        try:
            png = render(self.source, "png")
            pictures = {"image/svg+xml": self.svg(), "image/png": b64encode(png).decode()}
        except (ImportError, TimeoutError) as error:  # a notebook shows the way out, not a traceback
            return {"text/plain": f"{self!r}\n{error}"}, {}
        # SVG is sharper, but JupyterLab doesn't show it in a notebook that came from elsewhere and wasn't run yet
        width = int.from_bytes(png[16:20], "big") * 2 // 3  # from two pixels a point to the browser's 96 an inch
        return {"text/plain": repr(self), **pictures}, {"image/png": {"width": width}}


elsewhere(Drawing, DRAWING)


def draw(
    value: Value | Sequence[Value],
    *,
    local_derivatives: bool = False,
    expand: bool = False,
    depth: int | None = None,
    until: Value | Sequence[Value] = (),
    max_nodes: int = 500,
    legend: bool = False,
) -> Drawing:
    """Draw the graph that a Value was computed by, with the gradients that the last `backward()` left in it.

    Inputs have rounded boxes, parameters double ones, outputs a thick frame; plain numbers are grey. The width of an
    arrow is the gradient that flows there, compared with the most in the picture; it is blue where that is positive,
    orange and dashed where it is negative, grey where there is none. The dots … stand for a part that was left out.

    Args:
        value: a Value, or a list of several to be drawn in one picture.
        local_derivatives: True writes on the arrow from an operand to an operation the derivative of the result with
            respect to that operand alone.
        expand: True shows the multiplications and additions in each `dot` node.
        depth: how many operations to go back from the output; None for all.
        until: a Value, or a list of them, that the picture doesn't look behind.
        max_nodes: how many numbers a picture may show at most, Values and plain ones together.
        legend: True explains the boxes and arrows at the lower edge of the picture.

    Returns:
        The picture. A number is shown in full where four digits are enough, otherwise rounded to four.

    Raises:
        TypeError: if `value` or `until` is, or holds, anything but Values.
        ValueError: if the picture would have more than `max_nodes` numbers (the message says how many, and how to draw
            a part), if the list is empty, or if `depth` or `max_nodes` is not a number of things.

    >>> a, b = Value(2.0, label="a"), Value(1.0, label="b")
    >>> e = (a + b) * (b + 1)
    >>> e.backward()
    >>> draw(e)
    <Drawing of 6 nodes and 3 operations>
    """
    outputs = _values(value, "value")
    if not outputs:
        raise ValueError("value must be a Value or a list of Values, got an empty list")
    for name, given, least in (("depth", 0 if depth is None else depth, 0), ("max_nodes", max_nodes, 1)):
        if not isinstance(given, Integral) or given < least:
            raise ValueError(f"{name} must be a whole number, {least} or more, got {shown(given)}")
    part = extent(outputs, depth, _values(until, "until"), expand)
    part.refuse_if_larger(max_nodes)
    operations = part.operations(expand)
    source = written(part.numbers(operations), operations[::-1], set(outputs), local_derivatives, legend)
    return Drawing(source, part.size, len(operations))


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
