"""fit(engine="jax"): the same training as with NumPy, many steps at once, and whole between them."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

import nn
from nn import SGD, Adagrad, Adam, AdamW, Dropout, History, Layer, LayerNorm, Lion, Module, RMSprop, Sequential, fit
from nn.schedules import Schedule, cosine
from nn.training.errors import TrainingError

jax = pytest.importorskip("jax")
pytestmark = pytest.mark.jax

rng = np.random.default_rng(0)
X, Y = rng.normal(size=(23, 2)), rng.normal(size=23)
V = rng.normal(size=(7, 2)), rng.normal(size=7)


class Sign(nn.Optimizer):
    """An optimizer of a user's."""

    def update(self, t: Any, p: Any, g: Any) -> tuple[Any, ...]:
        return (p - self.lr / (1 + t / 100) * (1.0 * (g > 0) - 1.0 * (g < 0)),)


OPTIMIZERS = {
    "sgd": lambda p: SGD(p, 0.05, momentum=0.9, nesterov=True, weight_decay=0.01),
    "adagrad": lambda p: Adagrad(p, 0.1, lr_decay=0.01),
    "rmsprop": lambda p: RMSprop(p, 0.01, momentum=0.5, centered=True),
    "adam": lambda p: Adam(p, 0.02, weight_decay=0.01),
    "adamw": lambda p: AdamW(p, 0.02),
    "lion": lambda p: Lion(p, 0.01, weight_decay=0.1),
    "a user's": lambda p: Sign(p, 0.01),
}
ENGINES = "numpy", "jax"


def a_model() -> Module:
    return Sequential(Layer(2, 3, "tanh", seed=1), Dropout(0.2, seed=2), Layer(3, 1, "linear", seed=3))


def trained(engine: Any, make: Any = OPTIMIZERS["sgd"], model: Module | None = None, **settings: Any) -> Any:
    model = a_model() if model is None else model
    optimizer = make(model.parameters())
    settings = {"epochs": 6, "batch_size": 5, "seed": 0, "progress": False, "loss": nn.mse_loss, **settings}
    loss, inputs, targets = settings.pop("loss"), settings.pop("inputs", X), settings.pop("targets", Y)
    history = fit(model, loss, inputs, targets, optimizer=optimizer, compile=True, engine=engine, **settings)
    return model, optimizer, history


def numbers_of(model: Module, optimizer: Any, history: History) -> dict[str, Any]:
    """All that a training leaves, as arrays."""
    return {
        "parameters": [p.data for p in model.parameters()],
        "gradients": [p.grad for p in model.parameters()],
        "memory": [x for xs in optimizer.state.values() for x in xs],
        "counts": [optimizer.steps, optimizer.lr],
        "losses": history.loss,
        "validation": history.validation_loss,
        "rates": history.lr,
        "norms": [*history.gradient_norm.values()],
        "ratios": [*history.update_ratio.values()],
    }


def assert_alike(one: Any, other: Any, tolerance: float = 1e-9) -> None:
    ours, theirs = numbers_of(*one), numbers_of(*other)
    for name, numbers in ours.items():
        assert np.allclose(numbers, theirs[name], rtol=tolerance, atol=tolerance), name
    assert one[2].stopped == other[2].stopped
    masks = [[m.random.getstate() for m in model.modules() if isinstance(m, Dropout)] for model, _, _ in (one, other)]
    assert masks[0] == masks[1]


@pytest.mark.parametrize("make", OPTIMIZERS.values(), ids=OPTIMIZERS)
def test_a_thousand_steps_leave_what_they_leave_on_numpy_with_any_optimizer(make):
    settings = {"epochs": 200, "schedule": cosine(1000, final=0.1), "clip_norm": 1.0, "clip_value": 0.4}
    one, other = [trained(engine, make, **settings) for engine in ENGINES]
    assert other[1].steps == 1000
    assert_alike(one, other)
    assert (one[2].engine, other[2].engine) == ("numpy", "jax on 1 cpu")


def test_what_stands_between_chunks_sees_the_model_as_it_is_and_changes_what_is_learned_next():
    """Callbacks, a validation, early stopping, a frozen layer that is no constant, and settings that change."""

    def training(engine: str) -> Any:
        model = Sequential(Layer(2, 4, "tanh", seed=1), LayerNorm(4), Layer(4, 1, "linear", seed=3))
        frozen = [p for p in model.parameters() if (p.label or "").startswith("w0")][:2] or model.parameters()[:2]
        moved = [p for p in model.parameters() if p not in frozen]
        seen: list[Any] = []

        def look(model: Module, history: History) -> Any:
            seen.append([p.data for p in model.parameters()])
            if len(history.loss) == 2:
                frozen[0].data = 0.25
                moved[0].data *= 0.5
                optimizer.momentum = 0.5
            return len(history.loss) == 5

        optimizer = SGD(moved, 0.05, momentum=0.9)
        settings: dict[str, Any] = {"epochs": 30, "seed": 0, "progress": False, "validation": V, "batch_size": 5}
        history = fit(
            model, nn.mse_loss, X, Y, optimizer=optimizer, callbacks=[look], early_stopping=20, compile=True,
            engine=engine, **settings,
        )  # fmt: skip
        return (model, optimizer, history), seen

    (one, saw), (other, saw_too) = training("numpy"), training("jax")
    assert_alike(one, other)
    assert np.allclose(saw, saw_too, rtol=1e-9)
    assert len({str(numbers) for numbers in saw_too}) == 5


def test_a_number_that_is_not_finite_is_told_of_as_by_numpy_with_its_step_and_operation():
    """The one chunk has steps before it and after it: what comes before stays, in the model and in the history."""

    def training(engine: str) -> Any:
        model = nn.MLP(1, [1], seed=0)
        model.parameters()[0].data, model.parameters()[1].data = 0.0, 1.0
        optimizer = SGD(model.parameters(), 0.05)
        with pytest.raises(TrainingError) as told:
            fit(
                model, lambda y, t: y.log() * t, [[1.0], [2.0]], [1.0, 1.0], optimizer=optimizer, epochs=100,
                progress=False, compile=True, engine=engine,
            )  # fmt: skip
        return str(told.value), (model, optimizer, told.value.history)

    (text, one), (text_too, other) = training("numpy"), training("jax")
    assert text == text_too
    assert "log(" in text
    assert len(other[2].loss) == other[1].steps > 2
    assert_alike(one, other)


def test_ctrl_c_in_a_chunk_leaves_the_model_as_the_chunk_before_it_did(monkeypatch):
    from nn.training.scanned import Scanned

    seen = []

    def interrupted(self: Any, *arguments: Any) -> Any:
        made = original(self, *arguments)
        seen.append(made)
        if len(seen) == 3:
            raise KeyboardInterrupt
        return made

    original = Scanned.at_once
    monkeypatch.setattr(Scanned, "at_once", interrupted)
    settings = {"schedule": cosine(30, final=0.1), "validation": V}
    one = trained("jax", **settings)
    monkeypatch.undo()
    other = trained("numpy", epochs=2, **settings)
    assert one[2].stopped == "interrupted in epoch 3"
    one[2].stopped = ""
    assert_alike(one, other)


def test_a_schedule_that_has_no_rate_ends_the_run_after_the_step_before_it():
    def factor(step: int) -> float:
        return 1.0 if step < 13 else math.nan

    found = []
    for engine in ENGINES:
        model = a_model()
        optimizer = SGD(model.parameters(), 0.05)
        schedule = Schedule(optimizer, factor)
        with pytest.raises(TrainingError) as told:
            fit(
                model, nn.mse_loss, X, Y, optimizer=optimizer, schedule=schedule, epochs=6, batch_size=5, seed=0,
                progress=False, compile=True, engine=engine,
            )  # fmt: skip
        found.append((str(told.value), schedule.steps, (model, optimizer, told.value.history)))
    assert found[0][:2] == found[1][:2]
    assert_alike(found[0][2], found[1][2])
    assert len(found[1][2][2].loss) == 2


@pytest.mark.parametrize("scale", [1e-170, 1e160])
def test_norms_are_right_where_their_squares_are_not(scale):
    norms = []
    for engine in ENGINES:
        model = nn.MLP(1, [1], "tanh", seed=0)
        history = fit(
            model, lambda y, t: scale * y, [1.0], [0.0], optimizer=SGD(model.parameters(), lr=1e-300), epochs=1,
            progress=False, compile=True, engine=engine,
        )  # fmt: skip
        norms.append(history.gradient_norm["layers.0"][0])
    assert norms[0] == pytest.approx(norms[1], rel=1e-12)
    assert norms[0] > 0


@pytest.mark.parametrize(("dtype", "tolerance"), [("float32", 1e-4), ("bfloat16", 0.1)])
def test_lower_precision_learns_nearly_the_same_and_what_is_learned_adds_up_in_double(dtype, tolerance):
    one = trained("jax", dtype=dtype, loss_scale=128.0)
    other = trained("numpy")
    ours, theirs = [np.array(numbers_of(*run)["parameters"]) for run in (one, other)]
    assert 1e-9 < np.abs(ours - theirs).max() < tolerance
    assert (ours != ours.astype(np.float32)).any()


def test_the_users_own_jax_keeps_its_precision():
    assert jax.numpy.ones(1).dtype == "float32"


# What can't be made at once, in a sentence, before anything has changed


class Adding(nn.Module):
    """Takes sequences of any length."""

    def __init__(self) -> None:
        self.w = nn.Parameter(1.0)

    def __call__(self, xs: Any) -> Any:
        return self.w * sum(xs)


class Deciding(SGD):
    def update(self, t: Any, p: Any, g: Any, v: Any) -> Any:
        return (p - self.lr * g, v) if (g > 0).all() else (p, v)


class Counting(SGD):
    def update(self, t: Any, *others: Any) -> Any:
        self.calls = t
        return super().update(t, *others)


@pytest.mark.parametrize("make", [Deciding, Counting])
def test_a_rule_that_jax_cannot_read_is_refused_and_auto_takes_numpy(make):
    model = a_model()
    before = model.state_dict()
    with pytest.raises(TypeError, match=rf"engine='jax' reads update\(\) of {make.__name__}.* once, .*and can't: "):
        trained("jax", lambda p: make(p, 0.01), model)
    assert model.state_dict() == before
    history = trained("auto", lambda p: make(p, 0.01), epochs=2, devices=1)[2]
    assert history.engine.startswith("numpy: ")


SEVERAL_SHAPES = {"loss": lambda y, t: (y - t) ** 2, "inputs": [[0.5], [1.0, -2.0], [0.3]], "targets": [0.0, 1.0, 2.0]}


@pytest.mark.parametrize(
    ("make", "settings", "why"),
    [
        (lambda p: nn.LBFGS(p, max_iter=5), {"batch_size": None}, "LBFGS looks at the loss several times in each"),
        (OPTIMIZERS["sgd"], SEVERAL_SHAPES, "the examples have several shapes"),
    ],
)
def test_what_cannot_be_scanned_is_made_by_jax_a_step_at_a_time(make, settings, why):
    models = [Adding() if "inputs" in settings else nn.MLP(2, [3, 1], "tanh", seed=0) for _ in ENGINES]
    one, other = [trained(engine, make, model, **settings) for engine, model in zip(ENGINES, models)]
    assert_alike(one, other)
    assert other[2].engine.startswith(f"jax, one step at a time: {why}")
    with pytest.raises(ValueError, match=f"devices=2 share steps that are made many at once, and {why}"):
        trained("jax", make, models[0], devices=2, **settings)


@pytest.mark.parametrize(
    ("settings", "error", "message"),
    [
        ({"engine": "torch"}, ValueError, "engine must be 'numpy', 'jax' or 'auto', got 'torch'"),
        ({"engine": "jax", "compile": False}, ValueError, "engine='jax' needs compile=True"),
        ({"engine": "numpy", "devices": 2}, ValueError, "devices=2 needs engine='jax'"),
        ({"engine": "jax", "devices": 0}, ValueError, r"devices must be a number from 1 to \d+, .* got 0"),
        ({"engine": "jax", "devices": ["gpu"]}, TypeError, r"a list of some of jax.devices\(\), got \['gpu'\]"),
    ],
)
def test_settings_that_make_no_sense_are_refused(settings, error, message):
    model = nn.MLP(1, [1], seed=0)
    optimizer = SGD(model.parameters(), 0.1)
    with pytest.raises(error, match=message):
        fit(
            model, nn.mse_loss, [[1.0]], [1.0], optimizer=optimizer, epochs=1, progress=False,
            **{"compile": True, **settings},
        )  # fmt: skip
