"""The schemes of the papers, each a width of the distribution; and the gain of an activation.

Which weights are drawn, and how they are set, is said in matrices.py.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Literal, TypeAlias

from autograd.basics.messages import shown

from ..checks import Seed, finite
from ..layers.activations import Activation
from .matrices import Matrix, T, filled, normal, uniform

Fan: TypeAlias = Literal["fan_in", "fan_out"]

_GAINS = {"linear": 1.0, "sigmoid": 1.0, "tanh": 5 / 3, "relu": math.sqrt(2), "selu": 3 / 4}


def gain(nonlinearity: str | Activation, param: float | None = None) -> float:
    """The factor by which weights must be wider, because the activation after them makes signals smaller.

    The numbers are those of PyTorch's `calculate_gain`. For the relu, which stops half of the signal, it is √2, for the
    leaky relu with slope s √(2/(1 + s²)) (He et al. 2015); for the others it has been found by experience.

    Args:
        nonlinearity: "linear", "sigmoid", "tanh", "relu", "leaky_relu" or "selu".
        param: the slope of the leaky relu on the negative side, 0.01 if it is None; the others have none.

    Returns:
        A float.

    Raises:
        ValueError: for any other nonlinearity, or if a slope is given to one that has none, or is not finite.
        TypeError: if the slope is not a number.

    >>> gain("linear"), round(gain("relu"), 6), round(gain("leaky_relu", 0.25), 6)
    (1.0, 1.414214, 1.371989)
    """
    if nonlinearity == "leaky_relu":
        slope = 0.01 if param is None else finite("param", param)
        return math.sqrt(2 / (1 + slope * slope))
    if not isinstance(nonlinearity, str) or nonlinearity not in _GAINS:
        known = ", ".join(map(repr, [*_GAINS, "leaky_relu"]))
        mend = f"pass as nonlinearity one of {known} (for silu and gelu, 'relu' is the usual stand-in)"
        raise ValueError(f"no gain is known for {shown(nonlinearity)}: {mend}")
    if param is not None:
        raise ValueError(f"param is the slope of 'leaky_relu', and {nonlinearity!r} has none: got {shown(param)}")
    return _GAINS[nonlinearity]


def lecun_normal(target: T, seed: Seed = None) -> T:
    """Draw weights from a normal distribution of variance 1/fan_in (LeCun et al. 1998, *Efficient BackProp*, (16)).

    Args:
        target: a `Layer` or `Linear`; a Module, for each of them and each recurrent cell in it; or a matrix, a list of
            rows of Parameters, a row for each unit. Of a layer or cell the biases become 0.
        seed: a number that repeats the same weights, or the `random.Random` to draw them from; None draws new ones.

    Returns:
        The target itself, with other numbers in it.

    Raises:
        TypeError: if the target is neither, or the seed is not one. Nothing has changed then, here and below.
        ValueError: if a Module has no layer or cell in it, or a matrix is empty or its rows differ in length.

    >>> from nn import Layer
    >>> layer = lecun_normal(Layer(100, 1), seed=0)
    >>> sum(w.data**2 for w in layer.neurons[0].w) < 1.5
    True
    """
    return normal(target, seed, lambda m: math.sqrt(1 / m.fan_in))


def xavier_normal(target: T, gain: float = 1.0, seed: Seed = None) -> T:
    """Draw weights from a normal distribution of variance gain² · 2/(fan_in + fan_out) (Glorot & Bengio 2010, (12)).

    Args:
        target, seed: as for `lecun_normal`.
        gain: a positive factor, such as `gain("tanh")`.

    Returns:
        The target itself.

    Raises:
        TypeError, ValueError: as `lecun_normal`; a ValueError, too, if the gain is not positive and finite.

    >>> from nn import MLP
    >>> xavier_normal(MLP(2, [8, 1], activation="tanh"), gain("tanh"), seed=0)
    MLP(2, [8, 1], activation='tanh')
    """
    factor = _positive("gain", gain)
    return normal(target, seed, lambda m: factor * math.sqrt(2 / (m.fan_in + m.fan_out)))


def xavier_uniform(target: T, gain: float = 1.0, seed: Seed = None) -> T:
    """Draw weights that are uniform in ±gain · √(6/(fan_in + fan_out)) (Glorot & Bengio 2010, (16)).

    Args:
        target, gain, seed: as for `xavier_normal`.

    Returns:
        The target itself.

    Raises:
        TypeError, ValueError: as `xavier_normal`.

    >>> from nn import Layer
    >>> layer = xavier_uniform(Layer(3, 3), seed=0)
    >>> all(-1 <= w.data <= 1 for neuron in layer.neurons for w in neuron.w)
    True
    """
    factor = _positive("gain", gain)
    return uniform(target, seed, lambda m: factor * math.sqrt(6 / (m.fan_in + m.fan_out)))


def kaiming_normal(
    target: T, mode: Fan = "fan_in", nonlinearity: str | Activation | None = None, seed: Seed = None
) -> T:
    """Draw weights from a normal distribution of variance gain²/fan (He et al. 2015, (10) and (14)).

    Args:
        target, seed: as for `lecun_normal`.
        mode: "fan_in", to keep the size of signals on their way forward, or "fan_out", that of gradients on their way
            back.
        nonlinearity: the activation that `gain` is to be of. None takes each Layer's own; for a recurrent cell its
            `nonlinearity` (tanh, if it has none), for a matrix the relu. Name it where the activation is not in the
            Layer, but comes after it.

    Returns:
        The target itself.

    Raises:
        TypeError, ValueError: as `lecun_normal`; a ValueError, too, if there is no such mode, or no `gain` is known.

    >>> from nn import MLP
    >>> kaiming_normal(MLP(2, [8, 1], activation="relu"), seed=0)
    MLP(2, [8, 1], activation='relu')
    """
    return normal(target, seed, _kaiming(mode, nonlinearity))


def kaiming_uniform(
    target: T, mode: Fan = "fan_in", nonlinearity: str | Activation | None = None, seed: Seed = None
) -> T:
    """Draw weights that are uniform in ±gain · √(3/fan), of the same variance as those of `kaiming_normal`.

    Args:
        target, mode, nonlinearity, seed: as for `kaiming_normal`.

    Returns:
        The target itself.

    Raises:
        TypeError, ValueError: as `kaiming_normal`.

    >>> from nn import Layer
    >>> layer = kaiming_uniform(Layer(6, 3, activation="relu"), seed=0)
    >>> all(-1 <= w.data <= 1 for neuron in layer.neurons for w in neuron.w)
    True
    """
    std = _kaiming(mode, nonlinearity)
    return uniform(target, seed, lambda m: math.sqrt(3) * std(m))


def zeros(target: T) -> T:
    """Set all weights to 0, and the biases with them: with hidden layers a network that can't learn, as all are alike.

    Args:
        target: as for `lecun_normal`.

    Returns:
        The target itself.

    Raises:
        TypeError, ValueError: as `lecun_normal`.

    >>> from nn import Layer
    >>> zeros(Layer(2, 1))([3.0, 4.0]).data
    0.0
    """
    return constant(target, 0.0)


def constant(target: T, value: float) -> T:
    """Set all weights to one number, and the biases to 0.

    Args:
        target: as for `lecun_normal`.
        value: a finite number.

    Returns:
        The target itself.

    Raises:
        TypeError, ValueError: as `lecun_normal`, or if the value is not a finite number.

    >>> from nn import Layer
    >>> constant(Layer(2, 1, activation="linear"), 0.5)([3.0, 4.0]).data
    3.5
    """
    value = finite("value", value)
    return filled(target, lambda m: lambda: value)


def _kaiming(mode: Fan, nonlinearity: str | Activation | None) -> Callable[[Matrix], float]:
    if mode not in ("fan_in", "fan_out"):
        raise ValueError(f"mode must be 'fan_in' or 'fan_out', got {shown(mode)}")

    def std(m: Matrix) -> float:
        fan = m.fan_in if mode == "fan_in" else m.fan_out
        return gain(m.activation if nonlinearity is None else nonlinearity) / math.sqrt(fan)

    return std


def _positive(name: str, x: float) -> float:
    x = finite(name, x)
    if x <= 0:
        raise ValueError(f"{name} must be positive, got {shown(x)}")
    return x
