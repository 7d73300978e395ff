"""Short names of a network's parameters in pictures, steps and explanations."""

from __future__ import annotations

import pytest

import nn
from autograd import Value, explain, steps
from autograd.notation.names import names
from autograd.notation.short import labels, parted, short


@pytest.mark.parametrize(
    "model",
    [
        nn.MLP(3, [12, 2]), nn.Linear(2, 11), nn.RNN(2, 3), nn.LSTM(1, 2), nn.GRUCell(2, 2), nn.BatchNorm(3),
        nn.Sequential(nn.Linear(11, 12), nn.PReLU(), nn.LayerNorm(12)), nn.Residual(nn.Layer(2, 2)),
    ],
    ids=repr,
)  # fmt: skip
def test_no_two_numbers_of_a_model_have_the_same_name(model):
    found = labels(model.parameters())
    assert len({*found.values()}) == len(found)
    assert not [name for name in found.values() if "." in name]


def test_two_models_with_the_same_short_names_keep_their_full_ones():
    one, other = nn.MLP(1, [1], seed=0), nn.MLP(1, [1], seed=1)
    found = labels([*one.parameters(), *other.parameters(), Value(1.0, "b")])
    assert list(found.values()) == ["layers.0.neurons.0.w.0", "layers.0.neurons.0.b"] * 2 + ["b"]


def test_what_a_user_called_so_stays():
    assert list(labels([Value(1.0, "x.0"), Value(2.0, "v1.0")]).values()) == ["x.0", "v1.0"]
    assert [short(x) for x in ("rate", "encoder.scale", "0.5", "a b.0", "")] == [
        "rate",
        "encoder.scale",
        "0.5",
        "a b.0",
        "",
    ]


def test_a_short_name_can_be_taken_apart_again():
    assert [parted(short(f"layers.{i}.neurons.{j}.w.{k}")) for i, j, k in [(0, 0, 1), (1, 9, 1), (10, 0, 0)]] == [
        ("w", "12", "(1)"), ("w", "10,2", "(2)"), ("w", "11", "(11)"),
    ]  # fmt: skip


def test_automatic_names_count_in_the_order_in_which_one_reads():
    model = nn.MLP(2, [3, 1], activation="tanh", seed=0)
    y = model([1.0, 2.0])
    found = names(list(steps(y).data))
    sums = [found[h.parents[0]] for h in y.parents[3:6]]
    assert sums == sorted(sums)
    assert sums[0] == "v1"


def test_explanations_and_steps_have_the_short_names_and_the_full_ones_on_request():
    model = nn.MLP(2, [2, 1], activation="tanh", seed=0)
    y = model([1.0, 2.0])
    w = model.layers[0].neurons[1].w[0]
    assert "/∂w₂₁⁽¹⁾ =" in str(explain(y, w))
    assert r"\partial w_{21}^{(1)}" in explain(y, w).latex
    assert "layers.0.neurons.1.w.0 * 1" in str(explain(y, w, full_names=True))
    assert "w₂₁⁽¹⁾" in str(steps(y))
    assert steps(y, full_names=True).names[w].startswith("layers.0")
    assert "<msubsup><mi>w</mi><mn>21</mn><mn>(1)</mn></msubsup>" in steps(y).html().replace(r"\u003c", "<").replace(
        r"\u003e", ">"
    )
