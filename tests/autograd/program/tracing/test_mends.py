"""A refusal names the function of autograd that does what was tried."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autograd
import nn
from autograd import Value
from autograd.program import TraceError, compile
from autograd.program.tracing import mends

w, v = Value(2.0, label="w"), Value(1.0)

TRIED: dict[str, tuple[Callable[[Any], Any], str]] = {
    "if": (lambda x: w if x > 0 else v, "autograd.where(condition, a, b)"),
    "if of a result": (lambda x: w if w * x <= 0 else v, "autograd.where(condition, a, b)"),
    "two comparisons": (lambda x: w if 0 < x < 1 else v, "autograd.where(condition, a, b)"),
    "truth": (lambda x: w if x else v, "autograd.where(condition, a, b)"),
    "and": (lambda x: x and w, "autograd.where(condition, a, b)"),
    "==": (lambda x: w if x == 0 else v, "autograd.where((x >= y) & (x <= y), a, b)"),
    "in": (lambda x: w if x in (0, 1) else v, "autograd.where("),
    "dict": (lambda x: {0.0: w}[x], "autograd.take(table, x)"),
    "max": (lambda x: max(x, w), "write autograd.maximum(a, b)"),
    "max of a list": (lambda x: max([x, w, v]), "functools.reduce"),
    "min": (lambda x: min(x, w), "write autograd.minimum(a, b)"),
    "sorted": (lambda x: sorted([x, w])[0], "sort outside"),
    "sort": (lambda x: [x, w].sort() or w, "sort outside"),
    "float": (lambda x: float(x) * w, "leave float() out"),
    "int": (lambda x: int(x) * w, "write autograd.trunc(x)"),
    "round": (lambda x: round(x) * w, "write autograd.round(x)"),
    "math.exp": (lambda x: math.exp(x) * w, "write autograd.exp(x)"),
    "math.tanh": (lambda x: math.tanh(x) * w, "write autograd.tanh(x)"),
    "math.floor": (lambda x: math.floor(x) * w, "write autograd.floor(x)"),
    "math.ceil": (lambda x: math.ceil(x) * w, "write autograd.ceil(x)"),
    "math.trunc": (lambda x: math.trunc(x) * w, "write autograd.trunc(x)"),
    "math.pow": (lambda x: math.pow(x, 2) * w, "write a ** b"),
    "math.fsum": (lambda x: math.fsum([x, 1]) * w, "write autograd.sum(xs)"),
    "math.isnan": (lambda x: w if math.isnan(x) else v, "autograd.where"),
    "//": (lambda x: x // 2 * w, "write autograd.floor(a / b)"),
    "divmod": (lambda x: divmod(x, 2)[0] * w, "write autograd.floor(a / b)"),
    "data": (lambda x: x.data * w, ".detach()"),
    "data of a parameter": (lambda x: w.data * x, "leave .data out"),
    "numpy.max": (lambda x: np.max([x, w]), "NumPy compares numbers: write autograd.maximum"),
    "nn.accuracy": (lambda x: nn.accuracy([[x, w]], [0]) * w, "accuracy() looks at numbers: call it outside"),
    "assignment": (lambda x: setattr(w, "data", 1.0) or w * x, "assign it outside"),
    "grad": (lambda x: w * w.grad, "pass it as an argument"),
    "backward": (lambda x: (w * x).backward() or w, "leave it out"),
    "no_grad": (lambda x: autograd.no_grad(lambda: x * 2)() * w, ".detach()"),
}


@pytest.mark.parametrize("tried", TRIED)
def test_a_refusal_names_what_to_write_instead(tried: str) -> None:
    f, mend = TRIED[tried]
    with pytest.raises(TraceError) as refusal:
        compile(f, [w])([1, 2])
    assert mend in str(refusal.value).partition(" while the function is being compiled; ")[2]


def test_numpys_functions_name_ours():
    with pytest.raises(TypeError, match=r"use autograd\.exp\(v\)$"):  # .data is refused as well
        compile(lambda x: np.exp(x) * w, [w])([1.0])


def test_what_c_did_before_is_not_what_asks():
    def f(x: Any) -> Any:
        top = max(1, 2)
        return w if x > top else v

    with pytest.raises(TraceError, match=r"autograd\.where"):
        compile(f, [w])([1.0])


def test_every_function_that_a_mend_names_is_there():
    texts = [*mends.ASKED.values(), mends.CHOICE, mends.EQUAL, *[mend for _, mend in TRIED.values()]]
    named = {name for text in texts for name in re.findall(r"autograd\.(\w+)", text)}
    assert {name for name in named if not hasattr(autograd, name)} == set()
