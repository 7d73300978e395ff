"""Graphs in several threads, apart from each other and with a leaf in common."""

from __future__ import annotations

import sys
import threading

from autograd import Value


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
