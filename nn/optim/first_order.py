"""The optimizers that need gradients only: what each can be set to, and what it remembers.

How a parameter moves, as in the papers, stands in formulas.py; the loop over the parameters and the checks in
optimizer.py; methods that need second derivatives in second_order.py.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

from autograd import Value

from ..checks import finite, rate, share
from .optimizer import Optimizer
from .parameters import checks_of


class SGD(Optimizer):
    """Stochastic gradient descent (Robbins & Monro 1951), with momentum (Polyak 1964), or Nesterov's (1983).

    Args:
        params: the Values to move.
        lr: the learning rate, how far along the gradient.
        momentum: the share of the last step's velocity that is kept, 0 for none.
        nesterov: look ahead along the velocity, as in Sutskever et al. 2013; needs momentum.
        weight_decay: λ in g + λp, the pull towards zero (L2).

    Raises:
        TypeError: if params are not Values, or a setting has the wrong type.
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
        self.momentum, self.nesterov, self.weight_decay = momentum, nesterov, weight_decay

    settings: ClassVar = checks_of(__init__)
    memory: ClassVar = {"momentum_buffer": finite}

    def __setattr__(self, name: str, x: Any) -> None:
        # at all times: a state that has nesterov without momentum could not be loaded
        if (name == "nesterov" and x is True and not self.momentum) or (
            name == "momentum" and x == 0 and getattr(self, "nesterov", False)
        ):
            raise ValueError("nesterov=True needs a momentum greater than 0")
        super().__setattr__(name, x)

    formula: ClassVar = "sgd"

    def _constants(self, t: int) -> tuple[Any, ...]:
        return self.lr, self.momentum, self.nesterov, self.weight_decay


class Adagrad(Optimizer):
    """Steps that shrink with all the gradients that a parameter has seen (Duchi, Hazan & Singer 2011).

    Args:
        params: the Values to move.
        lr: the learning rate η.
        lr_decay: how fast the rate falls besides: η / (1 + (t - 1)·lr_decay).
        weight_decay: λ in g + λp, the pull towards zero (L2).
        initial_accumulator_value: what the sum of squares starts from.
        eps: keeps the quotient finite where there was no gradient so far.

    Raises:
        TypeError, ValueError: as `SGD`.

    >>> w = Value(1.0)
    >>> optimizer = Adagrad([w], lr=0.5)
    >>> (w * w).backward()
    >>> optimizer.step()
    >>> round(w.data, 6)
    0.5
    """

    def __init__(
        self,
        params: Iterable[Value],
        lr: float = 1e-2,
        lr_decay: float = 0.0,
        weight_decay: float = 0.0,
        initial_accumulator_value: float = 0.0,
        eps: float = 1e-10,
    ) -> None:
        super().__init__(params, lr)
        self.lr_decay, self.weight_decay, self.eps = lr_decay, weight_decay, eps
        self.initial_accumulator_value = initial_accumulator_value
        self.state["sum"] = [self.initial_accumulator_value] * len(self.params)

    settings: ClassVar = checks_of(__init__)
    memory: ClassVar = {"sum": rate}

    formula: ClassVar = "adagrad"

    def _constants(self, t: int) -> tuple[Any, ...]:
        return self.lr / (1 + (t - 1) * self.lr_decay), self.weight_decay, self.eps


class RMSprop(Optimizer):
    """Steps in units of the gradients' recent size (Tieleman & Hinton 2012), if centered of their spread (Graves 2013).

    Args:
        params: the Values to move.
        lr: the learning rate η.
        alpha: the share of the mean square that is kept from step to step.
        eps: keeps the quotient finite where there was no gradient so far; outside of the root, as in PyTorch.
        weight_decay: λ in g + λp, the pull towards zero (L2).
        momentum: the share of the last step's velocity that is kept, 0 for none.
        centered: divide by the standard deviation of the gradients, not by their root mean square. The deviation of
            gradients that never change is 0, and such steps are large.

    Raises:
        TypeError, ValueError: as `SGD`; alpha must be less than 1.

    >>> w = Value(1.0)
    >>> optimizer = RMSprop([w], lr=0.01)
    >>> (w * w).backward()
    >>> optimizer.step()
    >>> round(w.data, 6)
    0.9
    """

    def __init__(
        self,
        params: Iterable[Value],
        lr: float = 1e-2,
        alpha: float = 0.99,
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        momentum: float = 0.0,
        centered: bool = False,
    ) -> None:
        super().__init__(params, lr)
        self.alpha, self.eps, self.weight_decay = alpha, eps, weight_decay
        self.momentum, self.centered = momentum, centered

    settings: ClassVar = checks_of(__init__, alpha=share)
    memory: ClassVar = {"square_avg": rate, "grad_avg": finite, "momentum_buffer": finite}

    formula: ClassVar = "rmsprop"

    def _constants(self, t: int) -> tuple[Any, ...]:
        return self.lr, self.alpha, self.eps, self.weight_decay, self.momentum, self.centered


class Adam(Optimizer):
    """Momentum, in units of the gradients' recent size, both corrected for their start from 0 (Kingma & Ba 2015).

    Args:
        params: the Values to move.
        lr: the learning rate, about the most that a parameter moves in a step.
        betas: the shares (β₁, β₂) of the mean gradient and of the mean square that are kept from step to step.
        eps: keeps the quotient finite where there was no gradient so far.
        weight_decay: λ in g + λp, the pull towards zero (L2).

    Raises:
        TypeError, ValueError: as `SGD`; betas must be less than 1.

    >>> w = Value(1.0)
    >>> optimizer = Adam([w], lr=0.1)
    >>> (w * w).backward()
    >>> optimizer.step()
    >>> round(w.data, 6)
    0.9
    """

    def __init__(
        self,
        params: Iterable[Value],
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
    ) -> None:
        super().__init__(params, lr)
        self.betas, self.eps, self.weight_decay = betas, eps, weight_decay

    settings: ClassVar = checks_of(__init__)
    memory: ClassVar = {"exp_avg": finite, "exp_avg_sq": rate}

    formula: ClassVar = "adam"
    decoupled: ClassVar = False

    def _constants(self, t: int) -> tuple[Any, ...]:
        b1, b2 = self.betas
        root = (1 - b2**t) ** 0.5
        rate = self.lr * root / (1 - b1**t)
        return self.lr, rate, b1, b2, self.eps * root, self.weight_decay, self.decoupled


class AdamW(Adam):
    """Adam, with a weight decay that isn't divided by the gradients' size (Loshchilov & Hutter 2019).

    Args:
        params, lr, betas, eps: as for `Adam`.
        weight_decay: λ in p - ηλp, the pull towards zero, apart from the gradient.

    Raises:
        TypeError, ValueError: as `Adam`.

    >>> w = Value(1.0)
    >>> optimizer = AdamW([w], lr=0.1, weight_decay=0.5)
    >>> (w * w).backward()
    >>> optimizer.step()
    >>> round(w.data, 6)
    0.85
    """

    def __init__(
        self,
        params: Iterable[Value],
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 1e-2,
    ) -> None:
        super().__init__(params, lr, betas, eps, weight_decay)

    decoupled: ClassVar = True


class Lion(Optimizer):
    """Steps of one size, along the sign of the momentum (Chen et al. 2023, "evolved sign momentum").

    Args:
        params: the Values to move.
        lr: the learning rate η, how far each parameter moves in every step.
        betas: the shares of the momentum that are kept: β₁ in the direction of this step, β₂ for the next ones.
        weight_decay: λ in p - ηλp, the pull towards zero, apart from the gradient.

    Raises:
        TypeError, ValueError: as `Adam`.

    >>> w = Value(1.0)
    >>> optimizer = Lion([w], lr=0.25)
    >>> (w * w).backward()
    >>> optimizer.step()
    >>> w.data
    0.75
    """

    def __init__(
        self,
        params: Iterable[Value],
        lr: float = 1e-4,
        betas: tuple[float, float] = (0.9, 0.99),
        weight_decay: float = 0.0,
    ) -> None:
        super().__init__(params, lr)
        self.betas, self.weight_decay = betas, weight_decay

    settings: ClassVar = checks_of(__init__)
    memory: ClassVar = {"exp_avg": finite}

    formula: ClassVar = "lion"

    def _constants(self, t: int) -> tuple[Any, ...]:
        return self.lr, *self.betas, self.weight_decay
