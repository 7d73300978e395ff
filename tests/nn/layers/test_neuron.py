"""Neuron, Layer, MLP: their shape, their first weights, and their gradients against two oracles.

The oracles are numerical differentiation, parameter by parameter, and backpropagation as textbooks derive it for
matrices (Rumelhart, Hinton & Williams 1986; Nielsen 2015, equations BP1-BP4), written out with NumPy.
"""

from __future__ import annotations

import math
import random
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd
from autograd import Value, no_grad, topological_order
from nn import MLP, Layer, Module, Neuron, cross_entropy, mse_loss

sizes = st.integers(1, 5)
shapes = st.tuples(sizes, st.lists(sizes, min_size=1, max_size=3))
seeds = st.integers(0, 2**32)


def computed(*roots: Value) -> list[Value]:
    return [node for node in topological_order(*roots) if node.op]


def outputs_of(y: Any) -> list[Value]:
    return y if isinstance(y, list) else [y]


# ------------------------------------------------------------------------------------------------------------ shape


@given(shapes)
def test_an_mlp_has_a_weight_for_each_pair_of_neighbours_and_a_bias_a_neuron(shape):
    nin, nouts = shape
    widths = [nin, *nouts]
    model = MLP(nin, nouts, seed=0)
    expected = [
        f"layers.{i}.neurons.{j}.{place}"
        for i, (below, here) in enumerate(pairwise(widths))
        for j in range(here)
        for place in [*(f"w.{k}" for k in range(below)), "b"]
    ]
    assert [name for name, _ in model.named_parameters()] == expected
    assert [p.label for p in model.parameters()] == expected


@given(shapes)
def test_a_graph_has_one_dot_a_neuron_and_one_activation_a_hidden_neuron(shape):
    nin, nouts = shape
    ops = [node.op for node in computed(*outputs_of(MLP(nin, nouts, activation="tanh", seed=0)([1.0] * nin)))]
    assert ops.count("dot") == sum(nouts)
    assert ops.count("tanh") == sum(nouts[:-1])
    assert len(ops) == sum(nouts) + sum(nouts[:-1])


@given(shapes)
def test_one_output_is_a_value_and_several_are_a_list_of_values(shape):
    nin, nouts = shape
    for model in (MLP(nin, nouts, seed=0), Layer(nin, nouts[-1], seed=0)):
        y = model([1.0] * nin)
        if nouts[-1] == 1:
            assert isinstance(y, Value)
        else:
            assert isinstance(y, list)
            assert [type(item) for item in y] == [Value] * nouts[-1]


@given(shapes, seeds)
def test_an_mlp_is_its_layers_one_after_the_other(shape, seed):
    nin, nouts = shape
    model = MLP(nin, nouts, activation="sin", seed=seed)
    x = [random.Random(seed).gauss(0, 1) for _ in range(nin)]
    a: Any = x
    for layer in model.layers:
        a = layer(outputs_of(a))
    assert [y.data for y in outputs_of(a)] == [y.data for y in outputs_of(model(x))]


def test_only_the_last_layer_is_linear():
    model = MLP(2, [3, 4, 2], activation="tanh", seed=0)
    assert [layer.activation for layer in model.layers] == ["tanh", "tanh", "linear"]
    assert [y.op for y in model([1.0, 2.0])] == ["dot", "dot"]


@given(
    st.sampled_from(
        ["Neuron(3, activation='tanh')", "Layer(2, 4, activation='relu')", "MLP(3, [4, 1], activation='sin')"]
    )
)
def test_what_a_model_prints_builds_one_of_the_same_shape(text):
    model = eval(text, {"Neuron": Neuron, "Layer": Layer, "MLP": MLP})
    assert repr(model) == text


# ----------------------------------------------------------------------------------------------------------- inputs


@given(shapes, st.integers(0, 8))
def test_a_wrong_number_of_inputs_is_refused_with_both_numbers(shape, given_inputs):
    nin, nouts = shape
    given_inputs += given_inputs >= nin
    for model in (MLP(nin, nouts, seed=0), Layer(nin, nouts[0], seed=0), Neuron(nin, seed=0)):
        with pytest.raises(ValueError, match=f"takes {nin} inputs?, got {given_inputs}$") as refusal:
            model([0.0] * given_inputs)
        assert repr(model) in str(refusal.value)


@pytest.mark.parametrize("kind", [list, tuple, np.array, iter, lambda xs: [Value(x) for x in xs], np.float32])
def test_inputs_may_come_in_anything_that_holds_numbers(kind):
    model = MLP(3, [2, 1], activation="tanh", seed=0)
    assert model(kind([0.5, -1.0, 2.0])).data == model([0.5, -1.0, 2.0]).data


@pytest.mark.parametrize("x", [2, 2.0, np.float64(2.0), Value(2.0), [2.0], (Value(2.0),)])
def test_a_single_input_needs_no_list(x):
    neuron = Neuron(1, activation="linear", seed=0)
    assert neuron(x).data == neuron.w[0].data * 2.0 + neuron.b.data


@pytest.mark.parametrize("x", ["ab", [None, 1.0], [1j, 1.0], ["1", "2"], np.ones((2, 2)), [[1.0], [2.0]]])
def test_inputs_that_are_not_numbers_are_refused(x):
    for model in (MLP(2, [2, 1], seed=0), Layer(2, 2, seed=0), Neuron(2, seed=0)):
        with pytest.raises(TypeError, match="an input must be a real number"):
            model(x)


def test_inputs_that_are_values_receive_gradients():
    x = [Value(0.5), Value(-1.5)]
    model = Neuron(2, activation="linear", seed=0)
    model(x).backward()
    assert [v.grad for v in x] == [w.data for w in model.w]


def test_nothing_is_recorded_where_no_gradient_is_wanted():
    model = MLP(2, [3, 1], seed=0)
    with no_grad():
        y = model([1.0, 2.0])
    assert y.parents == ()
    assert y.data == model([1.0, 2.0]).data


# ----------------------------------------------------------------------------------------------------- construction


@pytest.mark.parametrize("n", [0, -1, 1.0, 2.5, True, "3", None, math.nan])
def test_a_size_is_a_positive_integer(n):
    for build in (
        lambda: Neuron(n),
        lambda: Layer(n, 1),
        lambda: Layer(1, n),
        lambda: MLP(n, [1]),
        lambda: MLP(1, [1, n]),
    ):
        with pytest.raises(ValueError, match="must be a positive integer, got") as refusal:
            build()
        assert repr(n) in str(refusal.value)


def test_a_bad_size_is_called_by_its_name():
    with pytest.raises(ValueError, match=r"nouts\[1\] must be a positive integer, got 0"):
        MLP(2, [3, 0, 1])
    with pytest.raises(ValueError, match="nout must be a positive integer, got -2"):
        Layer(2, -2)


@pytest.mark.parametrize("nouts", [[], (), 3])
def test_the_layers_of_an_mlp_are_a_list(nouts):
    with pytest.raises(ValueError, match=r"such as \[16, 16, 1\], got"):
        MLP(2, nouts)


def test_sizes_may_be_numpy_integers():
    assert repr(MLP(np.int64(2), np.array([3, 1]))) == "MLP(2, [3, 1], activation='relu')"


# --------------------------------------------------------------------------------------------------- initialization


@given(shapes, seeds, st.sampled_from(["relu", "tanh", "linear"]))
def test_first_weights_lie_within_one_over_the_root_of_the_inputs(shape, seed, activation):
    nin, nouts = shape
    for layer in MLP(nin, nouts, activation, seed=seed).layers:
        assert all(abs(p.data) <= layer.nin**-0.5 for p in layer.parameters())


def test_first_weights_are_spread_evenly():
    drawn = sorted(p.data * math.sqrt(24) for p in Layer(24, 400, seed=0).parameters())
    assert len(drawn) == 10_000
    distance = max(abs((i + 0.5) / len(drawn) - (x + 1) / 2) for i, x in enumerate(drawn))
    assert distance < 1.63 / math.sqrt(len(drawn))  # Kolmogorov & Smirnov, one per cent


def test_no_two_weights_are_drawn_alike():
    numbers = list(MLP(6, [6, 6, 6], seed=0).state_dict().values())
    assert len(set(numbers)) == len(numbers)


@given(seeds)
def test_a_seed_repeats_the_weights_and_another_gives_others(seed):
    state = MLP(2, [3, 1], seed=seed).state_dict()
    assert MLP(2, [3, 1], seed=seed).state_dict() == state
    assert MLP(2, [3, 1], seed=random.Random(seed)).state_dict() == state
    assert MLP(2, [3, 1], seed=seed + 1).state_dict() != state


def test_a_generator_goes_on_from_model_to_model():
    rng = random.Random(0)
    assert Neuron(2, seed=rng).state_dict() != Neuron(2, seed=rng).state_dict()


def test_a_seed_may_be_a_numpy_integer():
    assert Neuron(2, seed=np.int64(7)).state_dict() == Neuron(2, seed=7).state_dict()


@pytest.mark.parametrize("seed", [None, 0, random.Random(1)])
def test_the_global_generator_is_neither_used_nor_touched(seed):
    random.seed(5)
    before = random.getstate()
    first = MLP(2, [3, 1], seed=seed).state_dict()
    assert random.getstate() == before
    second = MLP(2, [3, 1], seed=seed).state_dict()
    assert (first == second) == (seed == 0)  # without a seed it's new weights, whatever random.seed() was given


@pytest.mark.parametrize("seed", [1.5, "0", [0], np.random.default_rng(0)])
def test_a_seed_of_another_kind_is_refused(seed):
    with pytest.raises(TypeError, match=r"seed must be an integer, a random\.Random or None"):
        Neuron(2, seed=seed)


# -------------------------------------------------------------------------------------------- gradients, numerically

SMOOTH = ["linear", "tanh", "sigmoid", "softplus", "silu", "gelu", "erf", "sin", "atan"]


def models(activation: str, seed: int) -> list[tuple[Module, int]]:
    """One of each kind, and its number of inputs."""
    return [
        (Neuron(3, activation, seed=seed), 3),
        (Layer(2, 3, activation, seed=seed), 2),
        (MLP(2, [3, 2], activation, seed=seed), 2),
    ]


@pytest.mark.parametrize("activation", SMOOTH)
def test_the_gradient_of_every_parameter_and_input_is_the_numerical_one(activation, richardson):
    for model, nin in models(activation, seed=3):
        rng = random.Random(4)
        x = [Value(rng.gauss(0, 1)) for _ in range(nin)]

        def loss(model: Module = model, x: list[Value] = x) -> Value:
            return autograd.sum([(y - 0.25) ** 2 * (i + 1) for i, y in enumerate(outputs_of(model(x)))])

        loss().backward()
        for leaf in [*model.parameters(), *x]:
            there = leaf.data

            def moved(t: float, leaf: Value = leaf, loss: Any = loss) -> float:
                leaf.data = t
                with no_grad():
                    return loss().data

            slope, error = richardson(moved, there)
            leaf.data = there
            assert error < 1e-9
            assert leaf.grad == pytest.approx(slope, rel=1e-9, abs=1e-9)


# ----------------------------------------------------------------------- gradients, by the matrix equations of backprop

PHI = {
    "linear": (lambda z: z, lambda z: np.ones_like(z)),
    "relu": (lambda z: np.maximum(z, 0), lambda z: (z > 0) * 1.0),
    "tanh": (np.tanh, lambda z: 1 / np.cosh(z) ** 2),
    "sigmoid": (lambda z: 1 / (1 + np.exp(-z)), lambda z: np.exp(-z) / (1 + np.exp(-z)) ** 2),
    "sin": (np.sin, np.cos),
}


def backpropagation(weights, biases, x, phis, d_loss):
    """The textbook's equations for one example: the gradients of all W, all b, and x.

    z = Wx + b, a = φ(z); δ of the last layer from the loss, δ below = (Wᵀδ) ⊙ φ'(z); ∇W = δaᵀ, ∇b = δ, ∂L/∂x = Wᵀδ.
    """
    activations, zs = [x], []
    for W, b, (phi, _) in zip(weights, biases, phis):
        zs.append(W @ activations[-1] + b)
        activations.append(phi(zs[-1]))
    delta = d_loss(activations[-1])
    grads_W, grads_b = [], []
    for W, z, a, (_, slope) in reversed(list(zip(weights, zs, activations, phis))):
        delta = delta * slope(z)
        grads_W.insert(0, np.outer(delta, a))
        grads_b.insert(0, delta)
        delta = W.T @ delta
    return activations[-1], grads_W, grads_b, delta


def matrices(model: MLP, attribute: str) -> tuple[list[Any], list[Any]]:
    """W and b of each layer, filled with the data or the grad of the parameters."""
    return (
        [np.array([[getattr(w, attribute) for w in n.w] for n in layer.neurons]) for layer in model.layers],
        [np.array([getattr(n.b, attribute) for n in layer.neurons]) for layer in model.layers],
    )


def alike(ours: Any, theirs: Any, scale: float) -> bool:
    """Equal to 1e-12 of the scale."""
    ours, theirs = np.asarray(ours), np.asarray(theirs)
    return ours.shape == theirs.shape and bool(np.abs(ours - theirs).max() <= 1e-12 * scale)


@given(shapes, st.sampled_from(sorted(PHI)), st.integers(1, 4), st.booleans(), seeds)
def test_the_graph_gives_the_matrix_equations_of_backpropagation(shape, activation, batch, classify, seed):
    nin, nouts = shape
    model = MLP(nin, nouts, activation, seed=seed)
    rng = np.random.default_rng(seed)
    X, T = rng.normal(size=(batch, nin)), rng.normal(size=(batch, nouts[-1]))
    classes = rng.integers(nouts[-1], size=batch)

    leaves = [[Value(x) for x in row] for row in X]
    rows = [outputs_of(model(row)) for row in leaves]
    (cross_entropy(rows, classes) if classify else mse_loss(rows, T)).backward()

    def d_mse(y: Any, i: int) -> Any:
        return 2 * (y - T[i]) / T.size

    def d_cross_entropy(y: Any, i: int) -> Any:
        exps = np.exp(y - y.max())
        return (exps / exps.sum() - np.eye(len(y))[classes[i]]) / batch

    weights, biases = matrices(model, "data")
    phis = [PHI[activation]] * (len(nouts) - 1) + [PHI["linear"]]
    d_loss = d_cross_entropy if classify else d_mse
    by_hand = [backpropagation(weights, biases, X[i], phis, lambda y, i=i: d_loss(y, i)) for i in range(batch)]
    # the largest term of any of the sums: where they cancel, what is left has no more digits than that
    scale = max(np.abs(g).max() for _, W, b, x in by_hand for g in [*W, *b, x])
    for i, (y, _, _, d_x) in enumerate(by_hand):
        assert alike([v.data for v in rows[i]], y, scale=max(1.0, np.abs(y).max()))
        assert alike([v.grad for v in leaves[i]], d_x, scale)
    grads_W, grads_b = matrices(model, "grad")
    for layer in range(len(nouts)):
        assert alike(grads_W[layer], sum(g[1][layer] for g in by_hand), scale)
        assert alike(grads_b[layer], sum(g[2][layer] for g in by_hand), scale)


def test_the_activation_is_that_of_the_neurons():
    model = MLP(2, [3, 1], activation="tanh", seed=0)
    assert model.activation == model.layers[0].activation == "tanh"
    for part in (model, model.layers[0]):
        with pytest.raises(AttributeError):
            part.activation = "relu"


def test_a_batch_in_place_of_an_example_is_refused_with_the_difference():
    with pytest.raises(TypeError, match="one example of 3 inputs at a time"):
        MLP(3, [1], seed=0)([[1.0, 2.0, 3.0]])
