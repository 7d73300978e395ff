"""From DOT to a picture: SVG, PNG or PDF, with the Graphviz of this machine. What is drawn is decided in dot.py.

The wheel of pygraphviz carries Graphviz, so that is tried first; then a `dot` on the PATH. Either runs as a process of
its own: a layout of thousands of arrows takes minutes in C, where Ctrl-C would not reach it, nor any clock.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from importlib.util import find_spec

MOST_SECONDS = 60
"""How long Graphviz may take for a picture."""

# the path by hand: Python's own preparations take as long as all the rest, 60 ms
_PYGRAPHVIZ = """
import sys
sys.path[:] = sys.argv[2:]
try:
    import pygraphviz
except ImportError:
    sys.exit(3)
graph = pygraphviz.AGraph()
try:
    graph.from_string(sys.stdin.buffer.read().decode())  # not AGraph(string=...): it takes a word charset for an order
    sys.stdout.buffer.write(graph.draw(format=sys.argv[1], prog="dot"))
except (pygraphviz.DotError, TypeError, ValueError):  # TypeError: an unknown format, in pygraphviz 2.0
    sys.exit(1)
"""


def render(source: str, format: str) -> bytes:
    """Lay out a graph and draw it.

    Args:
        source: the graph, in the DOT language (https://graphviz.org/doc/info/lang.html).
        format: "svg", "png", "pdf" or another of Graphviz' output formats.

    Returns:
        The contents of the picture's file. PNG has two pixels a point, which a projector doesn't blur.

    Raises:
        ImportError: if there is no Graphviz on the machine; the message names the command that installs it.
        TimeoutError: if Graphviz takes more than a minute; the message says what to draw instead.
        ValueError: if Graphviz can't read the source or doesn't know the format.

    >>> render("digraph { a -> b }", "png")[1:4]
    b'PNG'
    """
    if format == "png":
        source = source.replace("{", "{ graph [dpi=144]", 1)
    for command in commands(format):
        try:
            status, picture, said = run(command, source.encode())
        except subprocess.TimeoutExpired:
            raise TimeoutError(
                f"Graphviz was not done with {source.count(' -> '):,} arrows after {MOST_SECONDS} s: draw a part of the"
                f" graph (depth=, until=), or save it as .dot and run `dot -T{format} -O` on the file yourself"
            ) from None
        if not status:
            return picture
        if command[0] == sys.executable and status == 3:
            continue  # it is installed, and can't be imported
        lines = said.decode(errors="replace").strip().splitlines()
        complaint = "\n".join(line for line in lines if not line.startswith("Fontconfig"))  # that is of the machine
        raise ValueError(f"Graphviz could not draw this graph as {format}: {complaint}")
    raise ImportError(
        "drawing needs Graphviz, which is not on this machine. This command installs it: pip install pygraphviz"
    )


def run(command: list[str], given: bytes) -> tuple[int, bytes, bytes]:
    """The exit status of a program, its output and its complaints; it has ended, however this does."""
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        try:
            output, complaints = process.communicate(given, MOST_SECONDS)
        except BaseException:  # the time is over, or Ctrl-C
            process.kill()
            process.wait()
            raise
    return process.returncode, output, complaints


def commands(format: str) -> Iterator[list[str]]:
    """The programs that may draw; each reads DOT from its input."""
    if find_spec("pygraphviz") and sys.executable:
        yield [sys.executable, "-I", "-S", "-c", _PYGRAPHVIZ, format, *sys.path]
    if dot := shutil.which("dot"):
        yield [dot, f"-T{format}"]
