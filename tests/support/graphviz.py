"""Graphviz in the process of the tests, in place of one for each picture, which takes longer to start than to draw."""

from __future__ import annotations

import sys
import threading

from autograd.show.drawing import rendering

of_its_own = rendering.run
one_at_a_time = threading.Lock()  # Graphviz has global variables


def in_this_process(command: list[str], given: bytes) -> tuple[int, bytes, bytes]:
    """What `rendering.run` returns for a program that draws with pygraphviz; any other program is run."""
    if command[0] != sys.executable or "pygraphviz" not in command[4]:
        return of_its_own(command, given)
    import pygraphviz

    graph = pygraphviz.AGraph()
    try:
        with one_at_a_time:
            graph.from_string(given.decode())
            return 0, graph.draw(format=command[5], prog="dot"), b""
    except (pygraphviz.DotError, TypeError, ValueError):
        return 1, b"", b""
    finally:
        graph.close()
