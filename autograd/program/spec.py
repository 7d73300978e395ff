"""What is asked of a program: the function, what it is differentiated for and in which precision; and what it is given.

All files of this room may import this one: it imports none of them.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from numbers import Real
from operator import is_
from typing import Any

from ..basics.arguments import Backend, Precision, number
from ..basics.extras import installing, needed
from ..basics.messages import shown
from ..transforms.tree import as_lists
from ..value import Value


@dataclass(frozen=True, eq=False)
class Spec:
    """What a program is made for; `spec` checks it.

    Args:
        fn: a function of one example.
        parameters: the leaves to differentiate for, each once.
        dtype: what it computes with.
        loss_scale: what the loss is multiplied by on the way back, and the gradient divided by at its end.
        engine: what computes it.
    """

    fn: Callable[..., Any]
    parameters: Sequence[Value]
    dtype: Precision
    loss_scale: float
    engine: Backend = "numpy"


def spec(
    fn: Callable[..., Any],
    parameters: Iterable[Value],
    dtype: Precision,
    loss_scale: float,
    engine: Backend = "numpy",
) -> Spec:
    """The Spec of these; the errors of `compile` if they can't be one."""
    if not callable(fn):
        raise TypeError(f"fn must be a function of one example, got {shown(fn)}")
    if not isinstance(parameters, Iterable):
        raise TypeError(f"parameters must be a list of leaves, such as model.parameters(), got {shown(parameters)}")
    parameters = list(parameters)
    for p in parameters:
        if not isinstance(p, Value) or p.op:
            raise TypeError(f"parameters must be leaves to differentiate for, got {shown(p)}")
    if len(set(parameters)) < len(parameters):
        twice = next(p for p in parameters if parameters.count(p) > 1)
        raise ValueError(f"parameters holds {twice!r} more than once")
    if dtype not in ("float64", "float32", "float16", "bfloat16"):
        raise ValueError(f"dtype must be 'float64', 'float32', 'float16' or 'bfloat16', got {shown(dtype)}")
    if engine not in ("numpy", "jax"):
        raise ValueError(f"engine must be 'numpy' or 'jax', got {shown(engine)}")
    needed("numpy", "compiled code")
    if engine == "numpy" and dtype == "bfloat16":
        raise ValueError("NumPy has no bfloat16: compile with engine='jax', or dtype='float32'")
    if engine == "jax":
        check_for_jax("engine='jax'")
    scale = number(loss_scale, "loss_scale")
    if not 0 < scale < math.inf:
        raise ValueError(f"loss_scale must be a positive number, got {shown(loss_scale)}")
    return Spec(fn, parameters, dtype, scale, engine)


def check_for_jax(what: str) -> None:
    """An ImportError that names the extra, where JAX is missing."""
    if not find_spec("jax"):
        raise ImportError(f"{what} needs JAX, which comes with the extra `jax`: {installing('jax')}")


def moved_by(optimizer: Any, spec: Spec) -> list[Value]:
    """The parameters of an optimizer; an error if it is none, or moves others than those of the program."""
    kind = type(optimizer)
    if not all(hasattr(optimizer, name) for name in ("params", "state", "steps", "update")):
        raise TypeError(f"a session needs an optimizer with an update rule for arrays, got {shown(optimizer)}")
    first = {  # where each comes from; what a class inherits and has under the same name isn't its own
        name: max(i for i, base in enumerate(kind.__mro__) if getattr(base, name, None) is getattr(kind, name, None))
        for name in ("update", "step")
    }
    if first["step"] < first["update"]:
        raise TypeError(f"{kind.__name__} has a step() of its own, and a session calls its update rule alone")
    if set(optimizer.params) != set(spec.parameters):
        raise ValueError(
            f"the optimizer moves {len(optimizer.params)} parameters, and the program is differentiated for"
            f" {len(spec.parameters)}, which must be the same: compile(fn, optimizer.params)"
        )
    return list(optimizer.params)


# ------------------------------------------------------------------------------------------------------- the batches


def arrays_of(batches: Sequence[Any]) -> list[Any]:
    """The batches as arrays; an error if they are not numbers, not as many in each, or none at all."""
    import numpy as np

    if not batches:
        raise TypeError("a program needs a batch of examples for each argument, got none")
    arrays = []
    for i, batch in enumerate(batches):
        try:
            array = array_of(batch, f"argument {i}")
        except ValueError:
            raise ValueError(f"argument {i} must have examples of the same shape, got lists of other lengths") from None
        if array.dtype.kind not in "fiub" or np.ma.is_masked(batch):
            raise TypeError(
                f"argument {i} must be an array of real numbers, or nested lists of them, got {shown(batch)}"
            )
        if not array.ndim:
            raise TypeError(f"argument {i} must be a batch, a list of examples, got the number {shown(batch)}")
        arrays.append(array)
    sizes = [len(array) for array in arrays]
    if len(set(sizes)) > 1:
        raise ValueError(f"the arguments must have as many examples each, got {' and '.join(map(str, sizes))}")
    if not sizes[0]:
        raise ValueError("a batch must have at least one example, got none")
    return arrays


def array_of(batch: Any, name: str) -> Any:
    """A batch as an array; what NumPy takes for mere objects, fractions and very large integers, as floats."""
    import numpy as np

    array = np.asarray(batch)
    if array.dtype.kind == "O" and all(isinstance(x, Real) for x in array.flat):
        return np.array([number(x, f"a number of {name}") for x in array.flat], float).reshape(array.shape)
    return array


def rows_of(batches: Sequence[Any]) -> list[tuple[Any, ...]]:
    """The examples as a call of the function itself has them: numbers and lists of them."""
    import numpy as np

    columns = [as_lists(batch) for batch in batches]
    return list(zip(*[x if isinstance(x, (list, tuple)) else np.asarray(x).tolist() for x in columns]))


def positions(rows: Sequence[int], count: int) -> Any:
    """The positions of examples as an array.

    Args:
        rows: whole numbers; from -1 on down they count from the end.
        count: how many examples there are.
    """
    import numpy as np

    found = np.asarray(rows)
    if not found.size:
        raise ValueError("a batch must have at least one example, got none")
    if found.ndim != 1 or found.dtype.kind not in "iu":
        raise TypeError(f"rows must be positions of examples, a list of whole numbers, got {shown(rows)}")
    if not -count <= found.min() <= found.max() < count:
        raise IndexError(f"rows must be positions of examples, 0 to {count - 1}, got {shown(rows)}")
    return found


def chosen(batch: Any, array: Any, rows: Sequence[int] | None) -> Any:
    """Some of the examples, as they were given: an integer in a list is one, and in an array of floats no longer.

    Args:
        batch: the examples.
        array: the same as an array; where a list has changed since, it counts.
        rows: the positions of those that are wanted; None for all of them.
    """
    import numpy as np

    part = array if rows is None else array[list(rows)]
    if not isinstance(batch, (list, tuple)):
        return part
    given = batch if rows is None else [batch[i] for i in rows]
    try:
        return given if np.array_equal(np.asarray(given), part, equal_nan=True) else part
    except (ValueError, TypeError):  # no array of numbers any more
        return part


def columns_of(arrays: Sequence[Any], batches: Sequence[Any]) -> tuple[list[Any], list[tuple[Any, Any]]]:
    """For each argument its numbers, those of an example in a column; and the arrays with their shapes.

    These only if they are the batches, and all columns are views of them, and so have what is written to them later;
    else none of them.
    """
    import numpy as np

    columns = [array.reshape(len(array), -1).T for array in arrays]
    viewed = all(map(is_, arrays, batches)) and all(map(np.may_share_memory, columns, arrays))
    return columns, [(array, array.shape) for array in arrays] if viewed else []


def handed_again(batches: Sequence[Any], viewed: Sequence[tuple[Any, Any]]) -> bool:
    """Whether these are the arrays of which `columns_of` made views, in the same shape."""
    return len(batches) == len(viewed) and all(x is y and x.shape == shape for x, (y, shape) in zip(batches, viewed))


def all_finite(numbers: Any) -> bool:
    """Whether all numbers of an array are finite."""
    import numpy as np

    return bool(np.isfinite(numbers).all())
