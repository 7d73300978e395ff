"""Nodes: their memory, and the time to make chains of them, to go back along the chains, and to free them."""

from __future__ import annotations

import gc
import tracemalloc
from statistics import median

import micrograd.engine

from autograd import Value

from .measure import Row, seconds


def node_size() -> list[Row]:
    """The memory of a node with two operands, its number included."""

    def size(a: object, b: object) -> float:
        nodes = [None] * 10_000
        before = tracemalloc.get_traced_memory()[0]
        for i in range(len(nodes)):
            nodes[i] = a * b  # type: ignore[operator]
        return (tracemalloc.get_traced_memory()[0] - before) / len(nodes)

    tracemalloc.start()
    mine = size(Value(1.5), Value(2.5))
    peer = size(micrograd.engine.Value(1.5), micrograd.engine.Value(2.5))
    tracemalloc.stop()
    return [("a node with two operands", f"{mine:.0f} bytes", f"{peer:.0f} bytes", "goal: at most 120 bytes")]


def chains() -> list[Row]:
    """Chains of additions, forward, back, and freed again with the collector off."""
    rows = []
    gc.collect()
    gc.disable()
    for n in (10_000, 100_000, 1_000_000):
        forward, backward, free = [], [], []
        for _ in range(3):
            x = Value(1.0)

            def grow(x: Value = x) -> Value:
                y = x
                for _ in range(n):  # noqa: B023
                    y = y + x
                return y

            kept: list[Value] = []
            forward.append(seconds(lambda: kept.append(grow())))  # noqa: B023
            backward.append(seconds(lambda: kept[0].backward()))  # noqa: B023
            free.append(seconds(kept.clear))
            assert x.grad == n + 1
        per_node = [1e9 * median(times) / n for times in (forward, backward, free)]
        rows.append(
            (
                f"a chain of {n:,} nodes",
                f"{sum(map(median, (forward, backward, free))):.3f} s",
                "",
                "{:.0f} ns a node forward, {:.0f} back, {:.0f} to free".format(*per_node),
            )
        )
    x = Value(1.0)
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    y = x
    for _ in range(1_000_000):
        y = y + x
    held = tracemalloc.get_traced_memory()[0] - before
    del y
    left = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    gc.enable()
    note = f"{left / 1e6:.1f} MB left when it is let go, with the collector off"
    rows.append(("memory of the longest chain", f"{held / 1e6:.0f} MB", "", note))
    return rows
