"""Initialization: first weights, drawn so that signals and gradients keep their size on their way through a network.

A layer already has weights when it is made, uniform in ±1/√nin. The functions here draw others, as the papers named
beside them do; they differ only in the width of the distribution. They set the biases to 0 and return what they were
given, so that they can stand around it. Two authors gave their first name or their last to a scheme: `he_normal` is
`kaiming_normal`, and `glorot_normal` is `xavier_normal`.

>>> from nn import MLP
>>> model = kaiming_normal(MLP(2, [16, 16, 1], activation="relu"), seed=0)
>>> model.layers[0].neurons[0].b.data
0.0
"""

# isort: off
from .schemes import (
    constant, gain, kaiming_normal, kaiming_uniform, lecun_normal, xavier_normal, xavier_uniform, zeros,
)  # fmt: skip
# isort: on

he_normal, he_uniform = kaiming_normal, kaiming_uniform
glorot_normal, glorot_uniform = xavier_normal, xavier_uniform

__all__ = [
    "constant", "gain", "glorot_normal", "glorot_uniform", "he_normal", "he_uniform", "kaiming_normal",
    "kaiming_uniform", "lecun_normal", "xavier_normal", "xavier_uniform", "zeros",
]  # fmt: skip
