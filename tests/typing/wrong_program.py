"""Mistakes that a type checker has to notice: each stands in a line that says which complaint is expected.

Nothing here is run. An expected complaint that doesn't come is an error itself (`unused-ignore` of mypy,
`reportUnnecessaryTypeIgnoreComment` of pyright), so this file is clean only if every mistake is noticed, by both.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import autograd
import nn
from autograd import Value

if TYPE_CHECKING:  # pytest, which looks for doctests everywhere, imports this file
    v = Value(2.0)
    model = nn.MLP(2, [3, 1])
    optimizer = nn.SGD(model.parameters(), lr=0.1)

    # a number that isn't one
    Value("3")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    Value([1.0, 2.0])  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    Value(Value(1.0))  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    Value(1.0, label=3)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    added: Value = v + "1"  # type: ignore[operator]  # pyright: ignore[reportOperatorIssue, reportUnknownVariableType]
    v.data = "3"  # type: ignore[assignment]  # pyright: ignore[reportAttributeAccessIssue]
    v.grad = None  # type: ignore[assignment]  # pyright: ignore[reportAttributeAccessIssue]
    v.backward("1")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]

    # what isn't there, or can't be set
    v.gradient()  # type: ignore[attr-defined]  # pyright: ignore
    v.op = "+"  # type: ignore[misc]  # pyright: ignore[reportAttributeAccessIssue]
    v.tahn()  # type: ignore[attr-defined]  # pyright: ignore
    autograd.tahn(v)  # type: ignore[attr-defined]  # pyright: ignore
    nn.SDG(model.parameters(), lr=0.1)  # type: ignore[attr-defined]  # pyright: ignore
    model.foo()  # type: ignore[attr-defined]  # pyright: ignore
    model.layers[0].bias.data = 0.0  # type: ignore[attr-defined]  # pyright: ignore

    # a Value for a float, a float for a Value
    half: float = v / 2  # type: ignore[assignment]  # pyright: ignore[reportAssignmentType]
    node: Value = autograd.tanh(0.5)  # type: ignore[assignment]  # pyright: ignore[reportAssignmentType]
    label: str = autograd.tanh(v)  # type: ignore[assignment]  # pyright: ignore[reportAssignmentType]
    share: float = autograd.softmax([v, v])[0]  # type: ignore[assignment]  # pyright: ignore[reportAssignmentType]
    total: Value = autograd.sum([1.0, 2.0])  # type: ignore[assignment]  # pyright: ignore[reportAssignmentType]
    slope: Value = autograd.gradient(v * v, v)  # type: ignore[assignment]  # pyright: ignore[reportAssignmentType]
    autograd.mean(v)  # type: ignore[call-overload]  # pyright: ignore[reportCallIssue, reportArgumentType]
    autograd.tanh([v])  # type: ignore[call-overload]  # pyright: ignore[reportCallIssue, reportArgumentType]
    autograd.atan2(v)  # type: ignore[call-overload]  # pyright: ignore[reportCallIssue]

    # arguments of the wrong kind
    autograd.grad(3.0)  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType]
    autograd.draw("v")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    autograd.draw(v, local_derivatives="no")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    autograd.steps([v])  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType]
    autograd.explain()  # type: ignore[call-overload]  # pyright: ignore[reportCallIssue]
    autograd.primitive("q", abs)  # type: ignore[call-overload]  # pyright: ignore[reportCallIssue]
    autograd.primitive("q", abs, 3.0)  # type: ignore[call-overload]  # pyright: ignore
    autograd.check_rule(autograd.tanh, points=3)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    autograd.custom_derivative(3)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    autograd.gelu(v, approximate="tan")  # type: ignore[call-overload]  # pyright: ignore
    autograd.compile(model, dtype="float8")  # type: ignore[call-overload]  # pyright: ignore
    nn.MLP(3, 4)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    nn.MLP(3, [4], "tanh", "seed")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    nn.MLP(3, [4], 0.5)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    nn.Layer(2)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    nn.Neuron(2)("1, 2")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    nn.RNN(1, 2, "sigmoid")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    nn.Residual("tanh")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    nn.SGD(model)  # type: ignore[arg-type, call-arg]  # pyright: ignore[reportCallIssue]
    nn.SGD(model.parameters(), lr="0.1")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    nn.Adam(model.parameters(), betas=0.9)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    nn.Adam(model.parameters(), learning_rate=0.1)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    nn.Schedule(model, nn.schedules.cosine(10))  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    nn.Schedule(optimizer, 0.5)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    nn.mse_loss(v, 1.0, reduction="average")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    nn.init.zeros("model")  # type: ignore[type-var]  # pyright: ignore[reportArgumentType]
    nn.init.kaiming_normal(model, mode="fan")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    nn.save("model.json", model)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    nn.evaluate(model, "mse", [[1.0]], [1.0])  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    nn.fit(model, nn.mse_loss, [[1.0, 2.0]], [1.0], optimizer=optimizer)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    nn.fit(model, nn.mse_loss, [], [], optimizer=nn.Newton([v]), epochs=1)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    nn.clip_grad_norm(model, 1.0)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]

    # results taken for something else
    weights: list[float] = model.parameters()  # type: ignore[assignment]  # pyright: ignore[reportAssignmentType]
    layer: nn.Layer = model.train()  # type: ignore[assignment]  # pyright: ignore[reportAssignmentType]
    other: nn.Layer = nn.load(model, "model.json")  # type: ignore[assignment]  # pyright: ignore[reportAssignmentType]
    norms: dict[str, Value] = nn.diagnostics.dead_share(model, [])  # type: ignore[assignment]  # pyright: ignore[reportAssignmentType]

    @autograd.no_grad
    def predicted(x: float) -> float:
        """The decorator keeps what the function takes and returns."""
        return x

    predicted("x")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    answer: str = predicted(1.0)  # type: ignore[assignment]  # pyright: ignore[reportAssignmentType]
