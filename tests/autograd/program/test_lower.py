"""What a scalar graph becomes: nodes of one kind are rows of one Array, and neurons a matrix product."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

import autograd
import nn
from autograd import Value, ops
from autograd.program.engines.base import needed
from autograd.program.lower import Lowered, lower
from autograd.program.tracing.following import follow
from autograd.program.tracing.trace import traced_input


def lowered(fn: Callable[..., Any], parameters: Sequence[Value], *sizes: int) -> Lowered:
    """A function of lists of so many numbers."""
    arguments = [[traced_input("x") for _ in range(n)] for n in sizes]
    output, trace = follow(fn, arguments, parameters)
    return lower(output, trace.nodes, arguments, parameters)


def used(found: Lowered) -> Counter[Any]:
    """How many operations of each kind the outputs need."""
    return Counter([node.op for node in needed([x[0] for x in found.outputs if isinstance(x, tuple)])])


def test_a_layer_is_one_product_with_the_bias_after_each_row_of_weights():
    layer = nn.Layer(3, 2, "tanh", seed=0)
    found = lowered(layer, layer.parameters(), 3)
    assert used(found) == {"input": 1, "vector": 1, "matrix": 1, "neurons": 1, ops.tanh: 1}
    assert found.parameters == [p for neuron in layer.neurons for p in (*neuron.w, neuron.b)]
    assert [(block.op, row) for block, row in found.outputs] == [(ops.tanh, 0), (ops.tanh, 1)]


def test_neurons_without_a_bias_of_their_own_are_a_product_and_a_sum():
    ws = [[Value(float(i + j)) for j in range(3)] for i in range(2)]
    found = lowered(lambda x: [autograd.dot(w, x, 0.5) for w in ws], [w for row in ws for w in row], 3)
    assert used(found)["product"] == used(found)[ops.add] == 1
    right = lowered(lambda x: [autograd.dot(x, w, 0.5) for w in ws], [w for row in ws for w in row], 3)
    assert used(right) == used(found)


def test_products_of_inputs_with_each_other_are_summed_up_in_groups():
    found = lowered(lambda x: [autograd.dot(x[:2], x[2:4]), autograd.dot(x[4:6], x[6:])], [], 8)
    assert used(found)["einsum"] == 1
    assert not used(found)["product"]


def test_narrow_products_of_shared_numbers_are_summed_up_in_groups():
    ws = [Value(float(i)) for i in range(6)]
    found = lowered(lambda x: [autograd.dot(ws[:2], ws[2:4]) + x[0], autograd.dot(ws[4:], ws[2:4])], ws, 1)
    assert used(found)["segment_sum"] == 1


def test_a_product_of_no_numbers_is_its_bias():
    b = Value(1.0)
    found = lowered(lambda x: autograd.dot([], [], b) + x[0], [b], 1)
    assert set(used(found)) <= {"input", "vector", "rows", ops.add, ops.identity, "take"}


def test_nodes_of_one_rule_at_one_depth_are_rows_of_one_array():
    found = lowered(lambda x: [autograd.sin(v) for v in x], [], 5)
    assert used(found) == {"input": 1, ops.sin: 1}


def test_constants_may_differ_from_row_to_row_where_the_derivative_does_not_look_at_them():
    assert used(lowered(lambda x: [x[0] * 2, x[1] * 3], [], 2))[ops.mul] == 1
    assert used(lowered(lambda x: [x[0] ** 4, x[1] ** 3], [], 2))[ops.pow] == 2


def test_lists_of_one_length_are_groups_and_empty_ones_are_left_out():
    found = lowered(lambda x: [autograd.logsumexp(x[:2]), autograd.logsumexp(x[2:])], [], 4)
    assert used(found) == {"input": 1, "groups": 1, ops.logsumexp: 1}
    alone = lowered(lambda x: ops.cross_entropy(x[0], ()), [], 1)
    (node,) = [x for x in needed([alone.outputs[0][0]]) if x.op is ops.cross_entropy]
    assert (len(node.args), node.detail) == (1, (False, True))


def test_many_short_runs_are_gathered_in_one_choice():
    found = lowered(lambda x, y: [autograd.exp(v) for pair in zip(x, y) for v in pair], [], 8, 8)
    assert used(found) == {"input": 2, "stack": 1, "take": 1, ops.exp: 1}


def test_other_leaves_are_captured_and_plain_numbers_stay_so():
    c, w = Value(2.0), Value(1.0)
    found = lowered(lambda x: [c * w * x[0], 3], [w], 1)
    assert (found.captured, found.parameters) == ([c], [w])
    assert found.outputs[1] == 3.0
