"""Specialization: what a function is for examples of one shape, operations on arrays; and Runs, which compute them.

A user meets neither: a Program (program.py) has one of each for every shape, a Session (session.py) Runs of its own.
What an engine is stands in engines/base.py.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from .. import ops
from ..basics.collector import no_collection
from ..basics.misshapen import mend
from ..basics.moment import moment
from ..transforms.tree import like, mapped
from .engines import Executable, Run, Task, engine
from .ir import Array, Part
from .lower import Lowered, lower
from .places import Place
from .spec import Spec
from .tracing.following import follow
from .tracing.trace import Trace, traced_input
from .transpose import total, transposed

T = TypeVar("T")
Shapes = tuple[tuple[int, ...], ...]

SHAPES = 64
"""For so many shapes of an example the operations and buffers are kept: those that were used last."""

KEPT = 8
"""For so many sizes of a batch the buffers are kept: those that were used last."""


class Specialization:
    """A function for examples of one shape: the operations that it is, and the tasks that an engine is given.

    Args:
        spec: the function, what it is differentiated for, and the precision.
        shapes: for each argument the shape of an example.
    """

    def __init__(self, spec: Spec, shapes: Shapes) -> None:
        self.spec, self.shapes, self.loss_scale = spec, shapes, spec.loss_scale
        with no_collection():
            output, trace, self.operations = _followed(spec, shapes)
        self.sources = [source for _, source in trace.draws]
        split = len(self.operations.outputs) - len(trace.row_guards)
        self.row_guards = _guarded(self.operations.outputs[split:], [allowed for _, allowed in trace.row_guards])
        del self.operations.outputs[split:]
        self._derivatives: int | None = None  # the serial number of the first Array that is a part of them
        self.output = mapped(output, lambda x: 0.0)  # how it is nested: Values would keep the whole graph alive
        self._guards = trace.guards
        self.parameters = self.operations.parameters
        self.engine = engine(spec.engine, spec.dtype)
        self._executables: dict[str, Executable] = {}

    def holds(self) -> bool:
        """Whether what the function read while it was followed, and what it found around it, is still as it was."""
        for guard in self._guards:  # noqa: SIM110  a generator would cost each run 0.3 µs
            if not guard():
                return False
        return True

    def executable(self, kind: str) -> Executable:
        """The program of this kind, made ready once.

        Args:
            kind: "value" for the mean, "step" for the gradient of the parameters, too, "inputs i" for that of an
                argument, "map" for what the function returns.
        """
        if kind not in self._executables:
            self._executables[kind] = self.engine.prepare(self.task(kind))
        return self._executables[kind]

    def task(self, kind: str) -> Task:
        """What the program of this kind computes."""
        program = self.operations
        guarded = [x for x, _ in self.row_guards]
        given = program.inputs, program.vector
        if kind == "map":
            return Task(*given, [*[x if isinstance(x, float) else _row(x) for x in program.outputs], *guarded])
        if len(program.outputs) != 1 or isinstance(self.output, (list, tuple, dict)):
            raise TypeError(
                "a program that is differentiated must return one number, its loss: for several, use program.map"
            )
        root = program.outputs[0] if isinstance(program.outputs[0], float) else _row(program.outputs[0])
        if kind == "value":
            return Task(*given, guarded, mean=root)
        parts = self.backward(root)
        if kind == "step":
            received = parts.get(program.vector.serial, []) if program.vector is not None else []
            return Task(*given, guarded, received, root, self._derivatives)
        argument = program.inputs[int(kind.split()[1])]
        received = parts.get(argument.serial, [])
        results = [total(argument, received) if received else 0.0, *guarded]
        return Task(*given, results, mean=root, derivatives=self._derivatives)

    def backward(self, root: Any) -> dict[int, list[Part]]:
        """The gradients of the mean of this row over the batch, times the loss scale, as `transposed` has them."""
        if not isinstance(root, Array):
            return {}
        builder = root.builder
        if self._derivatives is None:
            self._derivatives = len(builder.arrays)
        return transposed(
            root, builder.apply(ops.div, self.loss_scale, builder.batch) if root.wide else self.loss_scale
        )


def _followed(spec: Spec, shapes: Shapes) -> tuple[Any, Trace, Lowered]:
    """What the function returned when it was followed, the trace, and the operations that its graph became."""
    arguments = [_leaves(shape, f"argument {i}") for i, shape in enumerate(shapes)]
    try:
        output, trace = follow(spec.fn, arguments, spec.parameters)
    except TypeError as error:
        _mend(error, shapes)
        raise
    trace.refuse_too_many_classes(spec.dtype)
    if trace.draws:
        arguments.append([leaf for leaf, _ in trace.draws])
    wanted = [output, [x for x, _ in trace.row_guards]]  # these are looked at, too
    return output, trace, lower(wanted, trace.nodes, arguments, spec.parameters)


class Runs:
    """What computes a specialization: the numbers that all its programs share, and buffers for each size of a batch.

    The parameters lie in one vector, `memory.vector`, in the order of the specialization's `parameters`; their
    gradients, times the loss scale, in `memory.gradient`.
    """

    def __init__(self, specialization: Specialization) -> None:
        self.specialization = specialization
        captured = specialization.operations.captured
        self.memory = specialization.engine.memory(len(specialization.parameters), len(captured))
        self._of: dict[tuple[str, int], Run] = {}
        self._read_at = -1.0
        self.place: Any = None
        """For a session: `placed_in` has it."""

    def placed_in(self, parameters: Sequence[Any]) -> Runs:
        """Note where the parameters stand among these, where these stand among them, and if the order is the same.

        It takes as long as a step, and is done once: batches of several lengths take turns.
        """
        import numpy as np

        position = {p: i for i, p in enumerate(parameters)}
        order = np.array([position[p] for p in self.specialization.parameters])
        self.place = order, order.argsort(), bool((order[1:] > order[:-1]).all())
        return self

    def of(self, kind: str, size: int) -> Run:
        """What runs the program of this kind for batches of this size, which is made once."""
        key = kind, size
        run = self._of.pop(key, None) or self.specialization.executable(kind).run_for(size, self.memory)
        return keep(self._of, key, run, KEPT)

    def run(self, kind: str, arrays: Sequence[Any]) -> tuple[Any, Run]:
        """Run for a batch with the parameters' present numbers; returns the mean, and what ran.

        Args:
            kind: as for `Specialization.executable`.
            arrays: an array for each argument.
        """
        now = moment.clock
        if now != self._read_at:  # a number has been assigned to since; reading 500 of them takes 20 µs
            self.memory.vector[:] = [p.data for p in self.specialization.parameters]
            self.read_captured()
            self._read_at = now
        size = len(arrays[0])
        run = self.of(kind, size)
        for i, array in enumerate(arrays):
            run.load(i, array.reshape(size, -1).T)
        self.draw(run, size)
        return run(), run

    def read_captured(self) -> None:
        """Fetch the numbers of what the function uses besides the parameters."""
        if self.specialization.operations.captured:
            self.memory.captured[:] = [x.data for x in self.specialization.operations.captured]

    def draw(self, run: Run, size: int) -> None:
        """Draw the random numbers that the function uses, for one example after the other."""
        sources = self.specialization.sources
        if sources:
            drawn = [[source() for source in sources] for _ in range(size)]
            run.load(len(self.specialization.operations.inputs) - 1, list(zip(*drawn)))

    def defined(self, run: Run) -> bool:
        """Whether all that was computed is defined, and every number that must be one of a few, such as a class, is."""
        return not run.undefined and (not self.specialization.row_guards or self.allowed(run))

    def allowed(self, run: Run) -> bool:
        """After a run: whether every number that must be one of a few, such as the class of an example, is."""
        import numpy as np

        guards = self.specialization.row_guards
        numbers = run.results[len(run.results) - len(guards) :]
        for x, (_, allowed) in zip(numbers, guards):
            found = allowed(np.asarray(x))
            if found is not True and not found.all():
                return False
        return True

    def outputs(self, run: Run) -> Sequence[Any]:
        """What the function returned, after "map": for each number of it a row."""
        return run.results[: len(self.specialization.operations.outputs)]

    def examples(self, run: Run, size: int) -> list[Any]:
        """What the function returned for each example, after "map"."""
        import numpy as np

        rows: list[list[float]] = []
        for x in self.outputs(run):
            numbers = [x] if isinstance(x, float) else np.asarray(x)[0].tolist()
            rows.append(numbers if len(numbers) == size else numbers * size)
        return [like(self.specialization.output, iter(example)) for example in zip(*rows)]


def _mend(error: TypeError, shapes: Shapes) -> None:
    """Let a TypeError say it if the function was given numbers for lists, or lists of one number for numbers."""
    numbers = "give a list for each example, such as [[1.0, 2.0], [3.0, 4.0]]"
    columns = "take the one number out of each list, [x for (x,) in batch], or batch[:, 0] of an array"
    names = [f"argument {i} of each example" for i in range(len(shapes))]
    mend(
        error,
        {name: numbers for name, shape in zip(names, shapes) if shape == ()},
        {name: columns for name, shape in zip(names, shapes) if shape == (1,)},
    )


def runs_for(kept: dict[Shapes, Runs], arrays: Sequence[Any], make: Callable[[Shapes], Runs]) -> Runs:
    """What runs for examples of the shape of these: what is kept, if it still holds, or what is made anew."""
    shapes = tuple([array.shape[1:] for array in arrays])
    runs = kept.pop(shapes, None)
    if runs is None or not runs.specialization.holds():
        runs = make(shapes)
    return keep(kept, shapes, runs, SHAPES)


def keep(kept: dict[Any, T], key: Any, item: T, most: int) -> T:
    """Add an item at the end; where there are too many then, the first goes."""
    kept[key] = item
    if len(kept) > most:
        del kept[next(iter(kept))]
    return item


def _guarded(places: Sequence[Place | float], tests: Sequence[Any]) -> list[tuple[Array | float, Any]]:
    """What each test is asked of: at once of rows that follow one another, such as the letters of a text."""
    found: list[tuple[Any, int, int, Any]] = []  # a test takes 3 µs, as many as ten operations
    for x, test in zip(places, tests):
        block, row = (x, 0) if isinstance(x, float) else x
        if found and (found[-1][0] is block, *found[-1][2:]) == (True, row, test):
            found[-1] = *found[-1][:2], row + 1, test
        else:
            found.append((block, row, row + 1, test))
    return [(x if isinstance(x, float) else x.builder.rows(x, i, j), test) for x, i, j, test in found]


def _row(place: Place) -> Array:
    block, row = place
    found: Array = block.builder.rows(block, row, row + 1)
    return found


def _leaves(shape: tuple[int, ...], label: str) -> Any:
    if not shape:
        return traced_input(label)
    return [_leaves(shape[1:], f"{label}[{i}]") for i in range(shape[0])]
