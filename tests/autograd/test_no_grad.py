"""What is not recorded, or not as it is: no_grad, detach, straight_through."""

import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd
from autograd import Value, no_grad, straight_through

numbers = st.floats(-1e3, 1e3)


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


def test_a_detached_value_sends_no_gradient_back():
    x = Value(3.0, label="x")
    d = x.detach()
    (x * d).backward()
    assert (x.grad, d.grad, d.data, d.label) == (3.0, 3.0, 3.0, "x")


@given(st.floats(-100, 100))
def test_straight_through_has_any_value_and_the_slope_of_the_identity(x):
    step = straight_through(lambda a: 1 if a > 0 else 0)
    v = Value(x)
    y = step(v) * 5
    y.backward()
    assert y.data == (5.0 if x > 0 else 0.0)
    assert v.grad == 5.0
    assert type(step(x)) is float


def test_straight_through_refuses_a_function_that_returns_no_number():
    with pytest.raises(TypeError, match="the result of str must be a real number"):
        straight_through(str)(Value(1.0))


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


def test_a_detached_value_of_a_function_that_is_compiled_is_a_constant_to_it():
    w = Value(3.0)
    program = autograd.compile(lambda x: w * w.detach() * x, [w])
    assert program([2.0]) == 18.0
    assert w.grad == 6.0
    w.data, w.grad = 4.0, 0.0
    assert program([2.0]) == 32.0
    assert w.grad == 8.0
