"""Tensors with the operators of Python."""

from __future__ import annotations

import numpy as np
import pytest

onnx = pytest.importorskip("onnx")

from autograd.program.export.onnx.tensors import Graph, Tensor  # noqa: E402


def test_arithmetic_adds_nodes_and_constants_each_once():
    graph = Graph("float32")
    x = Tensor(graph, "x")
    y = (x + 1.0) * (x + 1.0) - 2.0 / x
    assert [node.op_type for node in graph.nodes] == ["Add", "Mul", "Div", "Sub"]
    assert y.name == graph.nodes[-1].output[0]
    assert len({node.name for node in graph.nodes} - {""}) == 4
    assert [array.dtype for _, array in graph.constants.values()] == [np.float32] * 2


def test_zeros_of_both_signs_are_two_constants():
    graph = Graph("float64")
    assert graph.tensor(0.0).name != graph.tensor(-0.0).name
