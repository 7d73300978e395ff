"""Embedding: a list of learned numbers for each of n things."""

from __future__ import annotations

import operator
from typing import Any

from autograd import take
from autograd.basics.messages import shown
from autograd.lookup import is_unknown
from autograd.transforms.tree import as_lists

from ..checks import Seed, generator, rate, size
from ..module import Module, Parameter
from .inputs import outputs_of


class Embedding(Module):
    """A table of learned vectors, a row for each word of a vocabulary (Bengio et al. 2003).

    Args:
        num_embeddings: how many words there are.
        embedding_dim: how many numbers make a vector.
        seed: as for `Neuron`.
        std: the standard deviation of the first numbers, which are normally distributed around 0; 1 is PyTorch's.

    Raises:
        ValueError: if a size is not a positive integer, or std is negative or not finite.
        TypeError: if the seed is not one, or std is not a number.

    >>> words = Embedding(10, 3, seed=0)
    >>> [v.label for v in words(7)]
    ['weight.7.0', 'weight.7.1', 'weight.7.2']
    """

    def __init__(self, num_embeddings: int, embedding_dim: int, seed: Seed = None, *, std: float = 1.0) -> None:
        rows, columns = size("num_embeddings", num_embeddings), size("embedding_dim", embedding_dim)
        rng, std = generator(seed), rate("std", std)
        self.weight = [tuple(Parameter(rng.normalvariate(0, std)) for _ in range(columns)) for _ in range(rows)]

    def __call__(self, index: Any) -> Any:
        """The vector of a word, a list of Parameters; for a list of words, a list of such lists.

        Args:
            index: the number of a word, from 0; or a (nested) list of them.

        Raises:
            TypeError: if it is not an integer.
            ValueError: if there is no such word.

        Compiled, it is a gather of the rows, whose gradients are added up where they came from.
        """
        index = as_lists(index)
        if isinstance(index, (list, tuple)):
            return [self(i) for i in index]
        if is_unknown(index):
            return outputs_of(take(self.weight, index))
        try:
            k = operator.index(index)
        except TypeError:
            raise TypeError(f"index must be the number of a word, an integer, got {shown(index)}") from None
        if not 0 <= k < len(self.weight):
            raise ValueError(f"index must be a word from 0 to {len(self.weight) - 1}, got {shown(k)}")
        return outputs_of(self.weight[k])

    def __repr__(self) -> str:
        return f"Embedding({len(self.weight)}, {len(self.weight[0])})"
