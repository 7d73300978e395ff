"""What an optimizer holds: the leaves that it moves, all or none, and settings that are checked whenever they are set.

How the leaves move is not said here. The checks themselves are those of nn/checks.py.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from typing import Any, ClassVar

from autograd import Value, bulk
from autograd.basics.messages import shown
from autograd.familiar import Familiar, answers

from ..checks import flag, rate, shares
from ..familiar import OPTIMIZER_OPTIONS
from ..module import Module

Check = Callable[[str, Any], Any]

_BY_TYPE: dict[str, Check] = {"float": rate, "bool": flag, "tuple[float, float]": shares}


def checks_of(constructor: Callable[..., None], **others: Check) -> dict[str, Check]:
    """The settings that a constructor takes after params, by name, each with its check.

    The signature declares a setting once, and its type says how it is checked: a float is finite and not negative, a
    pair of floats holds shares. `others` has the checks of settings that this doesn't fit.
    """
    kinds = {name: kind for name, kind in constructor.__annotations__.items() if name not in ("params", "return")}
    return {name: others.get(name) or _BY_TYPE[kind] for name, kind in kinds.items()}


class Configured(Familiar):
    """What optimizers of both kinds are: parameters to move, and settings that are checked whenever they are set."""

    settings: ClassVar[dict[str, Check]] = {}

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if cls.__module__.partition(".")[0] == "nn":
            answers(cls, OPTIMIZER_OPTIONS)

    def __init__(self, params: Iterable[Value]) -> None:
        self.params = leaves(params)

    def __setattr__(self, name: str, x: Any) -> None:
        check = self.settings.get(name)
        super().__setattr__(name, check(name, x) if check else x)

    def __repr__(self) -> str:
        n = len(self.params)
        chosen = ", ".join(f"{name}={getattr(self, name)!r}" for name in self.settings)
        return f"{type(self).__name__}({n} parameter{'s' * (n != 1)}, {chosen})"


def leaves(params: Value | Iterable[Value]) -> list[Value]:
    """The parameters as a list; an error if they are not Values, computed, listed twice, or none at all."""
    if isinstance(params, Module) or not isinstance(params, Iterable):
        mend = ": pass its parameters()" if isinstance(params, Module) else ""
        raise TypeError(f"params must be a list of parameters, got {shown(params)}{mend}")
    found = list(params)
    if not found:
        raise ValueError("params must hold at least one parameter, got an empty list")
    for p in found:
        if not isinstance(p, Value):
            raise TypeError(f"params must be Values, got {shown(p)}")
        if p.op:
            raise ValueError(f"params must be leaves, got {shown(p)}, which was computed by {p.op}")
    if len(set(found)) < len(found):
        twice = next(p for p in found if found.count(p) > 1)
        raise ValueError(f"params holds {twice!r} more than once: it would be moved twice a step")
    return found


def gradients(params: Sequence[Value], consequence: str = "no parameter was moved") -> list[float]:
    """The gradients of all parameters; a ValueError that names the first one that is not finite."""
    found = bulk.gradients(params)
    all_finite(found, params, "the gradient of {} is {}: " + consequence)
    return found


def move(params: Sequence[Value], moved: Sequence[float]) -> None:
    """Give all parameters their new numbers, or none; a ValueError that names the first one that is not finite."""
    refuse_moved(params, moved)
    bulk.assign(params, moved)


def refuse_moved(params: Sequence[Value], moved: Sequence[float]) -> None:
    """A ValueError that names the first parameter whose new number is not finite."""
    all_finite(moved, params, "{} would become {}: no parameter was moved; a smaller lr may mend it")


def all_finite(xs: Sequence[float], params: Sequence[Value], message: str) -> None:
    """A ValueError with this message about the first number that is not finite, and about its parameter."""
    if not math.isfinite(sum(xs)) and not all(map(math.isfinite, xs)):  # the sum is quicker than a look at each
        p, x = next((p, x) for p, x in zip(params, xs) if not math.isfinite(x))
        raise ValueError(message.format(p.label or "a parameter", x))
