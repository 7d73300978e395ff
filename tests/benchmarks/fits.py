"""An epoch of `fit` on the digits, with all that it checks and records, against the same loop in micrograd."""

from __future__ import annotations

import gc
import random
from statistics import median
from typing import Any

import micrograd.engine
import micrograd.nn

import nn
from nn import data

from .measure import Row, paired, seconds

BATCH, LR = 32, 0.1


def digits_epochs() -> list[Row]:
    """An epoch over all images with ours, over the first 96 (3 steps) with both: all would take the peer minutes."""
    split = data.digits()
    images, digits = split.train_inputs, split.train_targets
    one_hot = [[float(k == digit) for k in range(10)] for digit in digits]
    share = 3 * BATCH
    model = nn.MLP(64, [32, 10], seed=0)
    optimizer = nn.SGD(model.parameters(), lr=LR)

    def fit(loss: Any, inputs: Any, targets: Any) -> nn.History:
        return nn.fit(
            model, loss, inputs, targets, optimizer=optimizer, epochs=1, batch_size=BATCH, seed=0, progress=False
        )

    peer = micrograd.nn.MLP(64, [32, 10])
    weights, start = paired(model, peer), model.state_dict()
    our_times, their_times, worst = [], [], 0.0
    for _ in range(3):
        model.load_state_dict(start)
        for p, q in weights:
            q.data = p.data
        losses: list[float] = []
        gc.collect()  # so that we don't pay for the cycles that the peer has left
        our_times.append(
            seconds(lambda: losses.extend(fit(nn.mse_loss, images[:share], one_hot[:share]).loss))  # noqa: B023
        )
        their_times.append(seconds(lambda: losses.append(_their_epoch(peer, images[:share], one_hot[:share]))))  # noqa: B023
        worst = max(worst, abs(losses[0] - losses[1]), *(abs(p.data - q.data) for p, q in weights))
    assert worst < 1e-9, f"losses or weights differ by {worst}"
    gc.collect()
    mine, their = median(our_times), median(their_times)
    whole = [seconds(lambda: fit(nn.cross_entropy, images, digits)) for _ in range(5)]
    return [
        (
            f"an epoch of `fit` on {share} digits, 3 steps of MLP(64, 32, 10), squared error",
            f"{1e3 * mine:.0f} ms",
            f"{1e3 * their:.0f} ms",
            f"{their / mine:.0f} times faster; losses and weights equal to {worst:.0e}",
        ),
        (
            f"an epoch of `fit` on all {len(images):,} digits, 45 steps, cross-entropy",
            f"{1e3 * median(whole):.0f} ms",
            "",
            "micrograd has no logarithm",
        ),
    ]


def _their_epoch(model: Any, images: Any, targets: Any) -> float:
    """The loop of fit, as one writes it with micrograd; returns the mean loss over the epoch."""
    order, total = list(range(len(images))), 0.0
    random.Random(0).shuffle(order)
    for first in range(0, len(order), BATCH):
        losses = []
        for i in order[first : first + BATCH]:
            outputs = model([micrograd.engine.Value(x) for x in images[i]])
            losses.append(sum((y - t) ** 2 for y, t in zip(outputs, targets[i])) * (1 / len(outputs)))
        loss = sum(losses) * (1 / len(losses))
        model.zero_grad()
        loss.backward()
        for p in model.parameters():
            p.data -= LR * p.grad
        total += loss.data * len(losses)
    return total / len(order)
