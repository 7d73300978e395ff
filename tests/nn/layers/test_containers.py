"""Sequential and Residual: gradients through all layers, batches, refusals, and copies."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd import Value, gradcheck, no_grad, tanh
from nn import MLP, Layer, Module
from nn.layers.activations import PReLU
from nn.layers.containers import Residual, Sequential
from nn.layers.noise import Dropout
from nn.layers.normalization import BatchNorm, LayerNorm, RMSNorm
from nn.module import named_state
from tests.support.examples import share

seeds = st.integers(0, 2**32 - 1)
sizes = st.integers(1, 4)
numbers = st.floats(-3, 3).filter(lambda x: abs(x) > 1e-2)  # away from kinks, where central differences mean nothing


def data(outputs: Any) -> Any:
    return [data(y) for y in outputs] if isinstance(outputs, (list, tuple)) else getattr(outputs, "data", outputs)


def network(n: int, seed: int) -> Sequential:
    """A bit of everything that is deterministic, with n inputs and 2 outputs."""
    inner = Sequential(BatchNorm(n), Layer(n, n, "tanh", seed=seed), LayerNorm(n))
    return Sequential(
        Residual(inner), PReLU(n, 0.5), RMSNorm(n, eps=0.1), Layer(n, 2, "linear", seed=seed + 1), "sigmoid"
    )


def checked(model: Module, xs: list[Any]) -> bool:
    """gradcheck of a batch of outputs, in the inputs and all parameters."""
    parameters = model.parameters()

    def outputs(xs: Any, numbers: list[Value]) -> Any:
        clone = copy.deepcopy(model)
        places = clone.named_parameters()
        for (place, _), number in zip(places, numbers):
            put(clone, place, number)
        return clone.batch(xs)

    return gradcheck(outputs, (xs, [p.data for p in parameters]))


def put(module: Any, place: str, number: Value) -> None:
    """Another Value in the place of a parameter, so that gradcheck can move it."""
    *path, last = place.split(".")
    holders = [module]
    for step in path:
        holder = holders[-1]
        holders.append(getattr(holder, step) if isinstance(holder, Module) else holder[int(step)])
    if isinstance(holders[-1], tuple):
        fixed = list(holders[-1])
        fixed[int(last)] = number
        outer, name = holders[-2], path[-1]
        if isinstance(outer, Module):
            vars(outer)[name] = tuple(fixed)
        else:
            outer[int(name)] = tuple(fixed)
    elif isinstance(holders[-1], Module):
        vars(holders[-1])[last] = number
    else:
        holders[-1][int(last)] = number


@share(0.1)
@given(sizes, st.booleans(), st.data())
def test_gradients_of_inputs_and_parameters_are_those_of_central_differences(n, training, source):
    xs = source.draw(st.lists(st.lists(st.floats(-3, 3), min_size=n, max_size=n), min_size=3, max_size=3))
    for i, row in enumerate(xs):
        row[0] += 2.0 * i  # a spread, without which batch statistics are nearly constant and their gradients noise
    model = Sequential(Residual(Sequential(Layer(n, n, "tanh", seed=n), LayerNorm(n, eps=0.1))), BatchNorm(n, eps=0.1))
    assert checked(model.train(training), xs)


@pytest.mark.parametrize(
    "model",
    [
        PReLU(),
        PReLU(3, 0.3),
        LayerNorm(3),
        LayerNorm(3, bias=False),
        RMSNorm(3),
        RMSNorm(3, elementwise_affine=False),
        BatchNorm(3),
        BatchNorm(3).eval(),
        BatchNorm(3, affine=False),
        Residual(Layer(3, 3, "silu", seed=0)),
        Sequential(Layer(3, 2, "tanh", seed=0), "softplus"),
        network(3, 0),
        network(3, 0).eval(),
        Dropout(0.5).eval(),
    ],
    ids=repr,
)
def test_each_layer_passes_gradcheck(model):
    assert checked(model, [[0.5, -1.0, 2.0], [1.5, 0.25, -0.5], [-0.75, 1.0, 0.125], [2.0, -2.0, 1.0]])


@given(sizes, sizes, seeds)
def test_a_sequential_of_layers_is_the_mlp_of_these_layers(n, m, seed):
    mlp = MLP(n, [m, m, 2], "tanh", seed=seed)
    written = Sequential(*mlp.layers)
    x = [float(i) - 0.5 for i in range(n)]
    assert data(written(x)) == data(mlp(x))
    parts = [part for layer in mlp.layers for part in (layer, layer.activation)]
    linear = copy.deepcopy(parts)
    for layer in linear[::2]:
        for neuron in layer.neurons:
            neuron.activation = "linear"
    linear[1] = tanh  # a function in place of its name
    assert data(Sequential(*linear)(x)) == data(mlp(x))


@given(sizes, st.integers(1, 4), seeds)
def test_a_batch_is_one_example_after_the_other_where_nothing_looks_at_the_batch(n, m, seed):
    model = network(n, seed).eval()
    xs = np.random.default_rng(seed).normal(size=(m, n)).tolist()
    assert data(model.batch(xs)) == [data(model(x)) for x in xs]


class Watching(Module):
    """The identity, which notes the batches that it is given."""

    def __init__(self) -> None:
        self.sizes: list[int] = []

    def __call__(self, x: Any) -> Any:
        raise AssertionError("one example alone")

    def batch(self, examples: Any) -> list[Any]:
        self.sizes.append(len(examples))
        return list(examples)


def test_the_whole_batch_arrives_in_the_innermost_layer_however_deep_it_stands():
    deep = Watching()
    model = Sequential("tanh", Residual(Sequential(Layer(2, 2, seed=0), Residual(deep))), Sequential(deep, "linear"))
    xs = [[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]
    assert len(model.batch(xs)) == 3
    assert len(model.batch(iter(xs))) == 3  # what can be read only once, too
    assert len(Residual(deep).batch(iter(xs))) == 3
    assert deep.sizes == [3] * 5


def test_the_gradient_passes_a_residual_block_undiminished():
    x, model = Value(0.5), Sequential(*[Residual(Layer(1, 1, "tanh", seed=i)) for i in range(50)])
    for parameter in model.parameters():
        parameter.data = 0.0
    y = model(x)
    y.backward()
    assert (y.data, x.grad) == (0.5, 1.0)


def test_a_residual_block_of_other_widths_is_refused():
    with pytest.raises(ValueError, match="adds outputs to inputs, got 2 inputs and 3 outputs"):
        Residual(Layer(2, 3))([1.0, 2.0])
    with pytest.raises(ValueError, match="got 2 inputs and 1 outputs"):
        Residual(Layer(2, 1)).batch([[1.0, 2.0]])
    with pytest.raises(TypeError, match="module must be a Module, got 'tanh'"):
        Residual("tanh")


@pytest.mark.parametrize(
    ("layers", "kind", "match"),
    [
        ((), ValueError, "at least one layer, got none"),
        (([Layer(1, 1)],), TypeError, r"layers\[0\] must be a module or an activation.*pass them one by one"),
        ((Layer(1, 1), None), TypeError, r"layers\[1\] must be a module or an activation, got None"),
        (("tanhh",), ValueError, "there is no activation 'tanhh': try 'tanh'"),
        ((PReLU,), TypeError, r"layers\[0\] is the class PReLU: make a module of it, PReLU\(...\)"),
    ],
)
def test_what_is_no_layer_is_refused(layers, kind, match):
    with pytest.raises(kind, match=match):
        Sequential(*layers)


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda x: pickle.loads(pickle.dumps(x))], ids=["deepcopy", "pickle"])
def test_a_copy_has_the_state_the_labels_and_the_masks_to_come(copied):
    model = Sequential(Dropout(0.5, seed=0), network(3, 0), Residual(Dropout(0.3, seed=1)))
    model.batch([[1.0, 2.0, 3.0], [0.0, 1.0, -1.0]])
    twin = copied(model)
    assert repr(twin) == repr(model)
    assert twin.state_dict() == model.state_dict()
    assert [(p.label, type(p)) for p in named_state(twin).values()] == [
        (p.label, type(p)) for p in named_state(model).values()
    ]
    assert not set(named_state(twin).values()) & set(named_state(model).values())
    xs = [[0.5, -1.0, 2.0], [1.0, 1.0, 0.0]]
    with no_grad():
        assert data(twin.batch(xs)) == data(model.batch(xs))
