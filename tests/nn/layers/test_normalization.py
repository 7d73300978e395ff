"""BatchNorm, LayerNorm, RMSNorm: means and variances of what comes out, running statistics, and refusals."""

from __future__ import annotations

import copy
import math
import pickle
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd
from autograd import Value
from nn import MLP, SGD, Buffer, Layer, Module, Parameter, load, save
from nn.layers.containers import Residual, Sequential
from nn.layers.noise import Dropout
from nn.layers.normalization import BatchNorm, LayerNorm, RMSNorm
from nn.module import named_state

sizes = st.integers(1, 4)
seeds = st.integers(0, 2**32 - 1)


def data(outputs: Any) -> Any:
    return [data(y) for y in outputs] if isinstance(outputs, (list, tuple)) else getattr(outputs, "data", outputs)


def batch_of(m: int, n: int, seed: int) -> list[list[float]]:
    """m examples of n numbers, no two of which are nearer than 0.5: where all are alike, normalizing loses digits."""
    rng = np.random.default_rng(seed)
    return (rng.permutation(m * n).reshape(m, n) + rng.uniform(0.0, 0.5, size=(m, n)) - 1.0).tolist()


def bits(module: Module) -> dict[str, str]:
    return {name: x.hex() for name, x in module.state_dict().items()}


# ------------------------------------------------------------------------------------------------- what comes out


@given(st.integers(2, 6), sizes, seeds)
def test_in_training_each_feature_has_mean_0_and_variance_1_over_the_batch(m, n, seed):
    out = np.array(data(BatchNorm(n, eps=0.0).batch(batch_of(m, n, seed)))).reshape(m, n)
    assert np.abs(out.mean(axis=0)).max() < 1e-12
    assert np.abs(out.var(axis=0) - 1).max() < 1e-12


@given(st.integers(2, 6), seeds)
def test_each_example_has_mean_0_and_variance_1_over_its_features(n, seed):
    (x,) = batch_of(1, n, seed)
    out = np.array(data(LayerNorm(n, eps=0.0)(x)))
    assert abs(out.mean()) < 1e-12
    assert abs(out.var() - 1) < 1e-12
    assert abs((np.array(data(RMSNorm(n, eps=0.0)(x))) ** 2).mean() - 1) < 1e-12


@pytest.mark.parametrize("norm", [LayerNorm(3, eps=0.0), RMSNorm(3, eps=0.0)], ids=repr)
def test_the_size_of_an_example_does_not_matter_and_so_has_no_gradient(norm):
    x = [1.0, -2.0, 4.0]
    expected = data(norm(x))
    for scale in (1e-3, 7.0, 1e5):
        assert data(norm([scale * v for v in x])) == pytest.approx(expected, rel=1e-12)
    inputs = [Value(v) for v in x]
    autograd.dot([2.0, 3.0, 5.0], norm(inputs)).backward()
    assert abs(sum(v.grad * v.data for v in inputs)) < 1e-12


@given(st.integers(2, 5), sizes, seeds)
def test_the_gradient_of_a_batch_norm_sums_to_zero_over_the_batch(m, n, seed):
    xs = [[Value(x) for x in row] for row in batch_of(m, n, seed)]
    outputs = BatchNorm(n).batch(xs)
    weights = np.random.default_rng(seed + 1).normal(size=m * n).tolist()
    autograd.dot(weights, [y for row in outputs for y in (row if isinstance(row, list) else [row])]).backward()
    for column in zip(*xs):
        assert abs(sum(x.grad for x in column)) < 1e-11


@pytest.mark.parametrize("norm", [BatchNorm(2), LayerNorm(2), RMSNorm(2)], ids=repr)
def test_learned_numbers_scale_and_shift(norm):
    xs = [[1.0, 5.0], [2.0, 1.0]]
    plain = data(copy.deepcopy(norm).batch(xs))
    for gamma, value in zip(norm.weight, (2.0, -3.0)):
        gamma.data = value
    shifts = (0.5, 1.5) if isinstance(norm.bias[0], Parameter) else (0.0, 0.0)
    for beta, value in zip(norm.bias, shifts):
        if isinstance(beta, Parameter):
            beta.data = value
    for row, expected in zip(data(norm.batch(xs)), plain):
        assert row == pytest.approx([2.0 * expected[0] + shifts[0], -3.0 * expected[1] + shifts[1]], rel=1e-12)


@pytest.mark.parametrize(
    ("norm", "names"),
    [
        (BatchNorm(1), ["weight.0", "bias.0"]),
        (BatchNorm(1, affine=False), []),
        (LayerNorm(1), ["weight.0", "bias.0"]),
        (LayerNorm(1, bias=False), ["weight.0"]),
        (LayerNorm(1, elementwise_affine=False), []),
        (RMSNorm(1), ["weight.0"]),
        (RMSNorm(1, elementwise_affine=False), []),
    ],
)
def test_there_is_to_be_learned_what_was_asked_for(norm, names):
    assert [name for name, _ in norm.named_parameters()] == names


# --------------------------------------------------------------------------------------------- running statistics


@given(st.lists(st.tuples(st.integers(2, 5), seeds), min_size=1, max_size=4), st.sampled_from([0.0, 0.1, 0.5, 1.0]))
def test_running_statistics_are_the_weighted_means_of_those_of_the_batches(batches, momentum):
    norm, share = BatchNorm(1, momentum=momentum), Fraction(momentum)
    average, variance = Fraction(0), Fraction(1)
    for m, seed in batches:
        column = [Fraction(row[0]) for row in batch_of(m, 1, seed)]
        norm.batch([[float(x)] for x in column])
        mu = sum(column) / m
        average = (1 - share) * average + share * mu
        variance = (1 - share) * variance + share * sum((x - mu) ** 2 for x in column) / (m - 1)
    # means of opposite signs may cancel: some hundred roundings of the numbers, which are less than 5
    assert norm.running_mean[0].data == pytest.approx(float(average), rel=0.0, abs=1e-13)
    assert norm.running_var[0].data == pytest.approx(float(variance), rel=1e-12)
    assert norm.num_batches_tracked.data == len(batches)


def test_with_momentum_1_and_many_examples_evaluation_is_as_training():
    norm, xs = BatchNorm(2, momentum=1.0), batch_of(1000, 2, 0)
    in_training = data(norm.batch(xs))
    assert data(norm.eval().batch(xs)) == pytest.approx(np.array(in_training), rel=1e-3, abs=1e-3)


@given(st.integers(1, 4), sizes, seeds)
def test_in_evaluation_the_rest_of_the_batch_does_not_matter_and_nothing_changes(m, n, seed):
    norm = BatchNorm(n)
    norm.batch(batch_of(5, n, seed))
    norm.eval()
    before = bits(norm)
    xs = batch_of(m, n, seed + 1)
    assert data(norm.batch(xs)) == [data(norm(x)) for x in xs]
    assert bits(norm) == before


def test_running_statistics_change_without_a_graph_too_and_keep_none():
    first, second = BatchNorm(1), BatchNorm(1)
    first.batch([[Value(1.0)], [Value(3.0)]])
    with autograd.no_grad():
        second.batch([[1.0], [3.0]])
    assert bits(first) == bits(second)
    assert all(buffer.parents == () for buffer in (*first.running_mean, *first.running_var))


@pytest.mark.parametrize("depth", [1, 2])
def test_a_batch_counts_once_though_a_checkpoint_computes_it_again(depth: int):
    plain, saving = (Sequential(Layer(2, 3, "tanh", seed=0), BatchNorm(3)) for _ in range(2))
    function = saving.batch
    for _ in range(depth):
        function = autograd.checkpoint(function)
    for batch in ([[0.1, 0.2], [0.3, -0.4]], [[1.0, 2.0], [3.0, 5.0], [0.5, -1.0]]):
        for model, outputs in ((plain, plain.batch(batch)), (saving, function(batch))):
            (autograd.sum([y for row in outputs for y in row]) ** 2).backward()
            assert model.layers[1].num_batches_tracked.data == (1 if len(batch) == 2 else 2)
        assert plain.state_dict() == saving.state_dict()
        assert [p.grad for p in plain.parameters()] == pytest.approx([p.grad for p in saving.parameters()], rel=1e-9)


def test_a_graph_stays_good_when_later_batches_move_the_statistics():
    norm, x = BatchNorm(1), [Value(1.0), Value(2.0), Value(4.0)]
    y = norm.batch(x)[0]
    norm.batch([5.0, 6.0])
    norm.eval()
    z = norm(x[0])
    norm.train().batch([7.0, 9.0])
    (y + z).backward()
    assert all(math.isfinite(v.grad) for v in x)


# ------------------------------------------------------------------------------------------------------- refusals


@pytest.mark.parametrize("xs", [[], [[1.0, 2.0]]])
@pytest.mark.parametrize(
    "around",
    [lambda m: m, Residual, lambda m: Sequential(Layer(2, 2), m), lambda m: Sequential(Residual(Sequential(m)))],
)
def test_a_batch_of_one_is_refused_in_training_and_changes_nothing(around, xs):
    norm = BatchNorm(2)
    model = around(norm)
    before = bits(model)
    with pytest.raises(
        ValueError, match=rf"BatchNorm\(2\) in training mode needs .* at least 2 examples, got {len(xs)}"
    ):
        model.batch(xs)
    assert bits(model) == before
    assert len(model.eval().batch(xs)) == len(xs)


def test_one_example_is_refused_in_training_and_changes_nothing():
    for model in (BatchNorm(2), Sequential(Dropout(0.5), Residual(BatchNorm(2)))):
        before = bits(model)
        with pytest.raises(ValueError, match=r"call model\.batch\(\[x1, x2, \.\.\.\]\), or model\.eval\(\)"):
            model([1.0, 2.0])
        assert bits(model) == before
        assert len(model.eval()([1.0, 2.0])) == 2


@pytest.mark.parametrize("norm", [BatchNorm(2), BatchNorm(2).eval(), LayerNorm(2), RMSNorm(2)], ids=repr)
@pytest.mark.parametrize("wrong", [[1.0], [], 1.0, [1.0, 2.0, 3.0]])
def test_an_example_of_another_width_is_refused_and_changes_nothing(norm, wrong):
    before = bits(norm)
    with pytest.raises(ValueError, match=r"\w+Norm\(2\) takes 2 inputs, got [0-3]"):
        norm.batch([[1.0, 2.0], [2.0, 1.0], wrong])
    assert bits(norm) == before


@pytest.mark.parametrize("wrong", ["ab", [None, 1.0], [[1.0], [2.0]], [Value(1.0), "x"]], ids=repr)
@pytest.mark.parametrize("norm", [BatchNorm(2), LayerNorm(2), RMSNorm(2)], ids=repr)
def test_what_is_no_number_is_refused_and_changes_nothing(norm, wrong):
    before = bits(norm)
    with pytest.raises(TypeError, match="an input must be a real number"):
        norm.batch([[1.0, 2.0], wrong])
    assert bits(norm) == before


def test_a_batch_without_variance_is_refused_where_eps_is_0_and_changes_nothing():
    norm = BatchNorm(2, eps=0.0)
    before = bits(norm)
    with pytest.raises(ZeroDivisionError, match="is not defined"):
        norm.batch([[1.0, 1.0], [2.0, 1.0]])
    assert bits(norm) == before
    assert data(BatchNorm(1).batch([2.0, 2.0])) == [0.0, 0.0]


@pytest.mark.parametrize("kind", [BatchNorm, LayerNorm, RMSNorm])
def test_settings_that_make_no_sense_are_refused(kind):
    for n in (0, -1, 1.5, "2", None, True):
        with pytest.raises(ValueError, match=r"(num_features|normalized_shape) must be a positive integer"):
            kind(n)
    for eps in (-1e-5, math.nan, math.inf):
        with pytest.raises(ValueError, match="eps must be a finite number, 0 or greater"):
            kind(2, eps=eps)
    with pytest.raises(TypeError, match="eps must be a real number"):
        kind(2, eps="1e-5")


@pytest.mark.parametrize("momentum", [-0.1, 1.1, math.nan, math.inf])
def test_a_momentum_that_is_no_share_is_refused(momentum):
    with pytest.raises(ValueError, match="momentum must be"):
        BatchNorm(2, momentum=momentum)


# ---------------------------------------------------------------------------------------------- buffers: the state


def network() -> Sequential:
    return Sequential(Layer(2, 3, "linear", seed=0), BatchNorm(3), Residual(Sequential(BatchNorm(3), "tanh")))


def test_buffers_are_labelled_by_their_place_and_are_no_parameters():
    model = network()
    named = named_state(model)
    buffers = {name: b for name, b in named.items() if isinstance(b, Buffer)}
    assert "layers.1.running_mean.2" in buffers
    assert "layers.2.module.layers.0.running_var.0" in buffers
    assert "layers.1.num_batches_tracked" in buffers
    assert len(buffers) == 14
    assert all(number.label == name for name, number in named.items())
    assert not set(buffers.values()) & set(model.parameters())
    assert list(model.state_dict()) == list(named)


def test_an_optimizer_moves_no_buffer_and_zero_grad_touches_none():
    model = network()
    optimizer = SGD(model.parameters(), lr=0.1, momentum=0.9, weight_decay=0.5)
    for k in range(3):
        loss = autograd.sum([y * y for row in model.batch(batch_of(4, 2, k)) for y in row])
        model.zero_grad()
        loss.backward()
        before = {name: n.data for name, n in named_state(model).items() if isinstance(n, Buffer)}
        optimizer.step()
        assert before == {name: n.data for name, n in named_state(model).items() if isinstance(n, Buffer)}
        assert all(n.grad == 0.0 for n in named_state(model).values() if isinstance(n, Buffer))


def test_running_statistics_are_saved_and_loaded(tmp_path):
    model = network()
    model.batch(batch_of(4, 2, 0))
    save(model, tmp_path / "model.json")
    twin = load(network(), tmp_path / "model.json")
    assert bits(twin) == bits(model)
    assert bits(twin) != bits(network())
    x = [0.5, -1.0]
    assert data(twin.eval()(x)) == data(model.eval()(x))


@pytest.mark.parametrize("norm", [BatchNorm, LayerNorm, RMSNorm])
def test_a_file_of_a_model_with_another_eps_is_refused(norm, tmp_path):
    assert (repr(norm(3)), repr(norm(3, eps=0.5))) == (f"{norm.__name__}(3)", f"{norm.__name__}(3, eps=0.5)")
    save(Sequential(norm(3, eps=0.5)), tmp_path / "model.json")
    load(Sequential(norm(3, eps=0.5)), tmp_path / "model.json")
    with pytest.raises(ValueError, match=r"was saved from Sequential\(.*\(3, eps=0\.5\)\), which is not this"):
        load(Sequential(norm(3)), tmp_path / "model.json")


def test_a_state_without_the_running_statistics_is_refused_and_changes_nothing():
    norm = BatchNorm(2)
    norm.batch([[1.0, 2.0], [3.0, 5.0]])
    before = bits(norm)
    with pytest.raises(ValueError, match=r"missing: running_mean\.0, running_mean\.1, .*num_batches_tracked"):
        norm.load_state_dict({"weight": [2.0, 2.0], "bias": [1.0, 1.0]})
    assert bits(norm) == before


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda x: pickle.loads(pickle.dumps(x))], ids=["deepcopy", "pickle"])
def test_a_copy_goes_its_own_way(copied):
    model = network()
    model.batch(batch_of(4, 2, 0))
    twin = copied(model)
    assert bits(twin) == bits(model)
    assert [(n.label, type(n)) for n in named_state(twin).values()] == [
        (n.label, type(n)) for n in named_state(model).values()
    ]
    before = bits(model)
    twin.batch(batch_of(4, 2, 1))
    assert bits(model) == before
    assert bits(twin) != before


@pytest.mark.parametrize("seed", range(4))
def test_a_network_with_a_batch_norm_learns_what_is_badly_scaled(seed):
    rng = np.random.default_rng(seed)
    xs = (1000 + 100 * rng.normal(size=(8, 2))).tolist()
    targets = [(a - b) / 100 for a, b in xs]
    model = Sequential(BatchNorm(2), MLP(2, [1], seed=seed))
    optimizer = SGD(model.parameters(), lr=0.05)
    losses = []
    for _ in range(60):
        loss = autograd.mean([(y - t) ** 2 for y, t in zip(model.batch(xs), targets)])
        model.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.data)
    assert losses[-1] < 0.01 * losses[0]
