"""Steps of a training on Values: forward, backward, and the parameters move. Compiled ones are in compiled.py."""

from __future__ import annotations

from collections.abc import Sequence

from autograd import Value, mean
from autograd.basics.collector import no_collection
from autograd.basics.setting import assign
from autograd.order import topological_order

from ..optim.clipping import clip_grad_norm, clip_grad_value
from .atomic import Training
from .evaluate import mean_loss, outputs_for
from .meters import Meter
from .preflight import Examples, takes_closure


class Eager:
    """Makes each step as one writes it by hand; a `Stepper`, in atomic.py, where it says what the methods are for.

    Args:
        training: what is trained.
    """

    def __init__(self, training: Training) -> None:
        self.training, self.optimizer = training, training.optimizer
        self.meter, self.most = Meter(training.layers), 1
        self._reached = False

    def step(self, batch: Sequence[int]) -> float:
        """Make a step for the examples with these numbers; returns the loss before it."""
        with no_collection():
            return self._step(batch)

    def _step(self, batch: Sequence[int]) -> float:
        training, optimizer = self.training, self.optimizer
        cost = self._cost(batch)
        optimizer.zero_grad()
        cost.backward()
        self.meter.before_step()
        if training.clip_norm is not None:
            clip_grad_norm(optimizer.params, training.clip_norm)
        if training.clip_value is not None:
            clip_grad_value(optimizer.params, training.clip_value)
        optimizer.step(*[lambda: self._cost(batch)] * takes_closure(optimizer))
        self.meter.after_step()
        return cost.data

    def _cost(self, batch: Sequence[int]) -> Value:
        """The mean of the loss over the examples with these numbers; a ValueError if no parameter has a part in it."""
        training, data = self.training, self.training.data
        outputs = outputs_for(training.model, [data.inputs[i] for i in batch])
        cost = mean([training.loss(output, data.targets[i]) for output, i in zip(outputs, batch)])
        cut_off = "the loss depends on no parameter: is it made of .data, or is this inside of no_grad()?"
        if not isinstance(cost, Value):
            raise ValueError(cut_off)
        if not self._reached and set(topological_order(cost)).isdisjoint(self.optimizer.params):
            raise ValueError(cut_off)
        self._reached = True  # one look at the whole graph will do
        return cost

    def at_once(self, batches: Sequence[Sequence[int]], rates: Sequence[float]) -> None:
        """Steps are made one by one."""

    def keep(self) -> list[float]:
        """The numbers of the parameters."""
        return [p.data for p in self.optimizer.params]

    def give_back(self, kept: list[float]) -> None:
        """Give them back; if none has moved, graphs that were made of them stay valid."""
        if [p.data for p in self.optimizer.params] != kept:
            assign(self.optimizer.params, "data", kept)

    def look(self) -> None:
        """Nothing to do: what is learned is in the model at all times."""

    def mean_loss(self, examples: Examples) -> float:
        """The mean of the loss, in evaluation mode."""
        return mean_loss(self.training.model, self.training.loss, examples)
