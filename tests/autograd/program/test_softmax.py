"""A softmax that is written out is the operation that it is, and has all of its digits."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable
from functools import reduce
from typing import Any

import mpmath
import numpy as np
import pytest

import autograd
from autograd import dot, exp, log_softmax, logsumexp, maximum, ops, softmax
from autograd.program import TraceError, compile
from tests.support.compiled import agree, leaf
from tests.support.pages import gradients


def operations(program: Any, *widths: int) -> Counter[Any]:
    task = program.specialization([np.zeros((2, n)) for n in widths]).task("step")
    return Counter([x.op if isinstance(x.op, str) else x.op.name for x in task.operations])


# -------------------------------------------------------------------------------------------- how it may be written


def largest(xs: list[Any]) -> Any:
    return reduce(maximum, xs)


def grown(xs: list[Any]) -> Any:
    top: Any = -math.inf
    for x in xs:
        top = maximum(top, x.detach())
    return top


def by(total: Callable[[list[Any]], Any], top: Callable[[list[Any]], Any] | None = None) -> Callable[[list[Any]], Any]:
    """Powers, of logits less their largest, by their sum."""

    def written(xs: list[Any]) -> list[Any]:
        shift = 0.0 if top is None else top(xs)
        powers = [exp(x - shift) if top else x.exp() for x in xs]
        z = total(powers)
        return [power / z for power in powers]

    return written


def added(xs: list[Any]) -> Any:
    total = 0
    for x in xs:
        total += x
    return total


SPELLINGS: dict[str, Callable[[list[Any]], Any]] = {
    "sum()": by(sum),
    "autograd.sum()": by(autograd.sum),
    "+=": by(added),
    "less the largest": by(sum, largest),
    "less the largest, detached": by(sum, lambda xs: largest(xs).detach()),
    "less the largest of detached numbers": by(autograd.sum, grown),
    "less a number": by(sum, lambda xs: 2.0),
    "times the inverse": lambda xs: [x.exp() * sum([y.exp() for y in xs]) ** -1 for x in xs],
    "times a quotient": lambda xs: [z * x.exp() for z in [1 / sum([y.exp() for y in xs])] for x in xs],
    "times a reciprocal": lambda xs: [x.exp() * autograd.sum([y.exp() for y in xs]).reciprocal() for x in xs],
    "less a logarithm": lambda xs: [exp(x - autograd.log(sum([y.exp() for y in xs]))) for x in xs],
    "less logsumexp": lambda xs: [exp(x - logsumexp(xs)) for x in xs],
}
W = [leaf(0.5), leaf(-1.5), leaf(0.75), leaf(2.0)]
X, Y = np.random.default_rng(0).normal(size=(2, 3, 4))


def loss_by(of: Callable[[list[Any]], Any]) -> Callable[..., Any]:
    """Of lists of two lengths."""
    return lambda xs, ys: sum([dot(of([w * x for w, x in zip(W[:n], xs)]), ys[:n]) for n in (4, 2)])


@pytest.mark.parametrize("name", SPELLINGS)
def test_each_spelling_is_the_same_operations(name: str):
    program, library = [compile(loss_by(of), W, engine="numpy") for of in (SPELLINGS[name], softmax)]
    found = operations(program, 4, 4)
    assert found["softmax"] > 0
    assert found == operations(library, 4, 4)
    assert program.explain(X, Y) == library.explain(X, Y)
    agree(program.fn, W, X, Y, program=program)


@pytest.mark.parametrize("name", SPELLINGS)
def test_each_spelling_has_all_digits_and_overflows_nowhere(name: str):
    logits = [800.25, 800.0, 799.5]
    ws = list(map(leaf, logits))
    found, slopes = gradients(compile(lambda y: y * SPELLINGS[name](ws)[1], ws, engine="numpy"), [1.0])
    softmax(ws)[1].backward()
    assert found == pytest.approx(softmax(logits)[1], rel=1e-15)
    assert slopes == pytest.approx([w.grad for w in ws], rel=1e-14)


def some_of(xs: Any, ys: Any) -> Any:
    """Logits of several kinds, of which some are there twice, one is a constant, and one isn't asked for."""
    rows = [W[0] * xs[0], W[1], xs[1], 0.5, W[0] * xs[0], W[1]]
    first, again = softmax(rows), by(sum, lambda xs: 2.0)(rows[:3] + rows[4:])
    return dot([exp(first[4]), exp(first[1]), first[2], again[1]], ys) + softmax(rows)[1] * again[3]


def prefixes(xs: Any, ys: Any) -> Any:
    """Lists that begin alike, each several times, of which all but the last shares are asked for."""
    rows = [w * x for w, x in zip(W, xs)]
    return sum([exp(p) * y for t in (1, 2, 3, 4, 3) for p, y in zip(softmax(rows[:t])[: t - 1], ys)])


@pytest.mark.parametrize("loss", [some_of, prefixes])
def test_shares_are_chosen_and_repeated_at_will(loss: Any):
    agree(loss, W, X, Y, program=compile(loss, W, engine="numpy"))


def written(ws: Any, xs: Any) -> Any:
    return sum(w * x for w, x in zip(ws, xs))


@pytest.mark.parametrize("n", [3, 6])
def test_attention_that_is_written_out_is_the_operations_of_the_library_from_the_first_position_on(n: int):
    def attention(inner: Any, of: Any) -> Callable[..., Any]:
        def loss(xs: Any, ys: Any) -> Any:
            keys, total = [[W[0] * x, W[1] + x, W[2] * x] for x in xs[:n]], 0.0
            for t, query in enumerate(keys):
                shares = of([inner(key, query) for key in keys[: t + 1]])
                total += dot([inner(shares, [key[i] for key in keys[: t + 1]]) for i in range(3)], ys[:3])
            return total

        return loss

    xs, ys = np.random.default_rng(1).normal(size=(2, 4, 6))
    program = compile(attention(written, by(sum, lambda xs: largest(xs).detach())), W, engine="numpy")
    library = compile(attention(dot, softmax), W, engine="numpy")
    assert operations(program, 6, 6) == operations(library, 6, 6)
    agree(program.fn, W, xs, ys, program=program)


def test_what_looks_at_numbers_is_told_the_function():
    for top in (lambda xs: max(xs), lambda xs: max([x.data for x in xs]), lambda xs: max([x.detach() for x in xs])):
        with pytest.raises(TraceError, match=r"a softmax is autograd.softmax\(xs\)"):
            compile(loss_by(by(sum, top)), W)(X, Y)


@pytest.mark.parametrize("of", [
    lambda xs, ys: [exp(x) / sum([exp(y) for y in ys]) for x in xs],
    lambda xs, ys: [exp(x - logsumexp(ys)) for x in xs],
    lambda xs, ys: [exp(x) / (1 + sum([exp(x) for x in xs])) for x in xs],
    lambda xs, ys: [exp(x) / (sum([exp(x) for x in xs]) + ys[0]) for x in xs],
    lambda xs, ys: [exp(x) * sum([exp(x) for x in xs]) for x in xs],
    lambda xs, ys: [exp(x) * sum([exp(x) for x in xs]) ** -2 for x in xs],
    lambda xs, ys: [exp(x) / exp(y) for x, y in zip(xs, ys)],
    lambda xs, ys: [x / sum(xs) for x in [exp(x - y) for x, y in zip(xs, ys)]][:1] + xs[1:],
], ids=range(8))  # fmt: skip
def test_what_is_no_softmax_of_these_stays_what_it_is(of: Any):
    def loss(xs: Any, ys: Any) -> Any:
        return dot(of([w * x for w, x in zip(W, xs)], [w + y for w, y in zip(W, ys)]), ys)

    program = agree(loss, W, X, Y, program=compile(loss, W, engine="numpy"))
    assert operations(program, 4, 4)["exp"] > 0


# ------------------------------------------------------------------------------------------------------- its digits


@pytest.mark.parametrize("dtype", ["float64", "float32", "float16"])
def test_a_softmax_of_large_numbers_is_as_exact_as_of_small_ones(dtype: Any):
    shares = compile(softmax, dtype=dtype, engine="numpy")
    found = np.array(shares.map([[1000.0, 1000.0, -1000.0], [0.25, 0.25, -3.0]]))
    expected = [softmax([1000.0, 1000.0, -1000.0]), softmax([0.25, 0.25, -3.0])]
    assert found == pytest.approx(np.array(expected), rel=8 * float(np.finfo(dtype).eps))


def exactly(logs: bool, xs: list[Any], i: int) -> Any:
    log = xs[i] - mpmath.log(mpmath.fsum(map(mpmath.exp, xs)))
    return log if logs else mpmath.exp(log)


@pytest.mark.parametrize("logits", [
    [1e6, 1e6 + 0.25, 1e6 - 0.5], [-1000.5, -1000.0, -1002.0], [1e6, -1e6, 0.0], [5.0, 3.0, 20.0],
], ids=str)  # fmt: skip
@pytest.mark.parametrize("i", [0, 1, 2])
@pytest.mark.parametrize("of", [softmax, log_softmax])
def test_one_share_has_all_digits_whatever_the_logits_have_in_common(of: Any, i: int, logits: list[float]):
    ws, logs = list(map(leaf, logits)), of is log_softmax
    found, slopes = gradients(compile(lambda y: y * of(ws)[i], ws, engine="numpy"), [1.0])
    of(ws)[i].backward()
    with mpmath.workdps(60):
        xs = list(map(mpmath.mpf, logits))
        exact = float(exactly(logs, xs, i))
        steep = [mpmath.diff(lambda t, j=j: exactly(logs, [*xs[:j], t, *xs[j + 1 :]], i), xs[j]) for j in range(3)]
    assert found == pytest.approx(of(logits)[i], rel=1e-15, abs=1e-300)
    assert found == pytest.approx(exact, rel=1e-14, abs=1e-300)
    assert slopes == pytest.approx([w.grad for w in ws], rel=1e-15, abs=1e-16)
    assert slopes == pytest.approx(list(map(float, steep)), rel=1e-14, abs=1e-16)


def test_shares_of_which_one_logit_is_a_constant_are_one_softmax():
    w = leaf(0.5)
    program = compile(lambda x: dot(softmax([w * x, 0.0, w + x])[::-1][:2], [2.0, 3.0]), [w], engine="numpy")
    counts = Counter([x.op for x in program.specialization([np.zeros(4)]).task("step").operations])
    assert (counts["softmax"], counts[ops.exp], counts[ops.logsumexp]) == (1, 0, 0)
    agree(program.fn, [w], [0.5, -1.5, 3.0, 0.0], program=program)
