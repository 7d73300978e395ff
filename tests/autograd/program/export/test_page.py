"""The lines of the function on a page: what a lecturer would show."""

from __future__ import annotations

import inspect
import sys
from typing import Any

import autograd
import nn
from autograd import Value
from autograd.program import compile
from tests.support.models import CASES, X, Y, mlp
from tests.support.pages import page_agrees


def test_a_page_reads_as_a_textbook_has_it():
    page = mlp("tanh")[0].source(X, Y)
    start = page.index("def forward_and_backward")
    assert page[start : page.index("def loss_and_gradient")] == (
        "def forward_and_backward(X, Y, W1, b1, W2, b2, W3, b3):\n"
        "    n = X.shape[1]  # examples\n"
        "\n"
        "    # forward\n"
        "    Z1 = W1 @ X + b1  # (4, n)\n"
        "    A1 = np.tanh(Z1)  # (4, n)\n"
        "    Z2 = W2 @ A1 + b2  # (4, n)\n"
        "    A2 = np.tanh(Z2)  # (4, n)\n"
        "    Z3 = W3 @ A2 + b3  # (1, n)\n"
        "    L = np.mean((Z3 - Y) ** 2)\n"
        "\n"
        "    # backward, by the chain rule\n"
        "    # δ3 = ∂L/∂Z3\n"
        "    δ3 = 2 / n * (Z3 - Y)  # (1, n)\n"
        "    dW3 = δ3 @ A2.T  # ∂L/∂W3 = δ3 ∂Z3/∂W3, (1, 4)\n"
        "    db3 = δ3.sum(axis=1, keepdims=True)  # ∂L/∂b3 = δ3 ∂Z3/∂b3, (1, 1)\n"
        "\n"
        "    # δ2 = ∂L/∂Z2 = ∂L/∂Z3 ∂Z3/∂A2 ∂A2/∂Z2\n"
        "    δ2 = W3.T @ δ3 * (1 - A2**2)  # (4, n)\n"
        "    dW2 = δ2 @ A1.T  # ∂L/∂W2 = δ2 ∂Z2/∂W2, (4, 4)\n"
        "    db2 = δ2.sum(axis=1, keepdims=True)  # ∂L/∂b2 = δ2 ∂Z2/∂b2, (4, 1)\n"
        "\n"
        "    # δ1 = ∂L/∂Z1 = ∂L/∂Z2 ∂Z2/∂A1 ∂A1/∂Z1\n"
        "    δ1 = W2.T @ δ2 * (1 - A1**2)  # (4, n)\n"
        "    dW1 = δ1 @ X.T  # ∂L/∂W1 = δ1 ∂Z1/∂W1, (4, 2)\n"
        "    db1 = δ1.sum(axis=1, keepdims=True)  # ∂L/∂b1 = δ1 ∂Z1/∂b1, (4, 1)\n"
        "\n"
        '    gradients = {"W3": dW3, "b3": db3, "W2": dW2, "b2": db2, "W1": dW1, "b1": db1}\n'
        "    return L, gradients\n\n\n"
    )


def test_what_comes_from_each_use_of_a_weight_is_a_line_of_its_own():
    program, batches = CASES["RNN"]()
    lines = [line.strip() for line in program.source(*batches).splitlines()]
    assert "dW2 = δ3 @ A2.T  # ∂L/∂W2 = δ3 ∂Z3/∂W2, (3, 3)" in lines
    assert "dW2 = dW2 + δ2 @ A1.T  # ∂L/∂W2 += δ2 ∂Z2/∂W2, (3, 3)" in lines


def test_a_number_that_is_no_parameter_stands_on_the_page():
    w, c = Value(0.5, label="w"), Value(2.5)
    page = page_agrees(compile(lambda x: w * x * c, [w]), [1.0, -2.0])
    assert "captured = np.array([  # numbers that are no parameters\n    2.5\n])[:, None]" in page


def test_weights_that_two_layers_share_get_the_sum_of_both_gradients():
    ps = [Value(0.1 * i - 0.2) for i in range(4)]

    def loss(x: object) -> object:
        layer = [autograd.dot(ps[:2], x, ps[2]), autograd.dot(ps[1:3], x, ps[3])]
        return autograd.dot(ps[:2], layer, ps[2]) + autograd.dot([ps[0], ps[0]], x, 0.0)

    page_agrees(compile(loss, ps), X)


def test_weights_that_are_a_row_in_one_layer_and_a_column_in_another_have_one_gradient():
    """An autoencoder whose decoder has the weights of its encoder, with one number between them."""
    ws, head = [Value(0.3), Value(-0.5)], nn.Linear(2, 3, seed=1)

    def loss(x: Any) -> Any:
        code = sum(w * a for w, a in zip(ws, x))
        return sum(head([sum([w * code]) for w in ws]))

    page = page_agrees(compile(loss, [*ws, *head.parameters()]), X)
    assert "W1.reshape(-1, 1).reshape(2, 1) @ Z1" in page


def test_a_sum_that_is_the_gradient_of_a_weight_and_is_needed_for_another_stands_on_the_page():
    a, b = Value(0.7), Value(-0.4)

    def loss(x: object) -> object:
        z = a - b * b
        return autograd.cos(z) + 0.5 * z + x

    page_agrees(compile(loss, [a, b]), [1.0, 2.0])


def test_a_long_sum_of_gradients_needs_no_recursion():
    w = Value(0.3, label="w")

    def loss(x: object) -> object:
        y = x
        for _ in range(100):
            y = autograd.sin(w * y) + w
        return y

    program = compile(loss, [w])
    program([0.1, 0.2])
    limit = sys.getrecursionlimit()
    try:
        sys.setrecursionlimit(len(inspect.stack()) + 80)
        page = program.source()
    finally:
        sys.setrecursionlimit(limit)
    assert page.count("dw = dw + ") > 100
