"""fit: every example once an epoch, the same digits for the same seed, and what its settings do."""

from __future__ import annotations

import math
import random
from collections import Counter
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd import Value, is_grad_enabled, mean
from nn import MLP, SGD, Module, Neuron, fit, mse_loss

X = [[random.Random(i).gauss(0, 1), random.Random(i + 100).gauss(0, 1)] for i in range(12)]
T = [math.sin(a) + 0.5 * b for a, b in X]


def trained(
    seed: Any = 0, *, X: Any = X, T: Any = T, epochs: Any = 3, batch_size: Any = 5, loss: Any = mse_loss
) -> Any:
    """A model after training, and what fit returned."""
    model = MLP(2, [4, 1], activation="tanh", seed=0)
    optimizer = SGD(model.parameters(), lr=0.05, momentum=0.9)
    history = fit(
        model, loss, X, T, optimizer=optimizer, epochs=epochs, batch_size=batch_size, seed=seed, progress=False
    )
    return model, history


class Spy:
    """A loss that keeps a record of its targets, its values, and the parameters at each call in a step."""

    def __init__(self, loss: Any = mse_loss) -> None:
        self.loss = loss
        self.model: Module | None = None
        self.targets: list[Any] = []
        self.values: list[float] = []
        self.states: list[dict[str, float]] = []

    def __call__(self, output: Value, target: Any) -> Value:
        if not is_grad_enabled():  # fit tries the loss before it begins
            return mse_loss(output, 0.0)
        self.targets.append(target)
        if self.model is not None:
            self.states.append(self.model.state_dict())
        value: Value = self.loss(output, target)
        self.values.append(value.data)
        return value


# ------------------------------------------------------------------------------------------------------ what it does


def test_the_loss_of_a_linear_model_falls_with_every_step():
    model = Neuron(2, activation="linear", seed=0)
    history = fit(model, mse_loss, X, T, optimizer=SGD(model.parameters(), 0.05), epochs=50, progress=False)
    assert all(after < before for before, after in zip(history.loss, history.loss[1:]))


def test_a_network_learns():
    _, history = trained(epochs=60)
    assert len(history.loss) == 60
    assert history.loss[-1] < 0.05 * history.loss[0]


def test_a_full_batch_is_the_loop_that_one_writes_by_hand():
    model, history = trained(epochs=10, batch_size=None)
    by_hand = MLP(2, [4, 1], activation="tanh", seed=0)
    optimizer = SGD(by_hand.parameters(), lr=0.05, momentum=0.9)
    losses = []
    for _ in range(10):
        cost = mean([mse_loss(by_hand(x), t) for x, t in zip(X, T)])
        by_hand.zero_grad()
        cost.backward()
        optimizer.step()
        losses.append(cost.data)
    assert model.state_dict() == by_hand.state_dict()
    assert history.loss == pytest.approx(losses, rel=1e-15, abs=0.0)


@given(st.integers(1, 12), st.integers(1, 4), st.one_of(st.none(), st.integers(1, 15)), st.integers(0, 1000))
def test_every_epoch_looks_at_each_example_once_in_batches(n, epochs, batch_size, seed):
    spy = Spy(lambda output, target: (output - T[target]) ** 2)
    model = Neuron(2, activation="linear", seed=0)
    spy.model = model
    fit(
        model,
        spy,
        X[:n],
        list(range(n)),
        optimizer=SGD(model.parameters(), 0.01),
        epochs=epochs,
        batch_size=batch_size,
        seed=seed,
        progress=False,
    )
    size = min(batch_size or n, n)
    assert len(spy.targets) == epochs * n
    for epoch in range(epochs):
        of_epoch = slice(epoch * n, (epoch + 1) * n)
        assert Counter(spy.targets[of_epoch]) == Counter(range(n))
        if size == n:
            assert spy.targets[of_epoch] == list(range(n))
        states = spy.states[of_epoch]  # the parameters move between batches, and only there
        for i in range(1, n):
            assert (states[i] == states[i - 1]) == (i % size != 0)


def test_the_order_changes_from_epoch_to_epoch_and_with_the_seed():
    orders = []
    for seed in (0, 1):
        spy = Spy()
        trained(seed, loss=spy, batch_size=1)
        orders += [spy.targets[i : i + len(T)] for i in range(0, 3 * len(T), len(T))]
    assert len({tuple(order) for order in orders}) == 6


@given(st.integers(1, 13), st.integers(0, 1000))
def test_history_has_the_mean_loss_of_each_epoch(batch_size, seed):
    spy = Spy()
    _, history = trained(seed, loss=spy, batch_size=batch_size)
    n = len(X)
    assert history.loss == [
        pytest.approx(math.fsum(spy.values[i * n : i * n + n]) / n, rel=1e-14, abs=0.0) for i in range(3)
    ]


def test_gradients_from_before_do_not_count():
    model = Neuron(2, activation="linear", seed=0)
    other = Neuron(2, activation="linear", seed=0)
    for p in model.parameters():
        p.grad = 1e6
    for m in (model, other):
        fit(m, mse_loss, X, T, optimizer=SGD(m.parameters(), 0.05), epochs=1, progress=False)
    assert model.state_dict() == other.state_dict()


# --------------------------------------------------------------------------------------------------------------- seeds


@given(st.integers(0, 2**32))
def test_a_seed_repeats_a_training_digit_for_digit(seed):
    model, history = trained(seed)
    for again in (seed, random.Random(seed)):
        other, its_history = trained(again)
        assert other.state_dict() == model.state_dict()
        assert its_history == history


@pytest.mark.parametrize("seed", [None, 0])
def test_the_global_generator_is_neither_used_nor_touched(seed):
    random.seed(3)
    before = random.getstate()
    model, _ = trained(seed)
    assert random.getstate() == before
    again, _ = trained(seed)
    assert (again.state_dict() == model.state_dict()) == (seed == 0)


def test_numpy_arrays_give_the_same_digits():
    model, history = trained()
    from_arrays, its_history = trained(X=np.array(X), T=np.array(T))
    rows, _ = trained(X=[np.array(x) for x in X])
    assert from_arrays.state_dict() == rows.state_dict() == model.state_dict()
    assert its_history == history


# --------------------------------------------------------------------------------------------------- the progress bar


def shown(capfd: Any, **settings: Any) -> tuple[str, str]:
    model = MLP(2, [4, 1], seed=0)
    fit(model, mse_loss, X, T, optimizer=SGD(model.parameters(), 0.01), epochs=3, batch_size=4, seed=0, **settings)
    captured = capfd.readouterr()
    return captured.out, captured.err


def test_the_progress_bar_is_on_stderr_with_epoch_and_running_loss(capfd):
    out, err = shown(capfd)
    assert out == ""
    last = err.strip().split("\r")[-1]
    assert "100%" in last
    assert "9/9" in last
    assert "epoch 3, loss 0." in last


def test_without_progress_nothing_is_printed(capfd):
    assert shown(capfd, progress=False) == ("", "")
