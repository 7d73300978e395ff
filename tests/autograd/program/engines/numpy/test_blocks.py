"""A batch in blocks is the batch: the same numbers, errors and draws, whatever the blocks and the number of threads."""

from __future__ import annotations

import gc
import math
import threading
import tracemalloc
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd
import nn
from autograd import Value
from autograd.program import Program, compile
from autograd.program.engines.numpy import blocks, run
from autograd.program.engines.numpy.blocks import FEWEST, MULTIPLE, block_size


@pytest.fixture
def in_threes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Batches in blocks of three examples."""
    monkeypatch.setattr(run, "block_size", lambda size, wanted: 3)


@contextmanager
def with_threads(n: int) -> Iterator[None]:
    """Let there be so many threads."""

    class Set(blocks.blas().__class__):  # type: ignore[misc]
        @contextmanager
        def in_one_thread(self) -> Iterator[int]:
            with super().in_one_thread():
                yield n

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(blocks, "blas", Set)
        yield


def all_of(program: Program, *batches: Any) -> list[Any]:
    """The mean, the gradients, the mean without gradients, what each example gives, the gradient of the inputs."""
    mean = program(*batches)
    slopes = [p.grad for p in program.parameters]
    for p in program.parameters:
        p.grad = 0.0
    with autograd.no_grad():
        alone = program(*batches)
    return [mean, *slopes, alone, *program.map(*batches), *program.input_gradients(*batches).ravel().tolist()]


def whole_and_in_blocks(fn: Any, parameters: Any, *batches: Any, dtype: Any = "float64", block: int = 3) -> Any:
    """All that a program gives, as a whole and in blocks."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(run, "block_size", lambda size, wanted: size)
        whole = all_of(compile(fn, parameters, dtype=dtype), *batches)
        patch.setattr(run, "block_size", lambda size, wanted: block)
        return whole, all_of(compile(fn, parameters, dtype=dtype), *batches)


# ------------------------------------------------------------------------------------------------ the same numbers


@pytest.mark.parametrize(("dtype", "tolerance"), [("float64", 1e-14), ("float32", 1e-6)])
@pytest.mark.parametrize("block", [1, 3, 7, 20])
def test_blocks_give_what_the_whole_batch_gives(block: int, dtype: str, tolerance: float):
    net = nn.MLP(2, [5, 1], activation="tanh", seed=0)
    xs = np.random.default_rng(0).normal(size=(20, 2))
    loss = lambda x, y: (net(x) - y) ** 2 + 0.01 * autograd.sum([p * p for p in net.parameters()])  # noqa: E731
    whole, parts = whole_and_in_blocks(loss, net.parameters(), xs, np.sin(xs[:, 0]), dtype=dtype, block=block)
    assert np.allclose(whole, parts, rtol=tolerance, atol=tolerance)


def test_what_depends_on_no_example_counts_once():
    w, c = Value(0.5), Value(2.0)
    for fn in (lambda x: w * c, lambda x: w * w + 0.0 * x, lambda x: w * x + c, lambda x: 3.0 * x):
        whole, parts = whole_and_in_blocks(fn, [w], [1.0, 2.0, 3.0, 5.0])
        assert parts == pytest.approx(whole, rel=1e-15)


@pytest.mark.parametrize("size", [20_000, 33_333])
def test_the_last_digits_do_not_depend_on_the_number_of_threads(size: int):
    net = nn.MLP(1, [20, 20, 1], seed=0)
    program = compile(lambda x, y: (net(x) - y) ** 2, net.parameters())
    xs = np.linspace(-1, 1, size)
    assert type(program.specialization([xs[:, None], xs]).executable("step").run_for(size, memory(program, xs))) is (
        blocks.BlockRun
    )
    found = []
    for n in (1, 2, 3, 8):
        with with_threads(n):
            found.append([program(xs[:, None], xs), *[p.grad for p in net.parameters()]])
        for p in net.parameters():
            p.grad = 0.0
    assert found[1:] == found[:-1]


def memory(program: Program, xs: Any) -> Any:
    specialization = program.specialization([xs[:, None], xs])
    return specialization.engine.memory(len(specialization.parameters), 0)


@pytest.mark.usefixtures("in_threes")
def test_a_session_chooses_rows_and_keeps_what_it_was_given():
    w = Value(0.5)
    program = compile(lambda x, y: (w * x - y) ** 2, [w])
    xs, ys = np.arange(8.0), np.ones(8)
    with program.session(nn.SGD([w], lr=0.0)) as session:
        assert session.step(xs, ys) == pytest.approx(np.mean((0.5 * xs - 1) ** 2))
        assert session.step(rows=[7, 1, 5, 3, 3]) == pytest.approx(np.mean((0.5 * xs[[7, 1, 5, 3, 3]] - 1) ** 2))
        assert session.step() == pytest.approx(np.mean((0.5 * xs - 1) ** 2))
        assert session.step(xs.astype(int), ys) == pytest.approx(np.mean((0.5 * xs - 1) ** 2))


def test_draws_are_the_same_in_blocks():
    losses = []
    for block in (100, 3):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(run, "block_size", lambda size, wanted, block=block: min(size, block))
            net = nn.Sequential(nn.Layer(2, 6, seed=0), nn.Dropout(0.5, seed=1), nn.Layer(6, 1, seed=2))
            xs, ys = [[0.1 * i, 1.0] for i in range(20)], [float(i % 3) for i in range(20)]
            optimizer = nn.SGD(net.parameters(), lr=0.01)
            losses.append(
                nn.fit(net, nn.mse_loss, xs, ys, optimizer=optimizer, epochs=3, compile=True, progress=False).loss
            )
    assert losses[0] == pytest.approx(losses[1], rel=1e-12)


# ---------------------------------------------------------------------------------------------------- the same errors


@pytest.mark.usefixtures("in_threes")
@pytest.mark.parametrize("threads", [1, 2])
def test_an_error_names_the_row_of_the_batch_and_the_operation(threads: int):
    w = Value(1.0)
    program = compile(lambda x: autograd.log(w * x), [w])
    xs = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, -8.0, 9.0, 1.0, 1.0]
    with with_threads(threads), pytest.raises(ValueError, match=r"row 7: .*log"):
        program(xs)
    assert w.grad == 0.0
    with with_threads(threads), np.errstate(all="raise"):  # the user's setting is no matter of ours
        assert math.isnan(program.map(xs)[7])


@pytest.mark.usefixtures("in_threes")
def test_what_is_undefined_though_the_end_is_finite_is_found_in_any_block():
    program = compile(lambda x: autograd.tanh(1 / x))
    with pytest.raises(ValueError, match="row 9: "):
        program([1.0] * 9 + [0.0, 2.0])


@pytest.mark.usefixtures("in_threes")
def test_a_class_that_does_not_exist_is_found_in_any_block():
    program = compile(lambda x, k: nn.cross_entropy([x, 1.0, -x], k))
    assert math.isfinite(program([0.5] * 7, [0, 1, 2, 0, 1, 2, 0]))
    with pytest.raises(ValueError, match="row 5: "):
        program([0.5] * 7, [0, 1, 2, 0, 1, 3, 0])


@pytest.mark.usefixtures("in_threes")
def test_a_kernel_of_the_users_own_runs_in_the_thread_that_calls():
    seen: list[tuple[int, int]] = []

    def kernel(a: Any) -> Any:
        seen.append((threading.get_ident(), a.shape[1]))
        return a**3

    cube = autograd.primitive("blocks_cube", lambda a: a**3, lambda y, a: 3 * a * a, kernels={"numpy": kernel})
    seen.clear()
    with with_threads(3):
        assert compile(lambda x: cube(x))([1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0]) == 112.0
    assert seen == [(threading.get_ident(), n) for n in (3, 3, 1)]


# ------------------------------------------------------------------------------------------------------ how it is cut


@given(st.integers(1, 10**7), st.floats(0.3, 1e7))
def test_blocks_are_of_the_size_that_is_wanted_and_as_many_for_each_thread(size: int, wanted: float):
    block = block_size(size, wanted)
    if size < FEWEST * wanted:
        assert block == size
    else:
        assert block <= max(wanted, 1) * (1 + 1 / MULTIPLE) + 1
        assert block >= min(wanted / MULTIPLE * 2, size / MULTIPLE)
        assert -(-size // block) <= MULTIPLE * math.ceil(size / wanted / MULTIPLE)


def test_a_block_is_no_smaller_where_much_depends_on_no_example():
    def of(parameters: int) -> float:
        ws = [Value(0.1 * i) for i in range(parameters)]
        program = compile(lambda x: autograd.sum([w * w for w in ws]) * x, ws)
        return blocks.wanted(program.specialization([np.zeros(3)]).task("step"))

    assert of(10) < of(10_000) / 2


def test_memory_is_bounded_by_the_block_and_not_by_the_batch():
    net = nn.MLP(1, [16, 16, 1], seed=0)
    program = compile(lambda x, y: (net(x) - y) ** 2, net.parameters())
    xs = np.linspace(-1, 1, 200_000)
    tracemalloc.start()
    try:
        program(xs[:, None], xs)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 2 * xs.nbytes * 2 + 8_000_000  # the inputs, and what is computed of some blocks; it was 16 times more


@pytest.mark.usefixtures("in_threes")
def test_a_run_in_blocks_that_nobody_holds_is_freed_at_once():
    program = compile(lambda x: x * x)
    arrays = [np.arange(8.0)]
    specialization = program.specialization(arrays)
    gc.disable()
    try:
        made = specialization.executable("map").run_for(8, specialization.engine.memory(0, 0))
        made.load(0, arrays[0][None])
        with with_threads(1):  # another one may hold it for a moment
            made()
        gone = weakref.ref(made)
        del made
        assert gone() is None
    finally:
        gc.enable()
