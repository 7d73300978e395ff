"""The weighted sums of a layer: `dot` of what the layer has looked at already, its weights and a group of operands."""

from __future__ import annotations

from typing import Any, Final

from . import bulk, ops
from .value import recorded

DOT: Final[Any] = ops.RULES["dot"]


def weighted_sum(ws: Any, xs: Any, bias: Any) -> Any:
    """w₁x₁ + … + wₙxₙ + bias as `dot` makes it; no operand is asked for its kind, which takes a third of the time.

    Args:
        ws: the weights, a tuple of n Values.
        xs: a group of n operands, as `group` in value.py makes them.
        bias: a Value or a float.

    >>> from autograd import Value
    >>> weighted_sum((Value(2.0), Value(3.0)), (Value(1.0), Value(0.5)), 1.0)
    Value(data=4.5, grad=0.0)
    """
    if type(ws) is tuple and isinstance(xs, tuple):
        try:
            return recorded(bulk.added_products(ws, xs, bias), DOT, (ws, xs, bias))
        except (AttributeError, TypeError):
            pass  # arrays, formulas, numbers
    return DOT(ws, xs, bias)
