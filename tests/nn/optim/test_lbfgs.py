"""L-BFGS finds what SciPy finds, in about as many looks; in a loop of one's own and in fit."""

from __future__ import annotations

import json
import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd import Value, log, no_grad
from nn import LBFGS, MLP, SGD, History, Module, fit, load, mse_loss, parameters_to_vector, save
from nn.schedules import exponential

XS = [[i / 10] for i in range(-10, 11)]
TS = [math.sin(3 * x[0]) for x in XS]


def rosenbrock(xs):
    return sum((1 - a) ** 2 + 100 * (b - a * a) ** 2 for a, b in pairwise(xs))


def network() -> MLP:
    return MLP(1, [6, 1], activation="tanh", seed=0)


def loss_of(model: Module) -> Value:
    return mse_loss(model.batch(XS), TS)


@pytest.mark.parametrize("n", [2, 5, 10])
def test_the_minimum_of_rosenbrock_s_function_is_found_in_about_as_many_looks_as_scipy_takes(n):
    optimize = pytest.importorskip("scipy.optimize")
    start = [-1.2 if i % 2 else 1.0 for i in range(n)]
    theirs = optimize.minimize(optimize.rosen, start, jac=optimize.rosen_der, method="L-BFGS-B")
    xs, looks = [Value(x) for x in start], []

    def closure():
        looks.append(1)
        return rosenbrock(xs)

    optimizer = LBFGS(xs, max_iter=500, tolerance_change=1e-14)
    first = optimizer.step(closure)
    assert first == optimize.rosen(start)
    assert [x.data for x in xs] == pytest.approx(theirs.x.tolist(), abs=1e-4)
    assert rosenbrock(xs) < 1e-12
    assert len(looks) < 2 * theirs.nfev + 10


@given(st.integers(1, 6), st.integers(0, 1000))
def test_a_quadratic_is_solved(n, seed):
    rng = np.random.default_rng(seed)
    a = rng.normal(size=(n, n))
    a, b = (a @ a.T + np.eye(n)).tolist(), rng.normal(size=n).tolist()
    xs = [Value(0.0) for _ in range(n)]

    def loss():
        return sum(0.5 * xs[i] * a[i][j] * xs[j] for i in range(n) for j in range(n)) - sum(map(Value.__mul__, xs, b))

    LBFGS(xs, max_iter=100, tolerance_grad=1e-10, tolerance_change=1e-16).step(loss)
    assert [x.data for x in xs] == pytest.approx(np.linalg.solve(a, b).tolist(), abs=1e-6)


def test_a_network_learns_in_few_looks_what_takes_a_gradient_method_many():
    model, looks = network(), []

    def closure():
        looks.append(1)
        return loss_of(model)

    optimizer = LBFGS(model.parameters(), max_iter=100)
    first = optimizer.step(closure)
    assert loss_of(model) < 1e-4 < first
    assert len(looks) < 150


def test_a_closure_may_call_backward_and_recording_is_on():
    ours, theirs = network(), network()
    a, b = LBFGS(ours.parameters()), LBFGS(theirs.parameters())

    def closure():
        b.zero_grad()
        loss = loss_of(theirs)
        loss.backward()
        return loss

    with no_grad():
        assert a.step(lambda: loss_of(ours)) == b.step(closure)
    assert ours.state_dict() == theirs.state_dict()
    assert [p.grad for p in ours.parameters()] == [0.0] * 19
    assert a.steps == b.steps == 1


def test_where_the_loss_is_not_defined_the_step_is_shortened():
    x = Value(4.0)
    LBFGS([x], lr=100.0).step(lambda: x - log(x))
    assert x.data == pytest.approx(1.0, abs=1e-6)


def test_a_minimum_is_not_left_and_a_step_without_any_is_no_error():
    x = Value(1.0)
    assert LBFGS([x]).step(lambda: (x - 1) ** 2) == 0.0
    assert x.data == 1.0
    LBFGS([x], max_iter=2).step(lambda: x + 0.0)  # downhill for ever
    assert x.data < 0


@pytest.mark.parametrize(
    ("closure", "error", "message"),
    [
        (3.0, TypeError, "closure must be a function that returns the loss, such as a lambda, got 3.0"),
        (lambda: 3.0, TypeError, "closure must return the loss, a Value, got 3.0"),
        (lambda: None, TypeError, "closure must return the loss, a Value, got None"),
    ],
)
def test_what_is_no_closure_is_refused(closure, error, message):
    x = Value(1.0)
    with pytest.raises(error, match=message):
        LBFGS([x]).step(closure)
    assert x.data == 1.0


@pytest.mark.parametrize("fatal", [KeyboardInterrupt, ValueError, RuntimeError])
@pytest.mark.parametrize("after", [0, 2, 4])
def test_a_step_that_fails_changes_nothing(fatal, after):
    xs, looks = [Value(-1.2), Value(1.0)], []
    optimizer = LBFGS(xs, max_iter=5)
    optimizer.step(lambda: rosenbrock(xs))
    before = [x.data for x in xs], json.dumps(optimizer.state_dict())

    def closure():
        looks.append(1)
        if len(looks) > after:
            raise fatal("here")
        return rosenbrock(xs)

    with pytest.raises(fatal, match="here"):
        optimizer.step(closure)
    assert ([x.data for x in xs], json.dumps(optimizer.state_dict())) == before


def test_saved_and_loaded_it_goes_on_as_if_nothing_had_been(tmp_path):
    model = network()
    optimizer = LBFGS(model.parameters(), max_iter=3, history_size=4)
    for _ in range(3):
        optimizer.step(lambda: loss_of(model))
    save(model, tmp_path / "model.json", optimizer=optimizer)
    again = network()
    other = LBFGS(again.parameters())
    load(again, tmp_path / "model.json", optimizer=other)
    assert (other.history_size, other.max_iter, other.steps) == (4, 3, 3)
    assert [len(rows) for rows in other.state.values()] == [4, 4]
    assert optimizer.step(lambda: loss_of(model)) == other.step(lambda: loss_of(again))
    assert model.state_dict() == again.state_dict()


def test_a_state_that_doesn_t_fit_is_refused():
    optimizer = LBFGS([Value(1.0), Value(2.0)])
    state = optimizer.state_dict()
    for moves, message in (
        (3.0, "must be a list of lists, got 3.0"),
        ([[1.0]], r"state\['moves'\]\[0\] must be a list of 2 numbers"),
        ([[1.0, math.nan]], r"state\['moves'\]\[0\]\[1\] must be a finite number, got nan"),
    ):
        with pytest.raises(ValueError, match=message):
            optimizer.load_state_dict({**state, "state": {"moves": moves, "changes": []}})
    with pytest.raises(ValueError, match="the state is that of the optimizer 'SGD', this is LBFGS"):
        optimizer.load_state_dict(SGD([Value(1.0)], 0.1).state_dict())
    assert optimizer.state_dict() == state


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"max_iter": 0}, "max_iter must be a positive integer, got 0"),
        ({"history_size": 1.5}, "history_size must be a positive integer, got 1.5"),
        ({"tolerance_grad": -1.0}, "tolerance_grad must be a finite number, 0 or greater, got -1.0"),
    ],
)
def test_settings_out_of_range_are_refused(settings, message):
    with pytest.raises(ValueError, match=message):
        LBFGS([Value(1.0)], **settings)


# --------------------------------------------------------------------------------------------------------------- in fit


def fitted(compiled: bool, **settings) -> tuple[MLP, History, LBFGS]:
    model = network()
    optimizer = LBFGS(model.parameters(), max_iter=5)
    settings = {"epochs": 6, "progress": False, "compile": compiled, "seed": 0} | settings
    return model, fit(model, mse_loss, XS, TS, optimizer=optimizer, **settings), optimizer


def test_fit_makes_the_steps_that_one_makes_by_hand():
    model, history, _ = fitted(False)
    own = network()
    optimizer = LBFGS(own.parameters(), max_iter=5)
    assert history.loss == [optimizer.step(lambda: loss_of(own)) for _ in range(6)]
    assert parameters_to_vector(model.parameters()) == parameters_to_vector(own.parameters())


CASES = {"plain": {}, "batches": {"batch_size": 7}, "schedule": {"schedule": exponential(0.9)}}


@pytest.mark.parametrize("settings", CASES.values(), ids=CASES.keys())
def test_compiled_it_learns_the_same(settings):
    (eager, history, a), (compiled, other, b) = fitted(False, **settings), fitted(True, **settings)
    assert other.loss == pytest.approx(history.loss, rel=1e-6)
    assert list(compiled.state_dict().values()) == pytest.approx(list(eager.state_dict().values()), rel=1e-5, abs=1e-6)
    assert a.steps == b.steps == len(history.loss) * (3 if "batch_size" in settings else 1)
    assert other.gradient_norm["layers.0"] == pytest.approx(history.gradient_norm["layers.0"], rel=1e-5)
    assert history.loss[-1] < 0.2 * history.loss[0]


@pytest.mark.parametrize("compiled", [False, True])
@pytest.mark.parametrize("clipping", [{"clip_norm": 1.0}, {"clip_value": 1.0}])
def test_its_gradients_are_not_clipped(compiled, clipping):
    with pytest.raises(ValueError, match="are not for LBFGS, which computes its own gradients"):
        fitted(compiled, **clipping)
