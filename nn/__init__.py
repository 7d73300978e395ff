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

# isort: off
import sys
from typing import TYPE_CHECKING

import autograd

if not hasattr(autograd, "Value"):
    raise ImportError(
        f"nn needs the autograd of chainrule, and the one in {next(iter(autograd.__path__))} is HIPS/autograd, which"
        " has the same import name, or what is left of both: `pip uninstall autograd chainrule`, then install chainrule"
        " again, or each in its own environment"
    )

from autograd.familiar import answering

from . import data, diagnostics, init, pictures, schedules
from .familiar import INIT, PACKAGE
from .functional import functional_call, with_parameters
from .gradcheck import gradcheck
from .interchange import from_torch, to_torch
from .layers import (
    GPT, GRU, LSTM, MLP, RNN, BatchNorm, CausalSelfAttention, Dropout, Embedding, GRUCell, Layer, LayerNorm, Linear,
    LSTMCell, Neuron, PReLU, Residual, RMSNorm, RNNCell, Sequential, TransformerBlock, detach, generate,
    normal_rsample,
)  # fmt: skip
from .losses import (
    accuracy, binary_cross_entropy_with_logits, cross_entropy, hinge_loss, huber_loss, kl_div, l1_loss, mse_loss,
    nll_loss,
)  # fmt: skip
from autograd import __version__  # noqa: F401
from .module import Buffer, Module, Parameter
from .optim import (
    LBFGS, SGD, Adagrad, Adam, AdamW, GaussNewton, Lion, Newton, Optimizer, RMSprop, clip_grad_norm, clip_grad_value,
    parameters_to_vector, vector_to_parameters,
)  # fmt: skip
from .schedules import Schedule
from .standardizing import Standardizer
from .training import History, TrainingError, evaluate, fit, load, save
# isort: on

__all__ = [
    "GPT", "GRU", "LBFGS", "LSTM", "MLP", "RNN", "SGD", "Adagrad", "Adam", "AdamW", "BatchNorm", "Buffer",
    "CausalSelfAttention", "Dropout", "Embedding", "GRUCell", "GaussNewton", "History", "LSTMCell", "Layer",
    "LayerNorm", "Linear", "Lion", "Module", "Neuron", "Newton", "Optimizer", "PReLU", "Parameter", "RMSNorm",
    "RMSprop", "RNNCell", "Residual", "Schedule", "Sequential", "Standardizer", "TrainingError", "TransformerBlock",
    "accuracy", "binary_cross_entropy_with_logits", "clip_grad_norm", "clip_grad_value", "cross_entropy", "data",
    "detach", "diagnostics", "evaluate", "fit", "from_torch", "functional_call", "generate", "gradcheck", "hinge_loss",
    "huber_loss", "init", "kl_div", "l1_loss", "load", "mse_loss", "nll_loss", "normal_rsample", "parameters_to_vector",
    "pictures", "save", "schedules", "to_torch", "vector_to_parameters", "with_parameters",
]  # fmt: skip

if not TYPE_CHECKING:  # a type checker that sees this takes every name for one of the package
    __getattr__ = answering(__name__, PACKAGE)
    _elsewhere = dict.fromkeys(__all__, "it is nn.{name}") | PACKAGE | INIT
    for _room in ("data", "diagnostics", "functional", "init", "layers", "losses", "optim", "schedules", "training"):
        sys.modules[f"nn.{_room}"].__getattr__ = answering(f"nn.{_room}", _elsewhere)
