"""Steps of a training on JAX, as many at once as a moment takes: between them nothing is called.

What is between many steps and the next ones (callbacks, a validation, Ctrl-C) meets the session of compiled.py, which
holds the numbers, and makes the steps itself where one of them isn't finite: so the error is that of the NumPy engine.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd.basics.arguments import Precision
from autograd.program import Program
from autograd.program.engines.jax.function import function
from autograd.program.engines.jax.run import in_double

from ..state import modes_kept
from .atomic import Training
from .compiled import Compiled
from .devices import Devices
from .scan import Plan, Scan, refuse_unreadable

SECONDS = 0.25
"""About so long steps are made at once, and Ctrl-C has to wait: by a guess, which may be wrong by a few times."""

NUMBERS = 2**22
"""So many numbers, at most, go into steps that are made at once, and come out of them."""


SMALL = 40_000
"""Steps of so many numbers, at most, are one kernel on a CPU: of larger ones XLA takes 7 s to make it, not 2."""

FEW = 700
"""And of so many for each operation: where there are more, XLA's own kernels are faster. `MLP(1, [10, 1])`, 200 points,
has 600: a step takes 5.5 µs in place of 7.1. `MLP(1, [10, 10, 1])` has 860: 20 µs, which would be 34."""


class Scanned:
    """Makes many steps at once on JAX; a `Stepper`, in atomic.py, where it says what the methods are for.

    Args:
        single: what makes a step alone, on NumPy, and has the session.
        training: what is trained.
        dtype, loss_scale: as in `autograd.compile`.
        devices: those that share each batch.

    Raises:
        TypeError: if the optimizer's rule is not one that JAX can read.
        ValueError: if processes that train together don't have the same examples.
    """

    def __init__(
        self, single: Compiled, training: Training, dtype: Precision, loss_scale: float, devices: Devices
    ) -> None:
        self.training, self.devices, self.session, self.meter = training, devices, single.session, single.meter
        self.step, self.look, self.mean_loss = single.step, single.look, single.mean_loss
        self._dtype, self._loss_scale = np.dtype(dtype), loss_scale
        model, loss, size, n = training.model, training.loss, training.batch_size, len(training.data)
        self._mini = size < n
        self._width = -(-size // devices.count) * devices.count  # so many examples has a batch with what fills it up
        self._weighted = self._width > size or n % size > 0
        arrays = [np.asarray(xs) for xs in (training.data.inputs, training.data.targets)]
        self._arrays, self._program, params = arrays, single.program, training.optimizer.params
        if self._weighted:
            self._arrays = [*arrays, np.ones(n)]
            self._program = Program(lambda x, t, w: w * loss(model(x), t), params, dtype, loss_scale, "jax")
        elif dtype == "bfloat16":  # which the other program has not
            self._program = Program(lambda x, t: loss(model(x), t), params, dtype, loss_scale, "jax")
        with modes_kept(model):
            model.train()
            self._look_at(self._program.specialization(self._arrays))
        self._settings: dict[str, Any] = {}
        self._scan: Any = None
        self._length = 0
        with in_double():
            refuse_unreadable(training.optimizer, len(self.session.parameters))
            self._examples = [self._given(x) for x in arrays]
            devices.agree("examples", *arrays)

    def keep(self) -> Any:
        """The session's numbers."""
        return self.session.moment, self.session.gradient

    def give_back(self, kept: Any) -> None:
        """Give the session these numbers."""
        self.session.moment, self.session.gradient = kept

    def _look_at(self, specialization: Any) -> None:
        """Take up what the function is for these examples."""
        self._specialization, self._scan = specialization, None
        task = specialization.task("step")
        self._function = function(task, self._dtype)
        place = {p: i for i, p in enumerate(self.session.parameters)}
        self._order = [place[p] for p in specialization.parameters]
        operations, examples = task.operations, self._width // self.devices.count
        numbers = sum([x.rows * (examples if x.wide else 1) for x in operations])
        cpu = self.devices.count == 1 and self.devices.all[0].platform == "cpu"
        self._small = cpu and numbers <= min(SMALL, FEW * len(operations))
        each = 2 * len(self.meter.places) + self._width * (len(specialization.sources) + self._mini)
        self.most = max(1, min(4096, int(SECONDS / (3e-7 * len(operations) + 5e-10 * numbers)), NUMBERS // each))

    def _given(self, array: Any) -> Any:
        """All inputs, or targets, on the devices: to choose from, or as the rows of the one batch that they are."""
        rows = array.reshape(len(array), -1).astype(self._dtype)
        if self._mini:
            return self.devices.whole(rows)
        filled = np.concatenate([rows, np.repeat(rows[:1], self._width - len(rows), axis=0)])
        return self.devices.parted(filled.T, 1)

    def at_once(self, batches: Sequence[Sequence[int]], rates: Sequence[float]) -> list[float] | None:
        """Make a step for each of these batches."""
        session, optimizer = self.session, self.training.optimizer
        session.sync()  # takes up what somebody has changed
        specialization = self._program.specialization(self._arrays)
        if specialization is not self._specialization:
            self._look_at(specialization)
        settings = {name: x for name, x in vars(optimizer).items() if name not in ("params", "state", "steps", "lr")}
        if settings != self._settings or self._length < len(batches):
            self._scan, self._settings = None, settings
            self._length = max(self._length, len(batches))
        with in_double():
            if self._scan is None:
                self._scan = self._made()
            vector, steps, remembered = session.moment
            captured = np.array([x.data for x in specialization.operations.captured], self._dtype)
            moment = self._everywhere((vector, np.array(steps), tuple(remembered)))
            plan = self._plan(batches, rates)
            with self.devices.awaited():
                self.devices.agree("parameters, rates or an order of examples", vector, *plan, repr(settings).encode())
                plan = self._placed(plan)
                made = self._scan.run(moment, self.devices.whole(captured), self._examples, plan)
                sound = bool(np.asarray(made.sound))
            if not sound:
                return None
            vector, _, remembered = made.moment
            session.moment = np.asarray(vector), steps + len(batches), [np.asarray(x) for x in remembered]
            session.gradient = np.asarray(made.gradient)
            self.meter.note(np.asarray(made.measured)[: len(batches)])
            return np.asarray(made.losses)[: len(batches)].tolist()  # type: ignore[no-any-return]

    def _everywhere(self, moment: Any) -> Any:
        vector, steps, remembered = moment
        whole = self.devices.whole
        return whole(vector), whole(steps), tuple([whole(x) for x in remembered])

    def _made(self) -> Scan:
        training = self.training
        return Scan(
            self._function, self._order, self._dtype, self._loss_scale, training.optimizer, training.clip_norm,
            training.clip_value, self.meter.places, self._weighted, self.devices, self._small,
        )  # fmt: skip

    def _plan(self, batches: Sequence[Sequence[int]], rates: Sequence[float]) -> Plan:
        """What the steps are made of; after them come some that aren't made, so that there are always as many."""
        more, width = self._length - len(batches), self._width
        drawn = rows = None
        if sources := self._specialization.sources:
            numbers = np.zeros((self._length, len(sources), width), self._dtype)
            for step, batch in zip(numbers, batches):
                step[:, : len(batch)] = np.array([[source() for source in sources] for _ in batch]).T
            drawn = numbers
        if self._mini:
            whole = [b if len(b) == width else [*b, *[b[0]] * (width - len(b))] for b in batches]
            rows = np.array([*whole, *[whole[0]] * more], np.int32)
        size = np.array([*map(len, batches), *[0] * more], np.int32)
        varying = rates.count(rates[0]) < len(rates)
        rate = np.array([*rates, *[0.0] * more]) if varying else np.array(rates[0])
        return Plan(size, rate, rows, drawn)

    def _placed(self, plan: Plan) -> Plan:
        """The same on the devices."""
        rows = None if plan.rows is None else self.devices.parted(plan.rows, 1)
        drawn = None if plan.drawn is None else self.devices.parted(plan.drawn, 2)
        return Plan(self.devices.whole(plan.size), self.devices.whole(plan.rate), rows, drawn)
