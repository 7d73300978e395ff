"""The weights of a model as matrices, a row for each unit, and how they get new numbers. How wide: schemes.py."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any, NamedTuple, TypeVar

from autograd import Value
from autograd.basics.messages import shown

from ..checks import Seed, generator
from ..layers.activations import Activation
from ..layers.linear import Linear
from ..layers.neuron import Layer
from ..module import Module

T = TypeVar("T", bound=Module | Sequence[Sequence[Value]])


class Matrix(NamedTuple):
    """Weights to be drawn together, a row for each unit; the activation after them, and the biases beside them."""

    rows: Sequence[Sequence[Value]]
    activation: str | Activation
    biases: Sequence[Value] = ()

    @property
    def fan_in(self) -> int:
        """How many inputs each unit has."""
        return len(self.rows[0])

    @property
    def fan_out(self) -> int:
        """How many units each input goes to."""
        return len(self.rows)


def normal(target: T, seed: Seed, std: Callable[[Matrix], float]) -> T:
    """The target, with weights from a normal distribution around 0, of this standard deviation."""
    rng = generator(seed)
    return filled(target, lambda m: partial(rng.normalvariate, 0.0, std(m)))  # gauss asks the libm, which isn't one


def uniform(target: T, seed: Seed, bound: Callable[[Matrix], float]) -> T:
    """The target, with weights that are uniform between -bound and bound."""
    rng = generator(seed)
    return filled(target, lambda m: partial(_between, rng, bound(m)))


def _between(rng: random.Random, bound: float) -> float:
    return rng.uniform(-bound, bound)


def filled(target: T, drawing: Callable[[Matrix], Callable[[], float]]) -> T:
    """The target, with weights from `drawing`, which is asked for all matrices before any of them is changed."""
    for matrix, draw in [(m, drawing(m)) for m in _matrices(target)]:
        for row in matrix.rows:
            for weight in row:
                weight.data = draw()
        for bias in matrix.biases:
            bias.data = 0.0
    return target


def _matrices(target: Any) -> list[Matrix]:
    if isinstance(target, Module):
        found = [matrix for module in target.modules() for matrix in _held(module)]
        if not found:
            raise ValueError(
                f"there is no Layer, Linear or recurrent cell in {target!r}: of your own weights pass the rows"
            )
        return found
    if not isinstance(target, (list, tuple)):
        raise TypeError(f"target must be a Layer, a Module, or a list of rows of Parameters, got {shown(target)}")
    _check_rows(target)
    return [Matrix(target, "relu")]


def _held(module: Module) -> Iterator[Matrix]:
    """The matrices of a module itself, without those of the modules in it."""
    if isinstance(module, Layer):
        neurons = module.neurons
        yield Matrix([neuron.w for neuron in neurons], module.activation, [neuron.b for neuron in neurons])
    elif isinstance(module, Linear):
        yield Matrix(module.weight, "linear", module.bias or ())
    elif hasattr(module, "weight_ih") and hasattr(module, "weight_hh"):  # a recurrent cell
        activation = getattr(module, "nonlinearity", "tanh")
        yield Matrix(module.weight_ih, activation, getattr(module, "bias_ih", ()))
        yield Matrix(module.weight_hh, activation, getattr(module, "bias_hh", ()))


def _check_rows(rows: Sequence[Any]) -> None:
    for i, row in enumerate(rows):
        if not isinstance(row, (list, tuple)):
            must = f"target[{i}] must be a row, a list of Parameters"
            raise TypeError(f"{must}, got {shown(row)}: for a single row pass [row]")
        for j, weight in enumerate(row):
            if not isinstance(weight, Value) or weight.op:
                raise TypeError(f"target[{i}][{j}] must be a Parameter, got {shown(weight)}")
        if len(row) != len(rows[0]):
            raise ValueError(f"the rows of target must be equally long, got {len(rows[0])} and {len(row)} Parameters")
    if not rows or not rows[0]:
        raise ValueError(f"target must hold at least one Parameter, got {shown(rows)}")
