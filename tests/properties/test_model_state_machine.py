"""Whatever is done to a model, in any order: it has the numbers and gradients that plain lists of floats have.

The reference (`Plain`) is floats in lists, with forward pass, derivatives (forward mode: beside each number a dict of
its slopes) and optimizers written by hand; nothing in it comes from autograd or nn. Copies of a model live on beside
the original, and each step looks at all of them.

STATE_MACHINE_EXAMPLES=2000 in the environment tries that many programs, of up to 100 steps.
"""

from __future__ import annotations

import copy
import math
import os
import pickle
import random
import sys
import tempfile
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

import autograd
import nn

BATCHES = [
    ([[0.5, 1.0], [-1.0, 0.25], [0.1, 0.2]], [1.0, 0.0, -1.0]),
    ([[2.0, -1.5], [0.0, 0.75]], [0.5, -0.5]),
    ([[-0.3, 0.6]], [2.0]),
]
EPS = 0.5  # of BatchNorm: so large that it divides by nothing small, which would make roundings large
ULPS = 1000 * 2**-53
"""How far results may differ, in units of what they would be if nothing cancelled (`size` below): a number is the end
of some 20 operations, each with a handful of roundings of at most 2⁻⁵³, by one batch of up to 3 examples."""

# --------------------------------------------------------------------------------------------------- plain numbers


class Number(NamedTuple):
    """A float x, its slopes by parameter; and the same of absolute values, where nothing cancels."""

    x: float
    size: float
    slopes: dict[int, float]
    sizes: dict[int, float]


def made(x: float, size: float, *parts: tuple[float, float, Number]) -> Number:
    """The chain rule: of (∂x/∂part, a bound of its absolute value, part)."""
    slopes: dict[int, float] = {}
    sizes: dict[int, float] = {}
    for slope, bound, part in parts:
        for k in part.slopes:
            slopes[k] = slopes.get(k, 0.0) + slope * part.slopes[k]
            sizes[k] = sizes.get(k, 0.0) + bound * part.sizes[k]
    return Number(x, size, slopes, sizes)


def constant(x: float) -> Number:
    return made(x, abs(x))


def added(terms: list[Number], factor: float = 1.0) -> Number:
    x, size = sum(t.x for t in terms) * factor, sum(t.size for t in terms) * abs(factor)
    return made(x, size, *[(factor, abs(factor), t) for t in terms])


def multiplied(a: Number, b: Number) -> Number:
    return made(a.x * b.x, a.size * b.size, (b.x, b.size, a), (a.x, a.size, b))


def tanh(a: Number) -> Number:
    y = math.tanh(a.x)
    return made(y, 1.0 + a.size, (1 - y * y, 1.0 + a.size, a))


def inverse_root(a: Number) -> Number:
    """1/√a, of numbers from EPS on; their roundings shift its slope, too."""
    return made(a.x**-0.5, 1 + a.size, (-0.5 * a.x**-1.5, 2 * (1 + a.size), a))


class Plain:
    """A model and its optimizer as lists of floats; a parameter is its place in them, a layer a nested tuple of places.

    ("dense", activation, ((w, w), b), ((w, w), b)), ("residual", dense), ("norm", γs, βs, means, variances, count),
    ("dropout",), ("chain", dense, dense).
    """

    def __init__(self, layers: list[Any], data: list[float]) -> None:
        self.layers = layers
        self.data, self.grad = data, [0.0] * len(data)
        self.training = [True] * len(layers)
        self.assigned = [0] * len(data)  # how often
        self.random = random.Random(3)
        self.optimizer: dict[str, Any] = {}

    def state(self, layers: Any = None) -> list[int]:
        """The places of all numbers, each once, in their order; of all parameters without the norm's last three."""
        found: dict[int, None] = {}
        stack = [self.layers if layers is None else layers]
        while stack:
            part = stack.pop()
            if isinstance(part, int):
                found[part] = None
            elif isinstance(part, (list, tuple)):
                stack.extend(reversed(part))
        return list(found)

    def parameters(self, layers: Any = None) -> list[int]:
        buffers = {k for layer in self.layers if layer[0] == "norm" for k in self.state(layer[3:])}
        return [k for k in self.state(layers) if k not in buffers]

    def leaf(self, k: int) -> Number:
        return Number(self.data[k], abs(self.data[k]), {k: 1.0}, {k: 1.0})

    # ------------------------------------------------------------------------------------------------ forward

    def loss(self, batch: Any) -> tuple[Number, dict[int, tuple[float, float]]]:
        """The mean squared error, and what the buffers become: number and size. It draws what Dropout drops."""
        rows = [[constant(x) for x in row] for row in batch[0]]
        buffers: dict[int, tuple[float, float]] = {}
        for layer, training in zip(self.layers, self.training):
            if layer[0] == "norm":
                rows = self._normalized(layer, rows, training, buffers)
            elif layer[0] == "dropout":
                rows = [[added([x], self._mask()) if training else x for x in row] for row in rows]
            else:
                rows = [self._forward(layer, row) for row in rows]
        errors = [added([y, constant(-t)]) for (y,), t in zip(rows, batch[1])]
        return added([multiplied(e, e) for e in errors], 1 / len(errors)), buffers

    def _forward(self, layer: Any, xs: list[Number]) -> list[Number]:
        kind, *parts = layer
        if kind == "residual":
            return [added([x, y]) for x, y in zip(xs, self._forward(parts[0], xs))]
        if kind == "chain":
            for part in parts:
                xs = self._forward(part, xs)
            return xs
        activation, *neurons = parts
        zs = [added([self.leaf(b), *[multiplied(self.leaf(w), x) for w, x in zip(ws, xs)]]) for ws, b in neurons]
        return [tanh(z) for z in zs] if activation == "tanh" else zs

    def _mask(self) -> float:
        return 2.0 if self.random.random() < 0.5 else 0.0

    def _normalized(self, layer: Any, rows: Any, training: bool, buffers: dict[int, tuple[float, float]]) -> Any:
        _, gammas, betas, means, variances, count = layer
        n = len(rows)
        if training and n < 2:
            raise ValueError
        columns = []
        for xs, g, b, m, v in zip(zip(*rows), gammas, betas, means, variances):
            mean, variance = constant(self.data[m]), constant(self.data[v])
            if training:
                mean = added(list(xs), 1 / n)
            centred = [added([x, added([mean], -1.0)]) for x in xs]
            if training:
                variance = added([multiplied(c, c) for c in centred], 1 / n)
                for k, new, size in ((m, mean.x, mean.size), (v, variance.x * n / (n - 1), 2 * variance.size)):
                    buffers[k] = 0.9 * self.data[k] + 0.1 * new, abs(self.data[k]) + size
            scale = multiplied(self.leaf(g), inverse_root(added([variance, constant(EPS)])))
            columns.append([added([multiplied(c, scale), self.leaf(b)]) for c in centred])
        if training:
            buffers[count] = self.data[count] + 1, 0.0
        return [list(row) for row in zip(*columns)]

    # --------------------------------------------------------------------------------------------- optimizers

    def new_optimizer(self, kind: str, places: list[int], lr: float) -> None:
        self.optimizer = {"kind": kind, "places": places, "lr": lr, "steps": 0, "m": {}, "v": {}}

    def step(self) -> dict[int, float]:
        """Where the parameters move: momentum 0.9 (Polyak), or Adam (Kingma & Ba), with its usual settings."""
        o, moved = self.optimizer, {}
        o["steps"] += 1
        for i, k in enumerate(o["places"]):
            g, m, v = self.grad[k], o["m"].get(i, 0.0), o["v"].get(i, 0.0)
            if o["kind"] == "SGD":
                o["m"][i] = 0.9 * m + g
                moved[k] = self.data[k] - o["lr"] * o["m"][i]
            else:
                o["m"][i], o["v"][i] = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g * g
                m_hat, v_hat = o["m"][i] / (1 - 0.9 ** o["steps"]), o["v"][i] / (1 - 0.999 ** o["steps"])
                moved[k] = self.data[k] - o["lr"] * m_hat / (math.sqrt(v_hat) + 1e-8)
        return moved


# ----------------------------------------------------------------------------------------------------- the machine


class Twin:
    """A model with its optimizer, its numbers by place, and the plain lists that it must agree with."""

    def __init__(self, model: Any, optimizer: Any, held: list[Any], plain: Plain) -> None:
        self.model, self.optimizer, self.held, self.plain = model, optimizer, held, plain
        self.program: Any = None
        self.pending: Any = None  # a loss, what it should be, and how often its parameters had been assigned to

    def settle(self, attribute: str, expected: dict[int, tuple[float, float]]) -> None:
        """Compare some numbers; then take over the last digits, so that roundings don't add up from step to step."""
        ours = getattr(self.plain, attribute)
        for k, (x, slack) in expected.items():
            there = getattr(self.held[k], attribute)
            assert abs(there - x) <= slack
            ours[k] = there
            self.plain.assigned[k] += attribute == "data"

    def received(self, loss: Number) -> None:
        grad = self.plain.grad
        self.settle("grad", {k: (grad[k] + g, ULPS * (loss.sizes[k] + abs(grad[k]))) for k, g in loss.slopes.items()})


def new_twin() -> Twin:
    """Two neurons; two in a bypass, of which one has the weights of the very first; norm, dropout, and an MLP."""
    model = nn.Sequential(
        nn.Layer(2, 2, "tanh", seed=0),
        nn.Residual(nn.Layer(2, 2, "linear", seed=1)),
        nn.BatchNorm(2, eps=EPS),
        nn.Dropout(0.5, seed=3),
        nn.MLP(2, [2, 1], "tanh", seed=2),
    )
    first, bypass, norm, _, head = model.layers
    bypass.module.neurons[1].w = first.neurons[0].w
    held: list[Any] = []

    def place(part: Any) -> Any:
        if isinstance(part, (list, tuple)):
            return tuple([place(x) for x in part])
        if part not in held:
            held.append(part)
        return held.index(part)

    def dense(layer: Any) -> Any:
        return ("dense", layer.activation, *[(place(neuron.w), place(neuron.b)) for neuron in layer.neurons])

    numbers = (norm.weight, norm.bias, norm.running_mean, norm.running_var, norm.num_batches_tracked)
    layers = [dense(first), ("residual", dense(bypass.module)), ("norm", *map(place, numbers)), ("dropout",)]
    layers.append(("chain", *map(dense, head.layers)))
    plain = Plain(layers, [v.data for v in held])
    plain.new_optimizer("SGD", plain.parameters(), 0.1)
    return Twin(model, nn.SGD(model.parameters(), 0.1, momentum=0.9), held, plain)


COPIES: dict[str, Callable[[Any], Any]] = {
    "deepcopy": copy.deepcopy,
    **{f"pickle {p}": lambda whole, p=p: pickle.loads(pickle.dumps(whole, p)) for p in (0, 5)},
}
which = st.integers(0, 2)
batches = st.sampled_from(BATCHES)


class Models(RuleBasedStateMachine):
    """Up to three models, of which the later ones are copies of earlier ones; and what was saved of any of them."""

    def __init__(self) -> None:
        super().__init__()
        self.twins = [new_twin()]
        self.folder = tempfile.TemporaryDirectory()
        self.saved: list[tuple[Any, Path, Plain, bool]] = []

    def teardown(self) -> None:
        if sys.exc_info()[0] is None:  # at the end of a program in which nothing failed
            for i in range(len(self.twins)):
                self.epilogue(i)
        self.folder.cleanup()

    def epilogue(self, i: int) -> None:
        """What each program ends with: training is taken back by a file, and a program notices what training does."""
        for finish in (lambda: self.save(i, True), lambda: self.load(i, 0, True, True)):
            self.set_mode(i, -1, True)
            self.forward(i, BATCHES[0], True, True)
            self.step(i)
            finish()
        for mode in (False, True, False):
            self.set_mode(i, -1, mode)
            self.compiled(i, BATCHES[0], True)
            self.forward(i, BATCHES[0], True, True)
            self.step(i)
            self.backward(i)
        self.all_is_as_in_the_lists()

    def twin(self, i: int) -> Twin:
        return self.twins[-1 - i % len(self.twins)]

    def refused(self, twin: Twin, batch: Any) -> bool:
        """Whether BatchNorm would have to learn from too few examples."""
        least = max(
            [2 for layer, on in zip(twin.plain.layers, twin.plain.training) if layer[0] == "norm" and on], default=1
        )
        return len(batch[0]) < least

    @rule(i=which, batch=batches, recorded=st.booleans(), at_once=st.booleans())
    def forward(self, i: int, batch: Any, recorded: bool, at_once: bool) -> None:
        t = self.twin(i)
        with nullcontext() if recorded else autograd.no_grad():
            if self.refused(t, batch):
                with pytest.raises(ValueError, match="at least 2"):
                    t.model.batch(batch[0])
                return
            loss = nn.mse_loss(t.model.batch(batch[0]), batch[1])
        expected, buffers = t.plain.loss(batch)
        assert abs(loss.data - expected.x) <= ULPS * expected.size
        t.settle("data", {k: (x, ULPS * size) for k, (x, size) in buffers.items()})
        if recorded:
            t.pending = loss, expected, {k: t.plain.assigned[k] for k in expected.slopes}
            if at_once:
                self.backward(i)
        else:
            loss.backward()  # of a leaf: it reaches no parameter

    @rule(i=which)
    def backward(self, i: int) -> None:
        """backward() of the last loss, again or late: refused if one of its parameters was moved or loaded since."""
        t = self.twin(i)
        if t.pending is None:
            return
        loss, expected, assigned = t.pending
        if any(t.plain.assigned[k] != times for k, times in assigned.items()):
            with pytest.raises(RuntimeError, match="assigned"):
                loss.backward()
        else:
            loss.backward()
            t.received(expected)

    @rule(i=which, batch=batches, recorded=st.booleans())
    def compiled(self, i: int, batch: Any, recorded: bool) -> None:
        t = self.twin(i)
        model = t.model
        t.program = t.program or autograd.compile(lambda x, y: (model(x) - y) ** 2, model.parameters())
        with nullcontext() if recorded else autograd.no_grad():
            if any(layer[0] == "norm" and on for layer, on in zip(t.plain.layers, t.plain.training)):
                with pytest.raises(ValueError, match="at least 2"):
                    t.program(*batch)
                return
            loss = t.program(*batch)
        expected, _ = t.plain.loss(batch)
        assert abs(loss - expected.x) <= ULPS * expected.size
        if recorded:
            t.received(expected)

    @rule(i=which)
    def step(self, i: int) -> None:
        t = self.twin(i)
        t.optimizer.step()
        lr, data = t.plain.optimizer["lr"], t.plain.data
        # the formulas are the same; a step of Adam is of the order of lr, one of SGD lr times its velocity
        moved = {k: (x, ULPS * (abs(data[k]) + abs(x) + lr)) for k, x in t.plain.step().items()}
        t.settle("data", moved)

    @rule(i=which, everything=st.booleans())
    def zero_grad(self, i: int, everything: bool) -> None:
        t = self.twin(i)
        (t.model if everything else t.optimizer).zero_grad()
        for k in t.plain.parameters() if everything else t.plain.optimizer["places"]:
            t.plain.grad[k] = 0.0

    @rule(i=which, part=st.integers(-1, 4), mode=st.booleans())
    def set_mode(self, i: int, part: int, mode: bool) -> None:
        t = self.twin(i)
        n = len(t.plain.layers)
        if part < 0:
            t.model.train(mode)
            t.plain.training = [mode] * n
        else:
            t.model.layers[part % n].train(mode)
            t.plain.training[part % n] = mode

    @rule(i=which, part=st.integers(-1, 4), kind=st.sampled_from(["SGD", "Adam"]), lr=st.sampled_from([0.1, 0.01]))
    def new_optimizer(self, i: int, part: int, kind: str, lr: float) -> None:
        """For all parameters, or those of one layer, so that the others are frozen."""
        t = self.twin(i)
        part %= len(t.plain.layers) + 1
        layers = t.plain.layers[part : part + 1] or t.plain.layers
        if not t.plain.parameters(layers):
            return
        module = t.model.layers[part] if part < len(t.plain.layers) else t.model
        options = {"momentum": 0.9} if kind == "SGD" else {}
        t.optimizer = getattr(nn, kind)(module.parameters(), lr=lr, **options)
        t.plain.new_optimizer(kind, t.plain.parameters(layers), lr)

    @precondition(lambda self: any(len(t.plain.layers) > 1 for t in self.twins))
    @rule(i=which, part=st.integers(0, 3))
    def delete_a_layer(self, i: int, part: int) -> None:
        """Any but the last; the optimizer goes on moving its parameters, and a program must notice it."""
        t = self.twin(i)
        if len(t.plain.layers) > 1:
            part %= len(t.plain.layers) - 1
            del t.model.layers[part], t.plain.layers[part], t.plain.training[part]

    @precondition(lambda self: len(self.twins) < 3)
    @rule(i=which, how=st.sampled_from(list(COPIES)))
    def copied(self, i: int, how: str) -> None:
        t = self.twin(i)
        model, optimizer, held = COPIES[how]((t.model, t.optimizer, t.held))
        self.twins.append(Twin(model, optimizer, held, copy.deepcopy(t.plain)))

    @precondition(lambda self: len(self.twins) > 1)
    @rule(i=which)
    def forget(self, i: int) -> None:
        self.twins.remove(self.twin(i))

    @precondition(lambda self: len(self.saved) < 3)
    @rule(i=which, with_optimizer=st.booleans())
    def save(self, i: int, with_optimizer: bool) -> None:
        t, path = self.twin(i), Path(self.folder.name, f"{len(self.saved)}.json")
        nn.save(t.model, path, optimizer=t.optimizer if with_optimizer else None)
        self.saved.append((t.model.state_dict(), path, copy.deepcopy(t.plain), with_optimizer))

    @precondition(lambda self: self.saved)
    @rule(i=which, j=which, file=st.booleans(), with_optimizer=st.booleans())
    def load(self, i: int, j: int, file: bool, with_optimizer: bool) -> None:
        """Load a file, with or without the optimizer's state, or a dict. What doesn't fit changes nothing."""
        t, (state, path, old, has_optimizer) = self.twin(i), self.saved[-1 - j % len(self.saved)]
        mine, its = t.plain.optimizer, old.optimizer
        with_optimizer &= file
        fits = t.plain.layers == old.layers
        if with_optimizer:
            fits &= has_optimizer and mine["kind"] == its["kind"] and len(mine["places"]) == len(its["places"])
        with nullcontext() if fits else pytest.raises(ValueError, match="state"):
            if file:
                nn.load(t.model, path, optimizer=t.optimizer if with_optimizer else None)
            else:
                t.model.load_state_dict(state)
        if fits:
            for k in t.plain.state():
                t.plain.data[k] = old.data[k]
                t.plain.assigned[k] += 1
            if with_optimizer:
                t.plain.optimizer = {**copy.deepcopy(its), "places": mine["places"]}
                t.plain.random.setstate(old.random.getstate())

    # ---------------------------------------------------------------------------------------------- what holds

    @invariant()
    def all_is_as_in_the_lists(self) -> None:
        for t in self.twins:
            assert [v.data for v in t.held] == t.plain.data
            assert [v.grad for v in t.held] == t.plain.grad
            assert t.model.parameters() == [t.held[k] for k in t.plain.parameters()]
            assert t.optimizer.params == [t.held[k] for k in t.plain.optimizer["places"]]
            assert [layer.training for layer in t.model.layers] == t.plain.training


TestModels = pytest.mark.slow(Models.TestCase)
TestModels.settings = settings(max_examples=settings().max_examples // 2)
if "STATE_MACHINE_EXAMPLES" in os.environ:
    TestModels.settings = settings(max_examples=int(os.environ["STATE_MACHINE_EXAMPLES"]), stateful_step_count=100)
