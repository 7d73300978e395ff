"""Threads that compute tasks side by side: NumPy lets go of the interpreter while it computes.

Meanwhile its BLAS has one thread, since it would divide each product among all cores once more. There are as many
threads for tasks as BLAS has otherwise: OMP_NUM_THREADS and threadpoolctl hold for us as they do for NumPy. Where
threadpoolctl isn't installed, which speaks to BLAS, and in a browser there is one.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager, suppress
from functools import cache, partial
from itertools import count
from threading import Condition, Lock
from typing import Any

AHEAD = 4
"""So many results for each thread may wait for one before them: a thread that waits takes long to wake."""


class BLAS:
    """The BLAS that NumPy calls.

    Attributes:
        libraries: what threadpoolctl has found, a controller of it; None where there is nothing to speak to.
    """

    def __init__(self) -> None:
        self._lock, self._users, self._threads = Lock(), 0, 1
        self._limit: Any = None
        self.libraries: Any = None
        if sys.platform != "emscripten":
            try:
                from threadpoolctl import ThreadpoolController
            except ImportError:
                return
            self.libraries = ThreadpoolController().select(user_api="blas")

    @contextmanager
    def in_one_thread(self) -> Iterator[int]:
        """For a `with` block, which several threads may be in at once: how many there are for tasks."""
        if self.libraries is None:
            yield 1
            return
        with self._lock:
            if not self._users:
                counts = [library.num_threads for library in self.libraries.lib_controllers]
                self._threads = max(counts, default=os.cpu_count() or 1)  # one that threadpoolctl doesn't know has none
                self._limit = self.libraries.limit(limits=1)
            self._users += 1
        try:
            yield self._threads
        finally:
            with self._lock:
                self._users -= 1
                if not self._users:
                    self._limit.restore_original_limits()


def blas() -> BLAS:
    """That of this process."""
    return _of_process(os.getpid())[0]


@cache
def _of_process(process: int) -> tuple[BLAS, ThreadPoolExecutor]:
    """BLAS, and the other threads, which start when they are needed; a fork has none of them, and its own lock."""
    return BLAS(), ThreadPoolExecutor(os.cpu_count(), "autograd")


class InOrder:
    """Does tasks in several threads, whichever is free, and collects their results one after the other.

    One set of them at a time.
    """

    def __init__(self) -> None:
        self._moved = Condition()
        self._helping: list[Future[None]] = []
        self._done: dict[int, Any] = {}  # results that wait for those before them
        self._tasks = self._due = 0

    def __call__(
        self, tasks: int, workers: int, compute: Callable[[int, int], Any], collect: Callable[[Any], None]
    ) -> None:
        """Do tasks 0 to tasks - 1, in this thread and others; an error in one of them ends it all.

        Args:
            tasks: how many there are.
            workers: how many threads there may be.
            compute: compute(worker, i) does task i, with what belongs to this worker alone, and returns its result.
            collect: takes the results: first that of task 0, then that of 1, and so on.
        """
        wait(self._helping)  # if Ctrl-C came while the last ones were waited for
        self._tasks, self._due, numbers = tasks, 0, count()
        self._done.clear()
        work = partial(self._work, numbers, AHEAD * workers, compute, collect)
        self._helping = []
        try:
            with suppress(RuntimeError):  # there can be no thread, or no more, or no longer: then this one does it all
                for worker in range(1, min(workers, tasks)):
                    self._helping.append(_of_process(os.getpid())[1].submit(work, worker))
            work(0)
        except BaseException:
            self._end()
            raise
        finally:
            self._helping = [helper for helper in self._helping if not helper.cancel()]
            wait(self._helping)
        for helper in self._helping:
            helper.result()

    def _work(self, numbers: Iterator[int], ahead: int, compute: Any, collect: Any, worker: int) -> None:
        try:
            while (i := next(numbers)) < self._tasks:  # no two threads get the same number
                result = compute(worker, i)
                with self._moved:
                    while self._due + ahead <= i and self._due < self._tasks:
                        self._moved.wait()
                    if self._due == self._tasks:
                        return
                    self._done[i] = result
                    while self._due in self._done:  # whoever has the one that is due collects those after it, too
                        collect(self._done.pop(self._due))
                        self._due += 1
                    self._moved.notify_all()
        except BaseException:
            self._end()
            raise

    def _end(self) -> None:
        """Let all go that wait: nothing more is collected."""
        with self._moved:
            self._due = self._tasks
            self._moved.notify_all()
