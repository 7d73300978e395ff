"""The rules of the table in ONNX: right to a few units in the last place, near 0 and far out."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autograd import ops
from autograd.program import compile
from autograd.program.export.onnx.rules import NUMBERS

pytest.importorskip("onnx")
pytest.importorskip("onnxruntime")

from tests.support.onnx_models import run

NEAR = [0.0, 1e-12, 1e-5, 0.01, 0.25, 0.3, 0.5, 0.7, 0.75, 0.999, 1.0, 1.5, 2.0, 3.14, 4.711779448621554, 6.0, 7.5, 9.0]
FAR = {"float64": [18.0, 37.0, 100.0, 355.0, 700.0], "float32": [18.0, 37.0, 85.0]}
ULP = {"float64": 2.0**-52, "float32": 2.0**-23}
EXPONENTS = {ops.gelu: lambda a: 1 + a * a, ops.gelu_tanh: lambda a: 1 + abs(2 * a * (1 + 0.0447 * a * a))}
"""By how much more the result may be off where a rounded number is exponentiated, as exactness.md says."""


@pytest.mark.parametrize("dtype", ULP)
@pytest.mark.parametrize("rule", NUMBERS, ids=lambda rule: rule.name)
def test_a_rule_is_right_to_a_few_ulp(rule: Any, dtype: str, tmp_path: Path):
    numbers = [float(np.dtype(dtype).type(sign * x)) for x in NEAR + FAR[dtype] for sign in (1, -1)]
    others = [-3.5, -0.25, 0.5, 1.0, 2.0][:: 1 if len(rule.operands) == 2 else 2]
    points: list[tuple[float, ...]] = [(x,) for x in numbers]
    for _ in rule.operands[1:]:
        points = [(*p, y) for p in points for y in others]
    known = []
    for p in points * 3:  # many beside each other: onnxruntime computes those in another way than a few
        try:
            y = rule.forward(*p)
        except (ValueError, ZeroDivisionError):
            continue
        if math.isfinite(y) and (y == 0 or float(np.finfo(dtype).tiny) * 1e10 < abs(y) < float(np.finfo(dtype).max)):
            known.append((p, y))
    columns = [np.array(column) for column in zip(*[p for p, _ in known])]
    program = compile(lambda *xs: rule(*xs), dtype=dtype)
    program.to_onnx(tmp_path / "model.onnx", *columns, gradients=False)
    (found,) = run(tmp_path / "model.onnx", *columns, dtype=dtype)
    for (p, y), z in zip(known, found[:, 0].tolist()):
        bound = 5 * ULP[dtype] * EXPONENTS.get(rule, lambda a: 1)(p[0])
        assert abs(z - y) <= bound * abs(y), (p, y, z)
