"""Properties that are read in C look, and fail, as those in Python do."""

from __future__ import annotations

import inspect
from typing import Any, get_type_hints

import pytest

from autograd import Value

DATA: Any = Value.data


def test_it_looks_as_it_is_written() -> None:
    assert isinstance(DATA, property)
    assert DATA.__doc__.startswith("The number.")
    assert DATA.fget.__name__ == "data"
    assert str(inspect.signature(DATA.fget)) == "(self) -> 'float'"
    assert get_type_hints(DATA.fget) == {"return": float}


def test_its_functions_read_and_assign() -> None:
    v = Value(2.0)
    assert DATA.fget(v) == 2.0
    DATA.fset(v, 3)
    assert v.data == 3.0
    with pytest.raises(TypeError, match="data must be a real number"):
        DATA.fset(v, "3")


def test_its_errors_name_it() -> None:
    v: Any = Value(2.0)
    with pytest.raises(AttributeError, match="data"):
        del v.data


def test_what_a_subclass_makes_of_it_keeps_the_other_half_and_the_description() -> None:
    class Logged(Value):
        @DATA.getter  # type: ignore[untyped-decorator]
        def data(self) -> float:
            """Logged."""
            return 10.0 * DATA.fget(self)  # type: ignore[no-any-return]

    class Doubling(Value):
        @DATA.setter  # type: ignore[untyped-decorator]
        def data(self, x: float) -> None:
            DATA.fset(self, 2.0 * x)

    logged, doubling = Logged(2.0), Doubling(2.0)
    logged.data = doubling.data = 3.0
    assert (logged.data, doubling.data) == (30.0, 6.0)
    assert vars(Logged)["data"].__doc__ == "Logged."
    assert vars(Doubling)["data"].__doc__ == DATA.__doc__
