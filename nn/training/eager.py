"""How a step of a training is made: whole or not at all; here on Values, in vector_stepping.py by a compiled program.

`fit` calls either in the same way: `keep` before a step, `step` for a batch, `after_step` when it is made, `mean_loss`
for examples that are not learned from, `look` before anyone looks at the model, and `go_on` after that.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from autograd import Value, mean
from autograd.graph import topological_order

from ..module import Module, assign
from ..optim.clipping import clip_grad_norm, clip_grad_value
from ..optim.optimizer import Optimizer
from .atomic import no_collection
from .evaluate import Layers, Loss, mean_loss, outputs_for
from .meters import Meter
from .preflight import Examples


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

    @no_collection()
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
