"""Graphviz: where it is found, what it complains about, and that neither Ctrl-C nor a long layout leaves it running."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time

import pytest

import nn
from autograd import draw
from autograd.show.drawing import rendering
from autograd.show.drawing.extent import MOST_ARROWS
from autograd.show.drawing.rendering import render

COMMAND = r"run `dot -Tsvg -O` on the file yourself"


@pytest.fixture
def dot(monkeypatch, tmp_path):
    """A function that puts a program `dot`, a shell script, on the path, where there is no pygraphviz."""

    def put(script: str) -> None:
        (tmp_path / "dot").write_text(f"#!/bin/sh\n{script}\n")
        (tmp_path / "dot").chmod(0o755)
        monkeypatch.setitem(sys.modules, "pygraphviz", None)
        monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")

    return put


@pytest.fixture
def layout_without_end(dot, tmp_path):
    """A `dot` that is never done; the function that this gives says whether it still runs."""
    dot(f"echo $$ > {tmp_path}/pid; exec sleep 100")

    def runs() -> bool:
        try:
            os.kill(int((tmp_path / "pid").read_text()), 0)
        except ProcessLookupError:
            return False
        return True

    return runs


def test_a_dot_on_the_path_serves_where_pygraphviz_is_missing(dot):
    dot('echo "$1: $(cat)"')
    assert render("digraph { a }", "svg") == b"-Tsvg: digraph { a }\n"


def test_it_serves_where_pygraphviz_is_there_and_can_not_be_imported(dot, monkeypatch, tmp_path):
    dot("cat")
    monkeypatch.delitem(sys.modules, "pygraphviz")
    (tmp_path / "pygraphviz.py").write_text("raise ImportError('a library of the system is missing')")
    monkeypatch.syspath_prepend(tmp_path)
    assert render("digraph { a }", "svg") == b"digraph { a }"


@pytest.mark.parametrize(("source", "format"), [("digraph { a -> }", "svg"), ("digraph { a }", "nonsense")])
def test_what_graphviz_complains_about_is_in_the_error_and_not_on_the_terminal(source, format, capfd):
    with pytest.raises(ValueError, match=r"could not draw this graph as \w+: Error: \w+"):
        render(source, format)
    assert capfd.readouterr() == ("", "")


def test_a_layout_that_takes_too_long_is_ended(layout_without_end, monkeypatch):
    monkeypatch.setattr(rendering, "MOST_SECONDS", 1)
    with pytest.raises(TimeoutError, match=rf"not done with 2 arrows after 1 s: draw a part .*, or .* {COMMAND}"):
        render("digraph { a -> b -> c }", "svg")
    assert not layout_without_end()


def test_a_notebook_shows_what_to_do_instead_of_a_traceback(layout_without_end, monkeypatch):
    monkeypatch.setattr(rendering, "MOST_SECONDS", 1)
    y = nn.Neuron(2, seed=0)([1.0, 2.0])
    shown = draw(y)._repr_mimebundle_()
    assert list(shown) == ["text/plain"]
    assert "`dot -Tsvg -O`" in shown["text/plain"]


@pytest.mark.skipif(os.name != "posix", reason="signals are another matter there")
def test_ctrl_c_ends_a_layout(layout_without_end):
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # ignored in the background
    threading.Timer(1.0, os.kill, (os.getpid(), signal.SIGINT)).start()
    start = time.monotonic()
    try:
        with pytest.raises(KeyboardInterrupt):
            render("digraph { a -> b }", "svg")
    finally:
        signal.signal(signal.SIGINT, before)
    assert time.monotonic() - start < 30
    assert not layout_without_end()


@pytest.mark.slow
def test_graphviz_itself_is_ended(monkeypatch):
    monkeypatch.setattr(rendering, "MOST_SECONDS", 2)
    y = nn.MLP(64, [32, 10], seed=0)([0.5] * 64)[0]
    with pytest.raises(ValueError, match=r"Graphviz would take minutes for all of it$"):
        draw(y)
    picture = draw(y, max_nodes=10_000)
    assert picture.source.count(" -> ") > MOST_ARROWS
    with pytest.raises(TimeoutError, match=rf"not done with 4,\d+ arrows after 2 s: .*{COMMAND}"):
        picture.svg()


def test_the_network_of_the_moons_is_drawn_without_being_asked_twice():
    model = nn.MLP(2, [16, 16, 1], activation="tanh", seed=0)
    svg = draw(model([0.5, -0.5])).svg()
    assert (svg.count(">tanh<"), svg.count(">dot<")) == (32, 33)
