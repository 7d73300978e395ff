"""Modules that hold other modules: Sequential, one after the other; Residual, a way around one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from autograd.basics.arguments import listed
from autograd.basics.messages import shown

from ..module import Module
from .activations import Activation, function_of, name_of
from .inputs import operands_of, outputs_of


class Sequential(Module):
    """Modules one after the other: each takes what the one before it returns.

    Args:
        *layers: modules, and activations between them, as for `Neuron`: the name of a function of autograd, or a
            function from a Value to a Value, which is applied to each number.

    Raises:
        ValueError: if there are none, or there is no such activation.
        TypeError: if one of them is anything else.

    >>> from nn import Layer
    >>> model = Sequential(Layer(2, 4, "linear", seed=0), "tanh", Layer(4, 1, "linear", seed=1))
    >>> model([1.0, 2.0]).op, len(model.parameters())
    ('dot', 17)
    """

    def __init__(self, *layers: Module | str | Activation) -> None:
        if not layers:
            raise ValueError("Sequential needs at least one layer, got none")
        for i, layer in enumerate(layers):
            if isinstance(layer, type):
                raise TypeError(
                    f"layers[{i}] is the class {layer.__name__}: make a module of it, {layer.__name__}(...)"
                )
            if not isinstance(layer, (Module, str)) and not callable(layer):
                must = f"layers[{i}] must be a module or an activation, got {shown(layer)}: pass them one by one"
                raise TypeError(must)
            if not isinstance(layer, Module):
                function_of(layer)  # an unknown name is refused now, not when the network is called
        self.layers = list(layers)

    def __call__(self, x: Any) -> Any:
        """What the last layer returns for one example."""
        for layer in self.layers:
            x = layer(x) if isinstance(layer, Module) else _each(layer, x)
        return x

    def batch(self, examples: Sequence[Any]) -> list[Any]:
        """What the last layer returns for a batch of examples, each layer seeing the whole of it."""
        xs = list(listed(examples, "examples", "inputs"))
        for layer in self.layers:
            xs = layer.batch(xs) if isinstance(layer, Module) else [_each(layer, x) for x in xs]
        return xs

    def __repr__(self) -> str:
        return f"Sequential({', '.join(repr(x) if isinstance(x, Module) else name_of(x) for x in self.layers)})"


def _each(activation: str | Activation, x: Any) -> Any:
    phi = function_of(activation)
    return outputs_of([phi(v) for v in operands_of(x)])


class Residual(Module):
    """x + f(x): a layer, and a way around it, along which the gradient arrives undiminished (He et al. 2016).

    Args:
        module: f, with as many outputs as inputs.

    Raises:
        TypeError: if it is not a module.

    >>> from nn import Layer
    >>> block = Residual(Layer(2, 2, "tanh", seed=0))
    >>> [y.op for y in block([1.0, 2.0])]
    ['+', '+']
    """

    def __init__(self, module: Module) -> None:
        if not isinstance(module, Module):
            raise TypeError(f"module must be a Module, got {shown(module)}")
        self.module = module

    def __call__(self, x: Any) -> Any:
        """x + f(x) for one example.

        Raises:
            ValueError: if f has not as many outputs as inputs.
        """
        return self._sum(x, self.module(x))

    def batch(self, examples: Sequence[Any]) -> list[Any]:
        """x + f(x) for each example of a batch, f seeing the whole of it."""
        xs = list(listed(examples, "examples", "inputs"))
        return [self._sum(x, y) for x, y in zip(xs, self.module.batch(xs), strict=True)]

    def _sum(self, x: Any, y: Any) -> Any:
        xs, ys = operands_of(x), operands_of(y)
        if len(xs) != len(ys):
            raise ValueError(f"{self!r} adds outputs to inputs, got {len(xs)} inputs and {len(ys)} outputs")
        return outputs_of([a + b for a, b in zip(xs, ys)])

    def __repr__(self) -> str:
        return f"Residual({self.module!r})"
