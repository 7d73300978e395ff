"""A job of `python -m nn`: its data, network, loss and settings, and what is told and drawn at the end."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from autograd import Value

from .. import data
from ..module import Module

Parts = dict[str, tuple[list[Any], list[Any]]]
"""Inputs and targets, by the name of the part."""


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
