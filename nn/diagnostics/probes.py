"""Looking inside a network: a copy of it, in which each unit notes what passes through its activation.

So no module needs hooks, and the model itself stays as it is: gradients, modes, running statistics, random generators.
What is made of the notes stands in gradients.py and signals.py.
"""

from __future__ import annotations

import copy
import math
import random
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from autograd import Value, grad, leaky_relu
from autograd.modes import current

from ..checks import sequence
from ..layers.activations import Activation, PReLU, function_of, slopes_for
from ..layers.containers import Sequential
from ..layers.inputs import listed_inputs, outputs_of
from ..layers.names import layer_names
from ..layers.neuron import Neuron
from ..module import Module, parts_of
from ..training.evaluate import outputs_for


def watched(model: Module, inputs: Sequence[Any]) -> tuple[dict[str, list[Unit]], list[Any]]:
    """Let a batch pass through a copy of a model.

    Args:
        model: any Module.
        inputs: n examples, each what the model takes.

    Returns:
        The units that were called by the name of their layer, in order of depth; and the n outputs.

    Raises:
        ValueError: if none was called.

    >>> from nn import MLP
    >>> layers, outputs = watched(MLP(2, [3, 1], activation="tanh", seed=0), [[1.0, 2.0], [3.0, 4.0]])
    >>> [(name, len(units), len(units[0].z)) for name, units in layers.items()]
    [('layers.0', 3, 2), ('layers.1', 1, 2)]
    """
    twin = twin_of(model)
    layers: dict[str, list[Unit]] = {}
    layer_of = layer_names(twin)
    parts = twin.named_modules()
    of_neurons = {id(module.activation) for _, module in parts if isinstance(module, Neuron)}
    for name, module in parts:
        if isinstance(module, Neuron):
            module.activation = Unit(function_of(module.activation), layer_of(name), layers)
        elif type(module) is PReLU and id(module) not in of_neurons:
            vars(module).update(unit=partial(Unit, layer=layer_of(name), layers=layers), units=[])
            module.__class__ = _EachSlope
        elif isinstance(module, Sequential):
            for i, layer in enumerate(module.layers):
                if not isinstance(layer, Module):
                    place = f"{name}.layers.{i}" if name else f"layers.{i}"
                    module.layers[i] = _Each(partial(Unit, function_of(layer), place, layers))
    outputs = outputs_for(twin, inputs)
    if not layers:
        raise ValueError(
            f"{model!r} calls no neurons: signals are looked at where there are Neurons (Layer, MLP), a PReLU, or"
            " activations in a Sequential"
        )
    return layers, outputs


class Unit:
    """The activation of one unit, which notes what it is applied to and what comes out.

    Args:
        phi: the activation itself.
        layer: the name of its layer.
        layers: the units by layer. This one joins when it is called first, so that they are in order of depth.
    """

    def __init__(self, phi: Activation, layer: str, layers: dict[str, list[Unit]]) -> None:
        self.phi, self.layer, self.layers = phi, layer, layers
        self.z: list[float] = []
        self.y: list[Value] = []
        self.forgotten = False  # whether it was called in a checkpointed function, whose graph is not kept

    def __call__(self, z: Any) -> Value:
        y = self.phi(z)
        y = y if isinstance(y, Value) else Value(y)
        if not self.z:
            self.layers.setdefault(self.layer, []).append(self)
        self.z.append(z.data if isinstance(z, Value) else z)
        self.y.append(y)
        self.forgotten |= current().journal is not None
        return y

    def slopes(self) -> list[float]:
        """φ'(z) at all that it was applied to, from the rule table."""
        slope = grad(self.phi)
        return [slope(z) for z in self.z]


class _Each(Module):
    """The activation between two modules of a Sequential: a unit for each number of an example."""

    def __init__(self, unit: Callable[[], Unit]) -> None:
        self.unit, self.units = unit, list[Unit]()

    def __call__(self, x: Any) -> Any:
        xs = listed_inputs(x)
        self.units += [self.unit() for _ in range(len(xs) - len(self.units))]
        return outputs_of([unit(v) for unit, v in zip(self.units, xs)])


class _EachSlope(PReLU):
    """A PReLU of the copy: a unit for each number of an example, with the slope that is learned for it."""

    unit: Callable[..., Unit]
    units: list[Unit]

    def __call__(self, x: Any) -> Any:
        xs = listed_inputs(x)
        slopes = slopes_for(self, len(xs))
        self.units += [self.unit(partial(_sloped, w)) for w in slopes[len(self.units) :]]
        return outputs_of([unit(v) for unit, v in zip(self.units, xs)])


def _sloped(slope: Any, z: Any) -> Any:
    return leaky_relu(z, slope)


def twin_of(model: Module) -> Module:
    """A copy with the same numbers, modes and states of random generators (the operating system's has none)."""
    return copy.deepcopy(model, {id(source): source for _, source in parts_of(model, random.SystemRandom)})


def listed(name: str, data: Any) -> list[Any]:
    """The data as a list; an error that calls them `name` if they are no list, or empty."""
    items = list(sequence(name, data))
    if not items:
        raise ValueError(f"{name} must have at least one example, got none")
    return items


def variance(xs: Sequence[float]) -> float:
    """The variance of these very numbers, exactly 0 for equal ones; nan if one of them is not finite."""
    from statistics import pvariance  # only here: it takes 10 ms to load

    if not all(map(math.isfinite, xs)):
        return math.nan
    try:
        return float(pvariance(xs))
    except OverflowError:
        return math.inf
