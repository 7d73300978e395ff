"""Names, letter by letter, learned by a GPT that then invents some."""

from __future__ import annotations

import argparse
import math
import random
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from .. import data, pictures
from ..layers.generating import generate
from ..layers.transformer import GPT
from ..module import Module
from ..training.evaluate import evaluate
from .job import Job, Parts


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


def _drawn(model: Module, seed: int, n: int = 8) -> list[str]:
    assert isinstance(model, GPT)
    rng = random.Random(seed)
    return [data.spelled(generate(model, [0], model.block_size - 1, stop=0, seed=rng)) for _ in range(n)]
