"""L-BFGS: a quasi-Newton method, which learns the curvature from how the gradient changes along the way.

It moves all parameters along one direction, and looks at the loss several times in a step. How far it goes is decided
in line_search.py.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from typing import Any, ClassVar

from autograd import Value, gradient
from autograd.basics.extras import needed
from autograd.basics.messages import shown
from autograd.basics.setting import assign
from autograd.modes import mode

from ..checks import finite, positive_integer
from .line_search import Point, strong_wolfe
from .optimizer import Optimizer
from .parameters import checks_of, move

Evaluate = Callable[[Any], tuple[float, Any]]
"""The loss and its gradient for a vector of parameters."""


class LBFGS(Optimizer):
    """L-BFGS with a line search for the strong Wolfe conditions (Liu & Nocedal 1989; Nocedal & Wright, algorithm 7.5).

    For a loss over all examples and some thousand parameters it takes far fewer looks at the loss than a gradient
    method. It wants the same loss from every look: with batches, or a Dropout, use Adam.

    Args:
        params: the Values to move: n leaves, each once.
        lr: the step length that is tried first.
        max_iter: how many directions are gone in one `step`, at most.
        history_size: how many of them are remembered, each with 2n numbers.
        tolerance_grad: a step ends where no number of the gradient is greater.
        tolerance_change: a step ends where neither loss nor any parameter changes by more.

    Raises:
        TypeError: if params are not Values, or a setting has the wrong type.
        ValueError: if params is empty, holds one twice or one that was computed, or a setting is out of its range.
        ImportError: if NumPy is not installed.

    The minimum of Rosenbrock's function is at (1, 1):

    >>> x, y = Value(-1.2), Value(1.0)
    >>> optimizer = LBFGS([x, y], max_iter=50)
    >>> first = optimizer.step(lambda: (1 - x) ** 2 + 100 * (y - x * x) ** 2)
    >>> round(first, 6), round(x.data, 4), round(y.data, 4)
    (24.2, 1.0, 1.0)
    """

    def __init__(
        self,
        params: Iterable[Value],
        lr: float = 1.0,
        max_iter: int = 20,
        history_size: int = 10,
        tolerance_grad: float = 1e-7,
        tolerance_change: float = 1e-9,
    ) -> None:
        needed("numpy", "LBFGS")
        super().__init__(params, lr)
        self.max_iter, self.history_size = max_iter, history_size
        self.tolerance_grad, self.tolerance_change = tolerance_grad, tolerance_change
        self.state: dict[str, list[Any]] = {"moves": [], "changes": []}

    settings: ClassVar = checks_of(__init__, max_iter=positive_integer, history_size=positive_integer)
    memory: ClassVar = {"moves": finite, "changes": finite}

    def step(self, closure: Callable[[], Value]) -> float:  # type: ignore[override]
        """Go downhill along up to `max_iter` directions.

        Args:
            closure: a function that computes the loss from the parameters as they are when it is called. It may call
                `backward()`, as in PyTorch, but needn't: no `.grad` is used or changed.

        Returns:
            The loss before the step.

        Raises:
            TypeError: if closure is no function, or returns no Value.
            ValueError: if the loss, or its gradient, is not finite or doesn't exist at the start. (Where that is so on
                the way, the step is shortened.) Then, and if the step is interrupted, nothing has changed.
        """
        import numpy as np

        if not callable(closure):
            raise TypeError(f"closure must be a function that returns the loss, such as a lambda, got {shown(closure)}")

        def evaluate(x: Any) -> tuple[float, Any]:
            assign(self.params, "data", x.tolist())
            with mode(no_grad=False):
                loss = closure()
            if not isinstance(loss, Value):
                raise TypeError(f"closure must return the loss, a Value, got {shown(loss)}")
            return loss.data, np.array(gradient(loss, self.params))

        start = [p.data for p in self.params]
        try:
            first, x, state = descended(self, evaluate, np.array(start))
            move(self.params, x.tolist())
        except BaseException:
            assign(self.params, "data", start)
            raise
        self.state, self.steps = state, self.steps + 1
        return first

    def _remembered(self, place: str, rows: Any, name: str) -> list[Any]:
        if not isinstance(rows, list):
            raise ValueError(f"{place} must be a list of lists, got {shown(rows)}")
        return [super(LBFGS, self)._remembered(f"{place}[{i}]", row, name) for i, row in enumerate(rows)]


def descended(optimizer: LBFGS, evaluate: Evaluate, x: Any) -> tuple[float, Any, dict[str, list[Any]]]:
    """What a step makes of a vector of parameters; the optimizer stays as it is.

    Args:
        optimizer: with its settings, and what it remembers.
        evaluate: the loss and its gradient, an array, for a vector of parameters.
        x: where it begins, an array of n numbers.

    Returns:
        (the loss at x, where the step ends, what is then to be remembered in `state`).
    """
    import numpy as np

    moves, changes = ([np.array(row) for row in optimizer.state[name]] for name in ("moves", "changes"))
    loss, g = evaluate(x)
    first = loss
    for _ in range(optimizer.max_iter):
        if np.abs(g).max() <= optimizer.tolerance_grad:
            break
        d = -_curved(g, moves, changes)
        if not (slope := float(g @ d)) < 0:  # what is remembered fits no more: begin anew
            moves, changes, d, slope = [], [], -g, -float(g @ g)
        if slope > -optimizer.tolerance_change:
            break
        t = optimizer.lr if moves else optimizer.lr * min(1.0, 1.0 / float(np.abs(g).sum()))

        unanswered: Exception | None = None

        def along(t: float, x: Any = x, d: Any = d) -> Point:
            nonlocal unanswered
            try:
                loss, g = evaluate(x + t * d)
            except (ValueError, ArithmeticError) as cause:  # outside of where the loss is defined
                unanswered = cause
                return Point(t, math.inf, math.inf)
            return Point(t, loss, float(g @ d), g)

        found = strong_wolfe(along, Point(0.0, loss, slope, g), t)
        if not found.t:  # no step is short enough
            if unanswered is not None:
                raise unanswered
            if not moves:
                break
            moves, changes = [], []
            continue
        way, change = found.t * d, found.gradient - g
        x, fall, loss, g = x + way, abs(loss - found.loss), found.loss, found.gradient
        if float(way @ change) > 1e-10 * float(change @ change):
            moves, changes = [*moves, way][-optimizer.history_size :], [*changes, change][-optimizer.history_size :]
        if np.abs(way).max() <= optimizer.tolerance_change or fall < optimizer.tolerance_change:
            break
    return first, x, {"moves": [row.tolist() for row in moves], "changes": [row.tolist() for row in changes]}


def _curved(g: Any, moves: Sequence[Any], changes: Sequence[Any]) -> Any:
    """H g, with the inverse Hessian H that the moves s and the changes y of the gradient tell (algorithm 7.4)."""
    q, pairs = g, [(s, y, 1.0 / float(y @ s)) for s, y in zip(moves, changes)]
    weights = []
    for s, y, rho in reversed(pairs):
        weights.append(alpha := rho * float(s @ q))
        q = q - alpha * y
    if pairs:
        s, y, _ = pairs[-1]
        q = q * (float(s @ y) / float(y @ y))
    for (s, y, rho), alpha in zip(pairs, reversed(weights)):
        q = q + (alpha - rho * float(y @ q)) * s
    return q
