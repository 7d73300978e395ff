"""Signals by layer, of a batch: their variance, and the units that are saturated or dead."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from autograd import grad, no_grad
from autograd.basics.arguments import number
from autograd.basics.messages import shown

from ..checks import is_module
from ..layers.activations import linear
from ..module import Module
from .by_layer import ByLayer
from .probes import Unit, listed, variance, watched


def signal_variance(model: Module, inputs: Sequence[Any]) -> ByLayer:
    """The variance of the outputs of each layer, over units and examples (Glorot & Bengio 2010, equation 5).

    Args:
        model: a Module with neurons in it.
        inputs: n examples, each what the model takes.

    Returns:
        A ByLayer; the outputs inside of a Residual are those before the sum. A variance that is too large for a float
        is infinite.

    Raises:
        ValueError: if there are no examples, or no neuron is called.
        TypeError: if an argument has the wrong type.

    >>> from nn import MLP
    >>> model = MLP(1, [2, 1], activation="linear", seed=0)
    >>> for neuron in model.layers[0].neurons:
    ...     neuron.w[0].data, neuron.b.data = 3.0, 0.0
    >>> signal_variance(model, [[-1.0], [1.0]])["layers.0"]
    9.0
    """
    layers = _signals(model, inputs)
    variances = {name: variance([y.data for unit in units for y in unit.y]) for name, units in layers.items()}
    return ByLayer(variances, "Variance of the signals by layer", "variance of the outputs")


def saturated_share(model: Module, inputs: Sequence[Any], below: float = 0.01) -> ByLayer:
    """The share of saturated units by layer: those where the activation φ is flat, so that hardly a gradient passes.

    A unit is saturated for an example if its slope φ'(z) is 0, or smaller in size than `below` times the greatest that
    φ has for z from -4 to 4 (of tanh and relu that is 1, of sigmoid 1/4). For relu these are the units that are off.

    Args:
        model, inputs: as for `signal_variance`.
        below: the part of the greatest slope, more than 0 and at most 1.

    Returns:
        A ByLayer with a share from 0 to 1 of all pairs (unit, example); layers without an activation are left out.

    Raises:
        ValueError, TypeError: as `signal_variance`; a ValueError if below is out of its range, or no layer has an
            activation.

    >>> from nn import Neuron
    >>> neuron = Neuron(1, activation="tanh")
    >>> neuron.w[0].data, neuron.b.data = 1.0, 0.0
    >>> saturated_share(neuron, [[0.0], [1.0], [10.0], [-20.0]])
    {'Neuron': 0.5}
    """
    if not 0 < number(below, "below") <= 1:
        raise ValueError(f"below must be more than 0 and at most 1, got {shown(below)}")
    greatest: dict[Any, float] = {}
    shares: dict[str, float] = {}
    for name, units in _with_activation(model, inputs).items():
        flat = []
        for unit in units:
            phi = unit.phi
            if id(phi) not in greatest:  # nearly always all units have the same
                greatest[id(phi)] = _greatest_slope(phi)
            flat += [slope == 0 or abs(slope) < below * greatest[id(phi)] for slope in unit.slopes()]
        shares[name] = sum(flat) / len(flat)
    return ByLayer(shares, f"Saturated: slope below {below:.3g} of its greatest", "share of units, examples", True)


def dead_share(model: Module, inputs: Sequence[Any]) -> ByLayer:
    """The share of dead units by layer: the slope of their activation is 0 for every example of the batch.

    No gradient reaches the weights of such a unit, so it stays as it is: a dying ReLU (Lu et al. 2019).

    Args:
        model, inputs: as for `signal_variance`; a unit that is dead for a few examples may be alive for others.

    Returns:
        A ByLayer with a share from 0 to 1 of the units; layers without an activation are left out.

    Raises:
        ValueError, TypeError: as `signal_variance`; a ValueError if no layer has an activation.

    >>> from nn import Layer
    >>> layer = Layer(1, 2, activation="relu", seed=0)
    >>> layer.neurons[0].b.data, layer.neurons[1].b.data = 1.5, -100.0
    >>> dead_share(layer, [[-1.0], [0.0], [1.0]])
    {'Layer': 0.5}
    """
    layers = _with_activation(model, inputs)
    shares = {name: sum(not any(unit.slopes()) for unit in units) / len(units) for name, units in layers.items()}
    return ByLayer(shares, "Dead units: slope 0 for every example", "share of the units", True)


def _signals(model: Module, inputs: Any) -> dict[str, list[Unit]]:
    is_module(model)
    with no_grad():
        return watched(model, listed("inputs", inputs))[0]


def _with_activation(model: Module, inputs: Any) -> dict[str, list[Unit]]:
    """The layers that have an activation."""
    layers = {name: [u for u in units if u.phi is not linear] for name, units in _signals(model, inputs).items()}
    layers = {name: units for name, units in layers.items() if units}
    if not layers:
        raise ValueError(f"no layer of {model!r} has an activation: all are linear, and no slope can vanish")
    return layers


_NEAR = [k / 8 for k in range(-32, 33)]  # from -4 to 4, where signals should be


def _greatest_slope(phi: Any) -> float:
    slope, found = grad(phi), [0.0]
    for z in _NEAR:
        with suppress(ValueError, ArithmeticError):  # a logarithm isn't defined everywhere
            found.append(abs(slope(z)))
    return max(found)
