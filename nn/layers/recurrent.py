"""RNN, LSTM, GRU: networks that read a sequence step by step and carry a state from each step to the next.

A cell computes one step, in the shape of its paper; a sequence module is a loop over a cell. Backpropagation through
time is nothing of its own: the steps make one graph, and `backward()` walks it. `detach` cuts it, for windows.

Weights are laid out as in PyTorch: `weight_ih` and `weight_hh` hold a row of weights for each unit, the rows of one
gate after those of another, and there are two biases where the papers have one.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Literal

from autograd import Value
from autograd.basics.arguments import number
from autograd.basics.messages import shown
from autograd.ops import dot, relu, sigmoid, tanh
from autograd.rules import Floats
from autograd.transforms.tree import as_lists, mapped
from autograd.value import group

from ..checks import Seed, generator, positive_integer, size
from ..module import Module, Parameter
from .inputs import inputs_for

_NONLINEARITIES = {"tanh": tanh, "relu": relu}
_NAMES = {f"{name}_l0": name for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")}  # PyTorch's, and the cell's


class _Cell(Module):
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
        return self._leaving(self._step(inputs_for(x, self.nin, self), *self._entering(state, self)))

    def _step(self, x: tuple[Any, ...], *state: tuple[Any, ...]) -> tuple[tuple[Value, ...], ...]:
        """The state after x. All are groups of operands, made once, so that the units share them."""
        raise NotImplementedError

    def _gate(self, block: int, x: tuple[Any, ...], h: tuple[Any, ...]) -> list[Value]:
        """W_ih x + b_ih + W_hh h + b_hh, for the rows of one block."""
        w_ih, b_ih, w_hh, b_hh = self.weight_ih, self.bias_ih, self.weight_hh, self.bias_hh
        return [dot(w_ih[k], x, b_ih[k]) + dot(w_hh[k], h, b_hh[k]) for k in self._rows(block)]

    def _rows(self, block: int) -> range:
        return range(block * self.nhidden, (block + 1) * self.nhidden)

    def _entering(self, state: Any, owner: Module) -> tuple[tuple[Any, ...], ...]:
        """A `state` argument as one group of operands for each name in `holds`."""
        n = self.nhidden
        if state is None:
            return (Floats([0.0] * n),) * len(self.holds)
        wanted = f"the state of {owner!r} must be " + self._form.format(n)
        parts = [_ordered(part, wanted) for part in ((state,) if len(self.holds) == 1 else _ordered(state, wanted))]
        sizes = [len(part) for part in parts]
        if sizes != [n] * len(self.holds):
            raise ValueError(f"{wanted}, got {' and '.join(map(str, sizes)) or 'nothing'}")
        return tuple([group(part, f"{name} in the state of {owner!r}") for name, part in zip(self.holds, parts)])

    def _leaving(self, state: tuple[tuple[Value, ...], ...]) -> Any:
        return list(state[0]) if len(state) == 1 else tuple([list(part) for part in state])

    def _arguments(self) -> str:
        return f"{self.nin}, {self.nhidden}"

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._arguments()})"


class RNNCell(_Cell):
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

    def _step(self, x: tuple[Any, ...], *state: tuple[Any, ...]) -> tuple[tuple[Value, ...], ...]:
        (h,) = state
        phi = _NONLINEARITIES[self.nonlinearity]
        return (tuple([phi(a) for a in self._gate(0, x, h)]),)

    def _arguments(self) -> str:
        return f"{super()._arguments()}, nonlinearity={self.nonlinearity!r}"


class LSTMCell(_Cell):
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

    def _step(self, x: tuple[Any, ...], *state: tuple[Any, ...]) -> tuple[tuple[Value, ...], ...]:
        h, c = state
        i = [sigmoid(a) for a in self._gate(0, x, h)]
        f = [sigmoid(a) for a in self._gate(1, x, h)]
        g = [tanh(a) for a in self._gate(2, x, h)]
        o = [sigmoid(a) for a in self._gate(3, x, h)]
        units = range(self.nhidden)
        c = tuple([f[k] * c[k] + i[k] * g[k] for k in units])
        h = tuple([o[k] * tanh(c[k]) for k in units])
        return h, c


class GRUCell(_Cell):
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

    def _step(self, x: tuple[Any, ...], *state: tuple[Any, ...]) -> tuple[tuple[Value, ...], ...]:
        (h,) = state
        w_ih, b_ih, w_hh, b_hh = self.weight_ih, self.bias_ih, self.weight_hh, self.bias_hh
        r = [sigmoid(a) for a in self._gate(0, x, h)]
        z = [sigmoid(a) for a in self._gate(1, x, h)]
        n = [tanh(dot(w_ih[k], x, b_ih[k]) + s * dot(w_hh[k], h, b_hh[k])) for s, k in zip(r, self._rows(2))]
        return (tuple([(1 - z[k]) * n[k] + z[k] * h[k] for k in range(self.nhidden)]),)


class _Sequence(Module):
    """A loop over a cell."""

    def __init__(self, cell: _Cell, truncate: int | None) -> None:
        self.truncate = None if truncate is None else positive_integer("truncate", truncate)
        self.nin, self.nhidden = cell.nin, cell.nhidden
        # the cell's own lists under PyTorch's names; set before the cell, so that these are the names of the parameters
        self.weight_ih_l0, self.weight_hh_l0 = cell.weight_ih, cell.weight_hh
        self.bias_ih_l0, self.bias_hh_l0 = cell.bias_ih, cell.bias_hh
        self.cell = cell

    def __setattr__(self, name: str, value: Any) -> None:
        super().__setattr__(name, value)
        if name in _NAMES and "cell" in vars(self):
            # what the loop computes with; not by setattr, which would label it by its place in the cell
            vars(self.cell)[_NAMES[name]] = value

    def __call__(self, xs: Iterable[Any], state: Any = None) -> tuple[list[list[Value]], Any]:
        """The outputs at each step of a sequence, and the state after the last.

        Args:
            xs: a list of T inputs, at least one, each a list of nin Values or numbers (a number alone where nin is 1).
            state: the state before the first step, as the cell takes it; None stands for zeros.

        Returns:
            The pair (outputs, state): outputs a list of T lists of nhidden Values, the h of each step; the state as
            the cell returns it, so that a next call can go on from there.

        Raises:
            ValueError: if the sequence is empty, or an input or the state has another size; the message names the step.
            TypeError: if they hold anything but Values and numbers.
        """
        steps = self._steps(xs)
        current = self.cell._entering(state, self)
        outputs = []
        for t, x in enumerate(steps):
            if self.truncate is not None and t > 0 and t % self.truncate == 0:
                current = detach(current)
            current = self.cell._step(x, *current)
            outputs.append(list(current[0]))
        return outputs, self.cell._leaving(current)

    def _steps(self, xs: Any) -> list[tuple[Any, ...]]:
        """The inputs as groups of operands, all looked at before the first is used."""
        steps = _ordered(xs, "the sequence must be a list of inputs, one for each step")
        if not steps:
            raise ValueError(f"the sequence is empty: {self!r} needs at least one step")
        groups = []
        for t, x in enumerate(steps):
            try:
                groups.append(inputs_for(x, self.nin, self))
            except (TypeError, ValueError, OverflowError) as cause:
                raise type(cause)(f"step {t} of the sequence (counted from 0): {cause}") from None
        return groups

    def __repr__(self) -> str:
        # truncate is left out: it changes how one trains, not what is computed, and `load` compares what models print
        return f"{type(self).__name__}({self.cell._arguments()})"


class RNN(_Sequence):
    """An `RNNCell` along a sequence (Elman 1990).

    Args:
        nin, nhidden, nonlinearity, seed: as for `RNNCell`.
        truncate: a number of steps k, to cut the graph between one window of k steps and the next: what is computed
            stays the same, but no gradient passes from a window to the one before it (truncated backpropagation through
            time, Williams & Peng 1990). The state that is passed in and the one that is returned are not cut (`detach`
            does it). None cuts nowhere.

    Raises:
        ValueError: as `RNNCell`, or if truncate is neither None nor a positive integer.
        TypeError: if the seed is not one.

    The parameters have the names that PyTorch's module with one layer gives them, so that its state dict can be loaded.

    >>> rnn = RNN(1, 3, seed=0)
    >>> outputs, h = rnn([0.1, 0.2, 0.3, 0.4])
    >>> len(outputs), len(outputs[0]), outputs[-1] == h
    (4, 3, True)
    >>> [name for name in rnn.state_dict()][0]
    'weight_ih_l0.0.0'
    """

    def __init__(
        self,
        nin: int,
        nhidden: int,
        nonlinearity: Literal["tanh", "relu"] = "tanh",
        seed: Seed = None,
        *,
        truncate: int | None = None,
    ) -> None:
        super().__init__(RNNCell(nin, nhidden, nonlinearity, seed), truncate)


class LSTM(_Sequence):
    """An `LSTMCell` along a sequence (Hochreiter & Schmidhuber 1997, Gers et al. 2000).

    Args:
        nin, nhidden, seed: as for `RNNCell`.
        truncate: as for `RNN`.

    Raises:
        ValueError, TypeError: as `RNN`.

    >>> lstm = LSTM(2, 3, seed=0)
    >>> outputs, (h, c) = lstm([[0.1, 0.2], [0.3, 0.4]])
    >>> outputs[-1] == h, len(c)
    (True, 3)
    """

    def __init__(self, nin: int, nhidden: int, seed: Seed = None, *, truncate: int | None = None) -> None:
        super().__init__(LSTMCell(nin, nhidden, seed), truncate)


class GRU(_Sequence):
    """A `GRUCell` along a sequence (Cho et al. 2014).

    Args:
        nin, nhidden, seed: as for `RNNCell`.
        truncate: as for `RNN`.

    Raises:
        ValueError, TypeError: as `RNN`.

    >>> gru = GRU(2, 3, seed=0, truncate=1)
    >>> outputs, h = gru([[0.1, 0.2], [0.3, 0.4]])
    >>> outputs[-1] == h
    True
    """

    def __init__(self, nin: int, nhidden: int, seed: Seed = None, *, truncate: int | None = None) -> None:
        super().__init__(GRUCell(nin, nhidden, seed), truncate)


def detach(state: Any) -> Any:
    """The same numbers, cut off from the graph that they were computed in: what a window of a long series starts from.

    Args:
        state: a Value, or (nested) lists, tuples and dicts of Values; plain numbers and None stay as they are.

    Returns:
        The same structure, with a new leaf for each Value.

    Raises:
        TypeError: if there is anything else in it.

    >>> lstm, state = LSTM(1, 2, seed=0), None
    >>> series = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6]
    >>> for start in range(0, 6, 2):
    ...     outputs, state = lstm(series[start : start + 2], detach(state))
    >>> [h.parents for h in detach(state)[0]]
    [(), ()]
    """

    def cut(x: Any) -> Any:
        if isinstance(x, Value):
            return x.detach()
        return x if x is None else number(x, "what a state holds")

    return mapped(as_lists(state), cut)


def _ordered(xs: Any, wanted: str) -> tuple[Any, ...]:
    """What a list or the like holds; a `TypeError` for what is no such thing, or has no order."""
    if not isinstance(xs, (str, set, frozenset, dict)):
        try:
            return tuple(xs)
        except TypeError:
            pass
    raise TypeError(f"{wanted}, got {shown(xs)}")
