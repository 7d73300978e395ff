"""What is trained, what makes the steps, and that a step is taken as a whole or not at all.

The two ways to make a step, on Values and compiled, stand in eager.py and compiled.py; the loop around them in fit.py.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
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
        batch_size: how many examples make a step, at most.
    """

    model: Module
    loss: Loss
    data: Examples
    optimizer: Optimizer
    layers: Mapping[str, Sequence[Value]]
    clip_norm: float | None
    clip_value: float | None
    batch_size: int


Made = tuple[list[float], list[float]]
"""Steps that were made, as (the losses before them, their learning rates)."""


class Stepper(Protocol):
    """What makes the steps of a training: eager ones on Values, or compiled ones on one vector."""

    meter: Any
    """What has seen the gradients and the steps: a `Meter` or a `VectorMeter`."""
    most: int
    """So many steps can be made at once."""

    def step(self, batch: Sequence[int]) -> float:
        """Make a step for the examples with these numbers; returns the loss before it."""

    def at_once(self, batches: Sequence[Sequence[int]], rates: Sequence[float]) -> list[float] | None:
        """Make a step for each of these batches, with these learning rates; returns the losses before them.

        None if something is not finite: then nothing has changed, and single steps will find what it is.
        """

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
    here, at one place: were each part to see to itself, Ctrl-C between two of them would leave one a step behind. Steps
    that are made at once are made whole together.

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
        self._growth, self._optimizer = growth, optimizer
        self._buffers, self._sources = changing
        self._attributes = [vars(part) for part in (optimizer, schedule) if hasattr(part, "__dict__")]
        self.made = 0
        """How many steps were made, or tried."""

    def make(self, batches: Sequence[Sequence[int]]) -> Iterator[Made]:
        """Make a step for each of these batches: all at once, or if that can't be one by one.

        Yields:
            Steps that were made: (the losses before them, their learning rates).
        """
        at_once = self._steps.most > 1
        while batches:
            found = self._many(batches) if at_once else None
            at_once = found is not None
            made, refused = found or self._one(batches[0])
            yield made
            if refused is not None and self.made != self._last:
                stop("after step", self.made, refused, self._history)
            batches = batches[len(made[0]) :]

    def _one(self, batch: Sequence[int]) -> tuple[Made, Exception | None]:
        """A step, and the error if the next one has no rate."""
        self.made += 1
        rate, kept = self._optimizer.lr, self._kept()
        try:
            loss = self._steps.step(batch)
            refused = None if self._schedule is None else _next_rate(self._schedule)
        except BaseException as cause:  # KeyboardInterrupt, too
            self._give_back(kept)
            stop("at step", self.made, cause, self._history, self._growth.told())
        self._growth.step(loss)
        return ([loss], [rate]), refused

    def _many(self, batches: Sequence[Sequence[int]]) -> tuple[Made, Exception | None] | None:
        """Steps up to one that has no rate after it, and the error; None, and all is as before, if that can't be."""
        kept = self._kept()
        try:
            rates, refused = self._rates(len(batches))
            losses = self._steps.at_once(batches[: len(rates)], rates)
            if losses is None:
                raise _OneByOne
        except BaseException as cause:
            self._give_back(kept)
            if isinstance(cause, _OneByOne):
                return None
            stop("at step", self.made + 1, cause, self._history)
        self.made += len(losses)
        self._growth.step(losses[0])
        self._growth.step(losses[-1])
        return (losses, rates), refused

    def _rates(self, n: int) -> tuple[list[float], Exception | None]:
        """The learning rates of the next n steps; of fewer, and an error, if one of them has none."""
        rates, schedule = [self._optimizer.lr], self._schedule
        if schedule is None:
            return rates * n, None
        settings = self._settings()
        while not (refused := _next_rate(schedule)) and len(rates) < n:
            rates.append(self._optimizer.lr)
            if self._settings() != settings:  # it sets more than the rate
                raise _OneByOne
        return rates, refused

    def _settings(self) -> dict[str, Any]:
        return {name: x for name, x in vars(self._optimizer).items() if name != "lr"}

    def _kept(self) -> tuple[Any, ...]:
        """Everything that a step changes."""
        return (
            self._steps.keep(),
            [names.copy() for names in self._attributes],
            [buffer.data for buffer in self._buffers] if self._buffers else [],
            [source.getstate() for source in self._sources] if self._sources else [],
        )

    def _give_back(self, kept: tuple[Any, ...]) -> None:
        """Everything is again as it was when it was kept."""
        numbers, attributes, buffers, states = kept
        self._steps.give_back(numbers)
        for names, old in zip(self._attributes, attributes):
            names.update(old)
        for buffer, number in zip(self._buffers, buffers):
            buffer.data = number
        for source, state in zip(self._sources, states):
            source.setstate(state)


class _OneByOne(Exception):
    """Steps must be made one by one."""


def _next_rate(schedule: Schedule) -> Exception | None:
    """Set the rate of the next step; the error if that has none, for which the step before it isn't undone."""
    try:
        schedule.step()
    except Exception as error:
        return error
    return None
