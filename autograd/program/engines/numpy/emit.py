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
from .kernels import LISTED, UFUNCS, kernel

_VIEWS = {"rows", "groups", "flat", "matrix"}
_GIVEN = {"input", "vector", "captured", "constants", "batch"}
_COMPARISONS = {"<": "less", "<=": "less_equal", ">": "greater", ">=": "greater_equal", "&": "both", "|": "either"}


class Emitter:
    """Writes the function for some outputs and gradients of a grouped program.

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
        self._free: dict[tuple[int, bool, bool], list[str]] = {}
        self._in_place: dict[int, str] = {}  # what is computed right where it is stored
        stored = self._placed(task.gradient)
        for position, node in enumerate(self.needed):
            self._write(node, position)
        for where, g, filled in stored:
            self._store(where, g, filled)
        self.setup.append(f"inputs = [{', '.join(map(_name, task.inputs))}]")
        self.setup.append(f"results = [{', '.join(map(_name, task.results))}]")
        self.run.append(f"return {self._mean(factor, averaged)}")

    @property
    def calls(self) -> int:
        """How many functions of NumPy a run calls."""
        return len(self.run) - 1 + ("dot(" in self.run[-1])  # the last line returns the mean

    # ------------------------------------------------------------------------------------------------- memory

    def _buffer(self, node: Array, position: int) -> None:
        """Memory for the result of an operation: a buffer that is free, or becomes so by it."""
        name, n, columns = _name(node), node.rows, _columns(node)
        dying = [
            arg
            for arg in dict.fromkeys(node.args)
            if isinstance(arg, Array) and self._owns(arg) and self._last_use[arg.serial] == position
        ]
        overwrites = (node.op.name if isinstance(node.op, Rule) else node.op) in UFUNCS  # NumPy reads before it writes
        free = self._free.setdefault(_kind(node), [])
        if overwrites:
            self._release(dying)
        if node.serial in self._in_place:
            self.setup.append(f"{name} = {self._in_place[node.serial]}")
        elif node.serial in self._augmented:
            self.setup += [f"{name}x = ones(({n} + 1, {columns}))", f"{name} = {name}x[:{n}]"]
        elif free:
            self.setup.append(f"{name} = {free.pop()}")
        else:
            self.setup.append(f"{name} = empty(({n}, {columns}){', bool' if _is_mask(node) else ''})")
        if not overwrites:
            self._release(dying)

    def _release(self, arrays: Sequence[Array]) -> None:
        for array in arrays:
            self._free.setdefault(_kind(array), []).append(_name(array))

    def _owns(self, array: Array) -> bool:
        """Whether its buffer is one that may serve again."""
        return not (
            array.op in _VIEWS
            or array.op in _GIVEN
            or array.is_number
            or array.serial in self._augmented
            or array.serial in self._in_place
        )

    # ---------------------------------------------------------------------------------------------- operations

    def _write(self, node: Array, position: int) -> None:
        """The lines for an Array: how it comes to its memory, and how it is computed."""
        op, name = node.op, _name(node)
        args = [_name(x) for x in node.args]
        if op in _GIVEN:
            self._write_given(node, name)
        elif node.is_number:
            self.setup.append(f"{name} = {self._give(op.name, op.forward)}({', '.join(args)})")
        elif op in _VIEWS:
            self._write_view(node, name, args[0])
        else:
            self._buffer(node, position)
            if isinstance(op, Nary):
                self._write_lists(node, name, args)
            elif isinstance(op, Rule) or op in UFUNCS or op == "where":
                word = op.name if isinstance(op, Rule) else _COMPARISONS.get(op, op)
                args = [self._constant(f"{name}n{j}", x, text) for j, (x, text) in enumerate(zip(node.args, args))]
                self.run.append(f"{self._give(word, kernel(op))}({', '.join(args)}, {name})")
            else:
                getattr(self, f"_write_{op}")(node, name, args)

    def _constant(self, constant: str, x: Any, text: str) -> str:
        """A number as an array without axes, with which NumPy is 0.2 µs faster than with a float; other operands."""
        if not _is_number(x):
            return text
        self.setup.append(f"{constant} = number({text})")
        return constant

    def _write_given(self, node: Array, name: str) -> None:
        n = node.rows
        if node.op == "input":
            self.setup += [f"{name}x = ones(({n} + 1, B))", f"{name} = {name}x[:{n}]"]
        elif node.op == "constants":
            self.setup.append(f"{name} = column({list(node.detail)!r})")
        else:
            text = {"vector": f"P.reshape({n}, 1)", "captured": f"C.reshape({n}, 1)", "batch": "float(B)"}[node.op]
            self.setup.append(f"{name} = {text}")

    def _write_view(self, node: Array, name: str, source: str) -> None:
        view = source
        if node.op == "matrix":
            start, m, width = node.detail
            view = f"{source}[{start}:{start + m * width}].reshape({m}, {width})"
        elif node.op == "rows":
            view = "{}[{}:{}]".format(source, *node.detail)
        if node.serial in self._augmented:  # it needs a row of ones below it, and so a copy
            n = node.rows
            self.setup += [
                f"{name}x = ones(({n} + 1, {_columns(node)}))",
                f"{name} = {name}x[:{n}]",
                f"{name}v = {view}",
            ]
            self.run.append(f"copyto({name}, {name}v)")
        else:
            self.setup.append(f"{name} = {view}")

    def _write_lists(self, node: Array, name: str, args: Sequence[str]) -> None:
        groups = []
        for j, (arg, text) in enumerate(zip(node.args, args)):
            if arg.group:
                self.setup.append(f"{name}g{j} = {text}.reshape({node.rows}, {arg.group}, {_columns(arg)})")
                text = f"{name}g{j}"
            groups.append(text)
        given = iter(groups)
        groups = ["None" if absent else next(given) for absent in node.detail]
        self.run.append(f"{self._give(node.op.name, LISTED[node.op.name])}({', '.join(groups)}, {name})")

    def _write_neurons(self, node: Array, name: str, args: Sequence[str]) -> None:
        self.run.append(f"dot({args[0]}, {args[1]}x, {name})")  # on small arrays 0.4 µs faster than matmul

    def _write_product(self, node: Array, name: str, args: Sequence[str]) -> None:
        self.setup.append("{}w = {}.reshape({}, {})".format(name, args[0], *node.detail))
        self.run.append(f"dot({name}w, {args[1]}, {name})")

    def _write_outer(self, node: Array, name: str, args: Sequence[str]) -> None:
        m, k, augmented = node.detail
        x = f"{args[1]}x" if augmented else args[1]
        self.setup += [f"{name}m = {name}.reshape({m}, {k + augmented})", f"{name}t = {x}.T"]
        self.run.append(f"dot({args[0]}, {name}t, {name}m)")

    def _write_back(self, node: Array, name: str, args: Sequence[str]) -> None:
        m, k, augmented = node.detail
        self.setup.append(f"{name}t = {args[0]}.reshape({m}, {k + augmented})[:, :{k}].T")
        multiply = "matmul" if m > 1 else "dot"  # dot would copy a part of a matrix; for one column it takes a third
        self.run.append(f"{multiply}({name}t, {args[1]}, {name})")

    def _write_sum_batch(self, node: Array, name: str, args: Sequence[str]) -> None:
        self.setup.append(f"{name}o = ones((B, 1))")  # as a matrix product it takes half the time of np.sum
        self.run.append(f"dot({args[0]}, {name}o, {name})")

    def _write_sum_rows(self, node: Array, name: str, args: Sequence[str]) -> None:
        self.run.append(f"add_reduce({args[0]}, 0, None, {name}, True)")

    def _write_segment_sum(self, node: Array, name: str, args: Sequence[str], reduce: str = "add_reduce") -> None:
        self.setup.append(f"{name}g = {args[0]}.reshape({node.rows}, {node.detail}, {_columns(node)})")
        self.run.append(f"{reduce}({name}g, 1, None, {name})")

    def _write_segment_max(self, node: Array, name: str, args: Sequence[str]) -> None:
        self._write_segment_sum(node, name, args, "max_reduce")

    def _write_repeat(self, node: Array, name: str, args: Sequence[str]) -> None:
        self.setup += [
            f"{name}g = {name}.reshape(-1, {node.detail}, {_columns(node)})",
            f"{name}s = {args[0]}[:, None]",
        ]
        self.run.append(f"copyto({name}g, {name}s)")

    def _write_stack(self, node: Array, name: str, args: Sequence[str]) -> None:
        start = 0
        for j, (part, text) in enumerate(zip(node.args, args)):
            self.setup.append(f"{name}p{j} = {name}[{start}:{start + part.rows}]")
            self.run.append(f"copyto({name}p{j}, {text})")
            start += part.rows

    def _write_take(self, node: Array, name: str, args: Sequence[str]) -> None:
        self.setup.append(f"{name}i = indices({list(node.detail)!r})")
        self.run.append(f"take({args[0]}, {name}i, 0, {name}, 'clip')")  # unlike 'raise' it needs no copy

    def _write_full(self, node: Array, name: str, args: Sequence[str]) -> None:
        self.run.append(f"copyto({name}, {args[0]})")

    def _write_assemble(self, node: Array, name: str, args: Sequence[str]) -> None:
        """Parts of a gradient, each for some rows."""
        filled: set[int] = set()
        parts, _ = node.detail
        if any(isinstance(where, tuple) for where in parts) or len(set().union(*parts)) < node.rows:
            self.run.append(f"{name}.fill(0.0)")
            filled = set(range(node.rows))
        for j, (where, text) in enumerate(zip(parts, args)):
            self._add_part(f"{name}p{j}", name, where, text, filled)

    def _add_part(self, target: str, whole: str, where: Any, text: str, filled: set[int]) -> None:
        """Write to some rows, or add to what is in them already; `filled` tells which these are."""
        rows = set(where)
        if isinstance(where, tuple):
            self.setup.append(f"{target} = indices({list(where)!r})")
            self.run += [f"{whole}[{sorted(rows - filled)!r}] = 0.0"] if rows - filled else []
            self.run.append(f"add_at({whole}, {target}, {text})")
        else:
            self.setup.append(f"{target} = {whole}[{where.start}:{where.stop}]")
            if filled.isdisjoint(rows):
                self.run.append(f"copyto({target}, {text})")
            else:
                self.run += [f"{whole}[{sorted(rows - filled)!r}] = 0.0"] if rows - filled else []
                self.run.append(f"add({target}, {text}, {target})")
        filled |= rows

    # ------------------------------------------------------------------------------------- what a run leaves

    def _placed(self, stores: Sequence[Part]) -> list[tuple[Any, Any, set[int]]]:
        """The parts of the gradient that have to be carried to the vector, and which of their rows then hold something.

        A product that is the only one for its rows is computed there.
        """
        carried = []
        filled: set[int] = set()
        for part, g in stores:
            where: Any = range(self._parameters) if part is None else part
            before = filled.intersection(where)
            filled.update(where)
            product = isinstance(g, Array) and g.op == "outer" and g.serial not in self._in_place
            if product and isinstance(where, range) and not before:
                self._in_place[g.serial] = f"G[{where.start}:{where.stop}].reshape(-1, 1)"
            else:
                carried.append((where, g, before))
        return carried

    def _store(self, where: Any, g: Any, filled: set[int]) -> None:
        target = f"g{len(self.run)}"
        self.setup.append(f"{target}v = G.reshape(-1, 1)")
        self._add_part(target, f"{target}v", where, _name(g), set(filled))

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
        if node.op in _VIEWS:
            last[_owner(node).serial] = position
    last.update({_owner(node).serial: len(needed) for node in roots})
    return last


def _owner(node: Array) -> Array:
    """The Array in whose buffer this one lies."""
    while node.op in _VIEWS:
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


def _is_mask(node: Array) -> bool:
    return node.op in _COMPARISONS


def _kind(node: Array) -> tuple[int, bool, bool]:
    """Buffers of one kind can stand for one another."""
    return node.rows, node.wide, _is_mask(node)


def _columns(node: Array) -> str:
    return "B" if node.wide else "1"


def _name(x: Any) -> str:
    return f"a{x.serial}" if isinstance(x, Array) else repr(float(x))
