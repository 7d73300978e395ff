"""A loss that grows from the first step on is told: nothing will be learned, and two things mend it nearly always."""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterable
from typing import Any


class Growth:
    """Looks at the losses of a run, and warns once if they grow from the first epoch on.

    Args:
        optimizer: the one that makes the steps; the warning names its lr.

    >>> growth = Growth(None)
    >>> with warnings.catch_warnings(record=True) as told:
    ...     warnings.simplefilter("always")
    ...     growth.epochs([1.0, 1.5, 2.0, 2.5, 3.0])
    >>> [str(warning.message).split(":")[0] for warning in told]
    ['the loss has grown in each epoch so far, from 1 to 2.5']
    """

    EPOCHS = 4
    """So many epochs, each with a greater loss than the one before, are taken for growth; together they double it."""

    def __init__(self, optimizer: Any) -> None:
        self._lr = getattr(optimizer, "lr", None)
        self._first_step = self._last_step = math.nan
        self._epochs: list[float] | None = []  # None: there is nothing more to find out

    def step(self, loss: float) -> None:
        """Take in the loss of a step."""
        if self._first_step != self._first_step:
            self._first_step = loss
        self._last_step = loss

    def epochs(self, losses: Iterable[float]) -> None:
        """Take in the losses of epochs, and warn if these and all before them have grown."""
        for loss in losses:
            before = self._epochs
            if before is None:
                return
            if before and not loss > before[-1]:
                self._epochs = None
                return
            before.append(loss)
            if len(before) >= self.EPOCHS and loss - before[0] > abs(before[0]):
                self._epochs = None
                text = f"the loss has grown in each epoch so far, from {before[0]:.4g} to {loss:.4g}: {self._mend()}"
                warnings.warn(text, RuntimeWarning, stacklevel=4)  # the line that calls fit

    def told(self) -> str:
        """What the error of a step says besides, if the losses before it have grown tenfold."""
        if not self._last_step - self._first_step > 9 * abs(self._first_step):
            return ""
        return f" (the loss had grown from {self._first_step:.4g} to {self._last_step:.4g}: {self._mend()})"

    def _mend(self) -> str:
        smaller = "" if self._lr is None else f" than {self._lr:g}"
        return f"a smaller lr{smaller}, or inputs and targets scaled to a size of about 1, may mend it"
