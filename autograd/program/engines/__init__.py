"""What runs the operations on arrays: base.py says what an engine is, and there is one folder or file for each.

This is the door: the rest of the package imports the names below, and chooses an engine by `engine`.
"""

from __future__ import annotations

from .base import Engine, Executable, Memory, Run, Task

__all__ = ["Engine", "Executable", "Memory", "Run", "Task", "engine"]


def engine(name: str, dtype: str) -> Engine:
    """An engine, by its name "numpy" or "jax", that computes with numbers of a dtype such as "float64"."""
    if name == "jax":
        from .jax.run import Jax

        return Jax(dtype)
    from .numpy.run import NumPy

    return NumPy(dtype)
