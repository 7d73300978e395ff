"""Copies and pickles of Values, what a graph takes of memory and when it is given back, and graphs in threads."""

import copy
import gc
import pickle
import sys
import threading
import tracemalloc

import pytest

import autograd
from autograd import Value


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy, lambda v: pickle.loads(pickle.dumps(v))])
def test_a_copy_keeps_number_grad_and_label_and_leaves_its_history_behind(copied):
    x = Value(2.0, label="x")
    y = x * x
    y.label = "y"
    y.backward()
    for v in (x, y):
        c = copied(v)
        assert c is not v
        assert (type(c), c.data, c.grad, c.label, c.op, c.parents) == (Value, v.data, v.grad, v.label, "", ())


class Positive(Value):
    """A subclass that makes its number of another one, and keeps more than a Value does."""

    def __init__(self, logarithm: float, unit: str) -> None:
        super().__init__(autograd.exp(logarithm))
        self.unit = unit


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy, lambda v: pickle.loads(pickle.dumps(v))])
def test_a_copy_of_a_subclass_has_its_number_and_its_attributes(copied):
    x = Positive(1.0, unit="m")
    c = copied(x)
    assert (type(c), c.data, c.unit) == (Positive, x.data, "m")


def test_a_deepcopy_of_several_values_keeps_what_they_share():
    x = Value(2.0)
    a, b = copy.deepcopy([x, x])
    assert a is b


def test_a_chain_of_a_million_nodes_goes_forward_and_back_and_can_be_copied():
    x = Value(1.0)
    y = x
    for _ in range(1_000_000):
        y = y + x
    y.backward()
    assert x.grad == 1_000_001.0
    assert copy.deepcopy(y).data == y.data
    assert pickle.loads(pickle.dumps(y)).data == y.data


def test_a_graph_is_freed_without_the_garbage_collector():
    def alive():
        return sum(type(x) is Value for x in gc.get_objects())

    x = Value(1.0)
    gc.collect()
    gc.disable()
    try:
        before = alive()
        y = x
        for _ in range(20_000):
            y = autograd.dot([y, x], [x, y * 0.1]).tanh()
        y.backward()
        held = alive() - before
        del y
        left = alive() - before
    finally:
        gc.enable()
    assert (held, left) == (60_000, 0)


def test_a_node_with_two_operands_takes_at_most_112_bytes_with_its_number():
    a, b = Value(1.5), Value(2.5)
    nodes = [None] * 1000
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    for i in range(1000):
        nodes[i] = a * b
    size = (tracemalloc.get_traced_memory()[0] - before) / 1000
    tracemalloc.stop()
    assert size <= 112.5  # half a byte for the loop's own counter


def test_threads_that_build_separate_graphs_do_not_disturb_each_other():
    def work(seed):
        w = Value(seed)
        for _ in range(300):
            loss = (w * 0.5 - 1) ** 2
            w.grad = 0.0
            loss.backward()
            w.data -= 0.1 * w.grad
        results[seed] = w.data

    results = {}
    seeds = [0.5, 1.5, 2.5, 3.5]
    for seed in seeds:
        work(seed)
    alone = dict(results)
    threads = [threading.Thread(target=work, args=(seed,)) for seed in seeds]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == alone


def test_threads_that_share_a_leaf_lose_no_gradient():
    w = Value(1.0)

    def work():
        for _ in range(200):
            (w * 3.0 * w).backward()

    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    try:
        threads = [threading.Thread(target=work) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        sys.setswitchinterval(interval)
    assert w.grad == 800 * 6.0
