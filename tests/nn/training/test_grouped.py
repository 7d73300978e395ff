"""fit(compile=True) with examples of several shapes: what the training leaves is the same as step by step."""

from __future__ import annotations

import random
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

import autograd
import nn
from nn.training.grouped import Batches, grouped
from nn.training.preflight import examples

RNG = random.Random(0)
LENGTHS = [1, 3, 2, 3, 5, 1, 2, 2, 4, 3, 1]
SEQUENCES = [[[RNG.gauss(0, 1), RNG.gauss(0, 1)] for _ in range(n)] for n in LENGTHS]
CLASSES = [RNG.randrange(3) for _ in LENGTHS]
TAGS = [[RNG.gauss(0, 1) for _ in range(n)] for n in LENGTHS]


class LastState(nn.Module):
    """A recurrent net, with what its last state says."""

    def __init__(self, kind: Any, drop: float) -> None:
        self.rnn, self.drop, self.head = kind(2, 3, seed=0), nn.Dropout(drop, seed=2), nn.Layer(3, 3, "linear", seed=1)

    def __call__(self, xs: Any) -> Any:
        return self.head(self.drop(self.rnn(xs)[0][-1]))


class EveryState(nn.Module):
    """A recurrent net, with a number for each step."""

    def __init__(self, drop: float) -> None:
        self.rnn, self.drop, self.head = nn.RNN(2, 3, seed=0), nn.Dropout(drop, seed=2), nn.Neuron(3, "linear", seed=1)

    def __call__(self, xs: Any) -> Any:
        return [self.head(self.drop(h)) for h in self.rnn(xs)[0]]


TASKS: dict[str, tuple[Callable[[], Any], Any, Any]] = {
    "rnn": (lambda: LastState(nn.RNN, 0.0), nn.cross_entropy, CLASSES),
    "gru": (lambda: LastState(nn.GRU, 0.0), nn.cross_entropy, CLASSES),
    "lstm with dropout": (lambda: LastState(nn.LSTM, 0.3), nn.cross_entropy, CLASSES),
    "tags": (lambda: EveryState(0.0), nn.mse_loss, TAGS),
    "tags with dropout": (lambda: EveryState(0.3), nn.mse_loss, TAGS),
}


def trained(task: str, compiled: bool, **settings: Any) -> tuple[list[float], list[float], list[float], list[float]]:
    make, loss, targets = TASKS[task]
    model = make()
    optimizer = nn.Adam(model.parameters(), 0.05)
    history = nn.fit(
        model, loss, SEQUENCES, targets, optimizer=optimizer, epochs=3, seed=0, progress=False, compile=compiled,
        validation=(SEQUENCES[::2], targets[::2]), **settings,
    )  # fmt: skip
    grads = [p.grad for p in model.parameters()]
    return history.loss, history.validation_loss, list(model.state_dict().values()), grads


@pytest.mark.parametrize("batch_size", [None, 4, 1])
@pytest.mark.parametrize("task", TASKS)
def test_sequences_of_several_lengths_are_learned_as_step_by_step(task: str, batch_size: int | None) -> None:
    eager, compiled = [trained(task, c, batch_size=batch_size, clip_norm=1.0) for c in (False, True)]
    for one, other in zip(eager, compiled):
        assert other == pytest.approx(one, rel=1e-9, abs=1e-12)  # the order of summation differs


def test_a_search_over_several_shapes_is_that_of_values():
    found = []
    for compiled in (False, True):
        model = LastState(nn.RNN, 0.0)
        history = nn.fit(
            model, nn.cross_entropy, SEQUENCES, CLASSES, optimizer=nn.LBFGS(model.parameters()), epochs=2,
            progress=False, compile=compiled,
        )  # fmt: skip
        found.append([*history.loss, *model.state_dict().values()])
    assert found[1] == pytest.approx(found[0], rel=1e-6)  # a line search carries rounding on


def test_examples_are_grouped_by_the_shapes_of_both():
    given = examples([[1.0], [1.0, 2.0], [3.0], [4.0]], [0, 0, 1, [1.0]])
    groups = grouped(given)
    assert [group.numbers for group in groups] == [[0, 2], [1], [3]]
    assert [[array.shape for array in group.arrays] for group in groups] == [
        [(2, 1), (2,)],
        [(1, 2), (1,)],
        [(1, 1), (1, 1)],
    ]
    (one,) = grouped(examples([1.0, 2.0], [3, 4]))
    assert one.numbers == [0, 1]
    assert one.arrays[1].dtype.kind == "i"  # a class stays an integer


def test_a_batch_takes_from_each_group_what_belongs_to_it():
    groups = grouped(examples([[1.0], [1.0, 2.0], [3.0], [4.0]], [0, 1, 2, 3]))
    parts = {
        order: [(share, ts.tolist()) for share, (_, ts) in Batches(groups, order).of([2, 1, 0])]
        for order in (True, False)
    }
    assert parts[True] == [(1 / 3, [2]), (1 / 3, [1]), (1 / 3, [0])]
    assert parts[False] == [(2 / 3, [2, 0]), (1 / 3, [1])]


def test_an_example_that_is_no_array_is_refused_with_its_number():
    given = examples([[[1.0]], [[1.0], [1.0, 2.0]]], [0.0, 1.0])
    with pytest.raises(ValueError, match=r"inputs\[1\] has lists of several lengths: pad them, or leave compile out"):
        grouped(given)


@pytest.mark.parametrize("compiled", [False, True])
def test_fractions_and_very_large_integers_are_numbers(compiled: bool) -> None:
    model = nn.Neuron(1, "linear", seed=0)
    w, b = [p.data for p in model.parameters()]
    data = [[Fraction(1, 2)], [10**20]], [Fraction(1, 4), 0]
    history = nn.fit(
        model,
        lambda y, t: y - t,
        *data,
        epochs=1,
        progress=False,
        optimizer=nn.SGD(model.parameters(), 0.5),
        compile=compiled,
    )
    assert history.loss == [pytest.approx((w * 0.5 + b - 0.25 + w * 1e20 + b) / 2)]
    assert [p.data for p in model.parameters()] == pytest.approx([w - 0.25 * (0.5 + 1e20), b - 0.5])


@pytest.mark.parametrize("target", [{"class": 1}, "one", None, autograd.Value(1.0)], ids=str)
def test_an_example_that_is_not_made_of_numbers_is_refused_with_what_it_is(target: object) -> None:
    given = examples([[1.0], [2.0]], [target, target])
    with pytest.raises(
        TypeError, match=r"needs numbers, and targets\[0\] is .*: make lists of numbers of it, or leave"
    ):
        grouped(given)


def test_a_failing_step_on_several_shapes_names_the_step_and_leaves_the_numbers_before_it():
    model = LastState(nn.RNN, 0.0)

    before = model.state_dict()
    with pytest.raises(ValueError, match="at step 1"):
        nn.fit(
            model, lambda y, t: 1e300 * nn.cross_entropy(y, t), SEQUENCES, CLASSES, epochs=1,
            optimizer=nn.SGD(model.parameters(), 1e300), progress=False, compile=True,
        )  # fmt: skip
    assert model.state_dict() == before


def test_lists_and_arrays_of_several_shapes_come_to_the_same():
    losses = []
    for kind in (list, np.array):
        model = LastState(nn.RNN, 0.0)
        history = nn.fit(
            model, nn.cross_entropy, [kind(x) for x in SEQUENCES], CLASSES, optimizer=nn.SGD(model.parameters(), 0.1),
            epochs=2, progress=False, compile=True,
        )  # fmt: skip
        losses.append(history.loss)
    assert losses[0] == losses[1]
