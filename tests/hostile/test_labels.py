"""Hostile labels: a picture, a page or a formula has the same parts for any name as for an innocent one."""

from __future__ import annotations

import functools
import html.parser
import json
import math
import re
from typing import Any
from xml.etree import ElementTree

import pygraphviz
import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd
from autograd import Value, draw, explain, steps
from autograd.show import formula
from nn import Parameter

pytestmark = pytest.mark.slow

LABELS = [
    "<script>f()</script>",
    '"><img src=x onerror=f()>',
    "</script><svg onload=f()>",
    "<!--",
    "-->",
    "]]>",
    "<![CDATA[",
]
LABELS += [
    "&",
    "&lt;",
    "&#0;",
    "<b>x</b>",
    "<br/>",
    "</td></tr></table>>",
    "javascript:f()",
    "'",
    '"',
    "`",
    "<&" * 500_000,
]
LABELS += [
    '"; shell',
    '"]; x -> y [URL="javascript:f()"',
    "{a|<b>c}",
    "\\",
    "\\\\",
    "\\N \\G \\T \\L",
    "\\l\\r\\n",
    "charset",
]
LABELS += ["%s {} {0}", "$x$", "$$", "\\$", "\\(x\\)", "\\end{aligned}", "}{", "^_", "\\href{javascript:f()}{x}", "~#"]
LABELS += [
    "a\nb",
    "a\r\nb",
    "a\0b",
    "\x1b[31m",
    "\x7f\x85",
    "\u2028",
    "\u202eabc",
    "\u200b",
    "\ufeff",
    "\ufffe",
    "\uffff",
]
LABELS += ["\ud800", "\udfff\ud800", "\U0010ffff", "🙂👩\u200d👧", "e" + "\u0301" * 50, "ab" * 500_000]
LABELS += [" ", "  a  ", "None", "v1", "0", "-1", "inf"]
split = str.split
INNOCENT = ["a", "w1", "layers.0.w.1", "a name"]
short = st.sampled_from([label for label in LABELS if len(label) < 100])
labels = st.one_of(st.sampled_from(LABELS), st.text(min_size=1, max_size=30), st.lists(short, min_size=1).map("".join))
hostile = pytest.mark.parametrize("label", LABELS, ids=lambda label: ascii(label[:20]))


def graph(label: str) -> tuple[Value, Value]:
    """An output of several operations, with the label at a leaf, a parameter, a node in between and the output."""
    x, w = Value(2.0, label=label), Parameter(3.0, label=label)
    y = autograd.dot([w, x], [x, w], x)
    y.label = label
    z = (y / x) ** 2 + autograd.tanh(y * 0.125)
    z.label = f"{label}{label}"
    z.backward()
    return z, x


def pictures(label: str) -> list[str]:
    z, _ = graph(label)
    return [draw(z).svg(), draw(z, local_derivatives=True, expand=True, legend=True).svg(), draw(z, depth=1).svg()]


def shape(svg: str) -> set[tuple[str, str]]:
    """The kinds of elements and attributes in a picture; text apart."""
    root = ElementTree.fromstring(svg)
    return {(part.tag, attribute) for part in root.iter() for attribute in ("", *part.attrib)}


class Page(html.parser.HTMLParser):
    """The elements of a page, with the names of their attributes, and what the script is given."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.parts: list[Any] = []
        self.feed(text)
        self.close()
        self.data = json.loads(re.search(r"const data = (.*);\n", text)[1])

    def handle_starttag(self, tag: str, attributes: Any) -> None:
        self.parts.append((tag, [name for name, _ in attributes]))

    def handle_comment(self, data: str) -> None:
        self.parts.append("comment")


# ------------------------------------------------------------------------------------------------------------- pictures


@pytest.fixture(scope="module")
def innocent() -> list[set[tuple[str, str]]]:
    """The kinds of elements that the pictures of innocent labels have."""
    found = [[shape(svg) for svg in pictures(label)] for label in INNOCENT]
    return [set.union(*same) for same in zip(*found)]


@hostile
def test_a_picture_has_no_element_that_an_innocent_label_would_not_give(innocent, label):
    for svg, allowed in zip(pictures(label), innocent):
        assert shape(svg) <= allowed
        assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]", svg)
        assert len(svg) < 100_000


@given(labels)
def test_the_source_of_a_picture_has_the_nodes_and_arrows_of_an_innocent_one(label):
    def parts(label: str) -> Any:
        read = pygraphviz.AGraph()
        try:
            read.from_string(draw(graph(label)[0], legend=True).source)
            nodes = [(str(node), sorted(set(node.attr) - {"label", "tooltip"})) for node in read.nodes()]
            return nodes, [tuple(map(str, edge)) for edge in read.edges()], read.subgraphs(), sorted(read.graph_attr)
        finally:
            read.close()

    assert parts(label) == parts("a")


# ----------------------------------------------------------------------------------------------------------------- page


def page(label: str, forward: bool) -> Page:
    return Page(steps(graph(label)[0], forward=forward).html())


innocent_page = functools.cache(lambda forward: page("a", forward))


@hostile
@pytest.mark.parametrize("forward", [False, True])
def test_a_page_has_the_elements_of_an_innocent_one(label, forward):
    found, allowed = page(label, forward), innocent_page(forward)
    assert found.parts == allowed.parts
    [played], [innocent] = found.data["passes"], allowed.data["passes"]
    assert shape(played["svg"]) <= shape(innocent["svg"])
    mathematics = set(split("all math mtable mtr mtd mrow mi mn mo mtext msub msup mfrac msqrt"))
    attributes = {"display", "displaystyle", "stretchy"}
    for state, expected in zip(played["states"], innocent["states"], strict=True):
        assert state.keys() == expected.keys()
        assert state["texts"].keys() == expected["texts"].keys()
        parts = ElementTree.fromstring(f"<all>{state['formulas']}</all>").iter()
        assert all(part.tag in mathematics and part.attrib.keys() <= attributes for part in parts)


@given(labels)
def test_what_a_notebook_is_given_can_be_written_as_utf_8(label):
    z, x = graph(label)
    for bundle in (steps(z)._repr_mimebundle_(), {"text": str(explain(z, x)), "latex": explain(z, x)._repr_latex_()}):
        for text in bundle.values():
            assert text.encode()
            assert len(text) < 100_000


# -------------------------------------------------------------------------------------------------------------- formula

COMMANDS = set(split(r"\begin \end \displaystyle \frac \partial \cdot \cdots \left \right \tanh \quad \phantom"))
COMMANDS |= set(split(r"\mathtt \text \mathrm \backslash \wedge \sim \lt \gt \_ \% \# \$ \& \{ \} \\")) | {"\\ "}


@given(labels)
def test_latex_has_no_command_but_the_package_s_own_and_closes_what_it_opens(label):
    z, x = graph(label)
    for latex in (explain(z, x).latex, formula(z).latex):
        assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\ud800-\udfff\u2028\u2029\u202a-\u202e]", latex)
        depth = 0
        for token in re.findall(r"\\[a-zA-Z]+|\\.|[^\\]", latex, re.DOTALL):
            depth += (token == "{") - (token == "}")
            assert depth >= 0
            assert token not in ("$", "%", "#", "~")
            assert token[0] != "\\" or token in COMMANDS, token
        assert depth == 0
        environments = re.findall(r"(?<!\\)(?:\\\\)*\\(?:begin|end)\{(\w+)\}", latex)
        assert environments == ["aligned"] * len(environments)


@hostile
def test_in_a_terminal_no_label_moves_the_cursor(label):
    z, x = graph(label)
    forward = steps(z, forward=True)
    for text in (*map(str, (explain(z, x), steps(z), forward)), *map(repr, (z, steps(z), forward, explain(z, x)))):
        assert all(line.isprintable() for line in text.split("\n"))


def test_the_equations_of_a_program_take_any_label():
    for label in LABELS:
        w, b = Parameter(1.0, label=label), Parameter(2.0, label=label)
        program = autograd.compile(lambda x, w=w, b=b: autograd.tanh(w * x[0] + b), [w, b])
        program([[1.0], [2.0]])
        found = program.explain()
        assert all(line.isprintable() and len(line) < 200 for line in str(found).splitlines())
        assert found._repr_latex_().encode()
        ElementTree.fromstring(program.draw().svg())


# ------------------------------------------------------------------------------------------------------------- argument

ODD = [-1, 0, 1.5, math.nan, math.inf, 10**400, "3", None, [], object, 1j, b"x", Value(1.0), "\ud800"]


def explained(z: Value, **given: Any) -> Any:
    return explain(z, z, **given)


ARGUMENTS: list[Any] = [(draw, x) for x in ("max_nodes", "depth", "until", "legend", "expand", "local_derivatives")]
ARGUMENTS += [(steps, "max_nodes"), (steps, "forward"), (explained, "max_paths"), (formula, "depth")]


@pytest.mark.parametrize(("show", "argument"), ARGUMENTS)
def test_any_argument_is_taken_or_refused_by_name(show, argument):
    z, _ = graph("a")
    for odd in ODD:
        why = ""
        try:
            assert repr(show(z, **{argument: odd}))
        except (TypeError, ValueError) as refusal:
            why = str(refusal)
        assert re.match(rf"$|{argument} must |the graph ", why), why


@pytest.mark.parametrize("ending", ["", ".", ".exe", ".svg.exe", ".svg\0", ".svg ", ".svgz", ".ps", "\ud800"])
def test_no_file_is_written_under_another_ending(tmp_path, ending):
    z, _ = graph("a")
    for shown in (draw(z), steps(z)):
        with pytest.raises(ValueError, match=r"^path must end in \."):
            shown.save(f"{tmp_path}/x{ending}")
    assert list(tmp_path.iterdir()) == []
