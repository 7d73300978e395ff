"""ONNX models that programs were written to, run by onnxruntime."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np


def run(path: Path, *batches: Any, dtype: str = "float64", parameters: Sequence[float] | None = None) -> list[Any]:
    """What the model returns: the loss and the gradient, or the outputs."""
    import onnxruntime

    onnxruntime.set_default_logger_severity(3)  # else it says of each model that its parameters can be given anew
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1  # others would wait for work, and take the time of the tests beside these
    session = onnxruntime.InferenceSession(path.read_bytes(), options, providers=["CPUExecutionProvider"])
    names = [x.name for x in session.get_inputs() if x.name != "parameters"]
    assert len(names) == len(batches)
    given = {name: np.asarray(batch, dtype) for name, batch in zip(names, batches)}
    if parameters is not None:
        given["parameters"] = np.asarray(parameters, dtype)
    return list(session.run(None, given))
