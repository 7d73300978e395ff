"""gradcheck of a whole model: the derivatives of a loss for every parameter, against differences."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import autograd
from autograd.basics.arguments import is_function

from .checks import is_module
from .functional import with_parameters
from .module import Module, named_state


def gradcheck(model: Module, loss: Callable[[Module], Any], *, rtol: float = 1e-6, atol: float = 0.0) -> bool:
    """Compare the gradients of a model's parameters with differences of its loss, as `autograd.gradcheck` does.

    The model stays as it is: the loss is called with copies of it. That takes some 8 forward passes for each
    parameter, so a small model and a few examples are enough.

    Args:
        model: any Module. One with `Dropout` must be in `eval()` mode, for its loss must be the same each time.
        loss: a function of the model that returns one number or a nested list of numbers. It must use the model that
            it is given.
        rtol, atol: as for `autograd.gradcheck`.

    Returns:
        True.

    Raises:
        TypeError: if the model is no Module, or loss no function.
        ValueError: if loss ignores the model that it is given.
        autograd.GradcheckError: if a gradient is wrong, or at a kink; the message names the parameter.

    >>> from nn import MLP, mse_loss
    >>> gradcheck(MLP(2, [3, 1], activation="tanh", seed=0), lambda model: mse_loss(model([1.0, -2.0]), 0.5))
    True
    """
    is_module(model)
    is_function(loss, "gradcheck")
    parameters = dict(model.named_parameters())
    buffers = {name: x.data for name, x in named_state(model).items() if name not in parameters}

    def of(given: dict[str, Any]) -> Any:
        return loss(with_parameters(model, given | buffers))

    return autograd.gradcheck(of, parameters, rtol=rtol, atol=atol)
