"""What goes on inside a network, layer by layer: gradients, signals, saturated and dead units.

Each function looks at a copy of the model, in the mode (training or evaluation) that the model is in; of the model
itself nothing changes, no gradient, no running statistic, no random generator. What each returns is a dict that plots
itself.

A layer is named by its place in the model. The functions that look at signals look at neurons (`Neuron`, `Layer`,
`MLP`), a layer being the innermost module around them, at each `PReLU`, and at the activations between the modules of a
`Sequential`. A layer that is called several times for an example counts with all its calls.
"""

from ..layers.names import parameters_by_layer
from .by_layer import ByLayer
from .gradients import gradient_norms, gradient_variance
from .signals import dead_share, saturated_share, signal_variance

__all__ = [
    "ByLayer", "dead_share", "gradient_norms", "gradient_variance", "parameters_by_layer", "saturated_share",
    "signal_variance",
]  # fmt: skip
