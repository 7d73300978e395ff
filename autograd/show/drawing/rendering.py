"""From DOT to a picture: SVG, PNG or PDF, with the Graphviz of this machine. What is drawn is decided in dot.py.

The wheel of pygraphviz carries Graphviz, so that is tried first; then a `dot` on the PATH.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Lock

_lock = Lock()  # Graphviz keeps global state, and so does the redirection of standard error


def render(source: str, format: str) -> bytes:
    """Lay out a graph and draw it.

    Args:
        source: the graph, in the DOT language (https://graphviz.org/doc/info/lang.html).
        format: "svg", "png", "pdf" or another of Graphviz' output formats.

    Returns:
        The contents of the picture's file. PNG has two pixels a point, which a projector doesn't blur.

    Raises:
        ImportError: if there is no Graphviz on the machine; the message names the command that installs it.
        ValueError: if Graphviz can't read the source or doesn't know the format.

    >>> render("digraph { a -> b }", "png")[1:4]
    b'PNG'
    """
    if format == "png":
        source = source.replace("{", "{ graph [dpi=144]", 1)
    picture = _by_pygraphviz(source, format)
    return _by_dot(source, format) if picture is None else picture


def _by_pygraphviz(source: str, format: str) -> bytes | None:
    try:
        import pygraphviz
    except ImportError:
        return None
    graph = pygraphviz.AGraph()
    with _lock, _quiet() as complaints:
        try:
            graph.from_string(source)  # not AGraph(string=...), which takes the word charset in a label for an order
            picture: bytes = graph.draw(format=format, prog="dot")
        except (pygraphviz.DotError, TypeError, ValueError):  # TypeError: an unknown format, in pygraphviz 2.0
            raise ValueError(f"Graphviz could not draw this graph as {format}: {complaints()}") from None
        finally:
            graph.close()  # C memory, which nobody else would free
    return picture


def _by_dot(source: str, format: str) -> bytes:
    import graphviz

    try:
        picture: bytes = graphviz.Source(source).pipe(format=format, quiet=True)
    except graphviz.ExecutableNotFound:
        raise ImportError(
            "drawing needs Graphviz, which is not on this machine. This command installs it: pip install pygraphviz"
        ) from None
    except graphviz.CalledProcessError as error:
        complaint = error.stderr.decode(errors="replace") if isinstance(error.stderr, bytes) else error.stderr
        raise ValueError(f"Graphviz could not draw this graph as {format}: {complaint}") from None
    return picture


@contextmanager
def _quiet() -> Iterator[Callable[[], str]]:
    """Keep what C code writes to standard error away from the terminal; the function that this gives returns it.

    Fontconfig warns there about the machine's own settings, which is no concern of the person who draws.
    """
    try:
        terminal = os.dup(2)
    except OSError:  # a program without standard error, such as one with a window of its own
        yield lambda: ""
        return
    with tempfile.TemporaryFile() as written:

        def complaints() -> str:
            written.seek(0)
            return written.read().decode(errors="replace").strip()

        os.dup2(written.fileno(), 2)
        try:
            yield complaints
        finally:
            os.dup2(terminal, 2)
            os.close(terminal)
