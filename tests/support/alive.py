"""How many Values are alive, whether or not Python's collector knows them."""

import gc
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from autograd import Value, compiled_kernel

counted = pytest.mark.skipif(
    compiled_kernel, reason="the collector doesn't know such nodes, and other blocks of memory are of their size, too"
)


@contextmanager
def counting() -> Iterator[Callable[[], int]]:
    """For a `with` block, a function that says how many of the Values that were made in it are alive.

    Those of the compiled kernel are counted as blocks of memory of their size, since the collector knows only what
    inherits from Value.
    """

    def count() -> int:
        known = sum(issubclass(type(x), Value) for x in gc.get_objects())
        if not compiled_kernel:
            return known
        return known + sum(trace.size == Value.__basicsize__ for trace in tracemalloc.take_snapshot().traces)

    if compiled_kernel:
        tracemalloc.start()
    gc.collect()  # what others have left would be freed meanwhile
    try:
        before = count()
        yield lambda: count() - before
    finally:
        tracemalloc.stop()
