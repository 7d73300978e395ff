"""How each operation on arrays is computed in ONNX: rows of numbers, with a column for each example, as everywhere.

`NODES` is a table with a function for each operation; rules of numbers and of lists are in rules.py.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ....conditions import COMPARISONS, Comparison
from ....selection import OneHot
from ....ternary import takes_lists
from ...ir import Array
from .rules import LISTS, NUMBERS, floor, one_hot, softmax
from .tensors import Tensor

_SIGNS: dict[str, Callable[[Tensor, Any], Tensor]] = {
    "<": lambda a, b: a < b, "<=": lambda a, b: a <= b, ">": lambda a, b: a > b, ">=": lambda a, b: a >= b,
    "&": lambda a, b: a & b, "|": lambda a, b: a | b,
}  # fmt: skip


class Sizes:
    """What depends on the number of examples.

    Args:
        n: that number, a tensor of one integer.
    """

    def __init__(self, n: Tensor) -> None:
        self.n, self.graph = n, n.graph

    def shape(self, *before: int) -> Tensor:
        """A shape whose last axis has a place for each example."""
        return self.graph.node("Concat", self.graph.integers(before), self.n, axis=0)

    def wide(self, x: Tensor, node: Any) -> Tensor:
        """The tensor of an Array with a number for each example."""
        return x if isinstance(node, Array) and node.wide else x.expanded(self.shape(1))


def computed(node: Array, args: Sequence[Any], sizes: Sizes) -> Tensor:
    """The tensor of an operation.

    Args:
        node: the operation.
        args: the tensors of its operands; plain numbers as they are.
        sizes: of the batch.

    Raises:
        TypeError: if it is not known how ONNX computes it.
    """
    if node.op in NODES:
        return NODES[node.op](node, sizes, *args)
    graph = sizes.graph
    tensors = [graph.tensor(x) for x in args]
    if isinstance(node.op, str):
        return _SIGNS[node.op](*[_truth(x, t) if node.op in "&|" else t for x, t in zip(node.args, tensors)])
    if isinstance(node.op, Comparison):
        numbers = node.op not in (COMPARISONS["&"], COMPARISONS["|"])
        found = _SIGNS[node.op.name](*(tensors if numbers else map(_truth, node.args, tensors)))
        return found.counted(found)
    if isinstance(node.op, OneHot):
        return one_hot(tensors[0], tensors[1], node.op.classes)
    if takes_lists(node.op) and node.op in LISTS:
        return LISTS[node.op]([_grouped(node, x, t) for x, t in zip(node.args, tensors)])
    if node.op in NUMBERS:
        return NUMBERS[node.op](*tensors)
    raise TypeError(
        f"{node.op.name} can't be written to an ONNX model: it is not known here how ONNX's operations compute it; "
        "write it with functions of autograd for which that is known, or export source()"
    )


def _truth(x: Any, t: Tensor) -> Tensor:
    while isinstance(x, Array) and x.op in ("repeat", "rows", "take", "groups", "flat"):
        x = x.args[0]
    return t if isinstance(x, Array) and x.op in _SIGNS else ~t.equals(0.0)


def _grouped(node: Array, x: Array, t: Tensor) -> tuple[Tensor, int]:
    return (t.shaped(node.rows, x.group, -1), x.group) if x.group else (t, 1)


def _choice(node: Array, sizes: Sizes, condition: Any, *branches: Any) -> Tensor:
    return sizes.graph.where(_truth(node.args[0], sizes.graph.tensor(condition)), *branches)


def _stack(node: Array, sizes: Sizes, *parts: Tensor) -> Tensor:
    each = [sizes.wide(x, a) if node.wide else x for x, a in zip(parts, node.args)]
    return sizes.graph.node("Concat", *each, axis=0)


def _repeat(node: Array, sizes: Sizes, a: Tensor) -> Tensor:
    rows = node.args[0].rows
    repeated = a.shaped(rows, 1, -1).expanded(sizes.graph.integers([1, node.detail, 1]))
    return repeated.shaped(rows * node.detail, -1)


def _segments(op: str) -> Callable[..., Tensor]:
    return lambda node, sizes, a: a.shaped(node.rows, node.detail, -1).reduced(op, 1, False)


def _of_each(f: Callable[[Tensor], Tensor]) -> Callable[..., Tensor]:
    return lambda node, sizes, a: f(a.shaped(node.rows // node.detail, node.detail, -1)).shaped(node.rows, -1)


def _weights(w: Tensor, m: int, k: int) -> Tensor:
    return w.shaped(m, -1).rows(0, k, axis=1)


def _neurons(node: Array, sizes: Sizes, w: Tensor, x: Tensor) -> Tensor:
    m, k = node.detail
    return _weights(w, m, k).product(x) + w.shaped(m, -1).rows(k, k + 1, axis=1)


def _outer(node: Array, sizes: Sizes, g: Tensor, x: Tensor) -> Tensor:
    product = g.product(x, right=1)
    if node.detail[2]:
        product = sizes.graph.node("Concat", product, g.reduced("ReduceSum", 1), axis=1)
    return product.shaped(-1, 1)


def _einsum(node: Array, sizes: Sizes, *args: Tensor) -> Tensor:
    letters, tensors = [], []
    for which, (x, t) in enumerate(zip(node.args, args)):
        at, axes = node.detail.pattern(which), node.detail.views[which].letters
        wide, found = x.wide, at.digits(x.rows)
        last = [-1] * wide
        if found is None:
            t = t.taken(at.rows).shaped(*at.sizes, *last)
        else:
            shape, chosen, order = found
            axes = "".join([axes[i] for i in order])
            t = t.shaped(*shape, *last)
            for axis, c in enumerate(chosen):
                start, stop = (c.start, c.stop) if isinstance(c, slice) else (c, c + 1)
                t = t if (start, stop) == (0, shape[axis]) else t.rows(start, stop, axis=axis)
            t = t.shaped(*[at.sizes[i] for i in order], *last)
        tensors.append(t)
        letters.append(axes + "n" * wide)
    spec = f"{letters[0]},{letters[1]}->{node.detail.out}{'n' * node.wide}"
    return sizes.graph.node("Einsum", *tensors, equation=spec).shaped(node.rows, -1 if node.wide else 1)


def _places(index: Tensor, n: int) -> Tensor:
    """Places in a list of n; what is none becomes n, which onnxruntime refuses."""
    known = (index >= 0.0) & (index < float(n)) & floor(index).equals(index)
    return index.graph.node("Cast", index.graph.where(known, index, float(n)), to=7)


def _hits(index: Tensor, n: int) -> Tensor:
    """Of m rows of indices (m, n, batch): whether it is this one of n."""
    numbers = index.graph.tensor([float(j) for j in range(n)]).shaped(1, n, 1)
    return index.graph.node("Unsqueeze", index, index.graph.integers([1])).equals(numbers)


def _gather(node: Array, sizes: Sizes, table: Tensor, index: Tensor) -> Tensor:
    m, k, n = node.detail
    if not node.args[0].wide:
        found = sizes.graph.node("Gather", table.shaped(n, k), _places(index, n), axis=0)
        return found.turned(0, 2, 1).shaped(m * k, -1)
    hits = _hits(index, n).shaped(m, n, 1, -1)
    return sizes.graph.where(hits, table.shaped(1, n, k, -1), 0.0).reduced("ReduceSum", 1, False).shaped(m * k, -1)


def _scatter(node: Array, sizes: Sizes, g: Tensor, index: Tensor) -> Tensor:
    m, k, n, wide = node.detail
    hits = _hits(sizes.wide(index, node.args[1]), n)
    if wide:
        each = sizes.graph.where(hits.shaped(m, n, 1, -1), g.shaped(m, 1, k, -1), 0.0)
        return each.reduced("ReduceSum", 0, False).shaped(n * k, -1)
    numbers = g.counted(hits).turned(1, 0, 2).shaped(n, -1)
    return numbers.product(g.shaped(m, k, -1).turned(0, 2, 1).shaped(-1, k)).shaped(n * k, 1)


def _full(node: Array, sizes: Sizes, a: Any) -> Tensor:
    graph = sizes.graph
    return graph.tensor(a).expanded(sizes.shape(node.rows) if node.wide else graph.integers([node.rows, 1]))


def _assembled(node: Array, sizes: Sizes, *parts: Any) -> Tensor:
    whole = _full(node, sizes, [[0.0]])
    for rows, part in zip(node.detail[0], parts):
        whole = added(whole, rows, part, sizes if node.wide else None)
    return whole


def added(whole: Tensor, rows: Sequence[int], part: Any, sizes: Sizes | None) -> Tensor:
    """A tensor with a part added to some rows of it.

    Args:
        whole: a column, or one for each example.
        rows: which rows; one may occur several times.
        part: as many rows, or one for all of them.
        sizes: of the batch; None for a single column.
    """
    graph = whole.graph
    shape = sizes.shape(len(rows)) if sizes else graph.integers([len(rows), 1])
    places = graph.integers(list(rows)).shaped(-1, 1)
    return graph.node("ScatterND", whole, places, graph.tensor(part).expanded(shape), reduction="add")


NODES: dict[Any, Callable[..., Tensor]] = {
    "constants": lambda node, sizes: sizes.graph.tensor([float(x) for x in node.detail]).shaped(-1, 1),
    "batch": lambda node, sizes: sizes.graph.node(
        "Cast", sizes.n, to=11 if sizes.graph.dtype.itemsize == 8 else 1
    ).shaped(1, 1),
    "rows": lambda node, sizes, a: a.rows(*node.detail),
    "take": lambda node, sizes, a: a.taken(node.detail),
    "stack": _stack,
    "matrix": lambda node, sizes, a: a.rows(node.detail[0], node.detail[0] + node.rows).shaped(*node.detail[1:]),
    "groups": lambda node, sizes, a: a,
    "flat": lambda node, sizes, a: a,
    "repeat": _repeat,
    "segment_sum": _segments("ReduceSum"),
    "segment_max": _segments("ReduceMax"),
    "product": lambda node, sizes, w, x: _weights(w, *node.detail).product(x),
    "neurons": _neurons,
    "outer": _outer,
    "back": lambda node, sizes, w, g: _weights(w, node.detail[0], node.rows).product(g, left=1),
    "einsum": _einsum,
    "softmax": _of_each(softmax),
    "centred": _of_each(lambda xs: xs - xs.reduced("ReduceMean", 1)),
    "gather": _gather,
    "scatter": _scatter,
    "sum_rows": lambda node, sizes, a: a.reduced("ReduceSum", 0),
    "sum_batch": lambda node, sizes, a: a.reduced("ReduceSum", 1),
    "full": _full,
    "assemble": _assembled,
    "where": _choice,
}
"""By operation, the function that computes it: of the operation, the sizes, and the tensors of its operands."""
