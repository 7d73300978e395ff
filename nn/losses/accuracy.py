"""The share of examples that are classified right. It is not differentiable."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from autograd import Value
from autograd.basics.arguments import listed, number
from autograd.basics.messages import shown
from autograd.transforms.tree import as_lists

from .targets import class_number


def accuracy(outputs: Sequence[Any], targets: Sequence[Any]) -> float:
    """The share of examples that are classified rightly.

    Args:
        outputs: for each of n examples a list of k logits, of which the largest is the answer; or one number, which
            answers yes where it is positive. Where one of them is not a number, the answer is wrong.
        targets: for each example the number of its class, or a list with the probability of each; or,
            for yes/no answers, a number that is positive for yes.

    Returns:
        A fraction from 0 to 1.

    Raises:
        TypeError: if the targets of logits are neither whole numbers nor lists of numbers.
        ValueError: if there are no examples, not as many targets, a single logit where there should be one for each
            class, or a target is out of range.

    >>> accuracy([[0.1, 2.0], [3.0, 1.0]], [1, 1]), accuracy([-0.3, 2.0], [-1, 1])
    (0.5, 1.0)
    """
    outputs, targets = as_lists([listed(outputs, "outputs", "answers"), listed(targets, "targets")])
    if len(outputs) != len(targets) or not len(targets):
        raise ValueError(f"accuracy needs a target for each output, got {len(outputs)} and {len(targets)}")
    return [_right(y, t) for y, t in zip(outputs, targets)].count(True) / len(targets)


def _right(output: Any, target: Any) -> bool:
    if not isinstance(output, (list, tuple)):
        y = _plain(output, "an output")
        return not math.isnan(y) and (y > 0) == (_plain(target, "a target") > 0)
    if len(output) < 2:
        raise ValueError(
            f"an output must be a logit for each class, or a number for yes/no answers, got {shown(output)}"
        )
    ys = [_plain(y, "a logit") for y in output]
    if isinstance(target, (list, tuple)):
        target = _most_likely(target, len(ys))
    right = ys.index(max(ys)) == class_number("target", target, len(ys))
    return right and not any(map(math.isnan, ys))


def _most_likely(target: Sequence[Any], classes: int) -> int:
    """The class of a one-hot list or of probabilities: the one that has the most."""
    ps = [number(p, "a probability in target") for p in target]
    if len(ps) != classes:
        raise ValueError(f"a target must have a probability for each of {classes} classes, got {shown(target)}")
    return ps.index(max(ps))


def _plain(x: Any, name: str) -> float:
    return x.data if isinstance(x, Value) else number(x, name)
