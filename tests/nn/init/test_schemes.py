"""First weights against the variances and bounds of the papers, against PyTorch's, and by what they do to a signal."""

from __future__ import annotations

import math
import random

import numpy as np
import pytest

from autograd import no_grad
from nn import MLP, Layer, init
from tests.nn.init.drawn import NORMAL, UNIFORM, every_drawing, matrix, numbers, weights


@pytest.mark.parametrize(("draw", "std"), NORMAL.values(), ids=NORMAL)
@pytest.mark.parametrize(("rows", "columns"), [(200, 50), (40, 250)])
def test_normal_weights_have_the_variance_of_the_paper(draw, std, rows, columns):
    z = numbers(draw(matrix(rows, columns), 0)) / std(columns, rows)
    n = z.size
    # z is standard normal: the means of z, z² and z⁴ are 0, 1 and 3, with variances of 1/n, 2/n and 96/n
    assert abs(z.mean()) < 4 * math.sqrt(1 / n)
    assert abs((z**2).mean() - 1) < 4 * math.sqrt(2 / n)
    assert abs((z**4).mean() - 3) < 4 * math.sqrt(96 / n)


@pytest.mark.parametrize(("draw", "bound"), UNIFORM.values(), ids=UNIFORM)
@pytest.mark.parametrize(("rows", "columns"), [(200, 50), (40, 250)])
def test_uniform_weights_fill_the_bounds_of_the_paper(draw, bound, rows, columns):
    u = numbers(draw(matrix(rows, columns), 0)) / bound(columns, rows)
    n = u.size
    # u is uniform in ±1: the means of u and u² are 0 and 1/3, with variances of 1/(3n) and 4/(45n)
    assert abs(u.mean()) < 4 * math.sqrt(1 / (3 * n))
    assert abs((u**2).mean() - 1 / 3) < 4 * math.sqrt(4 / (45 * n))
    # the largest of n is below 1 - 20/n with probability e⁻¹⁰
    assert 1 - 20 / n < u.max() <= 1
    assert -1 <= u.min() < -1 + 20 / n


@every_drawing
def test_weights_are_drawn_one_by_one(function):
    w = numbers(function(matrix(50, 50), 0))
    assert len(np.unique(w)) == w.size
    for a, b in ((w[:, 1:], w[:, :-1]), (w[1:], w[:-1])):  # neighbours: a correlation of 0, with a variance of 1/n
        assert abs(np.corrcoef(a.ravel(), b.ravel())[0, 1]) < 4 * math.sqrt(1 / a.size)


def test_gains_are_those_of_the_table():
    gains = {
        "linear": 1.0,
        "sigmoid": 1.0,
        "tanh": 5 / 3,
        "relu": 2**0.5,
        "selu": 0.75,
        "leaky_relu": (2 / 1.0001) ** 0.5,
    }
    assert {name: init.gain(name) for name in gains} == pytest.approx(gains, rel=1e-15, abs=0.0)
    assert init.gain("leaky_relu", 1) == 1.0
    assert init.gain("leaky_relu", 0) == init.gain("relu")


@pytest.mark.parametrize("nonlinearity", ["linear", "sigmoid", "tanh", "relu", "leaky_relu", "selu"])
def test_gains_are_those_of_pytorch(nonlinearity):
    reference = pytest.importorskip("torch").nn.init
    assert init.gain(nonlinearity) == reference.calculate_gain(nonlinearity)
    for slope in (0, 0.25, -0.5, 3):
        assert init.gain("leaky_relu", slope) == reference.calculate_gain("leaky_relu", slope)


class Largest(random.Random):
    """A generator whose draws are the standard deviation, or the upper bound."""

    def normalvariate(self, mu=0.0, sigma=1.0):
        return mu + sigma

    def uniform(self, a, b):
        return b


@pytest.mark.parametrize("mode", ["fan_in", "fan_out"])
@pytest.mark.parametrize("gain", ["linear", "tanh", "relu", "leaky_relu"])
def test_scales_are_those_of_pytorch(mode, gain):
    torch = pytest.importorskip("torch")

    def theirs(function, unit, *arguments, **more):
        """What the numbers of PyTorch's generator are multiplied with."""
        weight, plain = (torch.empty(7, 5, dtype=torch.float64) for _ in range(2))
        function(weight, *arguments, **more, generator=torch.Generator().manual_seed(0))
        return (weight / unit(plain, generator=torch.Generator().manual_seed(0))).numpy()

    def ours(function, *arguments):
        return numbers(function(matrix(7, 5), *arguments, Largest()))

    def normal(plain, generator):
        return plain.normal_(generator=generator)

    def uniform(plain, generator):
        return plain.uniform_(-1, 1, generator=generator)

    kaiming = {"a": 0.01, "mode": mode, "nonlinearity": gain}
    factor = init.gain(gain)
    of_pytorch = torch.nn.init
    for scales, expected in (
        (ours(init.xavier_normal, factor), theirs(of_pytorch.xavier_normal_, normal, factor)),
        (ours(init.xavier_uniform, factor), theirs(of_pytorch.xavier_uniform_, uniform, factor)),
        (ours(init.kaiming_normal, mode, gain), theirs(of_pytorch.kaiming_normal_, normal, **kaiming)),
        (ours(init.kaiming_uniform, mode, gain), theirs(of_pytorch.kaiming_uniform_, uniform, **kaiming)),
    ):
        np.testing.assert_allclose(scales, expected, rtol=1e-12)


def signals(model, x):
    """The mean square of the outputs of each layer."""
    sizes = []
    with no_grad():
        for layer in model.layers:
            x = layer(x)
            sizes.append(sum(a.data**2 for a in x) / len(x))
    return sizes


def noise(n, seed):
    rng = random.Random(f"inputs {seed}")  # not the numbers that the weights are drawn from
    return [rng.gauss(0.0, 1.0) for _ in range(n)]


@pytest.mark.slow
def test_a_deep_relu_network_keeps_its_signal_under_kaiming_and_halves_it_at_each_layer_under_lecun():
    width, depth, runs = 64, 12, 8
    model, ratios = MLP(width, [width] * (depth + 1), "relu"), []
    for seed in range(runs):
        x = noise(width, seed)
        kept = signals(init.kaiming_normal(model, seed=seed), x)[:depth]
        halved = signals(init.lecun_normal(model, seed=seed), x)[:depth]
        # the same numbers, times √2 before each relu
        assert [a / b for a, b in zip(kept, halved)] == pytest.approx([2.0 ** (i + 1) for i in range(depth)])
        ratios.append(kept[-1] / (sum(a * a for a in x) / width))
    # each layer multiplies the mean square by 2/n Σ relu(zᵢ)², of mean 1 and variance 5/n, z standard normal
    variance = (1 + 5 / width) ** depth - 1
    assert abs(sum(ratios) / runs - 1) < 4 * math.sqrt(variance / runs)
    assert min(ratios) > 100 * 2.0**-depth


@pytest.mark.slow
def test_a_deep_tanh_network_keeps_its_signal_under_xavier_with_gain_and_loses_it_without():
    z, p = np.polynomial.hermite_e.hermegauss(60)

    def expected(g, depth):
        """The mean square q after some layers, in wide ones: q becomes E tanh²(g √q z), z standard normal."""
        q = 1.0
        for _ in range(depth):
            q = float((np.tanh(g * math.sqrt(q) * z) ** 2 * p).sum() / p.sum())
        return q

    width, depth, runs = 64, 15, 4
    model = MLP(width, [width] * (depth + 1), "tanh")

    def found(g):
        sizes = [signals(init.xavier_normal(model, g, seed), noise(width, seed))[depth - 1] for seed in range(runs)]
        return sum(sizes) / runs

    g = init.gain("tanh")
    assert expected(g, depth) == pytest.approx(expected(g, 10 * depth), rel=1e-3)  # here it stays
    # a number from 0 to 1, such as tanh², has a standard deviation of 1/2 at most
    assert abs(found(g) - expected(g, depth)) < 4 * 0.5 / math.sqrt(width * runs)
    assert found(1.0) < expected(g, depth) / 5
    assert 0 < found(0.5) < 4 * 0.25**depth  # |tanh a| <= |a|: on average at most 0.25 is left at each layer


def test_the_zeros_of_a_network_with_hidden_layers_let_no_gradient_through():
    model = init.zeros(MLP(2, [3, 1], "tanh", seed=0))
    model([1.0, 2.0]).backward()
    assert [name for name, p in model.named_parameters() if p.grad] == ["layers.1.neurons.0.b"]


def test_kaiming_takes_the_activation_of_each_layer():
    model = init.kaiming_normal(MLP(4, [4, 4], "tanh"), seed=Largest())
    hidden, last = (weights(layer) for layer in model.layers)
    assert (hidden == 5 / 3 / 2).all()
    assert (last == 1 / 2).all()
    assert (weights(init.kaiming_uniform(Layer(3, 2, "linear"), seed=Largest())) == 1.0).all()
    init.kaiming_normal(model, nonlinearity="relu", seed=Largest())
    assert all((weights(layer) == math.sqrt(2) / 2).all() for layer in model.layers)


def test_a_gain_is_refused_with_the_list_of_those_that_are_known():
    for unknown in ("silu", "gelu", None, math.tanh):
        with pytest.raises(
            ValueError, match=r"no gain is known for .*'linear', 'sigmoid', 'tanh', 'relu', 'selu', 'leaky"
        ):
            init.gain(unknown)
    with pytest.raises(ValueError, match=r"param is the slope of 'leaky_relu', and 'relu' has none: got 0\.1"):
        init.gain("relu", 0.1)
    with pytest.raises(ValueError, match="param must be a finite number, got nan"):
        init.gain("leaky_relu", math.nan)
