"""A small neural-network library on top of autograd: MLPs that are built from neurons, and what it takes to train them.

>>> import nn
>>> model = nn.MLP(2, [4, 1], activation="tanh", seed=0)
>>> optimizer = nn.SGD(model.parameters(), lr=0.1)
>>> loss = nn.mse_loss(model([1.0, 2.0]), 0.5)
>>> loss.backward()
>>> optimizer.step()
>>> nn.mse_loss(model([1.0, 2.0]), 0.5) < loss
True
"""

from . import diagnostics
from .layers import Dropout, Embedding, PReLU, Residual, Sequential, normal_rsample
from .losses import accuracy, binary_cross_entropy_with_logits, cross_entropy, hinge_loss, mse_loss
from .module import Buffer, Module, Parameter
from .neuron import MLP, Layer, Neuron
from .normalization import BatchNorm, LayerNorm, RMSNorm
from .optim import SGD
from .saving import load, save
from .training import History, fit

__all__ = [
    "MLP", "SGD", "BatchNorm", "Buffer", "Dropout", "Embedding", "History", "Layer", "LayerNorm", "Module", "Neuron",
    "PReLU", "Parameter", "RMSNorm", "Residual", "Sequential", "accuracy", "binary_cross_entropy_with_logits",
    "cross_entropy", "diagnostics", "fit", "hinge_loss", "load", "mse_loss", "normal_rsample", "save",
]  # fmt: skip
