"""Where `import autograd.numpy as np` leads to, the first line of programs for HIPS/autograd, another package.

There is no NumPy in it. Whatever is asked of it is an error that says where the functions are.
"""

from __future__ import annotations

from typing import NoReturn


def __getattr__(name: str) -> NoReturn:
    raise AttributeError(
        f"autograd.numpy has no {name}: the functions stand in autograd itself, autograd.exp, and take one number (this"
        " is chainrule; HIPS/autograd, another package with that import name, needs an environment of its own)"
    )
