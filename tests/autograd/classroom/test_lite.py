"""The JupyterLite site: what lies beside it, and that its notebooks draw with no request to elsewhere.

The test in a browser needs the extra `jupyterlite`, which the extra `dev` hasn't: building the site and starting its
kernel takes half a minute.
"""

from __future__ import annotations

import functools
import hashlib
import http.server
import io
import json
import os
import threading
import zipfile

import pytest

import autograd
from autograd.classroom import building, lite

LOCK = {
    name: {
        "name": name,
        "version": "1.0",
        "depends": depends,
        "file_name": f"{name}-1.0-py3-none-any.whl",
        "sha256": "0",
    }
    for name, depends in {**{name: ["six"] for name in lite.KERNEL}, "six": [], "numpy": []}.items()
}


@pytest.fixture
def project():
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name in ("autograd/__init__.py", "graphviz/__init__.py"):
            archive.writestr(name, "")
    return buffer.getvalue()


def test_the_kernel_finds_its_wheels_and_ours_beside_it_and_all_else_where_it_is_published(
    tmp_path, project, monkeypatch
):
    def fetched(command, wrong, folder):
        for wanted in command[command.index(tmp_path) + 1 :]:
            (tmp_path / f"{wanted.replace('==', '-')}-py3-none-any.whl").write_bytes(wanted.encode())

    monkeypatch.setattr(lite, "_run", fetched)
    packages = json.loads(json.dumps(LOCK))
    lite._lock(packages, project, tmp_path, "https://published.invalid/")
    assert packages["numpy"]["file_name"] == "https://published.invalid/numpy-1.0-py3-none-any.whl"
    for name in (*lite.KERNEL, *lite.BESIDES, "six", "chainrule"):
        wheel = tmp_path / packages[name]["file_name"]
        assert packages[name]["sha256"] == hashlib.sha256(wheel.read_bytes()).hexdigest()
    assert packages["chainrule"]["imports"] == ["autograd", "nn"]
    assert packages["chainrule"]["depends"] == ["graphviz"]


def test_our_wheel_has_our_packages_alone(project):
    wheel = zipfile.ZipFile(io.BytesIO(lite._wheel(project, "1.0")))
    assert [name for name in wheel.namelist() if ".dist-info/" not in name] == ["autograd/__init__.py"]
    assert b"Name: chainrule\nVersion: 1.0\n" in wheel.read("chainrule-1.0.dist-info/METADATA")


def test_without_jupyterlite_the_extra_is_named(tmp_path, monkeypatch):
    monkeypatch.setattr(lite, "find_spec", lambda name: None)
    with pytest.raises(ImportError, match=r"pip install .*\[jupyterlite\]'"):
        lite.site(tmp_path, {}, tmp_path, "1.0")


DRAW = """
from autograd import Value, draw
a, b = Value(2.0, label="a"), Value(1.0, label="b")
e = (a + b) * (b + 1)
e.backward()
draw(e)
"""


@pytest.mark.browser
@pytest.mark.slow
def test_a_notebook_runs_and_draws_and_no_request_leaves_the_site(browser, tmp_path):
    pytest.importorskip("jupyterlite_pyodide_kernel")
    modules = os.environ.get("AUTOGRAD_NODE_MODULES")
    building.build(tmp_path, modules, building.own_notebooks(), jupyterlite=True)
    handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=str(tmp_path / "jupyterlite"))
    handler.func.log_message = lambda *arguments: None  # type: ignore[attr-defined]
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    base = f"http://127.0.0.1:{server.server_port}/"
    asked = []
    page = browser.new_page()
    page.context.on("request", lambda request: asked.append(request.url))
    try:
        page.goto(f"{base}lab/index.html?path=01_the_chain_rule.ipynb")
        cell = page.locator(".jp-Notebook .jp-CodeCell").first
        cell.locator(".cm-content").click(timeout=60_000)
        page.keyboard.press("Control+A")
        page.keyboard.insert_text(DRAW)
        page.keyboard.press("Shift+Enter")
        drawn = cell.locator(".jp-OutputArea-output svg, .jp-OutputArea-output img").first
        drawn.wait_for(timeout=120_000)
        assert "grad" in cell.locator(".jp-OutputArea").inner_text()
        assert [url for url in asked if not url.startswith((base, "blob:", "data:"))] == []
        assert any(f"chainrule-{autograd.__version__}" in url for url in asked)
    finally:
        page.close()
        server.shutdown()
        server.server_close()
