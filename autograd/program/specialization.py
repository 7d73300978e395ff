"""Traced: the operations of a function for examples of one shape, and the functions of NumPy calls that run them.

A user doesn't meet it: Program, in compiled.py, makes one for each shape.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from .. import ops
from ..transforms.tree import like
from .engines import Executable, Run, Task, engine, task
from .ir import Array, Part
from .lower import lower
from .tracing.trace import follow, traced_input
from .transpose import total, transposed

if TYPE_CHECKING:
    from .program import Program

T = TypeVar("T")
Shapes = tuple[tuple[int, ...], ...]

KEPT = 8
"""For so many sizes of a batch the buffers are kept: those that were used last."""


class Traced:
    """A program for examples of one shape: its operations, and for each size of a batch the function that runs them.

    The parameters lie in one flat vector, `vector`, in the order of `parameters`; `gradient` is like it. Both are the
    engine's, as is what it needs to run the operations.
    """

    def __init__(self, program: Program, shapes: Shapes) -> None:
        self.loss_scale = program.loss_scale
        arguments = [_leaves(shape, f"argument {i}") for i, shape in enumerate(shapes)]
        self.output, trace = follow(program.fn, arguments, program.parameters)
        trace.refuse_too_many_classes(program.dtype)
        self._sources = [source for _, source in trace.draws]
        if trace.draws:
            arguments.append([leaf for leaf, _ in trace.draws])
        wanted = [self.output, [x for x, _ in trace.row_guards]]  # these are looked at, too
        self.operations = lower(wanted, trace.nodes, arguments, program.parameters)
        split = len(self.operations.outputs) - len(trace.row_guards)
        guarded = [x if isinstance(x, float) else _row(x) for x in self.operations.outputs[split:]]
        self._row_guards = [(x, allowed) for x, (_, allowed) in zip(guarded, trace.row_guards)]
        del self.operations.outputs[split:]
        self._guards = trace.guards
        self.parameters = self.operations.parameters
        self._engine = engine(program.dtype)
        self._memory = self._engine.memory(len(self.parameters), len(self.operations.captured))
        self.vector, self.gradient, self._captured = self._memory
        self._executables: dict[str, Executable] = {}
        self._plans: dict[tuple[str, int], Run] = {}
        self._results: Sequence[Any] = []

    def holds(self) -> bool:
        """Whether what the function read while it was followed, and what it found around it, is still as it was."""
        return all(guard() for guard in self._guards)

    # ----------------------------------------------------------------------------------------------- to run it

    def run(self, kind: str, arrays: Sequence[Any]) -> Any:
        """Run for a batch with the parameters' present numbers; returns the mean.

        Args:
            kind: "value", "step" for the gradient of the parameters, too, "inputs i" for that of an argument, "map".
            arrays: an array for each argument.
        """
        self.read()
        size = len(arrays[0])
        run = self.plan(kind, size)
        for i, array in enumerate(arrays):
            run.load(i, array.reshape(size, -1).T)
        self.draw(run, size)
        mean = run()
        self._results, self.undefined = run.results, run.undefined
        if self._row_guards and not self.allowed():
            self.undefined = True
        return mean

    def draw(self, run: Run, size: int) -> None:
        """Draw the random numbers that the function uses, for one example after the other."""
        if self._sources:
            drawn = [[source() for source in self._sources] for _ in range(size)]
            run.load(len(self.operations.inputs) - 1, list(zip(*drawn)))

    def allowed(self) -> bool:
        """Whether the numbers of which only some are allowed, such as targets, are among these, after a run."""
        numbers = self._results[len(self._results) - len(self._row_guards) :]
        return all(bool(allowed(x).all()) for x, (_, allowed) in zip(numbers, self._row_guards))

    def some_nan(self) -> bool:
        """Whether something that was returned is not a number."""
        import numpy as np

        return any(bool(np.isnan(x).any()) for x in self._results[: len(self.operations.outputs)])

    def read(self) -> None:
        """Fetch the numbers of the parameters, and of what the function uses besides."""
        self.vector[:] = [p._data for p in self.parameters]
        self.read_captured()

    def read_captured(self) -> None:
        """Fetch the numbers of what the function uses besides the parameters."""
        if self.operations.captured:
            self._captured[:] = [c._data for c in self.operations.captured]

    def plan(self, kind: str, size: int) -> Run:
        """What runs the program of this kind for batches of this size, which is made once."""
        key = kind, size
        run = self._plans.pop(key, None)
        if run is None:
            if kind not in self._executables:
                self._executables[kind] = self.executable(kind)
            run = self._executables[kind].run_for(size, self._memory)
        return keep(self._plans, key, run, KEPT)

    def examples(self, size: int) -> list[Any]:
        """What the function returned for each example, after "map"."""
        rows: list[list[float]] = []
        for x in self._results[: len(self.operations.outputs)]:
            numbers = [float(x)] if isinstance(x, float) else x[0].tolist()
            rows.append(numbers if len(numbers) == size else numbers * size)
        return [like(self.output, iter(example)) for example in zip(*rows)]

    def input_gradient(self, shape: tuple[int, ...]) -> Any:
        """The gradient of an argument, after "inputs i"."""
        import numpy as np

        g = self._results[0]
        return np.broadcast_to(np.asarray(g, float), (math.prod(shape[1:]), shape[0])).T.reshape(shape)

    # --------------------------------------------------------------------------------------------- to write it

    def executable(self, kind: str) -> Executable:
        """The program of this kind, for the engine."""
        return self._engine.prepare(self.task(kind))

    def task(self, kind: str) -> Task:
        """What the program of this kind computes."""
        program = self.operations
        guarded = [x for x, _ in self._row_guards]
        given = program.inputs, program.vector
        if kind == "map":
            return task(*given, [*[x if isinstance(x, float) else _row(x) for x in program.outputs], *guarded])
        if len(program.outputs) != 1 or isinstance(self.output, (list, tuple, dict)):
            raise TypeError(
                "a program that is differentiated must return one number, its loss: for several, use program.map"
            )
        root = program.outputs[0] if isinstance(program.outputs[0], float) else _row(program.outputs[0])
        if kind == "value":
            return task(*given, guarded, mean=root)
        parts = self.backward(root)
        if kind == "step":
            return task(*given, guarded, parts.get(program.vector.serial, []) if program.vector else [], root)
        argument = program.inputs[int(kind.split()[1])]
        received = parts.get(argument.serial)
        return task(*given, [total(argument, received) if received else 0.0, *guarded], mean=root)

    def backward(self, root: Any) -> dict[int, list[Part]]:
        """The gradients of the mean of this row over the batch, times the loss scale, as `transposed` has them."""
        if not isinstance(root, Array):
            return {}
        builder = root.builder
        return transposed(
            root, builder.apply(ops.div, self.loss_scale, builder.batch) if root.wide else self.loss_scale
        )


def keep(kept: dict[Any, T], key: Any, item: T, most: int) -> T:
    """Put an item that is not among them, or was taken out, behind those that are kept; the first goes if it must."""
    kept[key] = item
    if len(kept) > most:
        del kept[next(iter(kept))]
    return item


def _row(place: tuple[Array, int]) -> Array:
    block, row = place
    found: Array = block.builder.rows(block, row, row + 1)
    return found


def _leaves(shape: tuple[int, ...], label: str) -> Any:
    if not shape:
        return traced_input(label)
    return [_leaves(shape[1:], f"{label}[{i}]") for i in range(shape[0])]
