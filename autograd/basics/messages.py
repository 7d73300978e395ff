"""What an error message shows of what was given: a line of it, whatever it is."""

from __future__ import annotations

import math
import reprlib
from collections.abc import Sequence


class _Shown(reprlib.Repr):
    def __init__(self) -> None:
        super().__init__()
        self.maxstring = self.maxother = 120
        self.maxlong = 40

    def repr_instance(self, x: object, level: int) -> str:
        return " ".join(super().repr_instance(x, level).split())  # an array or a module of PyTorch has several lines

    def repr_int(self, x: int, level: int) -> str:
        if abs(x) < 10**self.maxlong:
            return super().repr_int(x, level)
        return f"{'-' * (x < 0)}10**{math.log10(abs(x)):.0f}"  # Python refuses to write all digits of a very long one


shown = _Shown().repr
"""As `repr`, but of a long text or list the beginning and the end, and of an object whose `repr` fails its type.

>>> shown([1.0] * 1000)
'[1.0, 1.0, 1.0, 1.0, 1.0, 1.0, ...]'
"""


def shortened(items: Sequence[str], dots: str = "…") -> list[str]:
    """The items; of more than six the first five and the last, with dots between them."""
    return list(items) if len(items) <= 6 else [*items[:5], dots, items[-1]]
