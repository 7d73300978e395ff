"""The source tells whether a function looks at what it changes."""

from __future__ import annotations

import linecache
from collections.abc import Callable
from typing import Any

import pytest

from autograd.program.tracing.uses import ANY, Uses


def counted(s: Any) -> None:
    s.n += 1
    s.n = 3


def compared(s: Any) -> Any:
    s.n += 1
    return s.n > 2


def by_text(s: Any) -> Any:
    return getattr(s, "n")  # noqa: B009


@pytest.mark.parametrize(("f", "read"), [(counted, False), (compared, True), (by_text, True)])
def test_a_name_is_read_where_it_is_loaded_or_stands_as_a_text(f: Callable[..., Any], read: bool) -> None:
    assert Uses([f.__code__]).read_name("n") is read


def stored(s: Any, h: Any) -> Any:
    s["n"] += 1
    s["last"] = 0
    h.append(1)
    return s["scale"], h[0]


def passed_on(s: Any, h: Any) -> Any:
    return len(s), h.pop()


@pytest.mark.parametrize(
    ("f", "name", "key", "read"),
    [
        (stored, "s", "n", False),
        (stored, "s", "last", False),
        (stored, "s", "scale", True),
        (stored, "h", 1, False),
        (stored, "h", 0, True),
        (passed_on, "s", "n", True),
        (passed_on, "h", 0, True),
        (passed_on, "other", 0, False),
    ],
)
def test_an_item_is_read_where_its_holder_stands_otherwise_than_to_be_changed(f, name, key, read):
    assert Uses([f.__code__]).read_item([name], key) is read


def test_what_has_no_name_or_no_source_is_taken_to_be_read():
    scope: dict[str, Any] = {}
    exec("def f(s): s.n += 1", scope)
    assert Uses([scope["f"].__code__]).read_name("n")
    assert Uses([scope["f"].__code__]).read_item(["s"], "n")
    assert Uses([counted.__code__]).read_item([], "n")
    assert Uses([stored.__code__]).read_item(["h"], ANY)
    assert Uses([stored.__code__]).read_item(["", "s"], "n")


def test_the_text_of_another_program_that_exec_ran_is_not_taken_for_this_one(monkeypatch):
    """Python 3.13 keeps the text of `python -c` under the name that all of them have."""
    text = "import sys\nprint(sys)\n"
    monkeypatch.setitem(linecache.cache, "<string>", (len(text), None, text.splitlines(keepends=True), "<string>"))
    scope: dict[str, Any] = {}
    exec("def f(s): s.n += 1", scope)
    assert Uses([scope["f"].__code__]).read_name("n")
