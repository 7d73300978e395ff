"""jacobian and hessian: all derivatives of a function, in lists or arrays."""

from __future__ import annotations

from numbers import Real
from typing import Any

from ..basics.arguments import is_function
from ..value import Value
from .calls import Argnums, Function, call, named, results, transforming
from .directions import derivatives
from .gradients import grad
from .tree import as_lists, like


def jacobian(f: Function, argnums: Argnums = 0) -> Function:
    """All first derivatives of a function with any number of outputs, in reverse or forward mode: what costs less.

    Args:
        f: a function that returns a number or a nested list of numbers.
        argnums: the position of the argument to differentiate for, or a tuple of positions.

    Returns:
        A function of the same arguments; nested like f's output, with its gradient in the place of each number: a list
        of rows, or where f makes an array out of an array, an array. Numbers or Values as for `value_and_grad`.

    Raises:
        TypeError, ValueError: as `value_and_grad`.

    >>> jacobian(lambda v: [v[0] * v[1], v[0] + v[1]])([3.0, 4.0])
    [[4.0, 3.0], [1.0, 1.0]]
    """

    def differentiated(*args: Any, **kwargs: Any) -> Any:
        with transforming() as recorded:
            run = call(f, args, kwargs, argnums, recorded)
            found = derivatives(run.outputs, run.nodes, as_values=run.as_values, order=run.order)
            rows = [results(run.chosen, row, run.as_values) for row in found]
            # rows that are numbers or arrays make an array out of one
            whole = isinstance(run.chosen, (Value, Real)) or hasattr(run.chosen, "shape")
            return like(run.output if whole else as_lists(run.output), iter(rows))

    return named(differentiated, "jacobian", f)


def hessian(f: Function, argnums: Argnums = 0) -> Function:
    """All second derivatives of a function: the Jacobian of its gradient.

    Args:
        f: a function that returns one number.
        argnums: the position of the argument to differentiate for, or a tuple of positions.

    Returns:
        A function of the same arguments; for an argument that is a list of n numbers it returns n lists of n, for an
        array an array. Numbers or Values as for `value_and_grad`.

    Raises:
        TypeError, ValueError: as `value_and_grad`.

    >>> hessian(lambda v: v[0] ** 2 * v[1])([3.0, 4.0])
    [[8.0, 6.0], [6.0, 0.0]]
    """
    is_function(f, "hessian")
    return jacobian(grad(f, argnums), argnums)
