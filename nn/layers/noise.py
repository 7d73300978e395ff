"""Modules and functions that draw random numbers."""

from __future__ import annotations

from numbers import Integral
from typing import Any

from autograd import Value
from autograd.basics.arguments import number
from autograd.basics.messages import shown
from autograd.modes import depending, drawn
from autograd.transforms.tree import as_lists, leaves_like, leaves_of, like

from ..checks import Seed, generator
from ..module import Module
from .inputs import operands_of, outputs_of


class Dropout(Module):
    """In training, each number is set to 0 with probability p and else divided by 1 - p (Srivastava et al. 2014).

    In evaluation mode it changes nothing: thanks to the division, means are the same.

    Args:
        p: the probability of being dropped, from 0 to less than 1.
        seed: as for `Neuron`; the numbers drawn go on from call to call.

    Raises:
        ValueError: if p is not such a number.
        TypeError: if the seed is not one.

    >>> drop = Dropout(0.5, seed=0)
    >>> drop([1.0, 1.0, 1.0, 1.0])
    [0.0, 0.0, 2.0, 2.0]
    >>> drop.eval()([1.0, 1.0, 1.0, 1.0])
    [1.0, 1.0, 1.0, 1.0]
    """

    def __init__(self, p: float = 0.5, seed: Seed = None) -> None:
        self.p = number(p, "p")
        if not 0 <= self.p < 1:
            raise ValueError(f"p must be a probability from 0 to less than 1, got {shown(p)}")
        self.random = generator(seed)

    def __call__(self, x: Any) -> Any:
        """The numbers of one example, some of them dropped."""
        xs = operands_of(x)
        if not depending(lambda: self.training):
            return outputs_of(xs)
        return outputs_of([v * drawn(self._mask) for v in xs])

    def _mask(self) -> float:
        keep = 1 - self.p
        return 1 / keep if self.random.random() < keep else 0.0

    def __repr__(self) -> str:
        return f"Dropout({self.p})"


def normal_rsample(mean: Any, std: Any, seed: Seed = None) -> Any:
    """A sample of the normal distribution that can be differentiated: mean + std·ε, with ε standard normal.

    The randomness stands outside of what is learned, so that gradients reach the mean and the standard deviation
    (the reparameterization trick: Kingma & Welling 2014; `Normal.rsample` in PyTorch).

    Args:
        mean: a Value or a number, or a (nested) list of them.
        std: standard deviations, 0 or greater, nested like the mean.
        seed: as for `Neuron`; pass one `random.Random` to go on from sample to sample.

    Returns:
        A sample of each, nested like the mean.

    Raises:
        ValueError: if the two are not nested alike, or a standard deviation is negative.
        TypeError: if they are anything else, or the seed is not one.

    >>> from autograd import Value
    >>> mu, sigma = Value(1.0), Value(2.0)
    >>> z = normal_rsample(mu, sigma, seed=0)
    >>> z.backward()
    >>> mu.grad, abs(sigma.grad - (z.data - 1.0) / 2.0) < 1e-15
    (1.0, True)
    """
    rng = generator(seed)
    mean, std = as_lists(mean), as_lists(std)
    means, stds = leaves_of(mean, "mean"), leaves_like(std, mean, ("std", "mean"))
    for s in stds:
        if not (isinstance(s, Value) and s.unknown) and not s >= 0:
            raise ValueError(f"std must be 0 or greater, got {shown(s)}")
    if isinstance(seed, Integral):  # each call begins anew, compiled ones, too
        noise = [rng.normalvariate(0, 1) for _ in means]
    else:
        noise = [drawn(lambda: rng.normalvariate(0, 1)) for _ in means]
    return like(mean, iter([m + s * e for m, s, e in zip(means, stds, noise)]))
