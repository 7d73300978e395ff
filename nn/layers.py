"""Layers beside the layer of neurons: one after the other, around one another, with noise, and for words.

Each takes one example, a list of Values or numbers, as the layers of neuron.py do; what normalizes stands in
normalization.py, what has a memory in recurrent.py.
"""

from __future__ import annotations

import operator
from collections.abc import Sequence
from numbers import Integral
from typing import Any

from autograd import Value, leaky_relu
from autograd.messages import shown
from autograd.modes import depending, drawn
from autograd.rules import listed, number
from autograd.structure import as_lists, leaves_like, leaves_of, like
from autograd.value import group

from .module import Module, Parameter
from .neuron import Activation, Seed, _name, _phi, _size, generator, listed_inputs, outputs_of
from .optimizer import finite


class Sequential(Module):
    """Modules one after the other: each takes what the one before it returns.

    Args:
        *layers: modules, and activations between them, as for `Neuron`: the name of a function of autograd, or a
            function from a Value to a Value, which is applied to each number.

    Raises:
        ValueError: if there are none, or there is no such activation.
        TypeError: if one of them is anything else.

    >>> from nn import Layer
    >>> model = Sequential(Layer(2, 4, "linear", seed=0), "tanh", Layer(4, 1, "linear", seed=1))
    >>> model([1.0, 2.0]).op, len(model.parameters())
    ('dot', 17)
    """

    def __init__(self, *layers: Module | str | Activation) -> None:
        if not layers:
            raise ValueError("Sequential needs at least one layer, got none")
        for i, layer in enumerate(layers):
            if isinstance(layer, type):
                raise TypeError(
                    f"layers[{i}] is the class {layer.__name__}: make a module of it, {layer.__name__}(...)"
                )
            if not isinstance(layer, (Module, str)) and not callable(layer):
                mend = "pass them one by one"
                raise TypeError(f"layers[{i}] must be a module or an activation, got {shown(layer)}: {mend}")
            if not isinstance(layer, Module):
                _phi(layer)  # an unknown name is refused now, not when the network is called
        self.layers = list(layers)

    def __call__(self, x: Any) -> Any:
        """What the last layer returns for one example."""
        for layer in self.layers:
            x = layer(x) if isinstance(layer, Module) else _each(layer, x)
        return x

    def batch(self, examples: Sequence[Any]) -> list[Any]:
        """What the last layer returns for a batch of examples, each layer seeing the whole of it."""
        xs = list(listed(examples, "examples", "inputs"))
        for layer in self.layers:
            xs = layer.batch(xs) if isinstance(layer, Module) else [_each(layer, x) for x in xs]
        return xs

    def __repr__(self) -> str:
        return f"Sequential({', '.join(repr(x) if isinstance(x, Module) else _name(x) for x in self.layers)})"


def _each(activation: str | Activation, x: Any) -> Any:
    phi, xs = _phi(activation), _numbers(x)
    return outputs_of(xs if phi is None else [phi(v) for v in xs])


def _numbers(x: Any) -> tuple[Any, ...]:
    """One example as a tuple of Values, or of floats; a TypeError for anything else in it."""
    return group(listed_inputs(x), "an input")


class Residual(Module):
    """x + f(x): a layer, and a way around it, along which the gradient arrives undiminished (He et al. 2016).

    Args:
        module: f, with as many outputs as inputs.

    Raises:
        TypeError: if it is not a module.

    >>> from nn import Layer
    >>> block = Residual(Layer(2, 2, "tanh", seed=0))
    >>> [y.op for y in block([1.0, 2.0])]
    ['+', '+']
    """

    def __init__(self, module: Module) -> None:
        if not isinstance(module, Module):
            raise TypeError(f"module must be a Module, got {shown(module)}")
        self.module = module

    def __call__(self, x: Any) -> Any:
        """x + f(x) for one example.

        Raises:
            ValueError: if f has not as many outputs as inputs.
        """
        return self._sum(x, self.module(x))

    def batch(self, examples: Sequence[Any]) -> list[Any]:
        """x + f(x) for each example of a batch, f seeing the whole of it."""
        xs = list(listed(examples, "examples", "inputs"))
        return [self._sum(x, y) for x, y in zip(xs, self.module.batch(xs), strict=True)]

    def _sum(self, x: Any, y: Any) -> Any:
        xs, ys = _numbers(x), _numbers(y)
        if len(xs) != len(ys):
            raise ValueError(f"{self!r} adds outputs to inputs, got {len(xs)} inputs and {len(ys)} outputs")
        return outputs_of([a + b for a, b in zip(xs, ys)])

    def __repr__(self) -> str:
        return f"Residual({self.module!r})"


class PReLU(Module):
    """max(0, x) + w·min(0, x): a leaky ReLU that learns its slope on the left (He et al. 2015).

    Args:
        num_parameters: 1 for one slope that all inputs share, or the number of inputs for one each.
        init: the first slope.

    Raises:
        ValueError: if num_parameters is not a positive integer, or init is not finite.
        TypeError: if init is not a number.

    >>> phi = PReLU()
    >>> [y.data for y in phi([-2.0, 3.0])]
    [-0.5, 3.0]
    """

    def __init__(self, num_parameters: int = 1, init: float = 0.25) -> None:
        init = finite("init", init)
        self.weight = [Parameter(init) for _ in range(_size("num_parameters", num_parameters))]

    def __call__(self, x: Any) -> Any:
        """The activation of each number of one example.

        Raises:
            ValueError: if there are more slopes than one, and not as many inputs.
        """
        xs = _numbers(x)
        return outputs_of([leaky_relu(v, w) for v, w in zip(xs, self._slopes(len(xs)))])

    def _slopes(self, inputs: int) -> list[Parameter]:
        """The slope for each of so many inputs."""
        n = len(self.weight)
        if n not in (1, inputs):
            raise ValueError(f"{self!r} takes {n} inputs, got {inputs}")
        return self.weight * inputs if n == 1 else self.weight

    def __repr__(self) -> str:
        return f"PReLU({len(self.weight)})"


class Dropout(Module):
    """In training, each number is set to 0 with probability p and else divided by 1 - p (Srivastava et al. 2014).

    In evaluation mode it changes nothing: thanks to the division, means are the same.

    Args:
        p: the probability of being dropped, from 0 to less than 1.
        seed: as for `Neuron`; the numbers drawn go on from call to call.

    Raises:
        ValueError: if p is not such a number.
        TypeError: if the seed is not one.

    >>> drop = Dropout(0.5, seed=0)
    >>> drop([1.0, 1.0, 1.0, 1.0])
    [0.0, 0.0, 2.0, 2.0]
    >>> drop.eval()([1.0, 1.0, 1.0, 1.0])
    [1.0, 1.0, 1.0, 1.0]
    """

    def __init__(self, p: float = 0.5, seed: Seed = None) -> None:
        self.p = number(p, "p")
        if not 0 <= self.p < 1:
            raise ValueError(f"p must be a probability from 0 to less than 1, got {shown(p)}")
        self.random = generator(seed)

    def __call__(self, x: Any) -> Any:
        """The numbers of one example, some of them dropped."""
        xs = _numbers(x)
        if not depending(lambda: self.training):
            return outputs_of(xs)
        return outputs_of([v * drawn(self._mask) for v in xs])

    def _mask(self) -> float:
        keep = 1 - self.p
        return 1 / keep if self.random.random() < keep else 0.0

    def __repr__(self) -> str:
        return f"Dropout({self.p})"


class Embedding(Module):
    """A table of learned vectors, a row for each word of a vocabulary (Bengio et al. 2003).

    Args:
        num_embeddings: how many words there are.
        embedding_dim: how many numbers make a vector.
        seed: as for `Neuron`; the first numbers are from the standard normal distribution, as in PyTorch.

    Raises:
        ValueError: if a size is not a positive integer.
        TypeError: if the seed is not one.

    >>> words = Embedding(10, 3, seed=0)
    >>> [v.label for v in words(7)]
    ['weight.7.0', 'weight.7.1', 'weight.7.2']
    """

    def __init__(self, num_embeddings: int, embedding_dim: int, seed: Seed = None) -> None:
        rows, columns = _size("num_embeddings", num_embeddings), _size("embedding_dim", embedding_dim)
        rng = generator(seed)
        self.weight = [tuple(Parameter(rng.gauss(0, 1)) for _ in range(columns)) for _ in range(rows)]

    def __call__(self, index: Any) -> Any:
        """The vector of a word, a list of Parameters; for a list of words, a list of such lists.

        Args:
            index: the number of a word, from 0; or a (nested) list of them.

        Raises:
            TypeError: if it is not an integer.
            ValueError: if there is no such word.
        """
        index = as_lists(index)
        if isinstance(index, (list, tuple)):
            return [self(i) for i in index]
        try:
            k = operator.index(index)
        except TypeError:
            raise TypeError(f"index must be the number of a word, an integer, got {shown(index)}") from None
        if not 0 <= k < len(self.weight):
            raise ValueError(f"index must be a word from 0 to {len(self.weight) - 1}, got {shown(k)}")
        return outputs_of(self.weight[k])

    def __repr__(self) -> str:
        return f"Embedding({len(self.weight)}, {len(self.weight[0])})"


def normal_rsample(mean: Any, std: Any, seed: Seed = None) -> Any:
    """A sample of the normal distribution that can be differentiated: mean + std·ε, with ε standard normal.

    The randomness stands outside of what is learned, so that gradients reach the mean and the standard deviation
    (the reparameterization trick: Kingma & Welling 2014; `Normal.rsample` in PyTorch).

    Args:
        mean: a Value or a number, or a (nested) list of them.
        std: standard deviations, 0 or greater, nested like the mean.
        seed: as for `Neuron`; pass one `random.Random` to go on from sample to sample.

    Returns:
        A sample of each, nested like the mean.

    Raises:
        ValueError: if the two are not nested alike, or a standard deviation is negative.
        TypeError: if they are anything else, or the seed is not one.

    >>> from autograd import Value
    >>> mu, sigma = Value(1.0), Value(2.0)
    >>> z = normal_rsample(mu, sigma, seed=0)
    >>> z.backward()
    >>> mu.grad, sigma.grad == (z.data - 1.0) / 2.0
    (1.0, True)
    """
    rng = generator(seed)
    mean, std = as_lists(mean), as_lists(std)
    means, stds = leaves_of(mean, "mean"), leaves_like(std, mean, ("std", "mean"))
    for s in stds:
        if not (isinstance(s, Value) and s.unknown) and not s >= 0:
            raise ValueError(f"std must be 0 or greater, got {shown(s)}")
    if isinstance(seed, Integral):  # each call begins anew, compiled ones, too
        noise = [rng.gauss(0, 1) for _ in means]
    else:
        noise = [drawn(lambda: rng.gauss(0, 1)) for _ in means]
    return like(mean, iter([m + s * e for m, s, e in zip(means, stds, noise)]))
