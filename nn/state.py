"""What stands around the steps of a training, so that whatever stops it leaves the model whole and usable."""

from __future__ import annotations

import gc
import random
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from autograd import no_grad

from .module import Buffer, Module, parts_of


@contextmanager
def given_back(model: Module) -> Iterator[None]:
    """Afterwards modules and garbage collector are as now, even if Ctrl-C hit a step where it gives that back."""
    was_on = gc.isenabled()
    with modes_kept(model):
        try:
            yield
        finally:
            if was_on:
                gc.enable()


@contextmanager
def untouched(model: Module) -> Iterator[None]:
    """Evaluation mode without a graph; after it, modes, buffers and random generators are as they were."""
    parts = [part for _, part in parts_of(model, _CHANGING)]  # in one walk, which takes its time in a large model
    modes = [(part, part.training) for part in parts if isinstance(part, Module)]
    numbers = [(part, part.data) for part in parts if isinstance(part, Buffer)]
    states = [(part, part.getstate()) for part in parts if _has_state(part)]
    try:
        for module, _ in modes:
            module.training = False
        with no_grad():
            yield
    finally:
        for module, training in modes:
            module.training = training
        for buffer, number in numbers:
            buffer.data = number
        for source, state in states:
            source.setstate(state)


@contextmanager
def modes_kept(model: Module) -> Iterator[None]:
    """Whatever happens inside, each module is afterwards in the mode, training or evaluation, that it is in now."""
    modes = [(module, module.training) for module in model.modules()]
    try:
        yield
    finally:
        for module, training in modes:
            module.training = training


def generators(model: Module) -> dict[str, random.Random]:
    """The random generators in a model by their place, as far as they have a state that can be kept."""
    return {place: source for place, source in parts_of(model, random.Random) if _has_state(source)}


_CHANGING: Any = (Module, Buffer, random.Random)


def _has_state(part: Any) -> bool:
    return isinstance(part, random.Random) and not isinstance(part, random.SystemRandom)
