"""The parameters of a model as one flat list, to and fro: what optimizers of other packages move."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from autograd import Value
from autograd.basics.messages import shown
from autograd.basics.setting import assign
from autograd.transforms.tree import as_lists

from ..checks import finite
from .parameters import leaves


def parameters_to_vector(parameters: Iterable[Value]) -> list[float]:
    """The numbers of the parameters as one flat list: what an optimizer of SciPy begins with.

    Args:
        parameters: n leaves, as `model.parameters()` has them.

    Returns:
        A list of n floats.

    Raises:
        TypeError, ValueError: if they are not Values, computed, one of them twice, or none at all.

    >>> from nn import MLP
    >>> len(parameters_to_vector(MLP(2, [3, 1]).parameters()))
    13
    """
    return [p.data for p in leaves(parameters)]


def vector_to_parameters(vector: Sequence[float], parameters: Iterable[Value]) -> None:
    """Give the parameters the numbers of a flat list: what an optimizer of SciPy has found.

    Args:
        vector: n finite numbers, in a list or array.
        parameters: n leaves, in the same order.

    Raises:
        TypeError: if the vector is no list of numbers, or the parameters are not Values.
        ValueError: if there are not as many numbers as parameters, or one is not finite. Then nothing has changed.

    With SciPy any of its methods trains a model (here on points of the line 2x + 1):

    >>> from autograd import value_and_grad
    >>> from nn import Neuron, mse_loss, with_parameters
    >>> from scipy.optimize import minimize
    >>> model, xs, ys = Neuron(1, "linear", seed=0), [0.0, 1.0, 2.0], [1.0, 3.0, 5.0]
    >>> loss = lambda v: mse_loss(with_parameters(model, v).batch(xs), ys)
    >>> found = minimize(value_and_grad(loss), parameters_to_vector(model.parameters()), jac=True)
    >>> vector_to_parameters(found.x, model.parameters())
    >>> round(model(3.0).data, 4)
    7.0
    """
    params, numbers = leaves(parameters), as_lists(vector)
    if not isinstance(numbers, (list, tuple)):
        raise TypeError(f"vector must be a list with a number for each parameter, got {shown(vector)}")
    if len(numbers) != len(params):
        raise ValueError(f"vector must hold {len(params)} numbers, one for each parameter, got {len(numbers)}")
    assign(params, "data", [finite(f"vector[{i}]", x) for i, x in enumerate(numbers)])
