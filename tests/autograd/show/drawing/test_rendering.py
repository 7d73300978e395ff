"""Graphviz: where it is found, what it complains about, and that neither Ctrl-C nor a long layout leaves it running."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from types import ModuleType

import pytest

import nn
from autograd import Value, draw, steps
from autograd.basics.letting_go import in_webassembly
from autograd.show.drawing import rendering
from autograd.show.drawing.extent import MOST_ARROWS
from autograd.show.drawing.rendering import render

COMMAND = r"run `dot -Tsvg -O` on the file yourself"


@pytest.fixture
def dot(monkeypatch, tmp_path):
    """A function that puts a program `dot`, a shell script, on the path, where there is no pygraphviz."""
    if in_webassembly:
        pytest.skip("there are no programs in a browser")

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


@pytest.fixture
def page(monkeypatch):
    """The globals of a page, in which Python runs as in a browser; there is no Graphviz in it."""
    if in_webassembly:
        import js  # type: ignore[import-not-found]

        monkeypatch.delattr(js, "graphviz")
        return js
    found, ffi = ModuleType("js"), ModuleType("pyodide.ffi")
    ffi.JsException = RuntimeError
    for name, module in {"js": found, "pyodide": ModuleType("pyodide"), "pyodide.ffi": ffi}.items():
        monkeypatch.setitem(sys.modules, name, module)
    monkeypatch.setattr(rendering, "in_webassembly", True)
    monkeypatch.setattr(rendering, "run", None)  # no process
    return found


class Drawing:
    """What a page's Graphviz answers, by names as JavaScript has them."""

    def layout(self, source, format, engine):
        if format != "svg":
            raise RuntimeError(f"Error: Format: {format!r} not recognized\n")
        return f"<svg>{engine}: {source}</svg>"


def test_in_a_browser_the_graphviz_of_the_page_draws(page):
    page.graphviz = Drawing()
    assert render("digraph { a }", "svg") == b"<svg>dot: digraph { a }</svg>"
    if in_webassembly:
        return
    for format, why in (("png", "in a browser it writes svg$"), ("fig", "Error: Format: 'fig' not recognized$")):
        with pytest.raises(ValueError, match=f"could not draw this graph as {format}: {why}"):
            render("digraph { a }", format)


def test_in_a_browser_nothing_is_begun_that_could_not_be_ended(page):
    page.graphviz = Drawing()
    with pytest.raises(
        TimeoutError, match=rf"would take minutes for {MOST_ARROWS + 1:,} arrows: draw a part .*{COMMAND}"
    ):
        render("a -> b;" * (MOST_ARROWS + 1), "svg")


def test_a_page_without_graphviz_shows_the_table_and_a_sentence(page):
    y = Value(2.0, label="x").exp()
    y.backward()
    for shown in (steps(y)._repr_mimebundle_(), draw(y)._repr_mimebundle_()):
        assert list(shown) == ["text/plain"]
        assert "which this page hasn't loaded" in shown["text/plain"]
    assert str(steps(y)) in steps(y)._repr_mimebundle_()["text/plain"]


@pytest.mark.skipif(not in_webassembly, reason="it is that of a browser")
def test_the_real_graphviz_of_a_page_draws_and_complains():
    assert render("digraph { first -> second }", "svg").count(b"<text") == 2
    with pytest.raises(ValueError, match=r"could not draw this graph as svg: Error: syntax error in line 1 near '}'$"):
        render("digraph { a -> }", "svg")


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
