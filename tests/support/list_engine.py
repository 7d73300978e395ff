"""An engine of plain lists: it computes each operation of the table number by number, without NumPy.

It shows what a new engine has to bring, and what it need not touch: nothing outside of this file knows of it.
"""

from __future__ import annotations

import itertools
import math
import operator
from collections.abc import Callable, Sequence
from typing import Any

from autograd.program.engines.base import Engine, Executable, Memory, Run, Task
from autograd.program.ir import Array
from autograd.rules import Rule
from autograd.ternary import takes_lists


def at(a: Any, i: int, j: int) -> Any:
    """The number of example j in row i; one row serves many, and one number all examples."""
    row = a[i if len(a) > 1 else 0]
    return row[j if len(row) > 1 else 0]


def column(a: Any, j: int) -> list[Any]:
    return [at([row], 0, j) for row in a]


def segment(a: Any, k: int, i: int, j: int) -> list[Any]:
    return column(a[i * k : (i + 1) * k], j)


def dot(xs: Any, ys: Any) -> Any:
    return sum(map(operator.mul, xs, ys))


def place(y: Any, r: int, c: int, index: Any, j: int) -> int:
    """The row of a table that an index names, in its column c; some row where it names none, which is refused later."""
    rows, i = y.detail[2], at(index, r, j)
    return (int(i) if 0 <= i < rows else 0) * y.detail[1] + c


def shares(xs: Any) -> list[float]:
    powers = [math.exp(x - max(xs)) for x in xs]
    return [power / sum(powers) for power in powers]


def einsum(y: Any, i: int, j: int, a: Any, b: Any) -> float:
    d = y.detail
    sizes = dict(d.sizes)
    found = 0.0
    for digits in itertools.product(*[range(n) for n in sizes.values()]):
        axis = dict(zip(sizes, digits))

        def row(view: Any, axis: Any = axis) -> int:
            return view.start + sum(axis[x] * stride for x, stride in zip(view.letters, view.strides))

        if row(d.compact()) == i:
            examples = [j] if y.wide else range(max(len(a[0]), len(b[0])))
            found += sum(at([a[row(d.views[0])]], 0, e) * at([b[row(d.views[1])]], 0, e) for e in examples)
    return found


NUMBERS: dict[str, Callable[..., Any]] = {
    "rows": lambda y, i, j, a: a[y.detail[0] + i][j],
    "take": lambda y, i, j, a: a[y.detail[i]][j],
    "stack": lambda y, i, j, *parts: column([row for part in parts for row in part], j)[i],
    "matrix": lambda y, i, j, a: a[y.detail[0] + i][0],
    "groups": lambda y, i, j, a: at(a, i, j),
    "flat": lambda y, i, j, a: at(a, i, j),
    "repeat": lambda y, i, j, a: at(a, i // y.group, j),
    "segment_sum": lambda y, i, j, a: sum(segment(a, y.detail, i, j)),
    "segment_max": lambda y, i, j, a: max(segment(a, y.detail, i, j)),
    "product": lambda y, i, j, w, x: dot(segment(w, len(x), i, 0), column(x, j)),
    "neurons": lambda y, i, j, w, x: dot(segment(w, len(x) + 1, i, 0), [*column(x, j), 1.0]),
    "outer": lambda y, i, j, g, x: dot(g[i // (y.rows // len(g))], [*x, [1.0] * len(g[0])][i % (y.rows // len(g))]),
    "back": lambda y, i, j, w, g: dot(column(w[i :: len(w) // len(g)], 0), column(g, j)),
    "softmax": lambda y, i, j, a: shares(segment(a, y.detail, i // y.detail, j))[i % y.detail],
    "centred": lambda y, i, j, a: a[i][j] - sum(segment(a, y.detail, i // y.detail, j)) / y.detail,
    "einsum": einsum,
    "gather": lambda y, i, j, table, index: column(table, j)[place(y, i // y.detail[1], i % y.detail[1], index, j)],
    "scatter": lambda y, i, j, g, index: sum(
        [
            at(g, r * y.detail[1] + i % y.detail[1], k)
            for k in ([j] if y.wide else range(max(len(g[0]), len(index[0]))))
            for r in range(y.detail[0])
            if place(y, r, i % y.detail[1], index, k) == i
        ]
    ),
    "sum_rows": lambda y, i, j, a: sum(column(a, j)),
    "sum_batch": lambda y, i, j, a: sum(a[i]),
    "full": lambda y, i, j, a: at(a, i, j),
    "assemble": lambda y, i, j, *parts: sum(
        [at(part, r, j) for rows, part in zip(y.detail[0], parts) for r, row in enumerate(rows) if row == i]
    ),
    "<": lambda y, i, j, a, b: at(a, i, j) < at(b, i, j),
    "<=": lambda y, i, j, a, b: at(a, i, j) <= at(b, i, j),
    ">": lambda y, i, j, a, b: at(a, i, j) > at(b, i, j),
    ">=": lambda y, i, j, a, b: at(a, i, j) >= at(b, i, j),
    "&": lambda y, i, j, a, b: at(a, i, j) and at(b, i, j),
    "|": lambda y, i, j, a, b: at(a, i, j) or at(b, i, j),
    "where": lambda y, i, j, condition, a, b: at(a, i, j) if at(condition, i, j) else at(b, i, j),
}
"""From an Array, a place in it and the rows of its operands to the number in that place."""


def operands(y: Array, i: int, j: int, args: Sequence[Any]) -> list[Any]:
    """What a rule is applied to: numbers, or of a rule of lists numbers and tuples, of which some may be empty."""
    if not takes_lists(y.op):
        return [at(a, i, j) for a in args]
    found = iter([tuple(segment(a, x.group, i, j)) if x.group else at(a, i, j) for a, x in zip(args, y.args)])
    return [() if empty else next(found) for empty in y.detail]


class Lists(Engine):
    def memory(self, parameters: int, captured: int) -> Memory:
        return Memory([0.0] * parameters, [0.0] * parameters, [0.0] * captured)

    def prepare(self, task: Task) -> Executable:
        return Interpreter(task)


class Interpreter(Executable):
    def __init__(self, task: Task) -> None:
        self.task = task

    @property
    def calls(self) -> int:
        return len(self.task.operations)

    def run_for(self, size: int, memory: Memory) -> Run:
        return ListRun(self.task, size, memory)


class ListRun(Run):
    def __init__(self, task: Task, size: int, memory: Memory) -> None:
        self.task, self.size, self.memory = task, size, memory
        self.inputs: list[Any] = [[] for _ in task.inputs]

    def load(self, argument: int, rows: Any, chosen: Sequence[int] | None = None) -> None:
        whole = [[float(x) for x in row] for row in rows]
        self.inputs[argument] = whole if chosen is None else [[row[j] for j in chosen] for row in whole]

    def __call__(self) -> float | None:
        task, memory = self.task, self.memory
        self.undefined = False
        given: dict[Any, Callable[[Array], Any]] = {
            "vector": lambda y: [[x] for x in memory.vector],
            "captured": lambda y: [[x] for x in memory.captured],
            "constants": lambda y: [[x] for x in y.detail],
            "batch": lambda y: [[float(self.size)]],
            "input": lambda y: self.inputs[y.detail[0]],
        }
        found: dict[int, Any] = {}

        def rows(x: Any) -> Any:
            return found[x.serial] if isinstance(x, Array) else [[x]]

        for y in task.operations:
            found[y.serial] = given[y.op](y) if y.op in given else self.computed(y, [rows(x) for x in y.args])
        self.results = [rows(x) if isinstance(x, Array) else x for x in task.results]
        memory.gradient[:] = [0.0] * len(memory.vector)
        for places, g in task.gradient:
            for r, i in enumerate(range(len(memory.vector)) if places is None else places):
                memory.gradient[i] += at(rows(g), r, 0)
        return None if task.mean is None else sum([at(rows(task.mean), 0, j) for j in range(self.size)]) / self.size

    def computed(self, y: Array, args: list[Any]) -> list[list[Any]]:
        def number(i: int, j: int) -> Any:
            if not isinstance(y.op, Rule):
                return NUMBERS[y.op](y, i, j, *args)
            try:
                return y.op.forward(*operands(y, i, j, args))
            except (ValueError, ZeroDivisionError):
                self.undefined = True
                return math.nan

        return [[number(i, j) for j in range(self.size if y.wide else 1)] for i in range(y.rows)]
