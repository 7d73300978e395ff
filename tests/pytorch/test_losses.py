"""Losses beside PyTorch's in double precision: values and gradients, for each reduction, far out and at kinks, too."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd
from autograd import Value
from nn.losses.classes import cross_entropy, kl_div, nll_loss
from nn.losses.numbers import binary_cross_entropy_with_logits, hinge_loss, huber_loss, l1_loss, mse_loss

torch = pytest.importorskip("torch")
functional = torch.nn.functional

REDUCTIONS = ["mean", "sum", "none"]
every_reduction = pytest.mark.parametrize("reduction", REDUCTIONS)

small = st.integers(-3, 3).map(float)  # whole numbers meet the kinks
anything = small | st.floats(-10, 10) | st.floats(-1e6, 1e6) | st.floats(-1e150, 1e150)
logits = small | st.floats(-30, 30) | st.floats(-1000, 1000)
chances = st.integers(0, 64).map(lambda k: k / 64)  # so that PyTorch's 1 - t is exact


def torch_hinge_loss(outputs: Any, targets: Any, reduction: str) -> Any:
    each = functional.relu(1 - targets * outputs)
    return each if reduction == "none" else getattr(each, reduction)()


def torch_kl_div(log_probs: Any, target: Any, reduction: str) -> Any:
    if reduction == "none":
        return functional.kl_div(log_probs, target, reduction="none").sum(-1)
    return functional.kl_div(log_probs, target, reduction={"mean": "batchmean"}.get(reduction, reduction))


ELEMENTWISE = {
    mse_loss: (functional.mse_loss, anything, anything),
    l1_loss: (functional.l1_loss, anything, anything),
    huber_loss: (functional.huber_loss, anything, anything),
    binary_cross_entropy_with_logits: (functional.binary_cross_entropy_with_logits, logits, chances),
    hinge_loss: (torch_hinge_loss, anything, st.sampled_from([-1.0, 1.0])),
}
BY_CLASS = {
    cross_entropy: (functional.cross_entropy, logits),
    nll_loss: (functional.nll_loss, anything.map(lambda x: -abs(x))),  # of one sign: a sum that cancels has no digits
    kl_div: (torch_kl_div, st.floats(-30, 0) | st.floats(-1e6, 0)),
}


def named(losses: dict[Any, Any]) -> Any:
    return pytest.mark.parametrize("loss", losses, ids=lambda loss: loss.__name__)


def table(numbers: Any, rows: int, columns: int) -> Any:
    return st.lists(st.lists(numbers, min_size=columns, max_size=columns), min_size=rows, max_size=rows)


@st.composite
def distributions(draw: Any, classes: int) -> list[float]:
    """Probabilities, some of them 0, that sum to 1 up to rounding."""
    weights = draw(st.lists(st.integers(0, 10), min_size=classes, max_size=classes).filter(any))
    return [w / sum(weights) for w in weights]


def tensor(x: Any) -> Any:
    return torch.tensor(x, dtype=torch.float64)


def flat(tree: Any) -> list[Any]:
    return [x for part in tree for x in flat(part)] if isinstance(tree, list) else [tree]


def assert_equal(ours: list[float], theirs: Any) -> None:
    """Each number to 1e-12 of its own size (or of 1, if that is more)."""
    theirs = theirs.detach().reshape(-1).tolist()
    assert ours == [pytest.approx(x, rel=1e-12, abs=1e-12) for x in theirs]


def compare(ours: Any, theirs: Any, outputs: Any) -> None:
    """The same values of two losses, and the same gradients with respect to the same outputs."""
    values = [[Value(x) for x in row] for row in outputs]
    array = tensor(outputs).requires_grad_()
    mine, reference = ours(values), theirs(array)
    assert_equal([v.data for v in flat(mine)], reference)
    assert (len(mine),) == tuple(reference.shape)[:1] if isinstance(mine, list) else reference.shape == ()

    seeds = [(-1.0) ** i * (i + 1) for i, _ in enumerate(flat(mine))]  # another one for each loss
    autograd.dot(seeds, flat(mine)).backward()
    reference.backward(tensor(seeds).reshape(reference.shape))
    assert_equal([v.grad for row in values for v in row], array.grad)


@named(ELEMENTWISE)
@every_reduction
@given(st.integers(1, 3), st.integers(1, 4), st.data())
def test_losses_of_numbers(loss, reduction, rows, columns, data):
    theirs, outputs, targets = ELEMENTWISE[loss]
    ys = data.draw(table(outputs, rows, columns))
    ts = data.draw(table(targets, rows, columns))
    compare(
        lambda values: loss(values, ts, reduction=reduction),
        lambda array: theirs(array, tensor(ts), reduction=reduction),
        ys,
    )


@every_reduction
@given(st.integers(1, 4), st.data(), st.sampled_from([1e-3, 0.5, 1.0, 2.0, 1e3]) | st.floats(1e-6, 1e6))
def test_huber_loss_with_any_delta(reduction, columns, data, delta):
    near = anything | st.sampled_from([delta, -delta])
    ys = data.draw(table(near, 2, columns))
    ts = data.draw(table(small, 2, columns))
    compare(
        lambda values: huber_loss(values, ts, delta, reduction=reduction),
        lambda array: functional.huber_loss(array, tensor(ts), delta=delta, reduction=reduction),
        ys,
    )


@named(BY_CLASS)
@every_reduction
@given(st.integers(1, 4), st.integers(1, 5), st.data())
def test_losses_of_classes(loss, reduction, rows, classes, data):
    theirs, numbers = BY_CLASS[loss]
    targets = distributions(classes) if loss is kl_div else st.integers(0, classes - 1)
    ts = data.draw(st.lists(targets, min_size=rows, max_size=rows))
    expected = tensor(ts) if loss is kl_div else torch.tensor(ts)
    compare(
        lambda values: loss(values, ts, reduction=reduction),
        lambda array: theirs(array, expected, reduction=reduction),
        data.draw(table(numbers, rows, classes)),
    )


@named(BY_CLASS)
@every_reduction
@given(st.integers(1, 5), st.data())
def test_a_single_example_is_a_batch_of_one_without_the_list(loss, reduction, classes, data):
    theirs, numbers = BY_CLASS[loss]
    t = data.draw(distributions(classes) if loss is kl_div else st.integers(0, classes - 1))
    expected = tensor(t) if loss is kl_div else torch.tensor(t)
    compare(
        lambda values: loss(values[0], t, reduction=reduction),
        lambda array: theirs(array, expected[None], reduction=reduction).reshape(()),
        data.draw(table(numbers, 1, classes)),
    )


@given(st.lists(logits, min_size=2, max_size=5), st.data())
def test_kl_divergence_through_log_softmax(zs, data):
    p = data.draw(distributions(len(zs)))
    compare(
        lambda values: kl_div([autograd.log_softmax(values[0])], [p]),
        lambda array: torch_kl_div(functional.log_softmax(array, -1), tensor([p]), "mean"),
        [zs],
    )


# ---------------------------------------------------------------------------------- weights, smoothing, what is ignored

weights = st.sampled_from([0.0, 0.5, 1.0, 3.0]) | st.floats(0.01, 10)
smoothings = st.sampled_from([0.0, 0.1, 1.0]) | st.floats(0, 1)
IGNORED = st.sampled_from([None, -100, -1, 0, 7])


def drawn_weights(data: Any, classes: int) -> list[float] | None:
    """Weights for the classes, or none; no true class has 0, for the mean of PyTorch divides by that."""
    return data.draw(st.none() | st.lists(weights.filter(bool), min_size=classes, max_size=classes))


@every_reduction
@given(st.integers(1, 4), st.integers(2, 5), smoothings, IGNORED, st.data())
def test_cross_entropy_of_numbers_of_classes(reduction, rows, classes, smoothing, ignored, data):
    ts = data.draw(st.lists(st.integers(0, classes - 1), min_size=rows, max_size=rows))
    ts = [ignored if ignored is not None and data.draw(st.booleans()) else t for t in ts]
    if ignored is not None and set(ts) == {ignored}:
        ts.append(1)  # of nothing PyTorch's mean is nan
    ws = drawn_weights(data, classes)
    settings = {"reduction": reduction, "label_smoothing": smoothing}
    asked = {} if ignored is None else {"ignore_index": ignored}
    compare(
        lambda values: cross_entropy(values, [float(t) for t in ts], weight=ws, **asked, **settings),
        lambda array: functional.cross_entropy(
            array, torch.tensor(ts), weight=None if ws is None else tensor(ws), **asked, **settings
        ),
        data.draw(table(small | st.floats(-30, 30), len(ts), classes)),
    )


@every_reduction
@given(st.integers(1, 4), st.integers(2, 5), smoothings, st.data())
def test_cross_entropy_of_probabilities(reduction, rows, classes, smoothing, data):
    one_hot = st.integers(0, classes - 1).map(lambda k: [int(j == k) for j in range(classes)])
    ts = data.draw(st.lists(distributions(classes) | one_hot, min_size=rows, max_size=rows))
    ws = data.draw(st.none() | st.lists(weights, min_size=classes, max_size=classes).filter(any))
    settings = {"reduction": reduction, "label_smoothing": smoothing}
    compare(
        lambda values: cross_entropy(values, ts, weight=ws, **settings),
        lambda array: functional.cross_entropy(
            array, tensor(ts), weight=None if ws is None else tensor(ws), **settings
        ),
        data.draw(table(small | st.floats(-30, 30), rows, classes)),
    )


@every_reduction
@given(st.integers(1, 4), st.integers(2, 5), IGNORED, st.data())
def test_nll_loss_with_weights(reduction, rows, classes, ignored, data):
    ts = [*data.draw(st.lists(st.integers(0, classes - 1), min_size=rows, max_size=rows)), 1]
    ts = [ignored, *ts] if ignored is not None else ts
    ws, asked = drawn_weights(data, classes), {} if ignored is None else {"ignore_index": ignored}
    compare(
        lambda values: nll_loss(values, ts, weight=ws, reduction=reduction, **asked),
        lambda array: functional.nll_loss(
            array, torch.tensor(ts), weight=None if ws is None else tensor(ws), reduction=reduction, **asked
        ),
        data.draw(table(st.floats(-30, 0), len(ts), classes)),
    )


@every_reduction
@given(st.integers(1, 3), st.integers(1, 4), st.data())
def test_binary_cross_entropy_with_weights_of_the_positive(reduction, rows, columns, data):
    ws = data.draw(weights | st.lists(weights, min_size=columns, max_size=columns))
    ts = data.draw(table(chances, rows, columns))
    compare(
        lambda values: binary_cross_entropy_with_logits(values, ts, pos_weight=ws, reduction=reduction),
        lambda array: functional.binary_cross_entropy_with_logits(
            array, tensor(ts), pos_weight=tensor(ws), reduction=reduction
        ),
        data.draw(table(logits, rows, columns)),
    )
