"""Define, then run: a scalar function is followed once, and then computed as the array operations that it is.

    trace.py       the function runs once, on Values without a number; what came about is its scalar graph
    grouping.py    nodes of one kind at one depth become one operation on arrays: a layer of neurons is a matrix product
    arrays.py      what an operation on arrays is
    transpose.py   backward, by the rules of the table, with arrays in place of numbers
    emit.py        the operations as a Python function of NumPy calls, its buffers planned
    kernels.py     how NumPy computes the rules
    choice.py      what depends on a traced integer, such as the class of an example
    traced.py      all of this, for examples of one shape; surroundings.py tells whether it still holds
    compiled.py    Program: what a user calls; exact.py asks the function itself where arrays don't do
    equations.py   what the program computes, in a textbook's notation; picture.py draws it. naming.py says what has a
                   name, layers.py and idioms.py what is a layer, a softmax, ..., writing.py and notation.py write it

NumPy is imported where it is used, so that `import autograd` doesn't need it.
"""

from __future__ import annotations

from .program import Program, compile
from .tracing.trace import TraceError

__all__ = ["Program", "TraceError", "compile"]
