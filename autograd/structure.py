"""Nested lists of numbers: taking them apart into a flat list of numbers, and putting them together again."""

from __future__ import annotations

from collections.abc import Iterator
from numbers import Real
from typing import Any

from .value import Value


def leaves_of(tree: Any, name: str) -> list[Any]:
    """The numbers and Values of a nested list, in order."""
    if isinstance(tree, (list, tuple)):
        return [x for i, item in enumerate(tree) for x in leaves_of(item, f"{name}[{i}]")]
    if not isinstance(tree, (Value, Real)):
        raise TypeError(f"{name} must be a number, a Value or a (nested) list of them, got {tree!r}")
    return [tree]


def like(tree: Any, items: Iterator[Any]) -> Any:
    """The structure of `tree`, filled with the next of `items`."""
    if isinstance(tree, (list, tuple)):
        filled = [like(item, items) for item in tree]
        return filled if isinstance(tree, list) else tuple(filled)
    return next(items)


def leaves_like(tree: Any, other: Any, names: tuple[str, str]) -> list[Any]:
    """The numbers of `tree`, which must be nested just as `other` is."""
    here, there = _shape(tree), _shape(other)
    if here != there:
        raise ValueError(f"{names[0]} must be nested like {names[1]}: got {here}, expected {there}")
    return leaves_of(tree, names[0])


def _shape(tree: Any) -> str:
    if isinstance(tree, (list, tuple)):
        return f"[{', '.join(map(_shape, tree))}]"
    return "number" if isinstance(tree, (Value, Real)) else type(tree).__name__


def as_lists(x: Any) -> Any:
    """NumPy arrays, also those inside of lists, as nested lists; everything else as it is."""
    if isinstance(x, list):
        return [as_lists(item) for item in x]
    if isinstance(x, tuple):
        return tuple([as_lists(item) for item in x])
    return x.tolist() if hasattr(x, "tolist") else x


def values_in(tree: Any) -> list[Value]:
    """The Values in nested lists of whatever there may be."""
    if isinstance(tree, (list, tuple)):
        return [x for item in tree for x in values_in(item)]
    return [tree] if isinstance(tree, Value) else []
