"""fit: the training loop. Shuffle, take a batch, forward, backward, step; and again."""

from __future__ import annotations

import gc
import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from autograd import Value, mean
from autograd.structure import as_lists

from .module import Module
from .neuron import Seed, _size, generator
from .optim import SGD


@dataclass
class History:
    """What happened in a training run, epoch by epoch."""

    loss: list[float] = field(default_factory=list)
    """The mean of the loss over the examples of each epoch, each taken when its batch was due."""


def fit(
    model: Module,
    loss: Callable[[Any, Any], Value],
    inputs: Sequence[Any],
    targets: Sequence[Any],
    *,
    optimizer: SGD,
    epochs: int,
    batch_size: int | None = None,
    progress: bool = True,
    seed: Seed = None,
) -> History:
    """Train a model: in every epoch each example is looked at once.

    Args:
        model: called with one of the inputs, it returns an output.
        loss: `loss(output, target)` for one example; a step descends on its mean over the batch.
        inputs: n examples, each what the model takes.
        targets: n targets, each what the loss takes.
        optimizer: the one that moves the model's parameters.
        epochs: how many times to go through the examples.
        batch_size: how many examples make a step; None for all of them. They are shuffled in every epoch, unless a
            batch is all of them.
        progress: whether to show a progress bar (it needs the package tqdm).
        seed: an integer, to repeat the same order; or the `random.Random` to draw it from.

    Returns:
        A History.

    Raises:
        TypeError: if the seed is not one.
        ImportError: if a progress bar is wanted and tqdm is not installed.
        ValueError: if there are no examples, if there are not as many targets, if a size is not a positive integer, or
            if a step fails: the message names it, and the first operation that is not defined or not finite there; the
            parameters are those of the step before.
    """
    inputs, targets = as_lists(inputs), as_lists(targets)
    if len(inputs) != len(targets) or not len(inputs):
        raise ValueError(f"fit needs a target for each input, got {len(inputs)} inputs and {len(targets)} targets")
    if not set(model.parameters()) & set(optimizer.params):
        raise ValueError("the optimizer has no parameter of this model: make a new one, with model.parameters()")
    epochs = _size("epochs", epochs)
    batch_size = len(inputs) if batch_size is None else min(_size("batch_size", batch_size), len(inputs))
    rng = generator(seed)
    order = list(range(len(inputs)))
    history = History()
    steps = epochs * math.ceil(len(order) / batch_size)
    with _progress_bar(steps, progress) as show:
        step = 0
        for epoch in range(1, epochs + 1):
            if batch_size < len(order):
                rng.shuffle(order)
            total = 0.0
            for start in range(0, len(order), batch_size):
                step += 1
                batch = order[start : start + batch_size]
                with _collector_paused():
                    try:
                        cost = mean([loss(model(inputs[i]), targets[i]) for i in batch])
                        if not isinstance(cost, Value) or not cost.op:
                            raise ValueError("the loss depends on no parameter: is this inside of no_grad()?")
                        optimizer.zero_grad()
                        cost.backward()
                        optimizer.step()
                    except (ValueError, ArithmeticError) as cause:
                        raise ValueError(f"training stopped at step {step}: {cause}") from cause
                total += cost.data * len(batch)
                show(epoch, cost.data)
            history.loss.append(total / len(order))
    return history


@contextmanager
def _progress_bar(steps: int, wanted: bool) -> Iterator[Callable[[int, float], None]]:
    if not wanted:
        yield lambda epoch, loss: None
        return
    from tqdm.auto import tqdm

    running: float | None = None
    with tqdm(total=steps, unit="step", dynamic_ncols=True) as bar:

        def show(epoch: int, loss: float) -> None:
            nonlocal running
            running = loss if running is None else 0.95 * running + 0.05 * loss
            bar.set_postfix_str(f"epoch {epoch}, loss {running:.4g}", refresh=False)
            bar.update()

        yield show


@contextmanager
def _collector_paused() -> Iterator[None]:
    """No garbage collection while a graph grows: it would search every new node in vain, for graphs have no cycles."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
