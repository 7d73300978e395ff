"""What the page's training is answered: the numbers of nn's own training, or a sentence and the network as it was."""

from __future__ import annotations

import itertools
import json
import math

import pytest

import nn
from autograd.classroom import training
from autograd.classroom.training import ACTIVATIONS, LOSSES, SIDE, STARTS, Training, moons, xor

SETTINGS = {
    "activation": "tanh", "start": "usual", "loss": "cross-entropy", "layers": "1", "neurons": "4", "rate": "0.5",
    "seed": "0",
}  # fmt: skip
POINTS = moons(0)[:12]


@pytest.fixture
def room(monkeypatch):
    monkeypatch.setattr(training, "SECONDS", 60.0)
    return Training(nn)


def asked(room, points=POINTS, steps=0, data=None, again=False, field=False, picked=None, **settings):
    request = {"points": points, "steps": steps, "data": data, "again": again, "field": field, "picked": picked}
    return json.loads(room.answer(json.dumps({**request, "settings": SETTINGS | settings})))


@pytest.mark.parametrize("activation", ["tanh", "relu"])
def test_the_numbers_are_those_of_fit(room, activation):
    found = asked(room, steps=5, activation=activation)
    model = nn.MLP(2, [4, 1], activation=activation, seed=0)
    history = nn.fit(
        model, nn.binary_cross_entropy_with_logits, [[x, y] for x, y, _ in POINTS], [kind for _, _, kind in POINTS],
        optimizer=nn.SGD(model.parameters(), lr=0.5), epochs=5, progress=False,
    )  # fmt: skip
    assert found["losses"] == pytest.approx(history.loss, rel=1e-14)
    assert [w for layer in found["weights"] for neuron in layer for w in neuron] == pytest.approx(
        [p.data for p in model.parameters()], rel=1e-12
    )


def test_the_field_is_the_outputs(room):
    found = asked(room, steps=3, field=True)
    model = room.model
    assert (len(found["field"]), len(found["field"][0])) == (SIDE, SIDE)
    assert found["field"][0][-1] == round(math.tanh(model([2 - 2 / SIDE, -2 + 2 / SIDE]).data / 2), 3)
    assert found["right"] == sum((model([x, y]).data > 0) == kind for x, y, kind in POINTS)


def test_all_settings_train(room):
    for activation, start, loss, layers in itertools.product(ACTIVATIONS, STARTS, LOSSES, range(4)):
        found = asked(room, POINTS[:3], 1, activation=activation, start=start, loss=loss, layers=layers, neurons=2)
        assert not found["error"], (activation, start, loss, layers)
        assert found["step"] == 1


@pytest.mark.parametrize("data", ["moons", "xor"])
def test_what_is_to_be_learned_can_be(room, data):
    found = asked(room, data=data, steps=60, neurons=8, start="xavier", rate=1)
    assert found["loss"] < 0.6 * found["losses"][0]


def test_a_relu_that_is_dead_fires_nowhere(room):
    found = asked(room, xor(0), 20, activation="relu", rate="5", layers=2)
    assert found["fires"][1] == [0, 0, 0, 0]
    assert found["loss"] == pytest.approx(math.log(2))


def test_a_step_that_explodes_is_told_and_taken_back(room):
    before = asked(room, loss="squared", activation="linear")
    found = asked(room, steps=1000, loss="squared", activation="linear", rate="1e6")
    assert "explodes, and was not made" in found["error"]
    assert "smaller learning rate" in found["error"]
    assert math.isfinite(found["loss"])
    assert len(found["losses"]) == found["step"] > before["step"]
    assert asked(room, activation="linear")["weights"] == found["weights"]


def test_no_step_is_begun_once_time_is_up():
    found = asked(Training(nn), xor(0), 10_000)
    assert 1 <= len(found["losses"]) < 10_000


def test_the_learning_rate_may_be_written_with_a_comma_or_as_a_fraction(room):
    one, *others = (asked(Training(nn), rate=rate, steps=2)["weights"] for rate in ("0.5", "0,5", "1/2"))
    assert others == [one, one]


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"rate": "nan"}, "Learning rate must be a number from 1e-06 to 1e+06, got 'nan'"),
        ({"rate": "__import__('os')"}, "Learning rate must be a number"),
        ({"layers": "99"}, "Hidden layers must be a whole number from 0 to 3"),
        ({"neurons": "1e9"}, "Neurons in each must be a whole number from 1 to 8"),
        ({"neurons": "2.5"}, "Neurons in each must be a whole number"),
        ({"activation": "eval"}, "Activation must be one of tanh, relu, sigmoid, linear, got 'eval'"),
        ({"start": ["zeros"]}, "Initial weights must be one of usual"),
        ({"data": "digits"}, "Points must be one of moons"),
        ({"points": [[0, "inf", 1]]}, "A point is two numbers from -2 to 2"),
        ({"points": [[0, 0, 7]]}, "A point is two numbers"),
        ({"points": [[0, 0]]}, "A point is two numbers"),
        ({"points": [[0, 0, 1]] * 101}, "100 points at most"),
        ({"points": [], "steps": 1}, "There are no points to learn from"),
        ({"picked": 12}, "There is no point '12'"),
    ],
)
def test_what_can_not_be_trained_is_refused_in_a_sentence_and_the_network_stays(room, wrong, sentence):
    before = asked(room, steps=2)["weights"]
    assert sentence in asked(room, **wrong)["error"]
    assert asked(room)["weights"] == before


def test_all_settings_that_are_wrong_are_told_at_once_each_by_its_field(room):
    found = asked(room, layers="9", neurons="0", rate="0.5")
    first, second = (
        "Hidden layers must be a whole number from 0 to 3, got '9'",
        "Neurons in each must be a whole number",
    )
    assert found["error"].startswith(f"{first}. {second}")
    assert found["fields"] == ["layers", "neurons"]


def test_a_picked_point_shows_the_pass_of_its_loss(room):
    assert "<" in asked(room, picked=0)["passed"]
    assert "too long to be played" in asked(room, picked=0, layers=3, neurons=8)["passed"]
