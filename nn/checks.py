"""Checks of arguments that the whole package shares; most return what they were given, as what it should be."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from numbers import Integral
from typing import Any

from autograd.basics.arguments import number, unwrapped
from autograd.basics.messages import shown

from .module import Module

Seed = int | random.Random | None


def generator(seed: Seed) -> random.Random:
    """The source of random numbers that a `seed` argument stands for; never the global one."""
    if isinstance(seed, random.Random):
        return seed
    if seed is not None and not isinstance(seed, Integral):
        raise TypeError(f"seed must be an integer, a random.Random or None, got {shown(seed)}")
    return random.Random(None if seed is None else int(seed))


def size(name: str, n: Any) -> int:
    """n as a number of inputs, units or words: a positive integer, and no more than memory has Parameters for."""
    if positive_integer(name, n) > _LARGEST:
        raise ValueError(f"{name} must be at most {_LARGEST:,}, got {shown(n)}")
    return int(n)


_LARGEST = 10**8  # Parameters alone would take 20 GB then


def positive_integer(name: str, n: Any) -> int:
    """n as an integer; an error that calls it `name` unless it is one, and positive."""
    if not isinstance(n, Integral) or isinstance(n, bool) or n < 1:
        raise ValueError(f"{name} must be a positive integer, got {shown(n)}")
    return int(n)


def rate(name: str, x: float) -> float:
    """x as a float; an error that calls it `name` if it is negative or not finite."""
    x = number(x, name)
    if not 0 <= x < math.inf:
        raise ValueError(f"{name} must be a finite number, 0 or greater, got {shown(x)}")
    return x


def share(name: str, x: float) -> float:
    """x as a float; an error that calls it `name` if it is not from 0 to 1, or is 1 itself."""
    x = number(x, name)
    if not 0 <= x < 1:
        raise ValueError(f"{name} must be a number from 0 to 1, and less than 1, got {shown(x)}")
    return x


def fraction(name: str, x: float) -> float:
    """x as a float; an error that calls it `name` if it is not from 0 to 1."""
    x = number(x, name)
    if not 0 <= x <= 1:
        raise ValueError(f"{name} must be a number from 0 to 1, got {shown(x)}")
    return x


def shares(name: str, xs: Any) -> tuple[float, ...]:
    """xs as a tuple of two shares."""
    if not isinstance(xs, (list, tuple)) or len(xs) != 2:
        raise ValueError(f"{name} must be a pair of numbers, such as (0.9, 0.999), got {shown(xs)}")
    return tuple([share(f"{name}[{i}]", x) for i, x in enumerate(xs)])


def flag(name: str, x: Any) -> bool:
    """x itself; an error that calls it `name` if it is neither True nor False."""
    if not isinstance(x, bool):
        raise TypeError(f"{name} must be True or False, got {shown(x)}")
    return x


def finite(name: str, x: float) -> float:
    """x as a float; an error that calls it `name` if it is not finite."""
    x = number(x, name)
    if not math.isfinite(x):
        raise ValueError(f"{name} must be a finite number, got {shown(x)}")
    return x


def saved_steps(steps: Any) -> int:
    """A saved number of steps; a ValueError if it is none. (Up to 2⁵³: those are exact as floats, too.)"""
    if not isinstance(steps, int) or isinstance(steps, bool) or not 0 <= steps <= 2**53:
        raise ValueError(f"the state's steps must be an integer from 0 to 2**53, got {shown(steps)}")
    return steps


def named(what: str, content: Any, names: Iterable[str]) -> Mapping[str, Any]:
    """The content itself; a ValueError if it isn't a dict with exactly these names."""
    if not isinstance(content, Mapping):
        raise ValueError(f"{what} must be a dict, got {shown(content)}")
    for name in names:
        if name not in content:
            raise ValueError(f"{what} has no {name!r}")
    for name in content:
        if name not in names:
            raise ValueError(f"{what} has {shown(name)}, which is not known here")
    return content


def is_module(model: Any) -> None:
    """An error unless it is a Module."""
    if not isinstance(model, Module):
        raise TypeError(f"model must be a Module such as MLP(2, [4, 1]), got {shown(model)}")


def is_loss(loss: Any) -> None:
    """An error unless it can be called."""
    if not callable(loss):
        raise TypeError(f"loss must be a function of (output, target) such as mse_loss, got {shown(loss)}")


def positive(name: str, x: Any) -> None:
    """An error that calls x `name`, unless it is None or a finite number greater than 0."""
    if x is not None and not rate(name, x) > 0:
        raise ValueError(f"{name} must be greater than 0, got {shown(x)}")


def sequence(name: str, data: Any) -> Sequence[Any]:
    """The data as a list; an error that calls them `name` if they are none, and can't become one."""
    data = unwrapped(data)
    if isinstance(data, str) or not isinstance(data, Sequence):
        mend = ": list() makes one of what is read once" if hasattr(data, "__next__") else ""
        if hasattr(data, "batch_size"):  # a loader of PyTorch, or the like
            mend = ": write the loop over its batches yourself, with model.batch(inputs) and optimizer.step()"
        raise TypeError(f"{name} must be a list with an item for each example, got {shown(data)}{mend}")
    return data


def callables(name: str, functions: Any) -> list[Callable[..., Any]]:
    """The functions as a list; an error that calls them `name` if they are anything else."""
    if not callable(functions) and not isinstance(functions, Iterable):
        raise TypeError(f"{name} must be a list of functions of (model, history), [] for none, got {shown(functions)}")
    found = [functions] if callable(functions) else list(functions)
    for i, f in enumerate(found):
        if not callable(f):
            raise TypeError(f"{name}[{i}] must be a function of (model, history), got {shown(f)}")
    return found
