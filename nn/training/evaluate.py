"""The loss of a model over examples, without a gradient."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from threading import RLock
from typing import Any

from autograd import Value, no_grad
from autograd.basics.addition import added
from autograd.basics.messages import shown
from autograd.faults import culprit

from ..checks import is_loss, is_module
from ..module import Module
from ..state import untouched
from . import preflight
from .preflight import Examples

Loss = Callable[[Any, Any], Any]


def outputs_for(model: Module, inputs: Sequence[Any]) -> list[Any]:
    """What the model returns for a batch; a ValueError if that is not an output for each of the inputs."""
    outputs = list(model.batch(inputs))
    if len(outputs) != len(inputs):
        raise ValueError(f"batch() of {shown(model)} returned {len(outputs)} outputs for {len(inputs)} inputs")
    return outputs


def mean_loss(model: Module, loss: Loss, examples: Examples) -> float:
    """The mean of the loss over examples, in the mode that the model is in; a ValueError if it is not finite."""
    with no_grad():
        outputs = outputs_for(model, examples.inputs)
        losses = [loss(output, target) for output, target in zip(outputs, examples.targets)]
    total = added([float(getattr(x, "data", x)) / len(losses) for x in losses])
    if math.isfinite(total):
        return total
    for i, (x, target) in enumerate(zip(examples.inputs, examples.targets)):
        y = loss(model.batch([x])[0], target)  # once more with its graph, which tells the operation
        if not math.isfinite(y.data if isinstance(y, Value) else y):
            raise ValueError(
                f"the loss of {examples.name}inputs[{i}] is not finite{culprit(y) if isinstance(y, Value) else ''}"
            )
    raise ValueError(f"the {examples.name}loss is {total}")


_evaluating = RLock()  # one at a time: of two threads, one would end the evaluation mode of the other's model


def evaluate(model: Module, loss: Loss, inputs: Sequence[Any], targets: Sequence[Any]) -> float:
    """The mean of the loss over examples, in evaluation mode; the model is afterwards as it was.

    Args:
        model, loss, inputs, targets: as for `fit`.

    Returns:
        A float.

    Raises:
        TypeError, ValueError: as `fit`; or if the loss is not finite: the message names the example and the operation.

    >>> from nn import MLP, mse_loss
    >>> model = MLP(1, [1], seed=0)
    >>> evaluate(model, mse_loss, [0.0, 1.0], [model(0.0).data, model(1.0).data])
    0.0
    """
    is_module(model)
    is_loss(loss)
    with _evaluating, untouched(model):
        return mean_loss(model, loss, preflight.examples(inputs, targets))
