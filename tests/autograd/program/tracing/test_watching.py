"""Numbers are watched while a function is followed, and at no other time."""

from __future__ import annotations

import copy
import threading
import types
from typing import Any

import pytest

import autograd
from autograd import Value, checkpoint, compile, dot, no_grad
from autograd.graph import Node
from autograd.modes import mode
from autograd.program import TraceError
from autograd.program.tracing.watching import watching


class Heard:
    """A trace that notes what it hears."""

    def __init__(self) -> None:
        self.events: list[str] = []
        self.asked: list[str] = []

    def read(self, node: Value) -> None:
        self.events.append(f"read {node.label}")

    def write(self, node: Value) -> None:
        self.events.append(f"write {node.label}")

    def ask_attribute(self, item: Any, name: str) -> None:
        self.asked.append(name)

    def read_grad(self, node: Value) -> None:
        self.events.append(f"grad {node.label}")


def test_truth_and_copies_are_heard_though_they_read_the_number_past_its_property() -> None:
    v, heard = Value(2.0, label="v"), Heard()
    with watching(), mode(trace=heard):
        assert v
        copy.copy(v)
        copy.deepcopy(v)
    assert heard.events == ["read v"] * 3


@pytest.mark.parametrize(
    "fn", [lambda x, w: x if x > w else w, lambda x, w: x if w > 2 else w, max, lambda x, w: w if x else x]
)
def test_a_comparison_that_decides_is_heard(fn: Any) -> None:
    w = Value(1.0)
    with pytest.raises(TraceError, match="is asked for"):
        compile(lambda x: fn(x, w), [w])([1.0, 2.0])


def test_reading_and_assigning_is_heard_inside_and_works_as_before() -> None:
    v, heard = Value(2.0, label="v"), Heard()
    with watching(), mode(trace=heard):
        assert (v.data, v.grad) == (2.0, 0.0)
        v.data = 3.0
    assert heard.events == ["read v", "grad v", "write v"]
    assert v.data == 3.0
    assert heard.events == ["read v", "grad v", "write v"]


def test_afterwards_the_properties_are_those_of_before_also_after_an_error() -> None:
    def fail() -> None:
        with watching(), watching():
            assert vars(Node)["data"] is not before[0]
            raise KeyError

    before = vars(Node)["data"], vars(Node)["grad"]
    with pytest.raises(KeyError):
        fail()
    assert (vars(Node)["data"], vars(Node)["grad"]) == before


def test_another_thread_that_follows_nothing_goes_unnoticed() -> None:
    v, heard, seen = Value(2.0, label="v"), Heard(), []
    with watching(), mode(trace=heard):
        thread = threading.Thread(target=lambda: seen.append(v.data))
        thread.start()
        thread.join()
    assert (seen, heard.events) == ([2.0], [])


def test_what_is_assigned_is_checked_as_always() -> None:
    v = Value(2.0)
    with watching():
        with pytest.raises(TypeError, match="data must be a real number"):
            v.data = "3"  # type: ignore[assignment]
        with pytest.raises(TypeError, match="grad must be a real number"):
            v.grad = "3"  # type: ignore[assignment]
    assert (v.data, v.grad) == (2.0, 0.0)


class Bounded(Value):
    """A Value of at most 1, made of the property's own functions."""

    data = property(Value.data.fget, lambda self, x: assign(self, min(x, 1.0)))  # type: ignore[attr-defined, assignment]


assign = Value.data.fset  # type: ignore[attr-defined]


class Doubling(Value):
    """A Value that doubles what is assigned to it."""

    @Value.data.setter  # type: ignore[attr-defined, untyped-decorator]
    def data(self, x: float) -> None:
        assign(self, 2.0 * x)


class Scaled(Value):
    """A Value that shows a hundred times its gradient."""

    @Value.grad.getter  # type: ignore[attr-defined, untyped-decorator]
    def grad(self) -> float:
        return 100.0 * read_grad(self)


read_grad = Value.grad.fget  # type: ignore[attr-defined]


def test_a_subclass_that_builds_on_the_properties_is_heard() -> None:
    heard = Heard()
    bounded, doubling, scaled = Bounded(0.5, "b"), Doubling(0.5, "d"), Scaled(0.5, "s")
    scaled.grad = 2.0
    with watching(), mode(trace=heard):
        assert (bounded.data, doubling.data, scaled.grad) == (0.5, 0.5, 200.0)
        bounded.data = doubling.data = 5.0
    assert heard.events == ["read b", "read d", "grad s", "write b", "write d"]
    assert (bounded.data, doubling.data) == (1.0, 10.0)


def test_a_program_follows_a_function_anew_when_a_number_of_such_a_subclass_is_another() -> None:
    b = Bounded(0.5)
    program = compile(lambda x: x * b.data)
    assert program([2.0]) == 1.0
    b.data = 7.0
    assert program([2.0]) == 2.0


def test_the_gradient_of_a_checkpoint_is_heard() -> None:
    x, heard = Value(2.0), Heard()
    hub = checkpoint(lambda x: [x * x, x + 1])(x)[0].parents[0]
    hub.label = "hub"
    with watching(), mode(trace=heard):
        assert hub.grad == 0.0
    assert heard.events == ["grad hub"]


def test_an_attribute_is_heard_by_its_computed_name_and_elsewhere_the_builtins_are_pythons_own() -> None:
    heard, elsewhere = Heard(), []

    def ask() -> Any:
        return getattr(heard, "stneve"[::-1]) is heard.events, hasattr(heard, "none"), getattr(heard, "none", 7)

    with watching():
        assert ask() == (True, False, 7)
        with mode(trace=heard):
            assert ask() == (True, False, 7)
            with pytest.raises(AttributeError, match="none"):
                getattr(heard, "none")  # noqa: B009
            thread = threading.Thread(target=lambda: elsewhere.append(ask()))
            thread.start()
            thread.join()
    assert heard.asked[:4] == ["events", "none", "none", "none"]
    assert elsewhere == [(True, False, 7)]
    assert isinstance(getattr, types.BuiltinFunctionType)
    assert isinstance(hasattr, types.BuiltinFunctionType)


def test_while_a_function_is_followed_other_threads_compute_numbers() -> None:
    found: list[float] = []

    def elsewhere() -> None:
        a, b = Value(2.0), Value(3.0)
        found.extend([(a * b).data, (-a).data, dot([a, b], [b, a]).data])

    with watching():
        elsewhere()
        thread = threading.Thread(target=elsewhere)
        thread.start()
        thread.join()
    assert found == [6.0, -2.0, 12.0] * 2


@pytest.mark.parametrize("times", [1, 2])
def test_each_application_of_a_rule_is_recorded_alike(times: int) -> None:
    """The first goes the way of all nodes, later ones a shorter one."""
    w = Value(3.0)

    def fn(x: Any) -> Any:
        for _ in range(times):
            y = dot([w, x], [x, w], w) * x - 2 * x + dot([w, 1], [x, 2]) + autograd.sum([x, w]) + (-x).exp() / w
        return y

    assert compile(fn, [w])([0.5]) == pytest.approx(fn(Value(0.5)).data, rel=1e-15)


def test_what_isnt_recorded_is_refused_the_second_time_too() -> None:
    def fn(x: Any) -> Any:
        y = x * x
        with no_grad():
            return y * x

    with pytest.raises(TraceError, match="no_grad"):
        compile(fn)([1.0])
