"""What Matplotlib draws: a training, its layers, digits, a decision boundary; readable from the last row of a class."""

from .figure import PROJECTOR, write
from .learned import attention_picture, boundary, boundary_picture, digits_picture

__all__ = ["PROJECTOR", "attention_picture", "boundary", "boundary_picture", "digits_picture", "write"]
