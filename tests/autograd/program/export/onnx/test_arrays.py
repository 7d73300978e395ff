"""Operations on arrays in ONNX, those that models seldom need."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import autograd
from autograd import Value
from autograd.program import compile
from autograd.program.export.onnx.arrays import NODES
from autograd.program.ir import OPERATIONS
from tests.support.models import X, Y
from tests.support.pages import close, gradients

pytest.importorskip("onnx")
pytest.importorskip("onnxruntime")

from tests.support.onnx_models import run


def agrees(fn: Any, parameters: list[Value], tmp_path: Path, *batches: Any) -> None:
    program = compile(fn, parameters)
    program.to_onnx(tmp_path / "model.onnx", *batches)
    loss, expected = gradients(program, *batches)
    value, found = run(tmp_path / "model.onnx", *batches)
    assert value == pytest.approx(loss, rel=1e-12)
    assert close(found.tolist(), expected)


def test_every_operation_of_the_table_has_a_node():
    given = {"input", "vector", "captured"}
    assert {*OPERATIONS} - {"<", "<=", ">", ">=", "&", "|"} == {*NODES} | given


def test_a_table_of_each_example_is_looked_into(tmp_path: Path):
    w = Value(0.7)
    agrees(lambda x, i: autograd.take([w * x[0], x[1], w], i) * w, [w], tmp_path, X, np.array([0, 1, 2, 1, 0]))


def test_a_number_that_is_no_parameter_is_a_constant(tmp_path: Path):
    w, c = Value(0.7), Value(2.5)
    agrees(lambda x: c * w * x, [w], tmp_path, Y)


def test_a_loss_without_parameters_has_no_gradient(tmp_path: Path):
    program = compile(lambda x: x * x)
    program.to_onnx(tmp_path / "model.onnx", Y)
    assert run(tmp_path / "model.onnx", Y) == [pytest.approx(program(Y))]
