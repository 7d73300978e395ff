"""Hostile arguments: whatever a notebook passes to a public function is taken, or refused in a sentence.

For each function there is a call that works; then its arguments are replaced, one at a time, by what should not be
there. The error comes from the engine, not from Python deep inside of it; nothing takes for ever or fills the memory;
and the message shows in one line what was given, whatever it is.
"""

from __future__ import annotations

import itertools
import math
import re
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import autograd
import nn
from autograd import GradcheckError, Value
from autograd.basics.messages import shown
from autograd.transforms.tree import values_in
from nn import diagnostics, init, schedules

pytestmark = pytest.mark.slow


class _NoRepr:
    def __repr__(self) -> str:
        raise RuntimeError("this object can't be shown")


HOSTILE: list[Callable[[], Any]] = [  # functions, as some can be used only once
    *[lambda x=x: x for x in (None, True, 0, 1, -1, 3, 2.5, 10**400, -(10**5000), 10**30, -(10**18), 1j)],  # type: ignore[misc]
    *[lambda x=x: x for x in (math.nan, math.inf, -math.inf, 0.0, -0.0, 5e-324, 1e308, -1e-300)],  # type: ignore[misc]
    *[lambda x=x: x for x in ("", "abc", "\x00\n\x1b[31m", "x" * 100_000, b"x", int, Value)],  # type: ignore[misc]
    *[lambda x=x: list(x) for x in ([], [[]], [None], [1, 2], [1.0, "a"], [math.nan, 1.0], [[1.0, 2.0], [3.0]])],  # type: ignore[misc]
    lambda: (), lambda: {}, lambda: {"a": 1}, set, lambda: range(3), lambda: iter([1.0, 2.0]), lambda: [1.0] * 100_000,
    object, _NoRepr, lambda: lambda *arguments: None, lambda: lambda *arguments: math.nan,
    lambda: Value(1.0), lambda: [Value(1.0), Value(2.0)], lambda: [Value(0.5)] * 2,
    lambda: np.float64(2.0), lambda: np.array([1.0, 2.0]), lambda: np.array(3), lambda: np.zeros((100, 100)),
]  # fmt: skip
PYTHONS_OWN = re.compile(  # what Python says of something that nobody looked at before it was used
    r"object is not|has no attribute|unsupported operand|not supported between|Exceeds the limit|has no len"
    r"|cannot be interpreted|must be real number, not|bad operand|cannot unpack|unhashable|values to unpack"
    r"|os\.PathLike"
)


def product(a: Any, b: Any) -> Any:
    return a * b + autograd.sin(a)


def graph() -> tuple[Value, Value]:
    a = Value(2.0, "a")
    return a, product(a, Value(3.0, "b"))


def net() -> nn.MLP:
    return nn.MLP(2, [2, 1], "tanh", seed=0)


def trained() -> list[nn.Parameter]:
    model = net()
    (model([1.0, 2.0]) ** 2).backward()
    return model.parameters()


def transform(name: str) -> Callable[..., Any]:
    return lambda f, argnums: getattr(autograd, name)(f, argnums)(2.0, 3.0)


def optimizer(name: str) -> Callable[..., Any]:
    return lambda params, **settings: getattr(nn, name)(params, **settings).step()


X, T = [[0.1, 0.2], [0.3, -0.4]], [1.0, -1.0]
TWO = {"outputs": [Value(0.1), Value(-0.2)], "targets": [1.0, -1.0]}
CLASS: dict[str, Any] = {"target": 1, "reduction": "mean"}
RATES = {"lr": 0.1, "weight_decay": 0.1}
BETAS = {**RATES, "betas": (0.9, 0.99)}
VECTORS = {"values": [Value(1.0), 2.0]}


def calls(folder: Path) -> dict[str, tuple[Callable[..., Any], dict[str, Any]]]:
    """Each function with arguments that it takes."""
    a, y = graph()
    model = net()
    table: dict[str, tuple[Callable[..., Any], dict[str, Any]]] = {
        "Value": (Value, {"data": 1.0, "label": "x"}),
        "Value.data": (lambda x: setattr(Value(1.0), "data", x), {"x": 1.0}),
        "Value.grad": (lambda x: setattr(Value(1.0), "grad", x), {"x": 1.0}),
        "Value.label": (lambda x: setattr(Value(1.0), "label", x), {"x": ""}),
        "backward": (lambda gradient: graph()[1].backward(gradient), {"gradient": 1.0}),
        "hypot": (lambda a, b: autograd.hypot(a, b), {"a": Value(1.0), "b": 2.0}),
        "sin": (lambda a: autograd.sin(a), {"a": 2.0}),
        "checkpoint": (lambda f: autograd.checkpoint(f)(1.0, 2.0), {"f": product}),
        "compile": (autograd.compile, {"fn": product, "parameters": [], "dtype": "float64", "loss_scale": 1.0}),
        "draw": (autograd.draw, {"value": y, "depth": 2, "until": (), "max_nodes": 300}),
        "draw.save": (lambda path: autograd.draw(graph()[1]).save(path), {"path": folder / "picture.dot"}),
        "steps.save": (lambda path: autograd.steps(graph()[1]).save(path), {"path": folder / "page.html"}),
        "explain": (autograd.explain, {"output": y, "leaf": a, "max_paths": 8}),
        "steps": (autograd.steps, {"output": y, "max_nodes": 100}),
        "gradcheck": (
            autograd.gradcheck,
            {"f": product, "inputs": (2.0, 3.0), "eps": 1e-5, "rtol": 1e-6, "atol": 1e-8},
        ),
        "gradient": (autograd.gradient, {"output": y, "inputs": [a]}),
        "vjp": (lambda f, primal: autograd.vjp(f, primal, 3.0), {"f": product, "primal": 2.0}),
        "vjp's pull": (lambda cotangents: autograd.vjp(product, 2.0, 3.0)[1](cotangents), {"cotangents": 1.0}),
        "straight_through": (lambda f: autograd.straight_through(f)(2.0), {"f": round}),
        "topological_order": (lambda root: autograd.topological_order(root), {"root": y}),
        "dot": (autograd.dot, {"ws": [1.0, Value(2.0)], "xs": [1.0, 2.0], "bias": 0.0}),
        "elu": (autograd.elu, {"x": Value(2.0), "alpha": 1.0}),
        "gelu": (autograd.gelu, {"x": Value(2.0), "approximate": "none"}),
        "leaky_relu": (autograd.leaky_relu, {"x": Value(2.0), "negative_slope": 0.01}),
        "MLP": (nn.MLP, {"nin": 2, "nouts": [2, 1], "activation": "relu", "seed": 0}),
        "MLP()": (lambda x: net()(x), {"x": [1.0, 2.0]}),
        "batch": (lambda examples: net().batch(examples), {"examples": X}),
        "RNN": (nn.RNN, {"nin": 2, "nhidden": 2, "nonlinearity": "tanh", "seed": 0, "truncate": 2}),
        "RNN()": (lambda sequence: nn.RNN(2, 2)(sequence), {"sequence": X}),
        "Layer": (nn.Layer, {"nin": 2, "nout": 2, "activation": "relu", "seed": 0}),
        "Neuron": (nn.Neuron, {"nin": 2, "activation": "relu", "seed": 0}),
        "BatchNorm": (nn.BatchNorm, {"num_features": 2, "eps": 1e-5, "momentum": 0.1}),
        "LayerNorm": (nn.LayerNorm, {"normalized_shape": 2, "eps": 1e-5}),
        "RMSNorm": (nn.RMSNorm, {"normalized_shape": 2, "eps": 1e-5}),
        "Dropout": (nn.Dropout, {"p": 0.5, "seed": 0}),
        "Embedding": (nn.Embedding, {"num_embeddings": 3, "embedding_dim": 2, "seed": 0}),
        "Embedding()": (lambda index: nn.Embedding(3, 2)(index), {"index": 1}),
        "PReLU": (nn.PReLU, {"num_parameters": 2, "init": 0.25}),
        "Residual": (nn.Residual, {"module": nn.Layer(2, 2)}),
        "Sequential": (lambda layer: nn.Sequential(nn.Layer(2, 2), layer), {"layer": "tanh"}),
        "SGD": (optimizer("SGD"), {"params": trained(), **RATES, "momentum": 0.1, "nesterov": True}),
        "Adagrad": (
            optimizer("Adagrad"),
            {"params": trained(), **RATES, "lr_decay": 0.0, "initial_accumulator_value": 0.0, "eps": 1e-9},
        ),
        "Adam": (optimizer("Adam"), {"params": trained(), **BETAS, "eps": 1e-9}),
        "AdamW": (optimizer("AdamW"), {"params": trained(), **BETAS, "eps": 1e-9}),
        "Lion": (optimizer("Lion"), {"params": trained(), **BETAS}),
        "RMSprop": (
            optimizer("RMSprop"),
            {"params": trained(), **RATES, "alpha": 0.99, "eps": 1e-9, "momentum": 0.0, "centered": False},
        ),
        "Newton": (nn.Newton, {"params": trained(), "lr": 1.0, "damping": 0.1}),
        "GaussNewton": (nn.GaussNewton, {"params": trained(), "lr": 1.0, "damping": 0.1}),
        "clip_grad_norm": (nn.clip_grad_norm, {"params": trained(), "max_norm": 1.0}),
        "clip_grad_value": (nn.clip_grad_value, {"params": trained(), "clip_value": 1.0}),
        "Schedule": (nn.Schedule, {"optimizer": nn.SGD(trained(), 0.1), "factor": schedules.exponential(0.9)}),
        "constant": (schedules.constant, {"factor": 1.0}),
        "step": (schedules.step, {"step_size": 2, "gamma": 0.1}),
        "exponential": (schedules.exponential, {"gamma": 0.5}),
        "cosine": (schedules.cosine, {"steps": 5, "final": 0.0}),
        "warmup": (schedules.warmup, {"steps": 5, "start": 0.0}),
        "join": (schedules.join, {"factors": [schedules.constant(), schedules.constant()], "boundaries": [5]}),
        "product": (lambda factor: schedules.product(factor), {"factor": schedules.constant()}),
        "xavier_normal": (init.xavier_normal, {"target": net(), "gain": 1.0, "seed": 0}),
        "kaiming_uniform": (
            init.kaiming_uniform,
            {"target": net(), "mode": "fan_in", "nonlinearity": "relu", "seed": 0},
        ),
        "init.constant": (init.constant, {"target": net(), "value": 1.0}),
        "gain": (init.gain, {"nonlinearity": "leaky_relu", "param": 0.1}),
        "moons": (nn.data.moons, {"n": 10, "noise": 0.1}),
        "accuracy": (nn.accuracy, TWO),
        "huber_loss": (nn.huber_loss, {**TWO, "delta": 1.0, "reduction": "mean"}),
        "cross_entropy": (nn.cross_entropy, {"logits": [Value(0.1), Value(-0.2)], **CLASS}),
        "nll_loss": (nn.nll_loss, {"log_probs": [Value(-0.1), Value(-0.2)], **CLASS}),
        "kl_div": (nn.kl_div, {"log_probs": [Value(-0.1), Value(-0.2)], "target": [0.5, 0.5], "reduction": "mean"}),
        "binary_cross_entropy_with_logits": (
            nn.binary_cross_entropy_with_logits,
            {"logits": [Value(0.1), Value(-0.2)], "targets": [1.0, 0.0], "reduction": "mean"},
        ),
        "normal_rsample": (nn.normal_rsample, {"mean": Value(0.0), "std": Value(1.0), "seed": 0}),
        "evaluate": (nn.evaluate, {"model": model, "loss": nn.mse_loss, "inputs": X, "targets": T}),
        "fit": (
            lambda model, loss, inputs, targets, **more: nn.fit(model, loss, inputs, targets, progress=False, **more),
            {
                "model": model, "loss": nn.mse_loss, "inputs": X, "targets": T,
                "optimizer": nn.SGD(model.parameters(), 0.01),
                "epochs": 1, "batch_size": 1, "schedule": schedules.exponential(0.9), "validation": (X, T),
                "early_stopping": 2, "clip_norm": 1.0, "clip_value": 1.0, "callbacks": [], "seed": 0,
            },
        ),
        "save": (
            nn.save, {"model": model, "path": folder / "new.json", "optimizer": None, "schedule": None, "seed": None}
        ),
        "load": (
            nn.load, {"model": model, "path": folder / "good.json", "optimizer": None, "schedule": None, "seed": None}
        ),
        "load_state_dict": (model.load_state_dict, {"state": model.state_dict()}),
        "gradient_norms": (
            diagnostics.gradient_norms, {"model": model, "loss": nn.mse_loss, "inputs": X, "targets": T}
        ),
        "saturated_share": (diagnostics.saturated_share, {"model": model, "inputs": X, "below": 0.01}),
    }  # fmt: skip
    for name in ("grad", "value_and_grad", "hessian", "jacobian"):
        table[name] = transform(name), {"f": product, "argnums": 0}
    for name in ("jvp", "hvp"):
        table[name] = getattr(autograd, name), {"f": product, "primals": (2.0, 3.0), "tangents": (1.0, 0.0)}
    for name in ("sum", "mean", "softmax", "log_softmax", "logsumexp"):
        table[name] = getattr(autograd, name), VECTORS
    for name in ("mse_loss", "l1_loss", "hinge_loss"):
        table[name] = getattr(nn, name), {**TWO, "reduction": "mean"}
    return table


@pytest.mark.filterwarnings("ignore:the function ignores its arguments")  # as hostile ones do
@pytest.mark.parametrize("name", list(calls(Path())))
def test_an_argument_is_taken_or_refused_in_a_sentence_before_anything_has_changed(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # one of the hostile texts is a good name for a file
    nn.save(net(), tmp_path / "good.json")
    f, good = calls(tmp_path)[name]
    f(**good)
    numbers = [x for argument in good.values() for x in parameters_in(argument)]
    for argument, make in itertools.product(good, HOSTILE):
        before = repr([(x.data, x.grad) for x in numbers])
        given = make()
        error = refusal(lambda: f(**{**good, argument: given}))  # noqa: B023
        if error is None or isinstance(given, type) or in_this_file(error):
            continue  # taken; or called, and what it says then is its own
        message = f"{name}({argument}={shown(given)}): {error}"
        assert not PYTHONS_OWN.search(str(error)), message
        assert len(str(error)) <= 600 or isinstance(error, OSError), message
        assert repr([(x.data, x.grad) for x in numbers]) == before, message


def refusal(call: Callable[[], Any]) -> Exception | None:
    try:
        call()
    except (TypeError, ValueError, OverflowError, OSError, GradcheckError) as error:
        return error
    return None


def parameters_in(argument: Any) -> list[Value]:
    return argument.parameters() if isinstance(argument, nn.Module) else values_in(argument)


def in_this_file(error: Exception) -> bool:
    return traceback.extract_tb(error.__traceback__)[-1].filename == __file__
