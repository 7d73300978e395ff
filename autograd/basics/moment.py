"""What holds at this moment, for all threads: the time, which tells old numbers from new ones, and special modes."""

from __future__ import annotations

from typing import Final


class Moment:
    """There is one, `moment`. It is asked for each node that is recorded: compiled, its fields are read at once."""

    __slots__ = ("clock", "compared", "modes", "walks")

    def __init__(self) -> None:
        self.clock: float = 0.0
        """Counts the assignments to `.data`. A node keeps the time of its making, a leaf of its last."""
        self.compared: bool = False
        """Whether a Value was compared since a transform has set it to False: then a constant may be one branch."""
        self.modes: int = 0
        """How many modes (modes.py) are on, of all threads together."""
        self.walks: float = 0.0
        """Counts the walks through graphs (graph.py)."""


moment: Final = Moment()
