"""The leaves that an optimizer moves: all of them, or none."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from autograd import Value
from autograd.basics.messages import shown

from ..module import Module


def leaves(params: Value | Iterable[Value]) -> list[Value]:
    """The parameters as a list; an error if they are not Values, computed, listed twice, or none at all."""
    if isinstance(params, Module):
        raise TypeError(f"params must be a list of parameters, got {shown(params)}: pass its parameters()")
    if not isinstance(params, Iterable):
        raise TypeError(f"params must be a list of parameters, got {shown(params)}")
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
    found = [p.grad for p in params]
    if not all(map(math.isfinite, found)):
        p, g = next((p, g) for p, g in zip(params, found) if not math.isfinite(g))
        raise ValueError(f"the gradient of {p.label or 'a parameter'} is {g}: {consequence}")
    return found


def refuse_infinite(names: Iterable[str], state: Iterable[Sequence[float]], params: Sequence[Value]) -> None:
    """A ValueError if what is to be remembered of the parameters, under these names, is not finite."""
    for name, xs in zip(names, state):
        if not all(map(math.isfinite, xs)):
            p, x = next((p, x) for p, x in zip(params, xs) if not math.isfinite(x))
            raise ValueError(
                f"{name} of {p.label or 'a parameter'} would become {x}: no parameter was moved; smaller gradients"
                " mend it (clip_grad_norm, or another scale of the loss)"
            )


def move(params: Sequence[Value], moved: Sequence[float]) -> None:
    """Give all parameters their new numbers, or none; a ValueError that names the first one that is not finite."""
    if not all(map(math.isfinite, moved)):
        p, x = next((p, x) for p, x in zip(params, moved) if not math.isfinite(x))
        raise ValueError(
            f"{p.label or 'a parameter'} would become {x}: no parameter was moved; a smaller lr may mend it"
        )
    assign(params, "data", moved)


def assign(params: Sequence[Value], attribute: str, numbers: Sequence[float]) -> None:
    """Set the `data` or `grad` of all parameters; however it ends, by Ctrl-C too, either all are set or none."""
    before = [getattr(p, attribute) for p in params]
    try:
        for p, x in zip(params, numbers):
            setattr(p, attribute, x)
    except BaseException:
        for p, x in zip(params, before):
            setattr(p, attribute, x)
        raise
