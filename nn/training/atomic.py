"""What is trained, what makes the steps, and that a step is taken as a whole or not at all.

The two ways to make a step, on Values and compiled, stand in eager.py and compiled.py; the loop around them in fit.py.
"""

from __future__ import annotations

import gc
import random
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Protocol

from autograd import Value

from ..module import Buffer, Module
from ..optim.optimizer import Optimizer
from ..schedules import Schedule
from .errors import stop
from .evaluate import Loss
from .growth import Growth
from .history import History
from .preflight import Examples


@dataclass(frozen=True)
class Training:
    """What is trained, on what and how.

    Args:
        model, loss, optimizer, clip_norm, clip_value: as in `fit`.
        data: the examples that are learned from.
        layers: the parameters that move, by layer.
    """

    model: Module
    loss: Loss
    data: Examples
    optimizer: Optimizer
    layers: Mapping[str, Sequence[Value]]
    clip_norm: float | None
    clip_value: float | None


class Stepper(Protocol):
    """What makes the steps of a training: eager ones on Values, or compiled ones on one vector."""

    meter: Any
    """What has seen the gradients and the steps: a `Meter` or a `VectorMeter`."""

    def step(self, batch: Sequence[int]) -> float:
        """Make a step for the examples with these numbers; returns the loss before it."""

    def keep(self) -> Any:
        """The numbers of parameters that a step will change."""

    def give_back(self, kept: Any) -> None:
        """Give the parameters these numbers again."""

    def look(self) -> None:
        """Bring the model and the optimizer up to date, before anyone looks at them."""

    def mean_loss(self, examples: Examples) -> float:
        """The mean of the loss, in evaluation mode."""


class WholeSteps:
    """Makes a step and sets the rate of the next; or everything is as before, also when Ctrl-C comes in the middle.

    Everything is: parameters, optimizer and schedule; the buffers and random generators of the model. All of it is kept
    here, at one place: were each part to see to itself, Ctrl-C between two of them would leave one a step behind.

    Args:
        steps: what makes them.
        optimizer, schedule: those of the training.
        last: the number of the step after which no rate is needed; None if the schedule goes on.
        changing: the buffers and the random generators of the model.
        history: what goes with the error if a step fails.
        growth: what looks at the losses.
    """

    def __init__(
        self,
        steps: Stepper,
        optimizer: Optimizer,
        schedule: Schedule | None,
        last: int | None,
        changing: tuple[Sequence[Buffer], Sequence[random.Random]],
        history: History,
        growth: Growth,
    ) -> None:
        self._steps, self._schedule, self._last, self._history = steps, schedule, last, history
        self._growth = growth
        self._buffers, self._sources = changing
        self._attributes = [vars(part) for part in (optimizer, schedule) if hasattr(part, "__dict__")]
        self.made = 0
        """How many steps were made, or tried."""

    def make(self, batch: Sequence[int]) -> float:
        """Make a step; returns the loss before it."""
        self.made += 1
        kept, attributes = self._steps.keep(), [names.copy() for names in self._attributes]
        numbers = [buffer.data for buffer in self._buffers] if self._buffers else []
        states = [source.getstate() for source in self._sources] if self._sources else []
        try:
            cost = self._steps.step(batch)
            refused = None if self._schedule is None else _next_rate(self._schedule)
        except BaseException as cause:  # KeyboardInterrupt, too
            self._steps.give_back(kept)
            for names, old in zip(self._attributes, attributes):
                names.update(old)
            for buffer, number in zip(self._buffers, numbers):
                buffer.data = number
            for source, state in zip(self._sources, states):
                source.setstate(state)
            stop("at step", self.made, cause, self._history, self._growth.told())
        self._growth.step(cost)
        if refused is not None and self.made != self._last:
            stop("after step", self.made, refused, self._history)
        return cost


def _next_rate(schedule: Schedule) -> Exception | None:
    """Set the rate of the next step; the error if that has none, for which the step before it isn't undone."""
    try:
        schedule.step()
    except Exception as error:
        return error
    return None


@contextmanager
def no_collection() -> Iterator[None]:
    """No garbage collection while a graph grows: it would search every new node in vain, for graphs have no cycles."""
    was_on = gc.isenabled()
    try:
        gc.disable()
        yield
    finally:
        if was_on:
            gc.enable()
