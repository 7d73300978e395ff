"""A new operation is one entry: a rule that no other line of the project knows works wherever a rule can stand."""

from __future__ import annotations

import math

import pytest

import autograd
from autograd import Value, gradient, jvp
from autograd.ops import tanh
from autograd.program import compile
from autograd.rules import Binary, Nary, Unary

lncosh = Unary("lncosh", "ln cosh a", lambda a: math.log(math.cosh(a)), lambda y, a: tanh(a), latex=r"\ln\cosh #1")
sqdiff = Binary(
    "sqdiff", "(a - b)²", lambda a, b: (a - b) ** 2, lambda y, a, b: 2 * (a - b), lambda y, a, b: 2 * (b - a),
    latex=r"(#1 - #2)^2",
)  # fmt: skip
sumsq = Nary("sumsq", "Σ xᵢ²", lambda xs: sum([x * x for x in xs]), lambda y, xs: ([2 * x for x in xs],), latex=r"\sum")

RULES = {
    "unary": (lambda a, b: lncosh(a * b), lambda a, b: autograd.log(autograd.cosh(a * b))),
    "binary": (lambda a, b: sqdiff(a, b), lambda a, b: (a - b) ** 2),
    "of lists": (lambda a, b: sumsq((a, b, a)), lambda a, b: 2 * a * a + b * b),
}
"""Each new rule, and the same function written with the rules that there are."""

every_rule = pytest.mark.parametrize(("new", "known"), RULES.values(), ids=RULES)


@every_rule
def test_it_is_differentiated_in_every_way(new, known):
    point = (0.7, -1.3)
    assert new(*point) == pytest.approx(known(*point), rel=1e-15)
    assert autograd.gradcheck(new, point)
    assert autograd.hessian(lambda v: new(*v))(list(point)) == [
        pytest.approx(row, rel=1e-14) for row in autograd.hessian(lambda v: known(*v))(list(point))
    ]
    assert jvp(new, point, (0.3, 0.4)) == pytest.approx(jvp(known, point, (0.3, 0.4)), rel=1e-14)
    leaves = [Value(x) for x in point]
    slopes = gradient(new(*leaves), leaves, create_graph=True)
    assert [slope.data for slope in slopes] == pytest.approx(gradient(known(*leaves), leaves), rel=1e-14)


@every_rule
def test_it_is_compiled_though_no_engine_has_a_kernel_for_it(new, known):
    w = Value(0.7)
    batch = [-1.3, 0.0, 0.4]

    def both(function):
        program = compile(lambda x: function(w, x) * x, [w])
        w.grad = 0.0
        return program(batch), w.grad, program.input_gradients(batch).tolist(), program.map(batch)

    mean, slope, inputs, results = both(new)
    other_mean, other_slope, other_inputs, other_results = both(known)
    assert (mean, slope) == pytest.approx((other_mean, other_slope), rel=1e-14)
    assert inputs == pytest.approx(other_inputs, rel=1e-14)
    assert results == pytest.approx(other_results, rel=1e-14)


@every_rule
def test_it_is_drawn_explained_and_written(new, known):
    x = Value(0.7, label="x")
    y = new(x, 0.5) * 2
    y.backward()
    name = y.parents[0].op
    assert name in autograd.draw(y, local_derivatives=True).source
    assert name in str(autograd.steps(y))
    assert name in str(autograd.explain(y, x))
    assert name in str(compile(lambda a: new(a, 0.5)).explain([0.7]))


def test_a_rule_that_changes_its_lists_changes_those_of_no_other():
    def slopes(y, xs, zs):
        xs.sort()
        return [float(len(xs))] * 2, [x - xs[0] for x in zs]

    rule = Nary("changing", "", lambda xs, zs: sum(xs), slopes, latex="")
    ws = (Value(3.0), Value(2.0))
    y = autograd.ops.dot(ws, ws, 0.0) + rule(ws, ws) + autograd.ops.dot(ws, (1.0, 10.0), 0.0)
    y.backward()
    assert [w.grad for w in ws] == [6.0 + 2.0 + 1.0 + 1.0, 4.0 + 2.0 + 0.0 + 10.0]


@pytest.mark.parametrize("x", [1.0, Value(1.0)])
def test_the_error_in_a_rule_of_lists_is_kept_as_the_cause(x):
    rule = Nary("wrong", "len 5", lambda xs: len(5), lambda y, xs: ([1.0],), latex="")
    with pytest.raises(TypeError, match="has a list where") as error:
        rule((x,))
    assert str(error.value.__cause__) == "object of type 'int' has no len()"
