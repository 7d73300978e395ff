"""The programs that type checkers read also run, and use every public name.

The type checkers themselves are not called here: they are a step of their own, `mypy tests/typing/*_program.py` and
`pyright`, whose settings stand in pyproject.toml.
"""

from __future__ import annotations

import ast
from pathlib import Path
from types import FunctionType

import pytest

import autograd
import nn
from autograd import Value
from autograd.program import Program
from autograd.show import Drawing, Explanation, Steps
from tests.typing import results_program, user_program

OURS = {"record", "extend", "check", "specialization", "called"}
"""Public methods that one part of the packages calls of another; a user has no need of them."""


def _used() -> set[str]:
    """Every name that the user's program mentions: after a dot, imported, or alone."""
    nodes = list(ast.walk(ast.parse(Path(user_program.__file__).read_text(encoding="utf-8"))))
    names = {node.attr for node in nodes if isinstance(node, ast.Attribute)}
    names |= {alias.name for node in nodes if isinstance(node, ast.ImportFrom) for alias in node.names}
    return names | {node.id for node in nodes if isinstance(node, ast.Name)}


@pytest.mark.slow
def test_the_program_of_a_user_runs(tmp_path):
    user_program.main(tmp_path)
    written = {path.name for path in tmp_path.iterdir()}
    assert {"graph.svg", "graph.dot", "backward.html", "model.json", "history.png", "norms.png"} <= written


@pytest.mark.parametrize("name", [name for name, x in vars(results_program).items() if isinstance(x, FunctionType)])
def test_what_has_a_type_runs(name):
    if name != "assert_type":
        vars(results_program)[name]()


@pytest.mark.parametrize("package", [autograd, nn], ids=lambda package: package.__name__)
def test_it_uses_every_public_name(package):
    assert not set(package.__all__) - _used()


@pytest.mark.parametrize("module", [nn.data, nn.diagnostics, nn.init, nn.schedules], ids=lambda m: m.__name__)
def test_it_uses_every_public_function_of(module):
    own = {n for n, x in vars(module).items() if isinstance(x, FunctionType) and x.__module__ == module.__name__}
    assert not {name for name in own if not name.startswith("_")} - _used()


@pytest.mark.parametrize(
    "cls", [Value, nn.Module, nn.Optimizer, nn.Schedule, nn.History, Program, Drawing, Steps, Explanation]
)
def test_it_uses_every_public_method_and_property_of(cls):
    own = {n for n, x in vars(cls).items() if isinstance(x, (FunctionType, property)) and not n.startswith("_")}
    assert not own - OURS - _used()
