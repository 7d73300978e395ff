"""A drawing as a file and in a notebook, and arguments that make none."""

from __future__ import annotations

import errno
import os
import re
import sys
from base64 import b64decode

import pytest

from autograd import Value, draw
from autograd.show.drawing import drawing
from tests.support.pictures import SVG, lecture, svg_of


@pytest.mark.parametrize("wrong", [3.0, "x", None, Value, {}])
def test_anything_but_values_is_refused_by_name(wrong):
    with pytest.raises(TypeError, match=f"value must be a Value .* got {re.escape(repr(wrong))}"):
        draw(wrong)
    with pytest.raises(TypeError, match=f"value must hold Values only, got {re.escape(repr(wrong))}"):
        draw([Value(1.0), wrong])
    with pytest.raises(TypeError, match="until must hold"):
        draw(Value(1.0), until=[wrong])


def test_numbers_that_do_not_fit_together_are_refused():
    a, b, e = lecture()
    a.data = 5.0
    with pytest.raises(RuntimeError, match=r"a=5\.0 was assigned to .* so the picture would mix old and new numbers"):
        draw(e)
    assert draw((a + b) * (b + 1)).nodes == 6


def test_completion_offers_what_there_is():
    picture = draw(Value(1.0))
    assert {"save", "svg"} <= {*dir(picture)}
    assert {"render", "view", "pipe"}.isdisjoint(dir(picture))


def test_numbers_that_make_no_sense_are_refused_by_name():
    with pytest.raises(ValueError, match="empty list"):
        draw([])
    for name, wrong in (("depth", -1), ("depth", 1.5), ("depth", "3"), ("max_nodes", 0), ("max_nodes", None)):
        with pytest.raises(ValueError, match=f"{name} must be a whole number"):
            draw(Value(1.0), **{name: wrong})


def test_svg_is_well_formed_and_contains_the_labels():
    texts = [text.text for text in svg_of(draw(lecture()[2])).iter(SVG + "text")]
    assert {"a", "b", "e", "+", "×", "6"} <= set(texts)


@pytest.mark.parametrize(
    ("ending", "start"),
    [("svg", b"<svg xmlns="), ("png", b"\x89PNG\r\n\x1a\n"), ("pdf", b"%PDF-"), ("PNG", b"\x89PNG")],
)
def test_the_ending_says_what_is_written(tmp_path, ending, start):
    path = tmp_path / f"graph.{ending}"
    assert draw(lecture()[2]).save(str(path)) == path
    assert path.read_bytes().startswith(start)
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("ending", ["dot", "gv"])
def test_the_source_is_a_file_too(tmp_path, ending):
    drawn = draw(Value(1.0, "∂"))
    assert drawn.save(tmp_path / f"graph.{ending}").read_text(encoding="utf-8") == drawn.source


@pytest.mark.parametrize("name", ["graph", "graph.jpeg", "graph.svg.txt"])
def test_another_ending_is_refused_with_those_that_are_possible(tmp_path, name):
    with pytest.raises(ValueError, match=r"\.svg, \.png, \.pdf, \.dot or \.gv"):
        draw(Value(1.0)).save(tmp_path / name)
    with pytest.raises(ValueError, match=r"graph\.gif': steps\(value\)\.save\(\) writes that"):
        draw(Value(1.0)).save(tmp_path / "graph.gif")
    assert not list(tmp_path.iterdir())


def test_a_failure_leaves_the_old_file_as_it_was(tmp_path, monkeypatch):
    path = tmp_path / "graph.png"
    path.write_text("old")

    def fails(source, format):
        raise RuntimeError("no ink")

    monkeypatch.setattr(drawing, "render", fails)
    with pytest.raises(RuntimeError, match="no ink"):
        draw(Value(1.0)).save(path)
    monkeypatch.setattr(drawing, "render", lambda source, format: b"half of it")

    def is_full(descriptor):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", is_full)
    with pytest.raises(OSError, match=r"No space left on device: '.*/graph\.png'"):
        draw(Value(1.0)).save(path)
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_folder_that_is_not_there_is_named_by_the_error(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"'.*/nowhere/graph\.svg'"):
        draw(Value(1.0)).save(tmp_path / "nowhere" / "graph.svg")


def test_a_notebook_shows_the_picture():
    drawn = draw(lecture()[2])
    shown = drawn._repr_mimebundle_()
    assert shown["text/plain"] == "<Drawing of 6 nodes and 3 operations: display() shows it>"
    assert list(shown) == ["text/plain", "text/html", "image/png"]  # the last for what takes no SVG, as LaTeX
    assert b64decode(shown["image/png"])[1:4] == b"PNG"
    assert len(shown["image/png"]) < 10_000
    x = y = Value(1.0)
    for _ in range(40):
        y = y * x
    assert "image/png" not in draw(y)._repr_mimebundle_()


@pytest.fixture
def no_graphviz(monkeypatch):
    monkeypatch.setitem(sys.modules, "pygraphviz", None)
    monkeypatch.setenv("PATH", "")


@pytest.mark.usefixtures("no_graphviz")
def test_without_graphviz_the_error_says_the_one_command_that_mends_it(tmp_path):
    drawn = draw(lecture()[2])
    for attempt in (drawn.svg, lambda: drawn.save(tmp_path / "graph.png")):
        with pytest.raises(ImportError) as error:
            attempt()
        assert str(error.value).count("pip install pygraphviz") == str(error.value).count("install pygraphviz") == 1
    assert drawn.save(tmp_path / "graph.dot").read_text() == drawn.source
    assert list(tmp_path.iterdir()) == [tmp_path / "graph.dot"]


@pytest.mark.usefixtures("no_graphviz")
def test_without_graphviz_a_notebook_shows_the_command_instead_of_a_traceback():
    shown = draw(lecture()[2])._repr_mimebundle_()
    assert list(shown) == ["text/plain"]
    assert "<Drawing of 6 nodes and 3 operations: display() shows it>" in shown["text/plain"]
    assert "pip install pygraphviz" in shown["text/plain"]
