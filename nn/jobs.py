"""What `python -m nn` can learn: jobs, each with its data, network, loss and settings, and what is told at the end."""

from __future__ import annotations

import argparse
import math
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any, ClassVar

from autograd import Value, no_grad

from . import data, pictures
from .generating import generate
from .layers.containers import Sequential
from .layers.neuron import MLP, Layer
from .layers.noise import Dropout
from .layers.transformer import GPT
from .losses.accuracy import accuracy
from .losses.classes import cross_entropy
from .losses.numbers import hinge_loss
from .module import Module
from .training.evaluate import evaluate

Parts = dict[str, tuple[list[Any], list[Any]]]
"""Inputs and targets, by the name of the part."""

_MOST_WEIGHTS = 1_000_000  # some 200 bytes each, and a second for a step


@dataclass(frozen=True)
class Job:
    """One thing to learn, with settings that work for it."""

    title: str
    load: Callable[..., data.Split]
    loss: Callable[[Any, Any], Value]
    epochs: int
    batch_size: int
    optimizer: ClassVar[str]
    lr: ClassVar[float | None] = None
    """A learning rate of its own, or None for the one that suits the optimizer."""

    def model(self, options: argparse.Namespace) -> Module:
        """The network that the options of the command line ask for; a ValueError for what it can't have."""
        raise NotImplementedError

    def begin(self, model: Module, options: argparse.Namespace) -> None:
        """Print what the network does before it has learned anything."""

    def tell(self, model: Module, parts: Parts, options: argparse.Namespace) -> None:
        """Print what it has learned."""
        raise NotImplementedError

    def draw(self, model: Module, split: data.Split, path: Path) -> None:
        """Draw what it has learned."""
        raise NotImplementedError


@dataclass(frozen=True)
class Classes(Job):
    """Examples in classes, told apart by an MLP."""

    inputs: int
    outputs: int
    hidden: list[int]
    optimizer: ClassVar[str] = "sgd"

    def model(self, options: argparse.Namespace) -> Module:
        """An MLP, or with dropout a Sequential."""
        sizes = [self.inputs, *(options.hidden or self.hidden)]
        if sum([(nin + 1) * nout for nin, nout in pairwise([*sizes, self.outputs])]) > _MOST_WEIGHTS:
            too_many = f"more than {_MOST_WEIGHTS:,} weights, too many for scalar neurons"
            raise ValueError(f"--hidden: such a network has {too_many}")
        if not options.dropout:
            return MLP(self.inputs, [*sizes[1:], self.outputs], activation=options.activation, seed=options.seed)
        rng = random.Random(options.seed)
        layers: list[Module] = []
        for nin, nout in pairwise(sizes):
            layers += [Layer(nin, nout, options.activation, rng), Dropout(options.dropout, rng)]
        return Sequential(*layers, Layer(sizes[-1], self.outputs, "linear", rng))

    def tell(self, model: Module, parts: Parts, options: argparse.Namespace) -> None:
        """The share of right answers in each part."""
        with no_grad():
            shares = {part: accuracy([model(x) for x in inputs], targets) for part, (inputs, targets) in parts.items()}
        print("accuracy: " + ", ".join(f"{share:.1%} on the {part} data" for part, share in shares.items()))

    def draw(self, model: Module, split: data.Split, path: Path) -> None:
        """The digits that it took for others, or where the plane is cut."""
        if self.inputs == 2:
            pictures.boundary_picture(model, split.train_inputs, split.train_targets, path)
            return
        with no_grad():
            answers = [max(range(10), key=model(x).__getitem__) for x in split.test_inputs]
        pictures.digits_picture(split.test_inputs, answers, split.test_targets, path)


@dataclass(frozen=True)
class Names(Job):
    """Names, letter by letter, by a GPT."""

    optimizer: ClassVar[str] = "adam"
    lr: ClassVar[float | None] = 0.01

    def model(self, options: argparse.Namespace) -> Module:
        """A GPT of one block."""
        for option in ("hidden", "dropout"):
            if getattr(options, option):
                raise ValueError(f"--{option} is for digits and moons: names has a GPT of one block")
        return GPT(27, 16, n_layer=1, n_head=4, n_embd=16, activation=options.activation, seed=options.seed)

    def begin(self, model: Module, options: argparse.Namespace) -> None:
        """Names of a network that knows nothing."""
        print(f"names before: {', '.join(_drawn(model, options.seed))}")

    def tell(self, model: Module, parts: Parts, options: argparse.Namespace) -> None:
        """The loss on names that it hasn't seen, and names of its own."""
        loss = evaluate(model, self.loss, *parts["test"])
        print(f"test loss {loss:.4g}: as uncertain as between {math.exp(loss):.1f} letters; one that knows nothing, 27")
        print(f"names after: {', '.join(_drawn(model, options.seed))}")

    def draw(self, model: Module, split: data.Split, path: Path) -> None:
        """How each letter of the longest of some names looks back."""
        assert isinstance(model, GPT)
        tokens = max(split.test_inputs[:10], key=len)
        letters = ["·", *data.spelled(tokens)]
        pictures.attention_picture(model.attention_weights(tokens)[0], letters, path)


def _drawn(model: Module, seed: int, n: int = 8) -> Sequence[str]:
    assert isinstance(model, GPT)
    rng = random.Random(seed)
    return [data.spelled(generate(model, [0], model.block_size - 1, stop=0, seed=rng)) for _ in range(n)]


JOBS: dict[str, Job] = {
    "digits": Classes("handwritten digits, 8 x 8 pixels", data.digits, cross_entropy, 12, 32, 64, 10, [32]),
    "moons": Classes("two moons", partial(data.moons, 400), hinge_loss, 40, 20, 2, 1, [16, 16]),
    "names": Names("first names, letter by letter", data.names, cross_entropy, 6, 32),
}
