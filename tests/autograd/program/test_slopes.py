"""Derivatives of rules of one's own in compiled code: they may ask each number, each place of a list, and all of it."""

from __future__ import annotations

import builtins
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd
from autograd import Value, ops
from autograd.program import compile
from autograd.program.engines.numpy.kernels import has_kernel
from autograd.rules import Binary, Nary, Rule, Unary


def squares(xs: Any) -> Any:
    return builtins.sum([x * x for x in xs])


def weighted(xs: Any) -> Any:
    return builtins.sum([i * x * x for i, x in enumerate(xs)])


def of_lists(forward: Callable[..., float], d: Callable[..., Any]) -> Nary:
    return Nary("mine", "f(xs)", forward, d, latex="")


OF_ONE = {
    "arithmetic": Unary("mine", "a³", lambda a: a**3, lambda y, a: 3 * a * a, latex=""),
    "if": Unary("mine", "|a|", abs, lambda y, a: 1.0 if a > 0 else -1.0, latex=""),
    "equality": Unary("mine", "2a", lambda a: 2 * a, lambda y, a: 0.0 if a == 3.0 else 2.0, latex=""),
    "math": Unary("mine", "sin a", math.sin, lambda y, a: math.cos(a), latex=""),
    "numpy": Unary("mine", "sin a", math.sin, lambda y, a: np.cos(a), latex=""),
    "builtin": Unary("mine", "max(a, 1)", lambda a: max(a, 1.0), lambda y, a: float(max(a, 1.0) == a), latex=""),
}
OF_TWO = {
    "if of two": Binary(
        "mine", "|a - b|", lambda a, b: abs(a - b),
        lambda y, a, b: 1.0 if a > b else -1.0, lambda y, a, b: 1.0 if b > a else -1.0, latex="",
    ),
    "math of one": Binary(
        "mine", "a sin b", lambda a, b: a * math.sin(b), lambda y, a, b: ops.sin(b), lambda y, a, b: a * math.cos(b),
        latex="",
    ),
}  # fmt: skip
OF_LISTS = {
    "a formula for all": of_lists(squares, lambda y, xs: ([2 * x for x in xs],)),
    "a generator": of_lists(squares, lambda y, xs: ((2 * x for x in xs),)),
    "places": of_lists(weighted, lambda y, xs: ([2 * i * x for i, x in enumerate(xs)],)),
    "first and last": of_lists(
        lambda xs: xs[0] * xs[-1], lambda y, xs: ([xs[-1], *[0.0] * (len(xs) - 2), xs[0]],)
    ),
    "the largest, by if": of_lists(max, lambda y, xs: ([1.0 if x >= y else 0.0 for x in xs],)),
    "the largest, by max": of_lists(max, lambda y, xs: ([float(x == max(xs)) for x in xs],)),
    "sorted": of_lists(lambda xs: sorted(xs)[1], lambda y, xs: ([float(x == sorted(xs)[1]) for x in xs],)),
    "all others": of_lists(
        math.prod, lambda y, xs: ([math.prod([z for j, z in enumerate(xs) if j != i]) for i in range(len(xs))],)
    ),
    "softmax": of_lists(ops.logsumexp.forward, lambda y, xs: (autograd.softmax(xs),)),
    "logsumexp": of_lists(ops.logsumexp.forward, lambda y, xs: ([ops.exp(x - ops.logsumexp(xs)) for x in xs],)),
    "dot": of_lists(
        lambda xs: math.sqrt(squares(xs)), lambda y, xs: ([x / ops.sqrt(autograd.dot(xs, xs)) for x in xs],)
    ),
    "mean": of_lists(
        lambda xs: math.fsum(xs) ** 2 / len(xs) / 2, lambda y, xs: ([autograd.mean(xs) for _ in xs],)
    ),
    "math of each": of_lists(lambda xs: sum(map(math.sin, xs)), lambda y, xs: ([math.cos(x) for x in xs],)),
}  # fmt: skip
OF_LISTS_AND_NUMBERS = {
    "a number and a list": of_lists(
        lambda s, xs: s * squares(xs), lambda y, s, xs: (squares(xs), [2 * s * x for x in xs])
    ),
    "by if": of_lists(
        lambda s, xs: max(s, *xs), lambda y, s, xs: (float(s == y), [1.0 if x == y else 0.0 for x in xs])
    ),
    "a softmax over both": of_lists(
        lambda z, xs: ops.logsumexp.forward([z, *xs]),
        lambda y, z, xs: (autograd.softmax([z, *xs])[0], autograd.softmax([z, *xs])[1:]),
    ),
}  # fmt: skip
OF_TWO_LISTS = {
    "a product of lists": of_lists(
        lambda xs, zs: builtins.sum([x * z * z for x, z in zip(xs, zs)]),
        lambda y, xs, zs: ([z * z for z in zs], [2 * x * z for x, z in zip(xs, zs)]),
    ),
    "crossed": of_lists(
        lambda xs, zs: xs[0] * zs[1] - xs[1] * zs[0],
        lambda y, xs, zs: ([zs[1], -zs[0], 0.0], [-xs[1], xs[0], 0.0]),
    ),
}
USED: dict[str, Callable[..., Any]] = {
    **{name: (lambda x, z, w, rule=rule: rule(x * z + w[0])) for name, rule in OF_ONE.items()},
    **{name: (lambda x, z, w, rule=rule: rule(w[0] * x, z) * w[1]) for name, rule in OF_TWO.items()},
    **{name: (lambda x, z, w, rule=rule: rule((x, w[0], x * z)) * x) for name, rule in OF_LISTS.items()},
    **{name: (lambda x, z, w, rule=rule: rule(x, (w[0], z))) for name, rule in OF_LISTS_AND_NUMBERS.items()},
    **{name: (lambda x, z, w, rule=rule: rule((x, z, 0.5), (*w, x))) for name, rule in OF_TWO_LISTS.items()},
}
USED["several at once"] = lambda x, z, w: OF_LISTS["places"](
    [OF_LISTS["places"]((x, z)), OF_LISTS["places"]((w[0], z)), OF_LISTS["places"](w)]
)
USED["of parameters alone"] = lambda x, z, w: x * OF_LISTS["first and last"](w)
USED["a number for all rows"] = lambda x, z, w: sum(
    [OF_LISTS_AND_NUMBERS["by if"](2.0, (x, w[i])) * OF_LISTS_AND_NUMBERS["by if"](w[i], (z, 0.25)) for i in range(2)]
)


@pytest.mark.parametrize("f", USED.values(), ids=USED)
def test_compiled_numbers_and_gradients_are_those_of_scalar_code(f):
    xs, zs = [0.7, -0.2, 1.5], [0.3, 1.25, -0.5]
    w = [Value(0.6), Value(-1.1)]
    leaves = [(Value(x), Value(z)) for x, z in zip(xs, zs)]
    y = autograd.mean([f(x, z, w) for x, z in leaves])
    y.backward()
    expected = [p.grad for p in w]
    for p in w:
        p.grad = 0.0
    program = compile(lambda x, z: f(x, z, w), w)
    assert program(xs, zs) == pytest.approx(y.data, rel=1e-14)
    assert [p.grad for p in w] == pytest.approx(expected, rel=1e-13, abs=1e-15)
    for i in range(2):
        own = [pair[i].grad for pair in leaves]
        assert program.input_gradients(xs, zs, argnums=i).tolist() == pytest.approx(own, rel=1e-13, abs=1e-15)
    assert "mine" in str(program.explain(xs, zs))


def of_any_lists(sign: int) -> Nary:
    """Each number counts differently, by its place in its list and by the place of the list."""

    def weights(operands: Any) -> list[Any]:
        of = [[sign ** (i + j) * (i + j + 1) for j in range(len(x))] if isinstance(x, (list, tuple)) else i + 1
              for i, x in enumerate(operands)]  # fmt: skip
        return list(zip(of, operands))

    def forward(*operands: Any) -> float:
        return builtins.sum([
            builtins.sum([w * x * x for w, x in zip(ws, xs)]) if isinstance(ws, list) else ws * xs * xs
            for ws, xs in weights(operands)
        ], 0.0)  # fmt: skip

    def d(y: Any, *operands: Any) -> Any:
        return tuple([[2 * w * x for w, x in zip(ws, xs)] if isinstance(ws, list) else 2 * ws * xs
                      for ws, xs in weights(operands)])  # fmt: skip

    return Nary(f"mine{sign + 1}", "f", forward, d, latex="")


ANY_LISTS = [of_any_lists(1), of_any_lists(-1)]
PLACES = st.lists(st.integers(0, 6), max_size=3) | st.integers(0, 6)


@given(
    st.lists(st.tuples(st.sampled_from(ANY_LISTS), st.lists(PLACES, min_size=1, max_size=3)), min_size=1, max_size=6)
)
def test_programs_of_rules_of_lists_agree_with_scalar_code(steps):
    w, captured = [Value(0.4), Value(-0.3)], Value(0.25)

    def f(x, z):
        pool: list[Any] = [x, z, *w, captured, 0.5, -0.25]
        for rule, places in steps:
            operands = [
                tuple([pool[i % len(pool)] for i in p]) if isinstance(p, list) else pool[p % len(pool)] for p in places
            ]
            pool.insert(0, autograd.tanh(0.1 * rule(*operands)))
        return pool[0] * x + pool[1]

    xs, zs = [0.7, 0.2, -0.4], [0.3, 0.5, 0.1]
    leaves = [(Value(x), Value(z)) for x, z in zip(xs, zs)]
    y = autograd.mean([f(x, z) for x, z in leaves])
    y.backward()
    expected, close = [p.grad for p in w], {"rel": 1e-10, "abs": 1e-13}
    for p in w:
        p.grad = 0.0
    program = compile(f, w)
    assert program(xs, zs) == pytest.approx(y.data, **close)
    assert [p.grad for p in w] == pytest.approx(expected, **close)
    for i in range(2):
        found = program.input_gradients(xs, zs, argnums=i).tolist()
        assert found == pytest.approx([pair[i].grad for pair in leaves], **close)


def test_a_slope_that_does_not_exist_is_told_of_its_row():
    rule = Unary("root", "√a", math.sqrt, lambda y, a: 0.5 / math.sqrt(a), latex="")
    w = Value(1.0)
    program = compile(lambda x: rule(w * x), [w])
    assert program([4.0, 9.0]) == 2.5
    with pytest.raises(ValueError, match=r"^row 1: root\(0\.0\) has no finite derivative there"):
        program([4.0, 0.0])


@pytest.mark.parametrize(
    ("f", "slope"),
    [
        (lambda w, x: autograd.xlogy(0.5, w * x), lambda w: 0.5 / w),
        (lambda w, x: autograd.where(True, lambda: w * x, x), lambda w: 1.5),
    ],
    ids=["a condition on a plain number", "a condition that is a bool"],
)
def test_what_is_known_of_a_condition_leaves_no_number_for_python(f, slope):
    w = Value(0.7)
    program = compile(lambda x: f(w, x), [w])
    program([1.0, 2.0])
    assert w.grad == pytest.approx(slope(0.7), rel=1e-15)
    task = program.specialization([np.ones(2)]).task("step")
    assert all(has_kernel(y.op) for y in task.operations if isinstance(y.op, Rule))
