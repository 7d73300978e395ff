"""A model with other parameters than its own, which makes it a function of them.

Transforms differentiate a function by its arguments. Parameters as one flat list stand in optim/vectors.py.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any, TypeVar

from autograd import Value
from autograd.basics.arguments import number
from autograd.basics.messages import shown
from autograd.transforms.tree import as_lists

from .checks import is_module
from .module import Buffer, Module, Parameter, flat_state, is_buffer, named_state

__all__ = ["functional_call", "with_parameters"]

M = TypeVar("M", bound=Module)


def functional_call(model: Module, parameters: Any, /, *inputs: Any, **named: Any) -> Any:
    """What a model returns with these parameters in place of its own, which stay as they are.

    It is `with_parameters(model, parameters)(*inputs, **named)`; of many examples that and its `batch` are quicker.

    Args:
        model, parameters: as for `with_parameters`.
        *inputs: what the model is called with.
        **named: what it is called with by name.

    Returns:
        What the model returns.

    Raises:
        TypeError, ValueError: as `with_parameters`.

    >>> from autograd import hessian
    >>> from nn import Neuron, mse_loss
    >>> model = Neuron(1, "linear", seed=0)
    >>> hessian(lambda parameters: mse_loss(functional_call(model, parameters, [3.0]), 1.0))(model.state_dict())
    {'w.0': {'w.0': 18.0, 'b': 6.0}, 'b': {'w.0': 6.0, 'b': 2.0}}
    """
    return with_parameters(model, parameters)(*inputs, **named)


def with_parameters(model: M, parameters: Any) -> M:
    """A copy of a model that has these parameters; the model stays as it is.

    Gradients flow to what is given, so that `grad`, `hessian`, `jvp` and `gradient` differentiate a model by its
    parameters, or a step of learning by where it began (Finn et al. 2017, MAML). As the modules are copied, calls nest,
    several threads may make them, and an error leaves nothing behind. Buffers and random generators are the model's,
    unless a buffer is given by name. An attribute that the copy assigns to when it is called is the copy's alone.

    Args:
        model: any Module.
        parameters: Values or numbers by name, as in `state_dict()`, in place of some parameters or all; an array or
            nested list stands for the names of its numbers. Or a list of n, in the order of `model.parameters()`.

    Returns:
        A Module of the same class.

    Raises:
        TypeError: if the model is no Module, or a parameter is neither a Value nor a number.
        ValueError: if a name is not one of the model's, or a list has not a number for each parameter.

    >>> from autograd import hessian
    >>> from nn import Neuron, mse_loss, parameters_to_vector
    >>> model = Neuron(1, "linear", seed=0)
    >>> loss = lambda vector: mse_loss(with_parameters(model, vector).batch([1.0, 3.0]), [1.0, 1.0])
    >>> hessian(loss)(parameters_to_vector(model.parameters()))
    [[10.0, 4.0], [4.0, 2.0]]
    """
    is_module(model)
    own = named_state(model)
    given = {name: _operand(x, name) for name, x in _by_name(model, own, parameters).items()}
    kinds = {id(x): Buffer if is_buffer(model, own[name]) else Parameter for name, x in given.items()}
    made: dict[int, Any] = {id(own[name]): x for name, x in given.items()}
    twin: M = _twin(model, made, {**model._stand_ins, **kinds})
    return twin


def _by_name(model: Module, own: Mapping[str, Value], parameters: Any) -> Mapping[str, Any]:
    """The given parameters by name; an error if they are not the model's."""
    if isinstance(parameters, Mapping):
        named = flat_state(parameters, own)
        for name in named:
            if name not in own:
                raise ValueError(f"parameters has {shown(name)}, and {model!r} has no parameter or buffer of that name")
        return named
    given, names = as_lists(parameters), [name for name, x in own.items() if not is_buffer(model, x)]
    if not isinstance(given, (list, tuple)):
        raise TypeError(f"parameters must be a dict by name, or a list with one for each parameter, got {shown(given)}")
    if len(given) != len(names):
        raise ValueError(f"parameters must hold {len(names)} numbers, one for each of {model!r}, got {len(given)}")
    return dict(zip(names, given))


def _operand(x: Any, name: str) -> Value:
    return x if isinstance(x, Value) else Value(number(x, f"the parameter {name}"), name)


def _twin(item: Any, made: dict[int, Any], stand_ins: Mapping[int, type[Value]]) -> Any:
    """A copy of a module, list, tuple or dict, with what `made` has by id in the places of what it holds.

    Anything else, and what holds nothing that is exchanged, is used as it is.
    """
    if id(item) in made:
        return made[id(item)]
    if isinstance(item, Module):
        twin = made[id(item)] = copy.copy(item)  # in the table at once: a part may know the whole
        vars(twin).update({name: _twin(part, made, stand_ins) for name, part in vars(item).items()})
        vars(twin)["_stand_ins"] = stand_ins
        return twin
    if not isinstance(item, (list, tuple, dict)):
        return item
    made[id(item)] = item
    held = list(item.values() if isinstance(item, dict) else item)
    parts = [_twin(part, made, stand_ins) for part in held]
    if any(part is not old for part, old in zip(parts, held)):
        made[id(item)] = _refilled(item, parts)
    return made[id(item)]


def _refilled(item: Any, parts: list[Any]) -> Any:
    """A list, tuple or dict like this one, of other parts."""
    if isinstance(item, tuple):
        return type(item)(*parts) if hasattr(item, "_fields") else type(item)(parts)
    new = copy.copy(item)
    new.update(zip(item, parts)) if isinstance(item, dict) else new.__setitem__(slice(None), parts)
    return new
