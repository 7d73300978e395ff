"""How many examples hypothesis tries of a property that takes longer than most, or is asked of each rule anew."""

from __future__ import annotations

import os

from hypothesis import settings


def share(of_the_profile: float) -> settings:
    """A part, or a multiple, of the examples that the profile in conftest.py asks for, but at least three."""
    return settings(max_examples=max(3, round(of_the_profile * settings().max_examples)))


def programs(otherwise: settings) -> settings:
    """As many random programs as AUTOGRAD_PROGRAMS asks for; without it what the test itself does."""
    asked = os.environ.get("AUTOGRAD_PROGRAMS")
    return settings(otherwise, max_examples=int(asked)) if asked else otherwise
