"""Activations, by name or as modules with a parameter of their own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from autograd import Value, leaky_relu
from autograd.basics.messages import shown
from autograd.familiar import by_name
from autograd.operators import METHODS

from ..checks import finite, size
from ..familiar import ACTIVATIONS
from ..module import Module, Parameter
from .inputs import operands_of, outputs_of

Activation = Callable[[Value], Value]


def function_of(activation: str | Activation) -> Activation:
    """The function that an `activation` argument stands for."""
    if isinstance(activation, str) and activation in METHODS:  # asked for in each call of a neuron
        return METHODS[activation]  # type: ignore[no-any-return]
    if callable(activation):
        return activation
    if activation == "linear":
        return linear
    import difflib  # only here: it takes 2 ms to load

    like = []
    if isinstance(activation, str):
        asked = activation.lower()
        names = {**by_name(ACTIVATIONS), **{name: name for name in (*METHODS, "linear")}}
        like = [names[asked]] if asked in names else difflib.get_close_matches(asked, [*METHODS, "linear"])
    mend = ", ".join(map(repr, like or ["relu", "tanh", "linear"]))
    raise ValueError(f"there is no activation {shown(activation)}: try {mend}, or pass a function")


def linear(z: Any) -> Any:
    """No activation: z itself."""
    return z


def name_of(activation: str | Activation) -> str:
    """How an activation is shown: its name, in quotes if it was given by name."""
    if isinstance(activation, str):
        return repr(activation)
    return getattr(activation, "__name__", type(activation).__name__)


class PReLU(Module):
    """max(0, x) + w·min(0, x): a leaky ReLU that learns its slope on the left (He et al. 2015).

    Args:
        num_parameters: 1 for one slope that all inputs share, or the number of inputs for one each.
        init: the first slope.

    Raises:
        ValueError: if num_parameters is not a positive integer, or init is not finite.
        TypeError: if init is not a number.

    >>> phi = PReLU()
    >>> [y.data for y in phi([-2.0, 3.0])]
    [-0.5, 3.0]
    """

    def __init__(self, num_parameters: int = 1, init: float = 0.25) -> None:
        init = finite("init", init)
        self.weight = [Parameter(init) for _ in range(size("num_parameters", num_parameters))]

    def __call__(self, x: Any) -> Any:
        """The activation of each number of one example.

        Raises:
            ValueError: if there are more slopes than one, and not as many inputs.
        """
        xs = operands_of(x)
        return outputs_of([leaky_relu(v, w) for v, w in zip(xs, slopes_for(self, len(xs)))])

    def __repr__(self) -> str:
        return f"PReLU({len(self.weight)})"


def slopes_for(module: PReLU, inputs: int) -> list[Parameter]:
    """The slope for each of so many inputs."""
    n = len(module.weight)
    if n not in (1, inputs):
        raise ValueError(f"{module!r} takes {n} inputs, got {inputs}")
    return module.weight * inputs if n == 1 else module.weight
