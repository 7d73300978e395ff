"""The order of the house: imports run one way, private names stay in their folder, files are short, tests mirror them.

What is against the plan, and where: `python -m tests.support.house`.
"""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from autograd import compiled_kernel
from tests import mutants
from tests.support.house import CHECKS, LESSON, House, circles

ROOT = Path(__file__).resolve().parents[1]

CHEAP = {
    "__future__", "_collections", "_collections_abc", "_contextvars", "_functools", "_locale", "_operator", "_sre",
    "_stat", "_typing", "_weakrefset", "autograd", "collections", "contextlib", "contextvars", "copyreg", "enum",
    "functools", "genericpath", "itertools", "keyword", "math", "numbers", "operator", "os", "posixpath", "re",
    "reprlib", "sre_compile", "sre_constants", "sre_parse", "stat", "threading", "types", "typing", "warnings",
}  # fmt: skip
"""What `import autograd` may load: packages of the standard library that are quick to load, on any Python."""

COMPILED = {"chainrule__mypyc", "importlib"} if compiled_kernel else set()
"""What it loads besides where the kernel is compiled: its library, and what finds that."""


@pytest.fixture(scope="module")
def house() -> House:
    return House(ROOT)


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_the_house_is_in_order(house, check):
    assert check(house) == []


def test_a_compiler_of_python_can_read_the_lesson(house):
    """No attribute appears by `setattr`, and no object without its `__init__` but by the `__new__` of its class."""
    for path in LESSON:
        used = [ast.unparse(node) for node in ast.walk(house.tree[path]) if isinstance(node, (ast.Name, ast.Attribute))]
        assert not {"object.__new__", "setattr", "object.__setattr__"} & {*used}, path


def loaded(package: str) -> set[str]:
    """The modules that an import loads in a Python that has loaded nothing else."""
    program = f"""
import sys
sys.path.insert(0, {str(ROOT)!r})
before = set(sys.modules)
import {package}
print(*set(sys.modules) - before)
"""
    # -S: what an environment loads at the start of each Python would be there already
    run = subprocess.run([sys.executable, "-I", "-S", "-c", program], capture_output=True, text=True, check=True)
    return set(run.stdout.split())


def test_importing_the_engine_loads_nothing_that_takes_long():
    assert {name.partition(".")[0] for name in loaded("autograd")} <= CHEAP | COMPILED


def test_importing_networks_loads_no_compiler_and_nothing_that_must_be_installed():
    names = loaded("nn")
    assert not [name for name in names if name.startswith("autograd.program")]
    assert {name.partition(".")[0] for name in names} <= {"autograd", "nn", *COMPILED, *sys.stdlib_module_names}


def test_links_lead_somewhere():
    """From page to page, and from notebook to notebook."""
    folders = ("", ".github/", "findings/", "notebooks/", "autograd/**/", "nn/**/", "tests/**/")
    texts = {path: path.read_text(encoding="utf-8") for folder in folders for path in ROOT.glob(f"{folder}*.md")}
    for path in (ROOT / "notebooks").glob("*.ipynb"):
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        texts[path] = "\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown")
    for path, text in texts.items():
        for link in re.findall(r"\]\(([^)#:\s]+\.\w+)\)", text):
            assert (path.parent / link).exists(), f"{path.name} links to {link}"


def test_the_mutants_are_of_files_that_are_there_and_meet_tests_that_are_there():
    named = {*mutants.TESTS, *(test for tests in mutants.TESTS.values() for test in tests)}
    assert [name for name in named if not (ROOT / name).exists()] == []


def test_each_equivalent_mutant_speaks_of_a_line_that_is_there():
    pytest.importorskip("tomllib", reason="Python 3.10 reads no TOML")
    assert mutants.outdated() == []


# The checks notice what they look for


def made(folder: Path, files: dict[str, str]) -> House:
    """A house of these files."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return House(folder)


def test_circles_are_found_whatever_their_length():
    assert circles([("a", "b"), ("b", "c"), ("c", "d"), ("c", "a"), ("e", "a")]) == [["a", "b", "c"]]
    assert circles([("a", "b"), ("b", "a"), ("b", "c"), ("c", "d"), ("d", "c")]) == [["a", "b"], ["c", "d"]]
    assert circles([("a", "b"), ("a", "c"), ("b", "c")]) == []


@pytest.mark.parametrize(
    "line",
    [
        "from .value import Value",
        "from autograd.value import Value",
        "import autograd.value",
        "from . import value",
        "def late():\n    from .value import Value",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from .value import Value",
    ],
)
def test_files_that_import_each_other_are_found(tmp_path, line):
    files = {"autograd/value.py": "from .graph import walk\nclass Value: pass", "autograd/graph.py": line}
    assert made(tmp_path, files).circles_of_files() == ["autograd/graph.py, autograd/value.py"]


@pytest.mark.parametrize("line", ["from .value import Value", "from .value import *", "from .room import Value"])
def test_a_name_is_followed_through_the_doors_that_hand_it_on(tmp_path, line):
    files = {
        "autograd/__init__.py": line,
        "autograd/room/__init__.py": "from ..value import Value",
        "autograd/value.py": "from .graph import walk\nclass Value: pass",
        "autograd/graph.py": "from autograd import Value",
    }
    assert made(tmp_path, files).circles_of_files() == ["autograd/graph.py, autograd/value.py"]


def test_rooms_that_import_each_other_are_found(tmp_path):
    files = {
        "nn/module.py": "from .layers.neuron import Neuron",
        "nn/checks.py": "",
        "nn/layers/neuron.py": "from ..checks import size",
        "nn/layers/recurrent/cell.py": "from ..neuron import Neuron",  # within one room
        "nn/layers/names.py": "from .recurrent.cell import Cell",
    }
    (found,) = made(tmp_path, files).circles_of_folders()
    assert found.splitlines() == [
        "nn, nn/layers",
        "    nn/layers/neuron.py:1 imports size of nn/checks.py",
        "    nn/module.py:1 imports Neuron of nn/layers/neuron.py",
    ]


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("from .near import _walk", None),
        ("from .far.value import _node", "nn/a.py:1 imports _node of nn/far/value.py"),
        ("value._node()", "nn/a.py:1 uses value._node, private to nn/far"),
        ("x = v._slot", "nn/a.py:1 uses v._slot, private to nn/far"),
        ("v._attribute = 1", "nn/a.py:1 uses v._attribute, private to nn/far"),
        ("v._method()", "nn/a.py:1 uses v._method, private to nn/far"),
        ("getattr(v, '_method')", "nn/a.py:1 uses getattr(v, '_method'), private to nn/far"),
        ("v._field", "nn/a.py:1 uses v._field, private to nn/far"),
        ("v._near, v._replace, v.__class__, v._repr_html_, v._of_another_package", None),
        ("v._near = 1", None),
    ],
)
def test_a_private_name_that_leaves_its_folder_is_found(tmp_path, line, found):
    value = """
class Value:
    __slots__ = ("_slot", "_near")
    _field: int = 0
    def _method(self): self._attribute = 1
    def _replace(self): pass
    def _repr_html_(self): pass
def _node(): pass
"""
    near = "class Near:\n    def __init__(self): self._near = 1"
    house = made(tmp_path, {"nn/far/value.py": value, "nn/near.py": near, "nn/a.py": line})
    assert house.private_names() == ([found] if found else [])


def test_long_files_and_files_without_a_test_are_found(tmp_path):
    files = {
        "autograd/program/lower.py": "x = 1\n" * 350,
        "autograd/program/engines/numpy/emit.py": "x = 1\n" * 351,
        "autograd/program/__init__.py": "",
        "tests/autograd/program/test_lower.py": "",
        "tests/autograd/programs/test_lower.py": "",
    }
    house = made(tmp_path, files)
    assert house.long_files() == ["autograd/program/engines/numpy/emit.py has 351 lines, 1 too many"]
    test = "tests/autograd/program/engines/numpy/test_emit.py"
    assert house.files_without_a_test() == [f"autograd/program/engines/numpy/emit.py has no {test}"]
    assert house.folders_of_tests_that_mirror_none() == ["tests/autograd/programs"]


def test_a_lesson_that_is_too_long_is_found(tmp_path):
    house = made(tmp_path, {"autograd/value.py": "x = 1\n" * 300, "autograd/graph.py": "x = 1\n" * 301})
    assert house.a_lesson_that_is_too_long() == [
        "autograd/graph.py has 301 of 601 lines",
        "autograd/value.py has 300 of 601 lines",
    ]


def test_words_about_a_file_that_is_gone_are_found(tmp_path):
    files = {"nn/a.py": '"""What b.py does not do,\nnor nn/c.py."""', "nn/b.py": ""}
    assert made(tmp_path, files).names_of_files_that_are_gone() == ["nn/a.py:2 speaks of c.py"]
