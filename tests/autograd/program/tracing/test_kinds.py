"""What an item is: how the things of C are watched, and what stands in a function."""

from __future__ import annotations

import array
import collections
import ctypes
import queue
import random
import re
import types
from typing import Any

import numpy as np
import pytest

from autograd import Value, compile
from autograd.program.tracing.kinds import EVERYBODYS, exact, keeps_in_c, named, reads_itself, slots_of, state_of


@pytest.mark.parametrize(
    "source", [random.Random(0), np.random.default_rng(0), np.random.RandomState(0)], ids=["random", "new", "old"]
)
def test_a_source_of_random_numbers_has_another_state_after_a_number(source: Any) -> None:
    read = state_of(source)
    assert read is not None
    before = read()
    assert read() == before
    source.random()
    assert read() != before


def test_what_everybody_draws_from_has_a_state_too():
    for name, draw in {"random": random.random, "numpy.random": np.random.random}.items():
        before = EVERYBODYS[name]()
        draw()
        assert EVERYBODYS[name]() != before
    assert state_of(random.SystemRandom()) is None
    assert state_of([]) is None


@pytest.mark.parametrize("item", [np.zeros(3), array.array("d", [0.0]), bytearray(1), ctypes.c_double(0.0)])
def test_an_array_is_compared_by_its_bytes(item: Any) -> None:
    look = exact(item)
    assert look is not None
    before = look(item)
    memoryview(item).cast("B")[0] = 1
    assert look(item) != before


def test_an_array_of_objects_is_compared_by_what_stands_in_it():
    items = np.array([object(), object()], dtype=object)
    look = exact(items)
    assert look is not None
    before = look(items)
    items[0] = object()
    assert look(items) != before
    assert exact([]) is None


class Written:
    """A class by a statement."""


class Slotted:
    """One with a slot."""

    __slots__ = ("a",)


def test_objects_that_hold_something_in_c_are_told_from_those_with_attributes():
    for kind in (Written, Slotted, types.SimpleNamespace, collections.OrderedDict, re.Pattern, float, tuple):
        assert keeps_in_c(kind) is (kind is collections.OrderedDict)
    for kind in (queue.SimpleQueue, type(x for x in ()), BaseException):
        assert keeps_in_c(kind)
    hidden = type("Hidden", (), {"__slots__": ("__module__",), "__call__": lambda self: None})
    found = [reads_itself(kind) for kind in (collections.ChainMap, np.polynomial.Polynomial, Written, hidden)]
    assert found == [True, True, False, False]
    assert (list(slots_of(Slotted)), slots_of(Written), slots_of(Value)) == (["a"], {}, {})


def test_the_names_in_a_function_are_told_apart():
    def f(x: Any) -> Any:
        import math

        return x.attribute + getattr(x, "text") + GLOBAL.of_it + math.pi + ({"a": 1}["a"] in ("b", ("c",)))  # noqa: B009

    attributes, variables, modules, computed = named(f.__code__)
    assert {"attribute", "text", "of_it", "pi", "a", "b", "c"} <= attributes
    assert {"GLOBAL", "getattr"} <= variables
    assert "x" not in attributes | variables
    assert (modules, computed) == ({"math"}, False)
    assert named((lambda x: x.__dict__).__code__)[3]


GLOBAL = types.SimpleNamespace(of_it=1)


def test_a_mask_counts_and_so_does_the_constant_that_is_masked():
    read, a = exact(np.ma.masked), np.ma.masked_array([1.0, 2.0])
    assert read is not None
    assert read(np.ma.masked) == read(np.ma.masked) != read(a)
    before = read(a)
    a[0] = np.ma.masked
    assert read(a) != before
    w = Value(2.0)
    assert compile(lambda x: x if x is np.ma.masked else w * x, [w])([1.0, 2.0]) == 3.0
