"""How NumPy computes the rules, where that differs from Python's arithmetic."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

import autograd
from autograd import Value, ops, relu, selection
from autograd.program import compile
from autograd.program.engines.numpy.kernels import MANY, UFUNCS, WRITTEN, kernel, power
from autograd.rules import Binary, Nary, Unary
from tests.support.rules import same_at_every_number


def test_a_compiled_power_of_a_negative_number_needs_its_slope_only_where_a_gradient_comes_back():
    """The slope has log(-2.0) in it, which must stop neither compiling nor a batch that doesn't ask for it."""
    off = compile(lambda x: relu(-1 - (-2.0) ** x) + x)
    assert off.input_gradients([2.0, 4.0]).tolist() == [0.5, 0.5]
    with pytest.raises(ValueError, match=r"row 1: \(-2\.0\) \*\* 3\.0 has no finite derivative there"):
        off.input_gradients([2.0, 3.0])


KERNELS = sorted(
    [rule for rule in (*UFUNCS, *WRITTEN) if isinstance(rule, (Unary, Binary))], key=lambda rule: rule.name
)


@pytest.mark.parametrize("rule", KERNELS, ids=lambda rule: rule.name)
def test_a_kernel_gives_what_the_rule_itself_gives(rule: Any):
    def computed(*columns: Any) -> Any:
        out = np.empty((1, len(columns[0])))
        with np.errstate(all="ignore"):
            kernel(rule)(*[np.array([column]) for column in columns], out)
        return out[0]

    same_at_every_number(rule, computed)


@pytest.mark.parametrize("exponent", [0.5, 1.5, -0.5, -1.5, 3.0, -2.0, 0.3, -2.5, math.inf, math.nan])
def test_a_power_with_a_known_exponent_is_the_same(exponent: float):
    numbers = np.array([-math.inf, -3.5, -1.0, 1e-320, 1e-200, 0.4, 1.0, 700.0, 1e205, math.inf, math.nan])
    found, expected, b = np.empty_like(numbers), np.empty_like(numbers), np.array(exponent)
    with np.errstate(all="ignore"):
        power(exponent)(numbers, b, found)
        kernel(ops.pow)(numbers, b, expected)
    assert found == pytest.approx(expected, rel=4e-16, abs=0.0, nan_ok=True)
    if exponent > 0:  # else it isn't defined there
        zeros = np.array([0.0, -0.0])
        power(exponent)(zeros, b, found[:2])
        assert list(map(repr, found[:2].tolist())) == [repr(x**exponent) for x in zeros.tolist()]


@pytest.mark.parametrize("dtype", ["float64", "float32", "float16"])
@pytest.mark.parametrize("otherwise", [0.0, -0.0, 2.5])
@pytest.mark.parametrize("size", [MANY - 2, MANY])
def test_a_choice_gives_the_bits_of_the_one_that_is_chosen(size: int, otherwise: float, dtype: str):
    then = np.resize(np.array([1.5, -0.0, math.inf, -math.inf, math.nan, -3.0, 6e-8], dtype), (2, size // 2))
    condition = np.random.default_rng(0).random(then.shape) < 0.5
    other, expected = np.array(otherwise, dtype), np.where(condition, then, np.array(otherwise, dtype))
    for asked, chosen in ((condition, then), (condition.astype(dtype), then), (condition, then[:1])):
        out = np.full(then.shape, 7.0, dtype)
        with np.errstate(all="raise"):
            kernel("where")(asked, chosen, other, out)
        if chosen is then:
            assert out.tobytes() == expected.tobytes()
        else:
            assert out.tobytes() == np.where(condition, chosen, other).tobytes()


def test_a_rule_of_lists_that_no_engine_knows_is_compiled():
    length = Nary("length", "√(x₁² + …)", lambda xs: math.hypot(*xs), lambda y, xs: ([x / y for x in xs],), latex="#1")
    w = Value(1.5)
    program = compile(lambda x, y: length((w * x, y, 2.0)) * w, [w])
    eager = [length((w * x, y, 2.0)) * w for x, y in ((0.5, -1.0), (2.0, 0.25))]
    assert program([0.5, 2.0], [-1.0, 0.25]) == pytest.approx(sum(y.data for y in eager) / 2, rel=1e-14)
    found = w.grad
    w.grad = 0.0
    autograd.mean(eager).backward()
    assert found == pytest.approx(w.grad, rel=1e-14)


def test_an_index_among_classes_is_one_hot_and_not_a_number_where_it_is_none_of_them():
    out = np.empty((1, 4))
    kernel(selection.OneHot(3))(np.array([[1.0, 2.0, 3.0, 0.5]]), 1.0, out)
    assert np.array_equal(out, [[1.0, 0.0, math.nan, math.nan]], equal_nan=True)
