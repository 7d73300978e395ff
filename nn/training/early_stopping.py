"""The lowest loss so far, and what the model was then."""

from __future__ import annotations

import math

from autograd.basics.setting import assign

from ..checks import positive_integer
from ..module import Module, named_state
from .preflight import Examples


class Lowest:
    """The lowest validation loss so far, and the numbers of the model then: what early stopping goes by."""

    def __init__(self, model: Module, patience: int | None, held_out: Examples) -> None:
        self.patience = None if patience is None else positive_integer("early_stopping", patience)
        if self.patience and not len(held_out):
            raise ValueError("early_stopping goes by the validation loss: give fit validation=(inputs, targets), too")
        self.numbers = list(named_state(model).values()) if self.patience else []
        self.lowest: tuple[float, int, list[float]] = math.inf, 0, []  # loss, epoch, numbers: in one, for Ctrl-C

    def look(self, epoch: int, loss: float | None) -> list[str]:
        """Compare an epoch; the reason to stop, if there is one."""
        if self.patience is None or loss is None:
            return []
        if loss < self.lowest[0]:
            self.lowest = loss, epoch, [number.data for number in self.numbers]
        its_epoch = self.lowest[1]
        if epoch - its_epoch < self.patience:
            return []
        return [f"no lower validation loss than that of epoch {its_epoch} in {self.patience} more"]

    def give_back(self) -> None:
        """Give the model the numbers that it had then."""
        assign(self.numbers, "data", self.lowest[2])
