"""The types of results, exactly: a type checker that reads this file finds no `Any` where the packages know better.

`assert_type(x, T)` is an error for a type checker unless it takes x for a T, no more and no less; Any isn't taken for
anything else. When the file runs, as a test makes it, `assert_type` does nothing, and what stands inside is computed.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import autograd
import nn
from autograd import Value
from autograd.rules import Binary, Nary, Unary
from nn import Module, Parameter

if TYPE_CHECKING:  # type checkers know typing_extensions, wherever they run; it need not be installed
    from typing_extensions import assert_type
else:

    def assert_type(x: object, kind: object) -> None:
        """What the type checker looks at."""


def values() -> None:
    """Arithmetic on Values gives Values, methods and functions of Values as well; functions of floats give floats."""
    v, w = Value(2.0, label="v"), Value(3.0)
    for sum_or_product in (v + 1.0, 1.0 + v, v - w, 2 - v, v * 2, 2 * v, v / w, 1 / v, v**2, 2**v, -v, +v, abs(v)):
        assert_type(sum_or_product, Value)
    assert_type(v < 3.0, bool)
    assert_type(v.data, float)
    assert_type(v.grad, float)
    assert_type(v.label, str)
    assert_type(v.op, str)
    assert_type(v.parents, tuple[Value, ...])
    assert_type(v.detach(), Value)
    assert_type(v.tanh(), Value)
    assert_type(v.gelu(approximate="tanh"), Value)
    assert_type(v.leaky_relu(0.1), Value)
    assert_type(autograd.tanh(v), Value)
    assert_type(autograd.tanh(0.5), float)
    assert_type(autograd.tanh(1), float)
    assert_type(autograd.atan2(v, 1.0), Value)
    assert_type(autograd.atan2(1.0, v), Value)
    assert_type(autograd.atan2(1.0, 2.0), float)
    assert_type(autograd.gelu(v), Value)
    assert_type(autograd.gelu(0.5), float)
    assert_type(autograd.elu(0.5), float)
    assert_type(autograd.leaky_relu(0.5, Value(0.1)), Value)
    assert_type(autograd.straight_through(round)(v), Value)


def operations_of_ones_own() -> None:
    """What primitive makes is a function of its kind; a custom derivative leaves the type of a function alone."""
    v = Value(2.0)
    of_one = autograd.primitive("of_one", lambda a: 2 * a, lambda y, a: 2.0)
    assert_type(of_one, Unary)
    assert_type(of_one(v), Value)
    assert_type(of_one(2.0), float)
    of_two = autograd.primitive("of_two", lambda a, b: a - b, (lambda y, a, b: 1.0, lambda y, a, b: -1.0))
    assert_type(of_two, Binary)
    assert_type(of_two(v, 1.0), Value)
    decorated = autograd.primitive("decorated", derivative=lambda y, a: 3.0)(lambda a: 3 * a)
    assert_type(decorated, Unary)

    def slopes(y: Any, xs: list[Any]) -> list[Any]:
        return [1.0 for _ in xs]

    def total(xs: list[float]) -> float:
        return sum(xs)

    assert_type(autograd.primitive("total", total, slopes, lists=True), Nary)
    assert_type(autograd.custom_derivative(slopes)(total)([1.0, 2.0]), float)
    assert_type(autograd.check_rule(of_one), bool)


def lists() -> None:
    """Functions of lists give a Value for Values and a float for floats; it is open for a list of both."""
    v, w = Value(2.0), Parameter(3.0)
    numbers = [1.0, 2.0]
    both: list[Value | float] = [v, 1.0]
    assert_type(autograd.sum([v, v]), Value)
    assert_type(autograd.sum([w, w]), Value)
    assert_type(autograd.sum(numbers), float)
    assert_type(autograd.sum(both), Any)
    assert_type(autograd.mean([v, v]), Value)
    assert_type(autograd.mean(numbers), float)
    assert_type(autograd.logsumexp([v, v]), Value)
    assert_type(autograd.logsumexp(numbers), float)
    assert_type(autograd.softmax([v, v]), list[Value])
    assert_type(autograd.softmax(numbers), list[float])
    assert_type(autograd.log_softmax([v, v]), list[Value])
    assert_type(autograd.log_softmax(numbers), list[float])
    assert_type(autograd.dot([w, w], numbers), Value)
    assert_type(autograd.dot(numbers, [v, v], bias=1.0), Value)
    assert_type(autograd.dot([w, w], [v, v], w), Value)
    assert_type(autograd.dot(numbers, numbers, v), Value)
    assert_type(autograd.dot(numbers, numbers), float)
    assert_type(autograd.dot(numbers, numbers, 1.0), float)
    assert_type(autograd.dot(both, numbers), Any)


def derivatives() -> None:
    """What is known without the structure of the arguments; the gradients have that, and are open."""
    x, y = Value(2.0), Value(3.0)
    z = x * y
    assert_type(z.backward(), None)
    assert_type(autograd.gradient(z, x), float)
    assert_type(autograd.gradient(z, x, create_graph=True), Value)
    assert_type(autograd.gradient(z, [x, y]), Any)

    def f(x: Value, y: Value) -> Value:
        return x * y

    assert_type(autograd.grad(f), Callable[..., Any])
    assert_type(autograd.grad(f, argnums=(0, 1)), Callable[..., tuple[Any, ...]])
    assert_type(autograd.value_and_grad(f), Callable[..., tuple[Any, Any]])
    assert_type(autograd.jvp(f, (2.0, 3.0), (1.0, 0.0)), tuple[Any, Any])
    assert_type(autograd.vjp(f, 2.0, 3.0), tuple[Any, Callable[[Any], tuple[Any, ...]]])
    assert_type(autograd.checkpoint(f)(x, y), Value)
    assert_type(autograd.gradcheck(f, (2.0, 3.0)), bool)
    assert_type(autograd.topological_order(z), list[Value])
    assert_type(autograd.is_grad_enabled(), bool)

    @autograd.no_grad
    def bare(x: Value) -> Value:
        return x * x

    @autograd.no_grad()
    def called(x: Value) -> Value:
        return x * x

    assert_type(bare(x), Value)
    assert_type(called(x), Value)


def pictures_and_programs() -> None:
    """What draws, explains and compiles."""
    from autograd.program.equations.equations import Equations
    from autograd.program.program import Program
    from autograd.show.drawing.drawing import Drawing
    from autograd.show.explanation.explain import Explanation, Explanations
    from autograd.show.steps.passes import ForwardStep, Step
    from autograd.show.steps.steps import Steps

    x = Value(2.0, label="x")
    y = x * x
    assert_type(autograd.draw(y), Drawing)
    assert_type(autograd.draw(nn.MLP(1, [1]).parameters()), Drawing)
    assert_type(autograd.steps(y), Steps[Step])
    assert_type(autograd.steps(y, forward=True), Steps[ForwardStep])
    assert_type(autograd.steps(y)[0].contributions[0].local_derivative, float)
    assert_type(autograd.explain(y, x), Explanation)
    assert_type(autograd.explain(y), Explanations)

    def scaled(t: Value) -> Value:
        return x * t

    program = autograd.compile(scaled, [x])
    assert_type(program, Program)
    assert_type(program([1.0, 2.0]), float)
    assert_type(program.map([1.0, 2.0]), list[Any])
    assert_type(program.explain(), Equations)
    assert_type(program.draw(), Drawing)

    @autograd.compile(parameters=[x])
    def decorated(t: Value) -> Value:
        return x * t

    assert_type(decorated, Program)


def networks() -> None:
    """A module keeps its type through what returns it; what it computes for one example is open but for a Neuron."""
    model = nn.MLP(2, [3, 1], activation="tanh", seed=0)
    assert_type(nn.Neuron(2)([1.0, 2.0]), Value)
    assert_type(model([1.0, 2.0]), Any)
    assert_type(model.train(), nn.MLP)
    assert_type(model.eval(), nn.MLP)
    assert_type(nn.init.kaiming_normal(model, nonlinearity="tanh"), nn.MLP)
    assert_type(model.parameters(), list[Parameter])
    assert_type(model.named_parameters(), list[tuple[str, Parameter]])
    assert_type(model.modules(), list[Module])
    assert_type(model.state_dict(), dict[str, float])
    assert_type(model.layers[0].neurons[1].w, tuple[Parameter, ...])
    optimizer = nn.Adam(model.parameters(), lr=0.1)
    assert_type(optimizer.lr, float)
    assert_type(optimizer.steps, int)
    history = nn.fit(model, nn.mse_loss, [[1.0, 2.0]], [1.0], optimizer=optimizer, epochs=1, progress=False)
    assert_type(history, nn.History)
    assert_type(history.loss, list[float])
    assert_type(nn.evaluate(model, nn.mse_loss, [[1.0, 2.0]], [1.0]), float)
    assert_type(nn.clip_grad_norm(model.parameters(), 1.0), float)
    assert_type(nn.schedules.cosine(10)(3), float)
    norms = nn.diagnostics.gradient_norms(model, nn.mse_loss, [[1.0, 2.0]], [1.0])
    assert_type(norms, nn.diagnostics.ByLayer)
    assert_type(norms["layers.0"], float)
    outputs, _ = nn.RNN(1, 2, seed=random.Random(0))([1.0, 2.0])
    assert_type(outputs, list[list[Value]])
