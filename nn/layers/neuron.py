"""Neuron, Layer, MLP: the multilayer perceptron, from its smallest part up.

A neuron is one `dot` node, w·x + b, and one node for its activation; a layer is a list of neurons that look at the same
inputs, an MLP a list of layers. Calling one of them computes a single example. Feedback alignment is in feedback.py.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from autograd import Value
from autograd.basics.messages import shown
from autograd.familiar import elsewhere
from autograd.weighted import weighted_sum

from ..checks import Seed, generator, size
from ..familiar import LAYER
from ..module import Buffer, Module, Parameter
from .activations import Activation, function_of, name_of
from .feedback import aligned_dot, draw_feedback
from .inputs import inputs_for, listed_inputs, outputs_of


class Neuron(Module):
    """φ(w·x + b): a weighted sum of the inputs, and an activation.

    Args:
        nin: the number of inputs.
        activation: the name of any function of one argument in autograd ("relu", "tanh", ...), "linear" for none, or a
            function from a Value to a Value.
        seed: a number that repeats the same weights, or the `random.Random` to draw them from; None draws new ones
            from the operating system. Weights and bias are uniform in ±1/√nin, as in PyTorch's Linear (LeCun et al.
            1998).
        feedback_alignment: True to send gradients back to the inputs through fixed random weights, `feedback`, in place
            of w (Lillicrap et al. 2016): what a brain could do that knows no transposed weights. The gradients of w and
            b are the formulas of backpropagation, applied to what then arrives.

    Raises:
        ValueError: if nin is not a positive integer, or there is no such activation.
        TypeError: if the seed is not one.

    >>> neuron = Neuron(2, activation="tanh", seed=0)
    >>> y = neuron([1.0, -2.0])
    >>> y.op, [p.label for p in neuron.parameters()]
    ('tanh', ['w.0', 'w.1', 'b'])
    """

    def __init__(
        self, nin: int, activation: str | Activation = "relu", seed: Seed = None, *, feedback_alignment: bool = False
    ) -> None:
        self.nin = size("nin", nin)
        function_of(activation)  # an unknown name is refused now, not when the neuron is called
        self.activation = activation
        rng = generator(seed)
        bound = self.nin**-0.5
        self.w = tuple(Parameter(rng.uniform(-bound, bound)) for _ in range(self.nin))
        self.b = Parameter(rng.uniform(-bound, bound))
        self.feedback: tuple[Buffer, ...] = ()
        if feedback_alignment:
            draw_feedback([self], rng)

    def __call__(self, x: Iterable[Value | float] | Value | float) -> Value:
        """The neuron's output for one example.

        Args:
            x: a list of nin Values or numbers; for a single input, that one alone will do.

        Raises:
            ValueError: if there are not nin of them.
            TypeError: if they are anything else.
        """
        return self._fire(inputs_for(x, self.nin, self))

    def _fire(self, x: tuple[Any, ...]) -> Value:
        if len(x) != len(self.w):  # of the layers of a model some may have been taken out, or exchanged
            raise ValueError(f"{self!r} has {len(self.w)} weight{'s' * (len(self.w) != 1)}, for {len(x)} inputs")
        z = aligned_dot(self.w, x, self.b, self.feedback) if self.feedback else weighted_sum(self.w, x, self.b)
        return function_of(self.activation)(z)

    def __repr__(self) -> str:
        return f"Neuron({self.nin}, activation={name_of(self.activation)})"


class Layer(Module):
    """`nout` neurons that look at the same `nin` inputs: φ(Wx + b), row by row.

    Args:
        nin: the number of inputs.
        nout: the number of neurons.
        activation, seed, feedback_alignment: as for `Neuron`.

    Raises:
        ValueError: as `Neuron`.

    >>> layer = Layer(2, 3, activation="linear", seed=0)
    >>> [y.op for y in layer([1.0, 2.0])], layer.activation
    (['dot', 'dot', 'dot'], 'linear')
    """

    def __init__(
        self,
        nin: int,
        nout: int,
        activation: str | Activation = "relu",
        seed: Seed = None,
        *,
        feedback_alignment: bool = False,
    ) -> None:
        self.nin, self.nout = size("nin", nin), size("nout", nout)
        rng = generator(seed)
        self.neurons = [Neuron(nin, activation, rng) for _ in range(nout)]
        if feedback_alignment:
            draw_feedback(self.neurons, rng)

    def __call__(self, x: Iterable[Value | float] | Value | float) -> Any:
        """The layer's outputs for one example: a list of Values, or the Value itself if there is one neuron only."""
        return outputs_of(self._fire(inputs_for(x, self.nin, self)))

    @property
    def activation(self) -> str | Activation:
        """That of the neurons, which have it."""
        return self.neurons[0].activation

    def _fire(self, x: tuple[Any, ...]) -> tuple[Value, ...]:
        return tuple([n._fire(x) if n.__class__ is Neuron else n(x) for n in self.neurons])

    def __repr__(self) -> str:
        return f"Layer({self.nin}, {self.nout}, activation={name_of(self.activation)})"


elsewhere(Layer, LAYER)


class MLP(Module):
    """A multilayer perceptron: layers of neurons, each with the activation but the last, which is linear.

    Args:
        nin: the number of inputs.
        nouts: the number of neurons in each layer, the outputs last.
        activation, seed, feedback_alignment: as for `Neuron`.

    Raises:
        ValueError: as `Neuron`, or if `nouts` is empty.

    >>> model = MLP(3, [4, 4, 1], activation="tanh", seed=0)
    >>> len(model.parameters()), model.layers[0].neurons[1].w[0].label
    (41, 'layers.0.neurons.1.w.0')
    >>> model([2.0, 3.0, -1.0]).op, model.activation
    ('dot', 'tanh')
    """

    def __init__(
        self,
        nin: int,
        nouts: Sequence[int],
        activation: str | Activation = "relu",
        seed: Seed = None,
        *,
        feedback_alignment: bool = False,
    ) -> None:
        if isinstance(nouts, str) or not hasattr(nouts, "__len__") or not len(nouts):
            raise ValueError(f"nouts must list the size of each layer, such as [16, 16, 1], got {shown(nouts)}")
        self.nin = size("nin", nin)
        self.nouts = [size(f"nouts[{i}]", n) for i, n in enumerate(nouts)]
        rng = generator(seed)
        kinds = [activation] * (len(self.nouts) - 1) + ["linear"]
        self.layers = [Layer(n, m, kind, rng) for n, m, kind in zip([self.nin, *self.nouts], self.nouts, kinds)]
        if feedback_alignment:
            draw_feedback([neuron for layer in self.layers for neuron in layer.neurons], rng)

    def __call__(self, x: Iterable[Value | float] | Value | float) -> Any:
        """The network's outputs for one example: a list of Values, or the Value itself if there is only one.

        Args:
            x: a list of nin Values or numbers; for a single input, that one alone will do.

        Raises:
            ValueError: if there are not nin of them.
            TypeError: if they are anything else.
        """
        a = inputs_for(x, self.nin, self)
        for layer in self.layers:
            a = layer._fire(a) if layer.__class__ is Layer else listed_inputs(layer(a))
        return outputs_of(a)

    @property
    def activation(self) -> str | Activation:
        """That of the first layer, which has it; the last layer is linear."""
        return self.layers[0].activation

    def __repr__(self) -> str:
        return f"MLP({self.nin}, {self.nouts}, activation={name_of(self.activation)})"
