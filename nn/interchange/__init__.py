"""To PyTorch and back."""

from .exporting import to_torch
from .importing import from_torch

__all__ = ["from_torch", "to_torch"]
