"""What the function itself says, row by row, where arrays met something that is not defined, not finite or not allowed.

Its errors name the row and the operation; and what is finite after all is computed without arrays.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from ..accumulation import received
from ..functions import mean
from ..modes import is_grad_enabled, mode
from ..transforms.tree import as_lists, leaves_of, mapped
from ..value import Value
from .spec import Spec, rows_of


def row_by_row(spec: Spec, batches: Sequence[Any], loss: float, finite: bool, argnums: int | None = None) -> Any:
    """What fn itself says, run for each row, where the arrays met something that isn't defined or finite.

    Args:
        spec: the function, its parameters and the precision of the arrays.
        batches: as for a call, in one list.
        loss: the mean that the arrays gave.
        finite: whether that and its gradients are finite.
        argnums: the position of the argument whose gradient is wanted; None for that of the parameters.

    Returns:
        (the mean, the gradients of the parameters, or those of the argument): where no gradient flows, a local
        derivative need not exist.

    Raises:
        ValueError: it names the row and the operation; or tells that only the lower precision overflowed.
    """
    rows = rows_of(batches)
    if argnums is not None:  # so that it is differentiated for these, too
        rows = [(*row[:argnums], mapped(row[argnums], Value), *row[argnums + 1 :]) for row in rows]
    wanted = spec.parameters if argnums is None else leaves_of([row[argnums] for row in rows], "an argument")
    outputs, sums, differentiated = 0.0, dict.fromkeys(wanted, 0.0), argnums is not None or is_grad_enabled()
    for i, row in enumerate(rows):
        with of_row(i):
            with mode(no_grad=False):  # the function may differentiate what it computes
                y = mean([spec.fn(*row)])
            if isinstance(y, Value) and not differentiated and math.isfinite(y.data):
                y = y.data
            elif isinstance(y, Value):
                for leaf, g in received(y):
                    if leaf in sums:
                        sums[leaf] += g
                y = y.data
            elif not math.isfinite(y):
                raise ValueError(f"the function gives {y}")
        outputs += y
    if spec.dtype != "float64" and not finite:
        what = f"the mean is {loss}" if not math.isfinite(loss) else "a gradient is not finite"
        mend = "; a smaller loss_scale may mend it" if math.isfinite(loss) else ""
        raise ValueError(
            f"{what}, though each row alone is finite in double precision: it overflowed in {spec.dtype}{mend}"
        )
    return outputs / len(rows), [g / len(rows) for g in sums.values()]


def mapped_alone(fn: Callable[..., Any], row: Sequence[Any], found: Any, undefined: bool) -> Any:
    """What fn itself returns for a row, where arrays gave nan for it; nan where it is not defined there after all.

    Args:
        fn: the function.
        row: its arguments.
        found: what the arrays gave.
        undefined: whether something in the batch was not defined.
    """
    lost = any(x != x for x in leaves_of(found, "an output"))
    if not lost and not undefined:
        return found
    try:
        with mode(no_grad=False):  # the function may differentiate what it computes
            own = mapped(as_lists(fn(*row)), lambda x: float(getattr(x, "data", x)))
    except (ArithmeticError, ValueError):
        return found if lost else mapped(found, lambda x: math.nan)
    return own if lost else found


@contextmanager
def of_row(i: int) -> Iterator[None]:
    """Errors of the function name the row that it was called with."""
    try:
        yield
    except (ArithmeticError, LookupError, ValueError, TypeError) as cause:
        raise ValueError(f"row {i}: {cause}") from None
