"""Optimizers: how parameters move, given their gradients. Each step reads like the algorithm in its paper."""

from __future__ import annotations

import math
from collections.abc import Iterable

from autograd import Value
from autograd.rules import number

from .module import Module


class Optimizer:
    """What all optimizers share: a list of parameters, checked, and the setting of gradients to zero."""

    def __init__(self, params: Iterable[Value], lr: float) -> None:
        if isinstance(params, Module):
            raise TypeError(f"params must be a list of parameters, got {params!r}: pass its parameters()")
        self.params = list(params)
        if not self.params:
            raise ValueError("params must hold at least one parameter, got an empty list")
        for p in self.params:
            if not isinstance(p, Value):
                raise TypeError(f"params must be Values, got {p!r}")
            if p.op:
                raise ValueError(f"params must be leaves, got {p!r}, which was computed by {p.op}")
        if len(set(self.params)) < len(self.params):
            twice = next(p for p in self.params if self.params.count(p) > 1)
            raise ValueError(f"params holds {twice!r} more than once: it would be moved twice a step")
        self.lr = rate("lr", lr)

    def zero_grad(self) -> None:
        """Set the gradient of every parameter to zero."""
        for p in self.params:
            p.grad = 0.0

    def _gradients(self) -> list[float]:
        """The gradients of all parameters; a ValueError that names the first one that is not finite."""
        gradients = [p.grad for p in self.params]
        for p, g in zip(self.params, gradients):
            if not math.isfinite(g):
                raise ValueError(f"the gradient of {p.label or 'a parameter'} is {g}: no parameter was moved")
        return gradients

    def _move(self, moved: list[float]) -> None:
        """Give the parameters their new numbers; a ValueError that names the first one that is not finite."""
        for p, x in zip(self.params, moved):
            if not math.isfinite(x):
                raise ValueError(
                    f"{p.label or 'a parameter'} would become {x}: no parameter was moved; a smaller lr may mend it"
                )
        for p, x in zip(self.params, moved):
            p.data = x


class SGD(Optimizer):
    """Stochastic gradient descent, with momentum (Polyak 1964), Nesterov's (1983), and L2 weight decay.

    Args:
        params: the Values to move.
        lr: the learning rate, how far along the gradient.
        momentum: the share of the last step's velocity that is kept, 0 for none.
        nesterov: look ahead along the velocity, as in Sutskever et al. 2013; needs momentum.
        weight_decay: λ in g + λp, the pull towards zero.

    Raises:
        TypeError: if params are not Values.
        ValueError: if params is empty, holds one twice, or a rate is negative or not finite.

    >>> w = Value(1.0)
    >>> optimizer = SGD([w], lr=0.1)
    >>> (w * w).backward()
    >>> optimizer.step()
    >>> w.data
    0.8
    """

    def __init__(
        self,
        params: Iterable[Value],
        lr: float,
        momentum: float = 0.0,
        nesterov: bool = False,
        weight_decay: float = 0.0,
    ) -> None:
        super().__init__(params, lr)
        self.momentum = rate("momentum", momentum)
        self.nesterov = nesterov
        self.weight_decay = rate("weight_decay", weight_decay)
        if nesterov and not momentum:
            raise ValueError("nesterov=True needs a momentum greater than 0")
        self._velocity: list[float] = [0.0] * len(self.params)

    def step(self) -> None:
        """Move every parameter once.

        Raises:
            ValueError: if a gradient is not finite, or a parameter would not be; then nothing has moved.
        """
        lr, mu, decay = self.lr, self.momentum, self.weight_decay
        velocity, moved = [], []
        for p, g, v in zip(self.params, self._gradients(), self._velocity):
            g += decay * p.data
            v = mu * v + g
            moved.append(p.data - lr * (g + mu * v if self.nesterov else v))
            velocity.append(v)
        self._move(moved)
        self._velocity = velocity


def rate(name: str, x: float) -> float:
    """x as a float; an error that calls it `name` if it is negative or not finite."""
    x = number(x, name)
    if not 0 <= x < math.inf:
        raise ValueError(f"{name} must be a finite number, 0 or greater, got {x!r}")
    return x
