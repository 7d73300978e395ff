"""Threads for tasks: results come in order, an error or Ctrl-C ends all of it, and BLAS gets its threads back."""

from __future__ import annotations

import multiprocessing
import os
import sys
import threading
import time
from typing import Any

import numpy as np  # whose BLAS it is
import pytest

from autograd.program.engines.numpy import threads
from autograd.program.engines.numpy.threads import BLAS, InOrder


def nothing(*args: Any) -> None: ...


@pytest.mark.parametrize("workers", [1, 2, 5])
def test_results_are_collected_in_order_whoever_is_ready_first(workers: int):
    collected: list[int] = []

    def compute(worker: int, i: int) -> int:
        time.sleep(0.001 * (7 * i % 5))
        return i

    in_order = InOrder()
    for tasks in (20, 1, 0, 7):
        collected.clear()
        in_order(tasks, workers, compute, collected.append)
        assert collected == list(range(tasks))


def test_tasks_are_computed_by_several_threads_at_once_and_collected_by_one_at_a_time():
    together, busy = threading.Barrier(2, timeout=10), []

    def collect(i: int) -> None:
        busy.append(i)
        assert busy == [i]
        busy.remove(i)

    InOrder()(8, 2, lambda worker, i: (together.wait(), i)[1], collect)  # which no thread passes alone


def test_a_thread_is_ahead_of_another_by_a_few_results_at_most():
    started: list[int] = []

    def compute(worker: int, i: int) -> int:
        if i == 0:
            time.sleep(0.05)
            started.append(max(started, default=0))
        started.append(i)
        return i

    InOrder()(1000, 2, compute, lambda i: None)
    assert started[started.index(0) - 1] <= 2 * threads.AHEAD


@pytest.mark.parametrize("stage", ["compute", "collect"])
@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, MemoryError])
def test_an_error_ends_it_all_and_comes_out(stage: str, error: type[BaseException]):
    started = []

    def failing(i: int) -> None:
        started.append(i)
        if i == 3:
            raise error("of 3")
        time.sleep(0.001)

    in_order = InOrder()
    stages = {"compute": lambda worker, i: i, "collect": nothing, stage: lambda *numbers: failing(numbers[-1])}
    with pytest.raises(error, match="of 3"):
        in_order(1000, 3, stages["compute"], stages["collect"])
    assert len(started) < 20
    collected: list[int] = []
    in_order(5, 3, lambda worker, i: i, collected.append)  # it can be used again
    assert collected == [0, 1, 2, 3, 4]


def test_where_no_thread_can_be_had_one_does_it_all(monkeypatch: pytest.MonkeyPatch):
    class None_(threads.ThreadPoolExecutor):
        def submit(self, *args: Any) -> Any:
            raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threads, "_of_process", lambda process: (BLAS(), None_(1)))
    collected: list[tuple[int, int]] = []
    InOrder()(4, 3, lambda worker, i: (worker, i), collected.append)
    assert collected == [(0, i) for i in range(4)]


def test_blas_has_one_thread_in_the_block_and_its_own_again_after_the_last():
    blas, ones = BLAS(), np.ones((3, 3))
    libraries = blas.libraries.lib_controllers
    before = [library.num_threads for library in libraries]
    with blas.in_one_thread() as outer:
        with blas.in_one_thread() as inner:  # as in another thread
            assert [library.num_threads for library in libraries] == [1 for _ in libraries]
        assert [library.num_threads for library in libraries] == [1 for _ in libraries]
        assert (ones @ ones == 3.0).all()
    assert [library.num_threads for library in libraries] == before
    assert inner == outer == max(before)


def test_whoever_keeps_blas_to_one_thread_gets_no_other_here():
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1), BLAS().in_one_thread() as count:
        assert count == 1


def test_without_threadpoolctl_there_is_one_thread(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "threadpoolctl", None)
    with BLAS().in_one_thread() as count:
        assert count == 1


def test_in_a_browser_there_is_one_thread(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sys, "platform", "emscripten")
    with BLAS().in_one_thread() as count:
        assert count == 1


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork")
@pytest.mark.filterwarnings("ignore:.*multi-threaded:DeprecationWarning")  # of Python 3.12 and later
@pytest.mark.filterwarnings("ignore:.*JAX is multithreaded:RuntimeWarning")  # where JAX was imported before
def test_a_fork_has_threads_of_its_own():
    InOrder()(4, 2, nothing, nothing)

    def child() -> None:
        InOrder()(4, 2, lambda worker, i: time.sleep(0.001), nothing)

    process = multiprocessing.get_context("fork").Process(target=child)
    process.start()
    process.join(20)
    assert process.exitcode == 0
