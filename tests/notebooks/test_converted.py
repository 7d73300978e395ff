"""The first notebook, run and converted by nbconvert: what becomes of the player, the pictures and the explanation.

It needs the extra `dev` and a Chromium. LaTeX is made of the cells of code alone: those of text would need pandoc.
"""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import Any

import pytest

import autograd
from autograd import Value

pytestmark = pytest.mark.browser

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def notebook() -> Any:
    """The first notebook as it runs today, up to the player."""
    import nbformat
    from nbclient import NotebookClient

    found = nbformat.read(ROOT / "notebooks" / "01_the_chain_rule.ipynb", as_version=4)
    last = max(i for i, cell in enumerate(found.cells) if cell.source == "autograd.steps(e)")
    found.cells = found.cells[: last + 1]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(ROOT))
        NotebookClient(found, timeout=300, kernel_name="python3").execute()
    return found


def _converted(exporter: str, notebook: Any, **options: Any) -> tuple[str, Any]:
    import nbconvert

    return getattr(nbconvert, exporter)(**options).from_notebook_node(notebook)


@pytest.fixture(scope="module")
def lecture() -> tuple[Any, Any]:
    """The explanation and the steps that the notebook shows."""
    a, b = Value(2.0, label="a"), Value(1.0, label="b")
    c, d = a + b, b + 1
    e = c * d
    c.label, d.label, e.label = "c", "d", "e"
    return autograd.explain(e, b), autograd.steps(e)


@pytest.mark.parametrize("exporter", ["HTMLExporter", "SlidesExporter"])
def test_on_a_page_and_on_slides_it_plays_and_the_explanation_needs_no_mathjax(exporter, notebook, browser, tmp_path):
    page = browser.new_context(offline=True).new_page()
    file = tmp_path / "page.html"
    file.write_text(_converted(exporter, notebook)[0])
    page.goto(file.as_uri(), wait_until="domcontentloaded")
    player = page.locator(".chainrule-player")
    player.locator(".stage").wait_for(state="attached")
    player.get_by_role("button", name="next step", include_hidden=True).dispatch_event("click")
    assert player.locator(".count").text_content() == "step 1 / 3"
    page.locator("[data-math]").wait_for(state="detached")
    assert page.locator("mtable").count() > player.locator("mtable").count()
    assert not re.search(r"\\begin\{aligned\}", page.content())
    page.evaluate("dispatchEvent(new Event('beforeprint'))")  # as for webpdf: the last step, and all of them as a table
    assert player.locator(".count").text_content() == "done"
    assert player.locator("details[open] table").count() == 1
    page.context.close()


def test_markdown_has_short_scripts_and_reads_without_any(notebook, lecture):
    written, _ = _converted("MarkdownExporter", notebook)
    assert sum(map(len, re.findall(r"<script>.*?</script>", written, re.DOTALL))) < 20_000
    assert len(written) < 70_000
    explained, steps = lecture
    assert f"<pre>{explained.text}</pre>" in written
    assert f"<caption>{steps.title}</caption>" in written


def test_latex_has_pictures_the_explanation_as_mathematics_and_the_steps_as_a_table(notebook, lecture):
    code = notebook.copy()
    code.cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    written, resources = _converted("LatexExporter", code)
    drawn = [cell for cell in code.cells if "draw(" in cell.source]
    assert len([name for name in resources["outputs"] if name.endswith(".png")]) >= len(drawn) > 1
    explained, steps = lecture
    assert explained.latex in written
    first = next(iter(steps))
    assert steps.called(first.node) in written
    assert "chainrule-player" not in written


def test_the_script_has_the_code_alone(notebook):
    written, _ = _converted("PythonExporter", notebook)
    ast.parse(written)
    assert "autograd.steps(e)" in written
    assert "chainrule-player" not in written
