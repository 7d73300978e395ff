"""Diagnostics: what goes on inside a network, layer by layer: gradients, signals, saturated and dead units.

Each function looks at a copy of the model, in the mode (training or evaluation) that the model is in; of the model
itself nothing changes, no gradient, no running statistic, no random generator. What each returns is a dict that plots
itself. How the copy is made stands in inside.py, the drawing in pictures.py; gradients over a training in history.py.

A layer is named by its place in the model. The functions that look at signals look at neurons (`Neuron`, `Layer`,
`MLP`), a layer being the innermost module around them, at each `PReLU`, and at the activations between the modules of a
`Sequential`. A layer that is called several times for an example counts with all its calls.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from statistics import pvariance
from typing import TYPE_CHECKING, Any, overload

from autograd import Value, grad, gradient, mean, no_grad
from autograd import sum as total
from autograd.basics.arguments import number
from autograd.basics.messages import shown
from autograd.modes import mode

from ..checks import is_loss, is_module
from ..layers.activations import linear
from ..layers.names import parameters_by_layer
from ..module import Module
from ..pictures.by_depth import by_depth
from ..pictures.figure import PROJECTOR, new_figure
from ..pictures.figure import shown as show
from ..training.evaluate import outputs_for
from .probes import Unit, twin_of, watched

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Loss = Callable[[Any, Any], Any]


class ByLayer(dict[str, float]):
    """A number for each layer by its name, in order of depth: a dict that plots itself.

    Args:
        numbers: those numbers.
        title: what the plot is called.
        quantity: what the numbers are, for the axis.
        share: whether they are parts of a whole, from 0 to 1; others are drawn on a scale of powers of ten where they
            range that far.

    >>> shares = ByLayer({"layers.0": 0.5, "layers.1": 0.25}, "A title", "a quantity")
    >>> shares
    {'layers.0': 0.5, 'layers.1': 0.25}
    >>> figure = shares.plot()
    """

    def __init__(self, numbers: Mapping[str, float], title: str, quantity: str, share: bool = False) -> None:
        super().__init__(numbers)
        self.title, self.quantity, self.share = title, quantity, share

    @overload
    def plot(self, axes: None = None, label: str = "") -> Figure: ...
    @overload
    def plot(self, axes: Axes, label: str = "") -> None: ...
    def plot(self, axes: Any = None, label: str = "") -> Any:
        """Draw the numbers from the first layer to the last.

        Args:
            axes: of Matplotlib, to draw on them, also over what another call has drawn there; None for a new figure.
            label: a name in the legend, to tell several curves on the same axes apart; "" for no legend.

        Returns:
            The new Figure, which shows itself where it is the last line of a notebook's cell; nothing for axes that
            were given, whose figure the notebook shows anyway.

        Raises:
            ImportError: if Matplotlib is not installed.
        """
        import matplotlib

        settings: Any = PROJECTOR
        with matplotlib.rc_context(settings):
            figure = new_figure(10, 5) if axes is None else None
            axes = figure.subplots() if figure else axes
            by_depth(axes, self, share=self.share, label=label)
            axes.set_title(self.title)
            axes.set_ylabel(self.quantity)
        return show(figure) if figure else None


# ----------------------------------------------------------------------------------------------------------- gradients


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
    variances = {name: _variance([next(rest) for unit in units for _ in unit.y]) for name, units in layers.items()}
    return ByLayer(variances, "Variance of the gradients by layer", "variance of ∂loss / ∂output")


# ------------------------------------------------------------------------------------------------------------- signals


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
    variances = {name: _variance([y.data for unit in units for y in unit.y]) for name, units in layers.items()}
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
    for name, units in _bent(model, inputs).items():
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
    layers = _bent(model, inputs)
    shares = {name: sum(not any(unit.slopes()) for unit in units) / len(units) for name, units in layers.items()}
    return ByLayer(shares, "Dead units: slope 0 for every example", "share of the units", True)


# ----------------------------------------------------------------------------------------------------- what serves them


def _signals(model: Module, inputs: Any) -> dict[str, list[Unit]]:
    is_module(model)
    with no_grad():
        return watched(model, _listed("inputs", inputs))[0]


def _bent(model: Module, inputs: Any) -> dict[str, list[Unit]]:
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


def _variance(xs: Sequence[float]) -> float:
    """That of these very numbers, exactly 0 for equal ones; nan if one of them is not finite."""
    if not all(map(math.isfinite, xs)):
        return math.nan
    try:
        return float(pvariance(xs))
    except OverflowError:
        return math.inf


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
    xs, ts = _listed("inputs", inputs), _listed("targets", targets)
    if len(xs) != len(ts):
        raise ValueError(f"each input needs a target, got {len(xs)} inputs and {len(ts)} targets")
    return xs, ts


def _listed(name: str, data: Any) -> list[Any]:
    data = data.tolist() if hasattr(data, "tolist") else data
    if isinstance(data, str) or not isinstance(data, Sequence):
        raise TypeError(f"{name} must be a list with an item for each example, got {shown(data)}")
    if not data:
        raise ValueError(f"{name} must have at least one example, got none")
    return list(data)
