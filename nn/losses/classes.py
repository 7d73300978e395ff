"""Losses of classes: one example has an output for each class. Those of numbers stand in numbers.py.

Each takes an example or a batch, and `reduction` says what becomes of the losses of a batch: the "mean", as in PyTorch,
their "sum", or each of them with "none".
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from autograd import dot, neg
from autograd.basics.arguments import number
from autograd.basics.messages import shown
from autograd.choice import chosen, is_unknown, others
from autograd.ops import cross_entropy as cross_entropy_rule
from autograd.transforms.tree import as_lists, leaves_like

from .reduction import Reduction, class_number, reduced


def cross_entropy(logits: Any, target: Any, *, reduction: Reduction = "mean") -> Any:
    """The negative log-likelihood of the true class under softmax: -ln softmax(logits)[target], averaged over a batch.

    It is one node of the graph for an example, and its gradient with respect to the logits is softmax - onehot.

    Args:
        logits: a list of k Values or numbers; for a batch a list of such lists.
        target: the number of the true class, from 0 to k - 1; for a batch a list of them.
        reduction: for a batch the "mean" of the losses, their "sum", or "none" for a list with that of each example.

    Returns:
        A Value; for a batch with "none" a list of them.

    Raises:
        TypeError: if a target is not an integer, or the logits are not in lists.
        ValueError: if a target is out of range, if a batch has more or fewer targets than rows, or is empty, or if
            there is no such reduction.

    >>> from autograd import Value
    >>> logits = [Value(1000.0), Value(1000.0), Value(-1000.0)]
    >>> loss = cross_entropy(logits, 0)
    >>> loss.backward()
    >>> [z.grad for z in logits]
    [-0.5, 0.5, 0.0]
    """
    return _by_example(_cross_entropy, logits, target, "logits", reduction)


def _cross_entropy(logits: tuple[Any, ...], target: Any, logits_name: str, target_name: str) -> Any:
    k = class_number(target_name, target, len(logits))
    return cross_entropy_rule(chosen(k, logits), others(k, logits))


def nll_loss(log_probs: Any, target: Any, *, reduction: Reduction = "mean") -> Any:
    """The negative log-likelihood of the true class, -log_probs[target], averaged over a batch.

    Of `log_softmax(logits)` it is the cross-entropy of the logits.

    Args:
        log_probs: a list of k logarithms of probabilities, Values or numbers; for a batch a list of such lists.
        target, reduction: as for `cross_entropy`.

    Returns:
        A Value; for a batch with "none" a list of them.

    Raises:
        TypeError, ValueError: as `cross_entropy`.

    >>> from autograd import log_softmax
    >>> round(nll_loss(log_softmax([1.0, 1.0]), 0), 6), nll_loss([[-0.5, -1.0], [-2.0, -0.25]], [1, 0])
    (0.693147, 1.5)
    """
    return _by_example(_nll, log_probs, target, "log_probs", reduction)


def _nll(log_probs: tuple[Any, ...], target: Any, log_probs_name: str, target_name: str) -> Any:
    return neg(chosen(class_number(target_name, target, len(log_probs)), log_probs))


def kl_div(log_probs: Any, target: Any, *, reduction: Reduction = "mean") -> Any:
    """The divergence Σ p (ln p - ln q) of a distribution q from the target p (Kullback & Leibler 1951).

    As in PyTorch, the first argument is ln q, not q. The sum is over the classes, the mean over the examples of a
    batch: that is what PyTorch calls "batchmean" (its own "mean" divides by the number of classes, too).

    Args:
        log_probs: a list of k logarithms ln q, Values or numbers, such as `log_softmax` makes; for a batch a list of
            such lists.
        target: a list of k probabilities p that sum to 1; for a batch a list of such lists. A class with p = 0 adds 0.
        reduction: for a batch the "mean" over its examples, their "sum", or "none" for a list with one for each.

    Returns:
        A Value; for a batch with "none" a list of them.

    Raises:
        TypeError: if the log_probs are not in lists, or a probability is not a plain number.
        ValueError: if a probability is not from 0 to 1, if they don't sum to 1 within 1e-6, if the two are not nested
            alike, if a batch is empty, or if there is no such reduction.

    >>> from autograd import log_softmax
    >>> q = log_softmax([0.0, 0.0])
    >>> kl_div(q, [0.5, 0.5]), round(kl_div(q, [0.0, 1.0]), 6)
    (0.0, 0.693147)
    """
    return _by_example(_divergence, log_probs, target, "log_probs", reduction, of_target=1)


def _divergence(log_probs: tuple[Any, ...], target: Any, log_probs_name: str, target_name: str) -> Any:
    alike = leaves_like(target, log_probs, (target_name, log_probs_name))
    if any(map(is_unknown, alike)):
        raise TypeError("kl_div is not compiled where each example has its own target: train without compile=True")
    ps = [number(p, f"a probability in {target_name}") for p in alike]
    for p in ps:
        if not 0 <= p <= 1:
            raise ValueError(f"{target_name} must hold probabilities, from 0 to 1, got {shown(p)}")
    if abs(math.fsum(ps) - 1) > 1e-6:
        raise ValueError(f"{target_name} must hold probabilities that sum to 1, got a sum of {math.fsum(ps)!r}")
    present = [(p, math.log(p) - log_q) for p, log_q in zip(ps, log_probs) if p]  # for 0 · ∞ is not 0
    return dot([p for p, _ in present], [difference for _, difference in present])


def _by_example(
    loss: Callable[..., Any], outputs: Any, target: Any, name: str, reduction: Reduction, of_target: int = 0
) -> Any:
    """The loss of one example, or those of a batch, reduced; `of_target` is how deep the target of one is nested."""
    outputs, target = as_lists(outputs), as_lists(target)
    if _depth(outputs) <= 1 and _depth(target) <= of_target:
        return reduced([loss(_row(outputs, name), target, name, "target")], None, reduction)
    for argument, items in ((name, outputs), ("target", target)):
        if not isinstance(items, (list, tuple)):
            raise TypeError(f"{argument} must be a list with an item for each example of the batch, got {shown(items)}")
    if len(outputs) != len(target) or not target:
        raise ValueError(f"there must be a target for each row of {name}, got {len(outputs)} and {len(target)}")
    examples = [
        loss(_row(row, f"{name}[{i}]"), t, f"{name}[{i}]", f"target[{i}]")
        for i, (row, t) in enumerate(zip(outputs, target))
    ]
    return reduced(examples, examples, reduction)


def _depth(tree: Any) -> int:
    """How deep a list is nested, judged by its first item: 0 for a number, 1 for a list of numbers."""
    depth = 0
    while isinstance(tree, (list, tuple)):
        depth, tree = depth + 1, tree[0] if tree else None
    return depth


def _row(row: Any, name: str) -> tuple[Any, ...]:
    if _depth(row) != 1 or not row:
        raise TypeError(f"{name} must be a list of Values or numbers, one for each class, got {shown(row)}")
    return tuple(row)
