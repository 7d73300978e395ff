"""A run whose loss grows from the first epoch on says so, once; no other does."""

from __future__ import annotations

import warnings

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nn import MLP, SGD, TrainingError, fit, mse_loss
from nn.training.growth import Growth

LARGE = [[float(i)] for i in range(20)]
TWICE = [2.0 * x[0] for x in LARGE]
GROWS = r"the loss has grown in each epoch so far, from .*: a smaller lr than 0\.1, or inputs and targets scaled"


def run(lr: float = 0.1, epochs: int = 20, **settings):
    model = MLP(1, [1], seed=0)
    optimizer = SGD(model.parameters(), lr=lr)
    return fit(model, mse_loss, LARGE, TWICE, optimizer=optimizer, epochs=epochs, progress=False, **settings)


def told(losses) -> list[str]:
    with warnings.catch_warnings(record=True) as found:
        warnings.simplefilter("always")
        growth = Growth(None)
        growth.epochs(losses)
    return [str(warning.message) for warning in found]


@pytest.mark.parametrize("settings", [{}, {"compile": True}, {"batch_size": 5, "seed": 0}], ids=repr)
def test_a_run_that_grows_says_so_once_and_where(settings):
    with pytest.warns(RuntimeWarning, match=GROWS) as found:
        history = run(**settings)
    assert len(found) == 1
    assert found[0].filename == __file__
    assert len(history.loss) == 20


@pytest.mark.parametrize("compiled", [False, True])
def test_the_error_at_the_end_of_it_says_what_mends_it(compiled):
    mend = r"not finite.* \(the loss had grown from 199\.7 to .*: a smaller lr than 0\.1, or inputs and targets"
    with pytest.warns(RuntimeWarning, match=GROWS), pytest.raises(TrainingError, match=mend) as stopped:
        run(epochs=400, compile=compiled)
    assert "a smaller lr" in stopped.value.history.stopped


@pytest.mark.parametrize("settings", [{"lr": 1e-3}, {"lr": 1e-3, "batch_size": 5, "seed": 0}, {"epochs": 3}], ids=repr)
def test_a_run_that_learns_or_is_short_says_nothing(settings):
    run(**settings)  # warnings are errors here


@given(st.lists(st.floats(-1e6, 1e6), max_size=30))
def test_of_losses_that_fall_once_before_they_have_doubled_nothing_is_said(losses):
    rises = 0
    for a, b in zip(losses, losses[1:]):  # noqa: RUF007
        if b <= a:
            break
        rises += 1
    doubled = [k for k in range(3, rises + 1) if losses[k] - losses[0] > abs(losses[0])]
    assert len(told(losses)) == bool(doubled)


def test_a_loss_that_may_be_negative_grows_by_its_size():
    assert told([-10.0, -9.0, -8.0, -7.0, -6.0]) == []
    assert told([-10.0, -5.0, -1.0, 1.0]) != []
