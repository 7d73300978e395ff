"""NumPy's floating-point errors are kept quiet or noted, and its settings stay what they are."""

from __future__ import annotations

import warnings
from contextvars import ContextVar

import numpy as np
import pytest

from autograd.basics.quiet import quietly
from tests.support.moments import at, interrupt

ZERO, HUGE = np.zeros(1), np.full(1, 1e308)


def test_nothing_is_warned_of() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert np.isnan(quietly()(np.divide, ZERO, ZERO)[0])
        assert np.isinf(quietly()(np.multiply, HUGE, HUGE)[0])


def test_what_is_asked_for_is_noted() -> None:
    noted: list[str] = []
    calling = quietly(lambda kind, flag: noted.append(kind), divide="call", invalid="call")
    calling(np.divide, ZERO + 1, ZERO)
    calling(np.multiply, HUGE, HUGE)
    calling(np.divide, ZERO, ZERO)
    assert noted == ["divide by zero", "invalid value"]


def test_variables_of_the_context_are_there_unless_numpy_is_called_alone() -> None:
    variable: ContextVar[str] = ContextVar("variable", default="none")
    variable.set("mine")
    assert quietly()(variable.get) == "mine"
    assert quietly(alone=True)(variable.get) in ("none", "mine")


def test_a_call_may_stand_inside_of_another_and_an_error_ends_both() -> None:
    calling, before = quietly(), np.geterr()
    assert np.isnan(calling(calling, np.divide, ZERO, ZERO)[0])
    with pytest.raises(ZeroDivisionError):
        calling(lambda: 1 / 0)
    assert np.geterr() == before


def test_outside_of_the_call_numpy_warns_as_before() -> None:
    calling = quietly()
    calling(np.divide, ZERO, ZERO)
    with pytest.warns(RuntimeWarning, match="invalid value"):
        np.divide(ZERO, ZERO)


def test_ctrl_c_at_any_moment_leaves_the_settings() -> None:
    calling, before, moment = quietly(), np.geterr(), 0
    while True:
        try:
            reached = at(
                moment, lambda event: event[1] == "c_return", interrupt, lambda: calling(np.divide, ZERO, ZERO)
            )
        except KeyboardInterrupt:
            reached = True
        if not reached:
            break
        assert np.geterr() == before
        moment += 1
    assert moment > 1
