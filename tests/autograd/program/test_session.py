"""A program is stepped: the numbers of a loop over Values, whole after whatever ends it, and never quietly stale."""

from __future__ import annotations

import gc
import math
import random
import threading
import warnings
import weakref
from contextvars import ContextVar, copy_context
from functools import partial
from itertools import count
from typing import Any

import numpy as np
import pytest

import autograd
import nn
from autograd import Value, bulk, log
from autograd.program import Program, TraceError, compile
from autograd.rules import Unary
from nn import Adagrad, Adam, AdamW, Lion, RMSprop
from nn.schedules import Schedule, cosine
from tests.support.moments import Event, at, interrupt

rng = np.random.default_rng(0)
X, Y = rng.normal(size=(12, 2)), rng.normal(size=12)
OPTIMIZERS: dict[str, Any] = {
    "sgd": lambda p: nn.SGD(p, 0.05, momentum=0.9, nesterov=True, weight_decay=0.01),
    "adagrad": lambda p: Adagrad(p, 0.1),
    "rmsprop": lambda p: RMSprop(p, 0.01, momentum=0.5, centered=True),
    "adam": lambda p: Adam(p, 0.02, weight_decay=0.01),
    "adamw": lambda p: AdamW(p, 0.02),
    "lion": lambda p: Lion(p, 0.01, weight_decay=0.1),
}


def made(make: Any = OPTIMIZERS["adam"], seed: int = 0, **settings: Any) -> tuple[nn.Module, Any, Program]:
    """A model in which the order of the parameters is not that of the compiled vector."""
    model = nn.Sequential(nn.Layer(2, 4, "tanh", seed=seed), nn.LayerNorm(4), nn.Layer(4, 1, "linear", seed=seed + 1))
    program = compile(lambda x, t: nn.mse_loss(model(x), t), model.parameters(), **settings)
    return model, make(model.parameters()), program


def stepped(model: nn.Module, optimizer: Any, x: Any, y: Any) -> float:
    """The step that one writes by hand."""
    loss = autograd.mean([nn.mse_loss(output, t) for output, t in zip(model.batch(x.tolist()), y.tolist())])
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return float(loss.data)


def test_a_session_says_where_it_is_and_with_what():
    _, optimizer, program = made()
    with program.session(optimizer) as session:
        session.step(X, Y)
        assert repr(session) == f"<Session at step 1 of {optimizer!r}>"


def numbers(model: nn.Module, optimizer: Any) -> list[float]:
    """All that a step changes."""
    remembered = [x for xs in optimizer.state.values() for x in xs]
    return [*[p.data for p in model.parameters()], *[p.grad for p in model.parameters()], *remembered, optimizer.steps]


def several(steps: int, session: Any, *batches: Any) -> None:
    """So many steps, in a `with` block."""
    with session:
        for _ in range(steps):
            session.step(*batches)


def alike(one: Any, other: Any) -> bool:
    return bool(np.allclose(one, other, rtol=1e-10, atol=1e-12))


# --------------------------------------------------------------------------------------------------- the same numbers


@pytest.mark.parametrize("make", OPTIMIZERS.values(), ids=OPTIMIZERS)
def test_steps_of_a_session_give_the_numbers_of_a_loop_by_hand(make: Any) -> None:
    (model, optimizer, program), (other, by_hand, _) = made(make), made(make)
    with program.session(optimizer) as session:
        losses = [session.step(X[i : i + 4], Y[i : i + 4]) for _ in range(3) for i in (0, 4, 8)]
    assert alike(losses, [stepped(other, by_hand, X[i : i + 4], Y[i : i + 4]) for _ in range(3) for i in (0, 4, 8)])
    assert alike(numbers(model, optimizer), numbers(other, by_hand))


def test_examples_are_handed_over_once_for_many_steps_and_rows_of_them_make_a_step() -> None:
    (model, optimizer, program), (other, by_hand, _) = made(), made()
    order = list(range(12))
    with program.session(optimizer) as session:
        session.load(X.tolist(), Y.tolist())
        for _ in range(3):
            random.Random(0).shuffle(order)  # the same list, with other rows
            assert alike(session.step(rows=order[:5]), stepped(other, by_hand, X[order[:5]], Y[order[:5]]))
            assert alike(session.step(), stepped(other, by_hand, X, Y))
            assert alike(session.step(), stepped(other, by_hand, X, Y))
            assert alike(session.step(rows=np.array([3])), stepped(other, by_hand, X[3:4], Y[3:4]))
    assert alike(numbers(model, optimizer), numbers(other, by_hand))


def test_arrays_that_are_filled_anew_are_read_anew_and_loaded_ones_are_not() -> None:
    (model, optimizer, program), (other, by_hand, _) = made(), made()
    x, y = X.copy(), Y.copy()
    with program.session(optimizer) as session:
        for shift in (0.0, 1.0, 2.0):
            x[:] = X + shift
            assert alike(session.step(x, y), stepped(other, by_hand, x, y))
        session.load(x, y)
        before = x.copy()
        x[:] = 0.0
        assert alike(session.step(), stepped(other, by_hand, before, y))
        assert alike(session.step(x, y), stepped(other, by_hand, x, y))
    assert alike(numbers(model, optimizer), numbers(other, by_hand))


@pytest.mark.filterwarnings("ignore:Setting the shape")  # deprecated in NumPy 2.5, and still possible
def test_arrays_that_can_t_be_looked_at_column_by_column_are_read_anew_too() -> None:
    w = Value(1.0)
    program = compile(lambda x: w * (x[0][0] + 10 * x[1][0] + 100 * x[0][1]), [w])
    xs = np.ones((2, 2, 3)).transpose(2, 1, 0)  # the numbers of an example don't lie in a row
    flat = np.ones((6, 2))
    with program.session(nn.SGD([w], lr=0.0)) as session:
        first = session.step(xs)
        xs[:] = 2.0
        assert (first, session.step(xs)) == (111.0, 222.0)
    first_of = compile(lambda x: w * x[0], [w])
    with first_of.session(nn.SGD([w], lr=0.0)) as session:
        session.step(flat)
        flat.shape, flat.flat[:] = (4, 3), range(12)
        assert session.step(flat) == (0 + 3 + 6 + 9) / 4


@pytest.mark.parametrize("dtype", ["float64", "float32", "float16"])
def test_rows_of_integers_and_of_numbers_of_another_precision_are_taken(dtype: Any) -> None:
    w = Value(2.0)
    program = compile(lambda x: w * x, [w], dtype=dtype)
    with warnings.catch_warnings(), program.session(nn.SGD([w], lr=0.0)) as session:
        warnings.simplefilter("error")
        for xs in ([1, 2, 3], np.array([1, 2, 3], "float32"), np.array([1.0, 2.0, 3.0])):
            assert session.step(xs, rows=[0, 2]) == 4.0
        if dtype == "float16":
            with pytest.raises(ValueError, match="it overflowed in float16"):
                session.step([1.0, 1e6], rows=[1])
        else:
            assert session.step([1.0, 1e6], rows=[1]) == 2e6


def test_examples_of_several_shapes_take_turns() -> None:
    def program() -> tuple[Value, Program]:
        w = Value(0.5, label="w")
        return w, compile(lambda xs: autograd.sum([(w * x - 1.0) ** 2 for x in xs]), [w])

    (w, one), (v, other) = program(), program()
    optimizer, by_hand = Adam([w], 0.1), Adam([v], 0.1)
    with one.session(optimizer) as session:
        for n in (1, 3, 1, 2, 3):
            batch = [[0.1 * n] * n] * 2
            by_hand.zero_grad()
            assert alike(session.step(batch), other(batch))
            by_hand.step()
    assert alike([w.data, *optimizer.state["exp_avg"]], [v.data, *by_hand.state["exp_avg"]])


@pytest.mark.parametrize(("dtype", "scale", "rtol"), [("float32", 1.0, 1e-5), ("float16", 128.0, 2e-2)])
def test_lower_precision_comes_close_and_small_gradients_survive(dtype: Any, scale: float, rtol: float) -> None:
    (model, optimizer, program), (other, by_hand, _) = made(dtype=dtype, loss_scale=scale), made()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with program.session(optimizer) as session:
            losses = [session.step(X, Y) for _ in range(5)]
    assert losses != (exact := [stepped(other, by_hand, X, Y) for _ in range(5)])
    assert np.allclose(losses, exact, rtol=rtol, atol=rtol)
    assert np.allclose(numbers(model, optimizer)[:20], numbers(other, by_hand)[:20], rtol=rtol, atol=rtol)
    w = Value(1.0)
    with compile(lambda x: 1e-9 * (w * x), [w], dtype=dtype, loss_scale=2.0**14).session(nn.SGD([w], 0.1)) as session:
        session.step([1.0])
    assert math.isclose(w.grad, 1e-9, rel_tol=0.01)


def test_masks_are_drawn_as_by_the_model_itself() -> None:
    losses = []
    for compiled in (True, False):
        model = nn.Sequential(nn.Layer(2, 4, "tanh", seed=0), nn.Dropout(0.5, seed=1), nn.Layer(4, 1, seed=2))
        optimizer = nn.SGD(model.parameters(), 0.1)
        program = compile(lambda x, t, model=model: nn.mse_loss(model(x), t), model.parameters())
        session = program.session(optimizer)
        losses.append([session.step(X, Y) if compiled else stepped(model, optimizer, X, Y) for _ in range(4)])
    assert alike(*losses)


def test_an_optimizer_of_ones_own_needs_no_class() -> None:
    w = Value(8.0)

    class Halving:
        def __init__(self) -> None:
            self.params, self.state, self.steps = [w], {}, 0

        def update(self, t: int, p: Any, g: Any) -> Any:
            return (p / 2,)

    halving = Halving()
    with compile(lambda x: w * x, [w]).session(halving) as session:
        session.step([1.0])
        session.step([1.0])
    assert (w.data, halving.steps) == (2.0, 2)


# ------------------------------------------------------------------------------------- what a loop does between steps


def test_the_gradient_is_there_to_be_clipped_between_the_halves_of_a_step() -> None:
    (model, optimizer, program), (other, by_hand, _) = made(), made()
    with program.session(optimizer) as session:
        for _ in range(3):
            loss = session.backward(X, Y)
            shortening = min(1.0, 0.1 / (session.norm + 1e-6))
            session.gradient = session.gradient * shortening
            session.update()
            mean = autograd.mean([nn.mse_loss(y, t) for y, t in zip(other.batch(X.tolist()), Y.tolist())])
            by_hand.zero_grad()
            mean.backward()
            assert alike([loss, session.norm], [mean.data, nn.clip_grad_norm(by_hand.params, 0.1)])
            by_hand.step()
    assert alike(numbers(model, optimizer), numbers(other, by_hand))


def test_a_schedule_sets_the_rate_of_the_next_step() -> None:
    (model, optimizer, program), (other, by_hand, _) = made(), made()
    schedules = [Schedule(o, cosine(8, final=0.1)) for o in (optimizer, by_hand)]
    with program.session(optimizer) as session:
        for _ in range(8):
            assert alike(session.step(X, Y), stepped(other, by_hand, X, Y))
            for schedule in schedules:
                schedule.step()
    assert optimizer.lr == by_hand.lr
    assert alike(numbers(model, optimizer), numbers(other, by_hand))


@pytest.mark.parametrize("synced", [False, True])
def test_what_is_assigned_to_a_parameter_is_taken_up_and_the_others_go_on(synced: bool) -> None:
    (model, optimizer, program), (other, by_hand, _) = made(), made()
    with program.session(optimizer) as session:
        session.load(X, Y)
        for i in range(4):
            assert alike(session.step(), stepped(other, by_hand, X, Y))
            if synced:
                session.sync()
                assert alike(numbers(model, optimizer), numbers(other, by_hand))
            for p in (model.parameters()[i], other.parameters()[i]):
                p.data = 0.25 * i
    model.parameters()[0].data = other.parameters()[0].data
    assert alike(numbers(model, optimizer), numbers(other, by_hand))


def test_what_is_assigned_before_the_end_stays() -> None:
    model, optimizer, program = made()
    first, second, *_ = model.parameters()
    with program.session(optimizer) as session:
        session.step(X, Y)
        first.data = 7.0
    assert first.data == 7.0
    assert second.data == session.vector[1]
    with program.session(optimizer) as session:
        session.step(X, Y)
        moved = session.vector.tolist()
    assert [p.data for p in model.parameters()] == moved
    assert first.data != 7.0


def test_the_number_that_a_parameter_had_at_the_beginning_can_be_assigned_again() -> None:
    w = Value(3.0)
    program = compile(lambda x, y: (w * x - y) ** 2, [w])
    with program.session(nn.SGD([w], lr=0.1)) as session:
        losses = [session.step([1.0, 2.0], [2.0, 4.0]), session.step()]
        w.data = 3.0  # which is what the Value has all the time
        losses.append(session.step())
    assert losses == pytest.approx([2.5, 0.625, 2.5])


def test_the_state_that_an_optimizer_had_at_the_beginning_can_be_loaded_again() -> None:
    w = Value(3.0)
    program, optimizer = compile(lambda x: w * x, [w]), nn.SGD([w], lr=0.1, momentum=0.5)
    beginning = optimizer.state_dict()
    with program.session(optimizer) as session:
        several_steps = [session.step([1.0]) for _ in range(3)]
        optimizer.load_state_dict(beginning)
        session.step()
    # velocities 1, 1.5, 1.75, and 1 again
    assert several_steps == pytest.approx([3.0, 2.9, 2.75])
    assert (w.data, optimizer.steps, optimizer.state) == (pytest.approx(3 - 0.525), 1, {"momentum_buffer": [1.0]})


def test_a_gradient_of_ones_own_stays_where_the_session_has_no_new_one() -> None:
    w = Value(3.0)
    program = compile(lambda x: w * x, [w])
    with program.session(nn.SGD([w], lr=0.1)) as session:
        session.step([1.0])
        session.sync()
        w.grad, w.data = 5.0, 1.0
    assert (w.data, w.grad) == (1.0, 5.0)


def test_a_captured_value_that_changes_counts_from_the_next_step_on() -> None:
    w, c = Value(1.0), Value(2.0)
    with compile(lambda x: w * c * x, [w]).session(nn.SGD([w], 0.0)) as session:
        session.load([1.0])
        assert session.step() == 2.0
        c.data = 5.0
        assert session.step() == 5.0


def test_a_mode_or_variable_that_changes_counts_when_examples_are_handed_over_or_after_a_sync() -> None:
    w, factor = Value(1.0), 1.0
    with compile(lambda x: w * factor * x, [w]).session(nn.SGD([w], 0.0)) as session:
        assert session.step([1.0]) == 1.0
        factor = 3.0
        assert session.step([1.0]) == 3.0
        factor = 4.0
        session.sync()
        assert session.step() == 4.0


@pytest.mark.parametrize("how", ["state", "in place", "by hand"])
def test_what_is_loaded_into_the_optimizer_is_taken_up(how: str) -> None:
    (model, optimizer, program), (other, by_hand, _) = made(), made()
    start = optimizer.state_dict()
    with program.session(optimizer) as session:
        for i in range(4):
            assert alike(session.step(X, Y), stepped(other, by_hand, X, Y))
            if i == 1:
                session.sync()
                for o in (optimizer, by_hand):
                    if how == "state":
                        o.load_state_dict(start)
                    elif how == "in place":
                        o.state["exp_avg"][0] = 1.0
                    else:
                        o.steps, o.state = 7, {name: [0.5] * len(xs) for name, xs in o.state.items()}
    assert alike(numbers(model, optimizer), numbers(other, by_hand))


def test_a_program_that_is_called_meanwhile_has_the_present_numbers() -> None:
    model, optimizer, program = made()
    with program.session(optimizer) as session:
        session.load(X, Y)
        for _ in range(3):
            session.step()
            with autograd.no_grad():
                loss = program(X, Y)
            assert alike(loss, session.backward())
            program.map(X[:5], Y[:5])  # the buffers of the session are its own
            assert alike(loss, session.backward())
            assert [p.data for p in model.parameters()] == session.vector.tolist()


def test_a_session_within_no_grad_differentiates_all_the_same() -> None:
    w = Value(1.0)
    program = compile(lambda x: autograd.sqrt(w * x), [w])
    with autograd.no_grad(), program.session(nn.SGD([w], lr=0.1)) as session:
        session.step([4.0])
        with pytest.raises(ValueError, match=r"row 1: sqrt\(0.0\) has no finite derivative there"):
            session.step([4.0, 0.0])
    assert w.data == pytest.approx(0.9)


def test_a_program_that_is_called_has_the_numbers_of_the_first_session_though_there_is_a_second() -> None:
    w = Value(1.0)
    program, optimizer = compile(lambda x: w * x, [w]), nn.SGD([w], lr=0.1)
    with program.session(optimizer) as session:
        session.step([1.0])
        second = program.session(optimizer)
        assert (program.map([1.0]), w.data) == ([0.9], 0.9)
    assert second.step([1.0]) == 0.9


def test_a_look_without_a_step_changes_nothing_and_no_gradient() -> None:
    model, optimizer, program = made()
    with program.session(optimizer) as session:
        session.step(X, Y)
        session.sync()
        before = numbers(model, optimizer)
        model.parameters()[0].grad = 5.0
        session.sync()
    assert model.parameters()[0].grad == 5.0
    model.parameters()[0].grad = session.gradient[0]
    assert numbers(model, optimizer) == before


# --------------------------------------------------------------------------------------- what ends it leaves it whole


def test_an_error_leaves_the_step_before_and_is_that_of_the_loop_by_hand() -> None:
    def trained(compiled: bool) -> tuple[list[float], str]:
        w = Value(1.0, label="w")
        optimizer = nn.SGD([w], lr=3.0, momentum=0.5)
        program = compile(lambda x: log(w * x), [w])
        session = program.session(optimizer)

        def run() -> None:
            with session:
                for _ in range(5):
                    optimizer.zero_grad()
                    if compiled:
                        session.step([1.0])
                    else:
                        program([1.0])
                        optimizer.step()

        with pytest.raises(ValueError, match="is not defined") as error:
            run()
        return [w.data, *optimizer.state["momentum_buffer"], optimizer.steps], str(error.value)

    assert trained(True) == trained(False)


@pytest.mark.parametrize("loaded", [True, False])
def test_an_error_is_found_with_the_examples_as_they_were_given(loaded: bool) -> None:
    w = Value(0.5, label="w")

    def loss(output: Any, k: Any) -> Value:
        return nn.cross_entropy([w * output, 1.0], k) + log(w - 1)

    examples: Any = [1.0, 2.0, 3.0], [0, 1, 1]
    with compile(loss, [w]).session(nn.SGD([w], lr=0.1)) as session:
        if loaded:
            session.load(*examples)
        with pytest.raises(ValueError, match=r"row 0: log\(-0.5\) is not defined"):
            session.step(*([] if loaded else examples), rows=[2, 0])
        if loaded:
            examples[1][2] = None  # what was loaded counts
            with pytest.raises(ValueError, match=r"row 0: log\(-0.5\) is not defined"):
                session.step(rows=[2, 0])


def test_a_function_that_can_t_be_followed_any_more_is_refused_in_each_step() -> None:
    w, traced = Value(1.0), [True]
    program = compile(lambda x: w * (x if traced[0] else float(x)), [w])
    with program.session(nn.SGD([w], lr=0.0)) as session:
        session.step([2.0])
        session.sync()
        traced[0] = False
        for _ in range(2):
            with pytest.raises(TraceError, match=r"float\(\) of it is asked for"):
                session.step()
        traced[0] = True
        assert session.step() == 2.0


@pytest.mark.parametrize(
    ("lr", "momentum", "scale", "message"),
    [
        (1e300, 0.0, 1e10, "w would become -inf: no parameter was moved; a smaller lr may mend it"),
        (0.0, 0.9, 1e308, "momentum_buffer of w would become inf: no parameter was moved; smaller gradients mend it"),
    ],
)
def test_a_step_to_what_is_not_finite_is_refused_as_by_the_optimizer(
    lr: float, momentum: float, scale: float, message: str
) -> None:
    w = Value(1.0, label="w")
    optimizer = nn.SGD([w], lr=lr, momentum=momentum)
    with pytest.raises(ValueError, match=message):
        several(3, compile(lambda x: scale * w * x, [w]).session(optimizer), [1.0])
    assert math.isfinite(w.data)
    assert optimizer.steps < 3


def test_huge_gradients_whose_squares_overflow_have_their_norm() -> None:
    w, v = Value(1.0), Value(1.0)
    with compile(lambda x: 3e200 * w * x + 4e200 * v * x, [w, v]).session(nn.SGD([w, v], 1e-200)) as session:
        session.step([1.0])
        assert math.isclose(session.norm, 5e200)
    assert alike([w.data, v.data], [-2.0, -3.0])


@pytest.mark.parametrize("when", ["data", "grad", "state"])
def test_ctrl_c_in_the_middle_of_a_sync_leaves_all_numbers_of_one_step(when: str, monkeypatch: Any) -> None:
    (model, optimizer, program), (other, by_hand, _) = made(), made()
    ended = []

    def interrupted(attribute: str, assign: Any, nodes: Any, new: Any) -> None:
        if attribute == when and not ended:
            ended.append(1)
            raise KeyboardInterrupt
        assign(nodes, new)

    class Stopping(Adam):
        def __setattr__(self, name: str, x: Any) -> None:
            super().__setattr__(name, x)
            if name == when and any(map(any, x.values())) and not ended:
                ended.append(1)
                raise KeyboardInterrupt

    optimizer = Stopping(model.parameters(), 0.02, weight_decay=0.01)
    monkeypatch.setattr(bulk, "assign", partial(interrupted, "data", bulk.assign))
    monkeypatch.setattr(bulk, "assign_gradients", partial(interrupted, "grad", bulk.assign_gradients))
    with pytest.raises(KeyboardInterrupt):
        several(2, program.session(optimizer), X, Y)
    monkeypatch.undo()
    assert ended
    for _ in range(2):
        stepped(other, by_hand, X, Y)
    assert alike(numbers(model, optimizer), numbers(other, by_hand))


def test_ctrl_c_in_a_step_leaves_the_step_before() -> None:
    class Interrupted(Adam):
        def update(self, t: int, *arguments: Any) -> Any:
            if t == 3:
                raise KeyboardInterrupt
            return super().update(t, *arguments)

    (model, optimizer, program), (other, by_hand, _) = (
        made(lambda p: Interrupted(p, 0.02)),
        made(lambda p: Adam(p, 0.02)),
    )
    with pytest.raises(KeyboardInterrupt):
        several(5, program.session(optimizer), X, Y)
    for _ in range(2):
        stepped(other, by_hand, X, Y)
    assert optimizer.steps == 2
    assert alike([p.data for p in model.parameters()], [p.data for p in other.parameters()])


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # one that meets a finalizer
def test_ctrl_c_at_any_moment_leaves_whole_steps_and_the_others_can_be_made_afterwards() -> None:
    rows = [[3, 1, 4], [1, 5], [9, 2, 6, 5], [3, 5]]

    def go_on(optimizer: Any, program: Program, upto: int = len(rows)) -> None:
        with program.session(optimizer) as session:
            session.load(X, Y)
            while session.moment[1] < upto:
                session.step(rows=rows[session.moment[1]])
                if session.moment[1] == 2:
                    session.sync()

    def learned(model: nn.Module, optimizer: Any) -> Any:
        return model.state_dict(), optimizer.state_dict()

    states = []
    for upto in range(len(rows) + 1):
        model, optimizer, program = made()
        go_on(optimizer, program, upto)
        states.append(learned(model, optimizer))
    seen = set()
    for moment in count(0, 499):
        model, optimizer, program = made()
        program(X, Y)  # what is compiled is compiled already
        try:
            reached = at(moment, in_a_program, interrupt, partial(go_on, optimizer, program))
        except KeyboardInterrupt:
            reached = True
        assert learned(model, optimizer) in states, moment
        seen.add(optimizer.steps)
        go_on(optimizer, program)
        assert learned(model, optimizer) == states[-1], moment
        if not reached:
            break
    assert len(seen) > 3


def in_a_program(event: Event) -> bool:
    """Where Python takes notice of Ctrl-C: at calls, and after those of functions in C."""
    return event[1] in ("call", "c_return") and "/autograd/" in event[0].f_code.co_filename


def test_settings_of_numpy_and_of_modes_stay_what_they_are() -> None:
    settings = np.geterr()
    w = Value(1.0)

    class Warning_(nn.SGD):
        def update(self, t: int, p: Any, g: Any, v: Any) -> Any:
            np.array([1e308]) * np.array([1e308])  # what a rule overflows in is not told to the user of the session
            return super().update(t, p, g, v)

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with compile(lambda x: w * x, [w]).session(Warning_([w], 0.1)) as session:
            session.step([1.0])
            with pytest.warns(RuntimeWarning, match="overflow"):
                np.array([1e308]) * np.array([1e308])
    assert np.geterr() == settings


def test_the_variables_of_a_context_are_found_by_the_optimizer_s_rule_and_by_rules_of_ones_own() -> None:
    scale = ContextVar("scale", default=1.0)
    scaled = Unary("scaled", "s a", lambda a: scale.get() * a, lambda y, a: scale.get(), latex="s #1")

    class Scaled(nn.Optimizer):
        def update(self, t: int, p: Any, g: Any) -> Any:
            return (p - scale.get() * self.lr * g,)

    def step() -> tuple[float, float]:
        scale.set(3.0)
        w = Value(1.0)
        with compile(lambda x: scaled(w * x), [w]).session(Scaled([w], lr=0.5)) as session:
            loss = session.step([2.0])
        return loss, w.data

    assert copy_context().run(step) == (6.0, 1 - 3 * 0.5 * 6)


def test_two_sessions_in_two_threads_don_t_disturb_each_other() -> None:
    expected = made()
    for _ in range(50):
        stepped(expected[0], expected[1], X, Y)
    trained = [made(), made()]

    def train(optimizer: Any, program: Program) -> None:
        with program.session(optimizer) as session:
            for _ in range(50):
                session.step(X, Y)

    threads = [threading.Thread(target=train, args=run[1:]) for run in trained]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for model, optimizer, _ in trained:
        assert alike(numbers(model, optimizer), numbers(*expected[:2]))


def test_a_session_that_is_done_with_is_freed() -> None:
    _, optimizer, program = made()
    session = program.session(optimizer)
    session.step(X, Y)
    gone = weakref.ref(session)
    gc.disable()
    try:
        del session
        assert gone() is None
    finally:
        gc.enable()
    program(X, Y)


# -------------------------------------------------------------------------------------------------- what is refused


def test_what_is_no_optimizer_for_arrays_is_refused() -> None:
    w, v = Value(1.0), Value(2.0)
    program = compile(lambda x: w * x, [w])
    with pytest.raises(TypeError, match=r"a session needs an optimizer with an update rule for arrays, got 0\.1"):
        program.session(0.1)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="update rule for arrays"):
        program.session(nn.Newton([w]))  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="the optimizer moves 2 parameters, and the program is differentiated for 1"):
        program.session(nn.SGD([w, v], 0.1))

    class Stepping(nn.SGD):
        def step(self) -> None:
            self.params[0].data = 0.0

    with pytest.raises(TypeError, match=r"Stepping has a step\(\) of its own"):
        program.session(Stepping([w], 0.1))

    class Inherited(nn.SGD):
        step = nn.SGD.step

    assert program.session(Inherited([w], 0.1)).optimizer


def test_examples_are_needed_and_checked_as_in_a_call() -> None:
    w = Value(1.0)
    session = compile(lambda x, y: w * x - y, [w]).session(nn.SGD([w], 0.1))
    with pytest.raises(ValueError, match="there are no examples yet"):
        session.step()
    with pytest.raises(ValueError, match="as many examples each"):
        session.step([1.0, 2.0], [3.0])
    with pytest.raises(TypeError, match="array of real numbers"):
        session.load(["a"], [1.0])
    session.load([1.0, 2.0], [0.0, 0.0])
    with pytest.raises(ValueError, match="at least one example"):
        session.step(rows=[])
    for beyond in ([2], [0, -3]):
        with pytest.raises(IndexError, match=r"rows must be positions of examples, 0 to 1, got \["):
            session.step(rows=beyond)
    for no_positions in ([0.5], [True, False], [[0, 1]], ["a"]):
        with pytest.raises(TypeError, match="rows must be positions of examples, a list of whole numbers"):
            session.step(rows=no_positions)
    assert w.data == 1.0
    assert session.step(rows=[-1]) == 2.0
    assert session.step(rows=[1]) < 2.0
    with pytest.raises(TraceError):
        compile(lambda x: w if x > 0 else -w, [w]).session(nn.SGD([w], 0.1)).step([1.0])


def test_there_are_no_steps_after_the_block() -> None:
    w = Value(1.0)
    optimizer = nn.SGD([w], 0.25)
    with compile(lambda x: w * x, [w]).session(optimizer) as session:
        session.step([1.0])
    for late in (lambda: session.step([1.0]), session.step, session.backward, session.update):
        with pytest.raises(RuntimeError, match=r"the session has ended with its `with` block: step inside of it, or"):
            late()
    session.sync()
    assert (w.data, w.grad, optimizer.steps) == (0.75, 1.0, 1)


def test_a_gradient_of_another_shape_is_refused() -> None:
    w, v = Value(1.0), Value(2.0)
    with compile(lambda x: w * x + v, [w, v]).session(nn.SGD([w, v], 0.5)) as session:
        session.backward([3.0])
        for other in (np.zeros(1), np.zeros(3), np.zeros((2, 1)), 0.0, [0.0, 0.0]):
            with pytest.raises(ValueError, match=r"session\.gradient must be an array of shape \(2,\), .* got "):
                session.gradient = other
        assert session.gradient.tolist() == [3.0, 1.0]
        session.gradient = np.array([1.0, 0.0])
        session.update()
    assert (w.data, v.data, w.grad, v.grad) == (0.5, 2.0, 1.0, 0.0)


def test_params_that_are_others_than_at_the_beginning_are_refused() -> None:
    w = Value(1.0)
    optimizer = nn.SGD([w], 0.1)
    session = compile(lambda x: w * x, [w]).session(optimizer)
    session.step([1.0])
    optimizer.params.append(Value(2.0))
    session.sync()
    with pytest.raises(ValueError, match="other params than when the session began"):
        session.step([1.0])


def test_what_changes_around_the_function_is_that_of_the_next_step_though_nothing_is_handed_over() -> None:
    w, settings = Value(1.0), {"scale": 1.0}
    program = compile(lambda x: settings["scale"] * w * x, [w])
    with program.session(nn.SGD([w], lr=0.0)) as session:
        session.load([1.0, 3.0])
        assert session.step() == 2.0
        settings["scale"] = 10.0
        assert session.step() == 20.0
        assert session.step(rows=[1]) == 30.0
