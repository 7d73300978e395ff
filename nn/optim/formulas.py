"""How one parameter moves: each function reads like the algorithm in its paper.

It takes what the optimizer is set to, a parameter p, its gradient g, and what is remembered of it, and returns the new
p and what is then remembered. It is plain arithmetic, so that the same lines move one float or a NumPy array of many:
roots are `** 0.5`, the sign of x is `(x > 0) - (x < 0)`. What is set to 0 (momentum, weight decay) costs nothing.

Compiled, the functions take floats alone; arrays are moved by the same lines as Python runs them (first_order.py).
"""

from __future__ import annotations


def sgd(
    lr: float, momentum: float, nesterov: bool, weight_decay: float, p: float, g: float, v: float
) -> tuple[float, float]:
    """v ← μv + g, p ← p - ηv; with Nesterov's p ← p - η(g + μv)."""
    if weight_decay:
        g = g + weight_decay * p
    if momentum:
        v = momentum * v + g
        g = g + momentum * v if nesterov else v
    return p - lr * g, v


def adagrad(lr: float, weight_decay: float, eps: float, p: float, g: float, s: float) -> tuple[float, float]:
    """s ← s + g², p ← p - ηg / (√s + ε)."""
    if weight_decay:
        g = g + weight_decay * p
    s = s + g * g
    return p - lr * g / (s**0.5 + eps), s


def rmsprop(
    lr: float, alpha: float, eps: float, weight_decay: float, momentum: float, centered: bool,
    p: float, g: float, s: float, mean: float, v: float,
) -> tuple[float, float, float, float]:  # fmt: skip
    """s ← αs + (1-α)g², v ← μv + g / (√s + ε), p ← p - ηv; centered, s less the square of the mean."""
    if weight_decay:
        g = g + weight_decay * p
    s = alpha * s + (1 - alpha) * g * g
    size = s
    if centered:
        mean = alpha * mean + (1 - alpha) * g
        size = s - mean * mean
        size = size * (size > 0)  # a variance of 0 may come out as -1e-18, which has no root
    g = g / (size**0.5 + eps)
    if momentum:
        v = momentum * v + g
        g = v
    return p - lr * g, s, mean, v


def adam(
    lr: float, b1: float, b2: float, so_far1: float, so_far2: float, eps: float, weight_decay: float, decoupled: bool,
    p: float, g: float, m: float, v: float,
) -> tuple[float, float, float]:  # fmt: skip
    """Algorithm 1 of the paper, after g ← g + λp; decoupled, that of AdamW: p ← p - ηλp and Adam's step.

    `so_far1` is the paper's 1 - β₁ᵗ, `so_far2` 1 - β₂ᵗ.
    """
    if weight_decay:
        if decoupled:
            p = p - lr * weight_decay * p
        else:
            g = g + weight_decay * p
    m = b1 * m + (1 - b1) * g
    v = b2 * v + (1 - b2) * g * g
    m_hat = m / so_far1
    v_hat = v / so_far2
    return p - lr * m_hat / (v_hat**0.5 + eps), m, v


def lion(
    lr: float, b1: float, b2: float, weight_decay: float, p: float, g: float, m: float
) -> tuple[float, float]:  # fmt: skip
    """Algorithm 2 of the paper, c ← β₁m + (1-β₁)g, p ← p - η(sign(c) + λp), m ← β₂m + (1-β₂)g."""
    c = b1 * m + (1 - b1) * g
    direction = 1.0 * (c > 0) - 1.0 * (c < 0)
    if weight_decay:
        direction = direction + weight_decay * p
    return p - lr * direction, b2 * m + (1 - b2) * g
