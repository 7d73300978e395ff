"""How many examples hypothesis tries of a property that takes longer than most, or is asked of each rule anew."""

from __future__ import annotations

from hypothesis import settings


def share(of_the_profile: float) -> settings:
    """A part, or a multiple, of the examples that the profile in conftest.py asks for, but at least three."""
    return settings(max_examples=max(3, round(of_the_profile * settings().max_examples)))
