"""Neuron, Layer, MLP: the multilayer perceptron, from its smallest part up.

A neuron is one `dot` node, w·x + b, and one node for its activation; a layer is a list of neurons that look at the same
inputs, an MLP a list of layers. Calling one of them computes a single example.
"""

from __future__ import annotations

import difflib
import itertools
import random
from collections.abc import Callable, Iterable, Sequence
from numbers import Integral
from typing import Any

from autograd import Value
from autograd.functions import METHODS
from autograd.messages import shown
from autograd.ops import dot
from autograd.rules import Floats
from autograd.value import group

from .module import Buffer, Module, Parameter

Activation = Callable[[Value], Value]
Seed = int | random.Random | None


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
        self.nin = _size("nin", nin)
        self.activation = activation
        _phi(activation)  # an unknown name is refused now, not when the neuron is called
        rng = generator(seed)
        bound = self.nin**-0.5
        self.w = tuple(Parameter(rng.uniform(-bound, bound)) for _ in range(self.nin))
        self.b = Parameter(rng.uniform(-bound, bound))
        self.feedback: tuple[Buffer, ...] = ()
        if feedback_alignment:
            self._align(rng)

    def _align(self, rng: random.Random) -> None:
        """Draw the feedback; after all weights, so that a seed gives the same of these with it as without."""
        bound = self.nin**-0.5
        self.feedback = tuple(Buffer(rng.uniform(-bound, bound)) for _ in range(self.nin))

    def __call__(self, x: Iterable[Value | float] | Value | float) -> Value:
        """The neuron's output for one example.

        Args:
            x: a list of nin Values or numbers; for a single input, that one alone will do.

        Raises:
            ValueError: if there are not nin of them.
            TypeError: if they are anything else.
        """
        return self._fire(_inputs(x, self.nin, self))

    def _fire(self, x: tuple[Any, ...]) -> Value:
        if len(x) != len(self.w):  # of the layers of a model some may have been taken out, or exchanged
            raise ValueError(f"{self!r} has {len(self.w)} weight{'s' * (len(self.w) != 1)}, for {len(x)} inputs")
        z: Value = self._aligned(x) if self.feedback else dot(self.w, x, self.b)
        phi = _phi(self.activation)
        return z if phi is None else phi(z)

    def _aligned(self, x: tuple[Any, ...]) -> Value:
        """w·x + b, whose derivative with respect to x is the feedback: the second term is 0, with a slope."""
        back = dot(Floats([f.data for f in self.feedback]), x, 0.0)
        still = tuple([detached(v) for v in x])
        z: Value = dot(self.w, group(still, "an input"), self.b) + (back - detached(back))
        return z

    def __repr__(self) -> str:
        return f"Neuron({self.nin}, activation={_name(self.activation)})"


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
        self.nin, self.nout = _size("nin", nin), _size("nout", nout)
        rng = generator(seed)
        self.neurons = [Neuron(nin, activation, rng) for _ in range(nout)]
        if feedback_alignment:
            self._align(rng)

    def __call__(self, x: Iterable[Value | float] | Value | float) -> Any:
        """The layer's outputs for one example: a list of Values, or the Value itself if there is one neuron only."""
        return outputs_of(self._fire(_inputs(x, self.nin, self)))

    def _align(self, rng: random.Random) -> None:
        for neuron in self.neurons:
            neuron._align(rng)

    @property
    def activation(self) -> str | Activation:
        """That of the neurons, which have it."""
        return self.neurons[0].activation

    def _fire(self, x: tuple[Any, ...]) -> tuple[Value, ...]:
        return tuple([n._fire(x) if n.__class__ is Neuron else n(x) for n in self.neurons])

    def __repr__(self) -> str:
        return f"Layer({self.nin}, {self.nout}, activation={_name(self.activation)})"


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
        self.nin = _size("nin", nin)
        self.nouts = [_size(f"nouts[{i}]", n) for i, n in enumerate(nouts)]
        rng = generator(seed)
        sizes = [self.nin, *self.nouts]
        last = len(self.nouts) - 1
        self.layers = [
            Layer(n, m, activation if i < last else "linear", rng) for i, (n, m) in enumerate(itertools.pairwise(sizes))
        ]
        if feedback_alignment:
            for layer in self.layers:
                layer._align(rng)

    def __call__(self, x: Iterable[Value | float] | Value | float) -> Any:
        """The network's outputs for one example: a list of Values, or the Value itself if there is only one.

        Args:
            x: a list of nin Values or numbers; for a single input, that one alone will do.

        Raises:
            ValueError: if there are not nin of them.
            TypeError: if they are anything else.
        """
        a = _inputs(x, self.nin, self)
        for layer in self.layers:
            a = layer._fire(a) if layer.__class__ is Layer else listed_inputs(layer(a))
        return outputs_of(a)

    @property
    def activation(self) -> str | Activation:
        """That of the first layer, which has it; the last layer is linear."""
        return self.layers[0].activation

    def __repr__(self) -> str:
        return f"MLP({self.nin}, {self.nouts}, activation={_name(self.activation)})"


def generator(seed: Seed) -> random.Random:
    """The source of random numbers that a `seed` argument stands for; never the global one."""
    if isinstance(seed, random.Random):
        return seed
    if seed is not None and not isinstance(seed, Integral):
        raise TypeError(f"seed must be an integer, a random.Random or None, got {shown(seed)}")
    return random.Random(None if seed is None else int(seed))


def detached(x: Any) -> Any:
    """The number alone, cut off from the graph: of a Value a new leaf, of a number itself."""
    return x.detach() if isinstance(x, Value) else x


def listed_inputs(x: Any) -> tuple[Any, ...]:
    """One example as a tuple of its numbers, of which there may be one alone."""
    if isinstance(x, (set, frozenset, dict)):
        raise TypeError(f"the inputs must be in order, in a list, got {shown(x)}")
    try:
        return (x,) if isinstance(x, Value) else tuple(x)
    except TypeError:
        return (x,)


def _inputs(x: Any, nin: int, owner: Module) -> tuple[Any, ...]:
    """The inputs as one group of operands, which all neurons of a layer then share."""
    xs = listed_inputs(x)
    if xs and isinstance(xs[0], (list, tuple)):
        many = f"{owner!r} takes one example of {nin} input{'s' * (nin != 1)} at a time"
        raise TypeError(f"an input must be a real number, got {shown(xs[0])}: {many}")
    if len(xs) != nin:
        raise ValueError(f"{owner!r} takes {nin} input{'s' * (nin != 1)}, got {len(xs)}")
    return group(xs, "an input")


def outputs_of(values: Sequence[Any]) -> Any:
    """What a module returns: a list, or the number itself if there is only one."""
    return values[0] if len(values) == 1 else list(values)


def _phi(activation: str | Activation) -> Activation | None:
    """The function that an `activation` argument stands for, None for "linear"."""
    if activation == "linear":
        return None
    if callable(activation):
        return activation
    if not isinstance(activation, str) or activation not in METHODS:
        like = difflib.get_close_matches(activation, ["linear", *METHODS]) if isinstance(activation, str) else []
        mend = ", ".join(map(repr, like or ["relu", "tanh", "linear"]))
        raise ValueError(f"there is no activation {shown(activation)}: try {mend}, or pass a function")
    return METHODS[activation]


def _name(activation: str | Activation) -> str:
    return (
        repr(activation) if isinstance(activation, str) else getattr(activation, "__name__", type(activation).__name__)
    )


def _size(name: str, n: Any) -> int:
    """How many inputs, units or words: a positive integer that memory could hold that many Parameters for."""
    if _count(name, n) > _LARGEST:
        raise ValueError(f"{name} must be at most {_LARGEST:,}, got {shown(n)}")
    return int(n)


_LARGEST = 10**8  # Parameters alone would take 20 GB then


def _count(name: str, n: Any) -> int:
    if not isinstance(n, Integral) or isinstance(n, bool) or n < 1:
        raise ValueError(f"{name} must be a positive integer, got {shown(n)}")
    return int(n)
