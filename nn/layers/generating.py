"""generate: tokens drawn one after the other from what a GPT says is likely next."""

from __future__ import annotations

from collections.abc import Iterable
from numbers import Integral
from typing import Any

from autograd import no_grad, softmax
from autograd.basics.messages import shown

from ..checks import Seed, finite, generator, positive_integer
from .transformer import GPT, tokens_for


def generate(
    model: GPT,
    tokens: Iterable[int],
    max_new_tokens: int,
    *,
    temperature: float = 1.0,
    stop: int | None = None,
    seed: Seed = None,
) -> list[int]:
    """A sequence that goes on as the model finds likely, drawn token by token.

    Args:
        model: a `GPT`.
        tokens: how the sequence begins, a list of at least one token.
        max_new_tokens: how many are drawn at most. Where the sequence grows beyond the model's block_size, its last
            block_size tokens decide.
        temperature: the logits are divided by it: below 1 the likely become likelier, above 1 all become more alike.
        stop: a token that ends the sequence, and stands at its end then; None for none.
        seed: as for `Neuron`.

    Returns:
        A list: the tokens given, and those drawn.

    Raises:
        TypeError: if the model is no GPT, or a token is not an integer.
        ValueError: if a token is out of range or there is none, temperature is 0 or less, max_new_tokens is not a
            positive integer, or the model has no token `stop`.

    >>> import nn
    >>> model = nn.GPT(vocab=3, block_size=4, n_head=1, n_embd=2, seed=0)
    >>> sequence = generate(model, [0], 6, seed=0)
    >>> len(sequence), set(sequence) <= {0, 1, 2}
    (7, True)
    """
    if not isinstance(model, GPT):
        raise TypeError(f"model must be a GPT, got {shown(model)}")
    most, t = positive_integer("max_new_tokens", max_new_tokens), finite("temperature", temperature)
    if t <= 0:
        raise ValueError(f"temperature must be greater than 0, got {shown(temperature)}: 0.01 picks the likeliest")
    if stop is not None and (not isinstance(stop, Integral) or not 0 <= stop < model.vocab):
        raise ValueError(f"stop must be a token from 0 to {model.vocab - 1} or None, got {shown(stop)}")
    rng, sequence = generator(seed), tokens_for(model, tokens)
    with no_grad():
        past = model.no_past()
        logits = model(sequence[-model.block_size :], past)[-1]
        for _ in range(most):
            shares: list[Any] = softmax([logit / t for logit in logits])
            sequence += rng.choices(range(model.vocab), weights=[getattr(p, "data", p) for p in shares])
            if sequence[-1] == stop:
                break
            if len(sequence) <= model.block_size:
                logits = model(sequence[-1:], past)[-1]
            else:  # the positions have moved, and so the keys are others
                logits = model(sequence[-model.block_size :])[-1]
    return sequence
