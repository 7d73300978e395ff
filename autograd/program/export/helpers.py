"""Functions for pages that `program.source()` writes: what a reader knows by name, as softmax, and looks into tables.

A page has the text of those that it needs, without annotations; so each is written for a reader, in lines of 88
characters. `softmax_minus_onehot` has the slopes of ops.cross_entropy, for arrays.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..engines.numpy.functions import logsumexp


def softmax_of_each(k: Any, logits: Any) -> Any:
    # of each k rows
    return np.vstack([softmax(logits[i : i + k]) for i in range(0, len(logits), k)])


def softmax(logits: Any) -> Any:
    powers = np.exp(logits - logits.max(axis=0))
    return powers / powers.sum(axis=0)


def centred(k: Any, rows: Any) -> Any:
    # each k rows less their mean
    groups = rows.reshape(-1, k, rows.shape[1])
    return (groups - groups.mean(axis=1, keepdims=True)).reshape(rows.shape)


def onehot(index: Any, classes: Any) -> Any:
    known = (index >= 0) & (index < classes) & (index % 1 == 0)
    return np.where(known, index == np.arange(classes)[:, None], np.nan)


def cross_entropy_of(index: Any, logits: Any) -> Any:
    # ln softmax(logits) of the true class
    true = (onehot(index, len(logits)) * logits).sum(axis=0)
    return logsumexp((logits - true)[None])


def softmax_minus_onehot(index: Any, logits: Any) -> Any:
    # exact where the true class has nearly all: expm1(-loss) is what it lacks to 1
    hit = onehot(index, len(logits)) == 1
    return np.where(hit, np.expm1(-cross_entropy_of(index, logits)), softmax(logits))


def whole(index: Any, n: Any) -> Any:
    if not ((index >= 0) & (index < n) & (index % 1 == 0)).all():
        raise IndexError(f"an index must be a whole number from 0 to {n - 1}")
    return index.astype(int)


def rows_of(table: Any, index: Any) -> Any:
    # the rows of a table that m indices name, for each example in a column
    found = table[whole(index, len(table))]
    return found.transpose(0, 2, 1).reshape(-1, index.shape[1])


def rows_of_each(table: Any, index: Any, k: Any) -> Any:
    # the same where each example has a table of its own
    table = table.reshape(-1, k, table.shape[1])
    places = np.broadcast_to(whole(index, len(table)), (len(index), table.shape[2]))
    found = np.take_along_axis(table, places[:, None], axis=0)
    return found.reshape(-1, table.shape[2])


def back_into(g: Any, index: Any, k: Any, n: Any) -> Any:
    # to each row of a table the sum of the gradients of those that took it
    table = np.zeros((n, k))
    each = g.reshape(len(index), k, -1).transpose(0, 2, 1)
    np.add.at(table, np.broadcast_to(whole(index, n), each.shape[:2]), each)
    return table


def back_into_each(g: Any, index: Any, k: Any, n: Any) -> Any:
    # the same where each example has a table of its own
    each = g.reshape(len(index), k, -1).transpose(0, 2, 1)
    examples = np.arange(each.shape[1])
    table = np.zeros((n, len(examples), k))
    np.add.at(table, (whole(index, n), examples), each)
    return table.transpose(0, 2, 1).reshape(n * k, -1)


def each(f: Any, *numbers: Any) -> Any:
    # f, number by number; not a number where it isn't defined
    def defined(*xs: Any) -> Any:
        try:
            return np.nan if np.isnan(xs).any() else f(*xs)
        except (ValueError, ZeroDivisionError, OverflowError):
            return np.nan

    return np.frompyfunc(defined, len(numbers), 1)(*numbers).astype(float)


def each_list(f: Any, *groups: Any) -> Any:
    # the same for a function of lists: groups of shape (n, k, batch), or single rows
    given = [np.zeros((1, 0, 1)) if xs is None else xs for xs in groups]
    shape = np.broadcast_shapes(*[(xs.shape[0], xs.shape[-1]) for xs in given])
    result = np.full(shape, np.nan)
    for i, j in np.ndindex(shape):
        xs = [x[i % x.shape[0], ..., j % x.shape[-1]].tolist() for x in given]
        try:
            result[i, j] = f(*xs) if not any(np.isnan(x).any() for x in xs) else np.nan
        except (ValueError, ZeroDivisionError, OverflowError):
            continue
    return result


def slope_at(slopes: Any, sizes: Any, i: Any, j: Any) -> Any:
    # the slope for number j of operand i, from a function that gives all of them
    def slope(y: Any, *numbers: Any) -> Any:
        rest = iter(numbers)
        some = [None if k is None else range(k) for k in sizes]
        operands = [next(rest) if k is None else [next(rest) for _ in k] for k in some]
        found = slopes(y, *operands)
        found = list(found) if hasattr(found, "__iter__") else [found]
        nested = hasattr(found[0], "__iter__") == (sizes[0] is not None)
        if len(sizes) == 1 and (len(found) != 1 or not nested):
            found = [found]
        return found[i] if sizes[i] is None else list(found[i])[j]

    return slope


def whole_array(f: Any, *arrays: Any) -> Any:
    # a function of whole arrays, for numbers too
    return f(*[np.asarray(x) for x in arrays])
