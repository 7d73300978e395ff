"""Learning-rate schedules: plain functions from the number of a step to a factor of the rate, and what applies them.

A factor is any function that takes the number of a step, from 0, and returns a number, 0 or greater: the functions here
make the usual ones, `lambda step: 1 / (1 + step)` is another. `Schedule` multiplies an optimizer's lr by it.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import Any, Protocol, TypeAlias

from autograd.basics.messages import shown
from autograd.familiar import Familiar

from .checks import named, positive_integer, rate, saved_steps

__all__ = ["Factor", "Schedule", "constant", "cosine", "exponential", "join", "product", "step", "warmup"]

Factor: TypeAlias = Callable[[int], float]


class _HasRate(Protocol):
    lr: float


class Schedule(Familiar):
    """Sets an optimizer's lr before each step: its lr at the beginning, times the factor of the step.

    Args:
        optimizer: the one whose lr is set, at once to that of the first step.
        factor: a function from the number of a step, 0 for the first, to a number, 0 or greater.

    Raises:
        TypeError: if the optimizer has no lr, or the factor is no function or returns no number.
        ValueError: if the factor returns a number that is negative or not finite.

    >>> from autograd import Value
    >>> from nn.optim import SGD
    >>> optimizer = SGD([Value(1.0)], lr=0.5)
    >>> schedule = Schedule(optimizer, exponential(0.5))
    >>> for _ in range(3):
    ...     optimizer.step()
    ...     schedule.step()
    >>> optimizer.lr, schedule.steps
    (0.0625, 3)
    >>> schedule.load_state_dict(schedule.state_dict())
    """

    def __init__(self, optimizer: _HasRate, factor: Factor) -> None:
        if not hasattr(optimizer, "lr"):
            raise TypeError(f"optimizer must be an optimizer, which has an lr, got {shown(optimizer)}")
        self.optimizer, self.factor = optimizer, _function("factor", factor)
        self.base_lr: float = optimizer.lr
        self.steps = 0
        optimizer.lr = self._lr(self.base_lr, 0)

    def __repr__(self) -> str:
        return f"Schedule({self.optimizer!r}, at step {self.steps})"

    def step(self) -> None:
        """Set the lr of the next step; to be called after each step of the optimizer.

        Raises:
            TypeError, ValueError: as the constructor. Then nothing has changed.
        """
        lr = self._lr(self.base_lr, self.steps + 1)
        self.steps, self.optimizer.lr = self.steps + 1, lr

    def _lr(self, base_lr: float, step: int) -> float:
        try:
            factor = self.factor(step)
        except OverflowError:  # Python's word for a power that is too large
            factor = math.inf
        return rate(f"lr at step {step}", base_lr * rate(f"factor({step})", factor))

    def state_dict(self) -> dict[str, Any]:
        """Where the schedule is, as a dict that JSON keeps exactly.

        Returns:
            {"base_lr": the rate that the factors multiply, "steps": how many were made, "lr": what the two give now}.
        """
        return {"base_lr": self.base_lr, "steps": self.steps, "lr": self._lr(self.base_lr, self.steps)}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on where another schedule with the same factor was, and set the optimizer's lr to what it was there.

        Args:
            state: what its `state_dict()` returned.

        Raises:
            TypeError: if it is not a dict.
            ValueError: if anything in it is missing, too much, or out of its range, or if it is that of another
                schedule: this factor gives another lr at that step. Then nothing has changed.
        """
        if not isinstance(state, Mapping):
            raise TypeError(f"state must be a dict that state_dict() returned, got {type(state).__name__}")
        named("the state", state, ("base_lr", "steps", "lr"))
        steps = saved_steps(state["steps"])
        try:
            base_lr, saved = rate("state['base_lr']", state["base_lr"]), rate("state['lr']", state["lr"])
        except (TypeError, OverflowError) as cause:
            raise ValueError(f"the state doesn't fit: {cause}") from None
        lr = self._lr(base_lr, steps)
        if not math.isclose(lr, saved, rel_tol=1e-9):
            raise ValueError(
                f"the state is that of another schedule: its lr at step {steps} was {saved!r}, that of this one would"
                f" be {lr!r} (to go on with another one, load the optimizer alone)"
            )
        self.base_lr, self.steps, self.optimizer.lr = base_lr, steps, lr


# --------------------------------------------------------------------------------------------------------- factors


def constant(factor: float = 1.0) -> Factor:
    """The same factor at every step.

    Args:
        factor: that number.

    Returns:
        A function from the number of a step to its factor.

    Raises:
        TypeError, ValueError: if a number is not one, or is negative or not finite; so do all that follow.

    >>> constant(0.5)(100)
    0.5
    """
    factor = rate("factor", factor)
    return lambda step: factor


def step(step_size: int, gamma: float = 0.1) -> Factor:
    """A staircase: times gamma after every step_size steps, γ^⌊n/size⌋.

    Args:
        step_size: the number of steps on each stair.
        gamma: what each stair is multiplied by.

    Returns:
        A function from the number of a step to its factor.

    >>> [step(2, gamma=0.5)(n) for n in range(5)]
    [1.0, 1.0, 0.5, 0.5, 0.25]
    """
    step_size, gamma = positive_integer("step_size", step_size), rate("gamma", gamma)
    return lambda step: gamma ** (step // step_size)


def exponential(gamma: float) -> Factor:
    """Times gamma after every step, γⁿ.

    Args:
        gamma: less than 1 to decay; a little more than 1 to search for the largest rate that still works (Smith 2017).

    Returns:
        A function from the number of a step to its factor.

    >>> [exponential(0.5)(n) for n in range(4)]
    [1.0, 0.5, 0.25, 0.125]
    """
    gamma = rate("gamma", gamma)
    return lambda step: gamma**step


def cosine(steps: int, final: float = 0.0) -> Factor:
    """Half a cosine wave, from 1 down to `final`, where it stays (Loshchilov & Hutter 2017, equation 5).

    Args:
        steps: the number of steps until it is there.
        final: the last factor.

    Returns:
        A function from the number of a step to its factor.

    >>> [round(cosine(4)(n), 3) for n in range(6)]
    [1.0, 0.854, 0.5, 0.146, 0.0, 0.0]
    """
    steps, final = positive_integer("steps", steps), rate("final", final)
    return lambda step: final + (1 - final) * (1 + math.cos(math.pi * min(step, steps) / steps)) / 2


def warmup(steps: int, start: float = 0.0) -> Factor:
    """A straight line from `start` up to 1, where it stays, as PyTorch's LinearLR.

    Args:
        steps: the number of steps until it is there: the factor of step n is start + (1 - start)·n/steps.
        start: the factor of the first step; with 0 that step moves nothing, with 1/steps every step counts.

    Returns:
        A function from the number of a step to its factor.

    >>> [warmup(4)(n) for n in range(6)]
    [0.0, 0.25, 0.5, 0.75, 1.0, 1.0]
    """
    steps, start = positive_integer("steps", steps), rate("start", start)
    return lambda step: start + (1 - start) * min(step, steps) / steps


def join(factors: Sequence[Factor], boundaries: Sequence[int]) -> Factor:
    """One factor after the other, each counting its steps from its own beginning.

    Args:
        factors: k functions from a step to a factor.
        boundaries: for each of them but the first, in order, the number of the step that it begins with.

    Returns:
        A function from the number of a step to its factor.

    Raises:
        ValueError: also if there is not one boundary less than factors, or they don't rise.

    >>> factor = join([warmup(2), exponential(0.5)], [2])
    >>> [factor(n) for n in range(5)]
    [0.0, 0.5, 1.0, 0.5, 0.25]
    """
    functions = [_function(f"factors[{i}]", f) for i, f in enumerate(_list("factors", factors))]
    begins = [0, *(positive_integer(f"boundaries[{i}]", n) for i, n in enumerate(_list("boundaries", boundaries)))]
    if len(begins) != len(functions):
        raise ValueError(
            f"boundaries must name the first step of each of the factors but the first: got {len(begins) - 1} for"
            f" {len(functions)} factors"
        )
    if any(a >= b for a, b in pairwise(begins)):
        raise ValueError(f"boundaries must rise from one to the next, got {begins[1:]}")

    def joined(step: int) -> float:
        i = bisect_right(begins, step) - 1
        return functions[i](step - begins[i])

    return joined


def product(*factors: Factor) -> Factor:
    """The product of several factors.

    Args:
        *factors: functions from a step to a factor.

    Returns:
        A function from the number of a step to its factor.

    >>> [product(warmup(2), exponential(0.5))(n) for n in range(4)]
    [0.0, 0.25, 0.25, 0.125]
    """
    functions = [_function(f"factors[{i}]", f) for i, f in enumerate(factors)]
    return lambda step: math.prod([f(step) for f in functions])


def _function(name: str, f: Any) -> Factor:
    if not callable(f):
        mend = f": constant({shown(f)})" if isinstance(f, (int, float)) else ""
        raise TypeError(f"{name} must be a function from the number of a step to a factor, got {shown(f)}{mend}")
    return f  # type: ignore[no-any-return]


def _list(name: str, xs: Any) -> Sequence[Any]:
    if not isinstance(xs, (list, tuple)):
        raise TypeError(f"{name} must be a list, got {shown(xs)}")
    return xs
