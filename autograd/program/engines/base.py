"""What an engine is: it computes a task, operations on arrays in an order that is given, for batches of any size.

An engine is one folder or file beside this one. It reads the tables of operations (ir.py) and of rules (ops.py), and
nothing else in the project knows how it computes. Here stands what it is given and what it owes.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from ..ir import Array, Part


class Task(NamedTuple):
    """What is to be computed.

    Args:
        inputs: the Array of each argument, with a row for each of its numbers.
        parameters: the Array of all parameters; None if there are none.
        results: Arrays, or plain numbers, that are read after a run.
        gradient: the parts of the gradient for the parameters; they add up.
        mean: what the run returns the mean of, an Array of one row or a plain number; None if nothing is averaged.
        derivatives: the serial number from which on Arrays are parts of derivatives; None if there are none.
    """

    inputs: Sequence[Array]
    parameters: Array | None
    results: Sequence[Array | float] = ()
    gradient: Sequence[Part] = ()
    mean: Array | float | None = None
    derivatives: int | None = None

    @property
    def operations(self) -> list[Array]:
        """All that is needed, each after its operands."""
        return needed([*self.inputs, self.parameters, *self.results, *[g for _, g in self.gradient], self.mean])


def needed(roots: Sequence[Any], args: Callable[[Array], Sequence[Any]] = lambda x: x.args) -> list[Array]:
    """All Arrays that these depend on, and themselves, each after its operands, which `args` tells."""
    found: dict[int, Array] = {}
    stack = list(roots)
    while stack:
        node = stack.pop()
        if isinstance(node, Array) and node.serial not in found:
            found[node.serial] = node
            stack.extend(args(node))
    return [found[serial] for serial in sorted(found)]


class Memory(NamedTuple):
    """The numbers that all tasks of a program share: lists or arrays, which are assigned to by slices.

    Args:
        vector: those of the parameters; a run reads them.
        gradient: as many; a run of a task with a gradient overwrites them.
        captured: those of other leaves that the function uses; a run reads them.
    """

    vector: Any
    gradient: Any
    captured: Any


class Run(ABC):
    """A task for batches of one size.

    Attributes:
        results: after a run, for each result of the task a float or its rows, with a number for each example or a
            single one for all of them. The next run may write into the same rows.
        undefined: after a run, whether a number was computed that isn't defined, such as log(-1). Whoever looks at the
            end alone may miss it, as in tanh(1/0). Slopes don't count: one that matters shows in the gradient.
    """

    results: Sequence[Any]
    undefined = False

    @abstractmethod
    def load(self, argument: int, rows: Any, chosen: Sequence[int] | None = None) -> None:
        """Take the numbers of an argument, which stay until others are loaded.

        Args:
            argument: its position among the inputs of the task.
            rows: an array, or lists, with a number for each example in each row.
            chosen: the positions of the examples that make the batch; None for all of them in order.
        """

    @abstractmethod
    def __call__(self) -> Any:
        """Compute everything; returns the mean as a float, None for a task without one."""


class Executable(ABC):
    """A task that an engine has made ready.

    Attributes:
        unit: what it makes of the task, for explanations: one of them, and several.
        by_python: the rules that its library doesn't know, which Python computes number by number in each run.
    """

    unit: tuple[str, str] = ("operation", "operations")
    by_python: Sequence[str] = ()

    @property
    @abstractmethod
    def calls(self) -> int:
        """How many of the `unit` a run has: calls of NumPy, or the like."""

    @abstractmethod
    def run_for(self, size: int, memory: Memory) -> Run:
        """What runs the task for batches of so many examples, with the parameters of this memory."""


class Engine(ABC):
    """What computes tasks."""

    @abstractmethod
    def memory(self, parameters: int, captured: int) -> Memory:
        """Zeros for so many parameters and captured numbers."""

    @abstractmethod
    def prepare(self, task: Task) -> Executable:
        """The task, ready to be run for batches of any size."""
