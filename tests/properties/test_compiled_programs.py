"""Compiled programs against the eager engine: random scalar programs over the whole table, values and all gradients.

A program is a list of steps; a step applies a rule, or a function on top of the rules, to operands that are constants,
inputs, parameters, captured leaves, or what earlier steps made. Several copies of a step, each with the next operands,
are what the compiler has to find and put together. Values are kept within a few units, so that rounding stays rounding.
An example ends with a whole number, by which steps look up. AUTOGRAD_PROGRAMS=20000 runs 20,000 programs.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple
from unittest import mock

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import autograd
from autograd import Value, ops
from autograd.program import compile
from autograd.rules import Binary, Unary
from autograd.ternary import Ternary
from nn import cross_entropy
from nn.layers.attention import attend
from tests.support import examples

TOLERANCE = 1e-12
"""What compiled and eager may differ by, as a share of the largest gradient (where all cancel, of 0.001)."""

INTO_DOMAIN = {
    **{name: lambda a: 0.5 + a * a for name in ("log", "log2", "log10", "sqrt", "cbrt", "rsqrt", "lgamma")},
    **{name: lambda a: 0.5 + a * a for name in ("digamma", "reciprocal")},
    **{name: lambda a: 0.9 * autograd.sin(a) for name in ("asin", "acos", "atanh", "erfinv")},
    **dict.fromkeys(("exp", "exp2", "expm1", "sinh", "cosh", "tan", "square"), autograd.sin),
    "logit": lambda a: 0.5 + 0.4 * autograd.sin(a),
    "log1p": lambda a: a * a,
    "acosh": lambda a: 1.5 + a * a,
}
"""How an operand is brought to where the rule is defined, and tame."""

GROWING = {"add", "sub", "mul", "pow", "sum", "dot", "leaky_relu", "elu", "sinh", "cosh", "neurons", "gate"}
GROWING |= {"written", "layer", "rows", "true_class", "bent", "inner"}
"""Steps whose result goes through arctan, so that chains of them don't run away."""

KINKS = {
    **{name: (lambda a: [round(a)]) for name in ("floor", "ceil", "trunc")},
    **{name: (lambda a: [-3.0, 3.0]) for name in ("hardsigmoid", "hardswish")},
    **{name: (lambda a: [0.0]) for name in ("abs", "relu", "sign", "softsign", "leaky_relu", "elu", "copysign")},
    "round": lambda a: [math.floor(a) + 0.5],
    "relu6": lambda a: [0.0, 6.0],
}
"""Where rounding must not decide what a rule of one number does, or what it does by its first."""

LISTS = ["sum", "mean", "norm", "logsumexp", "cross_entropy", "dot"]
FUNCTIONS = ["softmax", "log_softmax", "detach", "rounded", "gate", "neurons", "elu1", "leaky", "gelu_by_name"]
FUNCTIONS += ["written", "layer", "where", "branches", "take", "rows", "one_hot", "true_class", "bent", "inner"]
FUNCTIONS += ["attention"]
PLACES = ["parameter", "input", "captured", "leaf", "made", "made", "made"]

CONSTANTS = st.sampled_from([0.0, -0.0, 1, 1.0, 2, -1, 0.5, 3, -1.7]) | st.floats(-2, 2).map(lambda x: round(x, 3))
OPERANDS = st.one_of(CONSTANTS, *[st.tuples(st.sampled_from(PLACES), st.integers(0, 11))] * 4)

CLASSES = 5
"""The last number of an example is a whole one below this."""

rounded = autograd.straight_through(lambda a: math.floor(4 * a) / 4)


@autograd.custom_derivative(lambda y, a: 3 * a * a if a > 0 else -0.5 * math.sin(a))
def bent(a: Any) -> Any:
    """Its derivative asks for the number, so arrays can't be put through it."""
    return a**3 if a > 0 else 0.5 * math.cos(a) - 0.5


@autograd.custom_derivative(lambda y, xs, b: ([a * autograd.exp(b) for a in xs], y))
def inner(xs: Any, b: Any) -> Any:
    return math.exp(b) * sum(a * a for a in xs) / 2


class Step(NamedTuple):
    """A rule or function by name, five operands of which it takes what it needs, the length of lists, and copies."""

    name: str
    operands: list[Any]
    size: int
    copies: int


STEPS = st.builds(
    Step,
    st.sampled_from([*ops.RULES, *LISTS, *FUNCTIONS]),
    st.lists(OPERANDS, min_size=5, max_size=5),
    st.integers(0, 4),
    st.sampled_from([1, 1, 2, 3]),
)
SHAPES = st.lists(st.sampled_from([(), (3,), (2, 2), (0,), (1,)]), min_size=1, max_size=3)


class Tie(Exception):
    """Two numbers are equal up to rounding at a kink, so that either side of it may be taken."""


def number(x: Any) -> float:
    return float(x._data if isinstance(x, Value) else x)


def leaves(tree: Any) -> list[Any]:
    return [x for part in tree for x in leaves(part)] if isinstance(tree, (list, tuple)) else [tree]


def apart(a: Any, b: Any = 0.0) -> None:
    """Refuse a point where rounding decides about a kink. Numbers that weren't computed, or are one, are fine."""
    computed = any(isinstance(x, Value) and x.parents for x in (a, b))
    if computed and a is not b and abs(number(a) - number(b)) < 1e-9:
        raise Tie


def apart_from_kinks(name: str, a: Any) -> None:
    x = number(a)
    for kink in KINKS.get(name, lambda a: [])(x) if x == x else []:  # a function that is being compiled has no number
        apart(a, kink)


OF_LISTS = {name: getattr(autograd, name) for name in ("sum", "mean", "norm", "logsumexp", "softmax", "log_softmax")}
"""By name here: a function that asks for attributes by names may reach everything, and all of it would be watched."""


def applied(step: Step, xs: list[Any], index: Any = 1) -> Any:
    """The result of a step for some operands, and the whole number of the example."""
    name, k = step.name, step.size
    rule = ops.RULES.get(name)
    a, b = xs[0], xs[1]
    if isinstance(rule, Unary):
        a = INTO_DOMAIN.get(name, lambda a: a)(a)
        apart_from_kinks(name, a)
        return rule(a)
    if isinstance(rule, Ternary):
        for x, z in ((a, b), (a, xs[2]), (b, xs[2])):
            apart(x, z)
        return rule(a, b, xs[2])
    if isinstance(rule, Binary):
        if name == "div":
            b = 1.5 + b * b
        if name == "pow" and isinstance(step.operands[1], tuple):  # not a constant
            a, b = 0.5 + a * a, autograd.sin(b)
        elif name == "pow" and b not in (0, 1, 2, 3):
            a = 0.5 + a * a
        if name in ("hypot", "atan2"):
            b = 0.5 + b * b
        if name in ("maximum", "minimum"):
            apart(a, b)
        if name in ("remainder", "fmod"):
            b = 1.5 + b * b
            if isinstance(a / b, Value) and number(a) != 0:
                apart_from_kinks("floor", a / b)
        if name == "xlogy":
            b = 0.5 + b * b
        apart_from_kinks(name, a)
        if name == "copysign":
            apart(b)
        return rule(a, b)
    if name == "dot":
        return autograd.dot(xs[:k], xs[1 : k + 1], xs[4])
    if name == "cross_entropy":
        return rule(xs[0], tuple(xs[1 : k + 1]))
    if name == "norm":
        apart(max(xs[: k + 1], key=lambda x: abs(number(x))))
    if name in ("sum", "mean", "norm", "logsumexp"):
        return OF_LISTS[name](xs[: k + 1])
    if name in ("softmax", "log_softmax"):
        return OF_LISTS[name](xs[: k + 1])[k // 2]
    if name == "detach":
        return (a.detach() if isinstance(a, Value) else a) * b
    if name == "rounded":
        steps = 4 * number(a)
        if isinstance(a, Value) and a.parents and abs(steps - np.round(steps)) < 1e-9:
            raise Tie
        return rounded(a)
    if name == "gate":
        return autograd.sigmoid(a) * b
    if name == "written":
        return written(xs, k)
    if name in LOOKED_UP or name in CHOSEN:
        return {**LOOKED_UP, **CHOSEN}[name](xs, index)
    if name == "bent":
        return bent(a)
    if name == "inner":
        return inner(xs[:k], autograd.sin(xs[4]))
    if name == "gelu_by_name":
        return autograd.gelu(a, approximate="tanh")
    apart(a)
    return autograd.elu(a) if name == "elu1" else autograd.leaky_relu(a)


def where(xs: list[Any], index: Any) -> Any:
    apart(xs[0], xs[1])
    return autograd.where(xs[0] > xs[1], xs[2], xs[3])


def branches(xs: list[Any], index: Any) -> Any:
    """Those that aren't taken aren't defined, and a condition is made of others."""
    a, b, c, d, _ = xs
    apart(a)
    apart(b, c)
    return autograd.where(
        (a > 0) & ((b <= c) | (index >= 2)),
        lambda: autograd.log(a) * autograd.exp(-a),
        lambda: autograd.where(a < 0, lambda: d * autograd.sqrt(0.0 - a), lambda: b),
    )


CHOSEN = {"where": where, "branches": branches}
LOOKED_UP = {
    "take": lambda xs, index: autograd.take(xs, index),
    "rows": lambda xs, index: autograd.dot(autograd.take([xs[i : i + 2] for i in (0, 1, 2, 3, 0)], index), xs[3:]),
    "one_hot": lambda xs, index: autograd.dot(autograd.one_hot(index, CLASSES), xs),
    "true_class": lambda xs, index: cross_entropy(xs, index),
}


def attention(xs: list[Any], ps: list[Any], size: int, causal: bool) -> list[Any]:
    """Positions of two numbers each look at all others, or back."""
    positions = [[xs[i], xs[i + 1]] for i in range(size)]
    queries, keys, values = [[layer([*x, 1.0], ps[j:] + ps[:j], 2, 0) for x in positions] for j in range(3)]
    ends = [t + 1 if causal else size for t in range(size)]
    return [y for q, end in zip(queries, ends) for y in attend(q, keys[:end], values[:end])[0]]


def written(xs: list[Any], k: int) -> Any:
    """A sum of products that is written out, in one of the ways to write it."""
    a, b, c, d, e = xs
    products = [xs[i] * xs[i + 1] for i in range(k)]
    if k < 2:
        return sum(products, e) - sum(x * c for x in (a, b, d)) - 0.5
    if k == 2:
        total = -e
        for x, y in ((a, b), (c, d), (b, a), (e, 2.0)):
            total += x * y
        return total
    if k == 3:
        return sum(products) + (d + (c * a + (-(b * e) + b * a + 1))) + products[0]
    return autograd.sum([*products, a, b - c * d, -e, c]) - (a - b - c - d - e * e)


def layer(xs: list[Any], ps: list[Any], n: int, style: int) -> list[Any]:
    """n neurons with products that are written out: weights on either side, neuron by neuron or input by input."""
    w = [[ps[(i * 3 + j) % len(ps)] for j in range(3)] for i in range(n)]
    if style == 0:
        return [sum((a * x for a, x in zip(row, xs)), ps[i % len(ps)]) for i, row in enumerate(w)]
    if style == 1:
        return [xs[0] * row[0] + row[1] * xs[1] + xs[2] * row[2] for row in w]
    if style == 2:
        return [row[0] * xs[0] + row[1] for row in w]
    total: list[Any] = [0.0] * n
    for j, x in enumerate(xs):
        for i in range(n):
            total[i] += w[i][j] * x
    return [z - ps[0] for z in total] if style == 3 else total


def run(
    steps: list[Step], parameters: list[Value], captured: list[Value], inputs: list[Any], index: Any = 1
) -> list[Any]:
    """Everything that the steps make, the last first."""
    made: list[Any] = []
    of = {"parameter": parameters, "input": leaves(inputs), "captured": captured, "made": made}
    of["leaf"] = of["input"] + parameters + captured

    def found(operand: Any, copy: int) -> Any:
        if not isinstance(operand, tuple):
            return operand + copy % 2
        place, index = operand
        choices = of[place] or of["leaf"]
        return choices[(index + copy if place != "made" else len(choices) - 1 - index) % len(choices)]

    for step in steps:
        if step.name == "neurons":  # of the same inputs, with their weights on the left or the right, and tied ones
            xs, p = [found(x, 0) for x in step.operands[:3]], parameters
            rows = [[p[(i * 2 + j) % len(p)] for j in range(3)] for i in range(step.copies)]
            left = step.size % 2
            results = [autograd.dot(*((w, xs) if left else (xs, w)), p[i % len(p)]) for i, w in enumerate(rows)]
        elif step.name == "layer":
            results = layer([found(x, 0) for x in step.operands[:3]], parameters, step.copies, step.size)
        elif step.name == "attention":
            results = attention([found(x, 0) for x in step.operands], parameters, step.copies, step.size > 1)
        else:
            results = [applied(step, [found(x, c) for x in step.operands], index) for c in range(step.copies)]
        made += [autograd.atan(y) for y in results] if step.name in GROWING else results
    return made[::-1] or of["leaf"]


def close(got: list[float], expected: list[float], floor: float) -> bool:
    scale = max([floor, *map(abs, expected)])
    return len(got) == len(expected) and all(abs(a - b) <= TOLERANCE * scale for a, b in zip(got, expected))


@st.composite
def programs(draw: Any) -> tuple[Any, ...]:
    steps = draw(st.lists(STEPS, min_size=1, max_size=7))
    numbers = st.floats(-1.5, 1.5).map(lambda x: round(x, 6)) | st.sampled_from([0.0, 1.0])
    parameters = [Value(x) for x in draw(st.lists(numbers, min_size=1, max_size=6))]
    captured = [Value(x) for x in draw(st.lists(numbers, max_size=2))]
    return steps, parameters, captured, draw(SHAPES), draw(st.integers(0, 2**32 - 1)), draw(st.booleans())


def batches_of(shapes: list[tuple[int, ...]], size: int, rng: Any) -> list[Any]:
    """What a program is called with: numbers in these shapes, some of them 0, and the whole numbers."""
    numbers = [np.where(rng.random((size, *s)) < 0.1, 0.0, rng.normal(size=(size, *s))) for s in shapes]
    return [*numbers, rng.integers(0, CLASSES, size)]


@given(programs(), st.sampled_from([7, 3]))
@examples.programs(examples.share(3))
def test_compiled_and_eager_agree_for_every_program(drawn: tuple[Any, ...], block: int) -> None:
    try:
        with mock.patch("autograd.program.engines.numpy.run.block_size", lambda size, wanted: min(size, block)):
            compare(*drawn)
    except Tie:
        assume(False)


def compare(
    steps: list[Step],
    parameters: list[Value],
    captured: list[Value],
    shapes: list[tuple[int, ...]],
    entropy: int,
    decay: bool,
) -> None:
    """Assert that all that a program gives, for batches of several sizes, is what eager gives."""
    rng = np.random.default_rng(entropy)

    def loss(*example: Any) -> Any:
        made = run(steps, parameters, captured, list(example[:-1]), example[-1])
        y = autograd.sum([(1 - 0.3 * i) * x for i, x in enumerate(made[:3])])
        return y + 0.01 * autograd.sum([p * p for p in parameters]) if decay else y

    def several(*example: Any) -> Any:
        made = run(steps, parameters, captured, list(example[:-1]), example[-1])
        return [made[0], {"last": made[-1], "none": 1.5}, (parameters[0], leaves(list(example))[:1])]

    program, outputs = compile(loss, parameters), compile(several, parameters)
    for size in (2, 7, 1, 2):
        batches = batches_of(shapes, size, rng)
        rows = list(zip(*[batch.tolist() for batch in batches]))
        expected, gradients = eager(loss, rows, parameters)
        got, found = called(program, batches, parameters)
        assert abs(got - expected) <= TOLERANCE * max(1.0, abs(expected))
        assert close(found, gradients, 1e-3)
        with autograd.no_grad():
            assert abs(program(*batches) - expected) <= TOLERANCE * max(1.0, abs(expected))
        assert not any(c.grad for c in captured)  # they are no parameters

        position = entropy % len(shapes)
        wrapped = [[*[as_values(x) for x in row[:-1]], row[-1]] for row in rows]
        _, slopes = eager(loss, wrapped, [x for row in wrapped for x in leaves(row[position])])
        assert close(program.input_gradients(*batches, argnums=position).ravel().tolist(), slopes, 1e-3)

        wanted = [x for row in rows for x in flat(several(*row))]
        assert close([x for example in outputs.map(*batches) for x in flat(example)], wanted, 1.0)
        for leaf in parameters + captured:  # nothing may be left of the numbers they had
            leaf.data += rng.uniform(-0.5, 0.5)


def eager(loss: Any, rows: list[Any], leaves: list[Value]) -> tuple[float, list[float]]:
    y = autograd.mean([loss(*row) for row in rows])
    if not isinstance(y, Value):
        return y, [0.0] * len(leaves)
    everything = {leaf: leaf.grad for leaf in autograd.topological_order(y) if not leaf.parents}
    for leaf in [*everything, *leaves]:
        leaf.grad = 0.0
    y.backward()
    gradients = [leaf.grad for leaf in leaves]
    for leaf in [*everything, *leaves]:
        leaf.grad = 0.0
    return y.data, gradients


def called(program: Any, batches: list[Any], parameters: list[Value]) -> tuple[float, list[float]]:
    """The mean, and half of the gradients after two calls: they add up."""
    value = program(*batches)
    assert program(*batches) == value
    gradients = [p.grad / 2 for p in parameters]
    for p in parameters:
        p.grad = 0.0
    return value, gradients


def as_values(tree: Any) -> Any:
    return [as_values(x) for x in tree] if isinstance(tree, list) else Value(tree)


def flat(tree: Any) -> list[float]:
    if isinstance(tree, dict):
        tree = list(tree.values())
    return [y for x in tree for y in flat(x)] if isinstance(tree, (list, tuple)) else [number(tree)]


@pytest.mark.parametrize("name", [*ops.RULES, *FUNCTIONS])
def test_every_rule_and_function_is_the_same_compiled_for_rows_of_inputs_and_of_parameters(name: str) -> None:
    wide = Step(name, [("input", 0), ("parameter", 0), ("input", 1), ("parameter", 1), 0.5], 2, 3)
    narrow = Step(name, [("parameter", 1), ("parameter", 0), ("captured", 0), 2, ("parameter", 2)], 3, 2)
    numbers = [Value(x) for x in (0.3, -0.7, 1.1, 0.9)]
    compare(
        [wide, narrow, Step("sum", [("made", i) for i in range(5)], 4, 1)], numbers, [Value(0.4)], [(3,), ()], 0, True
    )
