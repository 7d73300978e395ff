"""A picture of a model: its layers in a row, with the shapes of their parameters; or the neurons in them.

What a model is isn't known here: anything with `named_parameters()` will do. One with a list `layers` is drawn as
these, one after the other; any other is one layer. Neurons are opened where a layer says how many inputs it has, `nin`.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any, NamedTuple, Protocol

from ...notation.short import short
from ...notation.text import figure, markup, tooltip
from ...value import Value
from .dot import flowing
from .looks import DOWN, EDGE, GRAPH, KINDS, NODE, OPERATION, OUTPUT

_MOST_LINES = 1500  # of a picture of neurons: more can't be told apart


class Model(Protocol):
    """What can be drawn: a module of nn, or anything like it."""

    def named_parameters(self) -> list[tuple[str, Any]]:
        """The parameters, each with its place: `layers.0.neurons.1.w.0`."""
        ...


class Stage(NamedTuple):
    """A layer, or an activation between two.

    Args:
        name: the class of the layer, or the activation's name.
        activation: what the layer itself applies at its end, "" for nothing.
        shapes: of its parameters, by name.
        size: how many numbers it hands on; None for as many as it gets.
        weights: of neurons that are connected to all inputs, a row for each; else empty.
        biases: of these neurons, which may have none.
        parameters: how many there are; None for an activation.
    """

    name: str
    activation: str = ""
    shapes: dict[str, str] = {}  # noqa: RUF012  nobody changes it
    size: int | None = None
    weights: list[list[Value]] = []  # noqa: RUF012
    biases: list[Value] = []  # noqa: RUF012
    parameters: int | None = None


def stages(model: Any) -> list[Stage]:
    """The layers of a model, in the order in which numbers pass them."""
    parts = getattr(model, "layers", None)
    if not isinstance(parts, (list, tuple)) or not parts:
        return [_stage(model)]
    found: list[Stage] = []
    for part in parts:
        if not hasattr(part, "named_parameters"):
            found.append(Stage(part if isinstance(part, str) else getattr(part, "__name__", type(part).__name__)))
        else:
            found += stages(part) if isinstance(getattr(part, "layers", None), (list, tuple)) else [_stage(part)]
    return found


def _stage(module: Any) -> Stage:
    arrays: dict[str, dict[tuple[int, ...], Value]] = {}
    for name, parameter in module.named_parameters():
        parts = name.split(".")
        words = [word for word in parts if not word.isdigit() and word != "neurons"]
        arrays.setdefault(".".join(words), {})[tuple(int(word) for word in parts if word.isdigit())] = parameter
    shapes = {name: "×".join([str(max(axis) + 1) for axis in zip(*array)]) for name, array in arrays.items()}
    matrices = [array for array in arrays.values() if all(len(place) == 2 for place in array)]
    weights: list[list[Value]] = []
    biases: list[Value] = []
    if len(matrices) == 1 and len(arrays) <= 2 and hasattr(module, "nin"):
        (matrix,) = matrices
        for (i, _), w in matrix.items():
            weights += [[]] * (i == len(weights))
            weights[i] = [*weights[i], w]
        biases = [b for array in arrays.values() if array is not matrix for b in array.values()]
    elif set(arrays) == {"w", "b"}:  # a neuron alone
        weights, biases = [list(arrays["w"].values())], list(arrays["b"].values())
    size = getattr(module, "nout", getattr(module, "nhidden", None)) or len(weights) or None
    applied = getattr(module, "activation", "linear")
    applied = applied if isinstance(applied, str) else getattr(applied, "__name__", type(applied).__name__)
    count = sum(len(array) for array in arrays.values())
    name = type(module).__name__
    return Stage(name, "" if applied == "linear" else applied, shapes, size, weights, biases, count)


def picture(model: Any, neurons: bool, down: bool, max_nodes: int) -> tuple[str, int, int, str]:
    """A model in DOT, how many nodes and operations are in the picture, and the same in words.

    Args:
        model: what is drawn.
        neurons: whether its layers are opened into neurons.
        down: whether it runs down.
        max_nodes: how many neurons and inputs a picture may show at most.

    Raises:
        ValueError: if there are more.
    """
    import graphviz

    found = stages(model)
    drawn = graphviz.Digraph(graph_attr={**GRAPH, **DOWN} if down else GRAPH, node_attr=NODE, edge_attr=EDGE)
    first = getattr(model, "nin", None) or next((len(x.weights[0]) for x in found if x.weights), None)
    opened = neurons and first is not None
    if opened:
        _refuse_if_too_large(found, first or 0, max_nodes)
        nodes = _neurons(drawn, _merged(found), first or 0)
    else:
        nodes = _layers(drawn, found, first)
    count = sum(x.parameters or 0 for x in found)
    told = ", then ".join([_told(x) for x in found])
    name = type(model).__name__
    said = f"A model, {name}, of {count:,} parameter{'s' * (count != 1)}: {told}."
    return str(drawn.source), nodes, len(found), said if first is None else f"{said[:-1]}; it takes {first}."


def _told(stage: Stage) -> str:
    shapes = ", ".join([f"{name} {shape}".strip() for name, shape in stage.shapes.items()])
    return stage.name + (f" with {shapes}" if shapes else "") + (f" and {stage.activation}" if stage.activation else "")


def _layers(drawn: Any, found: list[Stage], first: int | None) -> int:
    """A box for each layer, and on the arrows how many numbers pass."""
    given = f"{first} input{'s' * (first != 1)}" if first else "inputs"
    drawn.node("in", given, tooltip=given, **KINDS["input"])
    size = first
    for i, stage in enumerate(found):
        said = tooltip(_told(stage))
        if stage.parameters is None:
            drawn.node(f"s{i}", markup(stage.name), tooltip=said, **OPERATION)
        else:
            drawn.node(f"s{i}", _box(stage), tooltip=said, **(OUTPUT if i == len(found) - 1 else {}))
        numbers = f"{size} number{'s' * (size != 1)}" if size else "numbers"
        drawn.edge("in" if i == 0 else f"s{i - 1}", f"s{i}", f" {size or ''} ", tooltip=f"{numbers} to {stage.name}")
        size = stage.size or size
    drawn.node("out", f"{size} output{'s' * (size != 1)}" if size else "outputs", tooltip="outputs", shape="plain")
    drawn.edge(f"s{len(found) - 1}", "out", tooltip="outputs")
    return len(found) + 2


def _box(stage: Stage) -> str:
    head = f"<b>{markup(stage.name)}</b>" + (f"   {markup(stage.activation)}" if stage.activation else "")
    colour = KINDS["parameter"]["fillcolor"]
    rows = "".join(
        f'<tr><td align="left" bgcolor="{colour}">{markup(name)}</td>'
        f'<td align="right" bgcolor="{colour}">{shape or "1"}</td></tr>'
        for name, shape in stage.shapes.items()
    )
    table = '<table border="0" cellborder="0" cellspacing="0" cellpadding="4">'
    return f'<{table}<tr><td colspan="2">{head}</td></tr>{rows}</table>>'


def _refuse_if_too_large(found: list[Stage], first: int, most: int) -> None:
    neurons = first + sum(len(x.weights) for x in found)
    lines = sum(len(row) for x in found for row in x.weights)
    if neurons > most or lines > _MOST_LINES:
        raise ValueError(
            f"the model has {neurons:,} inputs and neurons with {lines:,} weights between them, too many to read"
            f" (max_nodes={most}, and {_MOST_LINES:,} weights): draw(model) shows its layers, or draw one of them"
        )


def _merged(found: list[Stage]) -> list[Stage]:
    """The stages, with an activation between two layers as one of the neurons before it."""
    merged: list[Stage] = []
    for stage in found:
        if stage.parameters is None and merged and merged[-1].weights and not merged[-1].activation:
            merged[-1] = merged[-1]._replace(activation=stage.name)
        else:
            merged.append(stage)
    return merged


def _neurons(drawn: Any, found: list[Stage], first: int) -> int:
    """A circle for each neuron, and a line for each weight, as wide as its gradient."""
    grads = [abs(w.grad) for stage in found for row in stage.weights for w in row]
    most = max(grads, default=0.0)
    column = [f"x{j}" for j in range(first)]
    for j, name in enumerate(column):
        drawn.node(name, f"x{j + 1}", tooltip=f"input {j + 1}", shape="circle", **KINDS["input"])
    _in_order(drawn, column)
    nodes = len(column)
    for i, stage in enumerate(found):
        if not stage.weights:
            drawn.node(f"s{i}", markup(stage.name), tooltip=tooltip(_told(stage)), **OPERATION)
            for name in column:
                drawn.edge(name, f"s{i}", tooltip=tooltip(f"to {stage.name}"))
            column, nodes = [f"s{i}"], nodes + 1
            continue
        after = [f"s{i}n{k}" for k in range(len(stage.weights))]
        last = i == len(found) - 1
        for k, name in enumerate(after):
            bias = f", {_number(stage.biases[k])}" if k < len(stage.biases) else ""
            said = f"neuron {k + 1} of {stage.name}{f', {stage.activation}' if stage.activation else ''}{bias}"
            label = stage.activation or "Σ"
            drawn.node(name, markup(label), tooltip=tooltip(said), shape="circle", **(OUTPUT if last else {}))
            for j, w in enumerate(stage.weights[k]):
                start = column[j] if len(column) == len(stage.weights[k]) else column[0]
                drawn.edge(start, name, tooltip=tooltip(_number(w)), **{"penwidth": "1", **flowing(w.grad, most)})
        _in_order(drawn, after)
        column, nodes = after, nodes + len(after)
    return nodes


def _number(parameter: Value) -> str:
    return f"{short(parameter.label)} = {figure(parameter.data)}, gradient {figure(parameter.grad)}"


def _in_order(drawn: Any, names: list[str]) -> None:
    with drawn.subgraph() as rank:
        rank.attr(rank="same")
        for a, b in pairwise(names):
            rank.edge(a, b, style="invis")
