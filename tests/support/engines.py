"""The engines that a test is to run on: NumPy, and JAX where it is installed (conftest.py skips it elsewhere)."""

from __future__ import annotations

import pytest

JAX = pytest.param("jax", marks=pytest.mark.jax)
EVERY_ENGINE = ["numpy", JAX]
