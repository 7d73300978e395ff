"""Digits and moons: examples in classes."""

from __future__ import annotations

import argparse
import random
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import ClassVar

from autograd import no_grad

from .. import data, pictures
from ..layers.containers import Sequential
from ..layers.neuron import MLP, Layer
from ..layers.noise import Dropout
from ..losses.accuracy import accuracy
from ..module import Module
from .job import Job, Parts

_MOST_WEIGHTS = 1_000_000  # some 200 bytes each, and a second for a step


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
