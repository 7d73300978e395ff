"""Reading and assigning numbers is watched while a function is followed, and only then."""

from __future__ import annotations

from threading import Thread
from types import SimpleNamespace

import pytest

from autograd import Value
from autograd.graph import Node
from autograd.modes import mode
from autograd.program.tracing.watching import watching


class Heard:
    """A trace that only notes what it hears."""

    def __init__(self):
        self.of = []

    def read(self, node):
        self.of.append("read")

    def write(self, node):
        self.of.append("write")

    def read_grad(self, node):
        self.of.append("read_grad")


def test_a_trace_hears_of_each_number_that_is_read_or_assigned():
    v, heard = Value(2.0), Heard()
    with watching(), mode(trace=heard):
        assert v.data == 2.0
        v.data = 3.0
        assert v.grad == 0.0
        v.grad = 1.0
    assert heard.of == ["read", "write", "read_grad"]
    assert (v.data, v.grad) == (3.0, 1.0)


def test_without_a_trace_in_the_same_thread_nothing_is_heard():
    v, heard, other = Value(2.0), Heard(), SimpleNamespace()
    with watching(), mode(trace=heard):
        thread = Thread(target=lambda: setattr(other, "data", v.data))
        thread.start()
        thread.join()
    assert other.data == 2.0
    assert heard.of == []


def test_the_properties_are_plain_again_after_the_last_function_was_followed():
    plain = vars(Node)["data"], vars(Node)["grad"]
    with watching():
        watched = vars(Node)["data"]
        assert watched not in plain
        with watching():
            pass
        assert vars(Node)["data"] is watched
        assert watched.__doc__ == plain[0].__doc__
    assert (vars(Node)["data"], vars(Node)["grad"]) == plain
    with pytest.raises(RuntimeError), watching():
        raise RuntimeError
    assert vars(Node)["data"] is plain[0]
