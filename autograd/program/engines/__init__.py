"""What runs the operations on arrays: base.py says what an engine is, and there is one folder or file for each.

This is the door: the rest of the package imports the names below, and chooses an engine by `engine`.
"""

from __future__ import annotations

from .base import Engine, Executable, Memory, Run, Task

__all__ = ["Engine", "Executable", "Memory", "Run", "Task", "engine"]


def engine(dtype: str) -> Engine:
    """The engine that computes with numbers of a dtype: "float64", "float32" or "float16"."""
    from .numpy.run import NumPy

    return NumPy(dtype)
