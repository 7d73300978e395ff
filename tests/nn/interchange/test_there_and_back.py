"""from_torch and to_torch: equal state, outputs and gradients in both directions, and refusals by name."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd
from autograd import Value, ops
from nn import Module
from nn.interchange import from_torch, to_torch
from nn.layers.activations import PReLU
from nn.layers.cells import GRUCell, LSTMCell, RNNCell
from nn.layers.containers import Sequential
from nn.layers.embedding import Embedding
from nn.layers.linear import Linear
from nn.layers.neuron import MLP, Layer
from nn.layers.noise import Dropout
from nn.layers.normalization import BatchNorm, LayerNorm, RMSNorm
from nn.layers.sequences import GRU, LSTM, RNN
from nn.module import named_state

torch = pytest.importorskip("torch")
sizes = st.integers(1, 4)
seeds = st.integers(0, 2**32 - 1)
ACTIVATIONS = {
    "linear": torch.nn.Identity,
    "relu": torch.nn.ReLU,
    "tanh": torch.nn.Tanh,
    "sigmoid": torch.nn.Sigmoid,
    "silu": torch.nn.SiLU,
    "gelu": torch.nn.GELU,
    "gelu_tanh": lambda: torch.nn.GELU("tanh"),
    "softplus": lambda: torch.nn.Softplus(threshold=40),
    "elu": torch.nn.ELU,
    "leaky_relu": torch.nn.LeakyReLU,
}
every_activation = pytest.mark.parametrize("activation", ACTIVATIONS)


@pytest.fixture(autouse=True, scope="module")
def _one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def ours_called(name: str) -> Any:
    return ops.gelu_tanh if name == "gelu_tanh" else name


def tensor(x: Any) -> Any:
    return torch.tensor(np.asarray(x), dtype=torch.float64, requires_grad=True)


def values(tree: Any) -> Any:
    return [values(x) for x in tree] if isinstance(tree, (list, tuple, np.ndarray)) else Value(float(tree))


def flat(tree: Any, attribute: str = "data") -> list[float]:
    """The numbers of nested lists of ours, or the gradients there, in order."""
    if isinstance(tree, (list, tuple)):
        return [x for part in tree for x in flat(part, attribute)]
    return [getattr(tree, attribute, tree)]


def flattened(tree: Any) -> Any:
    """The numbers of PyTorch's outputs, which may be tuples of arrays, in order."""
    return torch.cat([flattened(x) for x in tree]) if isinstance(tree, (list, tuple)) else tree.reshape(-1)


def alike(ours: list[float], theirs: Any) -> bool:
    """Equal to 1e-12 of the size of the array (or of 1, if that is more)."""
    a, b = np.asarray(ours, dtype=float), theirs.detach().numpy()
    return a.shape == b.shape and bool(np.abs(a - b).max(initial=0) <= 1e-12 * max(1.0, np.abs(b).max(initial=0)))


def apart(m: int, n: int, seed: int) -> np.ndarray:
    """m examples of n numbers from -4 to 4, no two nearer than 1/4: where they are alike, a norm loses digits."""
    rng = np.random.default_rng(seed)
    return (rng.permutation(m * n).reshape(m, n) + rng.uniform(0.0, 0.5, size=(m, n)) - m * n / 2) / 2


def gradients_of(module: Module) -> list[float]:
    """In PyTorch's order: of a Layer, all weights before all biases."""
    if isinstance(module, Layer):
        return flat([[n.w for n in module.neurons], [n.b for n in module.neurons]], "grad")
    if isinstance(module, (Sequential, MLP)):
        return [g for part in module.layers if isinstance(part, Module) for g in gradients_of(part)]
    return flat(module.parameters(), "grad")


def same(ours: Module, theirs: Any, x: np.ndarray, *, batch: bool = True) -> None:
    """Outputs, and the gradients of inputs and parameters for a random weighted sum."""
    our_x, their_x = values(x), tensor(x)
    outputs, expected = (ours.batch(our_x) if batch else ours(our_x)), theirs(their_x)
    rng = np.random.default_rng(7)
    numbers = outputs if batch else [outputs]
    mine, its = leaves(numbers), flattened(expected)
    weights = rng.normal(size=len(mine))
    assert alike([y.data for y in mine], its)
    ours.zero_grad()
    theirs.zero_grad()
    autograd.dot(weights.tolist(), mine).backward()
    (its * torch.from_numpy(weights)).sum().backward()
    assert alike(flat(our_x, "grad"), flattened(their_x.grad))
    expected_gradients = [p.grad for p in theirs.parameters()]
    if expected_gradients:
        assert alike(gradients_of(ours), flattened(expected_gradients))


def leaves(tree: Any) -> list[Any]:
    return [y for part in tree for y in leaves(part)] if isinstance(tree, (list, tuple)) else [tree]


def round_trips(ours: Module) -> tuple[Any, Module]:
    """To PyTorch and back: the state is the same to the last bit, and so is what is printed."""
    theirs = to_torch(ours)
    again = from_torch(theirs)
    assert repr(again) == repr(ours)
    assert {k: v.hex() for k, v in again.state_dict().items()} == {k: v.hex() for k, v in ours.state_dict().items()}
    assert all(n.label == name for name, n in named_state(again).items())
    assert all(p.dtype == torch.float64 for p in theirs.parameters())
    assert not set(again.parameters()) & set(ours.parameters())
    return theirs, again


def shaken(module: Any, seed: int, dtype: Any = torch.float64) -> Any:
    """Theirs, with other parameters and buffers than those that it starts with."""
    module, rng = module.to(dtype), np.random.default_rng(seed)
    with torch.no_grad():
        for number in [*module.parameters(), *module.buffers()]:
            number.copy_(torch.from_numpy(rng.uniform(0.5, 3.0, size=tuple(number.shape))).round(decimals=3))
    return module


# -------------------------------------------------------------------------------------------------- layers of neurons


@every_activation
@given(sizes, st.lists(sizes, min_size=1, max_size=3), st.integers(1, 3), seeds)
def test_an_mlp_there_and_back(activation, nin, nouts, m, seed):
    ours = MLP(nin, nouts, ours_called(activation), seed=seed)
    theirs, again = round_trips(ours)
    x = np.random.default_rng(seed).normal(scale=3, size=(m, nin))
    same(ours, theirs, x)
    same(again, theirs, x)
    assert [type(part).__name__ for part in theirs].count("Linear") == len(nouts)


@every_activation
@given(sizes, st.lists(sizes, min_size=1, max_size=3), seeds)
def test_a_chain_of_pytorch_that_has_the_shape_of_an_mlp_becomes_one(activation, nin, nouts, seed):
    parts = []
    for a, b in zip([nin, *nouts], nouts):
        parts += [torch.nn.Linear(a, b, dtype=torch.float64), ACTIVATIONS[activation]()]
    theirs = shaken(torch.nn.Sequential(*parts[:-1]), seed)
    ours = from_torch(theirs)
    hidden = ours_called(activation) if len(nouts) > 1 else "linear"
    assert repr(ours) == repr(MLP(nin, nouts, hidden))
    same(ours, theirs, np.random.default_rng(seed).uniform(-2, 2, size=(2, nin)))


@every_activation
def test_an_activation_far_out_and_at_the_kink(activation):
    ours = Sequential(ours_called(activation))
    theirs, _ = round_trips(ours)
    same(ours, theirs, np.array([[-100.0, -30.0, -1.0, 0.0], [1.0, 19.0, 21.0, 39.0], [41.0, 100.0, -0.0, 1e-8]]))


def test_softplus_of_pytorch_is_ours_but_for_what_its_threshold_leaves_out():
    theirs = torch.nn.Softplus()
    x = [-50.0, 0.0, 19.9, 20.1, 30.0]
    assert np.abs(np.array(from_torch(theirs)(x)) - theirs(tensor(x)).detach().numpy()).max() < 2.1e-9


def test_a_function_of_the_package_is_as_good_as_its_name():
    ours = Sequential(Layer(2, 2, autograd.tanh, seed=0), autograd.gelu)
    same(ours, to_torch(ours), np.array([[0.5, -1.0]]))


def test_a_linear_layer_and_what_follows_become_one_layer():
    nn = torch.nn
    theirs = nn.Sequential(
        nn.Linear(2, 3), nn.Tanh(), nn.ReLU(), nn.Linear(3, 3), nn.Identity(), nn.SiLU(), nn.Dropout()
    )
    assert repr(from_torch(theirs)) == (
        "Sequential(Layer(2, 3, activation='tanh'), 'relu', Layer(3, 3, activation='silu'), Dropout(0.5))"
    )
    assert repr(from_torch(nn.Sequential(nn.Linear(2, 3), nn.Tanh()))) == "Sequential(Layer(2, 3, activation='tanh'))"
    assert repr(from_torch(nn.Linear(2, 3))) == "Layer(2, 3, activation='linear')"
    assert repr(from_torch(nn.ELU())) == "Sequential('elu')"
    assert isinstance(to_torch(Layer(2, 3, "linear")), nn.Linear)
    assert [type(part) for part in to_torch(Layer(2, 3))] == [nn.Linear, nn.ReLU]


@given(sizes, sizes, st.integers(2, 4), seeds, st.booleans())
def test_a_deep_sequential_there_and_back(n, k, m, seed, training):
    inner = Sequential(Layer(n, k, "silu", seed=seed), Sequential(LayerNorm(k), "elu"), PReLU(k, 0.1), BatchNorm(k))
    ours = Sequential(BatchNorm(n), inner, RMSNorm(k, 0.1), MLP(k, [3, 2], "tanh", seed=seed), Dropout(0.0), "sigmoid")
    ours.batch(np.random.default_rng(seed).normal(size=(5, n)).tolist())  # running statistics
    ours.train(training)
    theirs, again = round_trips(ours)
    x = np.random.default_rng(seed + 1).normal(size=(m, n))
    x[0] += 3.0  # a spread
    same(ours, theirs, x)
    same(again, to_torch(again), x)
    for mine, its in zip([ours.layers[0], inner.layers[3]], [theirs[0], theirs[1][4]]):
        assert alike(flat(mine.running_mean), its.running_mean)
        assert alike(flat(mine.running_var), its.running_var)
        assert mine.num_batches_tracked.data == its.num_batches_tracked == 1 + training


# -------------------------------------------------------------------------- all else that there is, in both directions

KINDS = {
    "Linear-no-bias": (lambda n: Linear(n, 3, bias=False), lambda n: torch.nn.Linear(n, 3, bias=False)),
    "PReLU-1": (lambda n: PReLU(), lambda n: torch.nn.PReLU()),
    "PReLU-n": (lambda n: PReLU(n, 0.5), lambda n: torch.nn.PReLU(n)),
    "BatchNorm": (BatchNorm, torch.nn.BatchNorm1d),
    "BatchNorm-settings": (
        lambda n: BatchNorm(n, 0.1, 0.25, affine=False),
        lambda n: torch.nn.BatchNorm1d(n, 0.1, 0.25, affine=False),
    ),
    "LayerNorm": (LayerNorm, torch.nn.LayerNorm),
    "LayerNorm-settings": (lambda n: LayerNorm(n, 0.1, bias=False), lambda n: torch.nn.LayerNorm(n, 0.1, bias=False)),
    "LayerNorm-plain": (lambda n: LayerNorm(n, 0.1, False), lambda n: torch.nn.LayerNorm(n, 0.1, False)),
    "RMSNorm": (RMSNorm, torch.nn.RMSNorm),
    "RMSNorm-settings": (lambda n: RMSNorm(n, 0.1, False), lambda n: torch.nn.RMSNorm(n, 0.1, False)),
    "RNNCell": (lambda n: RNNCell(n, 3), lambda n: torch.nn.RNNCell(n, 3)),
    "RNNCell-relu": (lambda n: RNNCell(n, 3, "relu"), lambda n: torch.nn.RNNCell(n, 3, nonlinearity="relu")),
    "LSTMCell": (lambda n: LSTMCell(n, 3), lambda n: torch.nn.LSTMCell(n, 3)),
    "GRUCell": (lambda n: GRUCell(n, 3), lambda n: torch.nn.GRUCell(n, 3)),
    "RNN": (lambda n: RNN(n, 3), lambda n: torch.nn.RNN(n, 3)),
    "RNN-relu": (lambda n: RNN(n, 3, "relu"), lambda n: torch.nn.RNN(n, 3, nonlinearity="relu")),
    "LSTM": (lambda n: LSTM(n, 3), lambda n: torch.nn.LSTM(n, 3)),
    "GRU": (lambda n: GRU(n, 3), lambda n: torch.nn.GRU(n, 3, batch_first=True)),
}
every_kind = pytest.mark.parametrize("kind", KINDS)


@every_kind
@given(sizes, st.integers(2, 4), seeds, st.booleans())
def test_a_module_of_ours_there_and_back(kind, n, m, seed, training):
    ours = KINDS[kind][0](n).train(training)
    theirs, again = round_trips(ours)
    assert theirs.training is again.training is training
    x, batch = apart(m, n, seed), not isinstance(ours, (RNN, LSTM, GRU))
    if "Cell" in kind:  # of a batch, PyTorch's LSTM returns the states one after the other
        x, batch = x[0], False
    same(ours, theirs, x, batch=batch)
    same(again, to_torch(again), x, batch=batch)


@every_kind
@given(sizes, st.integers(2, 4), seeds, st.booleans())
def test_a_module_of_theirs_here_and_back(kind, n, m, seed, training):
    theirs = shaken(KINDS[kind][1](n), seed).train(training)
    ours = from_torch(theirs)
    again = to_torch(ours)
    assert type(again) is type(theirs)
    assert again.state_dict().keys() == theirs.state_dict().keys()
    assert all(torch.equal(again.state_dict()[name], number) for name, number in theirs.state_dict().items())
    assert ours.training is again.training is training
    x, batch = apart(m, n, seed), not isinstance(ours, (RNN, LSTM, GRU))
    if "Cell" in kind:
        x, batch = x[0], False
    same(ours, theirs, x, batch=batch)


def flattened_state(theirs: Any) -> list[float]:
    return [x for tensor in theirs.state_dict().values() for x in tensor.flatten().tolist()]


@every_kind
def test_a_state_dict_can_be_loaded_as_it_is(kind):
    theirs = shaken(KINDS[kind][1](2), 0)
    ours = KINDS[kind][0](2)
    ours.load_state_dict(theirs.state_dict())
    assert list(ours.state_dict().values()) == flattened_state(theirs)


@given(sizes, sizes, seeds)
def test_a_linear_comes_back_as_the_layer_that_it_is(n, m, seed):
    ours = Linear(n, m, seed=seed)
    again = from_torch(to_torch(ours))
    assert repr(again) == f"Layer({n}, {m}, activation='linear')"
    assert [p.data for p in again.parameters()] == [p.data for p in Layer(n, m, seed=seed).parameters()]
    theirs = shaken(torch.nn.Linear(n, m), seed)
    ours.load_state_dict(theirs.state_dict())
    same(ours, theirs, apart(3, n, seed))


@given(sizes, sizes, st.lists(st.integers(0, 3), min_size=1, max_size=4), seeds)
def test_an_embedding_there_and_back(rows, columns, words, seed):
    words = [word % rows for word in words]
    ours = Embedding(rows, columns, seed=seed)
    theirs, again = round_trips(ours)
    assert alike(flat(ours(words)), flattened(theirs(torch.tensor(words))))
    assert repr(from_torch(theirs)) == repr(again)
    theirs = shaken(torch.nn.Embedding(rows, columns), seed)
    assert alike(flat(from_torch(theirs)(words)), flattened(theirs(torch.tensor(words))))


def test_settings_and_modes_go_along():
    ours = Sequential(Dropout(0.25), BatchNorm(2, 0.5, 0.75), Layer(2, 2), Dropout(0.5).eval())
    ours.layers[1].eval()
    for copied in (to_torch(ours), to_torch(from_torch(to_torch(ours)))):
        assert [part.training for part in copied] == [True, False, True, True, False]
        assert (copied[0].p, copied[1].eps, copied[1].momentum, copied[4].p) == (0.25, 0.5, 0.75, 0.5)
        assert copied.training
    again = from_torch(to_torch(ours))
    assert [part.training for part in again.layers] == [True, False, True, False]
    assert not from_torch(to_torch(ours.eval())).training
    assert not from_torch(torch.nn.ReLU().eval()).training
    within = from_torch(torch.nn.Sequential(torch.nn.Sequential(torch.nn.Tanh()).eval()))
    assert (within.training, within.layers[0].training) == (True, False)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float16, torch.bfloat16])
def test_numbers_in_lower_precision_become_the_floats_that_they_are(dtype):
    theirs = shaken(torch.nn.Sequential(torch.nn.Linear(2, 2), torch.nn.RMSNorm(2)), 0, dtype)
    state = from_torch(theirs).state_dict()
    assert state["layers.0.neurons.1.w.0"] == theirs[0].weight[1, 0].item()
    assert state["layers.0.neurons.1.b"] == theirs[0].bias[1].item()
    assert from_torch(theirs).layers[1].eps == torch.finfo(dtype).eps  # what `eps=None` stands for


def test_converting_leaves_both_models_and_the_generators_alone():
    ours, theirs = MLP(2, [3, 1], seed=0), torch.nn.Sequential(torch.nn.Linear(2, 2), torch.nn.BatchNorm1d(2))
    before, its, state = ours.state_dict(), theirs.state_dict()["0.weight"].clone(), torch.random.get_rng_state()
    twin, other = to_torch(ours), from_torch(theirs)
    with torch.no_grad():
        for p in twin.parameters():
            p.add_(1.0)
    for p in other.parameters():
        p.data += 1.0
    assert ours.state_dict() == before
    assert torch.equal(theirs[0].weight, its)
    assert torch.equal(torch.random.get_rng_state(), state)
