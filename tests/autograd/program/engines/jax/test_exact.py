"""What XLA has with too few digits has them here, also at the edges."""

from __future__ import annotations

import math

import mpmath
import numpy as np
import pytest

jax = pytest.importorskip("jax")
pytestmark = pytest.mark.jax

from autograd.program.engines.jax import exact  # noqa: E402
from autograd.program.engines.jax.run import in_double  # noqa: E402

RANGES = {
    "log1p": (mpmath.log1p, -0.999, 5.0),
    "atanh": (mpmath.atanh, -0.999, 0.999),
    "tanh": (mpmath.tanh, -25.0, 25.0),
    "exp2": (lambda a: mpmath.mpf(2) ** a, -1000.0, 1000.0),
    "sinh": (mpmath.sinh, -709.0, 709.0),
    "cosh": (mpmath.cosh, -709.0, 709.0),
    "erfc": (mpmath.erfc, -3.0, 26.0),
    "erfinv": (mpmath.erfinv, -0.999999, 0.999999),
}


@pytest.mark.parametrize("name", RANGES)
def test_it_is_right_to_5_ulp(name):
    true, low, high = RANGES[name]
    points = np.concatenate([np.linspace(low, high, 150), np.random.default_rng(0).uniform(-1, 1, 150)])
    points = points[(points >= low) & (points <= high)]
    with in_double():
        found = np.asarray(jax.jit(getattr(exact, name))(points))
    with mpmath.workdps(40):
        errors = [abs(y - true(mpmath.mpf(a))) / math.ulp(y) for a, y in zip(points.tolist(), found.tolist())]
    assert max(errors) <= 5


@pytest.mark.parametrize(
    ("name", "numbers"),
    [
        ("log1p", {-1.0: -math.inf, -2.0: math.nan, 1e-300: 1e-300, math.inf: math.inf}),
        ("atanh", {1.0: math.inf, -1.0: -math.inf, 2.0: math.nan, 1e-300: 1e-300}),
        ("tanh", {math.inf: 1.0, -math.inf: -1.0, 1e-300: 1e-300, 800.0: 1.0}),
        ("exp2", {math.inf: math.inf, -math.inf: 0.0, 1024.0: math.inf, 1023.0: 2.0**1023}),
        ("sinh", {math.inf: math.inf, -800.0: -math.inf, 1e-300: 1e-300}),
        ("cosh", {-math.inf: math.inf, 0.0: 1.0}),
        ("erfc", {math.inf: 0.0, -math.inf: 2.0, 30.0: 0.0}),
        ("erfinv", {1.0: math.inf, -1.0: -math.inf, 0.0: 0.0, 2.0: math.nan}),
        ("digamma", {0.0: -math.inf, 1e10: math.log(1e10), math.inf: math.inf}),
    ],
)
def test_at_the_edges_it_has_the_limits(name, numbers):
    with in_double():
        found = jax.jit(getattr(exact, name))(np.array([*numbers, math.nan]))
    assert found.tolist() == pytest.approx([*numbers.values(), math.nan], rel=1e-9, nan_ok=True, abs=0)
