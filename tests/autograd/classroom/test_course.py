"""Notebooks become HTML that fetches nothing, and their links to Explore lead to what the notebooks show."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from autograd import Value
from autograd.classroom.course import course
from autograd.expression import parse

NOTEBOOKS = sorted((Path(__file__).parents[3] / "notebooks").glob("*.ipynb"))


def cell(kind, source, metadata=None, **outputs):
    made = {"cell_type": kind, "source": source, "metadata": metadata or {}}
    if kind == "code":
        made["outputs"] = [{"data": {name.replace("_", "/"): content for name, content in outputs.items()}}]
    return made


@pytest.fixture
def written(tmp_path):
    """What becomes of cells, in the first of two notebooks."""
    pytest.importorskip("latex2mathml")
    pytest.importorskip("mdit_py_plugins")

    def write(*cells):
        for name, content in (("01_one", cells), ("02_two", [])):
            (tmp_path / f"{name}.ipynb").write_text(json.dumps({"cells": content}))
        return json.loads(course(tmp_path))

    return write


def test_the_titles_of_the_course_are_numbered_in_one_style():
    for number, path in enumerate(NOTEBOOKS, 1):
        (first, *_), *_ = [cell["source"] for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]]
        assert first.startswith(f"# {number} · ")


def test_a_title_is_the_first_heading_or_the_name_of_the_file(written):
    first, second = written(cell("markdown", ["# One\n", "## Two"]))
    assert (first["title"], second["title"]) == ("One", "02_two")
    assert "<h2>One</h2>\n<h3>Two</h3>" in first["html"]


def test_what_is_to_be_predicted_is_folded_until_the_cell_is_run(written):
    asked, told = cell("markdown", "**Before you run the cell:** how many?"), cell("code", "1 + 1", text_plain="2")
    shown = '<pre class="output" tabindex="0">2</pre>'
    folded = f'<details><summary data-say="run"></summary>{shown}</details>'
    sections = written(asked, told, told, cell("markdown", "It is 2."), told)[0]["html"].split("<section>")
    assert [folded in x for x in sections] == [False, False, True, False, False, False]
    assert [shown in x for x in sections] == [False, False, True, True, False, True]


def test_formulas_are_mathml_and_a_link_to_a_notebook_leads_to_it_in_the_page(written):
    html = written(cell("markdown", "$x^2$ in [two](02_two.ipynb#there)\n\n$$y = |x|$$\n\n| |a|\n|-|-|\n|c|b|\n"))[0][
        "html"
    ]
    assert html.count("<math ") == 2
    assert 'display="block"' in html
    assert '<a href="#course=2">two</a>' in html
    assert "<td></td>\n<th>a</th>" in html
    assert "<td>b</td>" in html


def test_a_formula_may_go_on_in_the_next_line_with_a_sign(written):
    html = written(cell("markdown", "so $a\n+ b$ and\n\n$$\nc\n$$\n"))[0]["html"]
    assert html.count("<math ") == 2
    assert "<li>" not in html


def test_equations_stand_below_each_other_and_what_is_not_understood_stands_as_it_was_written(written):
    html = written(
        cell("code", "", text_latex="$\\displaystyle \\begin{aligned} a &= b \\\\ &= c \\end{aligned}$"),
        cell("markdown", r"$\strange{<}$"),
    )[0]["html"]
    assert html.count("<mtr>") == 2
    assert r"<code>\strange{&lt;}</code>" in html


def test_all_formulas_of_the_course_are_understood():
    pytest.importorskip("latex2mathml")
    pytest.importorskip("mdit_py_plugins")
    for lesson in json.loads(course(NOTEBOOKS[0].parent)):
        assert not re.search(r"<code>[^<]*\\", lesson["html"].replace("</code></pre>", "")), lesson["name"]


def test_an_output_is_shown_in_its_richest_form_and_a_picture_says_what_is_on_it(written):
    html = written(
        cell("code", "a<b", text_plain="p<q", text_html="<i>it</i>"),
        cell("code", "c", text_plain=["p<", "q"]),
        cell("code", "", text_plain="no", image_png="aGVs\nbG8="),
        cell("code", "", text_plain="no", text_latex="$\\frac{1}{2}$"),
    )[0]["html"]
    assert "&lt;" in html
    assert "<i>it</i>" in html
    assert "p&lt;q</pre>" in html
    assert '<img alt="A picture that the code above makes." src="data:image/png;base64,aGVsbG8=">' in html
    assert "<mfrac>" in html
    assert ">no<" not in html


def test_a_cell_with_an_expression_has_a_link_to_it(written):
    html = written(cell("code", "x", {"explore": {"e": "x*y + 1", "n.x": "2"}}))[0]["html"]
    assert '<a href="#e=x%2Ay%20%2B%201&amp;n.x=2" data-say="open_in_explore"></a>' in html


@pytest.mark.parametrize("content", ["{", "[]", "{}", '{"cells": [1]}'])
def test_what_is_no_notebook_is_told(tmp_path, written, content):
    (tmp_path / "03.ipynb").write_text(content)
    with pytest.raises(ValueError, match=r"03\.ipynb can't be read as a notebook"):
        written()


def test_a_folder_without_notebooks_is_told(tmp_path):
    with pytest.raises(ValueError, match="there are no notebooks"):
        course(tmp_path)


def test_the_links_to_explore_lead_to_numbers_that_their_cells_show():
    led = 0
    for path in NOTEBOOKS:
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
            link = cell["metadata"].get("explore")
            if not link:
                continue
            expression = parse(link["e"])
            leaves = {name: Value(float(link[f"n.{name}"])) for name in expression.names}
            result = expression(**leaves)
            result.backward()
            told = "".join(text for output in cell["outputs"] for part in output["data"].values() for text in part)
            numbers = set(re.findall(r"-?[0-9]+\.?[0-9]*", told))
            assert {f"{x:.4g}" for x in (result.data, *(leaf.grad for leaf in leaves.values()))} & numbers, link
            led += 1
    assert led >= 10
