"""What data frames, CSV readers and loaders give goes in anywhere and learns the same; or a sentence says why."""

from __future__ import annotations

import csv
from typing import Any

import numpy as np
import pytest

import autograd
from nn import (
    MLP,
    RNN,
    SGD,
    BatchNorm,
    Embedding,
    Linear,
    Residual,
    Sequential,
    Standardizer,
    accuracy,
    binary_cross_entropy_with_logits,
    cross_entropy,
    evaluate,
    fit,
    mse_loss,
)

X = [[0.1, 0.2], [0.3, 0.4], [0.5, 0.6], [0.7, 0.8]]
Y = [0.0, 1.0, 1.0, 0.0]


class Frame:
    """What frames of pandas and polars are here: they know `to_numpy`, and are gone through by column."""

    def __init__(self, rows: Any) -> None:
        self.rows = np.array(rows)

    def __iter__(self):
        return iter(["a", "b"])

    def __len__(self):
        return len(self.rows)

    def to_numpy(self):
        return self.rows


def pandas(rows: Any) -> Any:
    module = pytest.importorskip("pandas")
    return (module.DataFrame if isinstance(rows[0], list) else module.Series)(rows)


def polars(rows: Any) -> Any:
    module = pytest.importorskip("polars")
    return module.DataFrame(rows, orient="row") if isinstance(rows[0], list) else module.Series(rows)


def tensors(rows: Any) -> Any:
    return pytest.importorskip("torch").tensor(rows, dtype=pytest.importorskip("torch").float64)


KINDS = {
    "frames": Frame,
    "pandas": pandas,
    "polars": polars,
    "tensors": tensors,
    "rows of tensors": lambda rows: list(tensors(rows)),
    "tensors with gradients": lambda rows: tensors(rows).requires_grad_(),
    "arrays": np.array,
    "rows of arrays": lambda rows: list(np.array(rows)),
    "arrays of objects": lambda rows: np.array(rows, dtype=object),
    "tuples": lambda rows: tuple(tuple(row) if isinstance(row, list) else row for row in rows),
}
every_kind = pytest.mark.parametrize("kind", KINDS)


def learned(inputs: Any, targets: Any, loss: Any = mse_loss, outputs: int = 1, **settings: Any) -> Any:
    model = MLP(2, [3, outputs], seed=0)
    optimizer = SGD(model.parameters(), lr=0.1)
    validation = (inputs, targets)
    fit(model, loss, inputs, targets, optimizer=optimizer, epochs=2, progress=False, validation=validation, **settings)
    return model.state_dict(), evaluate(model, loss, inputs, targets), accuracy(model.batch(inputs), targets)


@every_kind
@pytest.mark.parametrize("compiled", [False, True])
def test_fit_evaluate_and_accuracy_take_them(kind, compiled):
    given = KINDS[kind]
    assert learned(given(X), given(Y), compile=compiled) == learned(X, Y, compile=compiled)
    classes = {"loss": cross_entropy, "outputs": 2, "compile": compiled}
    assert learned(given(X), given(Y), **classes) == learned(X, [0, 1, 1, 0], **classes)


@pytest.mark.parametrize("dtype", [bool, np.int8, np.uint16, np.int64, np.float16, np.float32, object])
@pytest.mark.parametrize("compiled", [False, True])
def test_arrays_of_every_dtype_are_the_numbers_that_they_hold(dtype, compiled):
    rows = [[0, 1], [1, 1], [1, 0], [0, 0]]
    expected = learned([[float(x) for x in row] for row in rows], Y, compile=compiled)
    assert learned(np.array(rows, dtype=dtype), np.array(Y, dtype=dtype), compile=compiled) == expected


@every_kind
def test_models_and_losses_take_them(kind):
    given, model = KINDS[kind], MLP(2, [3, 1], seed=0)

    def data(values: Any) -> Any:
        return [data(v) for v in values] if isinstance(values, list) else getattr(values, "data", values)

    assert data(model.batch(given(X))) == data(model.batch(X))
    for module in (Sequential(Linear(2, 2, seed=0), BatchNorm(2)), BatchNorm(2), Residual(Linear(2, 2, seed=0))):
        assert data(module.batch(given(X))) == data(module.batch(X))
    assert mse_loss(model.batch(X), given(Y)).data == mse_loss(model.batch(X), Y).data
    assert mse_loss(given(X), given(X)) == 0.0
    assert binary_cross_entropy_with_logits(given(Y), given(Y)) == binary_cross_entropy_with_logits(Y, Y)
    assert cross_entropy(given(X), given(Y)) == cross_entropy(X, Y)
    assert data(RNN(2, 2, seed=0)(given(X))[0]) == data(RNN(2, 2, seed=0)(X)[0])
    assert Standardizer(given(X))(given(X)) == Standardizer(X)(X)
    if kind != "rows of tensors":  # numbers alone are tensors there
        assert model(given(X[0])).data == model(X[0]).data
        assert list(autograd.grad(lambda v: v[0] * v[1])(given(X[0]))) == [0.2, 0.1]
        assert (autograd.sum(given(Y)), autograd.softmax(given(Y))) == (2.0, autograd.softmax(Y))


def test_the_batches_of_a_loader_go_through_a_loop_of_one_s_own():
    torch = pytest.importorskip("torch")
    data = torch.utils.data.TensorDataset(tensors(X), torch.tensor([0, 1, 1, 0]))
    loader = torch.utils.data.DataLoader(data, batch_size=2)
    model = MLP(2, [3, 2], seed=0)
    losses = [cross_entropy(model.batch(inputs), targets).data for inputs, targets in loader]
    assert sum(losses) / 2 == pytest.approx(cross_entropy(model.batch(X), Y).data, rel=1e-14)
    words = Embedding(3, 1, seed=0)
    assert words(torch.tensor([0, 2])) == [words(0), words(2)]
    with pytest.raises(TypeError, match=r"write the loop over its batches yourself, with model\.batch"):
        learned(loader, Y)


@pytest.mark.parametrize(
    ("inputs", "targets", "error", "message"),
    [
        (
            list(csv.reader(["0.1,0.2"])),
            [1.0],
            TypeError,
            r"inputs\[0\]: .* got '0.1' \(str\): float\(\) makes a number",
        ),
        ([[0.1, 0.2]], ["1"], ValueError, r"targets\[0\]: .* got str, expected number: float\(\) makes a number of it"),
        pytest.param(
            csv.reader(["0.1,0.2"]),
            [1.0],
            TypeError,
            r"inputs must be a list .*: list\(\) makes one of what is read",
            id="a reader",  # which pytest would name by its address: another one in each process
        ),
        ({"a": [0.1], "b": [0.2]}, [1.0], TypeError, r"inputs must be a list with an item for each example, got \{'a'"),
        (
            [[0.1, 0.2]],
            np.array([[1.0]]),
            ValueError,
            r"got \[number\], expected number; take the one number out of",
        ),
        ([[0.1, None]], [1.0], TypeError, r"inputs\[0\]: an input must be a real number, got None"),
        (np.array([[0.1, np.nan]]), [1.0], ValueError, r"inputs\[0\]\[1\] is nan"),
    ],
    ids=lambda x: repr(x)[:30],
)
def test_what_is_not_taken_says_what_to_do(inputs, targets, error, message):
    with pytest.raises(error, match=message):
        learned(inputs, targets)


def test_a_model_that_is_called_with_many_examples_says_how_to():
    with pytest.raises(TypeError, match=r"takes one example of 2 inputs at a time, and its batch\(\) many"):
        MLP(2, [1])(np.array(X))
