"""From operations to a Python function of NumPy calls, one for each; all memory is laid out before the first run.

For every size of a batch there is a function of its own. Its first part makes the buffers and the views into them; the
second part, which is run again and again, calls NumPy with nothing left to decide. A buffer serves again when what was
in it is needed no more.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .... import ops
from ....rules import Nary, Rule
from ...ir import Array, Part
from ..base import Task, needed
from .calls import CALLS, GIVEN, VIEWS, Lines, added, columns
from .kernels import UFUNCS, kernel

_WORDS = {"<": "less", "<=": "less_equal", ">": "greater", ">=": "greater_equal", "&": "both", "|": "either"}


class Emitter:
    """Writes the function that computes a task.

    In what it writes, B is the number of examples, P the vector of parameters, G that of their gradients, C the
    captured numbers; `a7` is the Array with the serial number 7. An Array that goes into a layer of neurons has a row
    of ones below it, `a7x` with it, so that the biases are a column of the matrix.

    Args:
        task: what is to be computed.

    Attributes:
        setup: the lines for what is done once for a size of batch.
        run: the lines that are then run again and again; the last returns the mean.
        given: what the lines call by names of its own.
    """

    def __init__(self, task: Task) -> None:
        self.given: dict[str, Any] = {}
        self.setup: list[str] = []
        self.run: list[str] = []
        self._parameters = task.parameters.rows if task.parameters else 0
        factor, averaged = _factored(task.mean)
        roots = [x for x in (*task.results, *[g for _, g in task.gradient], *averaged) if isinstance(x, Array)]
        self.needed = needed([*roots, *task.inputs, task.parameters])  # a mean spares some operations of the task
        self._augmented = {
            node.args[1].serial
            for node in self.needed
            if node.op == "neurons" or (node.op == "outer" and node.detail[2])
        }
        self._last_use = _last_uses(self.needed, roots)
        self._free: dict[str, list[str]] = {}  # by the text that would make another like them
        self._in_place: dict[int, str] = {}  # what is computed right where it is stored
        carried = self._carried(task.gradient)
        for position, node in enumerate(self.needed):
            self._write(node, position)
        for rows, g, filled in carried:
            name = f"g{len(self.run)}"
            self.setup.append(f"{name}v = G.reshape(-1, 1)")
            self._add(added(name, f"{name}v", rows, _name(g), filled))
        self.setup.append(f"inputs = [{', '.join(map(_name, task.inputs))}]")
        self.setup.append(f"results = [{', '.join(map(_name, task.results))}]")
        self.run.append(f"return {self._mean(factor, averaged)}")

    @property
    def calls(self) -> int:
        """How many functions of NumPy a run calls."""
        return len(self.run) - 1 + ("dot(" in self.run[-1])  # the last line returns the mean

    # ------------------------------------------------------------------------------------------------- memory

    def _buffer(self, node: Array, position: int) -> None:
        """Memory for a result: a buffer that is free, or becomes so by it, or a new one."""
        dying = [x for x in dict.fromkeys(node.args) if self._owns(x) and self._last_use[x.serial] == position]
        free = self._free.setdefault(_new(node), [])
        overwrites = node.op in UFUNCS  # NumPy reads a number before it writes there
        if overwrites:
            self._release(dying)
        if node.serial in self._augmented and node.serial not in self._in_place:
            self._with_ones(node)
        else:
            memory = self._in_place.get(node.serial) or (free.pop() if free else _new(node))
            self.setup.append(f"{_name(node)} = {memory}")
        if not overwrites:
            self._release(dying)

    def _release(self, arrays: Sequence[Array]) -> None:
        for array in arrays:
            self._free.setdefault(_new(array), []).append(_name(array))

    def _owns(self, x: Any) -> bool:
        """Whether an operand has a buffer that may serve again."""
        if _is_number(x) or not x.args or x.op in VIEWS:
            return False
        return x.serial not in self._augmented and x.serial not in self._in_place

    # ---------------------------------------------------------------------------------------------- operations

    def _write(self, node: Array, position: int) -> None:
        """The lines for an Array: how it comes to its memory, and how it is computed."""
        op, name = node.op, _name(node)
        args = [_name(x) for x in node.args]
        if op == "input":
            self._with_ones(node)
        elif op in GIVEN:
            self.setup.append(f"{name} = {GIVEN[op](node)}")
        elif node.is_number:
            self.setup.append(f"{name} = {self._give(op.name, op.forward)}({', '.join(args)})")
        elif op in VIEWS:
            view = VIEWS[op](node, *args)
            if node.serial in self._augmented:  # it needs a row of ones below it, and so a copy
                self._with_ones(node)
                self._add(([f"{name}v = {view}"], [f"copyto({name}, {name}v)"]))
            else:
                self.setup.append(f"{name} = {view}")
        else:
            self._buffer(node, position)
            if op in CALLS:
                self._add(CALLS[op](node, name, *args))
            else:
                operands = self._groups(node, args) if isinstance(op, Nary) else self._numbers(node, args)
                word = op.name if isinstance(op, Rule) else _WORDS.get(op, op)
                self.run.append(f"{self._give(word, kernel(op))}({', '.join(operands)}, {name})")

    def _with_ones(self, node: Array) -> None:
        n, name = node.rows, _name(node)
        self.setup += [f"{name}x = ones(({n} + 1, {columns(node)}))", f"{name} = {name}x[:{n}]"]

    def _numbers(self, node: Array, args: Sequence[str]) -> list[str]:
        """The operands, numbers as arrays without axes, with which NumPy is 0.2 µs faster than with floats."""
        operands = []
        for j, (x, text) in enumerate(zip(node.args, args)):
            if _is_number(x):
                self.setup.append(f"{_name(node)}n{j} = number({text})")
            operands.append(f"{_name(node)}n{j}" if _is_number(x) else text)
        return operands

    def _groups(self, node: Array, args: Sequence[str]) -> list[str]:
        """The operands of a rule of lists; lists as arrays of three axes, None for one that is empty."""
        operands = []
        for j, (x, text) in enumerate(zip(node.args, args)):
            if x.group:
                self.setup.append(f"{_name(node)}g{j} = {text}.reshape({node.rows}, {x.group}, {columns(x)})")
            operands.append(f"{_name(node)}g{j}" if x.group else text)
        given = iter(operands)
        return ["None" if empty else next(given) for empty in node.detail]

    def _add(self, lines: Lines) -> None:
        self.setup += lines[0]
        self.run += lines[1]

    # ------------------------------------------------------------------------------------- what a run leaves

    def _carried(self, gradient: Sequence[Part]) -> list[tuple[Any, Any, set[int]]]:
        """The parts of the gradient that have to be carried to the vector: rows, part, and rows that hold something.

        A product that is the only one for its rows is computed there.
        """
        carried = []
        filled: set[int] = set()
        for part, g in gradient:
            rows: Any = range(self._parameters) if part is None else part
            before = filled.intersection(rows)
            filled.update(rows)
            product = isinstance(g, Array) and g.op == "outer" and g.serial not in self._in_place
            if product and isinstance(rows, range) and not before:
                self._in_place[g.serial] = f"G[{rows.start}:{rows.stop}].reshape(-1, 1)"
            else:
                carried.append((rows, g, before))
        return carried

    def _mean(self, factor: Any, averaged: Sequence[Any]) -> str:
        """The mean over the batch of a number times a row, or times the product of two rows."""
        if not averaged:
            return "None"
        x = averaged[0]
        text = f"float({_name(x)})" if _is_number(x) else f"float({_name(x)}[0, 0])"
        if len(averaged) == 2:
            self.setup.append(f"mean_a, mean_b = {_name(x)}[0], {_name(averaged[1])}[0]")
            text = "float(dot(mean_a, mean_b)) / B"
        elif isinstance(x, Array) and x.wide:  # B alone may be infinite in float16
            self.setup.append(f"mean_a, share = {_name(x)}[0], ones(B) * (1.0 / B)")
            text = "float(dot(mean_a, share))"
        return text if factor == 1.0 else f"{_name(factor)} * {text}"

    def _give(self, word: str, value: Any) -> str:
        """The name under which the function has a value."""
        name = f"f_{word}" if word.isidentifier() else "f_"  # a function of the user's may be called <lambda>
        while self.given.setdefault(name, value) is not value:
            name += "_"
        return name


# ------------------------------------------------------------------------------------------------ looking at operations


def _last_uses(needed: Sequence[Array], roots: Sequence[Array]) -> dict[int, int]:
    """For the Array in whose buffer another lies, or its own, the position of the operation that reads it last."""
    last: dict[int, int] = {}
    for position, node in enumerate(needed):
        for arg in node.args:
            if isinstance(arg, Array):
                last[_owner(arg).serial] = position
        if node.op in VIEWS:
            last[_owner(node).serial] = position
    last.update({_owner(node).serial: len(needed) for node in roots})
    return last


def _owner(node: Array) -> Array:
    """The Array in whose buffer this one lies."""
    while node.op in VIEWS:
        node = node.args[0]
    return node


def _factored(mean: Any) -> tuple[Any, tuple[Any, ...]]:
    """What is averaged: a number times a row, or times the product of two rows, which spares a call."""
    if mean is None:
        return 1.0, ()

    def is_product(x: Any) -> bool:
        return isinstance(x, Array) and x.wide and x.op is ops.mul

    factor: Any = 1.0
    if is_product(mean) and _is_number(mean.args[0]):
        factor, mean = mean.args
    if is_product(mean) and all(isinstance(x, Array) and x.wide for x in mean.args):
        return factor, mean.args
    return factor, (mean,)


def _is_number(x: Any) -> bool:
    return not isinstance(x, Array) or x.is_number


def _new(node: Array) -> str:
    """The text that makes memory for an Array."""
    return f"empty(({node.rows}, {columns(node)}){', bool' if node.op in _WORDS else ''})"


def _name(x: Any) -> str:
    return f"a{x.serial}" if isinstance(x, Array) else repr(float(x))
