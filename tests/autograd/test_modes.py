"""What is not recorded: no_grad, as a block and as a decorator, and for whom it holds."""

from __future__ import annotations

import threading

import pytest

import autograd
from autograd import Value, no_grad


def test_nothing_is_recorded_under_no_grad():
    x = Value(2.0)
    with no_grad():
        y = x * x
        assert not autograd.is_grad_enabled()
    assert autograd.is_grad_enabled()
    assert (y.data, y.op, y.parents) == (4.0, "", ())
    assert (x * x).parents == (x, x)


def test_no_grad_nests_ends_with_an_exception_and_decorates():
    x = Value(2.0)
    block = no_grad()
    with pytest.raises(KeyError), block, block:
        raise KeyError
    assert (x + x).parents

    @no_grad()
    def double(x):
        """Twice."""
        return x + x

    assert double(x).parents == ()
    assert double.__doc__ == "Twice."
    assert (x + x).parents


def test_no_grad_holds_for_its_own_thread_only():
    x = Value(2.0)
    recorded = []
    with no_grad():
        thread = threading.Thread(target=lambda: recorded.append((x * x).parents))
        thread.start()
        thread.join()
    assert recorded == [(x, x)]


def test_no_grad_decorates_without_brackets_and_refuses_what_runs_in_pieces():
    @no_grad
    def double(x):
        return x + x

    assert double(Value(1.0)).parents == ()
    with pytest.raises(TypeError, match="in pieces"):

        @no_grad()
        def numbers(x):
            yield x + x


def test_reading_and_assigning_under_no_grad_is_as_elsewhere():
    x = Value(2.0)
    (x * x).backward()
    with no_grad():
        assert (x.data, x.grad, x.detach().data) == (2.0, 4.0, 2.0)
        x.data, x.grad = 3.0, 5.0
        assert (x.data, x.grad) == (3.0, 5.0)
