"""RNNCell, LSTMCell, GRUCell: one step of a network that reads a sequence, in the shape of its paper.

The loop over a sequence stands in sequences.py. Weights are laid out as in PyTorch: `weight_ih` and `weight_hh` hold a
row of weights for each unit, the rows of one gate after those of another, and there are two biases where the papers
have one.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Literal

from autograd import Value
from autograd.basics.groups import Floats
from autograd.basics.messages import shown
from autograd.ops import dot, relu, sigmoid, tanh
from autograd.value import group

from ..checks import Seed, generator, size
from ..module import Module, Parameter
from .inputs import in_order, inputs_for

State = tuple[tuple[Any, ...], ...]
"""A group of operands for each list of numbers that a cell's state consists of."""

_NONLINEARITIES = {"tanh": tanh, "relu": relu}


class Cell(Module):
    """What the cells have in common: weights, biases, and how a state comes in and goes out."""

    gates: int  # the number of blocks of nhidden rows in the weights
    holds: tuple[str, ...] = ("h",)  # the lists of nhidden numbers that the state consists of, the outputs first
    _form = "a list h of length {}"

    def __init__(self, nin: int, nhidden: int, seed: Seed = None) -> None:
        self.nin, self.nhidden = size("nin", nin), size("nhidden", nhidden)
        rng = generator(seed)
        bound = self.nhidden**-0.5

        def drawn(n: int) -> tuple[Parameter, ...]:
            return tuple([Parameter(rng.uniform(-bound, bound)) for _ in range(n)])

        rows = self.gates * self.nhidden
        self.weight_ih = [drawn(self.nin) for _ in range(rows)]
        self.weight_hh = [drawn(self.nhidden) for _ in range(rows)]
        self.bias_ih, self.bias_hh = drawn(rows), drawn(rows)

    def __call__(self, x: Iterable[Value | float] | Value | float, state: Any = None) -> Any:
        """The state after one step.

        Args:
            x: the step's input, a list of nin Values or numbers; for a single input, that one alone will do.
            state: the state before the step, in the form that a call returns; its numbers may be plain ones. None
                stands for zeros.

        Returns:
            h, a list of nhidden Values; of an LSTM the pair (h, c) of two such lists.

        Raises:
            ValueError: if x or the state has another size.
            TypeError: if they hold anything but Values and numbers.
        """
        return self._leaving(self._step(inputs_for(x, self.nin, self), self._entering(state, self)))

    def _step(self, x: tuple[Any, ...], state: State) -> State:
        """The state after x. All are groups of operands, made once, so that the units share them."""
        raise NotImplementedError

    def _gate(self, block: int, x: tuple[Any, ...], h: tuple[Any, ...]) -> list[Value]:
        """W_ih x + b_ih + W_hh h + b_hh, for the rows of one block."""
        w_ih, b_ih, w_hh, b_hh = self.weight_ih, self.bias_ih, self.weight_hh, self.bias_hh
        return [dot(w_ih[k], x, b_ih[k]) + dot(w_hh[k], h, b_hh[k]) for k in self._rows(block)]

    def _rows(self, block: int) -> range:
        return range(block * self.nhidden, (block + 1) * self.nhidden)

    def _entering(self, state: Any, owner: Module) -> State:
        """A `state` argument as one group of operands for each name in `holds`."""
        n = self.nhidden
        if state is None:
            return (Floats([0.0] * n),) * len(self.holds)
        wanted = f"the state of {owner!r} must be " + self._form.format(n)
        parts = [in_order(part, wanted) for part in ((state,) if len(self.holds) == 1 else in_order(state, wanted))]
        sizes = [len(part) for part in parts]
        if sizes != [n] * len(self.holds):
            raise ValueError(f"{wanted}, got {' and '.join(map(str, sizes)) or 'nothing'}")
        return tuple([group(part, f"{name} in the state of {owner!r}") for name, part in zip(self.holds, parts)])

    def _leaving(self, state: State) -> Any:
        return list(state[0]) if len(state) == 1 else tuple(map(list, state))

    def _arguments(self) -> str:
        """What stands between the parentheses where the cell, or a loop over it, is shown."""
        return f"{self.nin}, {self.nhidden}"

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._arguments()})"


class RNNCell(Cell):
    """h′ = φ(W_ih x + b_ih + W_hh h + b_hh): one step of the simple recurrent network (Elman 1990).

    Args:
        nin: the number of inputs of a step.
        nhidden: the number of hidden units.
        nonlinearity: φ, "tanh" or "relu".
        seed: as for `Neuron`. Weights and biases are uniform in ±1/√nhidden, as in PyTorch.

    Raises:
        ValueError: if a size is not a positive integer, or the nonlinearity another one.
        TypeError: if the seed is not one.

    >>> cell = RNNCell(2, 3, seed=0)
    >>> h = cell([1.0, -2.0])
    >>> h = cell([0.5, 0.0], h)
    >>> [y.op for y in h], cell.weight_hh[2][0].label
    (['tanh', 'tanh', 'tanh'], 'weight_hh.2.0')
    """

    gates = 1

    def __init__(
        self, nin: int, nhidden: int, nonlinearity: Literal["tanh", "relu"] = "tanh", seed: Seed = None
    ) -> None:
        if not isinstance(nonlinearity, str) or nonlinearity not in _NONLINEARITIES:
            raise ValueError(f"nonlinearity must be 'tanh' or 'relu', got {shown(nonlinearity)}")
        self.nonlinearity = nonlinearity
        super().__init__(nin, nhidden, seed)

    def _step(self, x: tuple[Any, ...], state: State) -> State:
        (h,) = state
        phi = _NONLINEARITIES[self.nonlinearity]
        return (tuple([phi(a) for a in self._gate(0, x, h)]),)

    def _arguments(self) -> str:
        return f"{super()._arguments()}, nonlinearity={self.nonlinearity!r}"


class LSTMCell(Cell):
    """One step of long short-term memory (Hochreiter & Schmidhuber 1997; the forget gate: Gers et al. 2000).

    The state is a pair: the outputs h, and the memory c, which a step only scales and adds to. With a(·) short for
    W_ih x + b_ih + W_hh h + b_hh, in the rows of a gate (i, f, g, o in this order):

        i, f, o = σ(a(i)), σ(a(f)), σ(a(o))     the input, forget and output gates
        g = tanh(a(g))                          what may be written to the memory
        c′ = f ⊙ c + i ⊙ g
        h′ = o ⊙ tanh(c′)

    Args:
        nin, nhidden, seed: as for `RNNCell`.

    Raises:
        ValueError, TypeError: as `RNNCell`.

    >>> cell = LSTMCell(2, 3, seed=0)
    >>> h, c = cell([1.0, -2.0])
    >>> h, c = cell([0.5, 0.0], (h, c))
    >>> len(h), len(c), len(cell.weight_ih)
    (3, 3, 12)
    """

    gates = 4
    holds = ("h", "c")
    _form = "a pair (h, c) of lists of length {}"

    def _step(self, x: tuple[Any, ...], state: State) -> State:
        h, c = state
        i = [sigmoid(a) for a in self._gate(0, x, h)]
        f = [sigmoid(a) for a in self._gate(1, x, h)]
        g = [tanh(a) for a in self._gate(2, x, h)]
        o = [sigmoid(a) for a in self._gate(3, x, h)]
        c = tuple([fk * ck + ik * gk for fk, ck, ik, gk in zip(f, c, i, g)])
        h = tuple([ok * tanh(ck) for ok, ck in zip(o, c)])
        return h, c


class GRUCell(Cell):
    """One step of the gated recurrent unit (Cho et al. 2014).

    With a(·) short for W_ih x + b_ih + W_hh h + b_hh, in the rows of a gate (r, z, n in this order):

        r, z = σ(a(r)), σ(a(z))                             the reset and update gates
        n = tanh(W_ih x + b_ih + r ⊙ (W_hh h + b_hh))       the new state that is proposed
        h′ = (1 - z) ⊙ n + z ⊙ h

    The paper has r ⊙ h in place of h in n; here, as in PyTorch, r comes after the matrix, and its bias with it.

    Args:
        nin, nhidden, seed: as for `RNNCell`.

    Raises:
        ValueError, TypeError: as `RNNCell`.

    >>> cell = GRUCell(2, 3, seed=0)
    >>> h = cell([1.0, -2.0], [0.0, 0.5, 1.0])
    >>> len(h), len(cell.weight_ih)
    (3, 9)
    """

    gates = 3

    def _step(self, x: tuple[Any, ...], state: State) -> State:
        (h,) = state
        w_ih, b_ih, w_hh, b_hh = self.weight_ih, self.bias_ih, self.weight_hh, self.bias_hh
        r = [sigmoid(a) for a in self._gate(0, x, h)]
        z = [sigmoid(a) for a in self._gate(1, x, h)]
        n = [tanh(dot(w_ih[k], x, b_ih[k]) + s * dot(w_hh[k], h, b_hh[k])) for s, k in zip(r, self._rows(2))]
        return (tuple([(1 - zk) * nk + zk * hk for zk, nk, hk in zip(z, n, h)]),)
