"""Marks for mypyc, which compiles the kernel where it can. Interpreted they mean nothing, and no package is needed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from mypy_extensions import mypyc_attr as mypyc_attr
else:
    C = TypeVar("C", bound=type)

    def mypyc_attr(**options: Any) -> Any:
        """A decorator of a class: `allow_interpreted_subclasses=True` for one that Python code may inherit from."""
        return lambda cls: cls
