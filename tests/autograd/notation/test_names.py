"""Names of nodes: no two are the same, and operands stand in brackets where they would be misread."""

from __future__ import annotations

from hypothesis import given

from autograd import Value, straight_through, topological_order
from autograd.notation.names import names
from autograd.show import steps
from tests.support.passes import graphs


@given(graphs())
def test_no_two_nodes_have_the_same_name(y):
    nodes = topological_order(y)
    found = names(nodes)
    assert len(set(found.values())) == len(nodes)
    assert all(found[node].split("#")[0] == node.label for node in nodes if node.label)


def test_an_automatic_name_is_never_a_label():
    a, b = Value(1.0, label="v1"), Value(2.0)
    v = Value(3.0, label="v1 + v2")
    assert list(names([a, b, v, a + b]).values()) == ["v1", "v2", "v1 + v2", "v3"]


def test_operands_are_bracketed_where_they_would_be_misread():
    a, b = Value(1.0, label="a"), Value(2.0, label="b")
    y = -(a - b) * (-3.0) / (a + b).tanh() ** 2
    y.label = "y"
    table = str(steps(y, forward=True))
    for formula in ("a - b", "-(a - b)", "(-(a - b)) * (-3)", "tanh(a + b)", "1 - 2 = -1", "-(-1) = 1"):
        assert formula in table


def test_what_a_function_without_a_name_did_can_be_shown():
    assert "<lambda>(x)" in str(steps(straight_through(lambda a: a)(Value(1.0, label="x"))))
