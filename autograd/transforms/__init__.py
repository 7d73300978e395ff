"""Functions of functions: gradients, Jacobians, Hessians, products with them, checkpoints, and the check of it all."""

from .checkpointing import checkpoint
from .gradcheck import GradcheckError, gradcheck
from .gradients import grad, gradient, value_and_grad
from .matrices import hessian, jacobian
from .products import hvp, jvp, vjp

__all__ = [
    "GradcheckError", "checkpoint", "grad", "gradcheck", "gradient", "hessian", "hvp", "jacobian", "jvp",
    "value_and_grad", "vjp",
]  # fmt: skip
