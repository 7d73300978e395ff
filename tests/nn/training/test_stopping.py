"""Training that stops half way: by an error, by Ctrl-C. What is left is whole: the model, its modes, the collector."""

from __future__ import annotations

import gc
import json
import math
import os
import pickle
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from autograd import Value, exp, is_grad_enabled
from nn.layers.containers import Sequential
from nn.layers.neuron import MLP, Layer, Neuron
from nn.layers.normalization import BatchNorm
from nn.losses.numbers import mse_loss
from nn.optim.first_order import SGD
from nn.training.errors import TrainingError
from nn.training.fit import fit

X = [[random.Random(i).gauss(0, 1), random.Random(i + 100).gauss(0, 1)] for i in range(12)]
T = [math.sin(a) + 0.5 * b for a, b in X]


def trained(*, loss: Any = mse_loss, epochs: int = 3) -> Any:
    """A model after training, and what fit returned."""
    model = MLP(2, [4, 1], activation="tanh", seed=0)
    optimizer = SGD(model.parameters(), lr=0.05, momentum=0.9)
    return model, fit(model, loss, X, T, optimizer=optimizer, epochs=epochs, batch_size=5, seed=0, progress=False)


class Spy:
    """A loss that keeps a record of its targets, its values, and the parameters at each call in a step."""

    def __init__(self, loss: Any, model: Any) -> None:
        self.loss, self.model = loss, model
        self.targets: list[Any] = []
        self.values: list[float] = []
        self.states: list[dict[str, float]] = []

    def __call__(self, output: Value, target: Any) -> Value:
        if not is_grad_enabled():  # fit tries the loss before it begins; the trouble here comes later
            return mse_loss(output, target)
        self.targets.append(target)
        self.states.append(self.model.state_dict())
        value: Value = self.loss(output, target)
        self.values.append(value.data)
        return value


# ----------------------------------------------------------------------------------------------- stopping half way


def stopped(error: type[BaseException], loss: Any) -> tuple[Spy, MLP, BaseException]:
    """A training that ends with this error: the loss's records, the model, and the error."""
    model = MLP(2, [4, 1], activation="tanh", seed=0)
    spy = Spy(loss, model)
    optimizer = SGD(model.parameters(), lr=0.05, momentum=0.9)
    with pytest.raises(error) as caught:
        fit(model, spy, X, WITH_ONE_BAD, optimizer=optimizer, epochs=2, batch_size=1, seed=0, progress=False)
    assert len(spy.targets) > 1  # it was under way
    assert model.state_dict() == spy.states[-1]  # as they were when the last example was looked at
    assert model.state_dict() != spy.states[0]
    return spy, model, caught.value


BAD = 1e9  # the target of the example with which the losses below have trouble


WITH_ONE_BAD = [BAD if i == 5 else t for i, t in enumerate(T)]


def test_a_loss_that_is_not_finite_stops_with_the_step_and_the_operation():
    spy, model, error = stopped(TrainingError, lambda y, t: exp(1000 + y) if t == BAD else mse_loss(y, t))
    assert f"training stopped at step {len(spy.targets)}: " in str(error)
    assert "the first number that is not finite is exp(" in str(error)
    assert str(error).endswith("= inf")
    assert all(math.isfinite(p.data) and math.isfinite(p.grad) for p in model.parameters())


def test_a_gradient_that_is_not_finite_stops_with_the_step_and_the_parameter():
    spy, _, error = stopped(TrainingError, lambda y, t: (y - y.data) * 1e200 * 1e200 if t == BAD else mse_loss(y, t))
    assert spy.values[-1] == 0.0
    assert f"training stopped at step {len(spy.targets)}: the gradient of layers." in str(error)


@pytest.mark.parametrize(
    ("loss", "operation"),
    [(lambda y: (y - 100).log(), "log("), (lambda y: (y - y).sqrt(), "sqrt(0.0)"), (lambda y: y / (y - y), "/ 0.0")],
    ids=["log of a negative number", "slope of sqrt at 0", "division by 0"],
)
def test_an_operation_that_is_not_defined_stops_with_the_step_too(loss, operation):
    spy, _, error = stopped(TrainingError, lambda y, t: loss(y) if t == BAD else mse_loss(y, t))
    assert f"training stopped at step {len(spy.targets)}: " in str(error)
    assert operation in str(error)


def test_a_step_that_overflows_is_not_taken():
    model = Neuron(1, activation="linear", seed=0)
    before = model.state_dict()
    with pytest.raises(TrainingError, match="training stopped at step 1"):
        fit(model, mse_loss, [[1e100]], [3.0], optimizer=SGD(model.parameters(), 1e300), epochs=5, progress=False)
    assert model.state_dict() == before


class Stop(Exception):
    """What a user's loss may raise."""


@pytest.mark.parametrize("error", [Stop, MemoryError])
def test_an_exception_from_the_loss_passes_and_leaves_the_last_whole_step(error):
    def loss(y: Value, t: float) -> Value:
        if t == BAD:
            raise error
        result: Value = mse_loss(y, t)
        return result

    stopped(error, loss)


def test_the_error_has_the_history_of_the_epochs_before():
    model = MLP(2, [4, 1], seed=0)
    bad = iter([False] * 23 + [True] * 100)

    def loss(y: Value, t: float) -> Value:
        return y * math.inf if is_grad_enabled() and next(bad) else mse_loss(y, t)

    with pytest.raises(TrainingError, match="training stopped at step 6") as stop:
        fit(model, loss, X, T, optimizer=SGD(model.parameters(), 0.01), epochs=5, batch_size=5, progress=False)
    history = stop.value.history
    assert [len(xs) for xs in (history.loss, history.lr, history.seconds, history.gradient_norm["layers.0"])] == [1] * 4
    assert history.stopped == str(stop.value)
    copied = pickle.loads(pickle.dumps(stop.value))
    assert (str(copied), copied.history) == (str(stop.value), history)


def normalized() -> Sequential:
    return Sequential(BatchNorm(2), Layer(2, 1, "linear", seed=0))


@pytest.mark.parametrize("error", [Stop, ValueError, KeyboardInterrupt])
def test_buffers_are_those_of_the_last_whole_step_too(error):
    model, shorter = normalized(), normalized()
    calls = iter(range(1000))

    def loss(y: Value, t: float) -> Value:
        if is_grad_enabled() and next(calls) == 26:  # three steps of twelve examples each; this is in the third
            raise error
        return mse_loss(y, t)

    def train(model: Sequential, loss: Any, epochs: int) -> None:
        fit(model, loss, X, T, optimizer=SGD(model.parameters(), 0.1), epochs=epochs, progress=False)

    try:
        train(model, loss, 5)
    except (Stop, ValueError):
        assert error is not KeyboardInterrupt
    train(shorter, mse_loss, 2)
    assert model.state_dict() == shorter.state_dict()


def test_a_validation_loss_that_is_not_finite_stops_with_the_example_and_the_operation():
    model = MLP(2, [4, 1], seed=0)
    w = model.parameters()[0]
    start = w.data

    def loss(y: Value, t: float) -> Value:
        return exp(1000 + y) if t == BAD and w.data != start else mse_loss(y, t)

    says = r"after epoch 1: the loss of validation inputs\[1\] is not finite: the first .* is exp\(.*\) = inf"
    with pytest.raises(TrainingError, match=says):
        fit(
            model, loss, X, T, optimizer=SGD(model.parameters(), 0.01), epochs=5, progress=False,
            validation=(X[:3], [T[0], BAD, T[2]]),
        )  # fmt: skip


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
        if not is_grad_enabled():
            return mse_loss(y, t)
        during.append(gc.isenabled())
        if error is not None and len(during) == 3:
            raise error
        result: Value = mse_loss(y, t)
        return result

    (gc.enable if on else gc.disable)()
    if error is Stop:
        with pytest.raises(Stop):
            trained(loss=loss)
    else:  # Ctrl-C ends the run, and that is all
        trained(loss=loss)
    assert gc.isenabled() == on
    assert during
    assert not any(during)


def test_the_garbage_collector_works_between_the_steps():
    between = []

    def factor(step: int) -> float:
        between.append(gc.isenabled())
        return 1.0

    gc.enable()
    model = MLP(2, [4, 1], seed=0)
    optimizer = SGD(model.parameters(), lr=0.05)
    fit(model, mse_loss, X, T, optimizer=optimizer, epochs=2, batch_size=5, schedule=factor, progress=False)
    assert between == [True] * 7


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


# -------------------------------------------------------------------------------------------------------------- Ctrl-C


@pytest.mark.parametrize("example", [0, 1, 12, 13, 30])
def test_ctrl_c_in_a_step_returns_the_complete_epochs_and_the_last_whole_step(example):
    model = MLP(2, [4, 1], activation="tanh", seed=0)
    states: list[dict[str, float]] = []

    def loss(y: Value, t: float) -> Value:
        if is_grad_enabled():
            states.append(model.state_dict())
            if len(states) == example + 1:
                raise KeyboardInterrupt
        return mse_loss(y, t)

    optimizer = SGD(model.parameters(), lr=0.05, momentum=0.9)
    history = fit(model, loss, X, T, optimizer=optimizer, epochs=9, batch_size=5, seed=0, progress=False)
    assert model.state_dict() == states[-1]
    assert history.stopped == f"interrupted in epoch {example // 12 + 1}"
    assert len(history.loss) == example // 12
    assert optimizer.steps == 3 * (example // 12) + example % 12 // 5


PROGRAM = """
import gc, json, random, signal
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell that runs the tests in the background has it ignored
from autograd import mean
from nn import MLP, SGD, mse_loss
from nn.training import fit

def start():
    model = MLP(8, [8, 1], activation="tanh", seed=0)
    return model, SGD(model.parameters(), lr=0.01, momentum=0.9)

X = [[(i * j) % 7 / 7 for j in range(8)] for i in range(200)]
T = [sum(x) for x in X]
model, optimizer = start()
waiting = [True]

def loss(y, t):
    if optimizer.steps == 5 and waiting:
        waiting.pop()
        print("ready", flush=True)
    return mse_loss(y, t)

history = fit(model, loss, X, T, optimizer=optimizer, epochs=100_000, batch_size=20, seed=0)

by_hand, its_optimizer = start()  # as many steps as there were
rng = random.Random(0)
for step in range(optimizer.steps):
    if step % 10 == 0:
        order = list(range(200))
        rng.shuffle(order)
    batch = order[step % 10 * 20 : step % 10 * 20 + 20]
    its_optimizer.zero_grad()
    mean([mse_loss(by_hand(X[i]), T[i]) for i in batch]).backward()
    its_optimizer.step()

norms = history.gradient_norm.get("layers.0", [])
print(json.dumps({
    "stopped": history.stopped,
    "lengths": [len(history.loss), len(history.lr), len(history.seconds), len(norms)],
    "steps": optimizer.steps,
    "whole": model.state_dict() == by_hand.state_dict() and optimizer.state_dict() == its_optimizer.state_dict(),
    "collector": gc.isenabled(),
}))
"""


@pytest.mark.parametrize("wait", [0.0, 0.05, 0.1])
def test_a_real_ctrl_c_ends_the_run_and_the_program_goes_on(wait):
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM],
        cwd=Path(__file__).parents[3],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    time.sleep(wait)  # it may hit anything in the loop
    os.kill(process.pid, signal.SIGINT)
    out, err = process.communicate(timeout=60)
    told = json.loads(out)
    epoch = told["lengths"][0] + 1
    assert told["lengths"] == [epoch - 1] * 4
    assert told["stopped"] == f"interrupted in epoch {epoch}"
    assert 10 * (epoch - 1) <= told["steps"] <= 10 * epoch
    assert told["whole"]
    assert told["collector"]
    assert "Traceback" not in err
    assert "loss " in err  # the progress bar
    assert err.endswith("\n")  # which was closed
