"""Names on a page: whatever a label says becomes an identifier that stands for nothing else, and never code."""

from __future__ import annotations

import builtins
import keyword
import re
import unicodedata
from collections.abc import Iterable

_MOST = 24
_UNCLEAR = {"l", "O", "I"}
"""Names that look like numbers, of which linters warn."""


class Identifiers:
    """The names of a page, or of one of its functions.

    Args:
        taken: names that stand for something else.
    """

    def __init__(self, taken: Iterable[str] = ()) -> None:
        self.taken = {*taken, *dir(builtins), *keyword.kwlist, *keyword.softkwlist, *_UNCLEAR}
        self._of: dict[str, str] = {}

    def __call__(self, label: str) -> str:
        """The identifier for a label, always the same: the label itself if it can be one and is free."""
        if label not in self._of:
            self._of[label] = self.free(label)
        return self._of[label]

    def free(self, label: str) -> str:
        """A new identifier, as like to the label as it can be."""
        name = re.sub(r"\W", "_", unicodedata.normalize("NFKC", label)[:_MOST])
        name = name if name.isidentifier() else f"p{name}"
        name = name if name.isidentifier() else "p"
        while name in self.taken:
            name += "_"
        self.taken.add(name)
        return name

    def numbered(self, letter: str) -> str:
        """The first of letter1, letter2, ... that is free."""
        i = 1
        while f"{letter}{i}" in self.taken:
            i += 1
        return self.free(f"{letter}{i}")
