"""Tensors of an ONNX graph, with the operators of Python: arithmetic with them adds nodes to the graph.

The operations are those that onnxruntime has kernels for in single and in double precision, up to opset 18.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


class Graph:
    """The nodes and constants of a model, in the order of their making.

    Args:
        dtype: of its numbers, "float64" or "float32".
    """

    def __init__(self, dtype: str) -> None:
        import numpy as np

        self.dtype: Any = np.dtype(dtype)
        self.nodes: list[Any] = []
        self.constants: dict[tuple[Any, ...], tuple[str, Any]] = {}
        self._made: dict[tuple[Any, ...], Tensor] = {}

    def node(self, op: str, *args: Any, **attributes: Any) -> Tensor:
        """The tensor that an operation makes of tensors and numbers; the same again if it was made before."""
        from onnx import helper

        names = [self.tensor(x).name for x in args]
        if op == "Div" and names[0] == self.tensor(1.0).name:
            op, names = "Reciprocal", names[1:]  # of two 1 / x that are multiplied onnxruntime may lose one
        key = op, *names, *sorted(attributes.items())
        if key not in self._made:
            self._made[key] = Tensor(self, name := f"t{len(self.nodes)}")
            # with a name: onnxruntime 1.20 names what it makes of some by theirs, and refuses two of one name
            self.nodes.append(helper.make_node(op, names, [name], name, **attributes))
        return self._made[key]

    def tensor(self, x: Any) -> Tensor:
        """A tensor as it is; a number, an array or a list of numbers as a constant of the graph's dtype."""
        import numpy as np

        return x if isinstance(x, Tensor) else self.constant(np.asarray(x, self.dtype))

    def constant(self, array: Any) -> Tensor:
        """An array as a constant."""
        key = array.dtype.str, array.shape, array.tobytes()
        if key not in self.constants:
            self.constants[key] = f"c{len(self.constants)}", array
        return Tensor(self, self.constants[key][0])

    def integers(self, numbers: Sequence[int]) -> Tensor:
        """Places, sizes and axes."""
        import numpy as np

        return self.constant(np.asarray(numbers, np.int64))

    def where(self, condition: Tensor, then: Any, otherwise: Any) -> Tensor:
        """Number by number one of two."""
        return self.node("Where", condition, then, otherwise)


class Tensor:
    """A tensor.

    Args:
        graph: that it is of.
        name: in the graph.
    """

    def __init__(self, graph: Graph, name: str) -> None:
        self.graph, self.name = graph, name

    def __add__(self, other: Any) -> Tensor:
        return self.graph.node("Add", self, other)

    def __radd__(self, other: Any) -> Tensor:
        return self.graph.node("Add", other, self)

    def __sub__(self, other: Any) -> Tensor:
        return self.graph.node("Sub", self, other)

    def __rsub__(self, other: Any) -> Tensor:
        return self.graph.node("Sub", other, self)

    def __mul__(self, other: Any) -> Tensor:
        return self.graph.node("Mul", self, other)

    def __rmul__(self, other: Any) -> Tensor:
        return self.graph.node("Mul", other, self)

    def __truediv__(self, other: Any) -> Tensor:
        return self.graph.node("Div", self, other)

    def __rtruediv__(self, other: Any) -> Tensor:
        return self.graph.node("Div", other, self)

    def __neg__(self) -> Tensor:
        return self.graph.node("Neg", self)

    def __lt__(self, other: Any) -> Tensor:
        return self.graph.node("Less", self, other)

    def __le__(self, other: Any) -> Tensor:
        return self.graph.node("LessOrEqual", self, other)

    def __gt__(self, other: Any) -> Tensor:
        return self.graph.node("Greater", self, other)

    def __ge__(self, other: Any) -> Tensor:
        return self.graph.node("GreaterOrEqual", self, other)

    def equals(self, other: Any) -> Tensor:
        """Whether both are the same number."""
        return self.graph.node("Equal", self, other)

    def __and__(self, other: Tensor) -> Tensor:
        return self.graph.node("And", self, other)

    def __or__(self, other: Tensor) -> Tensor:
        return self.graph.node("Or", self, other)

    def __invert__(self) -> Tensor:
        return self.graph.node("Not", self)

    def product(self, other: Tensor, left: int = 0, right: int = 0) -> Tensor:
        """The product of two matrices, of which the left or the right one is transposed before.

        By Gemm: onnxruntime 1.23 joins MatMul and Transpose to what it has in single precision alone.
        """
        return self.graph.node("Gemm", self, other, transA=left, transB=right)

    def shaped(self, *shape: int) -> Tensor:
        """The same numbers in another shape; -1 is for what follows from their number."""
        return self.graph.node("Reshape", self, self.graph.integers(shape))

    def turned(self, *axes: int) -> Tensor:
        """The axes in another order."""
        return self.graph.node("Transpose", self, perm=axes)

    def rows(self, start: int, stop: int, axis: int = 0) -> Tensor:
        """From start to stop on an axis."""
        places = [self.graph.integers([x]) for x in (start, stop, axis)]
        return self.graph.node("Slice", self, *places)

    def taken(self, places: Sequence[int]) -> Tensor:
        """Rows by their places."""
        return self.graph.node("Gather", self, self.graph.integers(places), axis=0)

    def reduced(self, op: str, axis: int, keepdims: bool = True) -> Tensor:
        """The sum, the mean or the largest over an axis: ReduceSum, ReduceMean, ReduceMax."""
        return self.graph.node(op, self, self.graph.integers([axis]), keepdims=int(keepdims))

    def expanded(self, shape: Tensor) -> Tensor:
        """Repeated to a shape, as far as an axis has one place."""
        return self.graph.node("Expand", self, shape)

    def counted(self, truth: Tensor) -> Tensor:
        """1 or 0 for a comparison."""
        return self.graph.where(truth, 1.0, 0.0)
