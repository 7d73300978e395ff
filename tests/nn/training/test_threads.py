"""Threads: what they train side by side is what they would have trained alone, bit for bit; so with asyncio's tasks."""

from __future__ import annotations

import asyncio
import random
import sys
import threading
from collections.abc import Callable, Sequence
from typing import Any

import pytest

import autograd
import nn
from autograd import Value, checkpoint, grad, gradient, is_grad_enabled, no_grad

pytestmark = pytest.mark.slow

rng = random.Random(0)
X = [[rng.gauss(0, 1), rng.gauss(0, 1)] for _ in range(12)]
T = [a * b for a, b in X]


@pytest.fixture(autouse=True)
def _switching():
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)  # the interpreter goes from thread to thread as often as it can
    yield
    sys.setswitchinterval(before)


def together(*works: Callable[[], Any]) -> list[Any]:
    """What these return, each called in a thread of its own, all at once; what one of them raises is raised here."""
    results: list[Any] = [None] * len(works)
    start = threading.Barrier(len(works))

    def run(i: int) -> None:
        start.wait()
        try:
            results[i] = works[i]()
        except BaseException as error:
            results[i] = error

    threads = [threading.Thread(target=run, args=(i,), daemon=True) for i in range(len(works))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
        assert not thread.is_alive(), "the threads wait for one another"
    for result in results:
        if isinstance(result, BaseException):
            raise result
    return results


def a_model(seed: int = 1) -> nn.Module:
    return nn.Sequential(
        nn.Layer(2, 4, "tanh", seed=seed),
        nn.BatchNorm(4),
        nn.Dropout(0.3, seed=seed),
        nn.Layer(4, 1, "linear", seed=seed + 1),
    )


def trained(seed: int, compile: bool) -> list[Any]:
    """Everything that a training leaves."""
    model = a_model(seed)
    if compile:  # a batch norm looks at the whole batch, which a compiled program doesn't
        model.layers[1] = nn.LayerNorm(4)
    optimizer = nn.Adam(model.parameters(), lr=0.01)
    settings: dict[str, Any] = {"epochs": 3, "batch_size": 5, "seed": seed, "progress": False, "compile": compile}
    settings |= {"validation": (X[:4], T[:4]), "clip_norm": 1.0}
    history = nn.fit(model, nn.mse_loss, X, T, optimizer=optimizer, **settings)
    return [model.state_dict(), optimizer.state, [p.grad for p in model.parameters()], history]


# ---------------------------------------------------------------------------------- what other threads might be up to


def differentiating() -> None:
    for _ in range(60):
        x = Value(0.5)
        assert gradient((x * x).tanh(), x) == grad(lambda x: (x * x).tanh())(0.5)


def checkpointing() -> None:
    x = Value(0.5)
    for _ in range(60):
        x.grad = 0.0
        checkpoint(lambda y: y * x * y)(x).backward()
        assert x.grad == 0.75


def not_recording() -> None:
    x = Value(0.5)
    for _ in range(200):
        with no_grad():
            assert (x * x).parents == ()
        assert (x * x).parents == (x, x)


def compiling() -> None:
    for i in range(15):
        w = Value(2.0)
        program = autograd.compile(lambda x, i=i: w * x + i, [w])  # noqa: B023
        assert program([1.0, 3.0]) == 4.0 + i


def failing() -> None:
    x = Value(0.0)
    for _ in range(100):
        with pytest.raises(ZeroDivisionError, match="no finite derivative"), no_grad():
            grad(lambda x: x.sqrt())(0.0)
        with pytest.raises(TypeError, match="while the function is being compiled"):
            autograd.compile(lambda y: y if y > 0 else x)([1.0])


def test_trainings_at_once_are_those_alone_bit_for_bit_whatever_other_threads_do():
    seeds = [(1, False), (2, False), (3, True), (4, True)]
    alone = [trained(*seed) for seed in seeds]
    others = [differentiating, checkpointing, not_recording, compiling, failing]
    at_once = together(*[lambda seed=seed: trained(*seed) for seed in seeds], *others)
    assert at_once[: len(seeds)] == alone


def test_modes_of_a_thread_do_not_touch_another():
    inside, seen = threading.Barrier(2), threading.Barrier(2)
    x = Value(2.0)

    def special() -> None:
        with no_grad():
            inside.wait()
            seen.wait()
        made: list[Value] = []

        def journalled(y: Value) -> Value:  # a checkpoint keeps a journal of what is made in it
            inside.wait()
            seen.wait()
            made.append(y * y)
            return made[-1]

        checkpoint(journalled)(x)

        def followed(y: Any) -> Any:
            inside.wait()
            seen.wait()
            return y * y

        assert autograd.compile(followed)([3.0]) == 9.0

    def usual() -> None:
        for _ in range(3):
            inside.wait()
            assert is_grad_enabled()
            y = x * x
            assert (type(y), y.parents, y.data > 3.0) == (Value, (x, x), True)
            seen.wait()

    together(special, usual)


# ----------------------------------------------------------------------------------------- what threads share


def test_threads_may_evaluate_one_model_at_once_which_then_is_in_the_mode_that_it_was_in():
    model = a_model()
    expected = nn.evaluate(model, nn.mse_loss, X, T)
    found = together(*[lambda: [nn.evaluate(model, nn.mse_loss, X, T) for _ in range(10)]] * 4)
    assert found == [[expected] * 10] * 4
    assert all(module.training for module in model.modules())


def test_threads_may_ask_one_model_in_evaluation_mode():
    model = a_model().eval()

    def answers() -> list[float]:
        with no_grad():
            return [model(x).data for x in X]

    def slopes() -> list[list[float]]:
        return [[slope.data for slope in grad(lambda x: model(x))(x)] for x in X]  # they depend on the weights, too

    expected = [answers(), slopes()]
    assert together(answers, slopes, answers, slopes) == expected * 2


def test_threads_may_call_one_program_with_batches_of_all_sizes():
    w = [Value(0.1 * i) for i in range(5)]
    program = autograd.compile(lambda x: autograd.dot(w, x).tanh(), w)
    batches = [[[float(i + j) for j in range(5)] for i in range(size)] for size in range(1, 12)]

    def run() -> list[Any]:
        found: list[Any] = []
        for batch in batches:
            with no_grad():
                found += [program(batch), program.map(batch), program.input_gradients(batch).tolist()]
        return found

    assert together(run, run, run, run) == [run()] * 4


def test_no_gradient_is_lost_where_programs_and_graphs_of_several_threads_share_parameters():
    w = Value(1.0)
    programs = [autograd.compile(lambda x: w * x, [w]) for _ in range(2)]
    by_rows = autograd.compile(lambda x: w * autograd.tanh(1 / x), [w])  # for zero the function itself is asked

    def called(program: Any) -> None:
        for _ in range(100):
            program([1.0, 3.0])

    def failed() -> None:
        for _ in range(100):
            with pytest.raises(ValueError, match="row 1"):
                by_rows([1.0, 0.0])

    def backward() -> None:
        for _ in range(400):
            (w * 3.0).backward()

    together(*[lambda p=p: called(p) for p in programs], failed, backward)
    assert w.grad == 200 * 2.0 + 400 * 3.0


def test_a_program_that_asks_its_function_loses_nothing_that_comes_in_between(monkeypatch):
    w = Value(2.0)
    program = autograd.compile(lambda x: w * autograd.tanh(1 / x), [w])
    backward, others = Value.backward, list[threading.Thread]()

    def disturbed(self: Value) -> None:
        backward(self)
        others.append(threading.Thread(target=lambda: backward(w * 3.0)))
        others[-1].start()
        others[-1].join(0.05)  # it can't finish before the program has put the gradients back

    monkeypatch.setattr(Value, "backward", disturbed)
    with pytest.raises(ValueError, match="row 1"):
        program([1.0, 0.0])
    for other in others:
        other.join()
    assert (w.grad, len(others)) == (3.0, 1)


def test_a_program_called_in_a_backward_pass_and_one_that_asks_for_a_backward_pass_do_not_wait_for_each_other():
    w = Value(2.0)
    program = autograd.compile(lambda x: w * autograd.log(x), [w])

    def recomputed() -> None:
        for _ in range(50):
            checkpoint(lambda y: y * program.map([1.0])[0] + y)(Value(1.0)).backward()

    def undefined() -> None:
        for _ in range(50):
            with pytest.raises(ValueError, match="row 1"):
                program([1.0, -1.0])

    together(recomputed, undefined)
    assert w.grad == 0.0


def test_a_gradient_that_is_there_takes_no_digits_from_that_of_a_step_made_row_by_row():
    class Line(nn.Module):
        def __init__(self) -> None:
            self.w = nn.Parameter(2.0)

        def __call__(self, x: Any) -> Any:
            y = self.w * x
            return y + (y.sqrt() - 1).relu()  # at 0 the slope of the root is infinite, but no gradient flows there

    model = Line()
    model.w.grad = 1e30
    optimizer = nn.SGD(model.parameters(), lr=0.5)
    nn.fit(
        model, lambda y, t: y * t, [0.0, 8.0], [1.0, 1.0], optimizer=optimizer, epochs=1, progress=False, compile=True
    )
    assert model.w.data == 2.0 - 0.5 * (0.0 + 9.0) / 2  # 8 + 8 / (2 √16)


# ---------------------------------------------------------------------------------------------------------- asyncio


def test_no_grad_in_a_task_that_waits_does_not_touch_other_tasks():
    x = Value(2.0)

    async def special(turns: Sequence[asyncio.Event]) -> None:
        with no_grad():
            turns[0].set()
            await turns[1].wait()
            assert (x * x).parents == ()
        assert (x * x).parents == (x, x)

    async def usual(turns: Sequence[asyncio.Event]) -> None:
        await turns[0].wait()
        assert (x * x).parents == (x, x)
        turns[1].set()

    async def overlapping() -> None:
        first, second = ([asyncio.Event(), asyncio.Event()] for _ in range(2))
        await asyncio.wait_for(asyncio.gather(special(first), special(second), usual(first), usual(second)), 10)

    asyncio.run(overlapping())
    assert is_grad_enabled()
