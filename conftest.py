"""Operations that a test, or an example in the docs, defines with `autograd.primitive` are gone after it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from autograd import ops


@pytest.fixture(autouse=True)
def _own_operations_are_gone() -> Iterator[None]:
    before = set(ops.RULES)
    yield
    if new := set(ops.RULES) - before:
        from autograd.extend.primitives import remove

        for name in new:
            remove(name)
