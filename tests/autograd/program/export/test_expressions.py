"""How each operation is written in NumPy: every rule of the table on a page."""

from __future__ import annotations

from typing import Any

import pytest

import autograd
from autograd import Value, ops
from autograd.program import compile, idioms
from autograd.program.export import expressions
from tests.properties import test_compiled_programs as random_programs
from tests.support.models import X, Y
from tests.support.pages import page_agrees


@pytest.mark.parametrize("name", [*ops.RULES, *random_programs.FUNCTIONS])
def test_every_rule_can_be_on_a_page_for_rows_of_inputs_and_of_parameters(name: str):
    wide = random_programs.Step(name, [("input", 0), ("parameter", 0), ("input", 1), ("parameter", 1), 0.5], 2, 3)
    narrow = random_programs.Step(
        name, [("parameter", 1), ("parameter", 0), ("parameter", 3), 2, ("parameter", 2)], 3, 2
    )
    numbers = [Value(x) for x in (0.3, -0.7, 1.1, 0.9)]

    def loss(x: Any, z: float) -> Any:
        return autograd.sum(random_programs.run([wide, narrow], numbers, [], [x, z])[:5])

    page_agrees(compile(loss, numbers), X[:2] * 0.5 + 0.3, Y[:2])


def test_every_group_of_operations_that_equations_name_has_a_function_on_a_page():
    assert {text for _, text, _ in idioms._IDIOMS} == {*expressions.IDIOMS, "sign(#1)"}
