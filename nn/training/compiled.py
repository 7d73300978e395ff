"""Steps of a training on one vector: a compiled program, the optimizer's rule on arrays, and what `history` is told.

The same methods as those of `Eager` in stepping.py, where it says what each is for.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

from autograd import no_grad
from autograd.basics.messages import shown
from autograd.program import Program
from autograd.program.fallback import row_by_row
from autograd.program.program import Precision

from ..layers.containers import Residual, Sequential
from ..layers.normalization import BatchNorm
from ..module import Module, assign
from ..optim.clipping import shortening
from ..optim.optimizer import Optimizer
from ..optim.parameters import move, refuse_infinite
from ..state import modes_kept
from .evaluate import Layers, Loss
from .meters import VectorMeter
from .preflight import Examples


class Compiled:
    """Steps of a compiled program: the parameters lie in one vector, and the optimizer's rule moves it at once.

    In lower precision the program computes with a copy; what is learned adds up in double precision (Micikevicius et
    al. 2018).

    Args:
        model, loss, data, optimizer, layers, clip_norm, clip_value: as for `Eager`.
        dtype, loss_scale: as in `autograd.compile`.

    Raises:
        TypeError: if model or loss can't be compiled (a TraceError, which names the line), or the optimizer has no rule
            for vectors.
        ValueError: if the inputs are not all of one shape, or the targets.
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
        dtype: Precision = "float64",
        loss_scale: float = 1.0,
    ) -> None:
        import numpy as np

        if not isinstance(optimizer, Optimizer) or type(optimizer).step is not Optimizer.step:
            raise TypeError(f"compile=True needs an optimizer with an update rule for vectors, got {shown(optimizer)}")
        for part in model.modules():
            if type(part).batch not in _ONE_BY_ONE:
                raise TypeError(
                    f"compile=True calls the model for one example, and {shown(part)} has a batch() of its own:"
                    " leave compile out"
                )
        self.model, self.loss, self.data, self.optimizer = model, loss, data, optimizer
        self.clip_norm, self.clip_value = clip_norm, clip_value
        self._program = Program(lambda x, t: loss(model(x), t), optimizer.params, dtype, loss_scale)
        self._held_out = Program(lambda x, t: loss(model(x), t))
        self._layers, self._arrays = layers, _arrays(data)
        self._columns = [np.ascontiguousarray(a.reshape(len(a), -1).T, dtype) for a in self._arrays]
        self._state: list[Any] = []
        self._steps = 0
        self._traced: Any = None
        self.go_on()

    def _follow(self) -> None:
        """Follow model and loss, and lay out what goes by the order of the parameters; nothing if it still holds."""
        import numpy as np

        with modes_kept(self.model):
            self.model.train()
            traced = self._program.traced(*self._arrays)
        if traced is self._traced:
            return
        self._traced, params = traced, traced.parameters
        position = {p: i for i, p in enumerate(self.optimizer.params)}
        self._order = np.array([position[p] for p in params])  # where the optimizer has what the vector has
        self._vector = traced.vector if traced.vector.dtype == float else traced.vector.astype(float)
        self._gradient = np.array([p.grad for p in params])
        self._last: Sequence[int] | None = None
        self.meter = VectorMeter(self._layers, params)

    def keep(self) -> Callable[[], None]:
        """A function that gives the vector and the optimizer's memory back the numbers that they have now."""
        vector, state, steps, gradient = self._vector.copy(), self._state, self._steps, self._gradient

        def give_back() -> None:
            self._put(vector)
            self._state, self._steps, self._gradient = state, steps, gradient

        return give_back

    def step(self, batch: Sequence[int]) -> float:
        """Make a step for the examples with these numbers; returns the loss before it."""
        import numpy as np

        traced, optimizer = self._traced, self.optimizer
        run = traced.plan("step", len(batch))
        if batch is not self._last:
            whole = self._last is None and len(batch) == self._columns[0].shape[1]
            for i, columns in enumerate(self._columns):
                run.load(i, columns, None if whole else batch)
            self._last = batch
        traced.draw(run, len(batch))
        traced.read_captured()  # which a schedule may have changed
        cost: float = run()
        traced.undefined = run.undefined
        with np.errstate(all="ignore"):  # what isn't finite is found below
            g = traced.gradient.astype(float, copy=False)  # first, for in float16 the quotient might vanish again
            if self._program.loss_scale != 1:
                g = g / self._program.loss_scale
            norm = self.meter.before_step(self._vector, g)
            if traced.undefined or not (math.isfinite(cost) and math.isfinite(norm)):
                cost, g = self._looked_into(batch, cost, g)
                norm = math.hypot(*g.tolist())  # the squares alone may have been too large for a float
            if self.clip_norm is not None and (factor := shortening(norm, self.clip_norm)) < 1:
                g = g * factor
            if self.clip_value is not None:
                g = np.clip(g, -self.clip_value, self.clip_value)
            moved, *state = optimizer.update(self._steps + 1, self._vector, g, *self._state)
            if not all(math.isfinite(x.sum()) for x in (moved, *state)):
                self._name(moved, state)
        self._state, self._steps = state, self._steps + 1
        self._put(moved)
        self._gradient = g.copy() if g is traced.gradient else g
        return cost

    def _put(self, numbers: Any) -> None:
        self._vector[:] = numbers
        if self._vector is not self._traced.vector:
            self._traced.vector[:] = numbers

    def after_step(self) -> None:
        """See how far the parameters moved."""
        import numpy as np

        with np.errstate(all="ignore"):
            self.meter.after_step(self._vector)

    def mean_loss(self, examples: Examples) -> float:
        """The mean of the loss, in evaluation mode."""
        with no_grad():
            return self._held_out(*_arrays(examples))

    def look(self) -> None:
        """Bring the parameters, their gradients and the optimizer's memory up to where the vector is."""
        params, optimizer = self._traced.parameters, self.optimizer
        assign(params, "data", self._vector.tolist())
        assign(params, "grad", self._gradient.tolist())
        for name, numbers in zip(optimizer.state, self._state):
            ordered = numbers.copy()
            ordered[self._order] = numbers
            optimizer.state[name] = ordered.tolist()
        optimizer.steps = self._steps

    def go_on(self) -> None:
        """Take up the model and the optimizer's memory, which a callback may have changed."""
        import numpy as np

        if self._traced is None or not self._traced.holds():
            self._follow()
        self._traced.read()
        self._put([p.data for p in self._traced.parameters])
        self._state = [np.array(numbers)[self._order] for numbers in self.optimizer.state.values()]
        self._steps = self.optimizer.steps

    def _looked_into(self, batch: Sequence[int], cost: float, g: Any) -> tuple[float, Any]:
        """Loss and gradient where arrays met something not defined or finite; or the error that an eager step has."""
        import numpy as np

        finite = math.isfinite(cost) and bool(np.isfinite(g).all())
        if finite and not self._traced.undefined:
            return cost, g
        self.look_back()
        batches = [[self.data.inputs[i] for i in batch], [self.data.targets[i] for i in batch]]
        exact, slopes = row_by_row(self._program, batches, cost, finite)
        return (cost, g) if finite else (exact, np.array(slopes)[self._order])

    def look_back(self) -> None:
        """The numbers of the last whole step, for a look at what went wrong."""
        assign(self._traced.parameters, "data", self._vector.tolist())

    def _name(self, moved: Any, state: Sequence[Any]) -> None:
        """The errors of an eager step for numbers that are not finite, if there are any."""
        self.look_back()
        move(self._traced.parameters, moved.tolist())
        assign(self._traced.parameters, "data", self._vector.tolist())
        refuse_infinite(self.optimizer.memory, state, self._traced.parameters)


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
