"""program.to_onnx(): models that onnxruntime runs, for any number of examples, as exactly as the engine."""

from __future__ import annotations

import builtins
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, assume, given, settings

import autograd
import nn
from autograd import Value
from autograd.program import compile
from autograd.program.tracing.trace import TraceError
from tests.properties import test_compiled_programs as random_programs
from tests.support import examples
from tests.support.models import CASES, X, Y, mlp
from tests.support.pages import close, gradients

onnx = pytest.importorskip("onnx")
onnxruntime = pytest.importorskip("onnxruntime")

from tests.support.onnx_models import run  # noqa: E402

TOLERANCES = {"float64": 1e-12, "float32": 1e-6}
"""What onnxruntime and the engine may differ by, as a share of the largest gradient."""


@pytest.mark.parametrize("dtype", TOLERANCES)
@pytest.mark.parametrize("name", CASES)
def test_a_model_gives_the_loss_and_the_gradient_of_the_engine(name: str, dtype: str, tmp_path: Path):
    program, batches = CASES[name](dtype=dtype)
    program.to_onnx(tmp_path / "model.onnx", *batches)
    for n in (5, 1):
        given = [batch[:n] for batch in batches]
        loss, expected = gradients(program, *given)
        value, found = run(tmp_path / "model.onnx", *given, dtype=dtype)
        assert value == pytest.approx(loss, rel=TOLERANCES[dtype])
        assert close(found.tolist(), expected, TOLERANCES[dtype])


def test_without_gradients_a_model_gives_what_the_function_returns_for_each_example(tmp_path: Path):
    model = nn.MLP(2, [3, 2], activation="gelu", seed=1)
    program = compile(lambda x: [*model(x), 1.5, model.parameters()[0]], model.parameters())
    program.to_onnx(tmp_path / "model.onnx", X, gradients=False)
    (outputs,) = run(tmp_path / "model.onnx", X)
    assert outputs.tolist() == [pytest.approx(row, rel=1e-12) for row in program.map(X)]


def test_the_parameters_are_an_input_that_has_their_present_numbers(tmp_path: Path):
    program, batches = mlp("tanh")
    program.to_onnx(tmp_path / "model.onnx", *batches)
    before = run(tmp_path / "model.onnx", *batches)
    for p in program.parameters:
        p.data *= 1.5
    loss, expected = gradients(program, *batches)
    value, found = run(tmp_path / "model.onnx", *batches, parameters=[p.data for p in program.parameters])
    assert before[0] != value == pytest.approx(loss, rel=1e-12)
    assert close(found.tolist(), expected)


def test_the_training_inside_of_onnxruntime_in_the_readme_is_training_with_sgd(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """The model with one more node, parameters - 0.1 gradient, is a step whose result the next step is given."""
    readme = Path(autograd.__file__).with_name("README.md")
    blocks = re.findall(r"```python\n(.*?)```", readme.read_text(encoding="utf-8"), re.DOTALL)
    (example,) = [block for block in blocks if "to_onnx" in block]
    model = nn.MLP(1, [4, 1], activation="tanh", seed=1)
    program = compile(lambda x, t: 0.5 * (model(x) - t) ** 2, model.parameters())
    xs = [i / 10 for i in range(-20, 21)]
    program(xs, np.sin(xs))
    monkeypatch.chdir(tmp_path)
    exec(builtins.compile(example, "README.md", "exec"), found := {"program": program, "xs": xs})
    optimizer = nn.SGD(program.parameters, lr=0.1)
    for _ in range(100):
        optimizer.zero_grad()
        loss = program(xs, np.sin(xs))
        optimizer.step()
    assert found["loss"] == pytest.approx(loss, rel=1e-12)
    assert found["parameters"].tolist() == pytest.approx([p.data for p in program.parameters], rel=1e-12)


def test_a_loss_scale_is_divided_out_of_the_gradient_and_random_numbers_are_an_input(tmp_path: Path):
    w, dropout = Value(0.5), nn.Dropout(0.5, seed=0)
    program = compile(lambda x: dropout(w * x) ** 2, [w], loss_scale=1024.0)
    program.to_onnx(tmp_path / "model.onnx", [1.0, 2.0])
    loss, gradient = run(tmp_path / "model.onnx", [1.0, 2.0], [[1.0], [1.0]])
    assert gradient[0] == pytest.approx(2 * loss / 0.5)


def test_the_shapes_of_a_model_have_the_number_of_examples_as_a_name(tmp_path: Path):
    program, batches = CASES["RNN"]()
    program.to_onnx(tmp_path / "model.onnx", *batches)
    model = onnx.load(tmp_path / "model.onnx")
    shapes = {x.name: [d.dim_param or d.dim_value for d in x.type.tensor_type.shape.dim] for x in model.graph.input}
    assert shapes == {"xs": ["examples", 3, 2], "y": ["examples"], "parameters": [len(program.parameters)]}
    assert [(x.domain, x.version) for x in model.opset_import] == [("", 18)]


@given(random_programs.programs())
@examples.programs(settings(max_examples=15, suppress_health_check=list(HealthCheck), phases=[Phase.generate]))
def test_random_programs_agree_with_their_models(tmp_path: Path, drawn: tuple[Any, ...]):
    steps, parameters, captured, shapes, entropy, _ = drawn
    rng = np.random.default_rng(entropy)

    def loss(*example: Any) -> Any:
        made = random_programs.run(steps, parameters, captured, list(example[:-1]), example[-1])
        return autograd.sum(made[:3])

    batches = random_programs.batches_of(shapes, 3, rng)
    program = compile(loss, parameters)
    try:
        for row in zip(*[batch.tolist() for batch in batches]):
            loss(*row)  # which tells of a tie, where rounding decides about a kink
        expected, slopes = gradients(program, *batches)
        program.to_onnx(tmp_path / "model.onnx", *batches)
    except random_programs.Tie:
        assume(False)
    except TypeError as refused:
        assume(not isinstance(refused, TraceError))  # hooks of pytest's that run meanwhile are taken for the function's
        assert "can't be written to an ONNX model" in str(refused)  # noqa: PT017  lgamma and the like
        return
    value, found = run(tmp_path / "model.onnx", *batches)
    assert value == pytest.approx(expected, rel=1e-12, abs=1e-12)
    assert close(found.tolist(), slopes)


def test_an_index_that_is_none_is_refused_by_onnxruntime(tmp_path: Path):
    program, (words, y) = CASES["an embedding"]()
    program.to_onnx(tmp_path / "model.onnx", words, y)
    with pytest.raises(onnxruntime.capi.onnxruntime_pybind11_state.InvalidArgument, match=r"out of (data )?bounds"):
        run(tmp_path / "model.onnx", words - 1, y)


def test_what_onnx_cannot_compute_is_refused_in_a_sentence_and_no_file_is_left(tmp_path: Path):
    w = Value(1.5)
    file = tmp_path / "model.onnx"
    with pytest.raises(TypeError, match="lgamma can't be written to an ONNX model: it is not known here how"):
        compile(lambda x: autograd.lgamma(w * x), [w]).to_onnx(file, [1.0])
    with pytest.raises(TypeError, match="to_onnx writes programs in float64 and float32, and this one is in float16"):
        mlp(dtype="float16")[0].to_onnx(file, X, Y)
    with pytest.raises(TypeError, match="must return one number"):
        compile(lambda x: [x, w * x], [w]).to_onnx(file, [1.0])
    assert not file.exists()


def test_without_onnx_the_error_names_the_extra(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    real = builtins.__import__

    def without(name: str, *args: Any, **kwargs: Any) -> Any:
        if name == "onnx":
            raise ImportError
        return real(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(ImportError, match=r"pip install .*\[export\]'"):
        mlp()[0].to_onnx(tmp_path / "model.onnx", X, Y)
