"""How each array operation is written as lines of Python that call NumPy; where their memory lies, emit.py decides.

Three tables by name: what needs no computing (GIVEN), what is another look at the memory of its operand (VIEWS), and
what is computed (CALLS). Rules of numbers and comparisons are calls of a function of kernels.py.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import accumulate
from typing import Any

from ...ir import Array

Lines = tuple[list[str], list[str]]
"""What is done once for a size of batch, and what is done in each run."""

GIVEN: dict[str, Callable[[Array], str]] = {
    "vector": lambda y: f"P.reshape({y.rows}, 1)",
    "captured": lambda y: f"C.reshape({y.rows}, 1)",
    "constants": lambda y: f"column({list(y.detail)!r})",
    "batch": lambda y: "float(B)",
}
"""What a run begins with, besides the inputs."""

VIEWS: dict[str, Callable[[Array, str], str]] = {
    "rows": lambda y, a: "{}[{}:{}]".format(a, *y.detail),
    "matrix": lambda y, a: "{0}[{1}:{1} + {2} * {3}].reshape({2}, {3})".format(a, *y.detail),
    "groups": lambda y, a: a,
    "flat": lambda y, a: a,
}
"""From the operation and the name of its operand to the view."""


def columns(node: Array) -> str:
    """How many numbers there are in a row, in the text of the program."""
    return "B" if node.wide else "1"


def _outer(node: Array, y: str, g: str, x: str) -> Lines:
    m, k, biased = node.detail
    inputs = f"{x}x" if biased else x
    return [f"{y}m = {y}.reshape({m}, {k + biased})", f"{y}t = {inputs}.T"], [f"dot({g}, {y}t, {y}m)"]


def _back(node: Array, y: str, w: str, g: str) -> Lines:
    m, k, biased = node.detail
    multiply = "matmul" if m > 1 else "dot"  # dot would copy a part of a matrix; for one column it takes a third
    return [f"{y}t = {w}.reshape({m}, {k + biased})[:, :{k}].T"], [f"{multiply}({y}t, {g}, {y})"]


def _segments(reduce: str) -> Callable[[Array, str, str], Lines]:
    def lines(node: Array, y: str, a: str) -> Lines:
        groups = f"{y}g = {a}.reshape({node.rows}, {node.detail}, {columns(node)})"
        return [groups], [f"{reduce}({y}g, 1, None, {y})"]

    return lines


def _stack(node: Array, y: str, *parts: str) -> Lines:
    setup, run = [], []
    stops = list(accumulate([part.rows for part in node.args]))
    for j, (part, start, stop) in enumerate(zip(parts, [0, *stops], stops)):
        setup.append(f"{y}p{j} = {y}[{start}:{stop}]")
        run.append(f"copyto({y}p{j}, {part})")
    return setup, run


def _assemble(node: Array, y: str, *parts: str) -> Lines:
    rows_of, _ = node.detail
    setup: list[str] = []
    run: list[str] = []
    filled: set[int] = set()
    if any(isinstance(rows, tuple) for rows in rows_of) or len(set().union(*rows_of)) < node.rows:
        run.append(f"{y}.fill(0.0)")
        filled = set(range(node.rows))
    for j, (rows, part) in enumerate(zip(rows_of, parts)):
        more = added(f"{y}p{j}", y, rows, part, filled)
        filled.update(rows)
        setup, run = setup + more[0], run + more[1]
    return setup, run


def added(name: str, whole: str, rows: Any, part: str, filled: set[int]) -> Lines:
    """Write a part to some rows of a whole, or add it to what is in them already.

    Args:
        name: a free name.
        whole, part: the names of both.
        rows: which rows, a range, or a tuple in which one may occur several times.
        filled: the rows that hold something.
    """
    empty = sorted(set(rows) - filled)
    if isinstance(rows, range) and len(empty) == len(rows):
        return [f"{name} = {whole}[{rows.start}:{rows.stop}]"], [f"copyto({name}, {part})"]
    run = [f"{whole}[{empty!r}] = 0.0"] if empty else []
    if isinstance(rows, range):
        return [f"{name} = {whole}[{rows.start}:{rows.stop}]"], [*run, f"add({name}, {part}, {name})"]
    return [f"{name} = indices({list(rows)!r})"], [*run, f"add_at({whole}, {name}, {part})"]


CALLS: dict[str, Callable[..., Lines]] = {
    "take": lambda node, y, a: (
        [f"{y}i = indices({list(node.detail)!r})"],
        [f"take({a}, {y}i, 0, {y}, 'clip')"],  # unlike 'raise' it needs no copy
    ),
    "stack": _stack,
    "repeat": lambda node, y, a: (
        [f"{y}g = {y}.reshape(-1, {node.detail}, {columns(node)})", f"{y}s = {a}[:, None]"],
        [f"copyto({y}g, {y}s)"],
    ),
    "segment_sum": _segments("add_reduce"),
    "segment_max": _segments("max_reduce"),
    "neurons": lambda node, y, w, x: ([], [f"dot({w}, {x}x, {y})"]),  # on small arrays 0.4 µs faster than matmul
    "product": lambda node, y, w, x: ([f"{y}w = {w}.reshape{node.detail}"], [f"dot({y}w, {x}, {y})"]),
    "outer": _outer,
    "back": _back,
    "sum_rows": lambda node, y, a: ([], [f"add_reduce({a}, 0, None, {y}, True)"]),
    # as a matrix product it takes half the time of np.sum
    "sum_batch": lambda node, y, a: ([f"{y}o = ones((B, 1))"], [f"dot({a}, {y}o, {y})"]),
    "full": lambda node, y, a: ([], [f"copyto({y}, {a})"]),
    "assemble": _assemble,
}
"""From the operation, the name of its memory and those of its operands to the lines that compute it."""
