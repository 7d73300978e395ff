"""Numbers are watched while a function is followed, and at no other time."""

from __future__ import annotations

import threading

import pytest

from autograd import Value
from autograd.graph import Node
from autograd.modes import mode
from autograd.program.tracing.watching import watching


class Heard:
    """A trace that notes what it hears."""

    def __init__(self) -> None:
        self.events: list[str] = []

    def read(self, node: Value) -> None:
        self.events.append(f"read {node.label}")

    def write(self, node: Value) -> None:
        self.events.append(f"write {node.label}")

    def read_grad(self, node: Value) -> None:
        self.events.append(f"grad {node.label}")


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
