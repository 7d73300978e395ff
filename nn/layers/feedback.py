"""Feedback alignment: gradients go back to the inputs through fixed random weights in place of the neuron's own.

A brain could do that, which knows no transposed weights (Lillicrap et al. 2016). Outputs stay the same, and so do the
formulas for the gradients of w and b: they are applied to what then arrives.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any, Protocol

from autograd import Value
from autograd.basics.groups import Floats
from autograd.ops import dot
from autograd.value import group

from ..module import Buffer
from .inputs import detached


class Aligned(Protocol):
    """A neuron of `nin` inputs, with a weight of feedback for each."""

    nin: int
    feedback: tuple[Buffer, ...]


def draw_feedback(neurons: Sequence[Aligned], rng: random.Random) -> None:
    """Draw the feedback; after all weights, so that a seed gives the same of these with it as without."""
    for neuron in neurons:
        bound = neuron.nin**-0.5
        neuron.feedback = tuple(Buffer(rng.uniform(-bound, bound)) for _ in range(neuron.nin))


def aligned_dot(w: Sequence[Any], x: tuple[Any, ...], b: Any, feedback: Sequence[Buffer]) -> Value:
    """w·x + b, whose derivative with respect to x is the feedback: the second term is 0, with a slope."""
    back = dot(Floats([f.data for f in feedback]), x, 0.0)
    still = group(tuple([detached(v) for v in x]), "an input")
    z: Value = dot(w, still, b) + (back - detached(back))
    return z
