"""What becomes of the losses of many outputs or examples: their mean, their sum, or each of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, TypeAlias

from autograd import mean, sum
from autograd.basics.messages import shown
from autograd.lookup import is_unknown
from autograd.transforms.tree import like

Reduction: TypeAlias = Literal["mean", "sum", "none"]


def reduced(losses: list[Any], tree: Any, reduction: Reduction, counts: Sequence[Any] | None = None) -> Any:
    """The mean of the losses, their sum, or each in its place in `tree`; the only one if there is no tree.

    `counts` says how much each counts in the mean, which is Σ losses / Σ counts, or 0 where nothing counts.
    """
    if reduction not in ("mean", "sum", "none"):
        raise ValueError(f"reduction must be 'mean', 'sum' or 'none', got {shown(reduction)}")
    if reduction == "none" or tree is None:
        items = iter(losses)
        return next(items) if tree is None else like(tree, items)
    if reduction == "mean" and (counts is None or all(count.__class__ is float and count == 1.0 for count in counts)):
        return mean(losses)
    total = sum(losses)
    if reduction == "sum" or counts is None:
        return total
    whole = sum(counts)
    return total / whole if is_unknown(whole) or whole else total
