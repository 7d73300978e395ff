"""What holds for every optimizer: one rule for floats and vectors, steps that are whole, and runs that can go on."""

from __future__ import annotations

import copy
import json
import math
import sys
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd import Value
from nn import schedules
from nn.module import Parameter
from nn.optim.first_order import SGD, Adagrad, Adam, AdamW, Lion, RMSprop
from nn.optim.optimizer import Optimizer
from nn.schedules import Schedule
from tests.support.examples import share

EVERY: list[tuple[type[Optimizer], dict[str, Any]]] = [
    (SGD, {"lr": 0.1}),
    (SGD, {"lr": 0.1, "momentum": 0.9}),
    (SGD, {"lr": 0.1, "momentum": 0.9, "nesterov": True, "weight_decay": 0.01}),
    (Adagrad, {"lr": 0.1}),
    (Adagrad, {"lr": 0.1, "lr_decay": 0.1, "weight_decay": 0.01, "initial_accumulator_value": 0.5}),
    (RMSprop, {"lr": 0.01}),
    (RMSprop, {"lr": 0.01, "momentum": 0.9, "weight_decay": 0.01}),
    (RMSprop, {"lr": 0.01, "alpha": 0.9, "centered": True, "momentum": 0.5}),
    (Adam, {"lr": 0.01}),
    (Adam, {"lr": 0.01, "betas": (0.8, 0.99), "weight_decay": 0.1}),
    (AdamW, {"lr": 0.01, "weight_decay": 0.1}),
    (Lion, {"lr": 0.01}),
    (Lion, {"lr": 0.01, "betas": (0.8, 0.9), "weight_decay": 0.1}),
]
every_optimizer = pytest.mark.parametrize(
    ("cls", "settings"), EVERY, ids=[f"{c.__name__}-{'-'.join(s)}" for c, s in EVERY]
)
one_of_each = pytest.mark.parametrize("cls", [SGD, Adagrad, RMSprop, Adam, AdamW, Lion])
ordinary = st.floats(-100, 100).filter(lambda x: x == 0 or abs(x) > 1e-3)


def made(cls: type[Optimizer], settings: dict[str, Any], n: int = 3) -> Any:
    return cls([Parameter(1.0 + i, f"w.{i}") for i in range(n)], **settings)


def step(optimizer: Any, gradients: list[float]) -> None:
    for p, g in zip(optimizer.params, gradients):
        p.grad = g
    optimizer.step()


def everything(optimizer: Any) -> tuple[list[float], dict[str, Any]]:
    return [p.data for p in optimizer.params], copy.deepcopy(optimizer.state_dict())


# ------------------------------------------------------------------------------------------------ floats and vectors


@every_optimizer
@share(0.4)
@given(st.lists(st.tuples(ordinary, st.lists(ordinary, min_size=4, max_size=4)), min_size=1, max_size=6))
def test_a_vector_moves_as_its_numbers_do(cls, settings, numbers):
    optimizer = made(cls, settings, n=len(numbers))
    vector = np.array([p for p, _ in numbers])
    remembered = [np.array(xs) for xs in optimizer.state.values()]
    for p, (x, _) in zip(optimizer.params, numbers):
        p.data = x
    for t in range(1, 5):
        gradients = [gs[t - 1] for _, gs in numbers]
        vector, *remembered = optimizer.update(t, vector, np.array(gradients), *remembered)
        step(optimizer, gradients)
        floats = [[p.data for p in optimizer.params], *optimizer.state.values()]
        for ours, theirs in zip([vector, *remembered], floats):
            theirs = np.array(theirs)
            assert ours.shape == theirs.shape
            assert (np.abs(ours - theirs) <= 1e-15 * (t + np.abs(theirs).max())).all()
        vector, remembered = np.array(floats[0]), [np.array(xs) for xs in floats[1:]]  # each step for itself


@every_optimizer
@share(0.4)
@given(st.lists(ordinary, min_size=1, max_size=4))
def test_the_rule_changes_nothing_that_it_is_given(cls, settings, gradients):
    optimizer = made(cls, settings, n=len(gradients))
    given = [np.ones(len(gradients)), np.array(gradients), *(np.ones(len(gradients)) for _ in optimizer.memory)]
    before = [x.copy() for x in given]
    optimizer.update(1, *given)
    assert all((x == y).all() for x, y in zip(given, before))
    assert optimizer.steps == 0


@every_optimizer
@share(0.4)
@given(st.permutations(range(4)), st.lists(ordinary, min_size=4, max_size=4))
def test_the_order_of_the_parameters_does_not_matter(cls, settings, order, gradients):
    one, other = made(cls, settings, n=4), made(cls, settings, n=4)
    for p, q in zip(one.params, [other.params[i] for i in order]):
        q.data = p.data
    for _ in range(3):
        step(one, gradients)
        for g, i in zip(gradients, order):
            other.params[i].grad = g
        other.step()
    assert [p.data for p in one.params] == [other.params[i].data for i in order]


# ------------------------------------------------------------------------------------------------- all or nothing


@every_optimizer
@pytest.mark.parametrize("bad", [math.inf, -math.inf, math.nan])
def test_a_gradient_that_is_not_finite_changes_nothing(cls, settings, bad):
    optimizer = made(cls, settings)
    step(optimizer, [1.0, -2.0, 3.0])
    before = everything(optimizer)
    with pytest.raises(ValueError, match=r"^the gradient of w\.1 is (nan|-?inf): no parameter was moved$"):
        step(optimizer, [1.0, bad, 3.0])
    assert everything(optimizer) == before


@pytest.mark.parametrize("cls", [SGD, Adagrad, RMSprop, Lion])
def test_a_parameter_that_would_not_be_finite_changes_nothing(cls):
    optimizer = made(cls, {"lr": 1e307})
    step(optimizer, [0.0, 0.0, 0.0])
    before = everything(optimizer)
    optimizer.params[1].data = -1.79e308
    with pytest.raises(ValueError, match=r"w\.1 would become -?inf: no parameter was moved; a smaller lr may mend it"):
        step(optimizer, [0.1, 10.0, 0.1])
    optimizer.params[1].data = before[0][1]
    assert everything(optimizer) == before


@pytest.mark.parametrize("cls", [Adagrad, RMSprop, Adam, AdamW])
def test_a_square_that_would_not_be_finite_changes_nothing(cls):
    optimizer = made(cls, {})
    step(optimizer, [1.0, 1.0, 1.0])
    before = everything(optimizer)
    with pytest.raises(ValueError, match=r"(sum|square_avg|exp_avg_sq) of w\.2 would become inf: .*clip_grad_norm"):
        step(optimizer, [1.0, 1.0, 1e200])
    assert everything(optimizer) == before


@pytest.mark.parametrize("cls", [Adagrad, RMSprop, Adam, AdamW])
def test_without_an_eps_a_gradient_of_zero_is_refused_with_the_mend(cls):
    optimizer = made(cls, {"eps": 0.0})
    before = everything(optimizer)
    with pytest.raises(ValueError, match=r"by zero, .*: no parameter was moved; an eps greater than 0 mends it"):
        step(optimizer, [1.0, 0.0, 1.0])
    assert everything(optimizer) == before


@one_of_each
def test_an_interrupt_at_any_line_leaves_a_step_made_or_not_made(cls):
    """KeyboardInterrupt, thrown at each line in turn that a step executes, and at each call that it makes."""
    settings = {"lr": 0.1}

    def interrupted(at: int) -> tuple[Any, bool]:
        optimizer, lines = made(cls, settings, n=2), 0
        step(optimizer, [1.0, -2.0])
        for p, g in zip(optimizer.params, [0.5, 0.25]):
            p.grad = g

        def trace(frame: Any, event: str, _: Any) -> Any:
            nonlocal lines
            if event in ("call", "line") and frame.f_code.co_filename != __file__:
                lines += 1
                if lines == at:
                    raise KeyboardInterrupt
            # not inside of the engine's setter: a tracer, unlike Ctrl-C, could strike where its lock is to be released
            return trace if frame.f_globals["__name__"].startswith("nn.") else None

        before = sys.gettrace()
        try:
            sys.settrace(trace)
            optimizer.step()
        except KeyboardInterrupt:
            return everything(optimizer), True
        finally:
            sys.settrace(before)
        return everything(optimizer), False

    unmade, made_ = made(cls, settings, n=2), made(cls, settings, n=2)
    step(unmade, [1.0, -2.0])
    step(made_, [1.0, -2.0])
    step(made_, [0.5, 0.25])
    at, was_interrupted, seen = 0, True, []
    while was_interrupted:
        at += 1
        found, was_interrupted = interrupted(at)
        assert found in (everything(unmade), everything(made_)), f"torn at line {at}"
        seen.append(found[1]["steps"])
    assert at > 30
    assert seen.count(1) > 30
    assert found == everything(made_)


# -------------------------------------------------------------------------------------------------- save and load

FACTORS = {
    "none": None,
    "constant": schedules.constant(0.5),
    "step": schedules.step(2, gamma=0.3),
    "exponential": schedules.exponential(0.9),
    "cosine": schedules.cosine(7, final=0.1),
    "warmup": schedules.warmup(4),
    "join": schedules.join([schedules.warmup(3, 0.1), schedules.cosine(5)], [3]),
    "product": schedules.product(schedules.warmup(3), schedules.exponential(0.9)),
}


def run(optimizer: Any, schedule: Schedule | None, first: int, last: int) -> None:
    a, b, c = optimizer.params
    for k in range(first, last):
        optimizer.zero_grad()
        (((a - k) * b).sin() + (b * c - 1) ** 2 / 10 + (a / 3).exp()).backward()
        optimizer.step()
        if schedule:
            schedule.step()


@every_optimizer
@share(0.4)
@given(st.sampled_from(sorted(FACTORS)), st.integers(0, 6), st.integers(0, 6))
def test_a_run_that_goes_on_from_json_is_the_run_that_was_never_interrupted(cls, settings, schedule_name, first, rest):
    factor = FACTORS[schedule_name]
    whole = made(cls, settings)
    run(whole, factor and Schedule(whole, factor), 0, first + rest)

    half = made(cls, settings)
    schedule = factor and Schedule(half, factor)
    run(half, schedule, 0, first)
    text = json.dumps([half.state_dict(), schedule and schedule.state_dict()], allow_nan=False)
    saved, saved_schedule = json.loads(text)
    assert saved == half.state_dict()

    other = made(cls, {"lr": 0.5})  # all other settings come from the state
    for p, q in zip(other.params, half.params):
        p.data = q.data
    its_schedule = factor and Schedule(other, factor)
    if its_schedule:
        its_schedule.load_state_dict(saved_schedule)
    other.load_state_dict(saved)
    run(other, its_schedule, first, first + rest)

    assert everything(other) == everything(whole)
    assert all(getattr(other, name) == getattr(whole, name) for name in cls.settings)


@one_of_each
def test_a_state_dict_is_a_copy(cls):
    optimizer = made(cls, {"lr": 0.1})
    state = optimizer.state_dict()
    before = copy.deepcopy(state)
    step(optimizer, [1.0, 2.0, 3.0])
    assert state == before
    optimizer.load_state_dict(state)
    step(optimizer, [1.0, 2.0, 3.0])
    assert state == before


def without(state: dict[str, Any], name: str) -> dict[str, Any]:
    return {key: x for key, x in state.items() if key != name}


ADAM = {"lr": 0.1, "betas": [0.9, 0.999], "eps": 1e-8, "weight_decay": 0.0}
MOMENTS = {"exp_avg": [0.0, 0.0, 0.0], "exp_avg_sq": [0.0, 0.0, 0.0]}
GOOD = {"optimizer": "Adam", "steps": 3, "settings": ADAM, "state": MOMENTS}
BAD = [
    (without(GOOD, "steps"), "the state has no 'steps'"),
    (without(GOOD, "state"), "the state has no 'state'"),
    ({**GOOD, "more": 1}, "the state has 'more', which is not known here"),
    ({**GOOD, "optimizer": "SGD"}, "the state is that of the optimizer 'SGD', this is Adam"),
    ({**GOOD, "optimizer": None}, "the state is that of the optimizer None, this is Adam"),
    *[({**GOOD, "steps": x}, "steps must be an integer") for x in (-1, 1.0, True, "3", None, 2**53 + 1, 10**400)],
    ({**GOOD, "settings": [1]}, "settings must be a dict"),
    ({**GOOD, "settings": without(ADAM, "eps")}, "settings has no 'eps'"),
    ({**GOOD, "settings": {**ADAM, "params": []}}, "settings has 'params', which is not known here"),
    ({**GOOD, "settings": {**ADAM, "lr": -1.0}}, "lr must be a finite number, 0 or greater, got -1.0"),
    ({**GOOD, "settings": {**ADAM, "lr": "0.1"}}, "lr must be a real number"),
    ({**GOOD, "settings": {**ADAM, "lr": 10**400}}, "lr is too large"),
    ({**GOOD, "settings": {**ADAM, "betas": [0.9]}}, "betas must be a pair"),
    ({**GOOD, "settings": {**ADAM, "betas": [0.9, 1.0]}}, r"betas\[1\] must be a number from 0 to 1, and less than 1"),
    ({**GOOD, "state": "none"}, "state's state must be a dict"),
    ({**GOOD, "state": without(MOMENTS, "exp_avg")}, "state has no 'exp_avg'"),
    ({**GOOD, "state": {**MOMENTS, "x": []}}, "state has 'x'"),
    ({**GOOD, "state": {**MOMENTS, "exp_avg": [0.0, 0.0]}}, "a list of 3 numbers, one for each parameter, got 2"),
    ({**GOOD, "state": {**MOMENTS, "exp_avg": [0.0, 0.0, 0.0, 0.0]}}, "a list of 3 numbers, .* got 4"),
    ({**GOOD, "state": {**MOMENTS, "exp_avg": "abc"}}, "must be a list of 3 numbers"),
    *[
        ({**GOOD, "state": {**MOMENTS, "exp_avg": [0.0, x, 0.0]}}, r"number|float")
        for x in (math.nan, math.inf, None, "1", [1.0], True, 10**400)
    ],
    ({**GOOD, "state": {**MOMENTS, "exp_avg_sq": [0.0, -1.0, 0.0]}}, r"\['exp_avg_sq'\]\[1\] must be .*0 or greater"),
]


@pytest.mark.parametrize(("bad", "message"), BAD)
def test_a_state_that_does_not_fit_is_refused_and_nothing_changes(bad, message):
    optimizer = made(Adam, {"lr": 0.2})
    optimizer.load_state_dict(GOOD)
    optimizer.lr = 0.2
    before = everything(optimizer)
    with pytest.raises(ValueError, match=message):
        optimizer.load_state_dict(bad)
    assert everything(optimizer) == before


@pytest.mark.parametrize("steps", [0, 57, 2**53])
def test_a_state_may_have_as_many_steps_as_a_float_can_count(steps):
    optimizer = made(Adam, {})
    optimizer.load_state_dict({**GOOD, "steps": steps})
    assert optimizer.steps == steps


def test_a_thousand_parameters_can_be_loaded_and_moved():
    optimizer = Adam([Value(float(i)) for i in range(1000)])
    optimizer.load_state_dict(optimizer.state_dict())
    optimizer.step()
    assert optimizer.steps == 1


def test_a_state_that_is_no_dict_is_a_type_error():
    with pytest.raises(TypeError, match="state must be a dict"):
        made(Adam, {}).load_state_dict([1, 2])


def test_a_state_with_nesterov_but_no_momentum_is_refused():
    optimizer = made(SGD, {"lr": 0.1, "momentum": 0.9, "nesterov": True})
    state = optimizer.state_dict()
    state["settings"]["momentum"] = 0.0
    with pytest.raises(ValueError, match="needs a momentum"):
        optimizer.load_state_dict(state)
    assert optimizer.momentum == 0.9


# -------------------------------------------------------------------------------------------------------- settings


@every_optimizer
def test_settings_are_checked_whenever_they_are_assigned_to(cls, settings):
    optimizer = made(cls, settings)
    before = everything(optimizer)
    for name, x in optimizer.state_dict()["settings"].items():
        bad = {float: -0.5, bool: "yes", list: (0.9, 1.5)}[type(x)]
        with pytest.raises((TypeError, ValueError), match=f"^{name}"):
            setattr(optimizer, name, bad)
        with pytest.raises((TypeError, ValueError), match=f"^{name}"):
            cls([Value(1.0)], **{**settings, name: bad})
    assert everything(optimizer) == before


@every_optimizer
@pytest.mark.parametrize(("change", "n"), [(lambda params: params.append(Value(1.0)), 4), (list.pop, 2)])
def test_a_parameter_that_comes_or_goes_later_on_is_not_quietly_left_where_it_is(cls, settings, change, n):
    optimizer = made(cls, settings)
    change(optimizer.params)
    before = [p.data for p in optimizer.params]
    with pytest.raises(ValueError, match=f"params held 3 when the optimizer was made, and {n} now: make a new one"):
        optimizer.step()
    assert [p.data for p in optimizer.params] == before


def test_an_optimizer_without_a_rule_says_so():
    optimizer = Optimizer([Value(1.0)], lr=0.1)
    with pytest.raises(NotImplementedError, match="Optimizer has no update rule"):
        optimizer.step()


def test_an_optimizer_shows_its_settings():
    assert repr(SGD([Value(1.0)], 0.5)).startswith("SGD(1 parameter, lr=0.5, ")
    assert repr(SGD([Value(1.0), Value(2.0)], 0.5)).startswith("SGD(2 parameters, lr=0.5, ")
    assert repr(made(Lion, {"lr": 0.5})) == "Lion(3 parameters, lr=0.5, betas=(0.9, 0.99), weight_decay=0.0)"
