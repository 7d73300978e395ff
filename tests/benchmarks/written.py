"""Sums that are written out, and rows that are looked up, against what the package has for them.

`python -m tests.benchmarks.written` prints the table. Both of a pair run the same numbers in turns, forward and
backward; the table has the medians, and how many calls of NumPy each takes.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
from threadpoolctl import threadpool_limits

import autograd
import nn
from autograd import Value

from .measure import Row
from .programs import in_turns

RNG = random.Random(0)


class Pair(NamedTuple):
    """A function in two ways: as it is written out, and by the package; with their parameters, and a batch."""

    name: str
    written: Callable[..., Any]
    package: Callable[..., Any]
    parameters: Sequence[Value]
    batches: Sequence[Any]


def matrix(m: int, k: int) -> list[list[Value]]:
    """m rows of k weights."""
    return [[Value(RNG.uniform(-1, 1) * k**-0.5) for _ in range(k)] for _ in range(m)]


def flat(*matrices: list[list[Value]]) -> list[Value]:
    """The weights of some matrices."""
    return [w for matrix in matrices for row in matrix for w in row]


def lecture() -> Pair:
    """A multilayer perceptron as lectures write it, after micrograd."""
    model = nn.MLP(2, [16, 16, 1], "tanh", seed=0)

    def written(x: Any) -> Any:
        for layer in model.layers:
            z = [sum((w * v for w, v in zip(n.w, x)), n.b) for n in layer.neurons]
            x = [v.tanh() for v in z]
        return z[0]

    rng = np.random.default_rng(0)
    batches = rng.normal(size=(100, 2)), rng.choice([-1.0, 1.0], 100)
    losses = [lambda x, y, f=f: (f(x) - y) ** 2 for f in (written, model)]
    return Pair("MLP(2, [16, 16, 1]), tanh, 100 points", *losses, model.parameters(), batches)


def block() -> Pair:
    """The two matrices of a transformer's block, by microgpt's `linear(x, w)`."""
    a, b = matrix(64, 16), matrix(16, 64)

    def linear(x: Any, w: Any) -> Any:
        return [sum(wi * xi for wi, xi in zip(wo, x)) for wo in w]

    def by_dot(x: Any, w: Any) -> Any:
        return [autograd.dot(wo, x) for wo in w]

    def loss(layer: Callable[[Any, Any], Any]) -> Callable[[Any], Any]:
        return lambda x: autograd.mean([y * y for y in layer([h.relu() for h in layer(x, a)], b)])

    batch = np.random.default_rng(0).normal(size=(100, 16))
    return Pair("microgpt's `linear`, 16 to 64 to 16", loss(linear), loss(by_dot), flat(a, b), [batch])


def attention() -> Pair:
    """Scores q·k and weighted sums of values, two heads of 4 numbers for 6 letters, each after those before it."""
    weights = matrix(8, 8), matrix(8, 8), matrix(8, 8)

    def loss(product: Callable[[Any, Any], Any]) -> Callable[[Any], Any]:
        def attend(xs: Any) -> Any:
            qs, ks, vs = [[[product(w, x) for w in matrix] for x in xs] for matrix in weights]
            out = []
            for t, q in enumerate(qs):
                for head in (slice(0, 4), slice(4, 8)):
                    share = autograd.softmax([product(q[head], k[head]) / 2 for k in ks[: t + 1]])
                    out += [product(share, column) for column in zip(*[v[head] for v in vs[: t + 1]])]
            return autograd.mean([y * y for y in out])

        return attend

    batch = np.random.default_rng(0).normal(size=(20, 6, 8))
    return Pair(
        "attention of 6 letters",
        loss(lambda a, b: sum(x * y for x, y in zip(a, b))),
        loss(autograd.dot),
        flat(*weights),
        [batch],
    )


def look_up() -> Pair:
    """A row of a table, against the product with the one-hot vector of its number."""
    table = matrix(200, 16)

    def one_hot(i: Any) -> Any:
        return [autograd.lookup.chosen(i, column) for column in zip(*table)]

    losses = [lambda i, f=f: autograd.mean([v * v for v in f(i)]) for f in (one_hot, lambda i: autograd.take(table, i))]
    batch = np.random.default_rng(0).integers(0, 200, 100)
    return Pair("a row of 16 out of 200, by a product and by `take`", *losses, flat(table), [batch])


def written_out() -> list[Row]:
    """The rows of the table: what, written out, by the package, and how many times its time that is."""
    rows: list[Row] = []
    with threadpool_limits(1):
        for pair in (lecture(), block(), attention(), look_up()):
            programs = [autograd.compile(f, pair.parameters) for f in (pair.written, pair.package)]
            losses = [program(*pair.batches) for program in programs]
            assert abs(losses[0] - losses[1]) < 1e-12
            calls = [program.explain(*pair.batches).calls for program in programs]
            package, written = [lambda p=p, given=pair.batches: p(*given) for p in reversed(programs)]
            times = in_turns({"package": package, "written": written}, 21)
            shown = [f"{1e6 * times[name][0]:,.0f} µs, {n} calls" for name, n in zip(("written", "package"), calls)]
            rows.append((pair.name, *shown, f"{times['written'][1]:.2f}×"))
    return rows


def main() -> None:
    """Print the table, as Markdown."""
    print("| forward and backward, compiled | written out | by the package | |\n|---|---|---|---|")
    for row in written_out():
        print("| " + " | ".join(row) + " |", flush=True)


if __name__ == "__main__":
    main()
