#!/usr/bin/env bash
# onnxruntime: Sigmoid is right to an absolute error only, and 0 where the true value is far from it.
#
# Guess: Sigmoid gives σ(x) = 1 / (1 + e⁻ˣ) to a few units in the last place, as log, exp and tanh are.
# What happens: in single precision σ(-17) is 2.2 times too large and σ(-18) = 1.5e-8 is 0; in double precision σ(-30) is off
# by 0.1 % and σ(-37) = 8.5e-17 is 0. So the logarithm of it is -inf, and a loss made of that infinite.
# Documented: https://onnx.ai/onnx/operators/onnx__Sigmoid.html defines y = 1 / (1 + exp(-x)), and says nothing of the error.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/environment"
"$folder/environment/bin/pip" install -q --disable-pip-version-check numpy onnx==1.23.2 onnxruntime==1.23.2
"$folder/environment/bin/python" - <<'PROGRAM'
import math
import sys

import numpy as np
import onnxruntime
from onnx import TensorProto, helper

print("onnxruntime", onnxruntime.__version__)


def sigmoid(x, kind):
    shapes = [helper.make_tensor_value_info(name, kind, [1]) for name in ("x", "y")]
    graph = helper.make_graph([helper.make_node("Sigmoid", ["x"], ["y"])], "g", shapes[:1], shapes[1:])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=8)
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    return float(session.run(None, {"x": np.array([x], helper.tensor_dtype_to_np_dtype(kind))})[0][0])


print("the guess: a few units in the last place")
found = {}
for name, kind, x in (("single", TensorProto.FLOAT, -17.0), ("single", TensorProto.FLOAT, -18.0),
                      ("double", TensorProto.DOUBLE, -30.0), ("double", TensorProto.DOUBLE, -37.0)):
    found[x] = sigmoid(x, kind) * (1 + math.exp(-x))
    print(f"{name} precision: sigmoid({x}) is {found[x]:.4f} times the true value")
as_told = found[-17.0] > 2 and found[-18.0] == 0.0 == found[-37.0] and 1e-4 < abs(found[-30.0] - 1) < 1e-2
sys.exit(0 if as_told else 1)
PROGRAM
