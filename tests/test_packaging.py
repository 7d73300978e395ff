"""What a wheel is made of: the kernel is pure Python, or compiled where that is asked for and possible."""

from __future__ import annotations

import importlib.util
import os
import re
import subprocess
import sys
import sysconfig
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import autograd
import nn

pytest.importorskip("hatchling")

BACKEND = Path(__file__).resolve().parents[1] / ".build" / "backend.py"


@pytest.fixture(autouse=True)
def _a_process_of_its_own(monkeypatch):
    monkeypatch.chdir(BACKEND.parents[1])
    for name in ("CC", "CHAINRULE_KERNEL"):
        monkeypatch.delenv(name, raising=False)


def backend() -> ModuleType:
    """The build backend, as a process that begins now loads it."""
    spec = importlib.util.spec_from_file_location("backend", BACKEND)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


KERNEL_OF_THIS_RUN = os.environ.get("CHAINRULE_KERNEL")


def test_the_tests_run_on_the_kernel_that_was_asked_for():
    assert autograd.compiled_kernel == (KERNEL_OF_THIS_RUN == "compiled")


def test_a_pure_wheel_has_the_version_is_for_all_machines_and_imported_from_as_it_is(monkeypatch, tmp_path):
    monkeypatch.setenv("CHAINRULE_KERNEL", "pure")
    assert backend().get_requires_for_build_wheel() == []
    assert autograd.__version__ == nn.__version__
    wheel = backend().build_wheel(str(tmp_path))
    assert wheel == f"chainrule-{autograd.__version__}-py3-none-any.whl"
    # Python can import from it as it is, a zip file, also the rules that an optimizer reads from their source
    code = "import nn, autograd; print(nn.SGD([autograd.Value(1.0)], lr=0.5).update(1, 1.0, 0.5, 0.0), nn.__file__)"
    run = [sys.executable, "-c", code]
    found = subprocess.run(
        run, env=os.environ | {"PYTHONPATH": wheel}, cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert found.stdout.startswith("(0.75, 0.0)")
    assert wheel in found.stdout


def test_the_changelog_begins_with_this_version_and_its_date():
    text = Path(".github/CHANGELOG.md").read_text(encoding="utf-8")
    assert re.match(rf"# Changelog\n\n## {re.escape(autograd.__version__)}, \d{{4}}-\d\d-\d\d\n", text)


def test_without_a_compiler_the_wheel_is_pure_python(monkeypatch, tmp_path):
    monkeypatch.setenv("CC", "no-such-compiler -O2")
    assert backend().get_requires_for_build_wheel() == []
    assert backend().build_wheel(str(tmp_path)).endswith("-py3-none-any.whl")


def test_without_the_headers_of_python_the_wheel_is_pure_python(monkeypatch, tmp_path):
    monkeypatch.setattr(sysconfig, "get_path", lambda name: str(tmp_path))
    assert os.name == "nt" or not backend().compiles()


def test_with_a_compiler_a_wheel_asks_for_what_compiles_the_kernel(monkeypatch):
    module = backend()
    monkeypatch.setattr(module, "compiler", lambda: True)
    needed = " ".join(module.get_requires_for_build_wheel())
    assert bool(re.search("mypy.*setuptools", needed)) == (sys.implementation.name == "cpython")


@pytest.fixture
def built(monkeypatch, tmp_path):
    """What the hook that compiles the kernel adds to a wheel, if the kernel is two small files."""
    monkeypatch.chdir(tmp_path)
    for name in ("one.py", "other.py"):
        Path(name).write_text("def double(x: float) -> float:\n    return 2 * x\n", encoding="utf-8")
    kernel, added = {"kernel": ["one.py", "other.py"]}, {"force_include": {}}

    def build(version: str = "standard", **constants: float) -> dict[str, Any]:
        module = backend()
        for name, x in constants.items():
            setattr(module, name, x)
        monkeypatch.setattr(module, "compiler", lambda: True)
        module.Kernel(".", kernel, None, None, "", "wheel").initialize(version, added)
        return added

    return build


def test_where_the_compiler_fails_the_wheel_is_pure_python_and_says_why(built, monkeypatch, capfd):
    monkeypatch.setenv("CC", "false")
    assert built() == {"force_include": {}}
    assert "the kernel stays pure Python: it was not compiled (what the compiler says " in capfd.readouterr().err


def test_a_compiler_that_takes_too_long_is_ended_and_the_wheel_is_pure_python(built, capfd):
    assert built(PATIENCE=0.01) == {"force_include": {}}
    assert "it was not compiled (that took more than 0.01 s)" in capfd.readouterr().err


def test_a_kernel_that_was_asked_for_must_compile(built, monkeypatch):
    monkeypatch.setenv("CC", "false")
    monkeypatch.setenv("CHAINRULE_KERNEL", "compiled")
    with pytest.raises(RuntimeError, match="what the compiler says stands above"):
        built(PATIENCE=0.0)


def test_an_unknown_kernel_is_refused(monkeypatch):
    monkeypatch.setenv("CHAINRULE_KERNEL", "fast")
    with pytest.raises(SystemExit, match="CHAINRULE_KERNEL must be pure, auto or compiled, got 'fast'"):
        backend()


def test_an_editable_installation_needs_no_compiler_and_compiles_nothing(built, monkeypatch):
    monkeypatch.setenv("CHAINRULE_KERNEL", "compiled")
    assert not re.findall("mypy|setuptools", " ".join(backend().get_requires_for_build_editable()))
    assert built("editable") == {"force_include": {}}


def test_the_kernel_is_of_files_that_are_there():
    tomllib = pytest.importorskip("tomllib", reason="Python 3.10 reads no TOML")
    project = tomllib.loads(Path("pyproject.toml").read_text(encoding="utf-8"))
    kernel = project["tool"]["hatch"]["build"]["targets"]["wheel"]["hooks"]["custom"]["kernel"]
    assert [path for path in kernel if not Path(path).is_file()] == []
