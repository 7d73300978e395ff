"""Targets that are numbers of classes: which class, whether it counts, and how much."""

from __future__ import annotations

import operator
from collections.abc import Sequence
from typing import Any

from autograd import dot, relu
from autograd.basics.arguments import listed, of_text
from autograd.basics.messages import shown
from autograd.lookup import is_unknown

from ..checks import rate


def class_number(name: str, target: Any, classes: int) -> Any:
    """The target as the number of a class, from 0; an error that calls it `name` if it is none.

    While a loss is being compiled a target may have no number yet: `fit` has looked at it, and it stays as it is.
    """
    if is_unknown(target):
        return target
    k = _index(name, target)
    if not 0 <= k < classes:
        mend = ": subtract 1 where they begin with 1, or give the model more outputs" if k == classes else ""
        mend = ": write 0 for it" if k == -1 and classes == 2 else mend
        raise ValueError(f"{name} must be a class from 0 to {classes - 1}, got {shown(k)}{mend}")
    return k


def kept_class(name: str, target: Any, classes: int, ignored: int | None) -> tuple[Any, Any]:
    """The class of a target, and 1 if it counts; of one that is ignored None for both.

    While a loss is being compiled: the class, or 0 for one that is ignored, and whether it counts, 1 or 0.
    """
    if ignored is None:
        return class_number(name, target, classes), 1.0
    skipped = _index("ignore_index", ignored)
    if is_unknown(target):
        kept = 1.0 - relu(1.0 - abs(target - float(skipped)))  # of whole numbers: 0 for this one, 1 for all others
        return target * kept, kept
    if isinstance(target, (int, float)) and target == skipped:
        return None, None
    return class_number(name, target, classes), 1.0


def nothing(outputs: Sequence[Any]) -> Any:
    """A loss of 0, whose gradient is 0: a Value, if the outputs are."""
    return dot([0.0], outputs[:1])


def class_weights(weight: Any) -> tuple[float, ...] | None:
    """The weights of the classes, 0 or greater, one of them positive; None for none."""
    if weight is None:
        return None
    ws = tuple([rate(f"weight[{i}]", w) for i, w in enumerate(listed(weight, "weight", "numbers, one for each class"))])
    if not any(ws):
        raise ValueError(f"weight must have a number greater than 0, got {shown(weight)}")
    return ws


def weights_for(weights: tuple[float, ...] | None, classes: int) -> tuple[float, ...]:
    """The weights of so many classes; all 1 for None."""
    if weights is None:
        return (1.0,) * classes
    if len(weights) != classes:
        raise ValueError(f"weight must have a number for each of {classes} classes, got {len(weights)}")
    return weights


def _index(name: str, target: Any) -> int:
    if isinstance(target, float) and target.is_integer():  # how CSV files and data frames have classes
        return int(target)
    try:
        return operator.index(target)
    except TypeError:
        mend = of_text(target) if isinstance(target, str) else ""
        raise TypeError(f"{name} must be the number of a class, an integer, got {shown(target)}{mend}") from None
