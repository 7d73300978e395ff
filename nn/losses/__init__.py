"""Losses: of numbers, of classes; and the accuracy."""

from .accuracy import accuracy
from .classes import cross_entropy, kl_div, nll_loss
from .numbers import binary_cross_entropy_with_logits, hinge_loss, huber_loss, l1_loss, mse_loss

__all__ = [
    "accuracy", "binary_cross_entropy_with_logits", "cross_entropy", "hinge_loss", "huber_loss", "kl_div", "l1_loss",
    "mse_loss", "nll_loss",
]  # fmt: skip
