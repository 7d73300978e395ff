"""copy.deepcopy and pickle: a model copies whole, with its numbers, gradients, labels and shared parts."""

from __future__ import annotations

import copy
import pickle
import subprocess
import sys
from pathlib import Path

import pytest

from autograd.operators import METHODS
from nn import MLP, SGD, Layer, Module, Neuron, Parameter, fit, mse_loss

copies = pytest.mark.parametrize(
    "copied",
    [copy.deepcopy, *(lambda x, p=p: pickle.loads(pickle.dumps(x, p)) for p in range(pickle.HIGHEST_PROTOCOL + 1))],
    ids=["deepcopy", *(f"pickle-{p}" for p in range(pickle.HIGHEST_PROTOCOL + 1))],
)
X = [[0.5, -1.0], [1.0, 2.0], [-0.5, 0.25]]
T = [1.0, 0.0, -1.0]


def described(model: Module) -> list[tuple[str, str, float, float, type]]:
    return [(name, p.label, p.data, p.grad, type(p)) for name, p in model.named_parameters()]


@copies
@pytest.mark.parametrize(
    "model", [MLP(2, [3, 1], "tanh", seed=0), Layer(2, 3, seed=0), Neuron(2, seed=0)], ids=lambda m: type(m).__name__
)
def test_a_copy_has_the_numbers_gradients_and_labels(copied, model):
    mse_loss([model(x) for x in X], [[0.0] * model.nout if isinstance(model, Layer) else t for t in T]).backward()
    twin = copied(model)
    assert described(twin) == described(model)
    assert repr(twin) == repr(model)
    assert not set(twin.parameters()) & set(model.parameters())
    model.zero_grad()


@copies
@pytest.mark.parametrize("activation", ["linear", *METHODS])
def test_a_copy_computes_the_same_with_any_activation(copied, activation):
    model = Neuron(1, activation=activation, seed=0)
    model.load_state_dict({"w.0": 1.5 if activation == "acosh" else 0.5, "b": 0.0})
    assert copied(model)(1.0).data == model(1.0).data


@copies
def test_a_copy_goes_its_own_way(copied):
    model = MLP(2, [3, 1], seed=0)
    before = described(model)
    twin = copied(model)
    fit(twin, mse_loss, X, T, optimizer=SGD(twin.parameters(), 0.1), epochs=2, progress=False)
    twin.eval()
    assert described(model) == before
    assert described(twin) != before
    assert all(module.training for module in model.modules())


@copies
def test_a_shared_parameter_is_shared_in_the_copy(copied):
    model = MLP(2, [2, 2, 1], seed=0)
    model.layers[1].neurons[0].w = model.layers[0].neurons[0].w
    twin = copied(model)
    assert twin.layers[1].neurons[0].w[0] is twin.layers[0].neurons[0].w[0]
    assert len(twin.parameters()) == len(model.parameters())


@copies
def test_a_model_and_its_optimizer_stay_together_and_training_goes_on_as_it_would_have(copied):
    model = MLP(2, [3, 1], activation="tanh", seed=0)
    optimizer = SGD(model.parameters(), 0.1, momentum=0.9)
    fit(model, mse_loss, X, T, optimizer=optimizer, epochs=3, progress=False)
    twin, its_optimizer = copied((model, optimizer))
    assert all(p is q for p, q in zip(twin.parameters(), its_optimizer.params))
    for m, o in ((model, optimizer), (twin, its_optimizer)):
        fit(m, mse_loss, X, T, optimizer=o, epochs=3, progress=False)
    assert described(twin) == described(model)


@copies
def test_a_copy_leaves_the_graphs_behind(copied):
    model = MLP(2, [3, 1], seed=0)
    y = model([1.0, 2.0])
    twin = copied(model)
    y.backward()
    assert any(p.grad for p in model.parameters())
    assert not any(p.grad for p in twin.parameters())


def test_a_shallow_copy_shares_its_parameters():
    model = Neuron(2, seed=0)
    assert copy.copy(model).parameters() == model.parameters()


@copies
def test_the_mode_and_other_attributes_are_copied(copied):
    model = MLP(2, [2, 1], seed=0).eval()
    model.note = {"trained on": ["moons"], "extra": Parameter(3.0)}
    twin = copied(model)
    assert not any(module.training for module in twin.modules())
    assert twin.note["trained on"] == ["moons"]
    assert twin.state_dict() == model.state_dict()


def test_a_pickle_is_read_by_another_process():
    model = MLP(2, [3, 1], activation="gelu", seed=0)
    program = "import pickle, sys; print(pickle.load(sys.stdin.buffer)([1.0, 2.0]).data.hex())"
    there = subprocess.run(
        [sys.executable, "-c", program],
        input=pickle.dumps(model),
        capture_output=True,
        check=True,
        cwd=Path(__file__).parents[2],
    )
    assert float.fromhex(there.stdout.decode().strip()) == model([1.0, 2.0]).data
