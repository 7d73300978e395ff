"""A compiled function is followed anew when a model, a class or an object that is called has changed."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autograd
import nn
from autograd import Value
from autograd.modes import current
from autograd.program import compile
from tests.support.compiled import agree, leaf

# --------------------------------------------------------------------------------------------------------------- models

RNG = np.random.default_rng(1)
X, Y = RNG.normal(size=(6, 2)), RNG.normal(size=6)


def changed_layer(model: Any) -> None:
    model.layers[1] = nn.Layer(3, 1, "tanh", seed=7)


def appended_layer(model: Any) -> None:
    model.layers.append(nn.Layer(1, 1, "tanh", seed=7))


def other_activation(model: Any) -> None:
    for neuron in model.layers[0].neurons:
        neuron.activation = autograd.sin


@pytest.mark.parametrize("change", [changed_layer, appended_layer, other_activation])
def test_a_model_that_has_changed_is_that_of_the_call(change: Callable[[Any], None]) -> None:
    model = nn.Sequential(nn.Layer(2, 3, "tanh", seed=0), nn.Layer(3, 1, "linear", seed=1))

    def loss(x: Any, y: Any) -> Any:
        return (model(x) - y) ** 2

    kept = model.layers[0].parameters()
    program = agree(loss, kept, X, Y)
    change(model)
    agree(loss, kept, X, Y, program=program)


class Switched(nn.Module):
    """A module of a user, who asks for the mode without ado."""

    def __init__(self) -> None:
        self.w, self.gain = nn.Parameter(2.0), 3.0

    def __call__(self, x: Any) -> Any:
        return self.w * x * self.gain if self.training else self.w * x


def test_a_module_of_a_user_follows_its_mode_and_its_attributes() -> None:
    model = Switched()
    program = compile(lambda x: model(x), model.parameters())
    assert program([1.0]) == 6.0
    model.eval()
    assert program([1.0]) == 2.0
    model.train().gain = 5.0
    assert program([1.0]) == 10.0


# ----------------------------------------------------------------------------------------- the mode of the layers of nn


def reads_it(m: Any) -> float:
    return 2.0 if m.training else 1.0


MODE_READERS: dict[str, Callable[[Any], float]] = {
    "itself": lambda m: 2.0 if m.training else 1.0,
    "in a comprehension": lambda m: sum([2.0 if x.training else 1.0 for x in [m]]),
    "in a function inside": lambda m: (lambda: 2.0 if m.training else 1.0)(),
    "in another function": lambda m: reads_it(m),
    "by getattr": lambda m: 2.0 if getattr(m, "training") else 1.0,  # noqa: B009
}


@pytest.mark.parametrize("reader", MODE_READERS)
def test_a_function_that_asks_for_the_mode_of_a_layer_gets_that_of_the_call(reader: str) -> None:
    model, factor = nn.Neuron(2, "linear", seed=0), MODE_READERS[reader]
    program = compile(lambda x: model(x) * factor(model), model.parameters())
    train = program(X)
    model.eval()
    assert program(X) == pytest.approx(train / 2, rel=1e-15)  # a factor of two is exact; the mean may add up otherwise
    model.train()
    assert program(X) == train
    agree(lambda x: model(x) * factor(model), model.parameters(), X)


def test_where_nobody_asks_for_the_mode_it_is_no_reason_to_follow_again() -> None:
    model, calls = nn.MLP(2, [2, 1], "tanh", seed=0), []

    def loss(x: Any) -> Any:
        calls.append(None)
        return model(x) ** 2

    program = compile(loss, model.parameters())
    for mode in (model.train, model.eval, model.train, model.eval):
        mode()
        program(X)
    assert len(calls) == 1


@pytest.mark.parametrize("asks", [False, True])
def test_fit_follows_a_loss_once_for_training_and_once_for_evaluation(asks: bool) -> None:
    histories, followed = [], 0

    def plain(y: Any, t: Any) -> Any:
        nonlocal followed
        followed += current().trace is not None
        return nn.mse_loss(y, t)

    for compiled in (False, True):
        model = nn.Sequential(nn.Layer(2, 3, "tanh", seed=0), nn.Layer(3, 1, "linear", seed=1)).eval()
        asking = functools.partial(lambda model, y, t: plain(y, t) * (3.0 if model.training else 1.0), model)
        history = nn.fit(
            model, asking if asks else plain, X, X[:, 0], optimizer=nn.SGD(model.parameters(), 0.05), epochs=5,
            batch_size=2, seed=0, progress=False, compile=compiled, validation=(X, X[:, 1]),
            callbacks=[lambda model, history: None],
        )  # fmt: skip
        histories.append(history)
    assert followed == 2
    eager, fast = histories
    assert fast.loss == pytest.approx(eager.loss, rel=1e-12)  # some hundred operations, each right to 1e-16
    assert fast.validation_loss == pytest.approx(eager.validation_loss, rel=1e-12)


# -------------------------------------------------------------------------------------------------------------- classes

FACTOR = 1.0


class Base(nn.Module):
    """A module whose numbers stand in its class, and are named by all that a class may have."""

    scale = 1.0
    table = {"a": 1.0}  # noqa: RUF012

    def __init__(self) -> None:
        self.w = nn.Parameter(2.0)


class Model(Base):
    """One that inherits them."""

    @property
    def by_property(self) -> float:
        return FACTOR

    @staticmethod
    def by_static_method() -> float:
        return FACTOR

    @classmethod
    def by_class_method(cls) -> float:
        return FACTOR

    def __call__(self, x: Any) -> Any:
        return x * self.w * self.scale * self.table["a"]


def test_an_attribute_of_the_class_of_a_model_is_that_of_the_call(monkeypatch: pytest.MonkeyPatch) -> None:
    model = Model()
    program = compile(lambda x: model(x), model.parameters())
    assert program([1.0]) == 2.0
    monkeypatch.setattr(Base, "scale", 10.0)
    assert program([1.0]) == 20.0
    monkeypatch.setitem(Base.table, "a", 0.5)
    assert program([1.0]) == 10.0
    monkeypatch.setattr(Model, "scale", 3.0, raising=False)
    assert program([1.0]) == 3.0
    monkeypatch.setattr(Model, "__call__", lambda self, x: self.w * x)
    assert program([1.0]) == 2.0


NAMING: dict[str, Callable[[Model], float]] = {
    "property": lambda m: m.by_property,
    "static method": lambda m: m.by_static_method(),
    "class method": lambda m: m.by_class_method(),
}


@pytest.mark.parametrize("kind", NAMING)
def test_what_properties_and_other_methods_of_a_model_name_is_that_of_the_call(
    kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    model, factor = Model(), NAMING[kind]
    program = compile(lambda x: model(x) * factor(model), model.parameters())
    assert program([1.0]) == 2.0
    monkeypatch.setitem(globals(), "FACTOR", 10.0)
    assert program([1.0]) == 20.0


def test_an_attribute_of_a_class_that_a_function_names_is_that_of_the_call() -> None:
    class Settings:
        scale = 1.0

    w = leaf(2.0)
    program = compile(lambda x: Settings.scale * w * x, [w])
    assert program([1.0]) == 2.0
    Settings.scale = 10.0
    assert program([1.0]) == 20.0


# ---------------------------------------------------------------------------------------------- objects that are called


class Scaled:
    """A loss that is an object; also what trains with it, so that it has more attributes than the loss asks for."""

    unit = 1.0

    def __init__(self, w: Value) -> None:
        self.w, self.k, self.weights, self.steps, self.calls = w, 1.0, [1.0], 0, 0

    def __call__(self, x: Any) -> Any:
        self.calls += 1
        return self._scaled(x)

    def loss(self, x: Any) -> Any:
        self.calls += 1
        return self._scaled(x)

    def _scaled(self, x: Any) -> Any:
        return self.k * self.weights[0] * self.both * self.w * x

    @property
    def both(self) -> float:
        return self.unit * FACTOR

    def step(self) -> None:
        self.steps += 1


WAYS: dict[str, Callable[[Scaled], Callable[..., Any]]] = {
    "object": lambda scaled: scaled,
    "bound method": lambda scaled: scaled.loss,
    "object in a variable": lambda scaled: lambda x: scaled(x),
    "bound method in a variable": lambda scaled: (lambda loss: lambda x: loss(x))(scaled.loss),
    "object in a partial": lambda scaled: functools.partial(lambda f, x: f(x), scaled),
    "both": lambda scaled: (lambda f, loss: lambda x: (f(x) + loss(x)) / 2)(scaled, scaled.loss),
}


@pytest.mark.parametrize("way", WAYS)
def test_the_settings_of_an_object_that_is_called_are_those_of_the_call(
    way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    scaled = Scaled(leaf(2.0))
    program = compile(WAYS[way](scaled), [scaled.w])
    assert program([1.0]) == 2.0
    scaled.k = 10.0
    assert program([1.0]) == 20.0
    scaled.weights[0] = 0.5
    assert program([1.0]) == 10.0
    monkeypatch.setattr(Scaled, "unit", 3.0)
    assert program([1.0]) == 30.0
    monkeypatch.setitem(globals(), "FACTOR", 0.1)
    assert program([1.0]) == pytest.approx(3.0, rel=1e-15)  # 0.3 is not exact
    scaled.unit = 1.0  # hides that of the class
    assert program([1.0]) == pytest.approx(1.0, rel=1e-15)


@pytest.mark.parametrize("way", WAYS)
def test_what_the_object_keeps_for_others_is_no_reason_to_follow_it_again(way: str) -> None:
    scaled = Scaled(leaf(2.0))
    program = compile(WAYS[way](scaled), [scaled.w])
    program([1.0])
    calls = scaled.calls
    for _ in range(3):
        scaled.step()
        scaled.history = program([1.0])
    assert scaled.calls == calls


def test_a_class_method_is_compiled_with_the_settings_of_its_class() -> None:
    class Loss:
        k, w = 1.0, leaf(2.0)

        @classmethod
        def of(cls, x: Any) -> Any:
            return cls.k * cls.w * x

    program = compile(Loss.of, [Loss.w])
    assert program([1.0]) == 2.0
    Loss.k = 10.0
    assert program([1.0]) == 20.0


def test_the_setting_of_a_loss_that_is_an_object_is_heeded_by_fit() -> None:
    class Weighted:
        def __init__(self) -> None:
            self.factor = 1.0

        def __call__(self, y: Any, t: Any) -> Any:
            return self.factor * nn.mse_loss(y, t)

    states = []
    for compiled in (False, True):
        model, loss = nn.Layer(2, 1, "linear", seed=0), Weighted()

        def halve(model: Any, history: Any, loss: Weighted = loss) -> None:
            loss.factor *= 0.5

        nn.fit(
            model, loss, X, X[:, 0], optimizer=nn.SGD(model.parameters(), 0.1), epochs=4, progress=False,
            compile=compiled, callbacks=[halve],
        )  # fmt: skip
        states.append(list(model.state_dict().values()))
    assert states[1] == pytest.approx(states[0], rel=1e-12)  # some dozen operations, each right to 1e-16


# -------------------------------------------------------------------------- what NumPy's code reads, or ours, in a call


def other_mean(scale: Any) -> None:
    scale.mean[0] = 1.0


def other_deviations(scale: Any) -> None:
    scale.std = [7.0, 2.0]


@pytest.mark.parametrize("change", [other_mean, other_deviations])
def test_what_standardizes_the_inputs_is_that_of_the_call(change: Callable[[Any], None]) -> None:
    model = nn.MLP(2, [1])
    scale = nn.Standardizer(X)
    program = compile(lambda x: model(scale(x)), model.parameters())
    for _ in range(2):
        assert program(X[:1]) == pytest.approx(model(scale(X[0].tolist())).data, rel=1e-14)
        change(scale)


def test_a_polynomial_of_numpy_is_that_of_the_call() -> None:
    w, p = leaf(2.0), np.polynomial.Polynomial([1.0, 2.0])
    program = compile(lambda x: w * p(x), [w])
    before = p(3.0)
    assert program([3.0]) == 2 * before
    p.coef[1] = 20.0
    assert program([3.0]) == 2 * p(3.0) != 2 * before
