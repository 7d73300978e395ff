"""The engine that runs on JAX: a task becomes one compiled function, and numbers go to its device and back.

64-bit mode of JAX is on in our calls alone, and in the thread that makes them: the user's own JAX keeps its mode.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from importlib import import_module
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from ..base import Engine, Executable, Memory, Run, Task
from .function import Outcome, function


def in_double() -> AbstractContextManager[Any]:
    """A context in which JAX has numbers of 64 bits, for this thread."""
    home: Any = jax if hasattr(jax, "enable_x64") else import_module("jax.experimental")  # where JAX before 0.8 has it
    context: AbstractContextManager[Any] = home.enable_x64(True)
    return context


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
    """The function of a task.

    Args:
        task: what is to be computed.
        dtype: of NumPy.

    Attributes:
        pure: the function itself, as function.py has it.
        compiled: the same, compiled by XLA.
    """

    def __init__(self, task: Task, dtype: Any) -> None:
        self.dtype, self._task = dtype, task
        self.pure = function(task, dtype)
        self.compiled = jax.jit(self.pure)

    @property
    def calls(self) -> int:
        """How many array operations XLA is given."""
        return len([y for y in self._task.operations if y.args and not y.is_number])

    def run_for(self, size: int, memory: Memory) -> DeviceRun:
        return DeviceRun(self, memory, len(self._task.inputs))


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
        self.results, self.undefined = outcome.results, bool(outcome.undefined)
        return None if outcome.mean is None else float(outcome.mean)
