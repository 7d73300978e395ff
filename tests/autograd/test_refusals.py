"""Nothing leaves the graph silently: what would is an error that says what to type instead."""

from __future__ import annotations

import math

import numpy as np
import pytest

import autograd
from autograd import Value


@pytest.mark.parametrize(
    "leave",
    [
        math.exp, float, int, round, math.floor, math.ceil, math.trunc, complex,
        lambda v: v // 2, lambda v: 2 // v, lambda v: divmod(v, 2), lambda v: divmod(2, v),
        lambda v: np.array([v], dtype=float), lambda v: round(v, 2),
    ],
)  # fmt: skip
def test_nothing_leaves_the_graph_silently(leave):
    with pytest.raises(TypeError, match=r"v\.data"):
        leave(Value(2.5, label="v"))


@pytest.mark.parametrize(
    ("operation", "mend"),
    [
        (lambda v: np.exp(v), r"use autograd\.exp\(v\), or v\.data"),
        (lambda v: np.maximum(v, 0), r"use autograd\.maximum\(v, w\), or v\.data"),
        (lambda v: np.floor(v), r"v\.data"),
        (lambda v: np.add.reduce(v), r"v\.data"),
        (lambda v: v * np.ones(2), "one number, not an array"),
        (lambda v: np.ones(2) * v, "one number, not an array"),
        (lambda v: np.complex128(1 + 2j) * v, "an operand must be a real number"),
        (lambda v: v + np.array("3"), "an operand must be a real number"),
        (lambda v: np.add(1.0, v, where=False), "takes no where"),
        (lambda v: np.add(1.0, v, out=np.zeros(())), "takes no out"),
    ],
)
def test_numpy_functions_do_not_swallow_a_value(operation, mend):
    with pytest.raises(TypeError, match=mend):
        operation(Value(1.0, label="v"))


@pytest.mark.parametrize(
    ("operation", "mend"),
    [
        (lambda v: autograd.tanh([v, v]), "take its items one by one"),
        (lambda v: setattr(v, "grad", None), r"set it to 0\.0 for none"),
        (lambda v: setattr(v, "label", 3), "label must be a string"),
    ],
)
def test_what_beginners_type_is_answered_with_what_to_type_instead(operation, mend):
    with pytest.raises(TypeError, match=mend):
        operation(Value(1.0))
