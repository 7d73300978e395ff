"""TransformerBlock and GPT: attention and neurons in turn, each adding to what flows past them."""

from __future__ import annotations

import operator
from collections.abc import Iterable
from typing import Any, Literal

from autograd import dot
from autograd.basics.messages import shown
from autograd.lookup import is_unknown

from ..checks import Seed, flag, generator, size
from ..module import Module
from .activations import Activation, function_of, name_of
from .attention import CausalSelfAttention, Past, listed, sequence_for
from .containers import Sequential
from .embedding import Embedding
from .inputs import in_order
from .linear import Linear
from .normalization import LayerNorm, RMSNorm

Norm = Literal["rms", "layer"]


def _norm(kind: Norm, n: int, bias: bool) -> Module:
    if kind == "rms":
        return RMSNorm(n, eps=1e-5)
    if kind == "layer":
        return LayerNorm(n, bias=bias)
    raise ValueError(f"norm must be 'rms' or 'layer', got {shown(kind)}")


class TransformerBlock(Module):
    """x + attention(norm(x)), and of that y + mlp(norm(y)): the norms come first (Xiong et al. 2020).

    Args:
        n_embd: the length of a position's vector.
        n_head: the number of heads, a divisor of it.
        n_hidden: the number of hidden neurons of the MLP; None for four times n_embd.
        activation: of the MLP, as for `Neuron`.
        norm: "rms" for `RMSNorm`, "layer" for `LayerNorm`.
        bias: whether the linear maps, and a LayerNorm, have biases.
        seed: as for `Neuron`.

    Raises:
        ValueError, TypeError: as `CausalSelfAttention` and `Neuron`; or if there is no such norm.

    >>> block = TransformerBlock(4, n_head=2, seed=0)
    >>> y = block([[1.0, 0.0, 0.0, 0.0], [0.0, 1.0, 0.0, 0.0]])
    >>> len(y), y[0][0].op, len(block.parameters())
    (2, '+', 200)
    """

    def __init__(
        self,
        n_embd: int,
        n_head: int,
        n_hidden: int | None = None,
        activation: str | Activation = "relu",
        norm: Norm = "rms",
        bias: bool = False,
        seed: Seed = None,
    ) -> None:
        function_of(activation)
        rng = generator(seed)
        self.n_hidden = size("n_hidden", 4 * size("n_embd", n_embd) if n_hidden is None else n_hidden)
        self.activation, self.norm = activation, norm
        self.attention_norm = _norm(norm, n_embd, bias)
        self.attention = CausalSelfAttention(n_embd, n_head, bias, rng)
        self.mlp_norm = _norm(norm, n_embd, bias)
        self.mlp = Sequential(
            Linear(n_embd, self.n_hidden, bias, rng), activation, Linear(self.n_hidden, n_embd, bias, rng)
        )

    def __call__(self, xs: Iterable[Any], past: Past | None = None) -> list[list[Any]]:
        """What each position becomes.

        Args:
            xs, past: as for `CausalSelfAttention`.

        Returns:
            As many lists of n_embd Values as xs has.

        Raises:
            ValueError, TypeError: as `CausalSelfAttention`.
        """
        xs = sequence_for(xs, self.attention.n_embd, self)
        found = self.attention([self.attention_norm(x) for x in xs], past)
        xs = [_sum(x, y) for x, y in zip(xs, found)]
        return [_sum(x, self.mlp(self.mlp_norm(x))) for x in xs]

    def __repr__(self) -> str:
        a = self.attention
        bias = "" if a.query.bias is None else ", bias=True"
        return (
            f"TransformerBlock({a.n_embd}, n_head={a.n_head}, n_hidden={self.n_hidden},"
            f" activation={name_of(self.activation)}, norm={self.norm!r}{bias})"
        )


def _sum(x: Any, y: Any) -> list[Any]:
    return [a + b for a, b in zip(listed(x), listed(y))]


class GPT(Module):
    """A transformer that says for each position of a sequence how likely each token is next (Radford et al. 2018).

    A token's vector, and that of its position, are looked up and added; blocks of attention and neurons add to the sum;
    a norm and a linear map make of it a logit for each token.

    Args:
        vocab: how many tokens there are.
        block_size: the length of the longest sequence.
        n_layer: the number of blocks.
        n_head, n_embd, activation, norm, bias: as for `TransformerBlock`.
        tied: True to score the tokens by their own vectors, in place of a map of its own (Press & Wolf 2017).
        seed: as for `Neuron`.

    Raises:
        ValueError, TypeError: as `TransformerBlock`; or if tied is neither True nor False.

    >>> model = GPT(vocab=5, block_size=8, n_layer=1, n_head=2, n_embd=4, seed=0)
    >>> logits = model([0, 3, 1])
    >>> len(logits), len(logits[0]), len(model.parameters())
    (3, 5, 276)

    Trained with the targets one position ahead, `cross_entropy` is the mean over the positions:

    >>> import nn
    >>> loss = nn.cross_entropy(model([0, 3, 1]), [3, 1, 0])
    >>> nn.generate(model, [0], 4, seed=1)[0]
    0
    """

    def __init__(
        self,
        vocab: int,
        block_size: int,
        n_layer: int = 1,
        n_head: int = 4,
        n_embd: int = 16,
        *,
        activation: str | Activation = "relu",
        norm: Norm = "rms",
        bias: bool = False,
        tied: bool = False,
        seed: Seed = None,
    ) -> None:
        rng = generator(seed)
        self.vocab, self.block_size = size("vocab", vocab), size("block_size", block_size)
        self.token_embedding = Embedding(vocab, n_embd, rng, std=_STD)
        self.position_embedding = Embedding(block_size, n_embd, rng, std=_STD)
        self.blocks = [
            TransformerBlock(n_embd, n_head, None, activation, norm, bias, rng) for _ in range(size("n_layer", n_layer))
        ]
        self.norm = _norm(norm, n_embd, bias)
        self.head = None if flag("tied", tied) else Linear(n_embd, vocab, bias=False, seed=rng)

    def __call__(self, tokens: Iterable[int], past: list[Past] | None = None) -> list[list[Any]]:
        """The logits of the next token at each position.

        Args:
            tokens: a list of T numbers from 0 to vocab - 1.
            past: what the blocks keep of the tokens before, from `no_past()`, to which these are added. None stands for
                no tokens before.

        Returns:
            T lists of vocab Values.

        Raises:
            ValueError: if there are none, or with those before more than block_size, or one is out of range.
            TypeError: if one is not an integer.
        """
        xs = self._embedded(tokens, len(past[0][0]) if past else 0)
        for i, block in enumerate(self.blocks):
            xs = block(xs, past[i] if past else None)
        return [self._logits(self.norm(x)) for x in xs]

    def no_past(self) -> list[Past]:
        """What a first call adds its keys and values to, an empty pair of lists for each block.

        >>> model = GPT(vocab=5, block_size=8, n_head=2, n_embd=4, seed=0)
        >>> past = model.no_past()
        >>> one_by_one = [model([token], past)[0] for token in (0, 3, 1)]
        >>> [z.data for z in one_by_one[2]] == [z.data for z in model([0, 3, 1])[2]]
        True
        """
        return [([], []) for _ in self.blocks]

    def attention_weights(self, tokens: Iterable[int]) -> list[list[list[list[float]]]]:
        """How much each position takes from those up to it, as numbers.

        Args:
            tokens: as for a call.

        Returns:
            For each block a list with an item for each head, as `CausalSelfAttention.weights` returns it.

        Raises:
            ValueError, TypeError: as a call.

        >>> GPT(vocab=5, block_size=8, n_head=1, n_embd=4, seed=0).attention_weights([3])
        [[[[1.0]]]]
        """
        xs, found = self._embedded(tokens, 0), []
        for block in self.blocks:
            found.append(block.attention.weights([block.attention_norm(x) for x in xs]))
            xs = block(xs)
        return found

    def _embedded(self, tokens: Iterable[int], before: int) -> list[list[Any]]:
        token, position = self.token_embedding, self.position_embedding
        return [_sum(token(x), position(before + t)) for t, x in enumerate(self._fitting(tokens, before))]

    def _fitting(self, tokens: Iterable[int], before: int) -> list[Any]:
        numbers = tokens_for(self, tokens)
        if before + len(numbers) > self.block_size:
            raise ValueError(f"{self!r} takes at most {self.block_size} tokens, got {before + len(numbers)}")
        return numbers

    def _logits(self, x: Any) -> list[Any]:
        if self.head is not None:
            return listed(self.head(x))
        xs = tuple(listed(x))
        return [dot(row, xs) for row in self.token_embedding.weight]

    def __repr__(self) -> str:
        block, tied = self.blocks[0], ", tied=True" if self.head is None else ""
        a = block.attention
        bias = "" if a.query.bias is None else ", bias=True"
        return (
            f"GPT({self.vocab}, {self.block_size}, n_layer={len(self.blocks)}, n_head={a.n_head}, n_embd={a.n_embd},"
            f" activation={name_of(block.activation)}, norm={block.norm!r}{bias}{tied})"
        )


_STD = 0.02  # of the embeddings' first numbers, as in GPT-2: small, so that at first all tokens are about as likely


def tokens_for(model: GPT, tokens: Iterable[int]) -> list[Any]:
    """The tokens as a list of integers; an error if there are none, or the model has no such token."""
    numbers: list[Any] = list(in_order(tokens, f"{model!r} takes a list of tokens"))
    if not numbers:
        raise ValueError(f"tokens is empty: {model!r} needs at least one")
    for t, token in enumerate(numbers):
        if is_unknown(token):
            continue
        try:
            numbers[t] = operator.index(token)
        except TypeError:
            raise TypeError(f"tokens[{t}] must be an integer, got {shown(token)}") from None
        if not 0 <= numbers[t] < model.vocab:
            raise ValueError(f"tokens[{t}] must be from 0 to {model.vocab - 1}, got {shown(token)}")
    return numbers
