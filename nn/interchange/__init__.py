"""To PyTorch and back."""

from .interchange import from_torch, to_torch

__all__ = ["from_torch", "to_torch"]
