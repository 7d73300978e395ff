"""How a node shows itself: its label and operation, as text, and what its copies and pickles keep."""

from __future__ import annotations

from typing import Any

from . import modes
from .basics.messages import shown
from .basics.moment import moment
from .basics.native import mypyc_attr
from .basics.typed import Unchecked
from .refusals import Refusals, told


@mypyc_attr(allow_interpreted_subclasses=True, acyclic=True)
class Presentation(Refusals):
    """What one sees of a node. The number and how it came about stand in graph.py."""

    __slots__ = ()
    __deletable__ = ("_grad",)  # of what a compiled function leaves, which never had one
    _grad: float
    _label: str
    _rule: Any  # a Rule, or None

    @property
    def label(self) -> str:
        """The name in drawings and error messages."""
        try:
            return self._label
        except AttributeError:  # as a node was recorded
            return ""

    @label.setter
    def label(self, label: str | Unchecked) -> None:
        if not isinstance(label, str):
            mend = ": what has operands is made by an operation, as in a * b" if isinstance(label, tuple) else ""
            raise TypeError(f"label must be a string, got {shown(label)}{mend}")
        self._label = label  # type: ignore[misc]  # whose slot is that of a node

    def _name(self, label: Any, options: dict[str, Any]) -> None:
        for option in options:
            raise TypeError(f"Value takes no {option}{told(option)}")
        setattr(self, "label", label)  # noqa: B010  by the property, which checks, or that of a subclass

    @property
    def op(self) -> str:
        """The symbol of the operation that made it, `"+"` or `"tanh"`; `""` for a leaf."""
        return "" if self._rule is None else self._rule.symbol

    def _written(self) -> str:
        return f"{self.label}={self._data!r}" if self.label else repr(self._data)

    def __repr__(self) -> str:
        label = f", label={self.label!r}" if self.label else ""
        return f"{type(self).__name__}(data={self._data!r}, grad={self._grad!r}{label})"

    def __format__(self, spec: str) -> str:
        return format(self._data, spec) if spec else repr(self)

    def __reduce__(self) -> tuple[Any, ...]:  # copies and pickles are leaves, with what a subclass adds
        more = getattr(self, "__dict__", None)
        return _restored, (type(self), self._data, self._grad, self.label), more or None


def _restored(cls: type[Any], data: float, grad: float, label: str) -> Any:
    new: Any = cls.__new__
    value = new(cls)  # not called: a subclass may make its number of something else
    value._data, value._grad, value._label = data, grad, label
    value._rule = value._a = value._b = None
    value._time = value._mark = 0.0
    if moment.modes:
        modes.made(value)
    return value
