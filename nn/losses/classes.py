"""Losses of classes: one example has an output for each class. Those of numbers stand in numbers.py.

Each takes an example or a batch, and `reduction` says what becomes of the losses of a batch: the "mean", as in PyTorch,
their "sum", or each of them with "none".
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

from autograd import Value, dot, neg, sum
from autograd.basics.arguments import number
from autograd.basics.messages import shown
from autograd.lookup import chosen, is_unknown, others, required
from autograd.ops import cross_entropy as cross_entropy_rule
from autograd.transforms.tree import as_lists, leaves_like

from ..checks import fraction
from ..unheard import unheard
from .reduction import Reduction, reduced
from .targets import class_weights, kept_class, nothing, weights_for


@unheard
def cross_entropy(
    logits: Any,
    target: Any,
    *,
    reduction: Reduction = "mean",
    weight: Sequence[float] | None = None,
    ignore_index: int | None = None,
    label_smoothing: float = 0.0,
) -> Any:
    """The negative log-likelihood of the true class under softmax: -ln softmax(logits)[target], averaged over a batch.

    It is one node of the graph for an example, and its gradient with respect to the logits is softmax - onehot. Of
    probabilities p it is -Σ p ln softmax(logits), a one-hot list being those of one class.

    Args:
        logits: a list of k Values or numbers; for a batch a list of such lists.
        target: the number of the true class, from 0 to k - 1 (1.0 will do for 1); or a list of k probabilities that sum
            to 1; for a batch a list of either.
        reduction: for a batch the "mean" of the losses, their "sum", or "none" for a list with that of each example.
        weight: a factor for each class, k numbers. As in PyTorch, the mean divides by the weights of the true classes
            (of probabilities: by the number of examples). An example alone has its loss times its weight, and so have
            the examples of `fit`.
        ignore_index: examples with this number for a target count for nothing; None for none such (PyTorch has -100).
            Where all are ignored the loss is 0, and so is its gradient (PyTorch's mean is nan).
        label_smoothing: ε from 0 to 1; the target becomes (1 - ε) p + ε/k (Szegedy et al. 2016).

    Returns:
        A Value; for a batch with "none" a list of them.

    Raises:
        TypeError: if a target is neither a whole number nor a list of numbers, or the logits are not in lists.
        ValueError: if a target is out of range, if probabilities don't sum to 1 within 1e-6, if a batch has more or
            fewer targets than rows, or is empty, or if a setting is out of its range.

    >>> from autograd import Value
    >>> logits = [Value(1000.0), Value(1000.0), Value(-1000.0)]
    >>> loss = cross_entropy(logits, 0)
    >>> loss.backward()
    >>> [z.grad for z in logits]
    [-0.5, 0.5, 0.0]
    >>> cross_entropy([0.0, 0.0], [0.25, 0.75]) == cross_entropy([0.0, 0.0], 1.0)
    True
    >>> cross_entropy([[0.0, 0.0], [9.0, 0.0]], [0, -1], ignore_index=-1) == cross_entropy([0.0, 0.0], 0)
    True
    """
    weights, smoothing = class_weights(weight), fraction("label_smoothing", label_smoothing)

    def loss(logits: tuple[Any, ...], target: Any, logits_name: str, target_name: str) -> tuple[Any, Any]:
        k = len(logits)
        ws = weights_for(weights, k)
        if isinstance(target, (list, tuple)):
            if ignore_index is not None:
                raise ValueError(f"ignore_index is for numbers of classes, and {target_name} is {shown(target)}")
            ps = _probabilities(target, logits, target_name, logits_name)
            return _expected(logits, [w * ((1 - smoothing) * p + smoothing / k) for w, p in zip(ws, ps)]), 1.0
        number, kept = kept_class(target_name, target, k, ignore_index)
        if kept is None:
            return nothing(logits), 0.0
        counts = kept if weights is None else kept * chosen(number, ws)
        cost, scale = cross_entropy_rule(chosen(number, logits), others(number, logits)), (1 - smoothing) * counts
        if not smoothing:
            return _times(scale, cost), counts
        shares = [w * smoothing / k for w in ws]  # Σ s (cost of each class) = Σ s · cost + Σ s (z of the true one - z)
        z, spread = chosen(number, logits), kept * math.fsum(shares)
        return (scale + spread) * cost + kept * dot(shares, [z - other for other in logits]), counts

    alone = 0 if isinstance(target, (list, tuple)) and len(target) < 2 else 1  # [0] is a batch, of which 0 is a class
    return _by_example(loss, logits, target, "logits", reduction, of_target=alone, weighted=True)


def _times(factor: Any, x: Any) -> Any:
    return x if factor.__class__ is float and factor == 1.0 else factor * x


def _expected(logits: tuple[Any, ...], qs: list[Any]) -> Any:
    """Σ q (the cost of each class), by the cost of one of them: exactly its own where it has all of q."""
    known = not any(map(is_unknown, qs))
    most = max(range(len(qs)), key=qs.__getitem__) if known else 0
    cost = cross_entropy_rule(logits[most], others(most, logits))
    rest = [(q, logits[most] - z) for i, (q, z) in enumerate(zip(qs, logits)) if i != most and (not known or q)]
    total = _times(math.fsum(qs) if known else sum(qs), cost)
    return total + dot([q for q, _ in rest], [difference for _, difference in rest]) if rest else total


def nll_loss(
    log_probs: Any,
    target: Any,
    *,
    reduction: Reduction = "mean",
    weight: Sequence[float] | None = None,
    ignore_index: int | None = None,
) -> Any:
    """The negative log-likelihood of the true class, -log_probs[target], averaged over a batch.

    Of `log_softmax(logits)` it is the cross-entropy of the logits.

    Args:
        log_probs: a list of k logarithms of probabilities, Values or numbers; for a batch a list of such lists.
        target: the number of the true class, from 0 to k - 1; for a batch a list of them.
        reduction, weight, ignore_index: as for `cross_entropy`.

    Returns:
        A Value; for a batch with "none" a list of them.

    Raises:
        TypeError, ValueError: as `cross_entropy`.

    >>> from autograd import log_softmax
    >>> round(nll_loss(log_softmax([1.0, 1.0]), 0), 6), nll_loss([[-0.5, -1.0], [-2.0, -0.25]], [1, 0])
    (0.693147, 1.5)
    """
    weights = class_weights(weight)

    def loss(log_probs: tuple[Any, ...], target: Any, log_probs_name: str, target_name: str) -> tuple[Any, Any]:
        ws = weights_for(weights, len(log_probs))
        number, kept = kept_class(target_name, target, len(log_probs), ignore_index)
        if kept is None:
            return nothing(log_probs), 0.0
        counts = kept if weights is None else kept * chosen(number, ws)
        return _times(counts, neg(chosen(number, log_probs))), counts

    return _by_example(loss, log_probs, target, "log_probs", reduction, weighted=True)


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
    ps = _probabilities(target, log_probs, target_name, log_probs_name)
    if any(map(is_unknown, ps)):
        raise TypeError("kl_div is not compiled where each example has its own target: train without compile=True")
    present = [(p, math.log(p) - log_q) for p, log_q in zip(ps, log_probs) if p]  # for 0 · ∞ is not 0
    return dot([p for p, _ in present], [difference for _, difference in present])


def _is_share(p: Any) -> Any:
    return (p >= 0) & (p <= 1)


def _probabilities(target: Any, outputs: tuple[Any, ...], target_name: str, outputs_name: str) -> list[Any]:
    """The target as probabilities, one for each output; an error if they are none, or don't sum to 1."""
    alike = leaves_like(target, outputs, (target_name, outputs_name))
    if any(map(is_unknown, alike)):
        for p in alike:
            required(p, _is_share)
        required(sum(alike), lambda total: abs(total - 1) <= 1e-6)
        return alike
    ps = [number(p, f"a probability in {target_name}") for p in alike]
    for p in ps:
        if not 0 <= p <= 1:
            raise ValueError(f"{target_name} must hold probabilities, from 0 to 1, got {shown(p)}")
    if abs(math.fsum(ps) - 1) > 1e-6:
        raise ValueError(f"{target_name} must hold probabilities that sum to 1, got a sum of {math.fsum(ps)!r}")
    return ps


def _by_example(
    loss: Callable[..., Any],
    outputs: Any,
    target: Any,
    name: str,
    reduction: Reduction,
    of_target: int = 0,
    weighted: bool = False,
) -> Any:
    """The loss of one example, or those of a batch, reduced.

    `of_target` is how deep the target of one is nested; if `weighted`, each comes with how much it counts in the mean.
    """
    outputs, target = as_lists(outputs), as_lists(target)
    if _depth(outputs) <= 1 and _depth(target) <= of_target:
        found = loss(_row(outputs, name), target, name, "target")
        return reduced([found[0] if weighted else found], None, reduction)
    for argument, items in ((name, outputs), ("target", target)):
        if not isinstance(items, (list, tuple)):
            raise TypeError(f"{argument} must be a list with an item for each example of the batch, got {shown(items)}")
    if len(outputs) != len(target) or not target:
        raise ValueError(f"there must be a target for each row of {name}, got {len(outputs)} and {len(target)}")
    examples = [
        loss(_row(row, f"{name}[{i}]"), t, f"{name}[{i}]", f"target[{i}]")
        for i, (row, t) in enumerate(zip(outputs, target))
    ]
    losses, counts = ([x for x, _ in examples], [count for _, count in examples]) if weighted else (examples, None)
    return reduced(losses, losses, reduction, counts)


def _depth(tree: Any) -> int:
    """How deep a list is nested, judged by its first item: 0 for a number, 1 for a list of numbers."""
    depth = 0
    while isinstance(tree, (list, tuple)):
        depth, tree = depth + 1, tree[0] if tree else None
    return depth


def _row(row: Any, name: str) -> tuple[Any, ...]:
    if _depth(row) != 1 or not row:
        mend = ": let the model end with an output for each class" if isinstance(row, Value) else ""
        raise TypeError(f"{name} must be a list of Values or numbers, one for each class, got {shown(row)}{mend}")
    return tuple(row)
