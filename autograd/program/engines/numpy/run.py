"""The engine that calls NumPy: the function that emit.py has written is compiled, given its memory, and run."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from types import CodeType
from typing import Any

import numpy as np

from ....basics.quiet import quietly
from ..base import Engine, Executable, Memory, Run, Task
from .emit import Emitter

PIECE = 1000
"""So many lines are compiled at once."""


class NumPy(Engine):
    """The engine for numbers of a dtype: "float64", "float32" or "float16"."""

    def __init__(self, dtype: str) -> None:
        self.dtype = np.dtype(dtype)

    def memory(self, parameters: int, captured: int) -> Memory:
        """Arrays of zeros."""
        return Memory(*[np.zeros(n, self.dtype) for n in (parameters, parameters, captured)])

    def prepare(self, task: Task) -> Program:
        """The task as the text of a function; it is compiled when it is first run."""
        return Program(task, self.dtype)


class Program(Executable):
    """The function of NumPy calls that computes a task."""

    def __init__(self, task: Task, dtype: Any) -> None:
        self._dtype, self._emitter = dtype, Emitter(task)
        self.calls = self._emitter.calls

    @functools.cached_property
    def _codes(self) -> tuple[list[CodeType], list[CodeType]]:
        # the text is made of serial numbers, sizes, floats and identifiers; no other text of a user comes into it
        codes = _compiled(self._emitter.setup, "if True:"), _compiled(self._emitter.run, "def run():")
        self._emitter.setup, self._emitter.run = [], []  # they are long
        return codes

    def run_for(self, size: int, memory: Memory) -> ArrayRun:
        """Make the buffers of a size; the function finds them, and the memory, in a namespace of their own."""
        names = {**_names(self._dtype), **self._emitter.given}
        space = {**names, "B": size, "P": memory.vector, "G": memory.gradient, "C": memory.captured}
        setup, run = self._codes
        for code in setup:
            exec(code, space)
        functions = []
        for code in run:
            exec(code, space)
            functions.append(space.pop("run"))  # which refers to the namespace: in it, it would keep itself alive
        compute = functions[0] if len(functions) == 1 else functools.partial(_in_turn, functions)
        return ArrayRun(compute, space["inputs"], space["results"])


class ArrayRun(Run):
    """The function for one size of batch, with its buffers.

    Args:
        compute: the function; it returns the mean.
        inputs: the buffer of each argument.
        results: what is read after a run.
    """

    def __init__(self, compute: Callable[[], Any], inputs: Sequence[Any], results: Sequence[Any]) -> None:
        self.compute, self.inputs, self.results = compute, inputs, results
        self._noticed = noticed = list[str]()  # the note holds on to the list alone, so that there is no cycle
        self._noticing = quietly(lambda kind, flag: noticed.append(kind), divide="call", invalid="call")

    def load(self, argument: int, rows: Any, chosen: Sequence[int] | None = None) -> None:
        """Copy the numbers into the buffer of the argument."""
        if chosen is None:
            self._noticing(np.copyto, self.inputs[argument], rows, "unsafe")
        else:
            np.take(rows, chosen, axis=1, out=self.inputs[argument])

    def __call__(self) -> Any:
        """Call the function."""
        self._noticed.clear()
        return self._noticing(self.compute)

    @property
    def undefined(self) -> bool:  # type: ignore[override]
        """Whether NumPy has told of a division by zero or an invalid operation."""
        return bool(self._noticed)


def _names(dtype: Any) -> dict[str, Any]:
    """What the function calls by names of its own."""

    def number(x: float) -> Any:
        with np.errstate(over="ignore"):  # in float16 it may be infinite: what comes of that is found after the run
            return np.array(x, dtype)

    return {
        "empty": lambda shape, kind=dtype: np.empty(shape, kind), "ones": lambda shape: np.ones(shape, dtype),
        "column": lambda xs: np.array(xs, dtype).reshape(-1, 1), "indices": lambda xs: np.array(xs, np.intp),
        "number": number, "inf": np.inf, "nan": np.nan, "dot": np.dot, "matmul": np.matmul, "copyto": np.copyto,
        "take": np.take, "add": np.add, "add_at": np.add.at, "add_reduce": np.add.reduce,
        "max_reduce": np.maximum.reduce,
    }  # fmt: skip


def _compiled(lines: Sequence[str], head: str) -> list[CodeType]:
    """The lines below their head, in pieces: Python takes 4 kB for each line of what it compiles at once.

    Their names are global ones, of a namespace for each size of batch. As variables of a function around them they
    would be as fast, but Python 3.11 to 3.13 take a time for these that grows with the square of their number.
    """
    pieces = [lines[i : i + PIECE] for i in range(0, len(lines), PIECE)]
    return [compile("\n    ".join([head, *piece]), "<compiled program>", "exec") for piece in pieces]


def _in_turn(runs: Sequence[Callable[[], Any]]) -> Any:
    for run in runs:
        result = run()
    return result
