"""From DOT to a picture: SVG, PNG or PDF, with the Graphviz of this machine. What is drawn is decided in dot.py.

The wheel of pygraphviz carries Graphviz, so that is tried first; then a `dot` on the PATH. Either runs as a process of
its own: a layout of thousands of arrows takes minutes in C, where Ctrl-C would not reach it, nor any clock.

In a browser there are no processes. There the page loads Graphviz as WebAssembly, @hpcc-js/wasm-graphviz, and leaves it
where `globalThis.graphviz` finds it.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from importlib import import_module
from importlib.util import find_spec

from ...basics.letting_go import in_webassembly
from .extent import MOST_ARROWS

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
        ValueError: if Graphviz can't read the source or doesn't know the format; in a browser that is png and pdf, too.

    >>> render("digraph { a -> b }", "png")[1:4]
    b'PNG'
    """
    if in_webassembly:
        return _by_the_page(source, format)
    if format == "png":
        source = source.replace("{", "{ graph [dpi=144]", 1)
    for command in commands(format):
        try:
            status, picture, said = run(command, source.encode())
        except subprocess.TimeoutExpired:
            raise _too_long(f"was not done with {_arrows(source):,} arrows after {MOST_SECONDS} s", format) from None
        if not status:
            return picture
        if command[0] == sys.executable and status == 3:
            continue  # it is installed, and can't be imported
        lines = said.decode(errors="replace").strip().splitlines()
        complaint = "\n".join(line for line in lines if not line.startswith("Fontconfig"))  # that is of the machine
        raise _undrawn(format, complaint)
    raise ImportError(
        "drawing needs Graphviz, which is not on this machine. This command installs it: pip install pygraphviz"
    )


def _by_the_page(source: str, format: str) -> bytes:
    """The page's own Graphviz draws; nothing could end it there, so it isn't given what takes long."""
    graphviz = getattr(import_module("js"), "graphviz", None)
    if graphviz is None:
        raise ImportError(
            "drawing needs Graphviz, which this page hasn't loaded. In its JavaScript, with Graphviz imported from"
            " @hpcc-js/wasm-graphviz: globalThis.graphviz = await Graphviz.load()"
        )
    if _arrows(source) > MOST_ARROWS:
        raise _too_long(f"would take minutes for {_arrows(source):,} arrows", format)
    try:
        return str(graphviz.layout(source, format, "dot")).encode()
    except import_module("pyodide.ffi").JsException as cause:
        raise _undrawn(format, "in a browser it writes svg" if format in ("png", "pdf") else str(cause)) from None


def _arrows(source: str) -> int:
    return source.count(" -> ")


def _too_long(how: str, format: str) -> TimeoutError:
    return TimeoutError(
        f"Graphviz {how}: draw a part of the graph (depth=, until=), or save it as .dot and run `dot -T{format} -O` on"
        " the file yourself"
    )


def _undrawn(format: str, complaint: str) -> ValueError:
    return ValueError(f"Graphviz could not draw this graph as {format}: {complaint.strip()}")


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
