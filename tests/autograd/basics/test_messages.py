"""What an error message shows of what it was given."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd import Value, jvp
from autograd.basics.messages import shown
from nn import MLP, mse_loss

plain = st.none() | st.booleans() | st.integers(-(10**30), 10**30) | st.floats() | st.text(max_size=20)


@given(st.lists(plain, max_size=6) | st.tuples(plain, plain) | plain)
def test_what_is_short_is_shown_as_python_shows_it(x):
    assert shown(x) == repr(x)


@given(
    st.recursive(plain | st.text() | st.integers(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner))
)
def test_what_is_long_is_cut(x):
    assert len(shown([x] * 1000)) < 10_000
    assert shown([1.0] * 1000 + [x]) == "[1.0, 1.0, 1.0, 1.0, 1.0, 1.0, ...]"


@pytest.mark.parametrize(
    ("x", "text"),
    [
        (10**39, "1" + "0" * 39),
        (10**40, "10**40"),
        ("x" * 1000, "'" + "x" * 57 + "..." + "x" * 58 + "'"),
        (Value(1.0, label="a"), "Value(data=1.0, grad=0.0, label='a')"),
        (MLP(2, [3, 1], "tanh"), "MLP(2, [3, 1], activation='tanh')"),
    ],
)
def test_known_cases(x, text):
    assert shown(x) == text


def test_an_object_of_several_lines_is_shown_in_one():
    assert shown([np.array([[1.0, 2.0], [3.0, 4.0]])]) == "[array([[1., 2.], [3., 4.]])]"


def test_an_integer_too_long_for_python_to_write_is_told_by_its_size():
    assert shown([-(10**5000)]) == "[-10**5000]"


def test_an_object_that_can_not_be_shown_is_named_by_its_type():
    class Odd:
        def __repr__(self) -> str:
            raise RuntimeError

    assert shown(Odd()).startswith("<Odd instance at 0x")


@pytest.mark.parametrize(
    ("outputs", "targets", "message"),
    [
        ([Value(1.0)] * 1000, [1.0] * 999, r"got \[999 × number\], expected \[1000 × number\]"),
        (
            [[Value(1.0)] * 2] * 50,
            [[1.0] * 2] * 49 + [[1.0]],
            r"got \[49 × \[2 × number\], \[number\]\], expected \[50 × ",
        ),
    ],
)
def test_nested_lists_that_differ_are_told_by_their_lengths(outputs: Any, targets: Any, message: str):
    with pytest.raises(ValueError, match=message):
        mse_loss(outputs, targets)


def test_dicts_that_differ_are_told_by_their_keys():
    with pytest.raises(ValueError, match=r"got \[\{'w': number\}\], expected \[\{'b': number, 'w': \[2 × number\]\}\]"):
        jvp(lambda p: p["b"], ({"w": [1.0, 2.0], "b": 1.0},), ({"w": 1.0},))


@pytest.mark.parametrize("n", [10**8 + 1, 10**30])
def test_a_layer_that_no_memory_can_hold_is_refused_at_once(n: int):
    with pytest.raises(ValueError, match=r"nin must be at most 100,000,000, got 1\d+"):
        MLP(n, [1])
