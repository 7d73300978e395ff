"""One training step of a small network, and its gradient, against micrograd's.

Most of micrograd's time goes into Python's garbage collector, which walks over its closures again and again while the
graph grows. So the step is timed twice: with the collector on, as it is unless one turns it off, and with it off.
"""

from __future__ import annotations

import gc
import random
from collections.abc import Callable
from statistics import median

import micrograd.engine
import micrograd.nn
from sklearn.datasets import make_moons

import nn
from autograd import Value, mean, relu

from .measure import Row, paired, seconds


def moons_step() -> list[Row]:
    """One training step of the MLP (2, 16, 16, 1) on 100 points: hinge loss, gradients, gradient descent."""
    points, labels = make_moons(100, noise=0.1, random_state=1)
    xs, ts = points.tolist(), (2 * labels - 1).tolist()
    random.seed(1)
    theirs = micrograd.nn.MLP(2, [16, 16, 1])
    ours = nn.MLP(2, [16, 16, 1], seed=1)
    weights = paired(ours, theirs)
    for p, q in weights:
        p.data = q.data
    optimizer = nn.SGD(ours.parameters(), lr=0.1)

    def our_forward() -> Value:
        loss: Value = mean([relu(1 - t * ours(x)) for x, t in zip(xs, ts)])
        return loss

    def our_step() -> float:
        loss = our_forward()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return loss.data

    def their_step() -> float:
        scores = [theirs([micrograd.engine.Value(v) for v in x]) for x in xs]
        losses = [(1 + -t * s).relu() for s, t in zip(scores, ts)]
        loss = sum(losses) * (1.0 / len(losses))
        theirs.zero_grad()
        loss.backward()
        for p in theirs.parameters():
            p.data -= 0.1 * p.grad
        return loss.data

    def check(losses: list[float]) -> float:
        return max(abs(losses[0] - losses[1]), *(abs(p.grad - q.grad) for p, q in weights))

    gc.collect()
    mine, peer, worst = _in_turns(our_step, their_step, check)
    gc.disable()
    mine_off, peer_off, worst_off = _in_turns(our_step, their_step, check)
    gc.enable()
    worst = max(worst, worst_off)
    assert worst < 1e-9, f"losses or gradients differ by {worst}"

    forwards, totals = [], []
    for _ in range(40):
        forwards.append(seconds(our_forward))
        totals.append(seconds(lambda: our_forward().backward()))
    return [
        (
            "training step of MLP(2, 16, 16, 1) on 100 points",
            f"{1e3 * mine:.1f} ms",
            f"{1e3 * peer:.0f} ms",
            f"{peer / mine:.0f} times faster (goal: 50); losses and gradients equal to {worst:.0e}",
        ),
        (
            "the same after `gc.disable()`",
            f"{1e3 * mine_off:.1f} ms",
            f"{1e3 * peer_off:.0f} ms",
            f"{peer_off / mine_off:.0f} times faster: most of micrograd's time goes into Python's collector",
        ),
        (
            "its gradient, forward pass included",
            f"{1e3 * median(totals):.1f} ms",
            "",
            f"{median(totals) / median(forwards):.2f} times the forward pass alone (goal: at most 3)",
        ),
    ]


def _in_turns(
    ours: Callable[[], float], theirs: Callable[[], float], check: Callable[[list[float]], float]
) -> tuple[float, float, float]:
    """The median times of our step and of theirs, and the worst that `check` finds after a step of both."""
    our_times, their_times, worst = [], [], 0.0
    for _ in range(11):
        losses: list[float] = []
        our_times.append(seconds(lambda: losses.append(ours())))  # noqa: B023
        their_times.append(seconds(lambda: losses.append(theirs())))  # noqa: B023
        worst = max(worst, check(losses))
        gc.collect()  # what theirs leaves, while it is off; and so that ours doesn't pay for it
    return median(our_times), median(their_times), worst
