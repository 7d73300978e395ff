"""fit: every example once an epoch, the same digits for the same seed, and a stop that leaves the model usable."""

from __future__ import annotations

import gc
import math
import random
from collections import Counter
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd import Value, exp, mean, no_grad
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
    """A loss that keeps a record of its targets, its values, and the parameters at each call."""

    def __init__(self, loss: Any = mse_loss) -> None:
        self.loss = loss
        self.model: Module | None = None
        self.targets: list[Any] = []
        self.values: list[float] = []
        self.states: list[dict[str, float]] = []

    def __call__(self, output: Value, target: Any) -> Value:
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


# --------------------------------------------------------------------------------------------------------- refusals


def refused(error: type[Exception], match: str, **settings: Any) -> None:
    """fit refuses these settings, and has changed nothing: no parameter, no gradient, no velocity, no random number."""
    model = Neuron(2, activation="tanh", seed=0)
    for p in model.parameters():
        p.grad = 2.0
    optimizer = SGD(model.parameters(), 0.1, momentum=0.9)
    rng = random.Random(0)
    before = [(p.data, p.grad) for p in model.parameters()], rng.getstate()
    arguments: dict[str, Any] = {"inputs": X, "targets": T, "epochs": 2, "seed": rng, "progress": False} | settings
    spy = Spy()
    with pytest.raises(error, match=match):
        fit(model, spy, arguments.pop("inputs"), arguments.pop("targets"), optimizer=optimizer, **arguments)
    assert ([(p.data, p.grad) for p in model.parameters()], rng.getstate()) == before
    assert spy.targets == []


def test_as_many_targets_as_inputs_are_needed():
    refused(ValueError, "got 12 inputs and 11 targets", targets=T[:-1])
    refused(ValueError, "got 0 inputs and 12 targets", inputs=[])
    refused(ValueError, "got 0 inputs and 0 targets", inputs=[], targets=[])


@pytest.mark.parametrize("n", [0, -1, 1.5, 2.0, True, "3", math.nan])
def test_sizes_are_positive_integers(n):
    refused(ValueError, "epochs must be a positive integer, got", epochs=n)
    refused(ValueError, "batch_size must be a positive integer, got", batch_size=n)


def test_epochs_must_be_said():
    refused(ValueError, "epochs must be a positive integer, got None", epochs=None)


@pytest.mark.parametrize("seed", [1.5, "0"])
def test_a_seed_is_an_integer_or_a_generator(seed):
    refused(TypeError, "seed must be an integer", seed=seed)


# ----------------------------------------------------------------------------------------------- stopping half way


def stopped(error: type[BaseException], loss: Any, T: Any = T) -> tuple[Spy, MLP, str]:
    """A training that ends with this error: the loss's records, the model, and the message."""
    spy = Spy(loss)
    model = MLP(2, [4, 1], activation="tanh", seed=0)
    spy.model = model
    optimizer = SGD(model.parameters(), lr=0.05, momentum=0.9)
    with pytest.raises(error) as caught:
        fit(model, spy, X, T, optimizer=optimizer, epochs=2, batch_size=1, seed=0, progress=False)
    assert len(spy.targets) > 1  # it was under way
    assert model.state_dict() == spy.states[-1]  # as they were when the last example was looked at
    assert model.state_dict() != spy.states[0]
    return spy, model, str(caught.value)


BAD = 1e9  # the target of the example with which the losses below have trouble


def with_one_bad_example() -> list[float]:
    return [BAD if i == 5 else t for i, t in enumerate(T)]


def test_a_loss_that_is_not_finite_stops_with_the_step_and_the_operation():
    spy, model, message = stopped(
        ValueError, lambda y, t: exp(1000 + y) if t == BAD else mse_loss(y, t), with_one_bad_example()
    )
    assert f"training stopped at step {len(spy.targets)}: " in message
    assert "the first number that is not finite is exp(" in message
    assert message.endswith("= inf")
    assert all(math.isfinite(p.data) and math.isfinite(p.grad) for p in model.parameters())


def test_a_gradient_that_is_not_finite_stops_with_the_step_and_the_parameter():
    spy, _, message = stopped(
        ValueError, lambda y, t: (y - y.data) * 1e200 * 1e200 if t == BAD else mse_loss(y, t), with_one_bad_example()
    )
    assert spy.values[-1] == 0.0
    assert f"training stopped at step {len(spy.targets)}: the gradient of layers." in message


@pytest.mark.parametrize(
    ("loss", "operation"),
    [(lambda y: (y - 100).log(), "log("), (lambda y: (y - y).sqrt(), "sqrt(0.0)"), (lambda y: y / (y - y), "/ 0.0")],
    ids=["log of a negative number", "slope of sqrt at 0", "division by 0"],
)
def test_an_operation_that_is_not_defined_stops_with_the_step_too(loss, operation):
    spy, _, message = stopped(
        (ValueError, ZeroDivisionError), lambda y, t: loss(y) if t == BAD else mse_loss(y, t), with_one_bad_example()
    )
    assert f"training stopped at step {len(spy.targets)}: " in message
    assert operation in message


def test_an_input_that_is_not_finite_stops_at_the_first_step():
    model = Neuron(2, activation="linear", seed=0)
    before = model.state_dict()
    with pytest.raises(ValueError, match=r"training stopped at step 1: .*not finite.*nan"):
        fit(model, mse_loss, [[math.nan, 1.0]], [1.0], optimizer=SGD(model.parameters(), 0.1), epochs=1, progress=False)
    assert model.state_dict() == before


def test_a_step_that_overflows_is_not_taken():
    model = Neuron(1, activation="linear", seed=0)
    before = model.state_dict()
    with pytest.raises(ValueError, match="training stopped at step 1"):
        fit(model, mse_loss, [[1e100]], [3.0], optimizer=SGD(model.parameters(), 1e300), epochs=5, progress=False)
    assert model.state_dict() == before


class Stop(Exception):
    """What a user's loss may raise."""


@pytest.mark.parametrize("error", [Stop, KeyboardInterrupt, MemoryError])
def test_an_exception_from_the_loss_passes_and_leaves_the_last_whole_step(error):
    def loss(y: Value, t: float) -> Value:
        if t == BAD:
            raise error
        result: Value = mse_loss(y, t)
        return result

    stopped(error, loss, with_one_bad_example())


# ---------------------------------------------------------------------------------------------- the garbage collector


@pytest.fixture(autouse=True)
def _collector_as_before():
    was_on = gc.isenabled()
    yield
    (gc.enable if was_on else gc.disable)()


@pytest.mark.parametrize("on", [True, False])
@pytest.mark.parametrize("error", [None, Stop, KeyboardInterrupt])
def test_the_garbage_collector_rests_during_a_step_and_is_then_as_it_was(on, error):
    during = []

    def loss(y: Value, t: float) -> Value:
        during.append(gc.isenabled())
        if error is not None and len(during) == 3:
            raise error
        result: Value = mse_loss(y, t)
        return result

    (gc.enable if on else gc.disable)()
    if error is None:
        trained(loss=loss)
    else:
        with pytest.raises(error):
            trained(loss=loss)
    assert gc.isenabled() == on
    assert during
    assert not any(during)


@pytest.mark.parametrize("on", [True, False])
def test_the_garbage_collector_is_as_it_was_after_a_loss_that_is_not_finite(on):
    (gc.enable if on else gc.disable)()
    with pytest.raises(ValueError, match="training stopped at step 1"):
        trained(loss=lambda y, t: y * math.inf)
    assert gc.isenabled() == on


def test_no_garbage_is_left_for_the_collector():
    trained()
    gc.collect()
    gc.disable()
    trained(epochs=5)
    assert not [x for x in _found_by_the_collector() if isinstance(x, Value)]


def _found_by_the_collector() -> list[Any]:
    gc.set_debug(gc.DEBUG_SAVEALL)
    try:
        gc.collect()
        return list(gc.garbage)
    finally:
        gc.set_debug(0)
        gc.garbage.clear()


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


def test_a_loss_without_a_graph_is_refused():
    model = MLP(1, [1], seed=0)
    with pytest.raises(ValueError, match="depends on no parameter"):
        fit(
            model, lambda y, t: 1.0, [[1.0]], [1.0], optimizer=SGD(model.parameters(), lr=0.1), epochs=1, progress=False
        )
    with pytest.raises(ValueError, match="no_grad"), no_grad():
        fit(model, mse_loss, [[1.0]], [1.0], optimizer=SGD(model.parameters(), lr=0.1), epochs=1, progress=False)


def test_an_optimizer_of_another_model_is_refused():
    model, other = MLP(1, [1], seed=0), MLP(1, [1], seed=0)
    with pytest.raises(ValueError, match="no parameter of this model"):
        fit(model, mse_loss, [[1.0]], [1.0], optimizer=SGD(other.parameters(), lr=0.1), epochs=1, progress=False)
