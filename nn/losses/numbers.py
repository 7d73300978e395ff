"""Losses of numbers: each output has a number for a target."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import cycle, repeat
from types import MappingProxyType
from typing import Any

from autograd import hardtanh, pow, relu, softplus
from autograd.basics.arguments import number
from autograd.basics.messages import shown
from autograd.lookup import is_unknown, required
from autograd.transforms.tree import as_lists, leaves_like, leaves_of

from ..checks import rate
from .reduction import Reduction, reduced


def mse_loss(outputs: Any, targets: Any, *, reduction: Reduction = "mean") -> Any:
    """The mean squared error, (1/n) Σ (output - target)².

    Args:
        outputs: a Value or number, or a (nested) list of n in all.
        targets: numbers, nested like the outputs.
        reduction: "mean", "sum" of all, or "none" for a loss for each output, nested as they are.

    Returns:
        A Value; with "none" as many as there are outputs.

    Raises:
        ValueError: if a target is not finite, if the two are not nested alike, if there are none, or if there is no
            such reduction.
        TypeError: if an output is neither Value nor number, or a target is not a plain number.

    >>> mse_loss([1.0, 4.0], [0.0, 2.0])
    2.5
    >>> mse_loss([1.0, 4.0], [0.0, 2.0], reduction="none")
    [1.0, 4.0]
    """
    return _elementwise(lambda y, t: pow(y - t, 2.0), outputs, targets, reduction)


def l1_loss(outputs: Any, targets: Any, *, reduction: Reduction = "mean") -> Any:
    """The mean absolute error, (1/n) Σ |output - target|.

    Args:
        outputs, targets, reduction: as for `mse_loss`.

    Returns:
        A Value, or with "none" as many as there are outputs. Where an output is its target, the derivative is 0.

    Raises:
        ValueError, TypeError: as `mse_loss`.

    >>> l1_loss([1.0, 4.0], [0.0, 2.0])
    1.5
    """
    return _elementwise(lambda y, t: abs(y - t), outputs, targets, reduction)


def huber_loss(outputs: Any, targets: Any, delta: float = 1.0, *, reduction: Reduction = "mean") -> Any:
    """Half the squared error up to a distance of delta, and from there on a line (Huber 1964), averaged.

    With d = output - target it is d²/2 where |d| <= δ, and δ(|d| - δ/2) beyond: both are c(d - c/2), where c is d, kept
    between -δ and δ.

    Args:
        outputs, targets, reduction: as for `mse_loss`.
        delta: the distance δ where the line begins, a positive number.

    Returns:
        A Value, or with "none" as many as there are outputs. No derivative is beyond ±δ (±δ/n in the mean).

    Raises:
        ValueError: if delta is not positive and finite; and as `mse_loss`.
        TypeError: if delta is not a plain number; and as `mse_loss`.

    >>> huber_loss([0.5, 10.0], [0.0, 0.0], reduction="none")
    [0.125, 9.5]
    """
    delta = number(delta, "delta")
    if not 0 < delta < math.inf:
        raise ValueError(f"delta must be a positive number, the distance where the line begins, got {shown(delta)}")

    def huber(y: Any, t: Any) -> Any:
        d = y - t
        c = hardtanh(d, -delta, delta)
        return c * (d - 0.5 * c)

    return _elementwise(huber, outputs, targets, reduction)


def binary_cross_entropy_with_logits(
    logits: Any, targets: Any, *, reduction: Reduction = "mean", pos_weight: float | Sequence[float] = 1.0
) -> Any:
    """The negative log-likelihood of yes/no answers, -t ln σ(z) - (1 - t) ln(1 - σ(z)), averaged.

    Written with softplus, it neither overflows nor loses digits: ln(1 + e⁻ᶻ) for t = 1, ln(1 + eᶻ) for t = 0.

    Args:
        logits: a Value or number z, or a (nested) list of n in all.
        targets: numbers t from 0 to 1, nested like the logits.
        reduction: as for `mse_loss`.
        pos_weight: a factor w of the term of yes, -w t ln σ(z), such as the number of noes for each yes; or a list of
            them, one for each item of the innermost lists.

    Returns:
        A Value, whose derivative with respect to each logit is (σ(z) - t)/n; with "none" as many as there are logits.

    Raises:
        ValueError: if a target is not from 0 to 1, a weight is negative or not finite, or there are not as many as
            logits in the innermost lists; and as `mse_loss`.
        TypeError: as `mse_loss`.

    >>> round(binary_cross_entropy_with_logits([0.0, 1000.0], [1, 1]), 6)
    0.346574
    >>> round(binary_cross_entropy_with_logits([0.0, 0.0], [0, 1], pos_weight=3.0), 6)
    1.386294
    """
    logits = as_lists(logits)
    ws = iter(_weights_for(logits, as_lists(pos_weight)))

    def loss(z: Any, t: Any) -> Any:
        w = next(ws)
        if not is_unknown(t):
            if t == 1:
                return softplus(-z) if w == 1 else w * softplus(-z)
            if not t:
                return softplus(z)
        return (1 - t) * softplus(z) + (t if w == 1 else w * t) * softplus(-z)

    shares = (lambda t: (t >= 0) & (t <= 1), "from 0 to 1", {-1.0: "(t + 1) / 2 makes 0 and 1 of -1 and 1"})
    return _elementwise(loss, logits, targets, reduction, *shares)


def _weights_for(logits: Any, weight: Any) -> Iterable[float]:
    """A weight for each logit, in order; an error if there are not as many as in the innermost lists."""
    if not isinstance(weight, (list, tuple)):
        return repeat(rate("pos_weight", weight))
    ws, rows = [rate(f"pos_weight[{i}]", w) for i, w in enumerate(weight)], [logits]
    while rows and isinstance(rows[0], (list, tuple)) and rows[0] and isinstance(rows[0][0], (list, tuple)):
        rows = [part for row in rows for part in row]
    for row in rows:
        if not isinstance(row, (list, tuple)) or len(row) != len(ws):
            raise ValueError(
                f"pos_weight must be a number, or one for each of the logits {shown(row)}, got {shown(ws)}"
            )
    return cycle(ws)


def hinge_loss(outputs: Any, targets: Any, *, reduction: Reduction = "mean") -> Any:
    """The margin loss max(0, 1 - t·output), averaged (Cortes & Vapnik 1995).

    Args:
        outputs: a Value or number, or a (nested) list of n in all.
        targets: -1 or 1 for each of them, nested alike.
        reduction: as for `mse_loss`.

    Returns:
        A Value; with "none" as many as there are outputs.

    Raises:
        ValueError: if a target is neither -1 nor 1; and as `mse_loss`.
        TypeError: as `mse_loss`.

    >>> hinge_loss([2.0, 0.5], [1, -1])
    0.75
    """
    signs = (lambda t: (t == -1) | (t == 1), "-1 or 1", {0.0: "2 * t - 1 makes -1 and 1 of 0 and 1"})
    return _elementwise(lambda y, t: relu(1 - t * y), outputs, targets, reduction, *signs)


def _elementwise(
    loss: Callable[[Any, Any], Any],
    outputs: Any,
    targets: Any,
    reduction: Reduction,
    allowed: Callable[[float], bool] = math.isfinite,
    what: str = "finite numbers",
    mends: Mapping[float, str] = MappingProxyType({}),
) -> Any:
    """The losses of each output with its target, reduced."""
    outputs, targets = as_lists(outputs), as_lists(targets)
    ts = leaves_like(targets, outputs, ("targets", "the outputs"))
    ys = leaves_of(outputs, "outputs")
    if not ys:
        raise ValueError(f"outputs must hold at least one number, got {shown(outputs)}")
    for t in ts:
        if t.__class__ is not float:
            if not is_unknown(t):
                number(t, "a target")
            if allowed is not math.isfinite:  # of infinite targets the loss itself is not finite, and is found then
                required(t, allowed)
        elif not allowed(t):
            raise ValueError(f"targets must be {what}, got {shown(t)}{': ' * (t in mends)}{mends.get(t, '')}")
    return reduced([loss(y, t) for y, t in zip(ys, ts)], outputs, reduction)
