"""Losses: what a network is trained to make small; and accuracy, what one hopes to make large.

There are two kinds. Those of numbers (squared error and its relatives) compare each output with its target, however the
two are nested; those of classes look at all outputs of an example at once. Both take one example or a batch, and
`reduction` says what becomes of the losses: their "mean", as in PyTorch, their "sum", or each of them with "none".
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Sequence
from typing import Any, Literal, TypeAlias

from autograd import Value, dot, mean, minimum, neg, pow, relu, softplus, sum
from autograd.messages import shown
from autograd.ops import cross_entropy as cross_entropy_rule
from autograd.program.choice import chosen, others, required
from autograd.rules import Operand, listed, number
from autograd.structure import as_lists, leaves_like, leaves_of, like

Reduction: TypeAlias = Literal["mean", "sum", "none"]

# ----------------------------------------------------------------------------------------------------------- of numbers


def mse_loss(outputs: Any, targets: Any, *, reduction: Reduction = "mean") -> Any:
    """The mean squared error, (1/n) Σ (output - target)².

    Args:
        outputs: a Value or number, or a (nested) list of n in all.
        targets: numbers, nested like the outputs.
        reduction: "mean", "sum" of all, or "none" for a loss for each output, nested as they are.

    Returns:
        A Value; with "none" as many as there are outputs.

    Raises:
        ValueError: if a target is not finite, if the two are not nested alike, if there are none, or if there is no
            such reduction.
        TypeError: if an output is neither Value nor number, or a target is not a plain number.

    >>> mse_loss([1.0, 4.0], [0.0, 2.0])
    2.5
    >>> mse_loss([1.0, 4.0], [0.0, 2.0], reduction="none")
    [1.0, 4.0]
    """
    return _elementwise(lambda y, t: pow(y - t, 2), outputs, targets, reduction)


def l1_loss(outputs: Any, targets: Any, *, reduction: Reduction = "mean") -> Any:
    """The mean absolute error, (1/n) Σ |output - target|.

    Args:
        outputs, targets, reduction: as for `mse_loss`.

    Returns:
        A Value, or with "none" as many as there are outputs. Where an output is its target, the derivative is 0.

    Raises:
        ValueError, TypeError: as `mse_loss`.

    >>> l1_loss([1.0, 4.0], [0.0, 2.0])
    1.5
    """
    return _elementwise(lambda y, t: abs(y - t), outputs, targets, reduction)


def huber_loss(outputs: Any, targets: Any, delta: float = 1.0, *, reduction: Reduction = "mean") -> Any:
    """Half the squared error up to a distance of delta, and from there on a line (Huber 1964), averaged.

    With d = output - target it is d²/2 where |d| <= δ, and δ(|d| - δ/2) beyond: both are m(|d| - m/2), where m is the
    smaller one of |d| and δ.

    Args:
        outputs, targets, reduction: as for `mse_loss`.
        delta: the distance δ where the line begins, a positive number.

    Returns:
        A Value, or with "none" as many as there are outputs. No derivative is beyond ±δ (±δ/n in the mean).

    Raises:
        ValueError: if delta is not positive and finite; and as `mse_loss`.
        TypeError: if delta is not a plain number; and as `mse_loss`.

    >>> huber_loss([0.5, 10.0], [0.0, 0.0], reduction="none")
    [0.125, 9.5]
    """
    delta = number(delta, "delta")
    if not 0 < delta < math.inf:
        raise ValueError(f"delta must be a positive number, the distance where the line begins, got {shown(delta)}")

    def huber(y: Any, t: Any) -> Any:
        distance = abs(y - t)
        m = minimum(distance, delta)
        return m * (distance - 0.5 * m)

    return _elementwise(huber, outputs, targets, reduction)


def binary_cross_entropy_with_logits(logits: Any, targets: Any, *, reduction: Reduction = "mean") -> Any:
    """The negative log-likelihood of yes/no answers, -t ln σ(z) - (1 - t) ln(1 - σ(z)), averaged.

    Written with softplus, it neither overflows nor loses digits: ln(1 + e⁻ᶻ) for t = 1, ln(1 + eᶻ) for t = 0.

    Args:
        logits: a Value or number z, or a (nested) list of n in all.
        targets: numbers t from 0 to 1, nested like the logits.
        reduction: as for `mse_loss`.

    Returns:
        A Value, whose derivative with respect to each logit is (σ(z) - t)/n; with "none" as many as there are logits.

    Raises:
        ValueError: if a target is not from 0 to 1; and as `mse_loss`.
        TypeError: as `mse_loss`.

    >>> round(binary_cross_entropy_with_logits([0.0, 1000.0], [1, 1]), 6)
    0.346574
    """
    return _elementwise(_likelihood, logits, targets, reduction, lambda t: (t >= 0) & (t <= 1), "from 0 to 1")


def _likelihood(z: Any, t: Any) -> Any:
    if _unknown(t):
        return (1 - t) * softplus(z) + t * softplus(-z)
    if t == 1:
        return softplus(-z)
    return (1 - t) * softplus(z) + t * softplus(-z) if t else softplus(z)


def hinge_loss(outputs: Any, targets: Any, *, reduction: Reduction = "mean") -> Any:
    """The margin loss max(0, 1 - t·output), averaged (Cortes & Vapnik 1995).

    Args:
        outputs: a Value or number, or a (nested) list of n in all.
        targets: -1 or 1 for each of them, nested alike.
        reduction: as for `mse_loss`.

    Returns:
        A Value; with "none" as many as there are outputs.

    Raises:
        ValueError: if a target is neither -1 nor 1; and as `mse_loss`.
        TypeError: as `mse_loss`.

    >>> hinge_loss([2.0, 0.5], [1, -1])
    0.75
    """
    return _elementwise(
        lambda y, t: relu(1 - t * y), outputs, targets, reduction, lambda t: (t == -1) | (t == 1), "-1 or 1"
    )


def _elementwise(
    loss: Callable[[Any, Any], Any],
    outputs: Any,
    targets: Any,
    reduction: Reduction,
    allowed: Callable[[float], bool] = math.isfinite,
    what: str = "finite numbers",
) -> Any:
    """The losses of each output with its target, reduced."""
    outputs, targets = as_lists(outputs), as_lists(targets)
    alike = leaves_like(targets, outputs, ("targets", "the outputs"))
    ts = [t if _unknown(t) else number(t, "a target") for t in alike]
    ys = leaves_of(outputs, "outputs")
    if not ys:
        raise ValueError(f"outputs must hold at least one number, got {shown(outputs)}")
    for t in ts:
        if _unknown(t):
            if allowed is not math.isfinite:  # a loss that is not finite tells by itself
                required(t, allowed)
        elif not allowed(t):
            raise ValueError(f"targets must be {what}, got {shown(t)}")
    return _reduced([loss(y, t) for y, t in zip(ys, ts)], outputs, reduction)


# ----------------------------------------------------------------------------------------------------------- of classes


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
    if _unknown(target):
        return cross_entropy_rule(chosen(target, logits), others(target, logits))
    k = _class(target_name, target, len(logits))
    return cross_entropy_rule(logits[k], logits[:k] + logits[k + 1 :])


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
    if _unknown(target):
        return neg(chosen(target, log_probs))
    return neg(log_probs[_class(target_name, target, len(log_probs))])


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
    if any(map(_unknown, alike)):
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
        return _reduced([loss(_row(outputs, name), target, name, "target")], None, reduction)
    for argument, items in ((name, outputs), ("target", target)):
        if not isinstance(items, (list, tuple)):
            raise TypeError(f"{argument} must be a list with an item for each example of the batch, got {shown(items)}")
    if len(outputs) != len(target) or not target:
        raise ValueError(f"there must be a target for each row of {name}, got {len(outputs)} and {len(target)}")
    examples = [
        loss(_row(row, f"{name}[{i}]"), t, f"{name}[{i}]", f"target[{i}]")
        for i, (row, t) in enumerate(zip(outputs, target))
    ]
    return _reduced(examples, examples, reduction)


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


def _unknown(target: Any) -> bool:
    """Whether a target has no number yet: the loss is being compiled, and `fit` has looked at the targets."""
    return isinstance(target, Operand) and target.unknown


def _class(name: str, target: Any, classes: int) -> int:
    try:
        k = operator.index(target)
    except TypeError:
        raise TypeError(f"{name} must be the number of a class, an integer, got {shown(target)}") from None
    if not 0 <= k < classes:
        raise ValueError(f"{name} must be a class from 0 to {classes - 1}, got {shown(k)}")
    return k


# --------------------------------------------------------------------------------------------------------- of all kinds


def _reduced(losses: list[Any], tree: Any, reduction: Reduction) -> Any:
    """The losses of all in `tree`, in order: their mean, their sum, or each in its place; of no tree the only one."""
    if reduction not in ("mean", "sum", "none"):
        raise ValueError(f"reduction must be 'mean', 'sum' or 'none', got {shown(reduction)}")
    if reduction == "none" or tree is None:
        return like(tree, iter(losses))
    return mean(losses) if reduction == "mean" else sum(losses)


def accuracy(outputs: Sequence[Any], targets: Sequence[Any]) -> float:
    """The share of examples that are classified rightly.

    Args:
        outputs: for each of n examples a list of k logits, of which the largest is the answer; or one number, which
            answers yes where it is positive. Where one of them is not a number, the answer is wrong.
        targets: for each example the number of its class; or, for yes/no answers, a number that is positive for yes.

    Returns:
        A fraction from 0 to 1.

    Raises:
        TypeError: if the targets of logits are not integers.
        ValueError: if there are no examples, not as many targets, a single logit where there should be one for each
            class, or a target is out of range.

    >>> accuracy([[0.1, 2.0], [3.0, 1.0]], [1, 1]), accuracy([-0.3, 2.0], [-1, 1])
    (0.5, 1.0)
    """
    outputs, targets = as_lists([listed(outputs, "outputs", "answers"), listed(targets, "targets")])
    if len(outputs) != len(targets) or not len(targets):
        raise ValueError(f"accuracy needs a target for each output, got {len(outputs)} and {len(targets)}")
    return [_right(y, t) for y, t in zip(outputs, targets)].count(True) / len(targets)


def _right(output: Any, target: Any) -> bool:
    if not isinstance(output, (list, tuple)):
        y = _plain(output, "an output")
        return not math.isnan(y) and (y > 0) == (_plain(target, "a target") > 0)
    if len(output) < 2:
        raise ValueError(
            f"an output must be a logit for each class, or a number for yes/no answers, got {shown(output)}"
        )
    ys = [_plain(y, "a logit") for y in output]
    right = ys.index(max(ys)) == _class("target", target, len(ys))
    return right and not any(map(math.isnan, ys))


def _plain(x: Any, name: str) -> float:
    return x.data if isinstance(x, Value) else number(x, name)
