"""What the losses share: their reduction, and targets that are classes."""

from __future__ import annotations

import operator
from typing import Any, Literal, TypeAlias

from autograd import mean, sum
from autograd.basics.messages import shown
from autograd.basics.operand import Operand
from autograd.transforms.tree import like

Reduction: TypeAlias = Literal["mean", "sum", "none"]


def unknown(target: Any) -> bool:
    """Whether a target has no number yet: the loss is being compiled, and `fit` has looked at the targets."""
    return isinstance(target, Operand) and target.unknown


def class_number(name: str, target: Any, classes: int) -> int:
    try:
        k = operator.index(target)
    except TypeError:
        raise TypeError(f"{name} must be the number of a class, an integer, got {shown(target)}") from None
    if not 0 <= k < classes:
        raise ValueError(f"{name} must be a class from 0 to {classes - 1}, got {shown(k)}")
    return k


def reduced(losses: list[Any], tree: Any, reduction: Reduction) -> Any:
    """The losses of all in `tree`, in order: their mean, their sum, or each in its place; of no tree the only one."""
    if reduction not in ("mean", "sum", "none"):
        raise ValueError(f"reduction must be 'mean', 'sum' or 'none', got {shown(reduction)}")
    if reduction == "none" or tree is None:
        return like(tree, iter(losses))
    return mean(losses) if reduction == "mean" else sum(losses)
