"""One training step of a small network, and its gradient, against micrograd's."""

from __future__ import annotations

import random
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

    our_times, their_times, worst = [], [], 0.0
    for _ in range(7):
        losses: list[float] = []
        our_times.append(seconds(lambda: losses.append(our_step())))  # noqa: B023
        their_times.append(seconds(lambda: losses.append(their_step())))  # noqa: B023
        worst = max(worst, abs(losses[0] - losses[1]))
        worst = max(worst, *(abs(p.grad - q.grad) for p, q in weights))
    for _ in range(40):  # ours alone is quick enough for more
        our_times.append(seconds(our_step))
    assert worst < 1e-9, f"losses or gradients differ by {worst}"

    forwards, totals = [], []
    for _ in range(40):
        forwards.append(seconds(our_forward))
        totals.append(seconds(lambda: our_forward().backward()))
    mine, peer = median(our_times), median(their_times)
    return [
        (
            "training step of MLP(2, 16, 16, 1) on 100 points",
            f"{1e3 * mine:.1f} ms",
            f"{1e3 * peer:.0f} ms",
            f"{peer / mine:.0f} times faster (goal: 50); losses and gradients equal to {worst:.0e}",
        ),
        (
            "its gradient, forward pass included",
            f"{1e3 * median(totals):.1f} ms",
            "",
            f"{median(totals) / median(forwards):.2f} times the forward pass alone (goal: at most 3)",
        ),
    ]
