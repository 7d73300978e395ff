"""Losses: what a network is trained to make small; and accuracy, what one hopes to make large.

Each takes the outputs for one example or for a batch (a list of them) and averages, as PyTorch's do.
"""

from __future__ import annotations

import operator
from collections.abc import Sequence
from typing import Any

from autograd import mean, relu, softplus
from autograd.ops import cross_entropy as cross_entropy_rule
from autograd.rules import number
from autograd.structure import as_lists, leaves_like, leaves_of


def mse_loss(outputs: Any, targets: Any) -> Any:
    """The mean squared error, (1/n) Σ (output - target)².

    Args:
        outputs: a Value or number, or a (nested) list of n in all.
        targets: numbers, nested like the outputs.

    Returns:
        A Value.

    Raises:
        ValueError: if the two are not nested alike, or there are none.

    >>> mse_loss([1.0, 4.0], [0.0, 2.0])
    2.5
    """
    return mean([(y - t) ** 2 for y, t in _pairs(outputs, targets)])


def binary_cross_entropy_with_logits(logits: Any, targets: Any) -> Any:
    """The negative log-likelihood of yes/no answers, -t ln σ(z) - (1 - t) ln(1 - σ(z)), averaged.

    Written with softplus, it neither overflows nor loses digits: ln(1 + e⁻ᶻ) for t = 1, ln(1 + eᶻ) for t = 0.

    Args:
        logits: a Value or number z, or a (nested) list of n in all.
        targets: numbers t from 0 to 1, nested like the logits.

    Returns:
        A Value, whose derivative with respect to each logit is (σ(z) - t)/n.

    Raises:
        ValueError: if a target is not from 0 to 1, if the two are not nested alike, or if there are none.

    >>> round(binary_cross_entropy_with_logits([0.0, 1000.0], [1, 1]), 6)
    0.346574
    """
    pairs = _pairs(logits, targets)
    for _, t in pairs:
        if not 0 <= t <= 1:
            raise ValueError(f"targets must be from 0 to 1, got {t!r}")
    return mean([_likelihood(z, t) for z, t in pairs])


def _likelihood(z: Any, t: float) -> Any:
    if t == 1:
        return softplus(-z)
    return (1 - t) * softplus(z) + t * softplus(-z) if t else softplus(z)


def hinge_loss(outputs: Any, targets: Any) -> Any:
    """The margin loss max(0, 1 - t·output), averaged (Cortes & Vapnik 1995).

    Args:
        outputs: a Value or number, or a (nested) list of n in all.
        targets: -1 or 1 for each of them, nested alike.

    Returns:
        A Value.

    Raises:
        ValueError: if a target is neither -1 nor 1, if the two are not nested alike, or if there are none.

    >>> hinge_loss([2.0, 0.5], [1, -1])
    0.75
    """
    pairs = _pairs(outputs, targets)
    for _, t in pairs:
        if t not in (-1, 1):
            raise ValueError(f"targets of the hinge loss must be -1 or 1, got {t!r}")
    return mean([relu(1 - t * y) for y, t in pairs])


def cross_entropy(logits: Any, target: Any) -> Any:
    """The negative log-likelihood of the true class under softmax: -ln softmax(logits)[target], averaged over a batch.

    It is one node of the graph for an example, and its gradient with respect to the logits is softmax - onehot.

    Args:
        logits: a list of k Values or numbers; for a batch a list of such lists.
        target: the number of the true class, from 0 to k - 1; for a batch a list of them.

    Returns:
        A Value.

    Raises:
        TypeError: if a target is not an integer.
        ValueError: if a target is out of range, or if a batch has more or fewer targets than rows, or is empty.

    >>> from autograd import Value
    >>> logits = [Value(1000.0), Value(1000.0), Value(-1000.0)]
    >>> loss = cross_entropy(logits, 0)
    >>> loss.backward()
    >>> [z.grad for z in logits]
    [-0.5, 0.5, 0.0]
    """
    logits, target = as_lists(logits), as_lists(target)
    if not isinstance(target, (list, tuple)):
        return _cross_entropy(logits, target)
    if len(logits) != len(target) or not target:
        raise ValueError(f"cross_entropy needs a target for each row of logits, got {len(logits)} and {len(target)}")
    return mean([_cross_entropy(row, t) for row, t in zip(logits, target)])


def _cross_entropy(logits: Sequence[Any], target: Any) -> Any:
    if not isinstance(logits, (list, tuple)) or not logits:
        raise TypeError(f"logits must be a list of Values or numbers, one for each class, got {logits!r}")
    k = _class("target", target, len(logits))
    row = tuple(logits)
    return cross_entropy_rule(row[k], row[:k] + row[k + 1 :])


def accuracy(outputs: Sequence[Any], targets: Sequence[Any]) -> float:
    """The share of examples that are classified rightly.

    Args:
        outputs: for each of n examples a list of k logits, of which the largest is the answer; or one number, which
            answers yes where it is positive.
        targets: for each example the number of its class; or, for yes/no answers, a number that is positive for yes.

    Returns:
        A fraction from 0 to 1.

    Raises:
        TypeError: if the targets of logits are not integers.
        ValueError: if there are no examples, not as many targets, or a target is out of range.

    >>> accuracy([[0.1, 2.0], [3.0, 1.0]], [1, 1]), accuracy([-0.3, 2.0], [-1, 1])
    (0.5, 1.0)
    """
    outputs, targets = [as_lists(y) for y in outputs], as_lists(targets)
    if len(outputs) != len(targets) or not len(targets):
        raise ValueError(f"accuracy needs a target for each output, got {len(outputs)} and {len(targets)}")
    return sum(_right(y, t) for y, t in zip(outputs, targets)) / len(targets)


def _right(output: Any, target: Any) -> bool:
    if isinstance(output, (list, tuple)):
        return output.index(max(output)) == _class("target", target, len(output))
    return bool((output > 0) == (target > 0))


def _class(name: str, target: Any, classes: int) -> int:
    try:
        k = operator.index(target)
    except TypeError:
        raise TypeError(f"{name} must be the number of a class, an integer, got {target!r}") from None
    if not 0 <= k < classes:
        raise ValueError(f"{name} must be a class from 0 to {classes - 1}, got {k}")
    return k


def _pairs(outputs: Any, targets: Any) -> list[tuple[Any, float]]:
    outputs, targets = as_lists(outputs), as_lists(targets)
    ts = leaves_like(targets, outputs, ("targets", "the outputs"))
    return list(zip(leaves_of(outputs, "outputs"), [number(t, "a target") for t in ts]))
