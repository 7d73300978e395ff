"""A program as an ONNX model: inputs and parameters go in, the loss and the gradient come out.

Opset 18 is the newest for which onnxruntime has all that double precision needs.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ....basics.extras import installing
from ...engines import Task
from ...ir import Array
from ...specialization import Specialization
from ..identifiers import Identifiers
from .arrays import Sizes, added, computed
from .tensors import Graph, Tensor

OPSET, IR_VERSION = 18, 8


def model(specialization: Specialization, arguments: Sequence[str], gradients: bool) -> Any:
    """The model, an onnx.ModelProto.

    Args:
        specialization: what a function is for examples of one shape.
        arguments: the names of its arguments.
        gradients: whether it has the loss and the gradient, or what the function returns for each example.

    Raises:
        ImportError: if there is no onnx.
        TypeError: if it is not known how ONNX computes a rule, or the program's dtype is half precision.
    """
    import numpy as np

    try:
        from onnx import checker, helper, numpy_helper
    except ImportError:
        raise ImportError(f"to_onnx needs onnx, which comes with the extra `export`: {installing('export')}") from None
    dtype = specialization.spec.dtype
    if dtype not in ("float64", "float32"):
        raise TypeError(f"to_onnx writes programs in float64 and float32, and this one is in {dtype}")
    graph, shapes = Graph(dtype), specialization.shapes
    kind = helper.np_dtype_to_tensor_dtype(graph.dtype)
    inputs = specialization.operations.inputs
    names = _names(specialization, arguments, len(inputs))
    sizes = Sizes(graph.node("Shape", Tensor(graph, names[0]), start=0, end=1))
    given, tensors = [], {}
    for i, (x, name) in enumerate(zip(inputs, names)):
        shape = shapes[i] if i < len(shapes) else (x.rows,)
        given.append(helper.make_tensor_value_info(name, kind, ["examples", *shape]))
        flat = Tensor(graph, name).shaped(0, -1) if x.rows else graph.tensor(0.0).expanded(sizes.shape(0)).turned(1, 0)
        tensors[x.serial] = flat.turned(1, 0)
    position = {id(p): i for i, p in enumerate(specialization.spec.parameters)}
    order = [position[id(p)] for p in specialization.parameters]
    numbers = [p.data for p in specialization.spec.parameters]
    initial = []
    if numbers:
        given.append(helper.make_tensor_value_info("parameters", kind, [len(numbers)]))
        initial.append(numpy_helper.from_array(np.asarray(numbers, graph.dtype), "parameters"))
    if specialization.operations.vector is not None:
        vector = Tensor(graph, "parameters").shaped(-1, 1)
        in_order = order == [*range(len(numbers))]
        tensors[specialization.operations.vector.serial] = vector if in_order else vector.taken(order)
    task = specialization.task("step" if gradients else "map")
    for node in task.operations:
        if node.op == "captured":
            captured = [[x.data] for x in specialization.operations.captured]
            tensors[node.serial] = graph.tensor(captured)
        elif node.serial not in tensors:
            args = [tensors[x.serial] if isinstance(x, Array) else x for x in node.args]
            tensors[node.serial] = computed(node, args, sizes)
    results = (
        _with_gradient(task, tensors, sizes, order, specialization)
        if gradients
        else _each(task, tensors, sizes, specialization)
    )
    for name, (tensor, _) in results.items():
        graph.nodes.append(helper.make_node("Identity", [tensor.name], [name]))
    initial += [numpy_helper.from_array(array, name) for name, array in graph.constants.values()]
    returned = [helper.make_tensor_value_info(name, kind, shape) for name, (_, shape) in results.items()]
    whole = helper.make_graph(graph.nodes, "program", given, returned, initial)
    made = helper.make_model(
        whole, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR_VERSION, producer_name="chainrule"
    )
    checker.check_model(made)
    return made


def _names(specialization: Specialization, arguments: Sequence[str], count: int) -> list[str]:
    identifiers = Identifiers({"parameters", "loss", "gradient", "outputs"})
    wanted = [*arguments, *[f"x{i + 1}" for i in range(len(arguments), count)]][:count]
    if specialization.sources:
        wanted[-1] = "noise"  # the random numbers of dropout and the like
    return [f"{name}_" if name[1:].isdigit() else name for name in [identifiers.free(x) for x in wanted]]  # t1, c1


def _with_gradient(
    task: Task, tensors: dict[int, Tensor], sizes: Sizes, order: Sequence[int], specialization: Specialization
) -> dict[str, tuple[Tensor, list[Any]]]:
    """The loss, a number, and the gradient in the order of the parameters."""
    graph, mean = sizes.graph, task.mean
    loss = tensors[mean.serial] if isinstance(mean, Array) else graph.tensor([[mean]])
    results: dict[str, tuple[Tensor, list[Any]]] = {
        "loss": (graph.node("Reshape", loss.reduced("ReduceMean", 1), graph.integers([])), [])
    }
    if order:
        total = graph.tensor([[0.0]] * len(specialization.spec.parameters))
        for rows, g in task.gradient:
            places = [order[i] for i in (range(len(order)) if rows is None else rows)]
            total = added(total, places, tensors[g.serial] if isinstance(g, Array) else g, None)
        total = total if specialization.loss_scale == 1 else total / specialization.loss_scale
        results["gradient"] = total.shaped(-1), [len(specialization.spec.parameters)]
    return results


def _each(
    task: Task, tensors: dict[int, Tensor], sizes: Sizes, specialization: Specialization
) -> dict[str, tuple[Tensor, list[Any]]]:
    """What the function returns: for each example a row with all of its numbers."""
    graph, count = sizes.graph, len(specialization.operations.outputs)
    rows = [tensors[x.serial] if isinstance(x, Array) else graph.tensor([[x]]) for x in task.results[:count]]
    each = [row.expanded(sizes.shape(1)) for row in rows]
    return {"outputs": (graph.node("Concat", *each, axis=0).turned(1, 0), ["examples", count])}
