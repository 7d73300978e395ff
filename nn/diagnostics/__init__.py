"""What goes on inside a network, layer by layer: gradients, signals, saturated and dead units."""

from .by_layer import ByLayer, dead_share, gradient_norms, gradient_variance, saturated_share, signal_variance

__all__ = ["ByLayer", "dead_share", "gradient_norms", "gradient_variance", "saturated_share", "signal_variance"]
