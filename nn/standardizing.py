"""Inputs and outputs of a size about 1: each column less its mean, divided by its standard deviation."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from autograd import Value
from autograd.basics.arguments import number
from autograd.basics.messages import shown
from autograd.transforms.tree import as_lists

from .checks import finite, sequence


class Standardizer:
    """(x - mean)/std by column, with the means and standard deviations of the training data, whatever comes later.

    Networks learn faster from inputs of one size, and from targets, too (LeCun et al. 1998, "Efficient BackProp", 4.3).

    Args:
        examples: what is learned from: for each of n examples a list of k numbers, or one number.

    Raises:
        TypeError: if the examples are not a list, or hold anything but numbers.
        ValueError: if there are none, a number is not finite, or the lists differ in length.

    It is called with one example or a list of them; `inverse` takes outputs back to the units of the targets:

    >>> heights, weights = [[1.5], [1.6], [2.0]], [50.0, 60.0, 100.0]
    >>> inputs, targets = Standardizer(heights), Standardizer(weights)
    >>> inputs([1.7]), [round(x, 3) for x in targets(weights)]
    ([0.0], [-0.926, -0.463, 1.389])
    >>> targets.inverse(targets(60.0)), targets.mean
    (60.0, 70.0)

    A column of equal numbers becomes 0: its standard deviation counts as 1.
    """

    def __init__(self, examples: Sequence[Any]) -> None:
        rows = as_lists(list(sequence("examples", examples)))
        if not rows:
            raise ValueError("examples must hold at least one, got an empty list")
        self.mean: Any
        """The mean of each column, a list; of examples that are numbers, a number."""
        self.std: Any
        """The standard deviation of each column (with n in the denominator), 1 where all numbers are equal."""
        if isinstance(rows[0], (list, tuple)):
            columns = [_column(rows, j) for j in range(_width(rows))]
            self.mean, self.std = [mean for mean, _ in columns], [std for _, std in columns]
        else:
            self.mean, self.std = _spread([finite(f"examples[{i}]", x) for i, x in enumerate(rows)])

    def __call__(self, examples: Any) -> Any:
        """The examples standardized: one, or a list of them, of numbers or Values.

        Raises:
            TypeError: if they are anything else.
            ValueError: if one has another number of columns.
        """
        return self._each(examples, lambda x, mean, std: (x - mean) / std)

    def inverse(self, examples: Any) -> Any:
        """What was standardized, in its own units.

        Args:
            examples: one, or a list of them, of numbers or Values: such as the outputs of a model.

        Returns:
            The same, of each number x · std + mean.
        """
        return self._each(examples, lambda x, mean, std: x * std + mean)

    def _each(self, examples: Any, f: Any) -> Any:
        examples = as_lists(examples)
        if not isinstance(self.mean, list):
            return _mapped(examples, lambda x: f(_number(x), self.mean, self.std))
        if not isinstance(examples, (list, tuple)):
            raise TypeError(f"an example must be a list of {len(self.mean)} numbers, got {shown(examples)}")
        if examples and isinstance(examples[0], (list, tuple)):
            return [self._each(example, f) for example in examples]
        if len(examples) != len(self.mean):
            raise ValueError(f"{self!r} takes examples of {len(self.mean)} columns, got {len(examples)}")
        return [f(_number(x), mean, std) for x, mean, std in zip(examples, self.mean, self.std)]

    def __repr__(self) -> str:
        return f"Standardizer({f'{len(self.mean)} columns' if isinstance(self.mean, list) else 'numbers'})"


def _mapped(x: Any, f: Any) -> Any:
    return [_mapped(part, f) for part in x] if isinstance(x, (list, tuple)) else f(x)


def _number(x: Any) -> Any:
    return x if isinstance(x, Value) else number(x, "a number of an example")


def _width(rows: Sequence[Any]) -> int:
    for i, row in enumerate(rows):
        if not isinstance(row, (list, tuple)) or len(row) != len(rows[0]):
            raise ValueError(f"examples must all have {len(rows[0])} numbers, as examples[0], got {shown(row)} at {i}")
    return len(rows[0])


def _column(rows: Sequence[Any], j: int) -> tuple[float, float]:
    return _spread([finite(f"examples[{i}][{j}]", row[j]) for i, row in enumerate(rows)])


def _spread(xs: Sequence[float]) -> tuple[float, float]:
    """Mean and standard deviation, with 1 for that of numbers that are equal, up to rounding."""
    n = len(xs)
    try:
        mean = math.fsum(xs) / n
    except OverflowError:
        mean = math.fsum([x / n for x in xs])
    std = math.hypot(*[x - mean for x in xs]) / math.sqrt(n)
    return (mean, std) if std > 1e-14 * abs(mean) else (mean if min(xs) < max(xs) else xs[0], 1.0)
