"""Normalization: BatchNorm, LayerNorm, RMSNorm. Signals of mean 0 and variance 1, then scaled and shifted.

Their backward terms are not written anywhere: they follow from the formulas, node by node.
"""

from __future__ import annotations

import inspect
import math
import sys
from collections.abc import Sequence
from typing import Any

from autograd import dot, mean, rsqrt, sqrt
from autograd.basics.arguments import listed
from autograd.basics.messages import shown
from autograd.basics.setting import assign
from autograd.modes import current, depending
from autograd.value import group

from ..checks import rate, size
from ..module import Buffer, Module, Parameter
from .inputs import listed_inputs, outputs_of


class _Norm(Module):
    """What the three share: the number of features, a learned scale and shift for each, and ε."""

    def __init__(self, features: int, eps: float, *, weight: bool, bias: bool) -> None:
        self.features = features
        self.eps = rate("eps", eps)
        self.weight: list[Any] = [Parameter(1.0) for _ in range(features)] if weight else [1.0] * features
        self.bias: list[Any] = [Parameter(0.0) for _ in range(features)] if bias else [0.0] * features

    def _operands(self, x: Any) -> tuple[Any, ...]:
        xs = group(listed_inputs(x), "an input")
        if len(xs) != self.features:
            raise ValueError(f"{self!r} takes {self.features} inputs, got {len(xs)}")
        return xs

    def __repr__(self) -> str:
        usual = inspect.signature(type(self)).parameters.get("eps")
        eps = f", eps={self.eps!r}" if usual and self.eps != usual.default else ""  # without it, `load` can't tell
        return f"{type(self).__name__}({self.features}{eps})"


class BatchNorm(_Norm):
    """γ(x - μ)/√(σ² + ε) + β, with each feature's mean and variance over the batch (Ioffe & Szegedy 2015).

    In training it takes a whole batch, by `batch()`, which `fit` calls; in evaluation mode one example is normalized by
    the running means and variances of training. What it keeps has the names of PyTorch's BatchNorm1d, whose state dict
    can be loaded; so it counts the batches, too, as `num_batches_tracked`.

    Args:
        num_features: the number of inputs.
        eps: ε, what keeps the root from being 0.
        momentum: the share of a new batch in the running statistics.
        affine: whether there are γ and β to be learned.

    Raises:
        ValueError: if num_features is not a positive integer, eps or momentum is negative, or momentum is more than 1.
        TypeError: if eps or momentum is not a number.

    >>> norm = BatchNorm(1)
    >>> [round(y.data, 4) for y in norm.batch([1.0, 3.0])]
    [-1.0, 1.0]
    >>> norm.running_mean[0].data, round(norm.eval()(1.0).data, 4)
    (0.2, 0.7628)
    """

    minimum_batch = 2

    def __init__(self, num_features: int, eps: float = 1e-5, momentum: float = 0.1, affine: bool = True) -> None:
        super().__init__(size("num_features", num_features), eps, weight=affine, bias=affine)
        if momentum is None:
            raise TypeError("momentum must be a number from 0 to 1: None, PyTorch's mean over all batches, is not here")
        self.momentum = rate("momentum", momentum)
        if self.momentum > 1:
            raise ValueError(f"momentum must be from 0 to 1, got {shown(momentum)}")
        self.running_mean = [Buffer(0.0) for _ in range(self.features)]
        self.running_var = [Buffer(1.0) for _ in range(self.features)]
        self.num_batches_tracked = Buffer(0.0)

    def __call__(self, x: Any) -> Any:
        """The normalized features of one example, in evaluation mode.

        Raises:
            ValueError: in training mode, where one example has no variance; or if it hasn't as many features.
        """
        if depending(lambda: self.training):
            mend = "call model.batch([x1, x2, ...])" if current().trace is None else "it can't be trained compiled"
            raise ValueError(
                f"{self!r} in training mode needs a batch of at least 2 examples: {mend}, or"
                " model.eval() to use the running statistics"
            )
        return self._evaluated(self._operands(x))

    def batch(self, examples: Sequence[Any]) -> list[Any]:
        """The normalized features of each example; in training mode the running statistics take their share of it.

        A batch whose mean or variance is not finite leaves them as they are. What a `checkpoint` computes again counts
        once.

        Raises:
            ValueError: in training mode, for a batch of one; or if an example hasn't as many features.
        """
        rows = [self._operands(x) for x in listed(examples, "examples", "inputs")]
        if not self.training:
            return [self._evaluated(row) for row in rows]
        n = len(rows)
        if n < 2:
            raise ValueError(f"{self!r} in training mode needs a batch of at least 2 examples, got {n}")
        columns, means, variances = [], [], []
        for column, gamma, beta in zip(zip(*rows), self.weight, self.bias):
            mu = mean(column)
            centred = [x - mu for x in column]
            var = dot(centred, centred) / n
            scale = gamma / sqrt(var + self.eps)
            columns.append([x * scale + beta for x in centred])
            means.append(_number(mu))
            variances.append(_number(var) * n / (n - 1))  # the running variance is the unbiased one
        running = [*self.running_mean, *self.running_var]
        moved = [r.data + self.momentum * (x - r.data) for r, x in zip(running, [*means, *variances])]
        if all(map(math.isfinite, moved)) and not current().again:  # one bad batch would spoil them for good
            count = self.num_batches_tracked
            assign([*running, count], "data", [*moved, count.data + 1])
        return [outputs_of(row) for row in zip(*columns)]

    def _evaluated(self, xs: tuple[Any, ...]) -> Any:
        statistics = zip(self.running_mean, self.running_var)
        return outputs_of(
            [
                (x - average.data) * (gamma / sqrt(variance.data + self.eps)) + beta
                for x, gamma, beta, (average, variance) in zip(xs, self.weight, self.bias, statistics)
            ]
        )


class LayerNorm(_Norm):
    """γ(x - μ)/√(σ² + ε) + β, with the mean and variance over the features of one example (Ba et al. 2016).

    Args:
        normalized_shape: the number of inputs.
        eps: ε, what keeps the root from being 0.
        elementwise_affine: whether there are γ and β to be learned.
        bias: whether there is a β, if so.

    Raises:
        ValueError: if normalized_shape is not a positive integer, or eps is negative.

    >>> [round(y.data, 4) for y in LayerNorm(2)([1.0, 3.0])]
    [-1.0, 1.0]
    """

    def __init__(
        self, normalized_shape: int, eps: float = 1e-5, elementwise_affine: bool = True, bias: bool = True
    ) -> None:
        n = size("normalized_shape", normalized_shape)
        super().__init__(n, eps, weight=elementwise_affine, bias=elementwise_affine and bias)

    def __call__(self, x: Any) -> Any:
        """The normalized features of one example.

        Raises:
            ValueError: if it hasn't as many features.
        """
        xs = self._operands(x)
        mu = mean(xs)
        centred = [x - mu for x in xs]
        scale = rsqrt(dot(centred, centred) / len(xs) + self.eps)
        return outputs_of([gamma * (x * scale) + beta for x, gamma, beta in zip(centred, self.weight, self.bias)])


class RMSNorm(_Norm):
    """γx/√(mean x² + ε): LayerNorm without the mean (Zhang & Sennrich 2019).

    Args:
        normalized_shape: the number of inputs.
        eps: ε, what keeps the root from being 0; that of PyTorch is the distance from 1.0 to the next float.
        elementwise_affine: whether there is a γ to be learned.

    Raises:
        ValueError: if normalized_shape is not a positive integer, or eps is negative.

    >>> [round(y.data, 4) for y in RMSNorm(2)([3.0, 4.0])]
    [0.8485, 1.1314]
    """

    def __init__(
        self, normalized_shape: int, eps: float = sys.float_info.epsilon, elementwise_affine: bool = True
    ) -> None:
        super().__init__(size("normalized_shape", normalized_shape), eps, weight=elementwise_affine, bias=False)

    def __call__(self, x: Any) -> Any:
        """The normalized features of one example.

        Raises:
            ValueError: if it hasn't as many features.
        """
        xs = self._operands(x)
        scale = rsqrt(dot(xs, xs) / len(xs) + self.eps)
        return outputs_of([gamma * (x * scale) for x, gamma in zip(xs, self.weight)])


def _number(x: Any) -> float:
    return float(getattr(x, "data", x))
