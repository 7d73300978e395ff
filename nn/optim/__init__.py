"""Optimizers as their papers have them, and gradient clipping."""

from .clipping import clip_grad_norm, clip_grad_value
from .first_order import SGD, Adagrad, Adam, AdamW, Lion, RMSprop
from .lbfgs import LBFGS
from .optimizer import Optimizer
from .second_order import GaussNewton, Newton
from .vectors import parameters_to_vector, vector_to_parameters

__all__ = [
    "LBFGS", "SGD", "Adagrad", "Adam", "AdamW", "GaussNewton", "Lion", "Newton", "Optimizer", "RMSprop",
    "clip_grad_norm", "clip_grad_value", "parameters_to_vector", "vector_to_parameters",
]  # fmt: skip
