"""Traced: the operations of a function for examples of one shape, and the functions of NumPy calls that run them.

A user doesn't meet it: Program, in compiled.py, makes one for each shape.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from .. import ops
from ..transforms.tree import like
from .engines.numpy.emit import Emitter, planned
from .ir import Array
from .lower import grouped
from .tracing.indexing import refuse_too_many
from .tracing.trace import follow, traced_input
from .transpose import Part, total, transposed

if TYPE_CHECKING:
    from .program import Program

T = TypeVar("T")
Shapes = tuple[tuple[int, ...], ...]

KEPT = 8
"""For so many sizes of a batch the buffers are kept: those that were used last."""


class Traced:
    """A program for examples of one shape: its operations, and for each size of a batch the function that runs them.

    The parameters lie in one flat vector, `vector`, in the order of `parameters`; `gradient` is like it.
    """

    def __init__(self, program: Program, shapes: Shapes) -> None:
        import numpy as np

        self.dtype = np.dtype(program.dtype)
        self.loss_scale = program.loss_scale
        arguments = [_leaves(shape, f"argument {i}") for i, shape in enumerate(shapes)]
        self.output, trace = follow(program.fn, arguments, program.parameters)
        refuse_too_many(trace.classes, self.dtype)
        self._sources = [source for _, source in trace.draws]
        if trace.draws:
            arguments.append([leaf for leaf, _ in trace.draws])
        wanted = [self.output, [x for x, _ in trace.row_guards]]  # these are looked at, too
        self.operations = grouped(wanted, trace.nodes, arguments, program.parameters)
        split = len(self.operations.outputs) - len(trace.row_guards)
        guarded = [x if isinstance(x, float) else _row(x) for x in self.operations.outputs[split:]]
        self._row_guards = [(x, allowed) for x, (_, allowed) in zip(guarded, trace.row_guards)]
        del self.operations.outputs[split:]
        self._guards = trace.guards
        self.parameters = self.operations.parameters
        self.vector, self.gradient, self._captured = [
            np.zeros(n, self.dtype) for n in (len(self.parameters), len(self.parameters), len(self.operations.captured))
        ]
        self._makers: dict[str, Callable[..., Any]] = {}
        self._plans: dict[tuple[str, int], Any] = {}
        self._results: list[Any] = []

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
        run, inputs, self._results = self.plan(kind, len(arrays[0]))
        with self.noticing():
            for buffer, array in zip(inputs, arrays):
                buffer[:] = array.reshape(len(array), -1).T
            self.draw(inputs, len(arrays[0]))
            mean = run()
        if self._row_guards and not self.allowed():
            self.undefined = True
        return mean

    def draw(self, inputs: Sequence[Any], size: int) -> None:
        """Draw the random numbers that the function uses, for one example after the other."""
        if self._sources:
            for i in range(size):
                inputs[-1][:, i] = [source() for source in self._sources]

    def allowed(self) -> bool:
        """Whether the numbers of which only some are allowed, such as targets, are among these, after a run."""
        numbers = self._results[len(self._results) - len(self._row_guards) :]
        return all(bool(allowed(x).all()) for x, (_, allowed) in zip(numbers, self._row_guards))

    def some_nan(self) -> bool:
        """Whether something that was returned is not a number."""
        import numpy as np

        return any(bool(np.isnan(x).any()) for x in self._results[: len(self.operations.outputs)])

    def noticing(self) -> Any:
        """A context for a run, after which `undefined` tells whether anything was computed that isn't defined.

        What isn't finite is found at the end; but what isn't defined may have become finite again, as in tanh(1/0).
        """
        import numpy as np

        self.undefined = False
        return np.errstate(all="ignore", divide="call", invalid="call", call=self._noticed)

    def _noticed(self, *_: Any) -> None:
        self.undefined = True

    def read(self) -> None:
        """Fetch the numbers of the parameters, and of what the function uses besides."""
        self.vector[:] = [p._data for p in self.parameters]
        self.read_captured()

    def read_captured(self) -> None:
        """Fetch the numbers of what the function uses besides the parameters."""
        if self.operations.captured:
            self._captured[:] = [c._data for c in self.operations.captured]

    def plan(self, kind: str, size: int) -> Any:
        """(run, inputs, results) for batches of this size, which are made once."""
        key = kind, size
        plan = self._plans.pop(key, None)
        if plan is None:
            if kind not in self._makers:
                self._makers[kind] = planned(self.emitter(kind), self.dtype)
            plan = self._makers[kind](size, self.vector, self.gradient, self._captured)
        return keep(self._plans, key, plan, KEPT)

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

    def emitter(self, kind: str) -> Emitter:
        """What writes the program of this kind."""
        program, book = self.operations, self.operations.book
        guarded = [x for x, _ in self._row_guards]
        if kind == "map":
            return Emitter(program, [*[x if isinstance(x, float) else _row(x) for x in program.outputs], *guarded])
        if len(program.outputs) != 1 or isinstance(self.output, (list, tuple, dict)):
            raise TypeError(
                "a program that is differentiated must return one number, its loss: for several, use program.map"
            )
        root = program.outputs[0] if isinstance(program.outputs[0], float) else _row(program.outputs[0])
        if kind == "value":
            return Emitter(program, guarded, mean=root)
        parts = self.backward(root)
        if kind == "step":
            stores = parts.get(program.vector.serial, []) if program.vector else []
            return Emitter(program, guarded, stores, mean=root)
        argument = program.inputs[int(kind.split()[1])]
        received = parts.get(argument.serial)
        return Emitter(program, [total(argument, received, book) if received else 0.0, *guarded], mean=root)

    def backward(self, root: Any) -> dict[int, list[Part]]:
        """The gradients of the mean of this row over the batch, times the loss scale, as `transposed` has them."""
        if not isinstance(root, Array):
            return {}
        book = root.book
        return transposed(
            root, book.apply(ops.div, self.loss_scale, book.batch) if root.wide else self.loss_scale, book
        )


def keep(kept: dict[Any, T], key: Any, item: T, most: int) -> T:
    """Put an item that is not among them, or was taken out, behind those that are kept; the first goes if it must."""
    kept[key] = item
    if len(kept) > most:
        del kept[next(iter(kept))]
    return item


def _row(place: tuple[Array, int]) -> Array:
    block, row = place
    return block.book.rows(block, row, row + 1)


def _leaves(shape: tuple[int, ...], label: str) -> Any:
    if not shape:
        return traced_input(label)
    return [_leaves(shape[1:], f"{label}[{i}]") for i in range(shape[0])]
