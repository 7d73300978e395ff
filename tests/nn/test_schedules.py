"""Schedules: where factors begin and end, how they combine, and what Schedule does with an optimizer."""

from __future__ import annotations

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd import Value
from nn.optim.first_order import SGD
from nn.schedules import Schedule, constant, cosine, exponential, join, product, step, warmup

sizes = st.integers(1, 50)
shares = st.floats(0, 1)
numbers = st.integers(0, 200)


def sgd(lr: float = 0.5) -> SGD:
    return SGD([Value(1.0)], lr=lr)


def test_a_schedule_says_what_it_moves_and_where_it_is():
    optimizer = sgd()
    schedule = Schedule(optimizer, exponential(0.5))
    schedule.step()
    assert repr(schedule) == f"Schedule({optimizer!r}, at step 1)"


@given(shares, numbers)
def test_constant_is_constant(factor, n):
    assert constant(factor)(n) == factor
    assert constant()(n) == 1.0


@given(sizes, shares, numbers)
def test_a_staircase_is_flat_but_at_its_steps(size, gamma, n):
    factor = step(size, gamma)
    assert factor(0) == 1.0
    assert factor(n + size) == pytest.approx(gamma * factor(n), rel=1e-12)
    if (n + 1) % size:
        assert factor(n + 1) == factor(n)


@given(shares, numbers)
def test_exponential_is_a_staircase_of_steps_of_one(gamma, n):
    assert exponential(gamma)(n) == step(1, gamma)(n)


@given(sizes, shares, numbers)
def test_cosine_falls_from_one_to_its_end_and_stays(steps, final, n):
    factor = cosine(steps, final)
    assert factor(0) == 1.0
    assert factor(steps) == factor(steps + n) == final
    assert factor(n + 1) <= factor(n)


@given(sizes, shares)
def test_half_way_the_cosine_is_half_way(half, final):
    assert cosine(2 * half, final)(half) == pytest.approx((1 + final) / 2, abs=1e-15)


@given(sizes, shares, numbers)
def test_a_warm_up_is_a_straight_line_to_one(steps, start, n):
    factor = warmup(steps, start)
    assert factor(0) == start
    assert factor(steps) == factor(steps + n) == pytest.approx(1.0, abs=1e-15)
    if n < steps:
        assert factor(n + 1) - factor(n) == pytest.approx((1 - start) / steps, abs=1e-14)


@given(st.lists(sizes, min_size=0, max_size=4), numbers)
def test_joined_factors_count_from_their_own_beginning(lengths, n):
    seen: list[tuple[int, int]] = []

    def spy(i: int):
        return lambda k: float(seen.append((i, k)) or 1)

    boundaries = [sum(lengths[: i + 1]) for i in range(len(lengths))]
    join([spy(i) for i in range(len(lengths) + 1)], boundaries)(n)
    flat = [(i, k) for i, length in enumerate(lengths) for k in range(length)]
    assert seen == [flat[n] if n < len(flat) else (len(lengths), n - len(flat))]


@given(numbers, shares)
def test_a_product_multiplies(n, gamma):
    assert product(exponential(gamma), cosine(9), constant(0.5))(n) == pytest.approx(
        exponential(gamma)(n) * cosine(9)(n) * 0.5, rel=1e-12
    )
    assert product()(n) == 1.0


@given(st.floats(1e-6, 10), st.integers(0, 20))
def test_the_rate_is_the_first_rate_times_the_factor(lr, n):
    optimizer = sgd(lr)
    schedule = Schedule(optimizer, lambda k: 1 / (2 + k))
    assert optimizer.lr == lr * (1 / 2)
    for _ in range(n):
        schedule.step()
    assert optimizer.lr == lr * (1 / (2 + n))
    assert schedule.steps == n
    assert schedule.base_lr == lr


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: constant(-1.0), "factor must be a finite number, 0 or greater, got -1.0"),
        (lambda: step(0), "step_size must be a positive integer, got 0"),
        (lambda: step(2, math.nan), "gamma must be a finite number"),
        (lambda: exponential(-0.1), "gamma must be a finite number"),
        (lambda: cosine(1.5), r"steps must be a positive integer, got 1\.5"),
        (lambda: cosine(3, -1), "final must be a finite number"),
        (lambda: warmup(-3), "steps must be a positive integer, got -3"),
        (lambda: warmup(3, math.inf), "start must be a finite number"),
        (lambda: join([constant()], [3]), "got 1 for 1 factors"),
        (lambda: join([], []), "got 0 for 0 factors"),
        (lambda: join([constant()] * 3, [3, 3]), r"boundaries must rise from one to the next, got \[3, 3\]"),
        (lambda: join([constant()] * 2, [0]), r"boundaries\[0\] must be a positive integer, got 0"),
    ],
)
def test_a_number_out_of_its_range_is_named(make, message):
    with pytest.raises(ValueError, match=message):
        make()


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: exponential("0.9"), "gamma must be a real number"),
        (lambda: join(constant(), [3]), "factors must be a list"),
        (lambda: join([constant(), 0.5], [3]), r"factors\[1\] must be a function .*, got 0\.5: constant\(0\.5\)"),
        (lambda: product(constant(), None), r"factors\[1\] must be a function"),
        (lambda: Schedule(sgd(), 0.1), r"factor must be a function .*: constant\(0\.1\)"),
        (lambda: Schedule(constant(), sgd()), "optimizer must be an optimizer, which has an lr"),
        (lambda: Schedule(sgd(), lambda n: "1"), r"factor\(0\) must be a real number"),
    ],
)
def test_an_argument_of_a_wrong_kind_is_named(make, message):
    with pytest.raises(TypeError, match=message):
        make()


@pytest.mark.parametrize("bad", [-1.0, math.nan, math.inf])
def test_a_factor_that_is_no_rate_changes_nothing(bad):
    optimizer = sgd()
    with pytest.raises(ValueError, match=r"factor\(0\) must be a finite number, 0 or greater"):
        Schedule(optimizer, lambda n: bad)
    assert optimizer.lr == 0.5
    schedule = Schedule(optimizer, lambda n: bad if n == 2 else 1.0)
    schedule.step()
    with pytest.raises(ValueError, match=r"factor\(2\) must be a finite number, 0 or greater"):
        schedule.step()
    assert (schedule.steps, optimizer.lr) == (1, 0.5)


def test_a_factor_that_grows_too_large_changes_nothing():
    optimizer = sgd()
    schedule = Schedule(optimizer, exponential(1e200))
    schedule.step()
    with pytest.raises(ValueError, match=r"factor\(2\) must be a finite number, 0 or greater, got inf"):
        schedule.step()
    assert (schedule.steps, optimizer.lr) == (1, 0.5e200)
    large = sgd(1e200)
    schedule = Schedule(large, lambda n: 1e200 if n else 1.0)
    with pytest.raises(ValueError, match="lr at step 1 must be a finite number, 0 or greater, got inf"):
        schedule.step()
    assert (schedule.steps, large.lr) == (0, 1e200)


@given(st.integers(0, 30), st.integers(0, 30), st.floats(1e-6, 10))
def test_a_schedule_goes_on_from_json(first, rest, lr):
    factor = join([warmup(5), cosine(30, 0.1)], [5])
    whole, half, other = sgd(lr), sgd(lr), sgd(0.7)
    whole_schedule, half_schedule, other_schedule = (Schedule(o, factor) for o in (whole, half, other))
    for _ in range(first):
        whole_schedule.step()
        half_schedule.step()
    other_schedule.load_state_dict(json.loads(json.dumps(half_schedule.state_dict())))
    assert other.lr == half.lr
    for _ in range(rest):
        whole_schedule.step()
        other_schedule.step()
    assert other.lr == whole.lr
    assert other_schedule.state_dict() == whole_schedule.state_dict()


GOOD = {"base_lr": 0.5, "steps": 2, "lr": 0.125}
BAD = [
    ({"base_lr": 0.5, "steps": 2}, "the state has no 'lr'"),
    ({**GOOD, "more": 1}, "the state has 'more', which is not known here"),
    *[({**GOOD, "steps": x}, "steps must be an integer") for x in (-1, 2.0, True, None, 10**400)],
    *[({**GOOD, "base_lr": x}, "base_lr") for x in (-0.5, math.nan, "0.5", None, 10**400)],
    ({**GOOD, "lr": None}, "lr"),
    ({**GOOD, "lr": 0.25}, r"that of another schedule: its lr at step 2 was 0\.25, that of this one would be 0\.125"),
]


@pytest.mark.parametrize(("bad", "message"), BAD)
def test_a_state_that_does_not_fit_is_refused_and_nothing_changes(bad, message):
    optimizer = sgd()
    schedule = Schedule(optimizer, exponential(0.5))
    schedule.load_state_dict(GOOD)
    schedule.step()
    with pytest.raises(ValueError, match=message):
        schedule.load_state_dict(bad)
    assert (schedule.base_lr, schedule.steps, optimizer.lr) == (0.5, 3, 0.0625)


def test_a_state_that_is_no_dict_is_a_type_error():
    with pytest.raises(TypeError, match="state must be a dict"):
        Schedule(sgd(), constant()).load_state_dict(3)
