"""Steps of a training by a session of a compiled program, which holds parameters and optimizer on one vector.

This file is imported only when a training is compiled: `import nn` doesn't load the compiler.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from autograd import Value, no_grad
from autograd.basics.arguments import Precision
from autograd.basics.messages import shown
from autograd.program import Program

from ..layers.containers import Residual, Sequential
from ..layers.normalization import BatchNorm
from ..module import Module
from ..optim.clipping import shortening
from ..optim.lbfgs import LBFGS, descended
from ..optim.optimizer import Optimizer
from ..state import modes_kept
from .atomic import Training
from .meters import VectorMeter
from .preflight import Examples


class Compiled:
    """Makes each step on the session's vector; a `Stepper`, in atomic.py, where it says what the methods are for.

    In lower precision the program computes with a copy; what is learned adds up in double precision (Micikevicius et
    al. 2018).

    Args:
        training: what is trained.
        dtype, loss_scale: as in `autograd.compile`.

    Raises:
        TypeError: if model or loss can't be compiled (a TraceError, which names the line), or the optimizer has no rule
            for vectors.
        ValueError: if the inputs are not all of one shape, or the targets.
    """

    def __init__(self, training: Training, dtype: Precision, loss_scale: float) -> None:
        model, loss, optimizer = training.model, training.loss, training.optimizer
        searching = isinstance(optimizer, LBFGS)
        if not isinstance(optimizer, Optimizer) or type(optimizer).step is not (LBFGS if searching else Optimizer).step:
            raise TypeError(f"compile=True needs an optimizer with an update rule for vectors, got {shown(optimizer)}")
        for part in model.modules():
            if type(part).batch not in _ONE_BY_ONE:
                raise TypeError(
                    f"compile=True calls the model for one example, and {shown(part)} has a batch() of its own:"
                    " leave compile out"
                )
        self.training, self._size = training, len(training.data)
        self._held_out = Program(lambda x, t: loss(model(x), t))
        program = Program(lambda x, t: loss(model(x), t), optimizer.params, dtype, loss_scale)
        self.session = program.session(Still(optimizer.params) if searching else optimizer)
        with modes_kept(model):
            model.train()
            _arrays(training.data)
            self.session.load(training.data.inputs, training.data.targets)
        self.meter = VectorMeter(training.layers, self.session.parameters)

    def step(self, batch: Sequence[int]) -> float:
        """Make a step for the examples with these numbers; returns the loss before it."""
        session, training = self.session, self.training
        rows = None if len(batch) == self._size else batch
        cost = session.backward(rows=rows)
        before, found = session.moment[0], session.gradient
        if isinstance(training.optimizer, LBFGS):
            self._search(training.optimizer, rows)
            session.gradient = found
            self.meter.add(before, found, session.moment[0])
            return cost
        if training.clip_norm is not None and (factor := shortening(session.norm, training.clip_norm)) < 1:
            session.gradient = session.gradient * factor
        if training.clip_value is not None:
            session.gradient = session.gradient.clip(-training.clip_value, training.clip_value)
        session.update()
        self.meter.add(before, found, session.moment[0])
        return cost

    def _search(self, optimizer: LBFGS, rows: Sequence[int] | None) -> None:
        """A step of an optimizer that looks at the loss of the same examples several times."""
        session, (start, *rest) = self.session, self.session.moment

        def evaluate(x: Any) -> tuple[float, Any]:
            session.moment = (x, *rest)
            return session.backward(rows=rows), session.gradient

        _, moved, state = descended(optimizer, evaluate, start)
        optimizer.check(moved.tolist(), [])
        session.moment = (moved, *rest)
        optimizer.state, optimizer.steps = state, optimizer.steps + 1

    def keep(self) -> Any:
        """The session's numbers; each step makes new ones."""
        return self.session.moment

    def give_back(self, kept: Any) -> None:
        """Give the session these numbers."""
        self.session.moment = kept

    def look(self) -> None:
        """Bring the parameters, their gradients and the optimizer's memory up to where the session is."""
        self.session.sync()

    def mean_loss(self, examples: Examples) -> float:
        """The mean of the loss, in evaluation mode."""
        with no_grad():
            return self._held_out(*_arrays(examples))


class Still(Optimizer):
    """Moves nothing: for a session whose vector somebody else moves.

    Args:
        params: the parameters on the vector.
    """

    def __init__(self, params: Iterable[Value]) -> None:
        super().__init__(params, 0.0)

    def update(self, t: int, p: Any, g: Any, *remembered: Any) -> tuple[Any, ...]:
        """Where it is."""
        return (p,)


_ONE_BY_ONE = (Module.batch, Sequential.batch, Residual.batch, BatchNorm.batch)
"""Those that return what the calls would, one by one. (BatchNorm's is refused in training, as it is met.)"""


def _arrays(examples: Examples) -> list[Any]:
    """Inputs and targets as arrays; an error if they are not of one shape each."""
    import numpy as np

    arrays = []
    for name, items in (("inputs", examples.inputs), ("targets", examples.targets)):
        try:
            arrays.append(np.asarray(items))
        except ValueError:
            raise ValueError(
                f"compile=True needs {examples.name}{name} of one shape: pad them, or leave compile out"
            ) from None
    return arrays
