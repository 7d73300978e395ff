#!/usr/bin/env bash
# onnxruntime: a valid model with two reciprocals that are multiplied is refused; its optimizer has lost one of them.
#
# Guess: what onnx.checker calls valid, and onnxruntime runs unoptimized, it runs with its usual optimizations, too.
# What happens: of y = (1/x) x + (1/x) (1/|x|) the optimizer makes x / x and the like; then the node of 1/x is gone, though
# it is read yet: "Invalid model. Node input 'r' is not a graph input, initializer, or output of a previous node".
# Documented: https://onnxruntime.ai/docs/performance/model-optimizations/graph-optimizations.html lists "Div Mul Fusion"
# among the basic optimizations, which "preserve the semantics" of the model.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/environment"
"$folder/environment/bin/pip" install -q --disable-pip-version-check numpy onnx==1.23.2 onnxruntime==1.23.2
"$folder/environment/bin/python" - <<'PROGRAM'
import sys

import numpy as np
import onnxruntime
from onnx import TensorProto, checker, helper, numpy_helper

print("onnxruntime", onnxruntime.__version__)
nodes = [
    ("Abs", ["x"], ["z"]),
    ("Div", ["one", "x"], ["r"]),
    ("Mul", ["r", "x"], ["a"]),
    ("Div", ["one", "z"], ["s"]),
    ("Mul", ["r", "s"], ["b"]),
    ("Add", ["a", "b"], ["y"]),
]
shapes = [helper.make_tensor_value_info(name, TensorProto.FLOAT, [1]) for name in ("x", "y")]
one = numpy_helper.from_array(np.array(1.0, np.float32), "one")
graph = helper.make_graph([helper.make_node(*node) for node in nodes], "g", shapes[:1], shapes[1:], [one])
model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=8)
checker.check_model(model, full_check=True)


def run(level):
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    options.graph_optimization_level = level
    session = onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    return float(session.run(None, {"x": np.array([4.0], np.float32)})[0][0])


levels = onnxruntime.GraphOptimizationLevel
print("the guess: 1.0625 with and without optimizations")
plain = run(levels.ORT_DISABLE_ALL)
print("without:", plain)
try:
    print("with the basic ones:", run(levels.ORT_ENABLE_BASIC))
    refused = False
except Exception as error:
    print("with the basic ones:", error)
    refused = "Node input 'r' is not a graph input" in str(error)
sys.exit(0 if plain == 1.0625 and refused else 1)
PROGRAM
