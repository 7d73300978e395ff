"""What a function can read is as it is at the call, or it is refused: compiled code is never stale.

Each way reads something, which is then changed: the program gives what the function gives by itself, both times.
"""

from __future__ import annotations

import array
import collections
import contextlib
import contextvars
import ctypes
import dataclasses
import datetime
import enum
import functools
import io
import itertools
import operator
import os
import random
import sys
import time
import types
import uuid
import weakref
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest

import nn
from autograd import Value, checkpoint, grad
from autograd.program import TraceError, compile

Way = tuple[Callable[[Any], Any], Callable[[], Any]]
"""A function of x, and what changes something that it reads."""
READ: dict[str, Callable[[], Way]] = {}
"""Ways to read something that are followed anew."""
REFUSED: dict[str, Callable[[], Callable[[Any], Any]]] = {}
"""Functions that do something else each time."""


def reads(make: Callable[[], Way]) -> Callable[[], Way]:
    READ[make.__name__] = make
    return make


def refused(make: Callable[[], Callable[[Any], Any]]) -> Callable[[], Callable[[Any], Any]]:
    REFUSED[make.__name__] = make
    return make


class Plain:
    """An object as anybody writes it."""

    factor = 2.0

    def __init__(self, k: Any = 3.0) -> None:
        self.k, self.inner = k, [k]

    def times(self, x: Any) -> Any:
        return self.k * x

    @property
    def twice(self) -> Any:
        return 2 * self.k

    @functools.cached_property
    def kept(self) -> Any:
        return 2 * self.k

    @staticmethod
    def by_static_method() -> Any:
        return SETTINGS.k

    @classmethod
    def by_class_method(cls) -> Any:
        return cls.factor

    def __getitem__(self, key: Any) -> Any:
        return self.inner[key]

    def __len__(self) -> int:
        return len(self.inner)

    def __iter__(self) -> Iterator[Any]:
        return iter(self.inner)

    def __mul__(self, x: Any) -> Any:
        return self.k * x

    def __getattr__(self, name: str) -> Any:
        if name != "computed":
            raise AttributeError(name)
        return self.inner[0]


SETTINGS, GLOBAL = Plain(), 2.0
MODULE = types.ModuleType("settings_of_a_test")
MODULE.__dict__.update(scale=2.0, inner=types.SimpleNamespace(scale=3.0))


def setting(owner: Any, name: str, to: Any) -> Callable[[], None]:
    return lambda: setattr(owner, name, to)


# ------------------------------------------------------------------------------------------- objects and their like


@reads
def attribute_of_an_object() -> Way:
    o = Plain()
    return lambda x: o.k * x, setting(o, "k", 5.0)


@reads
def attribute_of_an_object_in_an_object() -> Way:
    o = types.SimpleNamespace(a=types.SimpleNamespace(b=Plain()))
    return lambda x: o.a.b.k * x, setting(o.a.b, "k", 5.0)


@reads
def object_in_the_place_of_another() -> Way:
    o = types.SimpleNamespace(a=Plain())
    return lambda x: o.a.k * x, setting(o, "a", Plain(7.0))


@reads
def zero_with_another_sign() -> Way:
    import math

    o = Plain(0.0)
    return lambda x: math.atan2(o.k, -1.0) * x, setting(o, "k", -0.0)


@reads
def integer_that_becomes_a_float() -> Way:
    o = Plain(2)
    return lambda x: x * (10**17 + o.k) - x * float(10**17) if isinstance(o.k, int) else x, setting(o, "k", 2.0)


@reads
def dataclass() -> Way:
    @dataclasses.dataclass
    class Settings:
        k: float = 2.0

    o = Settings()
    return lambda x: o.k * x, setting(o, "k", 5.0)


@reads
def dataclass_that_is_equal_to_what_it_was() -> Way:
    @dataclasses.dataclass
    class Settings:
        name: str
        k: float = dataclasses.field(default=2.0, compare=False)

    o = types.SimpleNamespace(s=Settings("a"))
    return lambda x: o.s.k * x, setting(o, "s", Settings("a", 5.0))


@reads
def dataclass_by_all_its_fields() -> Way:
    @dataclasses.dataclass
    class Settings:
        k: float = 2.0

    o = Settings()
    return lambda x: sum(dataclasses.astuple(o)) * x, setting(o, "k", 5.0)


@reads
def dataclass_by_a_pattern() -> Way:
    @dataclasses.dataclass
    class Settings:
        k: float = 2.0

    o = Settings()

    def f(x: Any) -> Any:
        match o:
            case Settings(factor):
                return factor * x

    return f, setting(o, "k", 5.0)


@reads
def slots() -> Way:
    class Slotted:
        __slots__ = ("k",)

    o = Slotted()
    o.k = 2.0
    return lambda x: o.k * x, setting(o, "k", 5.0)


@reads
def bound_method() -> Way:
    o = Plain()
    times = o.times
    return lambda x: times(x), setting(o, "k", 5.0)


@reads
def property_of_an_object() -> Way:
    o = Plain()
    return lambda x: o.twice * x, setting(o, "k", 5.0)


@reads
def property_that_is_kept() -> Way:
    o = Plain()
    return lambda x: o.kept * x, lambda: (vars(o).pop("kept"), setattr(o, "k", 5.0))


@reads
def attribute_by_getattr() -> Way:
    o = Plain()
    return lambda x: o.computed * x, lambda: operator.setitem(o.inner, 0, 5.0)


@reads
def attribute_by_a_computed_name() -> Way:
    o = types.SimpleNamespace(ab=2.0)
    return lambda x: getattr(o, "a" + "b".lower()) * x, setting(o, "ab", 5.0)


@reads
def attribute_by_a_name_that_comes_later() -> Way:
    o = types.SimpleNamespace(ab=2.0)
    name = "c".join("ab")
    return lambda x: (3.0 if hasattr(o, name) else 2.0) * getattr(o, name, 1.0) * x, lambda: setattr(o, "acb", 5.0)


@reads
def attributes_of_an_object_that_a_computed_name_leads_to() -> Way:
    o = types.SimpleNamespace(layer1=types.SimpleNamespace(ab=2.0))
    return lambda x: getattr(getattr(o, f"layer{len('a')}"), "ba"[::-1]) * x, setting(o.layer1, "ab", 5.0)


@reads
def attribute_by_a_getattr_of_before() -> Way:
    o, get, name = types.SimpleNamespace(ab=2.0), getattr, "ba"[::-1]
    return lambda x: get(o, name) * x, setting(o, "ab", 5.0)


@reads
def attributes_by_computed_names_in_a_map() -> Way:
    o, names = types.SimpleNamespace(ab=2.0), ["ba"[::-1]]
    return lambda x: next(map(getattr, [o], names)) * x, setting(o, "ab", 5.0)


@reads
def attribute_by_attrgetter() -> Way:
    o, get = types.SimpleNamespace(a=types.SimpleNamespace(b=2.0)), operator.attrgetter("a.b")
    return lambda x: get(o) * x, setting(o.a, "b", 5.0)


@reads
def all_attributes_by_vars() -> Way:
    o = types.SimpleNamespace(a=2.0)
    return lambda x: sum(vars(o).values()) * x, setting(o, "b", 5.0)


@reads
def all_attributes_by_the_dict() -> Way:
    o = types.SimpleNamespace(a=2.0)
    return lambda x: sum(o.__dict__.values()) * x, setting(o, "a", 5.0)


@reads
def operator_of_an_object() -> Way:
    o = Plain()
    return lambda x: o * x, setting(o, "k", 5.0)


@reads
def item_of_an_object() -> Way:
    o = Plain()
    return lambda x: o[0] * x, lambda: o.inner.insert(0, 5.0)


@reads
def items_of_an_object() -> Way:
    o = Plain()
    return lambda x: sum([k * x for k in o]), lambda: o.inner.append(5.0)


@reads
def length_of_an_object() -> Way:
    o = Plain()
    return lambda x: len(o) * x, lambda: o.inner.append(5.0)


@reads
def context_of_an_object() -> Way:
    o = Plain()

    @contextlib.contextmanager
    def scaled() -> Iterator[Any]:
        yield o.k

    def f(x: Any) -> Any:
        with scaled() as k:
            return k * x

    return f, setting(o, "k", 5.0)


@reads
def attribute_of_a_class() -> Way:
    class Settings:
        k = 2.0

    return lambda x: Settings.k * x, setting(Settings, "k", 5.0)


@reads
def attribute_of_the_class_of_an_object() -> Way:
    class Settings(Plain):
        pass

    o = Settings()
    return lambda x: o.factor * x, setting(Settings, "factor", 5.0)


@reads
def attribute_that_hides_that_of_the_class() -> Way:
    o = Plain()
    return lambda x: o.factor * x, setting(o, "factor", 5.0)


@reads
def attribute_of_a_metaclass() -> Way:
    class Meta(type):
        k = 2.0

    class Settings(metaclass=Meta):
        pass

    return lambda x: Settings.k * x, setting(Meta, "k", 5.0)


@reads
def class_method() -> Way:
    class Settings(Plain):
        pass

    return lambda x: Settings.by_class_method() * x, setting(Settings, "factor", 5.0)


@reads
def method_that_is_another() -> Way:
    class Settings(Plain):
        pass

    o = Settings()
    return lambda x: o.times(x), setting(Settings, "times", lambda self, x: 9.0 * x)


@reads
def special_method_that_is_another() -> Way:
    class Settings(Plain):
        def __mul__(self, x: Any) -> Any:
            return 2.0 * x

    o = Settings()
    return lambda x: o * x, setting(Settings, "__mul__", lambda self, x: 9.0 * x)


@reads
def static_method_and_a_global() -> Way:
    before = SETTINGS.k
    return lambda x: Plain.by_static_method() * x, lambda: setattr(SETTINGS, "k", before + 1)


@reads
def descriptor() -> Way:
    class Scaled:
        def __init__(self) -> None:
            self.k = 2.0

        def __get__(self, instance: Any, owner: Any) -> Any:
            return self.k

    class Settings:
        k = Scaled()

    o = Settings()
    return lambda x: o.k * x, setting(vars(Settings)["k"], "k", 5.0)


@reads
def class_of_an_object() -> Way:
    class One:
        k = 2.0

    class Other:
        k = 5.0

    o = One()
    return lambda x: o.k * x, lambda: setattr(o, "__class__", Other)


@reads
def member_of_an_enum() -> Way:
    class Choice(enum.Enum):
        A = 2.0
        B = 5.0

    o = types.SimpleNamespace(choice=Choice.A)
    return lambda x: o.choice.value * x, setting(o, "choice", Choice.B)


@reads
def subclass_of_float_with_an_attribute() -> Way:
    class Number(float):
        pass

    n = Number(2.0)
    n.k = 3.0  # type: ignore[attr-defined]
    return lambda x: n.k * x * n, setting(n, "k", 5.0)  # type: ignore[attr-defined]


@reads
def attribute_of_a_value() -> Way:
    class Named(Value):
        pass

    v = Named(2.0)
    v.frozen = False  # type: ignore[attr-defined]
    return lambda x: x * v if v.frozen else 2 * x * v, setting(v, "frozen", True)  # type: ignore[attr-defined]


@reads
def attribute_of_a_parameter() -> Way:
    v = nn.Parameter(2.0)
    v.scale = 3.0
    return lambda x: x * v * v.scale, setting(v, "scale", 5.0)


@reads
def attribute_of_a_parameter_that_is_new() -> Way:
    v = nn.Parameter(2.0)
    return lambda x: x * v if hasattr(v, "frozen") else 2 * x * v, setting(v, "frozen", True)


# -------------------------------------------------------------------------------------------- what holds other things


@reads
def entry_of_an_array() -> Way:
    a = np.array([2.0, 3.0])
    return lambda x: float(a[0]) * x, lambda: operator.setitem(a, 0, 5.0)


@reads
def view_of_an_array() -> Way:
    a = np.arange(6.0).reshape(2, 3)
    column = a[:, 1]
    return lambda x: sum([float(k) * x for k in column]), lambda: operator.setitem(a, (0, 1), 5.0)


@reads
def array_of_objects() -> Way:
    a = np.array([types.SimpleNamespace(k=2.0), None], dtype=object)
    return lambda x: a[0].k * x, setting(a[0], "k", 5.0)


@reads
def array_with_a_mask() -> Way:
    a = np.ma.masked_array([2.0, 3.0], mask=[False, False])
    return lambda x: float(a.sum()) * x, lambda: operator.setitem(a.mask, 0, True)


@reads
def array_in_an_object() -> Way:
    o = types.SimpleNamespace(a=np.array([2.0]))
    return lambda x: float(o.a[0]) * x, lambda: operator.setitem(o.a, 0, 5.0)


@reads
def array_of_bytes() -> Way:
    a = bytearray(b"\2\3")
    return lambda x: a[0] * x, lambda: operator.setitem(a, 0, 5)


@reads
def array_of_the_standard_library() -> Way:
    a = array.array("d", [2.0, 3.0])
    return lambda x: a[0] * x, lambda: operator.setitem(a, 0, 5.0)


@reads
def memory_of_c() -> Way:
    a = ctypes.c_double(2.0)
    return lambda x: a.value * x, setting(a, "value", 5.0)


@reads
def list_of_lists() -> Way:
    table = [[0.0, 1.0], [2.0, 3.0]]
    return lambda x: table[1][0] * x, lambda: operator.setitem(table[1], 0, 5.0)


@reads
def list_of_tuples_of_lists() -> Way:
    table = [([2.0],)]
    return lambda x: table[0][0][0] * x, lambda: operator.setitem(table[0][0], 0, 5.0)


@reads
def slice_of_a_list() -> Way:
    xs = [1.0, 2.0, 3.0]
    return lambda x: sum(xs[1:]) * x, lambda: operator.setitem(xs, 2, 5.0)


@reads
def slice_in_a_variable() -> Way:
    xs, o = [1.0, 2.0, 3.0], types.SimpleNamespace(part=slice(0, 1))
    return lambda x: sum(xs[o.part]) * x, setting(o, "part", slice(0, 3))


@reads
def length_of_a_list() -> Way:
    xs = [1.0, 2.0]
    return lambda x: len(xs) * x, lambda: xs.append(0.0)


@reads
def set_of_numbers() -> Way:
    xs = {1.0, 2.0}
    return lambda x: sum(xs) * x, lambda: xs.add(5.0)


@reads
def membership_in_a_set() -> Way:
    names = {"a"}
    return lambda x: x if "b" in names else 2 * x, lambda: names.add("b")


@reads
def set_of_objects() -> Way:
    xs = {Plain()}
    return lambda x: sum([o.k * x for o in xs]), setting(next(iter(xs)), "k", 5.0)


@reads
def dict_of_objects() -> Way:
    d = {"a": Plain()}
    return lambda x: d["a"].k * x, setting(d["a"], "k", 5.0)


@reads
def dict_of_dicts() -> Way:
    d = {"a": {"b": 2.0}}
    return lambda x: d["a"]["b"] * x, lambda: d["a"].update(b=5.0)


@reads
def keys_of_a_dict() -> Way:
    d = {2.0: None}
    return lambda x: sum(d) * x, lambda: d.update({5.0: None})


@reads
def view_of_a_dict() -> Way:
    d = {"a": 2.0}
    values = d.values()
    return lambda x: sum(values) * x, lambda: d.update(b=5.0)


@reads
def dict_with_defaults() -> Way:
    d: Any = collections.defaultdict(float, a=2.0)
    return lambda x: d["a"] * x, lambda: d.update(a=5.0)


@reads
def deque() -> Way:
    d = collections.deque([2.0])
    return lambda x: d[0] * x, lambda: d.appendleft(5.0)


@reads
def chain_of_dicts() -> Way:
    d = {"a": 2.0}
    chain = collections.ChainMap({}, d)
    return lambda x: chain["a"] * x, lambda: d.update(a=5.0)


@reads
def dict_that_is_read_only() -> Way:
    d = {"a": 2.0}
    proxy = types.MappingProxyType(d)
    return lambda x: proxy["a"] * x, lambda: d.update(a=5.0)


@reads
def subclass_of_list_with_an_attribute() -> Way:
    class Numbers(list):  # type: ignore[type-arg]
        k = 2.0

    xs = Numbers([1.0])
    return lambda x: xs.k * xs[0] * x, setting(xs, "k", 5.0)


@reads
def named_tuple_that_holds_a_list() -> Way:
    class Pair(NamedTuple):
        a: list[float]

    p = Pair([2.0])
    return lambda x: p.a[0] * x, lambda: operator.setitem(p.a, 0, 5.0)


@reads
def weak_reference() -> Way:
    o = Plain()
    reference = weakref.ref(o)
    return lambda x: (reference() or o).k * x, setting(o, "k", 5.0)


# --------------------------------------------------------------------------------------------- variables and functions


@reads
def variable_of_the_function_around() -> Way:
    k = 2.0

    def change() -> None:
        nonlocal k
        k = 5.0

    return lambda x: k * x, change


@reads
def variable_of_a_function_that_is_called() -> Way:
    o = Plain()

    def outer() -> Callable[[Any], Any]:
        return lambda x: (lambda: o.k)() * x

    inner = outer()
    return lambda x: inner(x), setting(o, "k", 5.0)


@reads
def global_two_steps_away() -> Way:
    def helper(x: Any) -> Any:
        return by_global(x)

    return lambda x: helper(x), lambda: globals().update(GLOBAL=GLOBAL + 1)


def by_global(x: Any) -> Any:
    return GLOBAL * x


@reads
def global_that_hides_a_builtin() -> Way:
    scope: dict[str, Any] = {}
    exec("def f(x): return max(2.0, 3.0) * x", scope)
    return scope["f"], lambda: scope.update(max=min)


@reads
def global_by_eval() -> Way:
    scope = {"k": 2.0}
    return lambda x: eval("k + 0", scope) * x, lambda: scope.update(k=5.0)


@reads
def attribute_of_a_module() -> Way:
    before = MODULE.scale
    return lambda x: MODULE.scale * x, setting(MODULE, "scale", before + 1)


@reads
def attribute_in_a_module() -> Way:
    before = MODULE.inner.scale
    return lambda x: MODULE.inner.scale * x, setting(MODULE.inner, "scale", before + 1)


@reads
def module_that_the_function_imports() -> Way:
    module: Any = types.ModuleType("imported_by_a_test")
    sys.modules[module.__name__] = module
    module.scale = 2.0

    def f(x: Any) -> Any:
        import imported_by_a_test

        return imported_by_a_test.scale * x

    return f, setting(module, "scale", 5.0)


@reads
def function_that_is_another() -> Way:
    functions = {"f": lambda x: 2 * x}
    return lambda x: functions["f"](x), lambda: functions.update(f=lambda x: 5 * x)


@reads
def code_of_a_function() -> Way:
    def f(x: Any) -> Any:
        return 2 * x

    def other(x: Any) -> Any:
        return 5 * x

    return lambda x: f(x), setting(f, "__code__", other.__code__)


@reads
def default_of_a_function() -> Way:
    def f(x: Any, k: float = 2.0) -> Any:
        return k * x

    return lambda x: f(x), setting(f, "__defaults__", (5.0,))


@reads
def default_that_holds_something() -> Way:
    def f(x: Any, k: list[float] = [2.0]) -> Any:  # noqa: B006
        return k[0] * x

    return lambda x: f(x), lambda: operator.setitem(f.__defaults__[0], 0, 5.0)  # type: ignore[index]


@reads
def attribute_of_a_function() -> Way:
    def f(x: Any) -> Any:
        return f.k * x  # type: ignore[attr-defined]

    f.k = 2.0  # type: ignore[attr-defined]
    return f, setting(f, "k", 5.0)


@reads
def decorated_function() -> Way:
    o = Plain()

    def scaled(f: Callable[[Any], Any]) -> Callable[[Any], Any]:
        @functools.wraps(f)
        def g(x: Any) -> Any:
            return o.k * f(x)

        return g

    @scaled
    def h(x: Any) -> Any:
        return 2 * x

    return lambda x: h(x), setting(o, "k", 5.0)


@reads
def object_in_a_decorator_of_autograd() -> Way:
    class Scaled(Plain):
        def __call__(self, x: Any) -> Any:
            return self.k * x

    o = Scaled()
    return lambda x: checkpoint(o)(x), setting(o, "k", 5.0)


@reads
def function_in_a_transform() -> Way:
    o = Plain()
    slope = grad(lambda x: o.k * x * x)
    return lambda x: slope(x), setting(o, "k", 5.0)


@reads
def partial_of_a_function() -> Way:
    o = Plain()
    f = functools.partial(lambda o, x: o.k * x, o)
    return lambda x: f(x), setting(o, "k", 5.0)


@reads
def function_called_by_c() -> Way:
    o = Plain()
    return lambda x: functools.reduce(lambda a, b: a + b * o.k, [x, x]), setting(o, "k", 5.0)


@reads
def generator_inside() -> Way:
    o = Plain()

    def parts(x: Any) -> Iterator[Any]:
        yield o.k * x
        yield x

    return lambda x: sum(parts(x)), setting(o, "k", 5.0)


@reads
def function_of_a_library_that_is_single_dispatched() -> Way:
    o = Plain()

    @functools.singledispatch
    def f(x: Any) -> Any:
        return o.k * x

    return lambda x: f(x), setting(o, "k", 5.0)


@reads
def variable_of_a_context() -> Way:
    k = contextvars.ContextVar("k", default=2.0)
    return lambda x: k.get() * x, lambda: k.set(5.0)


@reads
def variable_of_the_environment() -> Way:
    os.environ["SCALE_OF_A_TEST"] = "2.0"
    return lambda x: float(os.environ["SCALE_OF_A_TEST"]) * x, lambda: os.environ.update(SCALE_OF_A_TEST="5.0")


@reads
def variable_of_the_environment_by_getenv() -> Way:
    os.environ["OTHER_OF_A_TEST"] = "2.0"
    return lambda x: float(os.getenv("OTHER_OF_A_TEST", "")) * x, lambda: os.environ.update(OTHER_OF_A_TEST="5.0")


@reads
def random_numbers_from_a_seed() -> Way:
    o = Plain(1)
    return lambda x: random.Random(o.k).random() * x, setting(o, "k", 2)


@reads
def something_that_is_kept_after_the_first_call() -> Way:
    o, kept = Plain(), {}

    def f(x: Any) -> Any:
        if "k" not in kept:
            kept["k"] = o.k
        return kept["k"] * x

    return f, lambda: (kept.clear(), setattr(o, "k", 5.0))


@reads
def attributes_that_are_keys() -> Way:
    class Settings:
        def __init__(self) -> None:
            self.__dict__["numbers"] = {"k": 2.0}

        def __getattr__(self, name: str) -> Any:
            return self.numbers[name]  # a KeyError for whatever isn't there

    settings = Settings()
    return lambda x: settings.k * x, lambda: settings.numbers.update(k=5.0)


def test_a_computed_name_has_no_other_attribute_watched() -> None:
    far = types.SimpleNamespace(ab=2.0, calls=0, table=[*map(str, range(30_000))])
    followed = []

    def f(x: Any) -> Any:
        followed.append(None)
        return getattr(far, "ba"[::-1]) * x

    program = compile(f)
    assert program.map([1.0, 2.0]) == [2.0, 4.0]
    far.calls, far.table[0], before = 1, "changed", len(followed)
    assert program.map([1.0, 2.0]) == [2.0, 4.0]
    assert len(followed) == before
    far.ab = 5.0
    assert program.map([1.0, 2.0]) == [5.0, 10.0]


@pytest.mark.parametrize("name", READ)
def test_what_a_function_reads_is_that_of_the_call(name: str) -> None:
    f, change = READ[name]()
    w = Value(1.5, label="w")
    program = compile(lambda x: w * f(x), [w])
    found = []
    for _ in range(2):
        slope = sum([float(getattr(y, "data", y)) for y in (f(2.0), f(4.0))]) / 2
        for _ in range(2):  # the second time nothing has changed
            assert program([2.0, 4.0]) == pytest.approx(1.5 * slope, rel=1e-15)
        assert w.grad == pytest.approx(2 * slope, rel=1e-15)
        found.append(slope)
        w.grad = 0.0
        change()
    assert found[0] != found[1]  # else it would be no test


# ----------------------------------------------------------------------------------------------------- what is refused


@refused
def random_number() -> Callable[[Any], Any]:
    return lambda x: random.random() * x


@refused
def random_number_of_a_distribution() -> Callable[[Any], Any]:
    return lambda x: random.gauss(0, 1) * x


@refused
def random_choice() -> Callable[[Any], Any]:
    return lambda x: random.choice([1.0, 2.0]) * x


@refused
def random_number_of_a_generator() -> Callable[[Any], Any]:
    rng = random.Random(0)
    return lambda x: rng.random() * x


@refused
def random_number_of_a_generator_in_an_object() -> Callable[[Any], Any]:
    o = types.SimpleNamespace(rng=random.Random(0))
    return lambda x: o.rng.uniform(0, 1) * x


@refused
def random_number_of_a_new_generator() -> Callable[[Any], Any]:
    return lambda x: random.Random().random() * x


@refused
def random_number_of_the_system() -> Callable[[Any], Any]:
    return lambda x: random.SystemRandom().random() * x


@refused
def random_number_of_numpy() -> Callable[[Any], Any]:
    return lambda x: float(np.random.rand()) * x


@refused
def random_number_of_a_generator_of_numpy() -> Callable[[Any], Any]:
    rng = np.random.default_rng(0)
    return lambda x: float(rng.normal()) * x


@refused
def random_number_of_a_new_generator_of_numpy() -> Callable[[Any], Any]:
    return lambda x: float(np.random.default_rng().normal()) * x


@refused
def random_bytes() -> Callable[[Any], Any]:
    return lambda x: os.urandom(1)[0] * x


@refused
def identifier() -> Callable[[Any], Any]:
    return lambda x: (uuid.uuid4().int % 7) * x


@refused
def time_of_day() -> Callable[[Any], Any]:
    return lambda x: time.time() * x


@refused
def time_that_has_passed() -> Callable[[Any], Any]:
    return lambda x: time.perf_counter() * x


@refused
def date() -> Callable[[Any], Any]:
    return lambda x: datetime.datetime.now().microsecond * x


@refused
def file() -> Callable[[Any], Any]:
    return lambda x: len(Path(__file__).read_text()) * x


@refused
def file_by_open() -> Callable[[Any], Any]:
    def f(x: Any) -> Any:
        with open(__file__) as file:
            return len(file.read()) * x

    return f


@refused
def file_that_is_open() -> Callable[[Any], Any]:
    file = io.StringIO("1\n2\n3\n")
    return lambda x: float(file.readline()) * x


@refused
def iterator() -> Callable[[Any], Any]:
    numbers = iter([1.0, 2.0, 3.0])
    return lambda x: next(numbers) * x


@refused
def count() -> Callable[[Any], Any]:
    numbers = itertools.count(1)
    return lambda x: next(numbers) * x


@refused
def generator() -> Callable[[Any], Any]:
    numbers = (k for k in (1.0, 2.0, 3.0))
    return lambda x: next(numbers) * x


@refused
def counter_that_is_used() -> Callable[[Any], Any]:
    o = types.SimpleNamespace(calls=0)

    def f(x: Any) -> Any:
        o.calls += 1
        return o.calls * x

    return f


@refused
def counter_that_is_compared() -> Callable[[Any], Any]:
    calls = 0

    def f(x: Any) -> Any:
        nonlocal calls
        calls += 1
        return x if calls > 100 else 2 * x

    return f


@refused
def list_that_grows_and_is_measured() -> Callable[[Any], Any]:
    seen: list[int] = []

    def f(x: Any) -> Any:
        seen.append(0)
        return len(seen) * x

    return f


@refused
def list_that_is_used_up() -> Callable[[Any], Any]:
    rest = [1.0, 2.0, 3.0, 4.0, 5.0]
    return lambda x: rest.pop() * x


@refused
def state_that_goes_on() -> Callable[[Any], Any]:
    o = types.SimpleNamespace(h=0.0)

    def f(x: Any) -> Any:
        o.h = 0.5 * o.h + x
        return o.h

    return f


@refused
def setting_that_decays() -> Callable[[Any], Any]:
    settings = {"beta": 1.0}

    def f(x: Any) -> Any:
        settings["beta"] *= 0.9
        return settings["beta"] * x

    return f


@refused
def queue() -> Callable[[Any], Any]:
    import queue

    q: Any = queue.SimpleQueue()
    for k in range(9):
        q.put(k)
    return lambda x: q.get() * x


@refused
def variables_by_globals() -> Callable[[Any], Any]:
    return lambda x: globals()["GLO" + "BAL".upper()] * x


@refused
def array_that_is_too_large() -> Callable[[Any], Any]:
    a = np.zeros(200_000)
    return lambda x: float(a[0]) * x


@refused
def table_that_is_too_large() -> Callable[[Any], Any]:
    table = [[0.0, 1.0]] * 3 + [[float(i), 1.0] for i in range(20_000)]
    return lambda x: table[0][0] * x


@pytest.mark.parametrize("name", REFUSED)
def test_what_does_something_else_each_time_is_refused_with_the_mend(name: str) -> None:
    f, w = REFUSED[name](), Value(1.5, label="w")
    with pytest.raises(TraceError, match=r"argument|name the variable") as refusal:
        compile(lambda x: w * f(x), [w])([2.0, 4.0])
    assert __file__ in str(refusal.value)
    assert w.grad == 0.0
