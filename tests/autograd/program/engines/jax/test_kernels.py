"""How JAX computes the rules, where that differs from Python's arithmetic."""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np
import pytest

pytest.importorskip("jax")
pytestmark = pytest.mark.jax

from autograd.program.engines.jax.kernels import KERNELS  # noqa: E402
from autograd.program.engines.jax.run import in_double  # noqa: E402
from autograd.rules import Binary, Unary  # noqa: E402

OF_NUMBERS = sorted([rule for rule in KERNELS if isinstance(rule, (Unary, Binary))], key=lambda rule: rule.name)


@pytest.mark.parametrize("rule", OF_NUMBERS, ids=lambda rule: rule.name)
def test_a_kernel_gives_what_the_rule_itself_gives(rule: Any):
    numbers = [-3.5, -1.0, -0.3, 0.0, 0.4, 1.0, 1.7, 700.0, math.inf, math.nan]
    operands = list(itertools.product(numbers, repeat=len(rule.operands)))
    with in_double(), np.errstate(all="ignore"):
        out = np.asarray(KERNELS[rule](*map(np.array, zip(*operands))))
    for found, xs in zip(out, operands):
        try:
            expected = rule.forward(*xs)
        except (ValueError, ZeroDivisionError):  # IEEE has an infinity where Python has an error
            assert not math.isfinite(found), xs
        else:
            assert found == pytest.approx(expected, rel=1e-14, nan_ok=True), xs
