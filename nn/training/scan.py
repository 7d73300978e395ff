"""Many steps of a training in one `lax.scan` of JAX: gradient, clipping, the optimizer's own rule, and the records.

Nothing is called for a step. What a step does stands once in `Scan.step`; what it is of, and what comes out of it for
the model and its history, in scanned.py. JAX is imported here, at the top: only a training on JAX imports this file.
"""

from __future__ import annotations

import copy
import inspect
import re
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from autograd.basics.messages import shown

from .devices import AXIS, Devices, PartitionSpec

xla_metadata: Any
try:
    from jax.experimental import xla_metadata
except ImportError:  # JAX is too old, or too new
    xla_metadata = None

_NEEDS_THE_RUNTIME = re.compile(r"(stablehlo|chlo)\.(scatter|sort|top_k|fft|custom_call)\b")
"""What a kernel of XLA can't have in it."""

_ONE_KERNEL = {"xla_cpu_small_call": "true", "inlineable": "false"}
"""What XLA writes at small loops, and so may be written at a call: it becomes one kernel."""

CAN_BE_ONE_KERNEL = xla_metadata is not None and "x" in inspect.signature(xla_metadata.set_xla_metadata).parameters
"""Whether this JAX lets one write that at a call; 0.6 doesn't."""


LONG = 256
"""Of so many numbers a norm is taken in parts."""


class Plan(NamedTuple):
    """What each of k steps is made of: arrays with k entries, so far as it changes from step to step.

    Args:
        size: how many examples the batch has; 0 for a step that isn't to be made.
        rate: its learning rate, or one number for all of them.
        rows: the numbers of the examples, k × the greatest batch; None if each batch is all of them.
        drawn: the random numbers, k × those of an example × the greatest batch; None if none are drawn.
    """

    size: Any
    rate: Any
    rows: Any
    drawn: Any


class Made(NamedTuple):
    """What comes out of them.

    Args:
        moment: (parameters, number of steps, what the optimizer remembers) after the last of them.
        losses: the loss before each step.
        measured: for each step the norm of the gradient and the update ratio of each layer: steps × 2 × layers.
        gradient: that of the last step, as the optimizer had it.
        sound: whether every number was finite and defined.
    """

    moment: Any
    losses: Any
    measured: Any
    gradient: Any
    sound: Any


class Scan:
    """Steps of a training; `run`, which XLA compiles, makes as many as its Plan has.

    Args:
        function: of (vector, captured, *inputs), as the JAX engine makes it of a program: with the mean, and the
            gradient times the loss scale. Its last inputs are weights, if `weighted`, and random numbers.
        order: where its parameters lie in the optimizer's vector.
        dtype, loss_scale: what it computes with. What is learned adds up in double precision.
        optimizer: its rule and its settings; of them the learning rate alone may change from step to step.
        clip_norm, clip_value: as in `fit`.
        layers: for each layer where its parameters lie in the vector.
        weighted: whether examples have weights, by which some of a batch don't count.
        devices: those that share each batch.
        small: whether it is computed as one kernel of a CPU, if it can be: XLA otherwise calls a kernel for every few
            operations, which takes longer than those of a small network.
    """

    def __init__(
        self,
        function: Callable[..., Any],
        order: Sequence[int],
        dtype: Any,
        loss_scale: float,
        optimizer: Any,
        clip_norm: float | None,
        clip_value: float | None,
        layers: Sequence[Any],
        weighted: bool,
        devices: Devices,
        small: bool,
    ) -> None:
        self._function, self._dtype, self._loss_scale = function, dtype, loss_scale
        self._order, self._place = np.array(order), np.argsort(order)
        self._optimizer = optimizer
        self._clip_norm, self._clip_value = clip_norm, clip_value
        self._layers = [np.sort(self._place[np.asarray(places)]) for places in layers]
        self._weighted, self._devices, self._small = weighted, devices, small
        self._ends = devices.all[0].platform == "cpu"  # elsewhere a loop whose end isn't known waits for the host
        self.kernels = jax.jit(self._run, donate_argnums=0)  # many of them
        self._compiled: dict[int, Any] = {}

    def run(self, moment: Any, captured: Any, examples: Any, plan: Plan) -> Made:
        """Make the steps; `moment` is used up."""
        arguments = moment, captured, examples, plan
        kind = plan.rate.ndim
        if kind not in self._compiled:
            self._compiled[kind] = self._as_one_kernel(*arguments) or self.kernels
        return self._compiled[kind](*arguments)  # type: ignore[no-any-return]

    def _as_one_kernel(self, *arguments: Any) -> Any:
        """All steps as one kernel; None if that can't be. A step of microgpt takes 30 µs, not 75."""
        if not (self._small and CAN_BE_ONE_KERNEL):
            return None

        def steps(*arguments: Any) -> Any:
            return xla_metadata.set_xla_metadata(jax.jit(self._steps)(*arguments), **_ONE_KERNEL)

        # no library is called for products; and not prepared for: 30 % less of a step of microgpt
        options = {"xla_cpu_experimental_ynn_fusion_type": "", "xla_cpu_multi_thread_eigen": False}
        lowered = jax.jit(steps, donate_argnums=0, compiler_options=options).lower(*arguments)
        if _NEEDS_THE_RUNTIME.search(lowered.as_text()):
            return None
        try:
            return lowered.compile()
        except jax.errors.JaxRuntimeError:  # another version, which has no such option
            return None

    def _run(self, moment: Any, captured: Any, examples: Any, plan: Plan) -> Made:
        share = PartitionSpec(None, AXIS)  # of an array rows × examples
        shares = Plan(
            PartitionSpec(),
            PartitionSpec(),
            None if plan.rows is None else share,
            None if plan.drawn is None else PartitionSpec(None, None, AXIS),
        )
        whole = PartitionSpec()
        parts = whole, whole, whole if plan.rows is not None else share, shares
        return self._devices.shared(self._steps, parts, whole)(moment, captured, examples, plan)  # type: ignore[no-any-return]

    def _steps(self, moment: Any, captured: Any, examples: Any, plan: Plan) -> Made:
        """All steps, on one of the devices."""
        each = plan if plan.rate.ndim else plan._replace(rate=None)
        n = len(plan.size)

        def step(i: Any, so_far: Any) -> Any:
            state, losses, measured, sound = so_far
            now = jax.tree.map(lambda x: jax.lax.dynamic_index_in_dim(x, i, keepdims=False), each)
            now = now if plan.rate.ndim else now._replace(rate=plan.rate)
            state, (loss, rows, fine) = self._step(state, captured, examples, now)
            losses = jax.lax.dynamic_update_index_in_dim(losses, loss, i, 0)
            return state, losses, jax.lax.dynamic_update_index_in_dim(measured, rows, i, 0), sound & fine

        moment = _in_order(moment, self._order)  # the steps have the program's order, in which matrices are whole
        records = jnp.zeros(n), jnp.zeros((n, 2, len(self._layers))), jnp.array(True)
        count = (plan.size > 0).sum(dtype=np.uint32) if self._ends else np.uint32(n)
        first = (moment, jnp.zeros_like(moment[0])), *records
        last, losses, rows, sound = jax.lax.fori_loop(np.uint32(0), count, step, first)
        last, gradient = _in_order(last, self._place)
        for x in last[2]:
            sound &= jnp.isfinite(x).all()
        return Made(last, losses, rows, gradient, sound)

    def _step(self, before: Any, captured: Any, examples: Any, now: Plan) -> Any:
        """A step: returns (the moment after it, its gradient), and (loss, what is measured, whether all is sound)."""
        vector, steps, remembered = before[0]
        inputs = [x if now.rows is None else x[now.rows].T for x in examples]
        if self._weighted:
            inputs.append(self._weights(now.size, inputs[0].shape[1])[None].astype(self._dtype))
        if now.drawn is not None:
            inputs.append(now.drawn)
        found = self._function(vector.astype(self._dtype), captured, *inputs)
        mean, gradient, undefined = self._devices.mean(found.mean, found.gradient, found.undefined)
        gradient = gradient / self._loss_scale if self._loss_scale != 1.0 else gradient
        clipped, long = self._clipped(gradient)
        moved, *memory = moved_by(self._optimizer, now.rate, steps + 1, vector, clipped, *remembered)
        after = (moved, steps + 1, tuple(memory)), clipped
        norms, sizes, ways = self._by_layer(gradient, moved, moved - vector)
        ratios = ways / jnp.where(sizes > 0, sizes, jnp.where(ways > 0, ways, 1.0))
        sound = jnp.isfinite(mean) & jnp.isfinite(norms).all() & jnp.isfinite(sizes).all() & ~(undefined | long)
        if not self._ends:
            made = now.size > 0
            after, sound = jax.tree.map(lambda new, old: jnp.where(made, new, old), after, before), sound | ~made
        return after, (mean, jnp.stack([norms, ratios]), sound)

    def _weights(self, size: Any, n: int) -> Any:
        """The weight of each of n examples in the mean: 0 after the first `size` of all devices."""
        whole = n * self._devices.count
        place = jnp.arange(n) + n * self._devices.position()
        return jnp.where(place < size, whole / jnp.maximum(size, 1).astype(float), 0.0)

    def _clipped(self, gradient: Any) -> tuple[Any, Any]:
        """What clipping makes of a gradient; and whether its norm is more than a float."""
        long: Any = False
        if self._clip_norm is not None:
            norm = jnp.sqrt(gradient @ gradient)
            gradient = gradient * jnp.minimum(self._clip_norm / (norm + 1e-6), 1.0)
            long = norm == jnp.inf
        if self._clip_value is not None:
            gradient = gradient.clip(-self._clip_value, self._clip_value)
        return gradient, long

    def _by_layer(self, *vectors: Any) -> Any:
        """The norm of each layer in each of the vectors: vectors × layers."""

        def of(norm: Callable[..., Any], *vectors: Any) -> Any:
            return jnp.stack([norm(*[x[_slice(places)] for x in vectors]) for places in self._layers], axis=1)

        norms = of(_norms, *vectors)
        plain = ((norms > 1e-150) & (norms < 1e150)).all()  # otherwise squares are beyond the floats
        scaled = partial(of, _scaled_norms)
        return jax.lax.cond(plain, lambda norms, *vectors: norms, lambda norms, *v: scaled(*v), norms, *vectors)


def _in_order(numbers: Any, order: Any) -> Any:
    """All vectors among these in another order."""
    if list(order) == [*range(len(order))]:
        return numbers
    return jax.tree.map(lambda x: x[order] if x.ndim else x, numbers)


def _norms(*vectors: Any) -> Any:
    """By products: for a sum over a row XLA has the slower loop. Of long rows 8 parts don't wait for each other."""
    n = len(vectors[0])
    if n % 8 or n < LONG:
        rows = jnp.stack(vectors)
        return jnp.sqrt((rows * rows) @ jnp.ones(n))
    return jnp.sqrt(jnp.stack([((x * x).reshape(8, -1) @ jnp.ones(n // 8)).sum() for x in vectors]))


def _scaled_norms(*vectors: Any) -> Any:
    rows = jnp.stack(vectors)
    largest = jnp.abs(rows).max(1, keepdims=True)
    largest = jnp.where((largest > 0) & (largest < jnp.inf), largest, 1.0)
    return largest[:, 0] * jnp.sqrt(((rows / largest) ** 2).sum(1))


def moved_by(optimizer: Any, rate: Any, t: Any, p: Any, *others: Any) -> list[Any]:
    """What the rule of an optimizer makes of a parameter and of what is remembered, with arrays of JAX."""
    rule = copy.copy(optimizer)
    vars(rule)["lr"] = rate  # whose check wants a number
    names = {**vars(rule)}
    found = [jnp.broadcast_to(jnp.asarray(x, p.dtype), p.shape) for x in rule.update(t, p, *others)]
    if any(names.get(name) is not x for name, x in vars(rule).items()):
        raise TypeError("it changes the optimizer itself, which is to be returned as something remembered")
    return found


def refuse_unreadable(optimizer: Any, n: int) -> None:
    """A TypeError unless JAX can read the rule of the optimizer, for n parameters: once, for all steps."""
    made: Any = jax.ShapeDtypeStruct
    number, numbers = made((), float), made((n,), float)
    try:
        jax.eval_shape(
            lambda *arguments: moved_by(optimizer, *arguments), number, number, *[numbers] * (2 + len(optimizer.state))
        )
    except TypeError as cause:  # JAX's own, too
        first = str(cause).partition("\n")[0]
        raise TypeError(
            f"engine='jax' reads update() of {shown(optimizer)} once, with JAX's arrays, and can't: {first} (write it"
            " in plain arithmetic, or leave engine out)"
        ) from cause


def _slice(places: Any) -> Any:
    """Places that follow one another, as they nearly always do, as a slice."""
    return slice(places[0], places[-1] + 1) if (np.diff(places) == 1).all() else places
