"""Define, then run: a scalar function is followed once, and then computed as the array operations that it is.

    compiling.py       compile, the door
    program.py         Program: what a user calls; fallback.py asks the function itself where arrays don't do
    pure.py            Program.as_jax
    session.py         a program is stepped: parameters, gradient and optimizer on one vector
    spec.py            what both are made for, and the batches that they are given
    specialization.py  what follows, for examples of one shape
    tracing/           the function runs once, on Values without a number: its scalar graph, and when that holds
    lower.py           nodes of one kind at one depth become one operation on arrays: a layer is a matrix product
    ir.py              the table of these operations; builder.py makes them
    transpose.py       backward, by the rules of the table, with arrays in place of numbers
    engines/           what computes the operations
    equations/         what the program computes, in a textbook's notation, and its picture

NumPy is imported where it is used, so that `import autograd` doesn't need it.
"""

from __future__ import annotations

from .compiling import compile
from .program import Program
from .tracing.trace import TraceError

__all__ = ["Program", "TraceError", "compile"]
