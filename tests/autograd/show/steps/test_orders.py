"""The orders of a backward pass: what each hands on, how often, and where it comes to other numbers than backward()."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd import Value, checkpoint, dot, explain
from autograd.graph import parents, walk
from autograd.show import steps
from autograd.show.steps.orders import CUT, ORDERS
from tests.support.passes import graphs, outcome
from tests.support.pictures import lecture

WRONG = [(order, accumulate) for order in ORDERS for accumulate in (True, False)][1:]


@st.composite
def growing(draw: st.DrawFn) -> Value:
    """A graph whose local derivatives are all positive: nothing that is handed on can be lost in a sum."""
    nodes = [Value(draw(st.integers(1, 4)) / 2, label=name) for name in "xyz"]
    for _ in range(draw(st.integers(1, 6))):
        a, b = draw(st.sampled_from(nodes)), draw(st.sampled_from(nodes))
        nodes.append(draw(st.sampled_from([a + b, a * b, 2 * a, dot([a, b], [b, 0.5], a), a**2])))
    return nodes[-1]


def received(taken):
    """For each node the steps in which it receives something."""
    found = {}
    for i, step in enumerate(taken):
        for c in step.contributions:
            found.setdefault(c.parent, []).append(i)
    return found


def residual():
    """`y = h + h**2`, where h has one path of one arrow and one of two."""
    w, x = Value(2.0, label="w"), Value(3.0, label="x")
    h = w * x
    s = h**2
    y = h + s
    h.label, s.label, y.label = "h", "s", "y"
    return h, y


@given(graphs(), st.sampled_from(WRONG))
def test_a_wrong_pass_fails_as_backward_does_and_has_the_right_pass_beside_it(y, way):
    order, accumulate = way
    right, refusal = outcome(lambda: steps(y))
    wrong, also = outcome(lambda: steps(y, order=order, accumulate=accumulate))
    assert also == refusal
    if right is not None:
        assert list(wrong.compared.right) == list(right)
        assert wrong.compared.right.gradients == right.gradients
        assert right.compared is None


@given(graphs(), st.sampled_from(["depth_first", "breadth_first"]))
def test_where_no_computed_number_is_used_twice_each_order_gives_the_gradients_of_backward(y, order):
    used = [x for node in walk([y])[0] for x in parents(node) if x.op]
    taken = outcome(lambda: steps(y, order=order))[0]
    if taken is not None and len(used) == len(set(used)):
        assert taken.compared.difference is None
        assert taken.gradients == pytest.approx(taken.compared.right.gradients, nan_ok=True)


@given(growing(), st.sampled_from(["depth_first", "breadth_first"]))
def test_an_order_is_wrong_exactly_where_a_node_receives_more_after_its_turn(y, order):
    taken = steps(y, order=order)
    arrivals = received(taken)
    early = [i for i, step in enumerate(taken) if max(arrivals.get(step.node, [-1])) >= i]
    difference = taken.compared.difference
    assert (difference is None) == (not early)
    if difference is not None:
        assert difference[:2] == ("unfinished", early[0])
        assert difference.node is taken[early[0]].node
        assert difference.found < difference.right == taken.compared.right.gradients[difference.node]
        assert difference.others == tuple(dict.fromkeys(i for i in arrivals[difference.node] if i >= early[0]))
        assert any(taken.gradients[x] < taken.compared.right.gradients[x] for x in taken.leaves)
    else:
        assert taken.gradients == pytest.approx(taken.compared.right.gradients)


@given(growing())
def test_without_accumulating_a_pass_is_wrong_exactly_where_a_node_receives_twice(y):
    taken = steps(y, accumulate=False)
    right = steps(y)
    twice = {node for node, arrivals in received(right).items() if len(arrivals) > 1}
    difference = taken.compared.difference
    assert (difference is None) == (not twice)
    if difference is None:
        assert taken.gradients == right.gradients
        return
    c = taken[difference.step].contributions[difference.contribution]
    assert difference.kind == "forgotten"
    assert difference.node is c.parent
    assert c.parent in twice
    assert difference.found == c.sum_so_far == c.product
    assert difference.right == c.product + next(
        before.sum_so_far
        for step in taken[: difference.step + 1]
        for before in step.contributions
        if before.parent is c.parent
    )


@given(growing())
def test_recursion_comes_to_a_node_once_for_each_path_and_its_sums_are_right(y):
    taken = steps(y, order="recursive")
    visits = taken.compared.visits
    computed, leaves = walk([y])
    assert all(visits[leaf] == explain(y, leaf).count for leaf in leaves)
    assert len(taken) == min(CUT, sum(visits[node] for node in computed))
    if len(taken) < CUT:
        assert taken.gradients == pytest.approx(taken.compared.right.gradients)
        turns = [step.node for step in taken]
        assert {node: turns.count(node) for node in computed} == {node: visits[node] for node in computed}
    shared = [i for i, step in enumerate(taken) if visits[step.node] > 1]
    difference = taken.compared.difference
    assert (difference is None) == (not shared)
    assert difference is None or difference[:2] == ("part", shared[0])


def test_recursion_through_twenty_doublings_is_counted_and_cut():
    x = y = Value(1.0, label="x")
    for _ in range(20):
        y = y + y
    taken = steps(y, order="recursive")
    assert taken.compared.visits[x] == 2**20
    assert len(taken) == CUT
    assert "takes 1,048,575 steps in place of 20. It is cut here after 50" in " ".join(str(taken).split())


def test_depth_first_hands_on_a_gradient_that_is_not_finished():
    h, y = residual()
    taken = steps(y, order="depth_first")
    assert [step.node.label for step in taken] == ["y", "h", "s"]
    assert taken.compared.difference == ("unfinished", 1, None, h, 1.0, 13.0, (2,))
    assert taken.gradients == {**taken.compared.right.gradients, **dict(zip(taken.leaves, (3.0, 2.0)))}


def test_breadth_first_is_right_where_the_longer_path_comes_first():
    h = Value(2.0) * 3.0
    before, after = steps(h + h**2, order="breadth_first"), steps(h * (h + 1), order="breadth_first")
    assert (before.compared.difference is None, after.compared.difference is None) == (False, False)
    assert steps(h * h + h * 2, order="breadth_first").compared.difference is None


def test_a_number_that_is_used_twice_by_one_operation_forgets_its_first_factor():
    w = Value(3.0)
    taken = steps(w * w, accumulate=False)
    assert taken.compared.difference == ("forgotten", 0, 1, w, 3.0, 6.0, (0,))


def test_numbers_that_differ_by_rounding_alone_are_the_same():
    x = Value(0.1, label="x")
    y = (x * 0.3 + x * 0.7) * 1e17 - x * 1e17 + x * 0.1
    assert steps(y, order="breadth_first").compared.difference is None


def test_the_table_marks_the_first_number_that_differs_and_the_wrong_ends():
    _, y = residual()
    lines = str(steps(y, order="depth_first")).splitlines()
    assert [" ".join(line.split()) for line in lines if "≠" in line] == [
        "2 h = w * x 1 ≠ 13 w 3 · 1 = 3 3",
        "done w 3 ≠ 39",
        "x 2 ≠ 26",
    ]


@pytest.mark.parametrize(("order", "accumulate"), WRONG)
def test_a_wrong_pass_says_why_in_lines_that_fit_a_terminal(order, accumulate):
    for y in (residual()[1], lecture()[2]):
        *_, sentence = (text := str(steps(y, order=order, accumulate=accumulate))).split("\n\n")
        assert max(map(len, text.splitlines())) <= 100
        assert "differs: " in sentence or sentence.startswith("All numbers are those of the right pass")


@pytest.mark.parametrize("order", ["sideways", None, "", 1])
def test_an_order_that_is_not_there_is_refused(order):
    with pytest.raises(ValueError, match="order must be one of 'topological', 'depth_first', 'breadth_first', 'rec"):
        steps(Value(1.0), order=order)


@pytest.mark.parametrize("accumulate", ["no", None, 0])
def test_to_accumulate_or_not_is_said_by_true_or_false(accumulate):
    with pytest.raises(TypeError, match="accumulate must be True or False, got"):
        steps(Value(1.0), accumulate=accumulate)


@pytest.mark.parametrize("options", [{"order": "recursive"}, {"accumulate": False}])
def test_a_forward_pass_has_one_order(options):
    with pytest.raises(ValueError, match="those of a backward pass"):
        steps(Value(1.0) * 2, forward=True, **options)


def test_only_the_right_pass_leads_through_a_checkpoint():
    y = checkpoint(lambda x: x * x)(Value(2.0))
    with pytest.raises(ValueError, match="without checkpoint"):
        steps(y, accumulate=False)
