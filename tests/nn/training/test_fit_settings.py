"""What fit's settings do: modes, validation, early stopping, schedules, clipping, callbacks."""

from __future__ import annotations

import math
import random
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd import Value, is_grad_enabled, mean, no_grad
from nn.layers.containers import Sequential
from nn.layers.neuron import MLP, Layer, Neuron
from nn.layers.noise import Dropout
from nn.layers.normalization import BatchNorm
from nn.losses.numbers import mse_loss
from nn.module import Module, Parameter
from nn.optim.clipping import clip_grad_norm, clip_grad_value
from nn.optim.first_order import SGD, Adam
from nn.schedules import Schedule, cosine, exponential
from nn.training.fit import fit

X = [[random.Random(i).gauss(0, 1), random.Random(i + 100).gauss(0, 1)] for i in range(12)]
T = [math.sin(a) + 0.5 * b for a, b in X]


def network() -> MLP:
    return MLP(2, [4, 1], activation="tanh", seed=0)


def run(model: Any, optimizer: Any = None, *, loss: Any = mse_loss, epochs: int = 3, **settings: Any) -> Any:
    optimizer = optimizer or SGD(model.parameters(), lr=0.05)
    settings = {"batch_size": 5, "seed": 0, "progress": False} | settings
    return fit(model, loss, X, T, optimizer=optimizer, epochs=epochs, **settings)


# --------------------------------------------------------------------------------------------------------------- modes


class Watched(Neuron):
    """A neuron that keeps a record of its mode: in the steps, and where no graph is made."""

    def __init__(self) -> None:
        super().__init__(2, activation="linear", seed=0)
        self.in_steps: set[bool] = set()
        self.elsewhere: set[bool] = set()

    def batch(self, examples: Any) -> Any:
        (self.in_steps if is_grad_enabled() else self.elsewhere).add(self.training)
        return super().batch(examples)


@pytest.mark.parametrize("modes", [(True, True), (False, True), (True, False), (False, False)])
@pytest.mark.parametrize("ends", ["well", "badly", "by hand"])
def test_steps_are_in_training_mode_the_rest_in_evaluation_mode_and_each_flag_comes_back(modes, ends):
    watched = Watched()
    model = Sequential(watched, "tanh")
    model.training, watched.training = modes
    seen = []

    def loss(y: Any, t: float) -> Any:
        if is_grad_enabled() and ends != "well":
            raise KeyboardInterrupt if ends == "by hand" else ZeroDivisionError
        return mse_loss(y, t)

    def callback(model: Module, history: Any) -> None:
        seen.append(model.training)
        model.train()

    try:
        run(model, loss=loss, validation=(X[:3], T[:3]), callbacks=[callback])
    except ValueError:
        assert ends == "badly"
    assert (model.training, watched.training) == modes
    assert (watched.in_steps, watched.elsewhere) == ({True}, {False})
    assert seen == ([False] * 3 if ends == "well" else [])


def test_a_layer_that_looks_at_the_batch_sees_the_batch():
    model, by_hand = (Sequential(Layer(2, 3, seed=0), BatchNorm(3), Layer(3, 1, "linear", seed=1)) for _ in range(2))
    run(model, batch_size=None)
    optimizer = SGD(by_hand.parameters(), lr=0.05)
    for _ in range(3):
        by_hand.zero_grad()
        mean([mse_loss(y, t) for y, t in zip(by_hand.batch(X), T)]).backward()
        optimizer.step()
    assert model.state_dict() == by_hand.state_dict()


# ----------------------------------------------------------------------------------------- validation, early stopping


def test_the_validation_loss_is_the_mean_loss_in_evaluation_mode_after_each_epoch():
    model = Sequential(Layer(2, 4, "tanh", seed=0), BatchNorm(4), Dropout(0.5, seed=1), Layer(4, 1, "linear", seed=2))
    by_hand = []

    def measure(model: Module, history: Any) -> None:
        with no_grad():
            by_hand.append(math.fsum(mse_loss(model(x), t).data for x, t in zip(X[:7], T[:7])) / 7)

    history = run(model, validation=(X[:7], T[:7]), callbacks=[measure])
    assert history.validation_loss == pytest.approx(by_hand, rel=1e-14, abs=0.0)


def test_validation_changes_nothing_of_the_training():
    def layers() -> Sequential:
        return Sequential(Layer(2, 4, "tanh", seed=0), BatchNorm(4), Dropout(0.5, seed=1), Layer(4, 1, seed=2))

    alone, validated = layers(), layers()
    history = run(alone)
    its_history = run(validated, validation=(X[:7], T[:7]))
    assert alone.state_dict() == validated.state_dict()
    assert (its_history.loss, its_history.lr) == (history.loss, history.lr)


class Constant(Module):
    """Returns a number, whatever the input."""

    def __init__(self) -> None:
        self.w = Parameter(0.0)

    def __call__(self, x: Any) -> Value:
        return self.w * 1.0


def overfitting(
    patience: int | None, losses: list[float], progress: bool = False, **settings: Any
) -> tuple[Constant, Any]:
    """A run whose parameter is k after epoch k, and whose validation loss is then losses[k - 1]."""
    model = Constant()

    def loss(y: Value, t: Any) -> Any:
        return -y if t == "train" else losses[max(round(y.data), 1) - 1]

    optimizer = SGD(model.parameters(), lr=1.0)
    history = fit(
        model, loss, [0.0], ["train"], optimizer=optimizer, epochs=len(losses), validation=([0.0], ["test"]),
        early_stopping=patience, progress=progress, **settings,
    )  # fmt: skip
    return model, history


@given(st.lists(st.integers(0, 5).map(float), min_size=1, max_size=12), st.integers(1, 4))
def test_early_stopping_ends_the_run_and_gives_back_the_lowest(losses, patience):
    model, history = overfitting(patience, losses)
    stale = [
        k for k in range(patience + 1, len(losses) + 1) if min(losses[k - patience : k]) >= min(losses[: k - patience])
    ]
    expected = min([*stale, len(losses)])
    assert history.validation_loss == losses[:expected]
    best = losses.index(min(losses[:expected])) + 1
    assert model.w.data == best
    if expected < len(losses):
        assert history.stopped == f"no lower validation loss than that of epoch {best} in {patience} more"
    else:
        assert history.stopped == ""


def test_without_early_stopping_the_last_parameters_stay():
    model, history = overfitting(None, [3.0, 1.0, 2.0])
    assert (model.w.data, history.stopped) == (3.0, "")


def test_the_lowest_comes_back_after_an_interruption_too_which_is_said(capsys):
    def interrupt(model: Module, history: Any) -> None:
        if len(history.loss) == 3:
            raise KeyboardInterrupt

    model, history = overfitting(5, [3.0, 1.0, 2.0, 0.0], callbacks=[interrupt])
    assert (model.w.data, history.stopped) == (2.0, "interrupted in epoch 3")
    assert capsys.readouterr().err == ""
    overfitting(5, [3.0, 1.0, 2.0, 0.0], callbacks=[interrupt], progress=True)
    assert capsys.readouterr().err.endswith("interrupted in epoch 3: 3 epochs are recorded\n")


def test_buffers_come_back_with_the_lowest():
    model = Sequential(Layer(2, 3, seed=0), BatchNorm(3), Layer(3, 1, "linear", seed=1))
    states = []
    run(
        model,
        SGD(model.parameters(), lr=0.05),
        epochs=6,
        validation=(X[:4], [-t for t in T[:4]]),  # the better it learns, the worse
        early_stopping=6,
        callbacks=[lambda model, history: states.append((history.validation_loss[-1], model.state_dict()))],
    )
    assert model.state_dict() == min(states, key=lambda item: item[0])[1]
    assert model.state_dict() != states[-1][1]  # or this test would prove nothing


# ----------------------------------------------------------------------------------------------------------- schedules


def test_a_factor_holds_for_one_call_and_the_rate_is_then_what_it_was():
    model = network()
    optimizer = SGD(model.parameters(), lr=0.05)
    history = run(model, optimizer, schedule=exponential(0.5))
    assert optimizer.lr == 0.05
    assert history.lr == [0.05 * 0.5**step for step in (2, 5, 8)]  # three steps an epoch: that of the last of them
    assert run(model, optimizer, schedule=exponential(0.5)).lr == history.lr


def test_a_factor_is_asked_for_the_steps_that_are_made_and_a_schedule_for_the_one_after_them():
    model = network()
    optimizer = SGD(model.parameters(), lr=0.05)
    table = [1.0, 0.5, 0.25] * 3  # for nine steps
    history = run(model, optimizer, schedule=lambda n: table[n])
    assert history.lr == [0.05 * 0.25] * 3
    with pytest.raises(IndexError):
        run(model, optimizer, schedule=lambda n: table[:8][n])
    with pytest.raises(IndexError):
        run(model, optimizer, schedule=Schedule(optimizer, lambda n: table[n]))


def test_the_rate_comes_back_however_the_run_ends():
    model = network()
    optimizer = SGD(model.parameters(), lr=0.05)

    def loss(y: Value, t: float) -> Value:
        if optimizer.lr < 0.02:
            raise KeyboardInterrupt
        return y * math.inf if optimizer.lr < bad_below else mse_loss(y, t)

    bad_below = 0.0
    run(model, optimizer, loss=loss, schedule=exponential(0.5))
    assert optimizer.lr == 0.05
    bad_below = 0.04
    with pytest.raises(ValueError, match="training stopped at step 2"):
        run(model, optimizer, loss=loss, schedule=exponential(0.5))
    assert optimizer.lr == 0.05


def test_a_schedule_goes_on_counting_from_call_to_call():
    model, other = network(), network()
    optimizer, its_optimizer = SGD(model.parameters(), lr=0.05), SGD(other.parameters(), lr=0.05)
    schedule = Schedule(optimizer, cosine(12))
    rng = random.Random(0)
    lrs = [run(model, optimizer, epochs=2, schedule=schedule, seed=rng).lr for _ in range(2)]
    whole = run(other, its_optimizer, epochs=4, schedule=Schedule(its_optimizer, cosine(12)), seed=random.Random(0))
    assert [*lrs[0], *lrs[1]] == whole.lr
    assert model.state_dict() == other.state_dict()
    assert optimizer.lr == its_optimizer.lr < 1e-17


def test_a_factor_that_goes_wrong_stops_after_a_whole_step():
    model = network()
    steps = []
    with pytest.raises(ValueError, match=r"training stopped after step 2: factor\(2\) must be .* got -1") as stop:
        run(model, schedule=lambda step: -1 if step == 2 else steps.append(model.state_dict()) or 1.0)
    assert len({str(state) for state in steps}) == 2
    assert model.state_dict() not in steps
    assert stop.value.history.loss == []  # type: ignore[attr-defined]


# ------------------------------------------------------------------------------------------------------------ clipping


@pytest.mark.parametrize("settings", [{"clip_norm": 0.1}, {"clip_value": 0.05}, {"clip_norm": 0.1, "clip_value": 0.05}])
def test_gradients_are_clipped_between_backward_and_step(settings):
    model, by_hand = network(), network()
    history = run(model, Adam(model.parameters(), lr=0.05), batch_size=None, **settings)
    optimizer = Adam(by_hand.parameters(), lr=0.05)
    norms = []
    for _ in range(3):
        optimizer.zero_grad()
        mean([mse_loss(y, t) for y, t in zip(by_hand.batch(X), T)]).backward()
        norms.append(math.hypot(*[p.grad for p in by_hand.layers[0].parameters()]))
        if "clip_norm" in settings:
            clip_grad_norm(optimizer.params, settings["clip_norm"])
        if "clip_value" in settings:
            clip_grad_value(optimizer.params, settings["clip_value"])
        optimizer.step()
    assert model.state_dict() == by_hand.state_dict()
    assert history.gradient_norm["layers.0"] == norms  # before they were clipped
    unclipped = network()
    run(unclipped, Adam(unclipped.parameters(), lr=0.05), batch_size=None)
    assert model.state_dict() != unclipped.state_dict()


# ----------------------------------------------------------------------------------------------------------- callbacks


@pytest.mark.parametrize("answer", [True, np.bool_(True)])
def test_a_callback_that_returns_true_ends_the_run(answer):
    def enough(model: Module, history: Any) -> Any:
        return answer if len(history.loss) == 2 else None

    calls = []
    history = run(network(), epochs=5, callbacks=[enough, lambda model, history: calls.append(len(history.loss))])
    assert len(history.loss) == 2
    assert calls == [1, 2]
    assert history.stopped == "enough returned True after epoch 2"
    assert run(network(), epochs=2, callbacks=[enough]).stopped == ""  # it would have ended anyway


@pytest.mark.parametrize("answer", [None, False, 1, 0.93, "stop", [1]])
def test_what_is_not_true_ends_nothing(answer):
    assert len(run(network(), callbacks=[lambda model, history: answer]).loss) == 3


def test_a_single_callback_needs_no_list():
    seen: list[Any] = []
    history = run(network(), callbacks=lambda model, history: seen.append(history))
    assert seen == [history] * 3


def test_a_loss_that_is_cut_off_from_the_model_is_refused_and_not_trained_in_vain():
    model = MLP(1, [1], seed=0)
    optimizer = SGD(model.parameters(), lr=0.1)
    with pytest.raises(ValueError, match=r"depends on no parameter: is it made of \.data"):
        fit(model, lambda y, t: Value((y.data - t) ** 2), [1.0], [2.0], optimizer=optimizer, epochs=1, progress=False)


# ----------------------------------------------------------------------------------------------------------- precision


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"dtype": "float32"}, "dtype='float32' needs compile=True: without it fit computes in Python's floats"),
        ({"dtype": "nonsense"}, "dtype='nonsense' needs compile=True"),
        ({"dtype": None}, "dtype=None needs compile=True"),
        ({"loss_scale": 128.0}, "loss_scale=128.0 needs compile=True"),
        ({"loss_scale": "much"}, "loss_scale='much' needs compile=True"),
        ({"dtype": "nonsense", "compile": True}, "dtype must be 'float64', .*'float16' or 'bfloat16', got 'nonsense'"),
    ],
)
def test_a_precision_that_would_be_ignored_is_refused(settings, message):
    model = network()
    before = model.state_dict()
    with pytest.raises(ValueError, match=message):
        run(model, **settings)
    assert model.state_dict() == before
    run(model, dtype="float64", loss_scale=1)
