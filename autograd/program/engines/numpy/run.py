"""The engine that calls NumPy: the calls that layout.py has listed become a Python function, which runs them in a row.

In the text of the function each object has a name. So it does nothing but call; that it is compiled once serves batches
of all sizes; for each size the names stand for other arrays.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Sequence
from types import CodeType
from typing import Any

import numpy as np

from ....basics.quiet import quietly
from ....rules import Rule
from ..base import Engine, Executable, Memory, Run, Task
from .blocks import BlockRun, block_size, wanted
from .calls import load
from .kernels import has_kernel
from .layout import Layout

PIECE = 1000
"""So many lines are compiled at once."""

DERIVATIVES = "derivatives"
"""What is noted where the derivatives begin: what isn't defined in them shows in the gradient, if it matters."""


class NumPy(Engine):
    """The engine for numbers of a dtype: "float64", "float32" or "float16"."""

    def __init__(self, dtype: str) -> None:
        self.dtype = np.dtype(dtype)

    def memory(self, parameters: int, captured: int) -> Memory:
        """Arrays of zeros."""
        return Memory(*[np.zeros(n, self.dtype) for n in (parameters, parameters, captured)])

    def prepare(self, task: Task) -> Function:
        """The task; its function is written at the first run."""
        return Function(task, self)


class Function(Executable):
    """The function that calls NumPy for a task."""

    unit = ("call of NumPy", "calls of NumPy")

    def __init__(self, task: Task, engine: NumPy) -> None:
        self._task, self._engine = task, engine
        self._codes: dict[tuple[str, ...], list[CodeType]] = {}  # by the lines, which are the same for all sizes
        self._alone = all(has_kernel(x.op) for x in task.operations if isinstance(x.op, Rule))  # no rule of a user's
        self._wanted = math.inf if engine.dtype == np.float16 else wanted(task)

    @property
    def calls(self) -> int:
        """How many functions of NumPy a run calls."""
        rows = {x.op: x.rows for x in self._task.operations}
        layout = Layout(self._task, 1, self._engine.memory(rows.get("vector", 0), rows.get("captured", 0)))
        return len(layout.calls) + (".dot(" in layout.mean[0])

    def run_for(self, size: int, memory: Memory) -> Run:
        """What runs the task for batches of this size: as a whole, or in blocks."""
        block = block_size(size, self._wanted)
        if block == size:
            return self._whole(size, memory)
        return BlockRun(self._task, size, block, memory, self._whole, self._alone)

    def _whole(self, size: int, memory: Memory) -> ArrayRun:
        """Lay out the task for a size, and bind the names of the code to its arrays."""
        layout = quietly()(Layout, self._task, size, memory)  # in float16 a constant may be infinite
        noticed: list[str] = []
        lines, space = _written(layout, noticed)
        text = tuple(lines)
        if text not in self._codes:
            self._codes[text] = _compiled(lines)
        functions = []
        for code in self._codes[text]:
            exec(code, space)
            functions.append(space.pop("run"))  # which refers to the namespace: in it, it would keep itself alive
        compute = functions[0] if len(functions) == 1 else functools.partial(_in_turn, functions)
        return ArrayRun(compute, layout.inputs, layout.results, self._alone, noticed)


class ArrayRun(Run):
    """The function for one size of batch, with its buffers.

    Args:
        compute: the function; it returns the mean.
        inputs: the buffer of each argument.
        results: what is read after a run.
        alone: whether the function calls NumPy alone, and no rule of a user's.
        noticed: the list that the function adds `DERIVATIVES` to where these begin.
    """

    def __init__(
        self, compute: Callable[[], Any], inputs: Sequence[Any], results: Sequence[Any], alone: bool, noticed: list[str]
    ) -> None:
        self.compute, self.inputs, self.results = compute, inputs, results
        self._noticed = noticed  # the note holds on to the list alone, so that there is no cycle
        self._noticing = quietly(lambda kind, flag: noticed.append(kind), alone=alone, divide="call", invalid="call")

    def load(self, argument: int, rows: Any, chosen: Sequence[int] | None = None) -> None:
        """Copy the numbers into the buffer of the argument."""
        load(self._noticing, self.inputs[argument], rows, chosen)

    def __call__(self) -> Any:
        """Call the function."""
        self._noticed.clear()
        return self._noticing(self.compute)

    @property
    def undefined(self) -> bool:  # type: ignore[override]
        """Whether NumPy has told of a division by zero or an invalid operation before the derivatives."""
        return bool(self._noticed) and self._noticed[0] is not DERIVATIVES


def _written(layout: Layout, noticed: list[str]) -> tuple[list[str], dict[str, Any]]:
    """The lines of the function, and what their names stand for. No text of a user comes into it."""
    names: dict[int, str] = {}
    space: dict[str, Any] = {}

    def name(x: Any) -> str:
        if x is None or isinstance(x, (str, int)):  # an axis, or the like
            return repr(x)
        space.setdefault(names.setdefault(id(x), f"x{len(names)}"), x)
        return names[id(x)]

    calls = [*layout.calls[: layout.forward], (noticed.append, DERIVATIVES), *layout.calls[layout.forward :]]
    lines = []
    for function, *args in calls:
        text = _SHORTER.get((function, len(args)), f"{name(function)}({', '.join(['{}'] * len(args))})")
        lines.append(text.format(*map(name, args)))
    text, *objects = layout.mean
    return [*lines, f"return {text.format(*map(name, objects))}"], space


_SHORTER = {
    (np.copyto, 2): "{}[...] = {}", (np.dot, 3): "{}.dot({}, {})", (np.take, 5): "{}.take({}, {}, {}, {})",
    (np.argmax, 3): "{}.argmax({}, {})",
}  # fmt: skip
"""How some calls are written: as functions they first look for arrays of other libraries, which takes 0.2 µs."""


def _compiled(lines: Sequence[str]) -> list[CodeType]:
    """The function `run` of these lines, in pieces: Python takes 4 kB for each line of what it compiles at once.

    Their names are global ones, of a namespace for each size of batch. As variables of a function around them they
    would be as fast, but Python 3.11 to 3.13 take a time for these that grows with the square of their number.
    """
    pieces = [lines[i : i + PIECE] for i in range(0, len(lines), PIECE)]
    return [compile("\n    ".join(["def run():", *piece]), "<compiled program>", "exec") for piece in pieces]


def _in_turn(runs: Sequence[Callable[[], Any]]) -> Any:
    for run in runs:
        result = run()
    return result
