"""A step is taken as a whole, or not at all."""

from __future__ import annotations

import gc
import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Protocol

from ..module import Buffer
from ..schedules import Schedule


class Stepper(Protocol):
    """What makes the steps of a training: eager ones on Values, or compiled ones on one vector."""

    optimizer: Any

    def keep(self) -> Callable[[], None]:
        """A function that gives back all that a step changes."""


@contextmanager
def whole(
    steps: Stepper, buffers: Sequence[Buffer], sources: Sequence[random.Random], schedule: Schedule | None
) -> Iterator[None]:
    """What is done inside is done, or everything is as before, also when Ctrl-C comes in the middle of it.

    Everything is: parameters, optimizer and schedule; the buffers and random generators of the model. All of it is kept
    here, at one place: were each part to see to itself, Ctrl-C between two of them would leave one a step behind.
    """
    give_back = steps.keep()
    attributes = [vars(part) for part in (steps.optimizer, schedule) if hasattr(part, "__dict__")]
    before = [dict(names) for names in attributes]
    numbers = [buffer.data for buffer in buffers]
    states = [source.getstate() for source in sources]
    try:
        yield
    except BaseException:  # KeyboardInterrupt, too
        give_back()
        for names, old in zip(attributes, before):
            names.update(old)
        for buffer, number in zip(buffers, numbers):
            buffer.data = number
        for source, state in zip(sources, states):
            source.setstate(state)
        raise


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
