"""RNN, LSTM, GRU: loops over the cells of cells.py, which carry a state from each step of a sequence to the next.

Backpropagation through time is nothing of its own: the steps make one graph, and `backward()` walks it. `detach` cuts
it, for windows.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Literal

from autograd import Value
from autograd.basics.arguments import number
from autograd.transforms.tree import as_lists, mapped

from ..checks import Seed, positive_integer
from ..module import Module
from .cells import Cell, GRUCell, LSTMCell, RNNCell
from .inputs import in_order, inputs_for

_NAMES = {f"{name}_l0": name for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")}  # PyTorch's, and the cell's


class _Sequence(Module):
    """A loop over a cell."""

    def __init__(self, cell: Cell, truncate: int | None) -> None:
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
            current = self.cell._step(x, current)
            outputs.append(list(current[0]))
        return outputs, self.cell._leaving(current)

    def _steps(self, xs: Any) -> list[tuple[Any, ...]]:
        """The inputs as groups of operands, all looked at before the first is used."""
        steps = in_order(xs, "the sequence must be a list of inputs, one for each step")
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
