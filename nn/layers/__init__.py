"""Modules: neurons and what is built of them, norms, recurrent cells, noise, embeddings."""

from .activations import PReLU
from .attention import CausalSelfAttention
from .cells import GRUCell, LSTMCell, RNNCell
from .containers import Residual, Sequential
from .embedding import Embedding
from .generating import generate
from .linear import Linear
from .neuron import MLP, Layer, Neuron
from .noise import Dropout, normal_rsample
from .normalization import BatchNorm, LayerNorm, RMSNorm
from .sequences import GRU, LSTM, RNN, detach
from .transformer import GPT, TransformerBlock

__all__ = [
    "GPT", "GRU", "LSTM", "MLP", "RNN", "BatchNorm", "CausalSelfAttention", "Dropout", "Embedding", "GRUCell",
    "LSTMCell", "Layer", "LayerNorm", "Linear", "Neuron", "PReLU", "RMSNorm", "RNNCell", "Residual", "Sequential",
    "TransformerBlock", "detach", "generate", "normal_rsample",
]  # fmt: skip
