"""Which engine makes the steps of a compiled training, and on which devices: as the user says, or by a guess of times.

The figures were measured on a CPU of a few cores and on one H200; they are for the choice, no promise.
"""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any, NamedTuple

from autograd.basics.arguments import Precision
from autograd.basics.messages import shown

from ..optim.lbfgs import LBFGS
from .atomic import Stepper, Training
from .compiled import Compiled


class Cost(NamedTuple):
    """What a step costs, in seconds.

    Args:
        each: of each operation on arrays.
        number: of each number that one computes.
        first: what comes before the first step.
        first_each: of that, for each operation.
    """

    each: float
    number: float
    first: float
    first_each: float

    def of(self, steps: int, operations: int, numbers: int) -> float:
        """The seconds of a training."""
        return self.first + self.first_each * operations + steps * (self.each * operations + self.number * numbers)


NUMPY = Cost(1.5e-6, 3e-9, 0.0, 0.0)
CPU = Cost(2e-7, 6e-10, 0.3, 0.01)
OTHER = Cost(1.2e-6, 4e-12, 0.3, 0.01)
"""Of a GPU; XLA's compilation is taken to last as long as for a CPU."""


def compiled_steps(
    training: Training, dtype: Precision, loss_scale: float, engine: str, devices: Any, steps: int
) -> tuple[Stepper, str]:
    """What makes the steps, and in words what it is.

    Args:
        training: what is trained.
        dtype, loss_scale, engine, devices: as in `fit`.
        steps: how many there will be.
    """
    if engine == "numpy":
        return Compiled(training, dtype, loss_scale), "numpy"
    if engine == "auto" and not find_spec("jax"):
        return Compiled(training, dtype, loss_scale), "numpy: JAX is not installed"
    alone = dtype == "bfloat16"  # which NumPy has not
    single = Compiled(training, "float32" if alone else dtype, loss_scale)
    if hindrance := _hindrance(single, training):
        if not (engine == "jax" or alone):
            return single, f"numpy: {hindrance}"
        if devices not in (None, 1):
            raise ValueError(f"devices={shown(devices)} share steps that are made many at once, and {hindrance}")
        return Compiled(training, dtype, loss_scale, "jax"), f"jax, one step at a time: {hindrance}"
    from .devices import Devices
    from .scanned import Scanned

    if engine == "jax" or alone:
        found = Scanned(single, training, dtype, loss_scale, Devices(devices))
        return found, f"jax on {found.devices}"
    chosen, why = _cheapest(single, training, devices, steps)
    if chosen is None:
        return single, f"numpy: {why}"
    try:
        found = Scanned(single, training, dtype, loss_scale, chosen)
    except TypeError as cause:  # the rule of an optimizer that JAX can't read
        return single, f"numpy: {cause}"
    return found, f"jax on {found.devices}: {why}"


def _hindrance(single: Compiled, training: Training) -> str:
    """Why steps can't be made at once; "" if they can."""
    if isinstance(training.optimizer, LBFGS):
        return "LBFGS looks at the loss several times in each, and decides by it"
    if single.batches is not None:
        return "the examples have several shapes (pad them to one)"
    return ""


def _cheapest(single: Compiled, training: Training, devices: Any, steps: int) -> tuple[Any, str]:
    """The devices that take least time, None for NumPy; and why."""
    import jax

    from .devices import Devices

    task = single.followed[0].task("step")
    operations = [x for x in task.operations if x.args and not x.is_number]
    numbers = sum([x.rows * (training.batch_size if x.wide else 1) for x in operations])
    there = [Devices(devices)]
    if devices is None and jax.process_count() == 1 and not (there[0].count == 1 and there[0].all[0].platform == "cpu"):
        there.append(Devices(jax.devices("cpu")[:1]))
    if jax.process_count() > 1:
        return there[0], f"{jax.process_count()} processes train together"
    times: dict[Any, float] = {None: NUMPY.of(steps, len(operations), numbers)}
    for each in there:
        cost = CPU if each.all[0].platform == "cpu" else OTHER
        times[each] = cost.of(steps, len(operations), numbers // each.count)
    words: dict[Any, str] = {None: "NumPy", **{each: f"JAX on {each}" for each in there}}
    order = sorted(times, key=lambda key: times[key])
    told = " and ".join([f"about {times[key]:.2g} s by {words[key]}" for key in order])
    work = f"{steps:,} steps of {len(operations)} operations on {training.batch_size:,} examples take {told}"
    return order[0], f"{work}, compilation included"
