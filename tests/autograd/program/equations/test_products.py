"""Attention as a textbook has it: what is read of a program in which positions and heads are one product each."""

from __future__ import annotations

from typing import Any

import pytest

import nn
from autograd import compile, mean
from autograd.program.equations.equations import Equations


def explained(length: int = 3, **settings: Any) -> Equations:
    model = nn.GPT(vocab=5, block_size=8, n_head=2, n_embd=4, seed=0, **settings)

    def loss(tokens: Any, targets: Any) -> Any:
        return nn.cross_entropy(model(tokens), targets)

    return compile(loss, model.parameters()).explain([[0, 3, 1, 2, 2][:length]], [[3, 1, 2, 2, 4][:length]])


def test_a_transformer_has_the_lines_of_a_textbook():
    lines = [x.text for x in explained().equations]
    for line in (
        "H2 = rsqrt(¼ sum↓4(H1²) + 1e-05)",
        "[K1; V1; Q1] = W2 (attention_norm.weight ⊙ H1 ⊙ H2)",
        "S1 = 0.7071 K1ᵀ Q1 + mask",
        "A1 = softmax↓(S1)",
        "Z2 = H1 + W3 (V1 A1)",
        "A3 = relu(Z3)",
        "δ5 = (softmax↓(Z5) − onehot(targets)) / 3",
        "∇W6 = δ5 (norm.weight ⊙ Z4 ⊙ H4)ᵀ",
        "∇norm.weight = (W6ᵀ δ5 ⊙ Z4 ⊙ H4) 1",
        "δ4 = W6ᵀ δ5 ⊙ norm.weight ⊙ H4 − ¼ sum↓4(W6ᵀ δ5 ⊙ norm.weight ⊙ Z4) ⊙ H4³ ⊙ Z4",
        "∇W3 = δ2 (V1 A1)ᵀ",
        "δA1 = V1ᵀ (W3ᵀ δ2)",
        "δS1 = A1 ⊙ δA1 − A1 ⊙ sum↓3(A1 ⊙ δA1)",
        "[δK1; δV1; δQ1] = [0.7071 Q1 δS1ᵀ; W3ᵀ δ2 A1ᵀ; 0.7071 K1 δS1]",
    ):
        assert line in lines


def test_its_lines_are_as_many_for_every_length_and_name_nothing_from_inside():
    found = [explained(length) for length in (3, 5)]
    assert [len(x.equations) for x in found] == [31, 31]  # with the embeddings, the head and the loss
    for x in found:
        assert not any(word in x.text for word in ("into", "repeat", "einsum", "θ", "one_hot", "Z1"))


KINDS: list[dict[str, Any]] = [
    {}, {"bias": True}, {"norm": "layer"}, {"norm": "layer", "bias": True},
    {"activation": "gelu", "bias": True, "norm": "layer"},
]  # fmt: skip


@pytest.mark.parametrize("settings", KINDS, ids=str)
def test_a_block_is_at_most_30_lines(settings: dict[str, Any]):
    block = nn.TransformerBlock(4, n_head=2, seed=0, **settings)
    program = compile(lambda xs: mean([y * y for row in block(xs) for y in row]), block.parameters())
    found = program.explain([[[0.1, 0.2, 0.3, 0.4], [0.5, -0.5, 0.25, 0.0], [0.0, 1.0, -1.0, 0.5]]])
    assert len(found.equations) <= 30
    assert not any(word in found.text for word in ("into", "repeat", "einsum", "θ", "·"))


@pytest.mark.parametrize("settings", [*KINDS, {"norm": "layer", "bias": True, "tied": True}], ids=str)
def test_a_block_more_is_at_most_30_lines_more(settings: dict[str, Any]):
    one, two = [len(explained(n_layer=n, **settings).equations) for n in (1, 2)]
    assert 20 <= two - one <= 30


def test_what_each_position_is_centred_by_is_a_line_of_its_gradient():
    found = explained(norm="layer")
    lines = [x.text for x in found.equations]
    assert "H2 = rsqrt(¼ sum↓4(centred↓(Z2)²) + 1e-05)" in lines
    assert any(line.startswith("δ2 = δ4 + centred↓(") for line in lines)
    assert "centred↓ takes the mean of a column away." in found.text


def test_each_position_is_a_column():
    shapes = {x.name: x.shape for x in explained(5).equations}
    assert (shapes["H1"], shapes["S1"], shapes["Z3"], shapes["∇W2"]) == ((4, 5), (10, 5), (16, 5), (12, 4))


@pytest.mark.parametrize("n", [2, 3, 7])
def test_so_is_each_position_of_what_a_block_is_given_and_what_is_computed_before_its_first_product(n):
    block = nn.TransformerBlock(4, n_head=2, n_hidden=8, seed=0)
    program = compile(lambda xs: mean([y * y for row in block(xs) for y in row]), block.parameters())
    found = program.explain([[[0.1 * i + j for j in range(4)] for i in range(n)]])
    shapes = {x.name: x.shape for x in found.equations}
    assert (found.given["xs"], shapes["H1"], shapes["Z2"], shapes["Z4"]) == ((4, n),) * 4
    assert shapes["H2"] == (1, n)
    assert "A column beside ⊙ multiplies each column, a row each row." in found.text


@pytest.mark.parametrize("settings", [
    {"bias": True, "norm": "layer", "tied": True}, {"n_layer": 2}, {"activation": "gelu", "bias": True},
], ids=str)  # fmt: skip
def test_every_transformer_can_be_read(settings: dict[str, Any]):
    found = explained(**settings)
    assert "softmax↓(S1)" in found.text
    assert "K_{1}^{\\top} Q_{1}" in found.latex


def test_what_a_loss_leaves_out_is_a_factor_of_its_gradient():
    model = nn.GPT(vocab=5, block_size=8, n_head=2, n_embd=4, seed=0)

    def loss(tokens: Any, targets: Any) -> Any:
        return nn.cross_entropy(model(tokens), targets, ignore_index=-1)

    found = compile(loss, model.parameters()).explain([[0, 3, 1], [0, 2, 0]], [[3, 1, 4], [2, 4, -1]])
    assert "δ5 = H2 / sum↓(H2) ⊙ (softmax↓(Z5) − onehot(targets ⊙ H2)) / 2 " in found.text
