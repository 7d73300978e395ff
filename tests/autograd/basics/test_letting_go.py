"""Long chains are let go link by link: what is held elsewhere stays, and nothing stays that isn't."""

from __future__ import annotations

import weakref

import pytest

import autograd
from autograd import Value
from autograd.basics.letting_go import in_webassembly, link_by_link


class Link:
    """What holds two others, as a node of a graph does."""

    def __init__(self, a=None, b=None):
        self._a, self._b, self._rule = a, b, None


link_by_link(Link)


def chain(n, first=None):
    link = first or Link()
    for _ in range(n):
        link = Link(link, (1.0, link))
    return link


def test_no_link_is_left_of_a_chain_and_none_waits_for_the_collector():
    first = Link()
    gone = weakref.ref(first)
    last = chain(100_000, first)
    del first
    assert gone() is not None
    del last
    assert gone() is None


def test_what_somebody_holds_keeps_what_it_holds_itself():
    held = chain(10)
    last = chain(10, held)
    del last
    assert held._a._a._b[1] is held._a._a._a


def test_a_chain_whose_end_lets_go_of_another_chain_takes_that_with_it():
    class Ends(Link):
        def __del__(self):
            self.other = None
            Link.__del__(self)

    end = Ends()
    end.other = chain(1_000)
    gone = weakref.ref(end.other)
    last = chain(1_000, end)
    del end, last
    assert gone() is None


@pytest.mark.skipif(not in_webassembly, reason="Python's own way goes as deep elsewhere, and is faster")
@pytest.mark.parametrize(
    "goes_on",
    [lambda y, x: y + 1.0, lambda y, x: (x + x) * y, lambda y, x: y.tanh(), lambda y, x: autograd.sum([y, x, y]) * 0.3,
     lambda y, x: autograd.dot([y, x], [x, y])],
    ids=["+", "*", "tanh", "sum", "dot"],
)  # fmt: skip
def test_a_graph_of_a_hundred_thousand_nodes_is_let_go_in_a_browser(goes_on):
    x = Value(0.5)
    y = x
    for _ in range(100_000):
        y = goes_on(y, x)
    y.backward()
    inner = y.parents[0]
    del y
    assert inner.parents
