"""What is built: the same bytes from the same sources, and a sentence where it can't be."""

from __future__ import annotations

import gzip
import io
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from autograd.__main__ import main
from autograd.basics.extras import installing
from autograd.classroom import building, command, lite
from autograd.classroom.building import build


@pytest.fixture
def modules(tmp_path, monkeypatch):
    """A folder node_modules whose files say their names; nothing is compiled by them."""
    monkeypatch.setattr(building, "_compiled", lambda pyodide, archives, folder: archives)
    for path in building._FILES.values():
        (tmp_path / "modules" / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "modules" / path).write_text(path)
    return tmp_path / "modules"


def test_the_command_builds_a_folder_and_a_file(modules, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(command, "own_notebooks", lambda: None)
    out = tmp_path / "room"
    assert main(["classroom", "--out", str(out), "--modules", str(modules)]) == 0
    said = capsys.readouterr().out
    assert str(out / "classroom.html") in said
    assert "no notebooks are installed" in said
    assert {x.name for x in (out / "files").iterdir()} == {f"{name}.gz" for name in (*building._FILES, "project.zip")}
    served, single = ((out / name).read_text() for name in ("index.html", "classroom.html"))
    assert "connect-src 'self'" in served
    assert "connect-src" not in single
    assert "{{" not in single.replace("{{{", "")


def test_the_notebooks_of_the_project_are_found_beside_the_package():
    assert building.own_notebooks() == Path(__file__).parents[3] / "notebooks"


def test_the_same_sources_give_the_same_page(modules, tmp_path):
    first, second = (build(tmp_path / name, modules)[1].read_bytes() for name in ("one", "two"))
    assert first == second


def test_the_page_carries_both_packages_and_what_they_need(modules, tmp_path):
    build(tmp_path, modules)
    archive = gzip.decompress((tmp_path / "files/project.zip.gz").read_bytes())
    names = zipfile.ZipFile(io.BytesIO(archive)).namelist()
    assert {"autograd/ops.py", "nn/module.py", "graphviz/__init__.py", "autograd/show/page/page.css"} <= {*names}


def test_without_npm_the_extra_is_named(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(building.shutil, "which", lambda name: None)
    monkeypatch.setattr(building, "find_spec", lambda name: None)
    assert main(["classroom", "--out", str(tmp_path)]) == 2
    assert installing("classroom") in capsys.readouterr().err


@pytest.mark.parametrize(
    ("lacks", "extra", "options"),
    [("latex2mathml", "classroom", {}), ("jupyterlite_core", "jupyterlite", {"jupyterlite": True})],
)
def test_what_the_course_or_its_site_lacks_is_told_before_anything_is_fetched(
    monkeypatch, tmp_path, lacks, extra, options
):
    def fetched(folder):
        pytest.fail("something was fetched")

    monkeypatch.setattr(building, "_fetched", fetched)
    monkeypatch.setitem(sys.modules, f"{lacks}.converter", None)
    monkeypatch.setattr(lite, "find_spec", {}.get)
    with pytest.raises(ImportError, match=f"needs {lacks}.*, which comes with.*{extra}"):
        build(tmp_path / "room", notebooks=building.own_notebooks(), **options)
    assert not (tmp_path / "room").exists()


def test_what_npm_complains_about_is_told(monkeypatch, tmp_path):
    monkeypatch.setattr(building.shutil, "which", lambda name: "npm")
    failed = subprocess.CompletedProcess([], 1, "", "no such package")
    monkeypatch.setattr(building.subprocess, "run", lambda *arguments, **options: failed)
    with pytest.raises(RuntimeError, match=r"npm could not fetch pyodide@.*: no such package$"):
        build(tmp_path)


def test_classroom_is_still_a_name_in_an_expression(capsys):
    assert main(["classroom", "classroom=3"]) == 0
    assert capsys.readouterr().out.startswith("classroom = 3.0")
