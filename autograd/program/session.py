"""Session: a training on one vector, which holds what a loop over Values would read and write in every step.

In a step of such a loop most of the time goes into `.data` and `.grad` of every parameter. Here parameters, gradient
and the optimizer's memory are arrays, and the Values get their numbers when somebody asks for them: by `sync()`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from operator import is_
from typing import Any, Protocol

from .. import bulk
from ..basics.messages import shown
from ..basics.moment import moment
from ..basics.quiet import quietly
from ..edges import assigned_at
from ..modes import mode
from .fallback import row_by_row
from .spec import Spec, all_finite, arrays_of, chosen, columns_of, handed_again, moved_by, positions
from .specialization import Runs, Shapes, Specialization, runs_for


class Optimizer(Protocol):
    """What a session takes: the optimizers of `nn` that need a gradient only, and any object with these attributes.

    If it has a method `check(moved, state)`, too, that raises the error for numbers that are not finite.
    """

    params: Any
    """The leaves that it moves, a list."""
    state: Any
    """What it remembers of each of them: lists of floats by name."""
    steps: int  # how many it has made

    @property
    def update(self) -> Callable[..., tuple[Any, ...]]:
        """The rule, for arrays: update(number of the step, p, g, *remembered) returns (new p, *what to remember)."""


class Session:
    """Steps of a program with an optimizer; `program.session(optimizer)` makes it, for a `with` block.

    Inside the block the session holds the current numbers. Those of the Values, and the optimizer's `state` and
    `steps`, are as old as the last `sync()`, which the end of the block calls, too, however it ends. What you assign to
    a Value or load into the optimizer meanwhile is used from the next step on, and so are settings such as
    `optimizer.lr`. Whatever else the function reads is compared before each step, as in a call of the program.

    A step is made as a whole: if it raises, or Ctrl-C interrupts it, the session has the numbers of the step before.

    Args:
        spec: what the program was made for.
        specialize: a function that returns what the program is for arrays of these shapes.
        optimizer: as in `Program.session`.
    """

    def __init__(self, spec: Spec, specialize: Callable[[Sequence[Any]], Specialization], optimizer: Optimizer) -> None:
        import numpy as np

        self.parameters = moved_by(optimizer, spec)
        """What is moved, in the order of the vectors: the optimizer's."""
        self.optimizer = optimizer
        self.open = True
        """Whether the session may have numbers that the Values don't have yet."""
        self.ended = False  # with its `with` block
        self._gradient: Any = np.array([p.grad for p in self.parameters])
        self.norm = 0.0
        """The length √Σg² of the gradient that the last `backward()` found."""
        self.moment: tuple[Any, int, list[Any]] = np.array([p.data for p in self.parameters]), 0, []
        """(parameters, number of steps, what the optimizer remembers): all that a step changes, in one."""
        self._spec, self._specialize = spec, specialize
        self._quietly, self._quietly_moved, self._array = quietly(alone=True), quietly(), np.array
        self._given: Sequence[Any] = ()  # the examples as they were given, and
        self._arrays: Sequence[Any] = ()  # as arrays
        self._handed: list[tuple[Any, Any]] = []  # the arrays that the columns are views of, with their shapes
        self._columns: Sequence[Any] = ()  # for each argument rows of numbers
        self._kept: dict[Shapes, Runs] = {}
        self._runs: Any = None
        self._order: Any = None  # where the parameters of the runs stand in the vector, and
        self._place: Any = None  # where those of the vector stand in the runs
        self._alike = True  # whether the vector of the runs is like the session's, in order and precision
        self._run: Any = None
        self._rows: Sequence[int] | None = ()  # the examples that the run has in its buffers
        self._writing = False
        self._time = moment.clock  # what was assigned to a Value later was not the session's doing
        self._note(-1, self.moment[0].tolist(), {}, -1)
        self._take_up()
        self._synced: tuple[Any, Any] = self.moment, self.gradient

    def __repr__(self) -> str:
        return f"<Session at step {self.moment[1]} of {shown(self.optimizer)}>"

    def __enter__(self) -> Session:
        return self

    def __exit__(self, *exception: object) -> None:
        try:
            self.sync()
        except BaseException:  # Ctrl-C in the middle of it
            self.sync()
            raise
        self.open, self.ended = False, True

    @property
    def vector(self) -> Any:
        """The parameters as an array; each step makes a new one."""
        return self.moment[0]

    @property
    def gradient(self) -> Any:
        """The gradient of the last `backward()`, an array; until `update()` another can take its place."""
        return self._gradient

    @gradient.setter
    def gradient(self, other: Any) -> None:
        if getattr(other, "shape", None) != self._gradient.shape:
            of_shape = f"of shape {self._gradient.shape}, a number for each parameter"
            raise ValueError(f"session.gradient must be an array {of_shape}, got {shown(other)}")
        self._gradient = other

    # ------------------------------------------------------------------------------------------------------- steps

    def load(self, *batches: Any) -> None:
        """Hand over examples for many steps.

        Args:
            *batches: as for a call of the program.

        Raises:
            TypeError, ValueError: as a call of the program.
        """
        self._hand_over(batches)
        self._arrays, self._handed = [array.copy() for array in self._arrays], []
        self._columns = [self._quietly(c.astype, self._spec.dtype) for c in self._columns]

    def step(self, *batches: Any, rows: Sequence[int] | None = None) -> float:
        """Make a step: forward, backward, and the optimizer's rule.

        Args:
            *batches: as for a call of the program; without any, those that were handed over last.
            rows: the positions of the examples that make the step, whole numbers; None for all of them.

        Returns:
            The mean of the function before the step.

        Raises:
            TypeError: as a call of the program; or if `rows` are no positions.
            ValueError: as a call of the program; or if a parameter, or what is remembered of one, would not be finite.
            IndexError: if there is no example at a position.
            RuntimeError: if the `with` block of the session has ended.
        """
        loss = self.backward(*batches, rows=rows)
        self.update()
        return loss

    def backward(self, *batches: Any, rows: Sequence[int] | None = None) -> float:
        """Forward and backward, the first half of a step; the gradient is then in `gradient`, its length in `norm`.

        Args:
            *batches, rows: as for `step`.

        Returns:
            The mean of the function.

        Raises:
            TypeError, ValueError, IndexError, RuntimeError: as `step`.
        """
        self._check()
        if batches:
            self._hand_over(batches)
        elif self._changed() or not (self._runs is None or self._runs.specialization.holds()):
            self._look(self._arrays, self._columns)
        if rows is not None or self._rows is not None:
            self._choose(rows)
        run, runs = self._run, self._runs
        if self._alike:
            runs.memory.vector[:] = self.moment[0]
        else:  # in lower precision a number may be infinite: what comes of that is found below
            self._quietly(runs.memory.vector.__setitem__, slice(None), self.moment[0].take(self._order))
        if runs.specialization.sources:
            runs.draw(run, self._columns[0].shape[1] if rows is None else len(rows))
        loss: float = run()
        gradient, norm = self._quietly(self._found, runs.memory.gradient)
        if not (math.isfinite(loss + norm) and runs.defined(run)):
            loss, gradient, norm = self._looked_into(loss, gradient, rows)
        self._gradient, self.norm, self.open = gradient, norm, True
        return loss

    def update(self) -> None:
        """The second half of a step: the optimizer's rule moves all parameters, by the numbers in `gradient`.

        Raises:
            ValueError: if a parameter, or what is remembered of one, would not be finite. Then nothing has changed.
            RuntimeError: as `step`.
        """
        self._check()
        self.moment = self._quietly_moved(self._moved)  # where the user's own rule finds the variables of its context

    def _check(self) -> None:
        """An error unless a step can be made."""
        if self.ended:
            mend = "step inside of it, or begin another session, program.session(optimizer)"
            raise RuntimeError(f"the session has ended with its `with` block: {mend}")

    def _found(self, gradient: Any) -> tuple[Any, float]:
        """The gradient that a run has left, without the loss scale and in the session's order; and its length."""
        gradient = gradient.copy() if self._alike else gradient.take(self._place).astype(float, copy=False)
        if self._spec.loss_scale != 1.0:  # divided in double: small ones are to survive
            gradient /= self._spec.loss_scale
        return gradient, math.sqrt(gradient.dot(gradient))

    def _moved(self) -> tuple[Any, int, list[Any]]:
        """What a step makes of the present moment."""
        vector, steps, memory = self.moment
        moved, *remembered = self.optimizer.update(steps + 1, vector, self._gradient, *memory)
        squares = moved.dot(moved)
        for x, old in zip(remembered, memory):
            if x is not old:
                squares += x.dot(x)
        if not squares < math.inf and not all(map(all_finite, (moved, *remembered))):
            self._refuse(moved, remembered)
        return moved, steps + 1, remembered

    # ------------------------------------------------------------------------------- what Values and session exchange

    def sync(self) -> None:
        """Give the Values, and the optimizer's `state` and `steps`, the present numbers.

        What was assigned to a Value since the last time stays, and the session takes it up.
        """
        if not self._writing and self._changed():
            self._take_up()
        if self._synced[0] is self.moment and self._synced[1] is self._gradient:
            return
        self._writing = True  # if Ctrl-C ends it half way, the next sync() begins anew
        (vector, steps, memory), gradient, optimizer = self.moment, self._gradient, self.optimizer
        self._write(vector.tolist())
        if gradient is not self._synced[1]:  # otherwise those of the Values may be a backward() of the user's
            bulk.assign_gradients(self.parameters, gradient.tolist())
        optimizer.steps = steps  # first: whoever finds another state takes the steps to belong to it
        optimizer.state = {name: remembered.tolist() for name, remembered in zip(optimizer.state, memory)}
        self._note(-1, self._written, optimizer.state, steps)  # whoever looks may change something
        self._synced, self._writing = (self.moment, gradient), False

    def _write(self, numbers: list[float]) -> None:
        """Give the Values these numbers; however it ends, it isn't taken for an assignment of the user's."""
        try:
            bulk.assign(self.parameters, numbers)
            self._written = numbers
        finally:
            self._time = moment.clock

    def _note(self, at: float, numbers: list[float], state: Any, steps: int) -> None:
        """Keep what the Values and the optimizer have, and at what time, to notice when it changes."""
        self._clock, self._written, self._state, self._steps = at, numbers, state, steps
        self._remembered = {name: list(xs) for name, xs in state.items()}

    def _changed(self) -> bool:
        """Whether a Value or the optimizer may have other numbers than the session last read or wrote."""
        optimizer = self.optimizer
        return moment.clock != self._clock or optimizer.state is not self._state or optimizer.steps != self._steps

    def _take_up(self) -> None:
        """Take the numbers of Values and optimizer that have changed since the session read or wrote them."""
        now, optimizer = moment.clock, self.optimizer
        vector, steps, memory = self.moment
        if len(optimizer.params) != len(self.parameters) or not all(map(is_, optimizer.params, self.parameters)):
            raise ValueError("the optimizer has other params than when the session began: begin a new one")
        numbers = bulk.numbers(self.parameters)
        later = [assigned_at(p) > self._time for p in self.parameters]  # perhaps the number that it had already
        if numbers != self._written or any(later):
            changed = [i for i, (x, old) in enumerate(zip(numbers, self._written)) if x != old or later[i]]
            vector = vector.copy()
            vector[changed] = [numbers[i] for i in changed]
        loaded = optimizer.state is not self._state
        if loaded or optimizer.state != self._remembered:
            memory = [self._array(xs, float) for xs in optimizer.state.values()]
        if loaded or optimizer.steps != self._steps:
            steps = optimizer.steps
        if vector is not self.moment[0] or memory is not self.moment[2] or steps != self.moment[1]:
            self.moment = vector, steps, memory
        self._time = now
        self._note(now, numbers, optimizer.state, optimizer.steps)

    # -------------------------------------------------------------------------------- what runs, and for which examples

    def _hand_over(self, batches: Sequence[Any]) -> None:
        """Take these examples for the next steps; arrays that are the same as last time may have other numbers."""
        if handed_again(batches, self._handed):
            self._look(self._arrays, self._columns)
        else:
            arrays = arrays_of(batches)
            columns, viewed = columns_of(arrays, batches)
            self._look(arrays, columns)
            self._given, self._handed = batches, viewed
        self._rows = ()

    def _look(self, arrays: Sequence[Any], columns: Sequence[Any]) -> None:
        """Take up what has changed around the session; follow the function anew if it has to be for these examples."""
        if self._changed():
            self._take_up()
        if not arrays:
            return
        noted, self._clock = self._clock, -1.0  # if the function can't be followed, the next step looks again
        if arrays is not self._arrays or not self._runs.specialization.holds():
            self._specialized(arrays)
        self._runs.read_captured()
        self._arrays, self._columns, self._clock = arrays, columns, noted

    def _specialized(self, arrays: Sequence[Any]) -> None:
        """Go on with what the function is for examples of this shape."""
        runs = runs_for(self._kept, arrays, lambda _: Runs(self._specialize(arrays)).placed_in(self.parameters))
        if runs is not self._runs:
            self._order, self._place, in_order = runs.place
            self._alike = in_order and self._spec.dtype == "float64"
            self._runs, self._rows = runs, ()

    def _choose(self, rows: Sequence[int] | None) -> None:
        """Load some of the examples, or all of them."""
        if self._runs is None:
            raise ValueError("there are no examples yet: hand them over, as in session.step(xs, ys)")
        count = self._columns[0].shape[1]
        rows = None if rows is None else positions(rows, count)
        self._run = self._runs.of("step", count if rows is None else len(rows))
        for i, column in enumerate(self._columns):
            self._run.load(i, column, rows)
        self._rows = rows

    # ------------------------------------------------------------------------------------------- what went wrong

    def _looked_into(self, loss: float, gradient: Any, rows: Sequence[int] | None) -> tuple[float, Any, float]:
        """Loss, gradient, its length where arrays met something not defined or finite; or the function's error."""
        finite = math.isfinite(loss) and all_finite(gradient)
        if not (finite and self._runs.defined(self._run)):
            self._write(self.moment[0].tolist())  # the function itself reads the Values
            batches = [chosen(*argument, rows) for argument in zip(self._given, self._arrays)]
            with mode(no_grad=False):
                value, slopes = row_by_row(self._spec, batches, loss, finite)
            if not finite:
                found = dict(zip(self._spec.parameters, slopes))
                loss, gradient = value, self._array([found[p] for p in self.parameters])
        return loss, gradient, math.hypot(*gradient.tolist())  # the squares alone may be too large for a float

    def _refuse(self, moved: Any, remembered: Sequence[Any]) -> None:
        """The optimizer's own error for numbers that are not finite, if it has one."""
        if check := getattr(self.optimizer, "check", None):
            check(moved.tolist(), [numbers.tolist() for numbers in remembered])
        raise ValueError("a step would make a number that is not finite: no parameter was moved")
