"""A large batch in blocks of examples: what is computed of a block stays in the processor's cache, on all cores.

A task computes something for each example, and a mean over them with its gradient. Those of a batch are the means of
those of its blocks, each of which counts for its examples. Blocks have the same sizes and are added up in the same
order however many threads there are: so the last digits are the same.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from typing import Any, NamedTuple

import numpy as np

from ....basics.quiet import quietly
from ...ir import Array
from ..base import Memory, Run, Task
from .calls import VIEWS, load
from .threads import InOrder, blas

NUMBERS = 1 << 16
"""So many numbers a call of NumPy computes in a block, on average: 512 kB. With half as many two threads wait more for
the interpreter lock, and with a quarter they take nearly as long as one."""

SHARE = 8
"""So many times as many numbers belong to the examples of a block as to none: the latter each block computes anew."""

FEWEST, MULTIPLE = 4, 8
"""A batch of fewer blocks is left whole; so many blocks, or a multiple, are as many for each of 2, 4 or 8 threads."""


def wanted(task: Task) -> float:
    """How many examples a block should have."""
    computed = [x for x in task.operations if x.args and not x.is_number and x.op not in VIEWS]
    rows = [x.rows for x in computed if x.wide]
    if not rows:
        return math.inf
    anew = sum([x.rows for x in computed if not x.wide])
    if task.gradient and task.parameters is not None:
        anew += task.parameters.rows
    return max(NUMBERS * len(rows), SHARE * anew) / sum(rows)


def block_size(size: int, wanted: float) -> int:
    """How many examples a block of a batch has; all of them where it is left whole.

    Args:
        size: the number of examples of the batch.
        wanted: how many a block should have.
    """
    blocks = math.floor(size / wanted)
    return size if blocks < FEWEST else math.ceil(size / (MULTIPLE * math.ceil(blocks / MULTIPLE)))


class BlockRun(Run):
    """A task for a batch in blocks.

    Args:
        task: what is to be computed.
        size, block: the number of examples, and that of a block; the last block may have fewer.
        memory: what runs read and write.
        run_for: from a size, and memory with another gradient, to what runs the task for a block.
        threads: whether several threads may compute.
    """

    def __init__(
        self, task: Task, size: int, block: int, memory: Memory, run_for: Callable[[int, Memory], Run], threads: bool
    ) -> None:
        self._starts, self._block, self._size = range(0, size, block), block, size
        self._memory, self._run_for, self._threads = memory, run_for, threads

        def room(rows: int) -> Any:
            return np.empty((rows, size), memory.vector.dtype)

        self._inputs = [room(x.rows) for x in task.inputs]
        arrays = {k: x for k, x in enumerate(task.results) if isinstance(x, Array)}
        self._wide = [k for k, x in arrays.items() if x.wide]
        self._narrow = [k for k, x in arrays.items() if not x.wide]
        self.results: list[Any] = [room(arrays[k].rows) if k in self._wide else x for k, x in enumerate(task.results)]
        first = math.inf if task.derivatives is None else task.derivatives
        self._slopes = {k for k, x in arrays.items() if x.serial >= first}  # they are those of the mean
        self._averaged, self._differentiated = task.mean is not None, bool(task.gradient)
        self._mean, self._gradient = 0.0, np.zeros(len(memory.gradient) if task.gradient else 0)
        self._workers: list[_Worker] = []
        self._quietly, self._in_order = quietly(), InOrder()

    def load(self, argument: int, rows: Any, chosen: Sequence[int] | None = None) -> None:
        """Copy the numbers; each block takes its own from there."""
        load(self._quietly, self._inputs[argument], rows, chosen)

    def __call__(self) -> Any:
        """Compute all blocks, and add them up."""
        self.undefined, self._mean = False, 0.0
        self._gradient.fill(0.0)
        with blas().in_one_thread() if self._threads else nullcontext(1) as threads:
            while len(self._workers) < min(threads, len(self._starts)):
                self._workers.append(_Worker(self._memory, self._run_for))
            compute, collect = [functools.partial(self._quietly, f) for f in (self._compute, self._collect)]
            self._in_order(len(self._starts), threads, compute, collect)
        if self._differentiated:
            self._quietly(np.copyto, self._memory.gradient, self._gradient, "unsafe")
        return self._mean if self._averaged else None

    def _compute(self, worker: int, i: int) -> _Outcome:
        """Run a block, and put what it has for each example in its place."""
        own, start = self._workers[worker], self._starts[i]
        stop = min(start + self._block, self._size)
        share = (stop - start) / self._size
        run = own.run_for(stop - start)
        for argument, numbers in enumerate(self._inputs):
            run.load(argument, numbers[:, start:stop])
        mean = run()
        for k in self._wide:
            np.multiply(run.results[k], share if k in self._slopes else 1.0, out=self.results[k][:, start:stop])
        return _Outcome(
            share * mean if self._averaged else 0.0,
            np.multiply(own.memory.gradient, share, dtype=float) if self._differentiated else 0.0,
            {k: np.multiply(run.results[k], share if k in self._slopes else 1.0) for k in self._narrow},
            run.undefined,
        )

    def _collect(self, found: _Outcome) -> None:
        """Take what a block has for all examples."""
        self.undefined = self.undefined or found.undefined
        self._mean += found.mean
        self._gradient += found.gradient
        for k, x in found.results.items():
            self.results[k] = x


class _Outcome(NamedTuple):
    """What a block has for all examples: its share of the mean and of the gradient, results, and as `Run.undefined`."""

    mean: float
    gradient: Any
    results: dict[int, Any]
    undefined: bool


class _Worker:
    """What a thread computes with: the gradient of a block, and what runs one, for blocks of each size."""

    def __init__(self, memory: Memory, run_for: Callable[[int, Memory], Run]) -> None:
        self.memory = own = memory._replace(gradient=np.zeros_like(memory.gradient))
        self.run_for = functools.cache(lambda size: run_for(size, own))
