"""The same layers in PyTorch, in double precision: outputs, gradients, running statistics, with the same state dict."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd
from autograd import Value
from nn import Module
from nn.layers.activations import PReLU
from nn.layers.containers import Residual, Sequential
from nn.layers.embedding import Embedding
from nn.layers.neuron import Layer
from nn.layers.normalization import BatchNorm, LayerNorm, RMSNorm

torch = pytest.importorskip("torch")
functional = torch.nn.functional

sizes = st.integers(1, 4)
batches = st.integers(2, 6)
seeds = st.integers(0, 2**32 - 1)
epsilons = st.sampled_from([1e-5, 1e-3, 0.5])
scales = st.sampled_from([0.01, 1.0, 100.0])


def tensor(x: Any) -> Any:
    return torch.tensor(np.asarray(x), dtype=torch.float64, requires_grad=True)


def values(rows: np.ndarray) -> list[list[Value]]:
    return [[Value(float(x)) for x in row] for row in rows]


def rows_of(outputs: list[Any], attribute: str) -> list[list[float]]:
    """The numbers of a batch, with a list for each example, of one number, too."""
    return [[getattr(y, attribute, y) for y in (row if isinstance(row, list) else [row])] for row in outputs]


def alike(ours: Any, theirs: Any, terms: float = 1.0) -> bool:
    """Equal to 1e-12 (4,500 roundings) of the greatest number in the array, or in what was added up to get there."""
    ours = np.asarray(ours, dtype=float)
    theirs = np.zeros(ours.shape) if theirs is None else theirs.detach().numpy()
    size = max(1.0, terms, np.abs(theirs).max())
    return ours.shape == theirs.shape and bool(np.abs(ours - theirs).max() <= 1e-12 * size)


def gathered(tree: Any, attribute: str) -> Any:
    return [gathered(x, attribute) for x in tree] if isinstance(tree, (list, tuple)) else getattr(tree, attribute)


def shaken(theirs: Any, rng: np.random.Generator) -> Any:
    """Theirs in double precision, with other numbers than those that it starts with."""
    theirs = theirs.double()
    with torch.no_grad():
        for p in theirs.parameters():
            p.copy_(torch.from_numpy(rng.normal(size=tuple(p.shape))))
    return theirs


def check(ours: Module, theirs: Any, x: np.ndarray, rng: np.random.Generator, sigma: Any = 1.0) -> None:
    """Outputs, the gradients of inputs and parameters for a random weighted sum, and the state afterwards.

    Where inputs are nearly equal, a norm is ill-conditioned, and the two round differently (theirs is x/σ - μ/σ): both
    subtract numbers of the size of x and divide by the smallest σ; gradients of inputs are divided by it once more.
    """
    our_x, their_x = values(x), tensor(x)
    divisor, largest = float(np.min(sigma)), float(np.abs(x).max())
    for mean in [p for name, p in theirs.named_buffers() if name == "running_mean"]:
        largest = max(largest, float(mean.abs().max()))
    normed = max(1.0, largest / divisor)
    slope = max([1.0, *(float(p.detach().abs().max()) for p in theirs.parameters())])
    outputs, expected = ours.batch(our_x), theirs(their_x)
    weights = rng.normal(size=expected.shape)
    total = [
        y * float(w) for row, ws in zip(outputs, weights) for y, w in zip(row if isinstance(row, list) else [row], ws)
    ]
    ours.zero_grad()
    theirs.zero_grad()
    autograd.sum(total).backward()
    (expected * torch.from_numpy(weights)).sum().backward()
    pull = float(np.abs(weights).sum())
    assert alike(rows_of(outputs, "data"), expected, slope * normed)
    assert alike(rows_of(our_x, "grad"), their_x.grad, pull * slope * normed / divisor)
    for name, p in theirs.named_parameters():
        assert alike(gathered(getattr(ours, name), "grad"), p.grad, pull * normed), name
    for name, buffer in theirs.named_buffers():
        assert alike(gathered(getattr(ours, name), "data"), buffer, largest**2), name  # a variance adds up squares
    flat = [p.reshape(-1) for p in theirs.state_dict().values()]
    assert not flat or alike(list(ours.state_dict().values()), torch.cat(flat), largest**2)


@given(sizes, batches, epsilons, st.sampled_from([0.0, 0.1, 0.7, 1.0]), st.booleans(), scales, seeds)
def test_batch_norm_in_training_over_several_batches_and_then_in_evaluation(n, m, eps, momentum, affine, scale, seed):
    rng = np.random.default_rng(seed)
    theirs = shaken(torch.nn.BatchNorm1d(n, eps, momentum, affine), rng)
    ours = BatchNorm(n, eps, momentum, affine)
    ours.load_state_dict(theirs.state_dict())

    def learn(x: np.ndarray) -> None:
        check(ours, theirs, x, rng, np.sqrt(x.var(axis=0) + eps))

    for _ in range(4):
        learn(rng.normal(rng.normal(), scale, size=(m, n)))
    ours.load_state_dict(theirs.state_dict())  # compared by now: a small variance would magnify the last rounding
    ours.eval()
    theirs.eval()
    for size in (1, m):
        check(ours, theirs, rng.normal(scale=scale, size=(size, n)), rng, np.sqrt(theirs.running_var.numpy() + eps))
    ours.train()
    theirs.train()
    learn(rng.normal(scale=scale, size=(m + 1, n)))


def test_running_statistics_stay_equal_over_two_hundred_batches():
    rng = np.random.default_rng(0)
    ours, theirs = BatchNorm(3), torch.nn.BatchNorm1d(3).double()
    for k in range(200):
        x = rng.normal(k / 50, 1 + k / 100, size=(2 + k % 5, 3))
        with autograd.no_grad(), torch.no_grad():
            ours.batch(x.tolist())
            theirs(tensor(x))
    assert alike(list(ours.state_dict().values()), torch.cat([p.reshape(-1) for p in theirs.state_dict().values()]))
    assert theirs.num_batches_tracked == 200


@given(sizes, st.integers(1, 3), epsilons, st.sampled_from([(True, True), (True, False), (False, True)]), scales, seeds)
def test_layer_norm(n, m, eps, settings, scale, seed):
    rng = np.random.default_rng(seed)
    theirs = shaken(torch.nn.LayerNorm(n, eps, *settings), rng)
    ours = LayerNorm(n, eps, *settings)
    ours.load_state_dict(theirs.state_dict())
    x = rng.normal(scale=scale, size=(m, n))
    check(ours, theirs, x, rng, np.sqrt(x.var(axis=1) + eps))


@given(sizes, st.integers(1, 3), epsilons | st.none(), st.booleans(), scales, seeds)
def test_rms_norm(n, m, eps, affine, scale, seed):
    rng = np.random.default_rng(seed)
    theirs = shaken(torch.nn.RMSNorm(n, eps, affine), rng)
    ours = RMSNorm(n, elementwise_affine=affine) if eps is None else RMSNorm(n, eps, affine)
    ours.load_state_dict(theirs.state_dict())
    x = rng.normal(scale=scale, size=(m, n))
    check(ours, theirs, x, rng, np.sqrt((x * x).mean(axis=1) + ours.eps))


@given(sizes, st.integers(1, 3), st.booleans(), seeds)
def test_prelu(n, m, shared, seed):
    rng = np.random.default_rng(seed)
    theirs = shaken(torch.nn.PReLU(1 if shared else n), rng)
    ours = PReLU(1 if shared else n)
    ours.load_state_dict(theirs.state_dict())
    x = rng.normal(size=(m, n))
    x[0, 0] = 0.0  # the kink, too
    check(ours, theirs, x, rng)


@given(sizes, sizes, st.lists(st.integers(0, 3), min_size=1, max_size=6), seeds)
def test_embedding(rows, columns, words, seed):
    rng = np.random.default_rng(seed)
    words = [word % rows for word in words]
    theirs = shaken(torch.nn.Embedding(rows, columns), rng)
    ours = Embedding(rows, columns)
    ours.load_state_dict(theirs.state_dict())
    outputs, expected = ours(words), theirs(torch.tensor(words))
    weights = rng.normal(size=expected.shape)
    listed = [row if isinstance(row, list) else [row] for row in outputs]
    autograd.sum([y * float(w) for row, ws in zip(listed, weights) for y, w in zip(row, ws)]).backward()
    (expected * torch.from_numpy(weights)).sum().backward()
    assert alike(rows_of(outputs, "data"), expected)
    assert alike(gathered(ours.weight, "grad"), theirs.weight.grad)


def matrix_and_bias(layer: Layer, attribute: str) -> tuple[Any, Any]:
    w, b = [neuron.w for neuron in layer.neurons], [neuron.b for neuron in layer.neurons]
    return gathered(w, attribute), gathered(b, attribute)


@given(sizes, batches, seeds)
def test_a_residual_block_with_batch_norm_inside_of_a_network(n, m, seed):
    rng = np.random.default_rng(seed)
    norm, inner, outer = BatchNorm(n), Layer(n, n, "linear", seed=seed), Layer(n, 2, "linear", seed=seed + 1)
    ours = Sequential(Residual(Sequential(norm, "tanh", inner)), PReLU(), outer)
    w, b, v, c = (tensor(numbers) for layer in (inner, outer) for numbers in matrix_and_bias(layer, "data"))
    gamma, beta, slope = tensor(np.ones(n)), tensor(np.zeros(n)), tensor([0.25])
    mean, variance = torch.zeros(n, dtype=torch.float64), torch.ones(n, dtype=torch.float64)
    for training in (True, True, False):
        ours.train(training)
        x, weights = rng.normal(size=(m, n)), rng.normal(size=(m, 2))
        our_x, their_x = values(x), tensor(x)
        ours.zero_grad()
        outputs = ours.batch(our_x)
        autograd.sum([y * float(k) for row, ks in zip(outputs, weights) for y, k in zip(row, ks)]).backward()

        normed = functional.batch_norm(their_x, mean, variance, gamma, beta, training)
        block = their_x + functional.linear(torch.tanh(normed), w, b)
        expected = functional.linear(functional.prelu(block, slope), v, c)
        theirs = (w, b, v, c, gamma, beta, slope)
        grads = torch.autograd.grad((expected * torch.from_numpy(weights)).sum(), (their_x, *theirs))

        # the size of what a nearly constant feature makes of rounding errors, as in `check`
        sigma = float(np.sqrt(x.var(axis=0).min() + 1e-5)) if training else float(variance.min().sqrt())
        normed = max(1.0, float(np.abs(x).max()) / sigma)
        pull = normed * float(np.abs(weights).sum()) * float((v.abs().sum() * w.abs().sum()).detach())

        assert alike(rows_of(outputs, "data"), expected, normed)
        assert alike(rows_of(our_x, "grad"), grads[0], pull / sigma)
        ours_grads = [numbers for layer in (inner, outer) for numbers in matrix_and_bias(layer, "grad")]
        ours_grads += [gathered(p, "grad") for p in (norm.weight, norm.bias, ours.layers[1].weight)]
        for mine, its in zip(ours_grads, grads[1:]):
            assert alike(mine, its, pull)
        assert alike(gathered(norm.running_mean, "data"), mean)
        assert alike(gathered(norm.running_var, "data"), variance)


def test_what_the_norms_of_pytorch_have_and_ours_have_not_is_refused():
    for ours, theirs in [
        (BatchNorm(2, affine=False), torch.nn.BatchNorm1d(2)),
        (BatchNorm(2), torch.nn.BatchNorm1d(2, track_running_stats=False)),
        (LayerNorm(2), torch.nn.LayerNorm(2, bias=False)),
        (RMSNorm(3), torch.nn.RMSNorm(2)),
    ]:
        before = ours.state_dict()
        with pytest.raises(ValueError, match=r"doesn't fit this \w+Norm: (missing|not in this model): "):
            ours.load_state_dict(theirs.state_dict())
        assert ours.state_dict() == before
