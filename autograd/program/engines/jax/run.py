"""The engine that runs on JAX: a task becomes one compiled function, and numbers go to its device and back.

64-bit mode of JAX is on in our calls alone, and in the thread that makes them: the user's own JAX keeps its mode.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from contextlib import AbstractContextManager
from importlib import import_module
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from ....rules import Rule
from ..base import Engine, Executable, Memory, Run, Task
from .function import Outcome, function
from .kernels import has_kernel


def in_double() -> AbstractContextManager[Any]:
    """A context in which JAX has numbers of 64 bits, for this thread."""
    home: Any = jax if hasattr(jax, "enable_x64") else import_module("jax.experimental")  # where JAX before 0.8 has it
    context: AbstractContextManager[Any] = home.enable_x64(True)
    return context


def _quickly(operations: int) -> dict[str, Any] | None:
    """Options for XLA, which takes a time that grows with the square of a long chain: a quarter of it with these.

    1,000 operations in a row take 1.3 s in place of 10, 2,000 take 7 in place of 31. Short programs run faster without.
    """
    return {"xla_cpu_use_fusion_emitters": False} if operations > 200 and jax.default_backend() == "cpu" else None


class Jax(Engine):
    """The engine for numbers of a dtype: "float64", "float32", "float16" or "bfloat16"."""

    def __init__(self, dtype: str) -> None:
        self.dtype = np.dtype(dtype)  # JAX has told NumPy what bfloat16 is

    def memory(self, parameters: int, captured: int) -> Memory:
        """Arrays of zeros, in the memory of the host."""
        return Memory(*[np.zeros(n, self.dtype) for n in (parameters, parameters, captured)])

    def prepare(self, task: Task) -> Function:
        """The task; XLA compiles it at the first run for each size of a batch."""
        return Function(task, self.dtype)


class Function(Executable):
    """The function of a task; a warning says what in it is slow.

    Args:
        task: what is to be computed.
        dtype: of NumPy.

    Attributes:
        pure: the function itself, as function.py has it.
        compiled: the same, compiled by XLA.
    """

    unit = ("operation of XLA", "operations of XLA")

    def __init__(self, task: Task, dtype: Any) -> None:
        self.dtype, self._inputs = dtype, len(task.inputs)
        self.pure = function(task, dtype)
        computed = [y.op for y in task.operations if y.args and not y.is_number]
        self._calls = len(computed)
        self.compiled = jax.jit(self.pure, compiler_options=_quickly(self._calls))
        rules = [op for op in computed if isinstance(op, Rule) and not has_kernel(op)]
        self.by_python = [*dict.fromkeys([rule.name for rule in rules])]
        if self.by_python:
            names = ", ".join(self.by_python)
            mend = "where that is slow, a primitive() with a kernel for 'jax' does without"
            warnings.warn(f"XLA calls Python in each run, for each number of {names}: {mend}", stacklevel=2)

    @property
    def calls(self) -> int:
        """How many array operations XLA is given."""
        return self._calls

    def run_for(self, size: int, memory: Memory) -> DeviceRun:
        return DeviceRun(self, memory, self._inputs)


class DeviceRun(Run):
    """The function, with the examples that are loaded on its device.

    Args:
        function: of the task.
        memory: what a run reads and writes.
        inputs: how many arguments there are.
    """

    def __init__(self, function: Function, memory: Memory, inputs: int) -> None:
        self.function, self.memory = function, memory
        self.inputs: list[Any] = [None] * inputs

    def load(self, argument: int, rows: Any, chosen: Sequence[int] | None = None) -> None:
        """Copy the numbers to the device."""
        numbers = np.asarray(rows) if chosen is None else np.take(rows, chosen, axis=1)
        with in_double(), np.errstate(over="ignore"):  # what this precision can't hold is infinite
            self.inputs[argument] = jnp.array(numbers.astype(self.function.dtype))

    def __call__(self) -> Any:
        """Call the function, and wait for its numbers."""
        with in_double():
            outcome: Outcome = jax.device_get(
                self.function.compiled(self.memory.vector, self.memory.captured, *self.inputs)
            )
        self.memory.gradient[:] = outcome.gradient
        self.results = [x if x.ndim else float(x) for x in outcome.results]
        self.undefined = bool(outcome.undefined)
        return None if outcome.mean is None else float(outcome.mean)
