"""A program as a user of both packages writes it, with types: it uses every public name, and it runs.

Type checkers read it in their strict modes; a test runs it, and makes sure that no public name is missing. The exact
types of results are in results_program.py; what a type checker has to refuse is in wrong_program.py.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from math import exp, sin, sqrt
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import autograd
import nn
from autograd import Value, grad, gradient
from autograd.expression import Expression, parse
from autograd.program import Program
from autograd.rules import Unary
from nn import Module, Parameter, diagnostics, init, schedules

if TYPE_CHECKING:
    from autograd.show.drawing.drawing import Drawing

# ------------------------------------------------------------------------------------------------------------ autograd


def arithmetic() -> list[Value]:
    """Operators, functions and methods."""
    a, b = Value(0.5, label="a"), Value(0.25, label="b")
    c: Value = (a + b) * (b + 1) - a / b + 2 * a - 1 / b
    c = -c + abs(c) ** 2 + 2**a
    if a > b and a >= 0.25 and not b > a:
        a.label = "larger"
    one: list[Callable[[Value], Value]] = [
        autograd.abs, autograd.acos, autograd.asin, autograd.asinh, autograd.atan, autograd.atanh, autograd.cbrt,
        autograd.ceil, autograd.cos, autograd.digamma, autograd.erf, autograd.erfc, autograd.erfinv, autograd.exp,
        autograd.exp2, autograd.expm1, autograd.floor, autograd.hardsigmoid, autograd.hardswish, autograd.hardtanh,
        autograd.identity, autograd.lgamma, autograd.log, autograd.log10, autograd.log1p, autograd.log2,
        autograd.logit, autograd.mish, autograd.neg, autograd.reciprocal, autograd.relu, autograd.relu6,
        autograd.round, autograd.rsqrt, autograd.sigmoid, autograd.sign, autograd.silu, autograd.sin, autograd.sinc,
        autograd.sinh, autograd.softplus, autograd.softsign, autograd.sqrt, autograd.square, autograd.tan,
        autograd.tanh, autograd.trunc,
    ]  # fmt: skip
    results: list[Value] = [f(a) for f in one]
    results.append(autograd.acosh(autograd.cosh(b)))
    two: list[Callable[[Value, float], Value]] = [
        autograd.add, autograd.atan2, autograd.div, autograd.elu, autograd.hypot, autograd.leaky_relu,
        autograd.maximum, autograd.minimum, autograd.mul, autograd.pow, autograd.sub, autograd.clip, autograd.clamp,
        autograd.copysign, autograd.fmod, autograd.logaddexp, autograd.remainder, autograd.xlogy,
    ]  # fmt: skip
    results += [f(a, 2.0) for f in two]
    results += [a.tanh(), a.exp(), a.relu(), a.log(), a.sqrt(), a.sigmoid(), a.leaky_relu(0.1), a.elu(), a.gelu()]
    results.append(autograd.gelu(a, approximate="tanh"))
    results += [a.clip(0.0, b), a.clamp(max=b), a.copysign(b), a.fmod(b), a.logaddexp(b), a.remainder(b), a.xlogy(b)]
    results += [a % b, 2 % a, a.where(a > b, b), autograd.where(a > b, lambda: a, 0.0), autograd.where(a > b, 1.0, a)]
    results += [
        autograd.prod([a, b]),
        autograd.norm([a, 1.0]),
        autograd.var([a, b]),
        autograd.std([a, b], correction=0),
    ]
    results.append(autograd.polygamma(1, a))
    target: list[float] = autograd.one_hot(1, 3)
    total: Value = autograd.sum(results)
    average: Value = autograd.mean([a, b])
    weighted: Value = autograd.dot([1.0, 2.0], [a, b], bias=0.5)
    spread: Value = autograd.logsumexp([a, b])
    shares: list[Value] = autograd.softmax([a, b, 0.0])
    logs: list[Value] = autograd.log_softmax([a, b])
    row: list[Value] = autograd.take([[a], [b]], 1)
    rounded: Value = autograd.straight_through(round)(a)
    plain: float = autograd.tanh(0.5) + autograd.mean([1.0, 2.0]) + autograd.softmax([1.0, 2.0])[0]
    plain += sum(target) + autograd.where(True, 1.0, 0.0) + autograd.clip(2.0, 0.0, 1.0)
    said: str = str(autograd.check_answer("b", a * b, a)) + str(autograd.practice(a * b, blanks=["sum"]))
    assert "∂" in said
    return [c, total, average, weighted, spread, *shares, *logs, *row, rounded, Value(plain)]


def derivatives() -> list[float]:
    """Of a graph, and of functions."""
    x, y = Value(2.0, label="x"), Value(3.0, label="y")
    z = x * y.sin()
    z.backward()
    z.backward(seed=2.0)
    found: list[float] = [x.grad, y.grad]
    x.grad = 0.0
    first: Value = gradient(z, x, create_graph=True)
    second: float = gradient(first, y)
    both: list[float] = gradient(z, [x, y])

    def f(x: Value, y: Value | float) -> Value:
        return x * autograd.sin(y)

    def cube(x: Value) -> Value:
        return x**3

    def several(v: Sequence[Value]) -> list[Value]:
        return [v[0] * v[1], v[0] + v[1]]

    def product_of(v: Sequence[Value]) -> Value:
        return v[0] ** 2 * v[1]

    slope: float = grad(f)(2.0, 3.0)
    slopes: tuple[float, ...] = grad(f, argnums=(0, 1))(2.0, 3.0)
    curvature: float = grad(grad(cube))(2.0)
    value, derivative = autograd.value_and_grad(f)(2.0, 3.0)
    rows: list[list[float]] = autograd.jacobian(several)([2.0, 3.0])
    matrix: list[list[float]] = autograd.hessian(product_of)([2.0, 3.0])
    along: float = autograd.jvp(f, (2.0, 3.0), (1.0, 0.0))[1]
    outputs, pull = autograd.vjp(several, [2.0, 3.0])
    pulled: list[float] = pull([1.0, 1.0])[0]
    product: tuple[float, float] = autograd.hvp(f, (2.0, 3.0), (1.0, 0.0))
    saved: Value = autograd.checkpoint(f)(x, y)
    agrees: bool = autograd.gradcheck(f, (2.0, 3.0), eps=1e-6)
    order: list[Value] = autograd.topological_order(z)
    with autograd.no_grad():
        recording: bool = autograd.is_grad_enabled()
        constant: Value = x * y
    compiled: bool = autograd.compiled_kernel
    detached: Value = z.detach()
    names: list[str] = [node.op or node.label for node in order] + [parent.label for parent in z.parents]
    found += [second, *both, slope, *slopes, curvature, value, derivative, *rows[0], *matrix[0], along, *outputs]
    found += [*pulled, *product, saved.data, agrees, recording, constant.data, compiled, detached.data, len(names)]
    return found


def operations_of_ones_own() -> list[float]:
    """Primitives, and a function with a derivative of its own."""
    swish: Unary = autograd.primitive(
        "swish", lambda a: a / (1 + exp(-a)), lambda y, a: autograd.sigmoid(a) * (1 + a - y), latex=r"#1 \, \sigma(#1)"
    )

    def slopes(y: Any, xs: list[Any]) -> list[Any]:
        return [x / y for x in xs]

    @autograd.primitive("length", lists=True, derivative=slopes)
    def length(xs: list[float]) -> float:
        return sqrt(sum([x * x for x in xs]))

    def of_root(y: Any, a: Any) -> Any:
        return 0.5 / y

    @autograd.custom_derivative(of_root)
    def root(a: Any) -> Any:
        x = 1.0
        for _ in range(20):
            x = (x + a / x) / 2
        return x

    x = Value(2.0)
    y: Value = swish(x) + length([x, 1.0]) + root(x)
    y.backward()
    passed: bool = autograd.check_rule(swish) and autograd.check_rule(root, points=[2.0, 9.0])
    return [y.data, x.grad, passed]


@autograd.no_grad
def predicted(model: Module, x: Sequence[float]) -> float:
    """What a model of one output says of an example."""
    y: Value = model(x)
    return y.data


def pictures(folder: Path) -> list[Path]:
    """Drawings, steps, and the chain rule written out."""
    x, y = Value(2.0, label="x"), Value(3.0, label="y")
    z = (x * y).tanh()
    z.backward()
    drawing: Drawing = autograd.draw(z, local_derivatives=True, expand=True, depth=3, until=[x], legend=True)
    source: str = drawing.source
    svg: str = drawing.svg()
    saved: list[Path] = [drawing.save(folder / "graph.svg"), autograd.draw([z, x]).save(str(folder / "graph.dot"))]
    passed = autograd.steps(z, max_nodes=100)
    for step in passed:
        for contribution in step.contributions:
            numbers: list[float] = [step.gradient, contribution.product, contribution.sum_so_far]
            assert contribution.parent in (x, y, *step.node.parents)
            assert len(numbers) == 3
    operands: list[int] = [len(step.operands) for step in autograd.steps(z, forward=True)]
    explanation = autograd.explain(z, x, max_paths=4)
    derivative: float = explanation.total
    text: str = explanation.text + explanation.latex + passed.html() + source + svg
    assert len(operands) == 2
    assert derivative == x.grad
    assert text
    return [*saved, passed.save(folder / "backward.html")]


def programs() -> float:
    """A scalar function, compiled; and an expression from text."""
    w = Parameter(3.0, label="w")

    def squared_error(x: Value, t: Value) -> Value:
        return (w * x - t) ** 2

    program: Program = autograd.compile(squared_error, [w], dtype="float64", loss_scale=1.0)
    loss: float = program([1.0, 2.0], [3.0, 4.0])
    each: list[float] = program.map([1.0, 2.0], [3.0, 4.0])
    slopes = program.input_gradients([1.0, 2.0], [3.0, 4.0], argnums=0)
    with program.session(nn.SGD([w], lr=0.1)) as session:
        stepped: float = session.step([1.0, 2.0], [3.0, 4.0])
        session.load([1.0, 2.0], [3.0, 4.0])
        stepped += session.step(rows=[0])
        session.backward()
        session.gradient = session.gradient / session.norm
        session.update()
        session.sync()
    equations: str = program.explain().text
    pure: Callable[[], Callable[..., Any]] = program.as_jax
    del pure
    drawn: Drawing = program.draw()
    layers: Drawing = autograd.draw(nn.MLP(1, [2, 1]), expand=True, direction="down")

    @autograd.compile(parameters=[w])
    def cubed(x: Value) -> Value:
        return w * x**3

    area: Expression = parse("width * height")
    assert len(each) == len(slopes)
    assert equations
    assert drawn.nodes > layers.nodes > 0
    assert area(2.0, height=3.0) == 6.0
    return loss + stepped + cubed([1.0, 2.0])


# ------------------------------------------------------------------------------------------------------------------ nn


class Line(Module):
    """A module of one's own: its attributes are its parameters."""

    def __init__(self) -> None:
        self.slope, self.offset = Parameter(2.0), Parameter(1.0)
        self.calls = nn.Buffer(0.0)

    def __call__(self, x: Value | float) -> Value:
        """The height of the line at x."""
        self.calls.data += 1
        return self.slope * x + self.offset


class SignDescent(nn.Optimizer):
    """An optimizer of one's own: steps of one size, along the sign of a mean gradient."""

    memory: ClassVar = {"mean": lambda name, x: float(x)}

    def update(self, t: int, p: Any, g: Any, mean: Any) -> tuple[Any, ...]:
        """The rule: m ← (m + g)/2, p ← p - η sign m."""
        mean = (mean + g) / 2
        return p - self.lr * (1.0 * (mean > 0) - 1.0 * (mean < 0)), mean


def layers() -> int:
    """Every module, on an example; all numbers that it computes."""
    x, seed = [0.5, -0.25], random.Random(0)
    single: Value = nn.Neuron(2, activation=autograd.tanh, seed=seed)(x)
    several: list[Value] = nn.Layer(2, 3, "tanh", seed=0, feedback_alignment=True)(x)
    several += nn.Linear(2, 3, bias=False, seed=0)(x)
    network = nn.MLP(2, [4, 1], activation="relu", seed=0)
    chain = nn.Sequential(nn.Residual(nn.Layer(2, 2)), nn.PReLU(), "tanh", nn.Dropout(0.5, seed=1), nn.LayerNorm(2))
    normalized: list[list[Value]] = nn.BatchNorm(2, momentum=0.2).train().batch([x, [0.0, 1.0]])
    scaled: list[Value] = nn.RMSNorm(2)(x)
    word: list[Value] = nn.Embedding(10, 2, seed=0)(3)
    hidden: list[Value] = nn.RNNCell(2, 3, nonlinearity="relu")(x)
    hidden = nn.GRUCell(2, 3)(x, hidden)
    h, c = nn.LSTMCell(2, 3)(x)
    outputs, state = nn.LSTM(1, 2, truncate=2)([0.1, 0.2, 0.3])
    state = nn.detach(state)
    outputs += nn.GRU(1, 2)([0.1, 0.2])[0] + nn.RNN(1, 2, "tanh", seed)([0.1])[0]
    outputs += nn.TransformerBlock(2, 1, seed=0)(nn.CausalSelfAttention(2, 1, seed=0)([x, x]))
    noisy: Value = nn.normal_rsample(single, 0.1, seed=seed)
    answer: list[Value] = chain.eval()(x)
    counted: list[list[Value]] = [several, *normalized, scaled, word, hidden, h, c, *outputs, *state, answer, [noisy]]
    line: Line = Line().train()
    assert line(2.0).data == 5.0
    assert [name for name, _ in line.named_parameters()] == ["slope", "offset"]
    state_of: dict[str, float] = line.state_dict()
    line.load_state_dict(state_of)
    inside: list[str] = [name for name, _ in network.named_modules()] + [repr(part) for part in network.modules()]
    return sum(len(values) for values in counted) + len(inside) + network.nin + len(network.layers[0].neurons)


def losses() -> Value:
    """Of numbers, and of classes."""
    outputs, logits = [Value(0.5), Value(-1.0)], [Value(1.0), Value(2.0), Value(0.5)]
    total: Value = nn.mse_loss(outputs, [1.0, 0.0]) + nn.l1_loss(outputs, [1.0, 0.0], reduction="sum")
    total += nn.huber_loss(outputs, [1.0, 0.0], delta=0.5) + nn.hinge_loss(outputs, [1, -1])
    total += nn.binary_cross_entropy_with_logits(outputs, [1, 0])
    each: list[Value] = nn.cross_entropy([logits, logits], [0, 2], reduction="none")
    log_probs: list[Value] = autograd.log_softmax(logits)
    total += nn.nll_loss(log_probs, 1) + nn.kl_div(log_probs, [0.5, 0.25, 0.25])
    share: float = nn.accuracy([logits], [1])
    return total + autograd.mean(each) + share


def initialization() -> nn.MLP:
    """Each of the first weights, and none of the model's type lost."""
    model: nn.MLP = nn.MLP(2, [4, 1], activation="tanh")
    model = init.xavier_uniform(init.xavier_normal(model, init.gain("tanh"), seed=1), seed=2)
    model = init.kaiming_uniform(init.kaiming_normal(model, mode="fan_out", nonlinearity="tanh", seed=3), seed=4,
                                 nonlinearity="linear")  # fmt: skip
    layer: nn.Layer = init.zeros(init.constant(nn.Layer(2, 2), 0.5))
    rows: list[list[Parameter]] = init.lecun_normal([[Parameter(0.0), Parameter(0.0)]], seed=random.Random(5))
    assert layer([1.0, 2.0])[0].data == 0.0
    assert rows[0][0].data
    return model


def training(folder: Path) -> nn.History:
    """A model learns the sine; its training is saved, loaded, and goes on."""
    xs: list[float] = [i / 5 for i in range(-10, 11)]
    ys: list[float] = [sin(x) for x in xs]
    model, seed = nn.MLP(1, [6, 1], activation="tanh", seed=0), random.Random(0)
    params: list[Parameter] = model.parameters()
    optimizers: list[nn.Optimizer] = [
        nn.SGD(params, lr=0.01, momentum=0.9, nesterov=True), nn.Adagrad(params), nn.RMSprop(params, centered=True),
        nn.AdamW(params, weight_decay=0.1), nn.Lion(params), SignDescent(params, lr=0.001),
    ]  # fmt: skip
    for other in optimizers:
        loss: Value = nn.mse_loss(model(0.5), sin(0.5))
        loss.backward()
        norm: float = nn.clip_grad_norm(params, max_norm=1.0)
        nn.clip_grad_value(params, clip_value=0.5)
        other.step()
        other.zero_grad()
        assert norm >= 0
        assert other.steps == 1
    optimizer = nn.Adam(params, lr=0.05, betas=(0.9, 0.99))
    moved: tuple[float, float, float] = optimizer.update(1, 0.5, 0.1, 0.0, 0.0)
    optimizer.load_state_dict(optimizer.state_dict())
    factor: schedules.Factor = schedules.join([schedules.warmup(5), schedules.cosine(50, final=0.1)], [5])
    factor = schedules.product(factor, schedules.step(20), schedules.exponential(0.999), schedules.constant())
    schedule = nn.Schedule(optimizer, factor)

    def enough(model: Module, history: nn.History) -> bool:
        return history.loss[-1] < 1e-6 and not model.training

    settings: dict[str, Any] = {"optimizer": optimizer, "epochs": 5, "progress": False}
    try:
        history: nn.History = nn.fit(
            model, nn.mse_loss, xs, ys, optimizer=optimizer, epochs=5, batch_size=7, schedule=schedule,
            validation=(xs[:4], ys[:4]), early_stopping=3, clip_norm=10.0, clip_value=5.0, callbacks=[enough],
            progress=False, seed=seed,
        )  # fmt: skip
    except nn.TrainingError as error:
        history = error.history
    compiled: nn.History = nn.fit(model, nn.mse_loss, xs, ys, compile=True, dtype="float64", **settings)
    nn.save(model, folder / "model.json", optimizer=optimizer, schedule=schedule, seed=seed)
    other_model: nn.MLP = nn.load(nn.MLP(1, [6, 1], activation="tanh"), folder / "model.json")
    error_left: float = nn.evaluate(other_model, nn.mse_loss, xs, ys)
    figure: Any = history.plot()  # strict modes have complaints about Matplotlib's own types
    figure.savefig(folder / "history.png")
    rates: list[float] = (
        [*moved, *history.lr] + history.seconds + history.validation_loss + history.gradient_norm["layers.0"]
    )
    assert rates
    assert error_left < 1
    assert not compiled.stopped
    assert predicted(other_model, [0.5]) == model(0.5).data
    return history


def second_order() -> tuple[float, float]:
    """Newton's method finds the minimum of a quadratic in one step; Gauss-Newton that of a sum of squares."""
    x, y = Value(5.0), Value(-3.0)
    by_name: Value = nn.functional_call(Line(), {"slope": x}, 2.0) - Line().forward(1.0)
    line: Line = nn.with_parameters(Line(), [0.5, y])
    assert line(2.0).data == y.data + 1.0
    start: list[float] = nn.parameters_to_vector([x, y])
    nn.vector_to_parameters([0.5 * number for number in start], [x, y])
    assert by_name.op == "-"
    before: float = nn.LBFGS([x, y], max_iter=5).step(lambda: (x - 1) ** 2 + (x + y) ** 4)
    assert before > 0
    nn.Newton([x, y], damping=0.0).step((x - 1) ** 2 + (x + y) ** 2)
    nn.GaussNewton([x, y], lr=1.0).step([x - 2.0, x * 0.5 + y])
    return round(x.data, 9), round(y.data, 9)


def looking_inside(folder: Path) -> list[str]:
    """Why a network doesn't learn, layer by layer; data, and pictures."""
    scaled: list[float] = nn.Standardizer([[1.0, 2.0], [3.0, 4.0]]).inverse([0.0, 0.0])
    assert scaled == [2.0, 3.0]
    split: nn.data.Split = nn.data.moons(40, noise=0.1, seed=0)
    inputs, targets = split.train_inputs, split.train_targets
    spoken: str = nn.data.spelled(nn.generate(nn.GPT(27, 4, n_head=1, n_embd=2, seed=0), [0], 3, seed=0))
    assert spoken.islower()
    assert nn.data.padded([[1, 2], [3]], 0) == [[1, 2], [3, 0]]
    assert len(nn.data.digits(seed=1).test_inputs[0]) == 64
    model = nn.MLP(2, [4, 4, 1], activation="tanh", seed=0)
    found: list[diagnostics.ByLayer] = [
        diagnostics.gradient_norms(model, nn.mse_loss, inputs, targets),
        diagnostics.gradient_variance(model, nn.mse_loss, inputs, targets),
        diagnostics.signal_variance(model, inputs),
        diagnostics.saturated_share(model, inputs, below=0.05),
        diagnostics.dead_share(model, inputs),
    ]
    figure: Any = found[0].plot(label="at the start")
    figure.savefig(folder / "norms.png")
    by_layer: dict[str, list[Parameter]] = diagnostics.parameters_by_layer(model)
    nn.pictures.boundary_picture(model, inputs, targets, folder / "boundary.png")
    norm: float = found[0]["layers.0"]
    assert norm > 0
    return list(by_layer)


def exchange(module: Any) -> Any:
    """To PyTorch and back; it isn't called here, for it needs PyTorch."""
    model: Module = nn.from_torch(module)
    return nn.to_torch(model)


def main(folder: Path) -> None:
    """Run it all; files go to the folder."""
    assert arithmetic()
    assert derivatives()
    assert operations_of_ones_own()
    assert pictures(folder)
    assert programs()
    assert layers()
    assert losses()
    assert initialization().nouts == [4, 1]
    assert training(folder).loss
    assert second_order() == (2.0, -1.0)
    assert looking_inside(folder)


if __name__ == "__main__":
    from tempfile import TemporaryDirectory

    try:
        with TemporaryDirectory() as made:
            main(Path(made))
    except autograd.GradcheckError as error:
        print(f"a derivative is wrong: {error}")
