"""What a layer is called with, and what it returns. How layers compute is not said here."""

from __future__ import annotations

from collections.abc import Sequence
from numbers import Real
from typing import Any

from autograd import Value
from autograd.basics.arguments import number, unwrapped
from autograd.basics.messages import shown
from autograd.value import group

from ..module import Module


def operands_of(x: Any) -> tuple[Any, ...]:
    """One example as a group of operands, Values or all floats; a TypeError for anything else in it."""
    return group(listed_inputs(x), "an input")


def detached(x: Any) -> Any:
    """The number alone, cut off from the graph: of a Value a new leaf, of a number itself."""
    return x.detach() if isinstance(x, Value) else x


def listed_inputs(x: Any) -> tuple[Any, ...]:
    """The numbers of one example as a tuple; a number alone makes a tuple of one."""
    if isinstance(x, (set, frozenset, dict)):
        raise TypeError(f"the inputs must be in order, in a list, got {shown(x)}")
    if isinstance(x, str):
        return (number(x, "an input"),)
    x = unwrapped(x)
    try:
        return (x,) if isinstance(x, Value) else tuple(x)
    except TypeError:
        return (x,)


def inputs_for(x: Any, nin: int, owner: Module) -> tuple[Any, ...]:
    """The inputs as one group of operands, which all neurons of a layer then share."""
    xs = listed_inputs(x)
    if xs and isinstance(xs[0], (list, tuple)):
        many = f"{owner!r} takes one example of {nin} input{'s' * (nin != 1)} at a time, and its batch() many"
        raise TypeError(f"an input must be a real number, got {shown(xs[0])}: {many}")
    if len(xs) != nin:
        alone = f" a number alone, {shown(x)}: give a list of {nin}, and batch() a list of such lists"
        got = alone if isinstance(x, (Value, Real)) else f" {len(xs)}"
        raise ValueError(f"{owner!r} takes {nin} input{'s' * (nin != 1)}, got{got}")
    return group(xs, "an input")


def outputs_of(values: Sequence[Any]) -> Any:
    """What a module returns: a list, or the number itself if there is only one."""
    return values[0] if len(values) == 1 else list(values)


def in_order(xs: Any, wanted: str) -> tuple[Any, ...]:
    """What a list or the like holds; a `TypeError` for what is no such thing, or has no order."""
    if not isinstance(xs, (str, set, frozenset, dict)):
        try:
            return tuple(unwrapped(xs))
        except TypeError:
            pass
    raise TypeError(f"{wanted}, got {shown(xs)}")
