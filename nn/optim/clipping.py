"""Gradient clipping: what stands between backward() and a step, when gradients explode."""

from __future__ import annotations

import math
from collections.abc import Iterable

from autograd import Value, bulk

from ..checks import rate
from .parameters import gradients, leaves


def clip_grad_norm(params: Value | Iterable[Value], max_norm: float) -> float:
    """Make all gradients shorter by one factor, so that together they are no longer than `max_norm`.

    The direction of the gradient stays the same (Pascanu, Mikolov & Bengio 2013, algorithm 1). As in PyTorch, the
    factor is max_norm / (norm + 1e-6), if that is less than 1.

    Args:
        params: a list of Values, each once, or one Value.
        max_norm: the greatest length allowed.

    Returns:
        The length √Σg² of the gradient before.

    Raises:
        TypeError: if params are not Values, or max_norm is not a number.
        ValueError: if params is empty or holds one twice, max_norm is negative or not finite, or the gradient or its
            length is not finite. Then no gradient has changed.

    >>> x, y = Value(3.0), Value(4.0)
    >>> ((x * x + y * y) / 2).backward()
    >>> clip_grad_norm([x, y], max_norm=1.0)
    5.0
    >>> round(x.grad, 6), round(y.grad, 6)
    (0.6, 0.8)
    """
    params = leaves([params] if isinstance(params, Value) else params)
    max_norm = rate("max_norm", max_norm)
    found = gradients(params, "no gradient was clipped")
    norm = math.hypot(*found)  # not the root of the sum: the square of 1e200 is no float
    factor = shortening(norm, max_norm)
    if factor < 1:
        bulk.assign_gradients(params, [g * factor for g in found])
    return norm


def shortening(norm: float, max_norm: float) -> float:
    """What a gradient of this norm is multiplied by, if it is less than 1; a ValueError if the norm is no float."""
    if norm == math.inf:
        raise ValueError("the norm of the gradient is more than 1.8e308, no float: no gradient was clipped")
    return max_norm / (norm + 1e-6)


def clip_grad_value(params: Value | Iterable[Value], clip_value: float) -> None:
    """Put every gradient for itself between -clip_value and clip_value; their direction may change.

    Args:
        params: a list of Values, each once, or one Value.
        clip_value: the greatest size allowed.

    Raises:
        TypeError: if params are not Values, or clip_value is not a number.
        ValueError: if params is empty or holds one twice, clip_value is negative or not finite, or a gradient is not
            finite. Then no gradient has changed.

    >>> x, y = Value(3.0), Value(0.25)
    >>> (x * x + y * y).backward()
    >>> clip_grad_value([x, y], clip_value=1.0)
    >>> x.grad, y.grad
    (1.0, 0.5)
    """
    params = leaves([params] if isinstance(params, Value) else params)
    bound = rate("clip_value", clip_value)
    found = gradients(params, "no gradient was clipped")
    bulk.assign_gradients(params, [bound if g > bound else -bound if g < -bound else g for g in found])
