"""Graphviz: where it is found, and what it complains about."""

from __future__ import annotations

import sys

import graphviz
import pytest

from autograd.show.drawing.rendering import render


def test_a_dot_on_the_path_serves_where_pygraphviz_is_missing(monkeypatch):
    monkeypatch.setitem(sys.modules, "pygraphviz", None)
    monkeypatch.setattr(graphviz.Source, "pipe", lambda self, format, quiet: f"{format}: {self.source}".encode())
    assert render("digraph { a }", "svg") == b"svg: digraph { a }\n"


@pytest.mark.parametrize(("source", "format"), [("digraph { a -> }", "svg"), ("digraph { a }", "nonsense")])
def test_what_graphviz_complains_about_is_in_the_error_and_not_on_the_terminal(source, format, capfd):
    with pytest.raises(ValueError, match=r"could not draw this graph as \w+: Error: \w+"):
        render(source, format)
    assert capfd.readouterr() == ("", "")
