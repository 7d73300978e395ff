"""fit(compile=True): the same training as step by step on Values, only faster."""

from __future__ import annotations

import math
import random
from typing import Any

import numpy as np
import pytest

import autograd
import nn
from autograd import checkpoint, grad, log
from autograd.program import TraceError
from nn import SGD, Adagrad, Adam, AdamW, Dropout, History, Layer, LayerNorm, Lion, Module, RMSprop, Sequential, fit
from nn.schedules import Schedule, cosine

rng = np.random.default_rng(0)
X, Y = rng.normal(size=(23, 2)), rng.normal(size=23)
V = rng.normal(size=(7, 2)), rng.normal(size=7)
OPTIMIZERS = {
    "sgd": lambda p: SGD(p, 0.05, momentum=0.9, nesterov=True, weight_decay=0.01),
    "adagrad": lambda p: Adagrad(p, 0.1),
    "rmsprop": lambda p: RMSprop(p, 0.01, momentum=0.5, centered=True),
    "adam": lambda p: Adam(p, 0.02, weight_decay=0.01),
    "adamw": lambda p: AdamW(p, 0.02),
    "lion": lambda p: Lion(p, 0.01, weight_decay=0.1),
}


def a_model() -> Module:
    return Sequential(
        Layer(2, 5, "tanh", seed=1), LayerNorm(5), "relu", Dropout(0.2, seed=2), Layer(5, 1, "linear", seed=3)
    )


def trained(compile: bool, make: Any = OPTIMIZERS["adam"], **settings: Any) -> tuple[Module, Any, History]:
    model = a_model()
    optimizer = make(model.parameters())
    settings = {"epochs": 6, "batch_size": 5, "seed": 0, "progress": False, "validation": V, **settings}
    return model, optimizer, fit(model, nn.mse_loss, X, Y, optimizer=optimizer, compile=compile, **settings)


def alike(one: Any, other: Any) -> bool:
    return bool(np.allclose(one, other, rtol=1e-10, atol=1e-12))


@pytest.mark.parametrize("make", OPTIMIZERS.values(), ids=OPTIMIZERS)
def test_everything_that_a_training_leaves_is_the_same(make):
    settings: dict[str, Any] = {"schedule": cosine(30, final=0.1), "clip_norm": 1.0, "clip_value": 0.4}
    (a, b, eager), (c, d, compiled) = trained(False, make, **settings), trained(True, make, **settings)
    assert alike(list(a.state_dict().values()), list(c.state_dict().values()))
    assert alike([p.grad for p in a.parameters()], [p.grad for p in c.parameters()])
    assert b.steps == d.steps == 30
    assert b.lr == d.lr
    for name, numbers in b.state.items():
        assert alike(numbers, d.state[name])
    for numbers, others in (
        (eager.loss, compiled.loss),
        (eager.validation_loss, compiled.validation_loss),
        (eager.lr, compiled.lr),
        *zip(eager.gradient_norm.values(), compiled.gradient_norm.values()),
        *zip(eager.update_ratio.values(), compiled.update_ratio.values()),
    ):
        assert alike(numbers, others)
        assert len(numbers) == 6
    assert list(eager.gradient_norm) == list(compiled.gradient_norm)


def test_a_run_goes_on_where_another_stopped_bit_for_bit():
    whole = trained(True, epochs=6, seed=random.Random(4))[0].state_dict()
    model = a_model()
    optimizer = Adam(model.parameters(), 0.02, weight_decay=0.01)
    order = random.Random(4)
    for _ in range(2):
        fit(
            model, nn.mse_loss, X, Y, optimizer=optimizer, epochs=3, batch_size=5, seed=order, progress=False,
            compile=True,
        )  # fmt: skip
    assert model.state_dict() == whole


def test_early_stopping_and_callbacks_see_the_model_as_it_is():
    def look(model: Module, history: History) -> None:
        seen.append(model.parameters()[0].data)

    stopped = []
    for compiled in (False, True):
        seen: list[float] = []
        model, _, history = trained(compiled, epochs=40, early_stopping=3, callbacks=[look])
        stopped.append((len(history.loss), history.stopped))
        assert len(set(seen)) == len(seen)
        assert model.parameters()[0].data in seen
    assert stopped[0] == stopped[1]


def test_what_a_callback_changes_is_learned_from():
    def shrink(model: Module, history: History) -> None:
        for p in model.parameters():
            p.data *= 0.5

    a, b = (trained(compile, callbacks=[shrink])[0].state_dict() for compile in (False, True))
    assert alike(list(a.values()), list(b.values()))


def test_a_schedule_goes_on_counting():
    lrs = []
    for compiled in (False, True):
        model = a_model()
        optimizer = SGD(model.parameters(), 0.1)
        schedule = Schedule(optimizer, cosine(20))
        for _ in range(2):
            fit(
                model, nn.mse_loss, X, Y, optimizer=optimizer, epochs=5, schedule=schedule, progress=False,
                compile=compiled,
            )  # fmt: skip
        lrs.append((optimizer.lr, schedule.steps))
    assert lrs[0] == lrs[1]


def test_ctrl_c_leaves_the_last_whole_step(monkeypatch):
    class Interrupted(SGD):
        def update(self, t: int, *arguments: Any) -> Any:
            if t == 8:
                raise KeyboardInterrupt
            return super().update(t, *arguments)

    model, optimizer, history = trained(True, lambda p: Interrupted(p, 0.05))
    assert history.stopped == "interrupted in epoch 2"
    assert optimizer.steps == 7
    assert len(history.loss) == 1
    other = a_model()
    steps = SGD(other.parameters(), 0.05)

    def stop(t: int) -> None:
        if t == 8:
            raise KeyboardInterrupt

    original = SGD.step
    with monkeypatch.context() as patch:
        patch.setattr(SGD, "step", lambda self: (stop(self.steps + 1), original(self))[1])
        fit(other, nn.mse_loss, X, Y, optimizer=steps, epochs=6, batch_size=5, seed=0, progress=False, validation=V)
    assert alike(list(model.state_dict().values()), list(other.state_dict().values()))


@pytest.mark.parametrize("compile", [False, True])
def test_a_step_that_is_not_finite_stops_the_run_and_names_step_and_operation(compile):
    w = nn.Parameter(1.0)

    class Line(Module):
        def __init__(self) -> None:
            self.w = w

        def __call__(self, x: Any) -> Any:
            return log(self.w * x)

    model = Line()
    with pytest.raises(
        nn.TrainingError, match=r"training stopped at step 2: (row 0: )?log\(-.*is not defined"
    ) as error:
        fit(
            model, lambda y, t: y * t, [1.0], [1.0], optimizer=SGD([w], lr=3.0), epochs=5, progress=False,
            compile=compile,
        )  # fmt: skip
    assert w.data == -2.0
    assert len(error.value.history.loss) == 1


@pytest.mark.parametrize("compile", [False, True])
def test_an_error_is_found_with_classes_that_are_integers_and_inputs_of_full_precision(compile):
    def fitted(xs: Any, ts: Any, loss: Any, **settings: Any) -> None:
        model = nn.Layer(1, 2, "linear", seed=0)
        fit(
            model, loss, xs, ts, optimizer=SGD(model.parameters(), lr=100.0), epochs=2, progress=False, compile=compile,
            **settings,
        )  # fmt: skip

    with pytest.raises(nn.TrainingError, match=r"step 2: (row 0: )?log\(-.* is not defined"):
        fitted([[1.0], [2.0]], [1, 1], lambda y, k: nn.cross_entropy(y, k) + log(y[0] + 9))
    if compile:
        with pytest.raises(nn.TrainingError, match="each row alone is finite in double precision"):
            fitted([[1e6], [2.0]], [[0.0, 0.0]] * 2, nn.mse_loss, dtype="float16")


def test_a_gradient_near_0_is_told_of_where_numpy_raises_what_underflows():
    w = nn.Parameter(1.0)

    class Line(Module):
        def __init__(self) -> None:
            self.w = w

        def __call__(self, x: Any) -> Any:
            return self.w * x

    with np.errstate(all="raise"):
        history = fit(
            Line(), lambda y, t: y * t, [1.0, 1.0, 1.0], [3e-308] * 3, optimizer=SGD([w], lr=1.0), epochs=2,
            batch_size=1, progress=False, compile=True,
        )  # fmt: skip
    assert list(history.gradient_norm.values()) == [pytest.approx([3e-308] * 2)]


def test_what_cannot_be_compiled_is_refused_before_anything_changes():
    model = a_model()
    before = model.state_dict()
    optimizer = SGD(model.parameters(), 0.1)

    def choosing(y: Any, t: Any) -> Any:
        return y if y > t else y - t

    with pytest.raises(TraceError, match=r"test_compiled_fit.py:\d+: `return y if y > t else y - t`"):
        fit(model, choosing, X, Y, optimizer=optimizer, epochs=2, progress=False, compile=True)
    with pytest.raises(ValueError, match="dtype must be"):
        fit(
            model, nn.mse_loss, X, Y, optimizer=optimizer, epochs=1, progress=False, compile=True, dtype="int8"
        )  # fmt: skip
    norm = Sequential(nn.BatchNorm(2), Layer(2, 1, "linear", seed=0))
    with pytest.raises(ValueError, match="training mode needs a batch of at least 2"):
        fit(
            norm, nn.mse_loss, X, Y, optimizer=SGD(norm.parameters(), 0.1), epochs=1, progress=False, compile=True
        )  # fmt: skip
    assert model.state_dict() == before
    assert optimizer.steps == 0


def test_random_numbers_in_a_loss_are_refused_with_the_line_of_the_loss():
    def noisy(y: Any, t: float) -> Any:
        return (y - t) ** 2 + random.random()

    model, line = Layer(2, 1, "linear", seed=0), noisy.__code__.co_firstlineno
    with pytest.raises(TraceError, match=rf"test_compiled_fit\.py:{line}: random numbers are drawn: .* as an argument"):
        fit(model, noisy, X, Y, optimizer=SGD(model.parameters(), 0.1), epochs=1, progress=False, compile=True)


def test_a_program_follows_the_mode_of_its_model():
    model = Sequential(Dropout(0.5, seed=0), nn.BatchNorm(2).eval(), Layer(2, 1, "linear", seed=0))
    program = autograd.compile(model)
    whole = [y.data for y in model.eval().batch(X.tolist())]
    assert alike(program.map(X), whole)
    model.layers[0].train()
    assert not alike(program.map(X), whole)
    model.eval()
    assert alike(program.map(X), whole)
    model.train()
    with pytest.raises(ValueError, match="training mode needs a batch"):
        program.map(X)


def test_in_a_compiled_function_checkpoint_changes_nothing_and_grad_differentiates():
    w = nn.Parameter(2.0)
    assert autograd.compile(checkpoint(lambda x: w * x), [w])([1.0, 3.0]) == 4.0
    assert w.grad == 2.0
    assert autograd.compile(grad(lambda x: w * x * x), [w])([1.0, 3.0]) == 8.0
    assert w.grad == 2.0 + 4.0


@pytest.mark.parametrize(("dtype", "rtol"), [("float32", 1e-5), ("float16", 2e-2)])
def test_lower_precision_comes_close(dtype, rtol):
    exact = trained(True)[0].state_dict()
    low = trained(True, dtype=dtype, loss_scale=128.0)[0].state_dict()
    assert low != exact
    assert np.allclose(list(low.values()), list(exact.values()), rtol=rtol, atol=rtol)


def test_small_gradients_survive_in_float16_thanks_to_the_loss_scale():
    norms = []
    for loss_scale in (1.0, 2.0**14):
        model = Layer(1, 1, "linear", seed=0)
        history = fit(
            model, lambda y, t: 1e-9 * y, [1.0], [0.0], optimizer=SGD(model.parameters(), 0.1), epochs=1,
            progress=False, compile=True, dtype="float16", loss_scale=loss_scale,
        )  # fmt: skip
        (norm,) = history.gradient_norm.values()
        norms.append(norm[0])
    assert norms[0] == 0.0
    assert math.isclose(norms[1], 2**0.5 * 1e-9, rel_tol=0.01)


def test_huge_gradients_are_clipped_as_eagerly():
    grads = []
    for compiled in (False, True):
        model = Layer(2, 1, "linear", seed=0)
        fit(
            model, lambda y, t: y * 1e200, X[:4], Y[:4], optimizer=SGD(model.parameters(), 0.1), epochs=1,
            progress=False, compile=compiled, clip_norm=1.0,
        )  # fmt: skip
        grads.append([p.grad for p in model.parameters()])
    assert alike(grads[0], grads[1])
    assert math.isclose(math.hypot(*grads[1]), 1.0, rel_tol=1e-6)
