"""Causal self-attention: each position of a sequence looks back, and takes a weighted mean of what it finds there."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from autograd import dot, softmax

from ..checks import Seed, flag, generator, size
from ..module import Module
from .inputs import in_order, inputs_for, listed_inputs
from .linear import Linear

Past = tuple[list[Any], list[Any]]
"""The keys and the values of the positions so far, each a list with a list for every head."""


def attend(query: Sequence[Any], keys: Sequence[Any], values: Sequence[Any]) -> tuple[list[Any], list[Any]]:
    """What one query finds: a = softmax(k·q/√d) over the keys k, and Σ a v, the mean of the values v that it weighs.

    Args:
        query: q, a list of d Values or numbers.
        keys: at least one list of d of them.
        values: as many lists as there are keys.

    Returns:
        The weighted mean of the values, and the weights, which sum to 1. The root keeps k·q at the size of one product
        however many there are (Vaswani et al. 2017, section 3.2.1).

    >>> found, weights = attend([2.0, 0.0], [[0.0, 1.0], [0.0, -1.0]], [[1.0], [3.0]])
    >>> found, weights
    ([2.0], [0.5, 0.5])
    """
    scale = len(query) ** -0.5
    weights = softmax([dot(key, query) * scale for key in keys])
    return [dot(weights, column) for column in zip(*values)], weights


class CausalSelfAttention(Module):
    """Attention with several heads in which a position sees itself and those before it (Vaswani et al. 2017).

    From the vector x of each position three linear maps make a query, a key and a value. Head by head, the query looks
    at the keys up to its own position and brings back the mean of their values (`attend`). What the heads bring, one
    after the other, goes through a fourth linear map.

    Args:
        n_embd: the length of a position's vector, which is shared out among the heads.
        n_head: the number of heads, a divisor of it.
        bias: whether the four maps have biases.
        seed: as for `Neuron`.

    Raises:
        ValueError: if a size is not a positive integer, or n_head does not divide n_embd.
        TypeError: if the seed is not one, or bias is neither True nor False.

    >>> attention = CausalSelfAttention(4, n_head=2, seed=0)
    >>> y = attention([[1.0, 0.0, 0.0, 0.0], [0.0, 1.0, 0.0, 0.0]])
    >>> len(y), len(y[0]), len(attention.parameters())
    (2, 4, 64)
    >>> [[round(a, 2) for a in row] for row in attention.weights([[4.0, 0.0, 0.0, 0.0], [0.0, 4.0, 0.0, 0.0]])[1]]
    [[1.0], [0.55, 0.45]]
    """

    def __init__(self, n_embd: int, n_head: int, bias: bool = False, seed: Seed = None) -> None:
        self.n_embd, self.n_head = size("n_embd", n_embd), size("n_head", n_head)
        if self.n_embd % self.n_head:
            raise ValueError(f"n_head must divide n_embd, got {self.n_head} heads for {self.n_embd} numbers")
        flag("bias", bias)
        rng = generator(seed)
        self.query, self.key, self.value, self.projection = [
            Linear(self.n_embd, self.n_embd, bias, rng) for _ in range(4)
        ]

    def __call__(self, xs: Iterable[Any], past: Past | None = None) -> list[list[Any]]:
        """What each position becomes.

        Args:
            xs: the sequence, a list of T lists of n_embd Values or numbers.
            past: the keys and values of the positions before, two lists, to which those of xs are added: `([], [])` at
                first. With it a sequence can be given one position at a time. None stands for no positions before.

        Returns:
            T lists of n_embd Values.

        Raises:
            ValueError: if the sequence is empty, or an item of it has another length.
            TypeError: if it holds anything but Values and numbers.
        """
        return [listed(self.projection([y for found, _ in heads for y in found])) for heads in self._looking(xs, past)]

    def weights(self, xs: Iterable[Any]) -> list[list[list[float]]]:
        """How much each position takes from those up to it, as numbers.

        Args:
            xs: as for a call.

        Returns:
            For each head a list with a row for each position: its weights for the positions 0, 1, …, up to itself.

        Raises:
            ValueError, TypeError: as a call.
        """
        rows = [[[getattr(a, "data", a) for a in weights] for _, weights in heads] for heads in self._looking(xs, None)]
        return [list(head) for head in zip(*rows)]

    def _looking(self, xs: Iterable[Any], past: Past | None) -> list[list[tuple[list[Any], list[Any]]]]:
        """For each position, what each head finds, and with what weights."""
        keys, values = ([], []) if past is None else past
        looking = []
        for x in sequence_for(xs, self.n_embd, self):
            keys.append(self._heads(self.key(x)))
            values.append(self._heads(self.value(x)))
            looking.append([attend(q, k, v) for q, k, v in zip(self._heads(self.query(x)), zip(*keys), zip(*values))])
        return looking

    def _heads(self, x: Any) -> list[tuple[Any, ...]]:
        """The vector's share for each head."""
        x, d = listed_inputs(x), self.n_embd // self.n_head
        return [x[i : i + d] for i in range(0, self.n_embd, d)]

    def __repr__(self) -> str:
        bias = "" if self.query.bias is None else ", bias=True"
        return f"CausalSelfAttention({self.n_embd}, n_head={self.n_head}{bias})"


def sequence_for(xs: Any, n: int, owner: Module) -> list[tuple[Any, ...]]:
    """The positions of a sequence as groups of n operands, all looked at before the first is used."""
    steps = in_order(xs, f"{owner!r} takes a sequence, a list of lists of {n} numbers")
    if not steps:
        raise ValueError(f"the sequence is empty: {owner!r} needs at least one position")
    groups = []
    for t, x in enumerate(steps):
        try:
            groups.append(inputs_for(x, n, owner))
        except (TypeError, ValueError, OverflowError) as cause:
            raise type(cause)(f"position {t} of the sequence (counted from 0): {cause}") from None
    return groups


def listed(x: Any) -> list[Any]:
    """What a module returned, as a list even if it is one number."""
    return list(listed_inputs(x))
