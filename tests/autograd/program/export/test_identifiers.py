"""Labels as names of a page."""

from __future__ import annotations

import keyword

from hypothesis import given, settings
from hypothesis import strategies as st

from autograd.program.export.identifiers import Identifiers


@given(st.lists(st.text(max_size=30), max_size=5))
@settings(max_examples=40)
def test_any_label_becomes_an_identifier_of_its_own(labels: list[str]):
    names = Identifiers({"np"})
    found = [names(label) for label in labels]
    assert all(x.isidentifier() and not keyword.iskeyword(x) and x not in ("np", "l", "O", "I") for x in found)
    assert len(set(found)) == len(set(labels))
    assert [names(label) for label in labels] == found


def test_a_label_that_can_be_a_name_is_it():
    names = Identifiers()
    assert [names(x) for x in ("W1", "δ1", "A1′", "layer.0.w", "3rd", "sum", "l", "²")] == [
        "W1", "δ1", "A1_", "layer_0_w", "p3rd", "sum_", "l_", "p2",
    ]  # fmt: skip
