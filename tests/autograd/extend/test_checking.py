"""check_rule finds what is wrong with a rule, and says at which point."""

from __future__ import annotations

import builtins
import math
import re
import subprocess
import sys
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import autograd
from autograd import GradcheckError, check_rule, ops
from autograd.rules import Binary, Nary, Unary
from tests.support.oracles import operands
from tests.support.rules import every_rule, smooth_points

WITHOUT_NUMPY = """
import sys

class Hidden:
    def find_spec(self, name, *more):
        if name.partition(".")[0] == "numpy":
            raise ModuleNotFoundError(name)

sys.meta_path.insert(0, Hidden())
import autograd
assert autograd.check_rule(autograd.tanh)
"""


def test_without_numpy_all_but_compiled_code_is_tested():
    subprocess.run([sys.executable, "-c", WITHOUT_NUMPY], check=True)


@every_rule
def test_every_rule_of_the_table_passes(rule):
    assert check_rule(rule)


@every_rule
@settings(max_examples=4)
@given(data=st.data())
def test_every_rule_of_the_table_passes_wherever_it_is_smooth(rule, data):
    flat, size = data.draw(smooth_points(rule))
    if rule.name == "pow":
        flat[0] = abs(flat[0])
    assert check_rule(rule, [operands(rule, flat, size)])


def of_one(forward: Any, da: Any, **more: str) -> Unary:
    return Unary("q", "q(a)", forward, da, **{"latex": "#1", **more})


WRONG: dict[str, tuple[Any, type[Exception], str]] = {
    "the derivative": (of_one(math.sin, lambda y, a: ops.sin(a)), GradcheckError, r"the derivative at q\(0\.37\): "),
    "the second derivative": (
        of_one(math.exp, lambda y, a: ops.exp(getattr(a, "data", a))), GradcheckError,
        r"the second derivative at q\(0\.37\)",
    ),
    "one of two derivatives": (
        Binary("q", "a b", lambda a, b: a * b, lambda y, a, b: b, lambda y, a, b: b, latex="#1 #2"), GradcheckError,
        r"the derivative at q\(0\.37, -1\.7\): .*with respect to input 1",
    ),
    "one of the slopes of a list": (
        Nary("q", "Σ", lambda xs: builtins.sum(xs), lambda y, xs: ([1.0, *[0.0] * (len(xs) - 1)],), latex="Σ"),
        GradcheckError, r"the derivative at q\(\[0\.37, -1\.7, .*\]\): .*input 1",
    ),
    "a value that is infinite": (of_one(lambda a: a * math.inf, lambda y, a: 1.0), AssertionError, "got inf"),
    "a comparison by identity": (
        of_one(math.fabs, lambda y, a: 1.0 if y == a else -1.0), AssertionError,
        r"the derivative at q\(0\.37\) is 1\.0 for numbers and -1\.0 for Values",
    ),
    "latex": (of_one(math.sin, lambda y, a: ops.cos(a), latex="x"), AssertionError, "the latex of q must have #1"),
    "brackets": (of_one(math.sin, lambda y, a: ops.cos(a), latex="{#1"), AssertionError, "as many { as }"),
    "the symbol": (of_one(math.sin, lambda y, a: ops.cos(a)), AssertionError, "a formula and a symbol"),
}  # fmt: skip
WRONG["the symbol"][0].symbol = ""


@pytest.mark.parametrize(("rule", "kind", "message"), WRONG.values(), ids=WRONG)
def test_what_is_wrong_is_found_and_named(rule, kind, message):
    with pytest.raises(kind, match=message) as caught:
        check_rule(rule, [1.3] if message == "got inf" else None)
    assert "\n" not in str(caught.value)


def test_a_kernel_that_computes_something_else_is_found():
    wrong = autograd.primitive("wrong", lambda a: a * a, lambda y, a: 2 * a)
    wrong.kernels = {"numpy": lambda a: a * a + 1e-6}
    with pytest.raises(AssertionError, match=r"compiled, wrong\(0\.37\) is 0\.136901.*, and not 0\.1369"):
        check_rule(wrong)


def test_it_is_as_strict_where_nothing_is_recorded():
    with autograd.no_grad():
        assert check_rule(ops.tanh)
        with pytest.raises(AssertionError, match=r"is 1\.0 for numbers and -1\.0 for Values"):
            check_rule(WRONG["a comparison by identity"][0])


def test_points_may_be_given():
    assert check_rule(ops.log, [0.5, 1e-3, 1e8])
    assert check_rule(ops.maximum, [(1.0, 2.0)])
    assert check_rule(ops.dot, [([1.0, 2.0], [3.0, 4.0], 0.5), ([], [], 1.0)])
    assert check_rule(ops.sum, [([],), [2.0, 3.0]])
    with pytest.raises(ValueError, match=re.escape("log(-1.0) is not defined")):
        check_rule(ops.log, [-1.0])
    with pytest.raises(ValueError, match=r"points\[0\] must have 2 numbers for maximum\(a, b\), got 1.0"):
        check_rule(ops.maximum, [1.0])


@pytest.mark.parametrize("wrong", [3, math.sin, autograd.softmax])
def test_what_is_no_rule_is_refused(wrong):
    with pytest.raises(TypeError, match=r"check_rule takes a rule, such as autograd\.tanh"):
        check_rule(wrong)
