"""What all tests share: how hypothesis searches, and a numerical derivative that knows how good it is."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, settings

# no deadline: on a shared machine a slow example says nothing about the engine
settings.register_profile("default", deadline=None, max_examples=50, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("ci", settings.get_profile("default"), derandomize=True)
settings.register_profile("quick", settings.get_profile("ci"), max_examples=10)  # for a second Python, and a third
chosen = os.environ.get("HYPOTHESIS_PROFILE") or ("ci" if os.environ.get("CI") == "true" else "default")
settings.load_profile(chosen)


def _richardson(f: Callable[[float], float], x: float, h: float = 0.1, halvings: int = 6) -> tuple[float, float]:
    """f'(x) and its error, by central differences with steps h, h/2, h/4, ..., extrapolated to 0 (Richardson 1911).

    Where f is analytic within 2h of x, each column of the table removes the next even power of the step; six halvings
    leave a truncation error near 1e-13 of f's size, and the smallest step, h/32, a rounding error of that order. The
    error is that of the best entry, taken from how much it differs from its two neighbours (Ridders 1982).
    """
    rows: list[list[float]] = []
    best, error = float("nan"), float("inf")
    for k in range(halvings):
        step = h / 2**k
        row = [(f(x + step) - f(x - step)) / (2 * step)]
        for j, above in enumerate(rows[-1] if rows else []):
            row.append(row[j] + (row[j] - above) / (4 ** (j + 1) - 1))
            difference = max(abs(row[j + 1] - row[j]), abs(row[j + 1] - above))
            if difference < error:
                best, error = row[j + 1], difference
        rows.append(row)
    return best, error


@pytest.fixture(scope="session", autouse=True)
def _threads_are_not_traced() -> None:
    """Coverage would trace them, and Python can't begin to trace two threads at once: it raises in one of them."""
    threading.settrace(None)  # type: ignore[arg-type]


@pytest.fixture(scope="session")
def richardson() -> Callable[..., tuple[float, float]]:
    """The function `richardson(f, x, h=0.1)`, which returns (f'(x), an estimate of its error)."""
    return _richardson
