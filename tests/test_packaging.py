"""What a wheel is made of: the kernel is pure Python, or compiled where that is asked for and possible."""

from __future__ import annotations

import importlib.util
import os
import re
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


def test_a_wheel_has_the_version_and_is_for_all_machines_unless_a_compiled_one_is_asked_for(tmp_path):
    assert backend().get_requires_for_build_wheel() == []
    assert autograd.__version__ == nn.__version__
    assert backend().build_wheel(str(tmp_path)) == f"chainrule-{autograd.__version__}-py3-none-any.whl"


def test_without_a_compiler_the_wheel_is_pure_python(monkeypatch, tmp_path):
    monkeypatch.setenv("CHAINRULE_KERNEL", "auto")
    monkeypatch.setenv("CC", "no-such-compiler -O2")
    assert backend().get_requires_for_build_wheel() == []
    assert backend().build_wheel(str(tmp_path)).endswith("-py3-none-any.whl")


def built(version: str = "standard") -> dict[str, Any]:
    """What the hook that compiles the kernel adds to a wheel, if the kernel is one small file."""
    kernel = {"kernel": ["autograd/special.py"]}
    added: dict[str, Any] = {"force_include": {}}
    backend().Kernel(".", kernel, None, None, "", "wheel").initialize(version, added)
    return added


def test_where_the_compiler_fails_the_wheel_is_pure_python_and_says_why(monkeypatch, capfd):
    monkeypatch.setenv("CHAINRULE_KERNEL", "auto")
    monkeypatch.setenv("CC", "false")
    assert built() == {"force_include": {}}
    assert "the kernel stays pure Python: it was not compiled" in capfd.readouterr().err


def test_a_kernel_that_was_asked_for_must_compile(monkeypatch):
    monkeypatch.setenv("CC", "false")
    monkeypatch.setenv("CHAINRULE_KERNEL", "compiled")
    with pytest.raises((Exception, SystemExit)):
        built()


def test_an_unknown_kernel_is_refused(monkeypatch):
    monkeypatch.setenv("CHAINRULE_KERNEL", "fast")
    with pytest.raises(SystemExit, match="CHAINRULE_KERNEL must be pure, auto or compiled, got 'fast'"):
        backend()


def test_an_editable_installation_needs_no_compiler_and_compiles_nothing(monkeypatch):
    monkeypatch.setenv("CHAINRULE_KERNEL", "compiled")
    assert not re.findall("mypy|setuptools", " ".join(backend().get_requires_for_build_editable()))
    assert built("editable") == {"force_include": {}}


def test_the_kernel_is_of_files_that_are_there():
    tomllib = pytest.importorskip("tomllib", reason="Python 3.10 reads no TOML")
    project = tomllib.loads(Path("pyproject.toml").read_text(encoding="utf-8"))
    kernel = project["tool"]["hatch"]["build"]["targets"]["wheel"]["hooks"]["custom"]["kernel"]
    assert [path for path in kernel if not Path(path).is_file()] == []
