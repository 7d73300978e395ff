"""What the losses share: their reduction, and targets that are classes."""

from __future__ import annotations

import operator
from typing import Any, Literal, TypeAlias

from autograd import mean, sum
from autograd.basics.messages import shown
from autograd.choice import is_unknown
from autograd.transforms.tree import like

Reduction: TypeAlias = Literal["mean", "sum", "none"]


def class_number(name: str, target: Any, classes: int) -> Any:
    """The target as the number of a class, from 0; an error that calls it `name` if it is none.

    While a loss is being compiled a target may have no number yet: `fit` has looked at it, and it stays as it is.
    """
    if is_unknown(target):
        return target
    try:
        k = operator.index(target)
    except TypeError:
        raise TypeError(f"{name} must be the number of a class, an integer, got {shown(target)}") from None
    if not 0 <= k < classes:
        raise ValueError(f"{name} must be a class from 0 to {classes - 1}, got {shown(k)}")
    return k


def reduced(losses: list[Any], tree: Any, reduction: Reduction) -> Any:
    """The mean of the losses, their sum, or each in its place in `tree`; the only one if there is no tree."""
    if reduction not in ("mean", "sum", "none"):
        raise ValueError(f"reduction must be 'mean', 'sum' or 'none', got {shown(reduction)}")
    if reduction == "none" or tree is None:
        return like(tree, iter(losses))
    return mean(losses) if reduction == "mean" else sum(losses)
