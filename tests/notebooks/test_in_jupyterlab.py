"""A student's first minutes: JupyterLab in a real browser, the first notebook, Run All, and *next* in the player.

It needs Debian's chromium, and jupyterlab and playwright from PyPI; CI installs them. It doesn't use the browser that
playwright would fetch for itself.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import autograd
from autograd import Value
from autograd.notation.text import figure
from autograd.show.steps.table import product

pytestmark = pytest.mark.browser

ROOT = Path(__file__).parents[2]


@pytest.fixture
def jupyterlab(tmp_path: Path) -> Iterator[str]:
    """The address of a JupyterLab that shows a copy of the first notebook, without its outputs."""
    content = json.loads((ROOT / "notebooks" / "01_the_chain_rule.ipynb").read_text())
    for cell in content["cells"]:
        if cell["cell_type"] == "code":
            cell.update(outputs=[], execution_count=None)
    lessons = tmp_path / "lessons"
    lessons.mkdir()
    (lessons / "lesson.ipynb").write_text(json.dumps(content))
    # every output shall be in the page, not only those that are in sight
    settings = tmp_path / "settings" / "@jupyterlab" / "notebook-extension"
    settings.mkdir(parents=True)
    (settings / "tracker.jupyterlab-settings").write_text('{"windowingMode": "none"}')
    environment = os.environ | {
        "PYTHONPATH": str(ROOT),
        "JUPYTERLAB_SETTINGS_DIR": str(tmp_path / "settings"),
        "JUPYTER_CONFIG_DIR": str(tmp_path / "config"),
        "JUPYTER_DATA_DIR": str(tmp_path / "data"),
        "JUPYTER_RUNTIME_DIR": str(tmp_path / "runtime"),
        "IPYTHONDIR": str(tmp_path / "ipython"),
    }
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", "--ip=127.0.0.1", "--port=0"]
    command += [f"--ServerApp.root_dir={lessons}", "--IdentityProvider.token=", "--LabApp.news_url=None"]
    with open(tmp_path / "log", "w") as log:
        server = subprocess.Popen(command, env=environment, stdout=log, stderr=log, cwd=lessons)
    try:
        for _ in range(600):
            found = list((tmp_path / "runtime").glob("jpserver-*.json"))
            if found and found[0].stat().st_size:
                break
            assert server.poll() is None, (tmp_path / "log").read_text()
            time.sleep(0.1)
        yield json.loads(found[0].read_text())["url"]
    finally:
        server.terminate()
        server.wait()


def test_a_student_runs_the_first_notebook_and_presses_next(jupyterlab: str, browser: Any, tmp_path: Path) -> None:
    a, b = Value(2.0, label="a"), Value(1.0, label="b")
    c, d = a + b, b + 1
    e = c * d
    c.label, d.label, e.label = "c", "d", "e"
    steps = autograd.steps(e)

    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.goto(f"{jupyterlab}lab/tree/lesson.ipynb")
    page.locator(".jp-NotebookPanel .jp-Notebook .jp-Cell").first.wait_for(timeout=120_000)
    page.locator("#jp-main-statusbar", has_text="Idle").wait_for(timeout=120_000)  # there is a kernel
    page.locator(".lm-MenuBar-itemLabel", has_text="Run").click()
    page.locator(".lm-Menu-itemLabel", has_text="Run All Cells").first.click()
    player = page.locator(".jp-OutputArea .chainrule-player[data-ready=true]").first
    player.wait_for(timeout=120_000)
    player.scroll_into_view_if_needed()
    press = player.get_by_role("button", name="next step")
    products = [product(step, part) for step in steps for part in step.contributions]
    shown = player.locator(".picture").inner_text()
    assert not any(text in shown for text in products)  # nothing is there before it is computed
    for i, step in enumerate(steps):
        press.click()
        shown = player.locator(".picture").inner_text()
        assert f"Step {i + 1} of {len(steps)}" in player.locator(".head").text_content()
        assert figure(step.gradient) in shown
        for part in step.contributions:
            assert product(step, part) in shown
    press.click()
    assert "complete" in player.locator(".head").text_content()
    page.screenshot(path=str(tmp_path / "player.png"))
    drawings = page.locator(".jp-OutputArea-output svg[role=img]")  # alive: the mouse finds their titles
    assert drawings.count() == 2
    for drawing in drawings.all():
        assert "A graph of 3 operations" in (drawing.get_attribute("aria-label") or "")
        room = drawing.evaluate("drawing => drawing.closest('.jp-OutputArea-output').clientWidth")
        assert drawing.bounding_box()["width"] <= room
    assert page.locator(".jp-OutputArea-output[data-mime-type*='error']").count() == 0
    page.close()
