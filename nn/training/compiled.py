"""Steps of a training by a session of a compiled program, which holds parameters and optimizer on one vector.

This file is imported only when a training is compiled: `import nn` doesn't load the compiler.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any, Literal, cast

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
from .grouped import Batches, grouped
from .meters import VectorMeter
from .preflight import Examples


class Compiled:
    """Makes each step on the session's vector; a `Stepper`, in atomic.py, where it says what the methods are for.

    In lower precision the program computes with a copy; what is learned adds up in double precision (Micikevicius et
    al. 2018).

    Args:
        training: what is trained.
        dtype, loss_scale, engine: as in `autograd.compile`.

    Raises:
        TypeError: if model or loss can't be compiled (a TraceError, which names the line), or the optimizer has no rule
            for vectors.
        ValueError: if an input or a target is no array: its lists are of several lengths.
    """

    def __init__(
        self, training: Training, dtype: Precision, loss_scale: float, engine: Literal["numpy", "jax"] = "numpy"
    ) -> None:
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
        self.program = program = Program(lambda x, t: loss(model(x), t), optimizer.params, dtype, loss_scale, engine)
        self.session = program.session(Still(optimizer.params) if searching else optimizer)
        with modes_kept(model):
            model.train()
            groups = grouped(training.data)
            self.followed = [program.specialization(group.arrays) for group in groups]
            self.session.load(*(groups[0].arrays if len(groups) > 1 else (training.data.inputs, training.data.targets)))
        drawing = any(specialization.sources for specialization in self.followed)
        self.batches = Batches(groups, in_order=drawing) if len(groups) > 1 else None
        self.meter, self.most = VectorMeter(training.layers, self.session.parameters), 1

    def step(self, batch: Sequence[int]) -> float:
        """Make a step for the examples with these numbers; returns the loss before it."""
        session, training = self.session, self.training
        cost = self._backward(batch)
        before, found = session.moment[0], session.gradient
        if isinstance(training.optimizer, LBFGS):
            self._search(training.optimizer, batch)
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

    def _backward(self, batch: Sequence[int]) -> float:
        """Forward and backward for the examples with these numbers, shape by shape; returns the mean of the loss."""
        session = self.session
        if self.batches is None:
            return session.backward(rows=None if len(batch) == self._size else batch)
        cost, gradient = 0.0, cast(Any, 0.0)
        for share, arrays in self.batches.of(batch):
            cost += share * session.backward(*arrays)
            gradient = gradient + share * session.gradient
        session.gradient, session.norm = gradient, math.hypot(*gradient.tolist())
        return cost

    def _search(self, optimizer: LBFGS, batch: Sequence[int]) -> None:
        """A step of an optimizer that looks at the loss of the same examples several times."""
        session, (start, *rest) = self.session, self.session.moment

        def evaluate(x: Any) -> tuple[float, Any]:
            session.moment = (x, *rest)
            return self._backward(batch), session.gradient

        _, moved, state = descended(optimizer, evaluate, start)
        optimizer.check(moved.tolist(), [])
        session.moment = (moved, *rest)
        optimizer.state, optimizer.steps = state, optimizer.steps + 1

    def at_once(self, batches: Sequence[Sequence[int]], rates: Sequence[float]) -> list[float] | None:
        """Steps are made one by one."""
        return None

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
            n = len(examples)
            return math.fsum([len(group.numbers) / n * self._held_out(*group.arrays) for group in grouped(examples)])


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
