"""Types for annotations alone: what comes out when a rule is applied to something. Nothing here runs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol, TypeVar

T = TypeVar("T", covariant=True)
"""What comes out when a rule is applied: for a Value, and for all its subclasses, a Value."""


class Gives(Protocol[T]):
    """An operand for which a T comes out: its `_apply` says so."""

    def _apply(self, rule: Any, operands: tuple[Any, ...]) -> T: ...


class Unchecked:
    """What else may arrive where the annotation has it beside a type: it is looked at there, and refused in a sentence.

    A compiler that reads a single type would refuse it first, in words of its own. Nothing is of this class.
    """


class Infix(Protocol[T]):
    """What `a + b` and its like come to, called on a with b."""

    def __call__(self, other: Gives[Any] | float, /) -> T: ...


class Prefix(Protocol[T]):
    """What `-a` and its like come to."""

    def __call__(self) -> T: ...


class OfTwo(Protocol):
    """A rule of two numbers, as a method."""

    def __get__(self, instance: Gives[T], owner: Any = None) -> Infix[T]: ...


class OfOne(Protocol):
    """A rule of one number, as an operator."""

    def __get__(self, instance: Gives[T], owner: Any = None) -> Prefix[T]: ...


class OfMore(Protocol):
    """A function of a number and more, as a method."""

    def __get__(self, instance: Gives[T], owner: Any = None) -> Callable[..., T]: ...
