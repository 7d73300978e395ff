"""The same numbers in PyTorch, in double precision: losses, gradients, and whole trainings with SGD."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd import Value
from nn import MLP, SGD, binary_cross_entropy_with_logits, cross_entropy, fit, hinge_loss, mse_loss

torch = pytest.importorskip("torch")
functional = torch.nn.functional

seeds = st.integers(0, 2**32 - 1)


ACTIVATIONS = {
    "tanh": torch.nn.Tanh,
    "relu": torch.nn.ReLU,
    "sigmoid": torch.nn.Sigmoid,
    "softplus": torch.nn.Softplus,
    "silu": torch.nn.SiLU,
    "gelu": torch.nn.GELU,
    "elu": torch.nn.ELU,
    "leaky_relu": torch.nn.LeakyReLU,
}


def tensor(x: Any) -> Any:
    return torch.tensor(x, dtype=torch.float64)


def alike(ours: Any, theirs: Any) -> bool:
    """Equal to 1e-12 of the size of the array (or of 1, if that is more)."""
    ours, theirs = np.asarray(ours, dtype=float), theirs.detach().numpy()
    return ours.shape == theirs.shape and bool(np.abs(ours - theirs).max() <= 1e-12 * max(1.0, np.abs(theirs).max()))


def torch_hinge_loss(outputs: Any, targets: Any) -> Any:
    return functional.relu(1 - targets * outputs).mean()


TARGETS = {  # what the targets of a batch of outputs (rows, columns) may be
    mse_loss: lambda rng, shape: rng.normal(size=shape),
    binary_cross_entropy_with_logits: lambda rng, shape: rng.choice([0.0, 1.0, rng.random()], size=shape),
    hinge_loss: lambda rng, shape: rng.choice([-1.0, 1.0], size=shape),
    cross_entropy: lambda rng, shape: rng.integers(shape[1], size=shape[0]),
}
THEIRS = {
    mse_loss: functional.mse_loss,
    binary_cross_entropy_with_logits: functional.binary_cross_entropy_with_logits,
    hinge_loss: torch_hinge_loss,
    cross_entropy: functional.cross_entropy,
}
every_loss = pytest.mark.parametrize("loss", TARGETS, ids=lambda loss: loss.__name__)


@every_loss
@given(st.integers(1, 4), st.integers(2, 5), st.sampled_from([0.1, 1.0, 10.0, 300.0]), seeds)
def test_losses_and_their_gradients(loss, rows, columns, spread, seed):
    rng = np.random.default_rng(seed)
    outputs = rng.normal(scale=spread, size=(rows, columns))
    targets = TARGETS[loss](rng, (rows, columns))

    ours = [[Value(x) for x in row] for row in outputs]
    value = loss(ours, targets)
    value.backward()
    theirs = tensor(outputs).requires_grad_()
    expected = THEIRS[loss](theirs, torch.from_numpy(targets))
    expected.backward()

    assert alike(value.data, expected)
    assert alike([[v.grad for v in row] for row in ours], theirs.grad)


def twin(model: MLP) -> Any:
    """The same network in PyTorch, with the same numbers."""
    modules = []
    for i, layer in enumerate(model.layers):
        linear = torch.nn.Linear(layer.nin, layer.nout, dtype=torch.float64)
        with torch.no_grad():
            linear.weight.copy_(tensor([[w.data for w in neuron.w] for neuron in layer.neurons]))
            linear.bias.copy_(tensor([neuron.b.data for neuron in layer.neurons]))
        modules.append(linear)
        if i < len(model.layers) - 1:
            modules.append(ACTIVATIONS[str(model.activation)]())
    return torch.nn.Sequential(*modules)


def in_the_order_of_torch(model: MLP, attribute: str) -> list[Any]:
    arrays = []
    for layer in model.layers:
        arrays.append([[getattr(w, attribute) for w in neuron.w] for neuron in layer.neurons])
        arrays.append([getattr(neuron.b, attribute) for neuron in layer.neurons])
    return arrays


@pytest.mark.parametrize("activation", ACTIVATIONS)
@every_loss
def test_outputs_and_gradients_of_a_network(activation, loss):
    for seed in range(3):
        rng = np.random.default_rng(seed)
        model = MLP(3, [5, 4, 2], activation, seed=seed)
        x, targets = rng.normal(size=(6, 3)), TARGETS[loss](rng, (6, 2))
        theirs = twin(model)

        outputs = [model(row) for row in x]
        loss(outputs, targets).backward()
        expected = theirs(tensor(x))
        THEIRS[loss](expected, torch.from_numpy(targets)).backward()

        assert alike([[y.data for y in row] for row in outputs], expected)
        for ours, parameter in zip(in_the_order_of_torch(model, "grad"), theirs.parameters()):
            assert alike(ours, parameter.grad)


@pytest.mark.parametrize(
    ("momentum", "nesterov"), [(0.0, False), (0.9, False), (0.9, True)], ids=["plain", "momentum", "nesterov"]
)
@pytest.mark.parametrize("weight_decay", [0.0, 0.01])
@every_loss
def test_a_hundred_steps_of_sgd(loss, momentum, nesterov, weight_decay):
    settings = {"lr": 0.05, "momentum": momentum, "nesterov": nesterov, "weight_decay": weight_decay}
    rng = np.random.default_rng(0)
    model = MLP(2, [3, 2], activation="tanh", seed=0)
    x, targets = rng.normal(size=(4, 2)), TARGETS[loss](rng, (4, 2))
    theirs = twin(model)

    history = fit(model, loss, x, targets, optimizer=SGD(model.parameters(), **settings), epochs=100, progress=False)
    optimizer = torch.optim.SGD(theirs.parameters(), **settings)
    expected = []
    for _ in range(100):
        cost = THEIRS[loss](theirs(tensor(x)), torch.from_numpy(targets))
        optimizer.zero_grad()
        cost.backward()
        optimizer.step()
        expected.append(cost.detach())

    assert expected[-1] < expected[0]
    assert alike(history.loss, torch.stack(expected))
    for ours, parameter in zip(in_the_order_of_torch(model, "data"), theirs.parameters()):
        assert alike(ours, parameter)


@pytest.mark.parametrize("nin", [1, 4, 25])
def test_first_weights_have_the_range_of_a_linear_layer(nin):
    theirs = torch.nn.Linear(nin, 2000, dtype=torch.float64)
    ours = MLP(nin, [2000], seed=0)
    for a, b in zip(in_the_order_of_torch(ours, "data"), theirs.parameters()):
        a, b = np.abs(a), b.detach().abs().numpy()
        assert a.max() <= nin**-0.5
        assert b.max() <= nin**-0.5
        assert a.max() > 0.99 * nin**-0.5
        assert b.max() > 0.99 * nin**-0.5
