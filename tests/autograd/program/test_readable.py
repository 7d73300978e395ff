"""What one can read of a program."""

from __future__ import annotations

import pytest

from tests.support.models import X, Y, mlp


def test_a_page_needs_a_batch_before_the_first_run():
    program = mlp()[0]
    with pytest.raises(ValueError, match="the program has not run yet"):
        program.source()
    program(X, Y)
    assert program.source() == program.source(X, Y)
