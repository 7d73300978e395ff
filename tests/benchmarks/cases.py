"""What compare.py times: pieces of work that use public names alone, so that every commit can do them.

A case is a function that prepares the work and returns what is timed: a function that does it once. This file runs as a
script, with the `autograd` and `nn` of the commit that PYTHONPATH names; it imports nothing else of the project.
"""

from __future__ import annotations

import gc
import itertools
import json
import math
import os
import random
import subprocess
import sys
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import autograd
import nn
from autograd import Value

Work = Callable[[], object]

CASES: dict[str, Callable[[], Work]] = {}
"""The cases by what the table calls them."""

NAMES = 10
"""So many names the small GPT learns, over and over: as many repetitions make a fair mean."""

PEERS = ("micrograd: ", "plain engine: ")
"""How the names of those cases begin that are other engines' work; kernel.py has them beside ours."""


def case(name: str, *arguments: Any) -> Callable[[Callable[..., Work]], Callable[..., Work]]:
    """Enter a function as the case of this name, prepared with these arguments."""

    def enter(prepare: Callable[..., Work]) -> Callable[..., Work]:
        CASES[name] = lambda: prepare(*arguments)
        return prepare

    return enter


def numbers(n: int, seed: int = 0) -> list[float]:
    """n numbers from a normal distribution, always the same ones."""
    rng = random.Random(seed)
    return [rng.gauss(0.0, 1.0) for _ in range(n)]


def matrix(rows: int, columns: int, seed: int = 0) -> list[list[Value]]:
    """A matrix of parameters, as lists of Values."""
    entries = iter(numbers(rows * columns, seed))
    return [[Value(0.2 * next(entries)) for _ in range(columns)] for _ in range(rows)]


# Scalar code as lectures write it, without `dot`: about 50,000 nodes


def linear(x: list[Any], w: list[list[Value]]) -> list[Value]:
    """The product of a matrix and a vector, written out."""
    return [sum(wi * xi for wi, xi in zip(row, x)) for row in w]


@case("perceptron, products written out: forward alone", False)
@case("perceptron, products written out: forward and backward", True)
def perceptron(back: bool) -> Work:
    """A perceptron of two layers, 16 → 32 → 1, on 44 examples."""
    w1, w2 = matrix(32, 16, 1), matrix(1, 32, 2)
    examples = [numbers(16, 3 + k) for k in range(44)]

    def work() -> None:
        losses = []
        for x in examples:
            (y,) = linear([z.tanh() for z in linear(x, w1)], w2)
            losses.append((y - x[0]) ** 2)
        loss = sum(losses) / len(losses)
        if back:
            loss.backward()

    return work


@case("attention, products written out: forward alone", False)
@case("attention, products written out: forward and backward", True)
def attention(back: bool) -> Work:
    """A transformer's layer: 8 tokens of 16 numbers, 4 heads, then a perceptron, 16 → 64 → 16, and a cross-entropy."""
    size, heads, tokens = 16, 4, 8
    width = size // heads
    wq, wk, wv, wo = [matrix(size, size, seed) for seed in range(4)]
    w1, w2 = matrix(4 * size, size, 4), matrix(size, 4 * size, 5)
    embedded = matrix(tokens, size, 6)

    def softmax(logits: list[Value]) -> list[Value]:
        largest = max(v.data for v in logits)
        powers = [(v - largest).exp() for v in logits]
        total = sum(powers)
        return [p / total for p in powers]

    def work() -> None:
        keys: list[list[Value]] = []
        values: list[list[Value]] = []
        losses = []
        for t, x in enumerate(embedded):
            query = linear(x, wq)
            keys.append(linear(x, wk))
            values.append(linear(x, wv))
            mixed = []
            for h in range(0, size, width):
                q = query[h : h + width]
                scores = [sum(a * b for a, b in zip(q, k[h : h + width])) / width**0.5 for k in keys]
                weights = softmax(scores)
                mixed += [sum(w * v[h + j] for w, v in zip(weights, values)) for j in range(width)]
            x = [a + b for a, b in zip(linear(mixed, wo), x)]
            x = [a + b for a, b in zip(linear([z.relu() for z in linear(x, w1)], w2), x)]
            losses.append(-softmax(x)[t].log())
        loss = sum(losses) / len(losses)
        if back:
            loss.backward()

    return work


# Training, step by step


def moons() -> tuple[list[list[float]], list[float]]:
    """100 points of two moons, and -1 or 1 for each."""
    rng = random.Random(1)
    angles = [math.pi * i / 49 for i in range(50)]
    points = [[math.cos(a), math.sin(a)] for a in angles] + [[1 - math.cos(a), 0.5 - math.sin(a)] for a in angles]
    xs = [[v + rng.gauss(0.0, 0.1) for v in point] for point in points]
    return xs, [-1.0] * 50 + [1.0] * 50


@case("moons step, MLP(2, 16, 16, 1) on 100 points")
def moons_step() -> Work:
    """Hinge loss, gradients, gradient descent."""
    xs, ts = moons()
    model = nn.MLP(2, [16, 16, 1], seed=1)
    optimizer = nn.SGD(model.parameters(), lr=0.1)

    def work() -> None:
        loss = autograd.mean([autograd.relu(1 - t * model(x)) for x, t in zip(xs, ts)])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()

    return work


@case("micrograd: the moons step", True)
@case("micrograd: the moons step, the collector off", False)
def step_of_micrograd(collecting: bool) -> Work:
    """The same in micrograd, most of whose time goes into Python's collector while the graph grows."""
    from micrograd.engine import Value as Peer
    from micrograd.nn import MLP

    xs, ts = moons()
    random.seed(1)
    model = MLP(2, [16, 16, 1])

    def work() -> None:
        if not collecting:
            gc.disable()
        try:
            losses = [(1 + -t * model([Peer(v) for v in x])).relu() for x, t in zip(xs, ts)]
            loss = sum(losses) * (1.0 / len(losses))
            model.zero_grad()
            loss.backward()
            for p in model.parameters():
                p.data -= 0.1 * p.grad
        finally:
            gc.enable()

    return work


@case("microgpt step, products written out", False)
@case("microgpt step, products by `dot`", True)
def microgpt_step(by_package: bool) -> Work:
    """A small GPT learns a name, the next one each time; with the script's own Adam, or with dot, softmax, nn.Adam."""
    import microgpt

    names, first = microgpt.start()
    leaves = [Value(x) for x in first]
    if by_package:
        script = microgpt.Script(leaves, autograd.dot, autograd.softmax, nn.cross_entropy)
        optimizer = nn.Adam(leaves, lr=microgpt.LR, betas=microgpt.BETAS, eps=microgpt.EPS)

        def update() -> None:
            optimizer.step()
            optimizer.zero_grad()

    else:
        script, update = microgpt.Script(leaves), microgpt.own_adam(leaves)
    step, plain = microgpt.stepper(script, update), microgpt.plain()
    for name in names[:2]:
        assert math.isclose(step(name), plain(name), rel_tol=1e-12)
    following = itertools.cycle(names[:NAMES])
    return lambda: step(next(following))


@case("plain engine: the microgpt step", True)
@case("plain engine: the microgpt step, the collector off", False)
def step_of_the_plain_engine(collecting: bool) -> Work:
    """The same on an engine as such a script has it."""
    import microgpt

    step, following = microgpt.plain(), itertools.cycle(microgpt.start()[0][:NAMES])

    def work() -> None:
        if not collecting:
            gc.disable()
        try:
            step(next(following))
        finally:
            gc.enable()

    return work


def parameters(n: int = 4192) -> list[Value]:
    """Parameters with gradients, as many as Karpathy's microgpt has."""
    made = [Value(x) for x in numbers(n)]
    autograd.dot(made, numbers(n, 1)).backward()
    return made


@case("`p.data -= lr * p.grad` over 4,192 parameters")
def bare_descent() -> Work:
    """The update as every lecture writes it."""
    made, lr = parameters(), 1e-9

    def work() -> None:
        for p in made:
            p.data -= lr * p.grad

    return work


@case("Adam: the step alone over 4,192 parameters")
def adam_step() -> Work:
    """The rule, its checks and its memory."""
    return nn.Adam(parameters(), lr=1e-6).step


@case("Adam: zero_grad and step over 4,192 parameters", "Adam")
@case("SGD: zero_grad and step over 4,192 parameters", "SGD")
def optimizer_step(name: str) -> Work:
    """What a training loop does besides forward and backward."""
    optimizer = getattr(nn, name)(parameters(), lr=1e-6)

    def work() -> None:
        optimizer.step()
        optimizer.zero_grad()

    return work


# Nodes


@case("1,000 of `a.tanh()`", lambda a, b: a.tanh())
@case("1,000 of `a * 2.5`", lambda a, b: a * 2.5)
@case("1,000 of `a * b`", lambda a, b: a * b)
@case("1,000 of `a + b`", lambda a, b: a + b)
def nodes(operation: Callable[[Value, Value], Value]) -> Work:
    """Making nodes, and freeing them."""
    a, b = Value(0.3), Value(0.7)

    def work() -> None:
        for _ in range(1000):
            operation(a, b)

    return work


@case("100 of `dot` of 16")
def dots() -> Work:
    """Making nodes as a layer of 16 inputs does."""
    (w,), (x,) = matrix(1, 16, 1), matrix(1, 16, 2)
    dot = autograd.dot

    def work() -> None:
        for _ in range(100):
            dot(w, x)

    return work


@case("backward of 1,000 `a.tanh()`", lambda a, b: a.tanh())
@case("backward of 1,000 `a * b`", lambda a, b: a * b)
@case("backward of 1,000 `a + b`", lambda a, b: a + b)
def backward_of_nodes(operation: Callable[[Value, Value], Value]) -> Work:
    """The backward pass alone, over nodes that are there already."""
    a, b = Value(0.3), Value(0.7)
    return autograd.sum([operation(a, b) for _ in range(1000)]).backward


@case("backward of 100 `dot` of 16")
def backward_of_dots() -> Work:
    """The backward pass alone, of a layer."""
    (w,), (x,) = matrix(1, 16, 1), matrix(1, 16, 2)
    return autograd.sum([autograd.dot(w, x) for _ in range(100)]).backward


@case("a chain of 10,000: forward, backward, freed", 10_000)
@case("a chain of 1,000,000: forward, backward, freed", 1_000_000)
def chain(n: int, back: bool = True) -> Work:
    """Depth, where the perceptron has breadth."""
    x = Value(1.0)

    def work() -> None:
        y = x
        for _ in range(n):
            y = y + x
        if back:
            y.backward()

    return work


CASES["a chain of 1,000,000: forward, freed"] = lambda: chain(1_000_000, back=False)


@case("a chain of 1,000,000: backward")
def back_along_a_chain() -> Work:
    """The walk, and the chain rule in reverse."""
    y = x = Value(1.0)
    for _ in range(1_000_000):
        y = y + x
    return y.backward


@case("bytes of `a * b`, its number included")
def size_of_a_node() -> Work:
    """What a node takes of the memory."""
    a, b = Value(1.5), Value(2.5)

    def work() -> float:
        nodes: list[Any] = [None] * 10_000
        tracemalloc.start()
        before = tracemalloc.get_traced_memory()[0]
        for i in range(len(nodes)):
            nodes[i] = a * b
        after = tracemalloc.get_traced_memory()[0]
        tracemalloc.stop()
        return (after - before) / len(nodes)

    return work


# Looking at a graph


def small_graph() -> Value:
    """The loss of a small network: some 40 nodes."""
    model = nn.MLP(2, [4, 4, 1], activation="tanh", seed=0)
    loss: Value = (model([0.5, -1.0]) - 0.3) ** 2
    loss.backward()
    return loss


@case("`draw`, the DOT source of a small graph")
def drawing() -> Work:
    """The picture without Graphviz's share."""
    loss = small_graph()
    return lambda: autograd.draw(loss, local_derivatives=True).source


@case("`steps`, a small graph as a table")
def stepping() -> Work:
    """The backward pass, one step at a time."""
    loss = small_graph()
    return lambda: str(autograd.steps(loss))


@case("`grad` of a function of two numbers")
def gradient_of_a_function() -> Work:
    """A small derivative, most of which is what `grad` does besides."""
    slope = autograd.grad(lambda x, y: x * autograd.sin(y) + x**2)
    return lambda: slope(2.0, 0.5)


# Compiled: networks that learn y = a·cos(bx) + x·sin(cx) − d·tanh(ex) at 200 points


def half_squared_error(output: Any, target: Any) -> Any:
    """The loss of one example."""
    return 0.5 * (output - target) ** 2


def seed_network(sizes: list[int]) -> tuple[nn.MLP, list[float], list[float]]:
    """The network, its inputs and its targets."""
    xs = [-5 + i / 20 for i in range(200)]
    a, b, c, d, e = 0.19677237, 0.75164323, 1.1048082, 1.61985818, -0.37817787
    ys = [a * math.cos(b * x) + x * math.sin(c * x) - d * math.tanh(e * x) for x in xs]
    return nn.MLP(1, sizes, "tanh", seed=0), xs, ys


def _of_the_seed_networks(name: str) -> Callable[[Callable[[list[int]], Work]], Callable[[list[int]], Work]]:
    def enter(prepare: Callable[[list[int]], Work]) -> Callable[[list[int]], Work]:
        for sizes in ([10, 1], [10, 10, 1], [10, 10, 10, 10, 10, 1]):
            case(f"{name}, MLP(1, {sizes})", sizes)(prepare)
        return prepare

    return enter


@_of_the_seed_networks("compile and first run")
def compiling(sizes: list[int]) -> Work:
    """Tracing, lowering, and a first step."""
    model, xs, ys = seed_network(sizes)

    def work() -> None:
        autograd.compile(lambda x, y: half_squared_error(model(x), y), model.parameters())(xs, ys)

    return work


@_of_the_seed_networks("`program(X, Y)`")
def calling(sizes: list[int]) -> Work:
    """A call as users make it, of NumPy's arrays: loss and gradients, no update."""
    import numpy as np

    model, xs, ys = seed_network(sizes)
    program = autograd.compile(lambda x, y: half_squared_error(model(x), y), model.parameters())
    arrays = np.array(xs), np.array(ys)
    return lambda: program(*arrays)


@_of_the_seed_networks("`fit(compile=True)`, 1,000 epochs")
def fitting(sizes: list[int]) -> Work:
    """Training with all that `fit` checks and records, tracing included."""
    model, xs, ys = seed_network(sizes)
    optimizer = nn.SGD(model.parameters(), lr=0.001)
    settings: dict[str, Any] = {"optimizer": optimizer, "epochs": 1000, "compile": True, "progress": False}
    return lambda: nn.fit(model, half_squared_error, xs, ys, **settings)


# Imports: in a new Python each, which tells the time itself


@case("import nn", "nn")
@case("import autograd", "autograd")
def importing(package: str) -> Work:
    """What the import adds to the start of Python, from bytecode."""
    program = f"import time; start = time.process_time(); import {package}; print(time.process_time() - start)"
    environment = {name: text for name, text in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return lambda: float(subprocess.check_output([sys.executable, "-c", program], env=environment))


# The process that does the work


def _timed(name: str, work: Work, n: int) -> float:
    """The seconds of one of n repetitions: those of the processor, which don't count when others have it."""
    if name.startswith(("import ", "bytes ")):  # what counts is what it says
        return sum(float(str(work())) for _ in range(n)) / n
    gc.collect()
    start = time.process_time()
    for _ in range(n):
        work()
    return (time.process_time() - start) / n


def main() -> None:
    """Answer each line of input, the name of a case and a number, with the seconds of one of so many repetitions."""
    home = Path(autograd.__file__).resolve().parents[1]
    if home != Path(sys.argv[1]).resolve():
        raise SystemExit(f"PYTHONPATH names {sys.argv[1]}, but autograd comes from {home}")
    name, work = "", None
    for line in sys.stdin:
        wanted, n = json.loads(line)
        try:
            if wanted != name:
                work = None  # what the last case held is let go first
                name, work = wanted, CASES[wanted]()
            assert work is not None
            answer: float | str = _timed(name, work, n)
        except Exception as error:
            answer = f"{type(error).__name__}: {error}"
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
