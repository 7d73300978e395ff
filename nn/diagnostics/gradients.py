"""Gradients by layer, of a batch. Those over a training are in its History."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

from autograd import Value, gradient, mean
from autograd import sum as total
from autograd.modes import mode

from ..checks import is_loss, is_module
from ..layers.names import parameters_by_layer
from ..module import Module
from ..training.evaluate import outputs_for
from .by_layer import ByLayer
from .probes import listed, twin_of, variance, watched

Loss = Callable[[Any, Any], Any]


def gradient_norms(model: Module, loss: Loss, inputs: Sequence[Any], targets: Sequence[Any]) -> ByLayer:
    """The norm of the gradient by layer: ‖∂L/∂w‖ over the layer's parameters, L being the mean loss of the batch.

    Args:
        model: a Module with parameters.
        loss: `loss(output, target)` for one example.
        inputs: n examples, each what the model takes.
        targets: n targets, each what the loss takes.

    Returns:
        A ByLayer with the layers of `parameters_by_layer`.

    Raises:
        ValueError: if there are no examples, or not as many targets; if there are no parameters; if the loss depends on
            none, or a gradient is not finite.
        TypeError: if an argument has the wrong type.

    >>> from nn import MLP, mse_loss
    >>> model = MLP(1, [8, 8, 8, 1], activation="sigmoid", seed=0)
    >>> norms = gradient_norms(model, mse_loss, [[0.0], [1.0]], [1.0, 3.0])
    >>> norms["layers.0"] < norms["layers.1"] < norms["layers.2"] < norms["layers.3"]
    True
    """
    inputs, targets = _pairs(model, loss, inputs, targets)
    twin = twin_of(model)
    layers = parameters_by_layer(twin)
    if not layers:
        raise ValueError(f"{model!r} has no parameters, and so no gradients")
    with mode(no_grad=False):
        cost = _differentiable(mean(_losses(loss, outputs_for(twin, inputs), targets)))
        # a function in the model that refers to the model is not copied and uses the model's own parameters: they count
        copied, own = gradient(cost, [twin.parameters(), model.parameters()])
    slopes = {p: a + b for p, a, b in zip(twin.parameters(), copied, own)}
    norms = {name: math.hypot(*[slopes[p] for p in parameters]) for name, parameters in layers.items()}
    return ByLayer(norms, "Norm of the gradient by layer", "‖∂loss / ∂parameters‖")


def gradient_variance(model: Module, loss: Loss, inputs: Sequence[Any], targets: Sequence[Any]) -> ByLayer:
    """The variance of the gradients at the outputs of each layer: of ∂L/∂y over units and examples.

    L is the sum of the losses, so that ∂L/∂y is the derivative of an example's own loss, unless a layer such as
    BatchNorm mixes the examples. In a deep network that is to learn, signals keep their variance on the way forward and
    gradients theirs on the way back (Glorot & Bengio 2010, equations 8 and 9; there the gradients are those at the
    inputs of the activations).

    Args:
        model, loss, inputs, targets: as for `gradient_norms`.

    Returns:
        A ByLayer; the outputs inside of a Residual are those before the sum.

    Raises:
        ValueError, TypeError: as `gradient_norms`; a ValueError if no neuron is called, or one inside of a function
            that is checkpointed.

    >>> from nn import MLP, mse_loss
    >>> model = MLP(1, [8, 8, 8, 1], activation="sigmoid", seed=0)
    >>> variance = gradient_variance(model, mse_loss, [[0.0], [1.0]], [1.0, 3.0])
    >>> variance["layers.0"] < variance["layers.1"] < variance["layers.2"] < variance["layers.3"]
    True
    """
    inputs, targets = _pairs(model, loss, inputs, targets)
    with mode(no_grad=False):
        layers, outputs = watched(model, inputs)
        if any(unit.forgotten for units in layers.values() for unit in units):
            raise ValueError(
                "the graph of a checkpointed function is not kept, so the gradients inside of it can't be looked at:"
                " call the function without checkpoint"
            )
        cost = _differentiable(total(_losses(loss, outputs, targets)))
        slopes = gradient(cost, [y for units in layers.values() for unit in units for y in unit.y])
    rest = iter(slopes)  # in that order
    variances = {name: variance([next(rest) for unit in units for _ in unit.y]) for name, units in layers.items()}
    return ByLayer(variances, "Variance of the gradients by layer", "variance of ∂loss / ∂output")


def _losses(loss: Any, outputs: list[Any], targets: list[Any]) -> list[Any]:
    return [loss(output, target) for output, target in zip(outputs, targets)]


def _differentiable(cost: Any) -> Value:
    if not isinstance(cost, Value) or not cost.op:
        raise ValueError("the loss depends on no parameter: there is no gradient to look at")
    return cost


def _pairs(model: Any, loss: Any, inputs: Any, targets: Any) -> tuple[list[Any], list[Any]]:
    """Inputs and targets as lists; an error if an argument is something else, or if they don't pair up."""
    is_module(model)
    is_loss(loss)
    xs, ts = listed("inputs", inputs), listed("targets", targets)
    if len(xs) != len(ts):
        raise ValueError(f"each input needs a target, got {len(xs)} inputs and {len(ts)} targets")
    return xs, ts
