"""How a step of a training is made: whole or not at all; here on Values, in vector_stepping.py by a compiled program.

`fit` calls either in the same way: `keep` before a step, `step` for a batch, `after_step` when it is made, `mean_loss`
for examples that are not learned from, `look` before anyone looks at the model, and `go_on` after that.
"""

from __future__ import annotations

import gc
import math
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from autograd import Value, mean, no_grad
from autograd.graph import culprit, topological_order
from autograd.messages import shown

from .clipping import clip_grad_norm, clip_grad_value
from .history import Meter
from .module import Buffer, Module
from .optimizer import Optimizer, assign
from .preflight import Examples
from .schedules import Schedule

if TYPE_CHECKING:
    from .vector_stepping import Compiled

Loss = Callable[[Any, Any], Any]
Layers = Mapping[str, Sequence[Value]]


@contextmanager
def whole(
    steps: Eager | Compiled, buffers: Sequence[Buffer], sources: Sequence[random.Random], schedule: Schedule | None
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
def _no_collection() -> Iterator[None]:
    """No garbage collection while a graph grows: it would search every new node in vain, for graphs have no cycles."""
    was_on = gc.isenabled()
    try:
        gc.disable()
        yield
    finally:
        if was_on:
            gc.enable()


class Eager:
    """Steps on Values: forward, backward, and the parameters move.

    Args:
        model, loss, data, optimizer: as in `fit`.
        layers: the parameters that move, by layer.
        clip_norm, clip_value: as in `fit`.
    """

    def __init__(
        self,
        model: Module,
        loss: Loss,
        data: Examples,
        optimizer: Optimizer,
        layers: Layers,
        clip_norm: float | None,
        clip_value: float | None,
    ) -> None:
        self.model, self.loss, self.data, self.optimizer = model, loss, data, optimizer
        self.clip_norm, self.clip_value = clip_norm, clip_value
        self.meter = Meter(layers)
        self.reached = False

    def keep(self) -> Callable[[], None]:
        """A function that gives the parameters back the numbers that they have now."""
        params = self.optimizer.params
        before = [p.data for p in params]

        def give_back() -> None:
            if [p.data for p in params] != before:  # if none has moved, graphs that were made of them stay valid
                assign(params, "data", before)

        return give_back

    @_no_collection()
    def step(self, batch: Sequence[int]) -> float:
        """Make a step for the examples with these numbers; returns the loss before it."""
        outputs = outputs_for(self.model, [self.data.inputs[i] for i in batch])
        cost = mean([self.loss(output, self.data.targets[i]) for output, i in zip(outputs, batch)])
        cut_off = "the loss depends on no parameter: is it made of .data, or is this inside of no_grad()?"
        if not isinstance(cost, Value):
            raise ValueError(cut_off)
        if not self.reached and set(topological_order(cost)).isdisjoint(self.optimizer.params):
            raise ValueError(cut_off)
        self.reached = True  # one look at the whole graph will do
        self.optimizer.zero_grad()
        cost.backward()
        self.meter.before_step()
        if self.clip_norm is not None:
            clip_grad_norm(self.optimizer.params, self.clip_norm)
        if self.clip_value is not None:
            clip_grad_value(self.optimizer.params, self.clip_value)
        self.optimizer.step()
        return cost.data

    def after_step(self) -> None:
        """See how far the parameters moved."""
        self.meter.after_step()

    def mean_loss(self, examples: Examples) -> float:
        """The mean of the loss, in evaluation mode."""
        return mean_loss(self.model, self.loss, examples)

    def look(self) -> None:
        """Nothing to do: what is learned is in the model at all times."""

    def go_on(self) -> None:
        """Nothing to do, either."""


def outputs_for(model: Module, inputs: Sequence[Any]) -> list[Any]:
    """What the model returns for a batch; a ValueError if that is not an output for each of the inputs."""
    outputs = list(model.batch(inputs))
    if len(outputs) != len(inputs):
        raise ValueError(f"batch() of {shown(model)} returned {len(outputs)} outputs for {len(inputs)} inputs")
    return outputs


def mean_loss(model: Module, loss: Loss, examples: Examples) -> float:
    """The mean of the loss over examples, in the mode that the model is in; a ValueError if it is not finite."""
    with no_grad():
        outputs = outputs_for(model, examples.inputs)
        losses = [loss(output, target) for output, target in zip(outputs, examples.targets)]
    total = sum([float(getattr(x, "data", x)) / len(losses) for x in losses])
    if math.isfinite(total):
        return total
    for i, (x, target) in enumerate(zip(examples.inputs, examples.targets)):
        y = loss(model.batch([x])[0], target)  # once more with its graph, which tells the operation
        if not math.isfinite(y.data if isinstance(y, Value) else y):
            raise ValueError(
                f"the loss of {examples.name}inputs[{i}] is not finite{culprit(y) if isinstance(y, Value) else ''}"
            )
    raise ValueError(f"the {examples.name}loss is {total}")
