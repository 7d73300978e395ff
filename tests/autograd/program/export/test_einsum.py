"""Products of several matrices on a page of NumPy."""

from __future__ import annotations

from typing import Any

import pytest

import autograd
import nn
from autograd import Value, compile
from tests.support.pages import page_agrees


def test_a_page_of_a_transformer_gives_its_loss_and_gradient():
    np = pytest.importorskip("numpy")
    model = nn.GPT(vocab=5, block_size=4, n_head=2, n_embd=4, bias=True, seed=0)

    def loss(tokens: Any, targets: Any) -> Any:
        return nn.cross_entropy(model(tokens), targets)

    program = compile(loss, model.parameters())
    batch = [[0, 3, 1], [2, 2, 4]], [[3, 1, 4], [2, 0, 0]]
    page = program.source(*batch)
    assert 'np.einsum("' in page
    space: dict[str, Any] = {}
    exec(page, space)
    mean, gradient = space["loss_and_gradient"]([p.data for p in model.parameters()], *batch)
    assert mean == pytest.approx(program(*batch), rel=1e-13)
    assert np.allclose(gradient, [p.grad for p in model.parameters()], rtol=1e-12, atol=1e-14)


def test_a_page_adds_up_the_examples_of_products_number_by_number():
    ws = [Value(0.1 * i - 0.3) for i in range(6)]
    program = compile(lambda x, y: sum(autograd.atan(a * b) for a in [ws[4], *ws[1:4]] for b in x) + y, ws)
    page_agrees(program, [[0.5, -1.0, 2.0, 0.3], [1.5, 0.4, -0.2, 0.1]], [1.0, 2.0])
