"""How many Values are alive, whether or not Python's collector knows them."""

import gc
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from autograd import Value


@contextmanager
def counting() -> Iterator[Callable[[], int]]:
    """For a `with` block, a function that says how many of the Values that were made in it are alive.

    Each of them holds its class, and what else does is there before: that is counted. (The collector knows no nodes of
    the compiled kernel.)
    """
    gc.collect()  # what was let go before, in cycles, isn't to go now
    before = _holders(Value)
    yield lambda: _holders(Value) - before


def _holders(cls: type[Any]) -> int:
    """How often a class and those that inherit from it are held."""
    return sys.getrefcount(cls) + sum(map(_holders, cls.__subclasses__()))
