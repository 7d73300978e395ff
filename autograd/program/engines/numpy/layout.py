"""The memory of a task for batches of one size, and the calls of NumPy that a run makes; all is there before the first.

A buffer serves again when what was in it is needed no more. What goes into a layer of neurons has a row of ones below
it, so that the biases are a column of the matrix.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np

from .... import ops
from ....ternary import takes_lists
from ...ir import Array, Part
from ..base import Memory, Task
from .calls import CALLS, GIVEN, VIEWS, Call, added
from .fused import Step, steps
from .kernels import UFUNCS, kernel, power

_COMPARISONS = {"<", "<=", ">", ">=", "&", "|"}


class Layout:
    """Lays out a task.

    Args:
        task: what is to be computed.
        size: the number of examples.
        memory: what runs read and write.

    Attributes:
        calls: what a run calls, in order.
        forward: how many of them come before the derivatives.
        mean: the text of the mean, with {} for each of the objects that follow it.
        inputs: the array of each input.
        results: the array of each result, or a float.
    """

    def __init__(self, task: Task, size: int, memory: Memory) -> None:
        self.calls: list[Call] = []
        self._size, self._memory, self._dtype = size, memory, memory.vector.dtype
        self._arrays: dict[int, Any] = {}  # by serial number an array, or a float
        self._with_ones: dict[int, Any] = {}  # the same with a row of ones below
        factor, averaged = _factored(task.mean)
        roots = [x for x in (*task.results, *[g for _, g in task.gradient], *averaged) if isinstance(x, Array)]
        order, self._steps = steps([*roots, *task.inputs, task.parameters])  # a mean spares some operations of the task
        self._biased = {x.serial for x in order if x.op == "neurons" or (x.op == "outer" and x.detail[2])}
        self._augmented = {x.args[1].serial for x in order if x.serial in self._biased}
        self._last_use = _last_uses(order, roots, self._steps)
        self._free: dict[Any, list[Any]] = {}
        self._in_place: dict[int, Any] = {}  # what is computed right where it is stored
        self.forward = 0
        carried = self._carried(task.gradient)
        for position, node in enumerate(order):
            self._arrays[node.serial] = self._made(node, position)
            if task.derivatives is None or node.serial < task.derivatives:
                self.forward = len(self.calls)
        for rows, g, filled in carried:
            self.calls += added(memory.gradient.reshape(-1, 1), rows, self._of(g), filled)
        self.inputs, self.results = [[self._of(x) for x in xs] for xs in (task.inputs, task.results)]
        self.mean = self._mean(self._of(factor), averaged)

    def _of(self, x: Any) -> Any:
        return self._arrays[x.serial] if isinstance(x, Array) else x

    # ---------------------------------------------------------------------------------------------- operations

    def _made(self, node: Array, position: int) -> Any:
        """The array of an operation; the calls that compute it are noted."""
        op, operands, of = self._steps[node.serial]
        args = [self._of(x) for x in operands]
        if op == "input":
            return self._above_ones(node)
        if op in GIVEN:
            return GIVEN[op](node, self._memory, self._size)
        if node.is_number:
            return op.forward(*args)
        if op in VIEWS:
            view = VIEWS[op](node, *args)
            if node.serial not in self._augmented:
                return view
            out = self._above_ones(node)
            self.calls.append((np.copyto, out, view))
            return out
        out = self._buffer(node, position)
        if node.serial in self._biased:
            args[1] = self._with_ones[node.args[1].serial]
        if op in CALLS:
            self.calls += CALLS[op](of, out, *args)
        elif takes_lists(op):
            self.calls.append((kernel(op), *self._lists(node, args), out))
        else:  # with arrays that have no axes NumPy is 0.2 µs faster than with floats
            numbers = [x if isinstance(x, np.ndarray) else np.array(x, self._dtype) for x in args]
            compute = power(args[1]) if op is ops.pow and isinstance(args[1], float) else kernel(op)
            self.calls.append((compute, *numbers, out))
        return out

    def _lists(self, node: Array, args: Sequence[Any]) -> list[Any]:
        """The operands of a rule of lists; lists as arrays of three axes, None for one that is empty."""
        given = iter([a.reshape(node.rows, x.group, -1) if x.group else a for x, a in zip(node.args, args)])
        return [None if empty else next(given) for empty in node.detail]

    # -------------------------------------------------------------------------------------------------- memory

    def _buffer(self, node: Array, position: int) -> Any:
        """Memory for a result: a buffer that is free, or becomes so by it, or a new one."""
        if node.serial in self._in_place:
            return self._in_place[node.serial]
        op, operands, _ = self._steps[node.serial]
        dying = [x for x in dict.fromkeys(operands) if self._owns(x) and self._last_use[x.serial] == position]
        single = node.rows == 1 and not (node.wide and self._size > 1)  # in place NumPy takes twice as long for it
        overwrites = op in UFUNCS and not single  # NumPy reads a number before it writes there
        if overwrites:
            self._release(dying)
        free = self._free.get(_kind(node))
        if node.serial in self._augmented:
            out = self._above_ones(node)
        else:
            out = free.pop() if free else self._new(np.empty, node.rows, node)
        if not overwrites:
            self._release(dying)
        return out

    def _release(self, arrays: Sequence[Array]) -> None:
        for x in arrays:
            self._free.setdefault(_kind(x), []).append(self._arrays[x.serial])

    def _owns(self, x: Any) -> bool:
        """Whether an operand has a buffer that may serve again."""
        if not isinstance(x, Array) or not self._is_computed(x):
            return False
        return x.serial not in self._augmented and x.serial not in self._in_place

    def _above_ones(self, node: Array) -> Any:
        self._with_ones[node.serial] = self._new(np.ones, node.rows + 1, node)
        return self._with_ones[node.serial][: node.rows]

    def _new(self, make: Any, rows: int, node: Array) -> Any:
        return make((rows, self._size if node.wide else 1), bool if node.op in _COMPARISONS else self._dtype)

    # ------------------------------------------------------------------------------------------ what a run leaves

    def _carried(self, gradient: Sequence[Part]) -> list[tuple[Any, Any, set[int]]]:
        """The parts of the gradient that have to be carried to the vector: rows, part, and rows that hold something.

        What is computed for these rows alone, and is the first that they get, is computed there.
        """
        carried = []
        filled: set[int] = set()
        uses = Counter([g.serial for _, g in gradient if isinstance(g, Array)])
        for part, g in gradient:
            rows: Any = range(len(self._memory.gradient)) if part is None else part
            before = filled.intersection(rows)
            filled.update(rows)
            alone = isinstance(rows, range) and not before and isinstance(g, Array) and uses[g.serial] == 1
            if alone and (g.rows, g.wide) == (len(rows), False) and self._is_computed(g):
                self._in_place[g.serial] = self._memory.gradient[rows.start : rows.stop].reshape(-1, 1)
            else:
                carried.append((rows, g, before))
        return carried

    def _is_computed(self, x: Array) -> bool:
        """Whether it gets memory of its own."""
        return bool(x.args) and not x.is_number and self._steps[x.serial].op not in VIEWS

    def _mean(self, factor: float, averaged: Sequence[Any]) -> tuple[Any, ...]:
        """The mean over the batch of a number times a row, or times the product of two rows."""
        if not averaged:
            return ("None",)
        x, *others = [self._of(x) for x in averaged]
        if others:
            text, objects = "float({}.dot({})) / {}", [x[0], others[0][0], float(self._size)]
        elif isinstance(x, float):
            text, objects = "{}", [x]
        elif averaged[0].wide:  # the number of examples alone may be infinite in float16
            share = np.full(self._size, 1.0 / self._size, self._dtype)
            text, objects = "float({}.dot({}))", [x[0], share]
        else:
            text, objects = "float({})", [x.reshape(())]
        return (text, *objects) if factor == 1.0 else ("{} * " + text, factor, *objects)


def _kind(node: Array) -> tuple[int, bool, bool]:
    """Buffers of one kind can stand for one another, whatever the size of the batch."""
    return node.rows, node.wide, node.op in _COMPARISONS


def _last_uses(order: Sequence[Array], roots: Sequence[Array], steps: dict[int, Step]) -> dict[int, int]:
    """For the Array in whose buffer another lies, or its own, the position of the operation that reads it last."""

    def owner(node: Array) -> int:
        while steps[node.serial].op in VIEWS:
            node = steps[node.serial].args[0]
        return node.serial

    last: dict[int, int] = {}
    for position, node in enumerate(order):
        op, args, _ = steps[node.serial]
        for arg in args:
            if isinstance(arg, Array):
                last[owner(arg)] = position
        if op in VIEWS:
            last[owner(node)] = position
    last.update({owner(node): len(order) for node in roots})
    return last


def _factored(mean: Any) -> tuple[Any, tuple[Any, ...]]:
    """What is averaged: a number times a row, or times the product of two rows, which spares a call."""
    if mean is None:
        return 1.0, ()

    def is_product(x: Any) -> bool:
        return isinstance(x, Array) and x.wide and x.op is ops.mul

    factor: Any = 1.0
    if is_product(mean) and not (isinstance(mean.args[0], Array) and not mean.args[0].is_number):
        factor, mean = mean.args
    if is_product(mean) and all(isinstance(x, Array) and x.wide for x in mean.args):
        return factor, mean.args
    return factor, (mean,)
