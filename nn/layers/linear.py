"""Linear: Wx + b, a layer without an activation. With one, a unit at a time, it is the Layer of neuron.py."""

from __future__ import annotations

from itertools import repeat
from typing import Any

from autograd.weighted import weighted_sum

from ..checks import Seed, flag, generator, size
from ..module import Module, Parameter
from .inputs import inputs_for, outputs_of


class Linear(Module):
    """Wx + b, or Wx: what `Layer` is with the activation "linear", its weights kept as PyTorch keeps them.

    Args:
        nin: the number of inputs.
        nout: the number of outputs.
        bias: whether there is a b.
        seed: as for `Neuron`; a seed gives the same numbers as in a `Layer`.

    Raises:
        ValueError: if nin or nout is not a positive integer.
        TypeError: if the seed is not one, or bias is neither True nor False.

    >>> layer = Linear(3, 2, seed=0)
    >>> [len(row) for row in layer.weight], [b.label for b in layer.bias]
    ([3, 3], ['bias.0', 'bias.1'])
    >>> layer.load_state_dict({"weight": [[1.0, 2.0, 3.0], [0.0, 0.0, 1.0]], "bias": [0.5, 0.0]})
    >>> [y.data for y in layer([1.0, 1.0, 1.0])]
    [6.5, 1.0]
    >>> Linear(3, 2, bias=False).bias is None
    True
    """

    def __init__(self, nin: int, nout: int, bias: bool = True, seed: Seed = None) -> None:
        self.nin, self.nout = size("nin", nin), size("nout", nout)
        rng, bound = generator(seed), self.nin**-0.5
        numbers = self.nin + flag("bias", bias)
        drawn = [[Parameter(rng.uniform(-bound, bound)) for _ in range(numbers)] for _ in range(self.nout)]
        self.weight = [tuple(row[: self.nin]) for row in drawn]
        self.bias = tuple([row[-1] for row in drawn]) if bias else None

    def __call__(self, x: Any) -> Any:
        """Wx + b for one example: a list of Values, or the Value itself if there is one output only.

        Args:
            x: a list of nin Values or numbers; for a single input, that one alone will do.

        Raises:
            ValueError: if there are not nin of them.
            TypeError: if they are anything else.
        """
        xs = inputs_for(x, self.nin, self)
        return outputs_of([weighted_sum(w, xs, b) for w, b in zip(self.weight, self.bias or repeat(0.0))])

    def __repr__(self) -> str:
        return f"Linear({self.nin}, {self.nout}{'' if self.bias else ', bias=False'})"
