"""What the layers of a model are called: by their places in it. Neurons are parts of a layer."""

from __future__ import annotations

from collections.abc import Callable

from ..module import Module, Parameter
from .neuron import Neuron


def parameters_by_layer(model: Module) -> dict[str, list[Parameter]]:
    """The parameters of a model, gathered by the layer that they belong to: the innermost module that is not a Neuron.

    Args:
        model: any Module.

    Returns:
        A dict from the layer's name, such as "layers.0", to its parameters, in the order of `named_parameters()`; what
        belongs to no part of the model stands under the name of the model's class.

    >>> from nn import MLP
    >>> {name: len(parameters) for name, parameters in parameters_by_layer(MLP(2, [3, 1])).items()}
    {'layers.0': 9, 'layers.1': 4}
    """
    layer_of = layer_names(model)
    grouped: dict[str, list[Parameter]] = {}
    for name, parameter in model.named_parameters():
        grouped.setdefault(layer_of(name), []).append(parameter)
    return grouped


def layer_names(model: Module) -> Callable[[str], str]:
    """A function from the name of a part of the model to that of its layer."""
    layers = {name for name, module in model.named_modules() if name and not isinstance(module, Neuron)}

    def layer_of(name: str) -> str:
        places = name.split(".")
        while places and ".".join(places) not in layers:
            places.pop()
        return ".".join(places) or type(model).__name__

    return layer_of
