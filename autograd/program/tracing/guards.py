"""What a function finds around it, as it is before it runs: the guard that says whether it still is so.

A trace has in it what the function found when it was followed. Before each run the guard compares all of that, which
reach.py takes in while the function runs; where something has changed, the function is followed anew. The other guards,
on numbers and settings that a function reads, stand in trace.py.
"""

from __future__ import annotations

import builtins
from collections.abc import Callable, Iterable
from types import CodeType, FrameType
from typing import Any

from .places import Elements, Exactly, Items, Place, Quick
from .reach import Reach
from .uses import ANY, Uses
from .watching import BY_NAME


class Environment:
    """All that a function finds around it.

    Args:
        fn: the function.
    """

    def __init__(self, fn: Callable[..., Any]) -> None:
        self._reach = Reach(fn)
        self._places: list[Place] = self._reach.places
        self._quick: list[Quick] = []

    def enter(self, frame: FrameType) -> None:
        """A function begins to run for the first time."""
        self._reach.enter(frame)

    def ask_attribute(self, item: Any, name: str) -> None:
        """An attribute of an item is asked for by this name, which needn't stand in the code."""
        self._reach.ask_attribute(item, name)

    def close(self, reflecting: bool, again: bool = False) -> list[str]:
        """The function has returned: from now on the guard holds.

        Args:
            reflecting: whether it asked for attributes by names that can't be known.
            again: whether it was followed for the second time: then it would have met what it kept of the first.

        Returns:
            What it looks at and has changed itself, in words: it will do something else when it runs again.
        """
        if reflecting:
            self._reach.count_everything()
        for place in self._places:
            if place.owner is vars(builtins):
                place.ignored.update(BY_NAME)  # exchanged while the function ran
        found = ["random numbers are drawn"] if self._reach.drawn() else []
        changed = [(place, key) for place in self._places for key in place.changed()]
        if changed:
            uses = Uses(self.ran)
            met = [(place, key) for place, key in changed if not (again and place.named and _is_kept(place, key))]
            found += [self._word(place, key) for place, key in met if self._is_read(uses, place, key)]
            for place, key in changed:
                place.ignored.add(key)
                if isinstance(place, Items) and key not in place.before:
                    place.grows = True
        return found

    @property
    def ran(self) -> Iterable[CodeType]:
        """The functions that have run, in the order of their first runs, without this package's."""
        return self._reach.ran.values()

    @property
    def refusals(self) -> list[str]:
        """Why it can't be watched, in sentences."""
        return self._reach.refusals

    def is_unchanged(self) -> bool:
        """Whether all is as it was."""
        for quick in self._quick:
            if quick.holds():
                return True
        if any(place.changed() or place.moved() for place in self._places):
            return False
        self._quick = [Quick(self._places), *self._quick[:1]]  # such as a model in training, and in evaluation
        return True

    def _is_read(self, uses: Uses, place: Place, key: Any) -> bool:
        if place.named and isinstance(key, str):
            return self._reach.everything or key in self._reach.computed or uses.read_name(key)
        return uses.read_item(self._reach.called(place.owner), ANY if isinstance(place, (Exactly, Elements)) else key)

    def _word(self, place: Place, key: Any) -> str:
        names = sorted(self._reach.called(place.owner) - {""})
        item = str(key) if place.named else f"{names[0]}[{key!r}]" if names else f"what stands at {key!r} in a list"
        if isinstance(place, (Exactly, Elements)):
            item = names[0] if names else "an array or set"
        return f"{item} is changed by the function, which looks at it, too"


def _is_kept(place: Place, key: Any) -> bool:
    """Whether a Value of the trace stands there, which can't be computed with any more."""
    item = place.read().get(key)
    return getattr(item, "unknown", False) is True
