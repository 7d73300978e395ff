"""Checkpoints: a training that goes on from a file is the one that was never interrupted, bit for bit."""

from __future__ import annotations

import json
import math
import random
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nn.layers.containers import Sequential
from nn.layers.neuron import Layer
from nn.layers.noise import Dropout
from nn.layers.normalization import BatchNorm
from nn.losses.numbers import mse_loss
from nn.optim.first_order import SGD, Adagrad, Adam, AdamW, Lion, RMSprop
from nn.schedules import Schedule, cosine, exponential, join, warmup
from nn.training.fit import fit
from nn.training.saving import FORMAT, VERSION, load, save
from tests.support.examples import share

X = [[random.Random(i).gauss(0, 1), random.Random(i + 100).gauss(0, 1)] for i in range(12)]
T = [math.sin(a) + 0.5 * b for a, b in X]

OPTIMIZERS: dict[str, Callable[[Any], Any]] = {
    "SGD": lambda params: SGD(params, lr=0.05),
    "momentum": lambda params: SGD(params, lr=0.05, momentum=0.9, weight_decay=0.01),
    "Nesterov": lambda params: SGD(params, lr=0.05, momentum=0.9, nesterov=True),
    "Adagrad": lambda params: Adagrad(params, lr=0.05, lr_decay=0.1),
    "RMSprop": lambda params: RMSprop(params, lr=0.01, momentum=0.5, centered=True),
    "Adam": lambda params: Adam(params, lr=0.02, weight_decay=0.01),
    "AdamW": lambda params: AdamW(params, lr=0.02),
    "Lion": lambda params: Lion(params, lr=0.01),
}
FACTORS: dict[str, Callable[[int], float]] = {
    "exponential": exponential(0.93),
    "cosine": cosine(20, final=0.1),
    "warm-up, then decay": join([warmup(4), exponential(0.9)], [4]),
}


class Run:
    """All the objects of a training: a model with buffers and two dropouts, its optimizer, schedule, and seed."""

    def __init__(self, optimizer: str = "Adam", factor: str = "cosine", seed: int = 0) -> None:
        self.model = Sequential(
            Layer(2, 4, "tanh", seed=seed), Dropout(0.3, seed=seed + 1), BatchNorm(4),
            Sequential(Layer(4, 3, "tanh", seed=seed + 2), Dropout(0.2, seed=seed + 3)),
            Layer(3, 1, "linear", seed=seed),
        )  # fmt: skip
        self.optimizer = OPTIMIZERS[optimizer](self.model.parameters())
        self.schedule = Schedule(self.optimizer, FACTORS[factor])
        self.rng = random.Random(seed + 5)

    @property
    def parts(self) -> dict[str, Any]:
        return {"optimizer": self.optimizer, "schedule": self.schedule, "seed": self.rng}

    def fit(self, epochs: int) -> Any:
        return fit(
            self.model, mse_loss, X, T, batch_size=5, epochs=epochs, validation=(X[:4], T[:4]), clip_norm=1.0,
            progress=False, **self.parts,
        )  # fmt: skip

    def everything(self) -> Any:
        """All that the next step depends on, to the last bit."""
        numbers = {name: x.hex() for name, x in self.model.state_dict().items()}
        masks = [m.random.getstate() for m in self.model.modules() if isinstance(m, Dropout)]
        state = json.dumps([self.optimizer.state_dict(), self.schedule.state_dict()])
        return numbers, masks, state, self.rng.getstate(), self.optimizer.lr.hex()


# --------------------------------------------------------------------------------------------------------- bit for bit


@share(0.2)
@given(
    st.sampled_from([*OPTIMIZERS]),
    st.sampled_from([*FACTORS]),
    st.integers(1, 3),
    st.integers(0, 3),
    st.integers(0, 99),
)
def test_a_run_that_goes_on_from_a_file_is_the_run_that_was_never_interrupted(
    tmp_path_factory, optimizer, factor, before, after, seed
):
    path = tmp_path_factory.mktemp("run") / "run.json"
    whole, first, second = Run(optimizer, factor, seed), Run(optimizer, factor, seed), Run(optimizer, factor, seed + 50)
    history = whole.fit(before + after + 1)
    its_first = first.fit(before)
    save(first.model, path, **first.parts)
    assert load(second.model, path, **second.parts) is second.model
    assert second.everything() == first.everything()
    its_second = second.fit(after + 1)
    assert second.everything() == whole.everything()
    assert its_first.loss + its_second.loss == history.loss
    assert its_first.validation_loss + its_second.validation_loss == history.validation_loss
    assert its_first.lr + its_second.lr == history.lr
    for numbers in ("gradient_norm", "update_ratio"):
        of_first, of_second = getattr(its_first, numbers), getattr(its_second, numbers)
        assert {name: of_first[name] + of_second[name] for name in of_first} == getattr(history, numbers)


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_no_optimizer_is_left_out(tmp_path, optimizer):
    whole, first, second = Run(optimizer), Run(optimizer), Run(optimizer, seed=7)
    whole.fit(4)
    first.fit(2)
    save(first.model, tmp_path / "run.json", **first.parts)
    load(second.model, tmp_path / "run.json", **second.parts)
    second.fit(2)
    assert second.everything() == whole.everything()


def test_a_generator_that_drew_an_odd_number_of_normals_comes_back(tmp_path):
    first, second = Run(), Run(seed=3)
    first.rng.gauss(0, 1)  # gauss() makes two numbers at a time, and keeps one
    save(first.model, tmp_path / "run.json", seed=first.rng)
    load(second.model, tmp_path / "run.json", seed=second.rng)
    assert [second.rng.gauss(0, 1) for _ in range(3)] == [first.rng.gauss(0, 1) for _ in range(3)]


# --------------------------------------------------------------------------------------------- what is kept, and asked


def test_the_parameters_alone_are_saved_as_ever(tmp_path):
    run = Run()
    run.fit(1)
    save(run.model, tmp_path / "model.json")
    content = json.loads((tmp_path / "model.json").read_text())
    assert content.keys() == {"format", "version", "model", "parameters"}
    other = Run(seed=9)
    before = other.everything()
    load(other.model, tmp_path / "model.json")
    assert other.model.state_dict() == run.model.state_dict()
    assert other.everything()[1:] == before[1:]


def test_the_parameters_can_be_loaded_alone_from_a_file_that_has_more(tmp_path, saved):
    (tmp_path / "run.json").write_bytes(saved)
    other = Run(seed=9)
    before = other.everything()
    load(other.model, tmp_path / "run.json")
    assert other.everything()[0] != before[0]
    assert other.everything()[1:] == before[1:]


@pytest.mark.parametrize("asked", ["optimizer", "schedule", "seed"])
def test_what_is_asked_for_must_be_in_the_file(tmp_path, asked):
    run, path = Run(), tmp_path / "run.json"
    before = run.everything()
    for kept in ({}, {name: part for name, part in run.parts.items() if name != asked}):
        save(Run(seed=1).model, path, **kept)
        with pytest.raises(ValueError, match=f"it has no state of {asked}: it was saved without"):
            load(run.model, path, **{asked: run.parts[asked]})
    assert run.everything() == before


@pytest.mark.parametrize("bad", [0, "seed", random.SystemRandom(), random])
def test_a_seed_without_a_state_is_refused(tmp_path, saved, bad):
    run, path = Run(), tmp_path / "run.json"
    with pytest.raises(TypeError, match=r"seed must be the random.Random that fit shuffles by"):
        save(run.model, path, seed=bad)
    assert not path.exists()
    path.write_bytes(saved)
    with pytest.raises(TypeError, match=r"seed must be the random.Random"):
        load(run.model, path, seed=bad)


def test_a_state_that_is_not_finite_is_not_saved(tmp_path):
    run = Run()
    run.optimizer.state["exp_avg"][0] = math.nan
    with pytest.raises(ValueError, match="the state of the training is not saved"):
        save(run.model, tmp_path / "run.json", **run.parts)
    run.model.layers[2].running_mean[1].data = math.inf
    with pytest.raises(ValueError, match=r"the buffer layers\.2\.running_mean\.1 is inf"):
        save(run.model, tmp_path / "run.json")
    assert [*tmp_path.iterdir()] == []


def test_a_file_of_before_there_were_training_states_is_read(tmp_path):
    run, other = Run(), Run(seed=4)
    content = {"format": FORMAT, "version": 1, "model": repr(run.model), "parameters": run.model.state_dict()}
    (tmp_path / "old.json").write_text(json.dumps(content))
    load(other.model, tmp_path / "old.json")
    assert other.model.state_dict() == run.model.state_dict()
    assert VERSION == 1


# --------------------------------------------------------------------------------------------------- hostile files


@pytest.fixture(scope="module")
def saved(tmp_path_factory) -> bytes:
    """The bytes of a whole checkpoint."""
    path = tmp_path_factory.mktemp("saved") / "run.json"
    run = Run()
    run.fit(1)
    save(run.model, path, **run.parts)
    return path.read_bytes()


def refused(content: str | bytes, path: Path, run: Run | None = None) -> str:
    """The message with which a file of this content is refused; nothing has changed."""
    run = run or Run(seed=2)
    before = run.everything()
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(ValueError, match=re.escape(str(path))) as refusal:
        load(run.model, path, **run.parts)
    assert run.everything() == before
    return str(refusal.value)


def test_the_state_of_another_optimizer_schedule_or_model_is_refused(tmp_path, saved):
    path = tmp_path / "run.json"
    assert "the optimizer 'Adam', this is Lion" in refused(saved, path, Run("Lion"))
    assert "another schedule" in refused(saved, path, Run(factor="exponential"))
    run = Run()
    run.model.layers[1] = run.model.layers[3].layers[1] = Layer(4, 4)
    assert "random generators at layers.1.random, layers.3.layers.1.random, this model has some at no place" in refused(
        saved, path, run
    )


def test_one_part_that_does_not_fit_leaves_all_others_untouched(tmp_path, saved):
    for place in (("optimizer", "steps"), ("schedule", "steps"), ("seed", 0), ("generators", "layers.1.random")):
        content = json.loads(saved)
        content["training"][place[0]][place[1]] = "bad"
        refused(json.dumps(content), tmp_path / "run.json")
    content = json.loads(saved)
    content["parameters"].popitem()
    refused(json.dumps(content), tmp_path / "run.json")


ZEROS = [3, [0] * 624 + [624], None]


@pytest.mark.parametrize(
    "bad",
    [
        [], [3], [3, [], None], [2, [1] * 625, None], [3, [1] * 624, None], [3, [1] * 624 + [625], None],
        [3, [1] * 624 + [-1], None], [3, [2**32] + [1] * 624, None], [3, [-1] + [1] * 624, None],
        [3, [0.5] + [1] * 624, None], [3, ["1"] + [1] * 624, None], [3, [1] * 625, "x"], [3, [1] * 625, True], ZEROS,
        [3, [10**400] + [1] * 624, None], [3, {"1": 1}, None], "abc", None, 3, {"3": [], "a": 1, "b": 2},
        [[3], [1] * 625, None], [3, [[1]] * 625, None], [3, None, None],
    ],
)  # fmt: skip
def test_a_generator_gets_no_state_that_none_could_have(tmp_path, saved, bad):
    content = json.loads(saved)
    for place in ("seed", "generators"):
        training = content["training"] | {
            place: bad if place == "seed" else dict.fromkeys(content["training"][place], bad)
        }
        says = refused(json.dumps(content | {"training": training}), tmp_path / "run.json")
        assert "the state of the random generator" in says


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


def places(content: Any, depth: int = 4) -> list[tuple[Any, ...]]:
    """Where something stands in nested dicts and lists."""
    items = (
        content.items() if isinstance(content, dict) else enumerate(content[:3]) if isinstance(content, list) else ()
    )
    found: list[tuple[Any, ...]] = [()]
    for key, part in items if depth else ():
        found += [(key, *place) for place in places(part, depth - 1)]
    return found


@share(2)
@given(st.data())
def test_a_training_state_with_something_else_in_it_is_refused_or_loaded_whole(tmp_path_factory, saved, data):
    content = json.loads(saved)
    place = data.draw(st.sampled_from([place for place in places(content["training"]) if place]))
    inner = content["training"]
    for key in place[:-1]:
        inner = inner[key]
    if data.draw(st.booleans()) and isinstance(inner, dict):
        del inner[place[-1]]
    else:
        inner[place[-1]] = data.draw(json_values)
    path, run = tmp_path_factory.mktemp("hostile") / "run.json", Run(seed=2)
    path.write_text(json.dumps(content))
    before = run.everything()
    try:
        load(run.model, path, **run.parts)
    except ValueError:
        assert run.everything() == before
    else:  # another number that could have been there
        run.fit(1)


@share(2)
@given(st.data())
def test_a_file_that_is_cut_or_damaged_is_refused_or_loaded_whole(tmp_path_factory, saved, data):
    place = data.draw(st.integers(0, len(saved) - 2))
    damage = data.draw(
        st.sampled_from([b"", saved[place + 1 :], b"0" + saved[place + 1 :], b"\xff" + saved[place + 1 :]])
    )
    path, run = tmp_path_factory.mktemp("damaged") / "run.json", Run(seed=2)
    path.write_bytes(saved[:place] + damage)
    before = run.everything()
    try:
        load(run.model, path, **run.parts)
    except ValueError:
        assert run.everything() == before
