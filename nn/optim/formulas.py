"""How the parameters move: each function reads like the algorithm in its paper, in a loop over the parameters.

It takes what the optimizer is set to and columns, lists with a number for each parameter: the gradients, and the
parameters and what is remembered of them, which it replaces by what they are after the step. Within the loop there is
plain arithmetic alone, so that the same lines move floats or NumPy arrays of many, as columns of one: roots are
`** 0.5`, the sign of x is `(x > 0) - (x < 0)`. What is set to 0 (momentum, weight decay) costs nothing.

Compiled, the columns hold floats alone, and the loop runs on unboxed ones (a root of no declared type would box what
it meets). Called for one parameter at a time, a step of Adam took 600 ns for each. Arrays are moved by the same lines
without the loop (optimizer.py).
"""

from __future__ import annotations


def sgd(
    lr: float, momentum: float, nesterov: bool, weight_decay: float,
    gs: list[float], ps: list[float], vs: list[float],
) -> None:  # fmt: skip
    """v ← μv + g, p ← p - ηv; with Nesterov's p ← p - η(g + μv)."""
    for i, (g, p, v) in enumerate(zip(gs, ps, vs)):
        if weight_decay:
            g = g + weight_decay * p
        if momentum:
            v = momentum * v + g
            g = g + momentum * v if nesterov else v
            vs[i] = v
        ps[i] = p - lr * g


def adagrad(
    lr: float, weight_decay: float, eps: float, gs: list[float], ps: list[float], ss: list[float]
) -> None:  # fmt: skip
    """s ← s + g², p ← p - ηg / (√s + ε)."""
    for i, (g, p, s) in enumerate(zip(gs, ps, ss)):
        if weight_decay:
            g = g + weight_decay * p
        s = s + g * g
        root: float = s**0.5
        ps[i], ss[i] = p - lr * g / (root + eps), s


def rmsprop(
    lr: float, alpha: float, eps: float, weight_decay: float, momentum: float, centered: bool,
    gs: list[float], ps: list[float], ss: list[float], means: list[float], vs: list[float],
) -> None:  # fmt: skip
    """s ← αs + (1-α)g², v ← μv + g / (√s + ε), p ← p - ηv; centered, s less the square of the mean."""
    for i, (g, p, s, mean, v) in enumerate(zip(gs, ps, ss, means, vs)):
        if weight_decay:
            g = g + weight_decay * p
        s = alpha * s + (1 - alpha) * g * g
        size = s
        if centered:
            mean = alpha * mean + (1 - alpha) * g
            size = s - mean * mean
            size = size * (size > 0)  # a variance of 0 may come out as -1e-18, which has no root
            means[i] = mean
        root: float = size**0.5
        g = g / (root + eps)
        if momentum:
            v = momentum * v + g
            g = vs[i] = v
        ps[i], ss[i] = p - lr * g, s


def adam(
    lr: float, rate: float, b1: float, b2: float, eps: float, weight_decay: float, decoupled: bool,
    gs: list[float], ps: list[float], ms: list[float], vs: list[float],
) -> None:  # fmt: skip
    """Algorithm 1 of the paper, after g ← g + λp; decoupled, that of AdamW: p ← p - ηλp and Adam's step.

    In the order of section 2, which spares each parameter two divisions: `rate` is α√(1 - β₂ᵗ) / (1 - β₁ᵗ), and `eps`
    is ε√(1 - β₂ᵗ).
    """
    for i, (g, p, m, v) in enumerate(zip(gs, ps, ms, vs)):
        if weight_decay:
            if decoupled:
                p = p - lr * weight_decay * p
            else:
                g = g + weight_decay * p
        m = b1 * m + (1 - b1) * g
        v = b2 * v + (1 - b2) * g * g
        root: float = v**0.5
        ps[i], ms[i], vs[i] = p - rate * m / (root + eps), m, v


def lion(
    lr: float, b1: float, b2: float, weight_decay: float, gs: list[float], ps: list[float], ms: list[float]
) -> None:  # fmt: skip
    """Algorithm 2 of the paper, c ← β₁m + (1-β₁)g, p ← p - η(sign(c) + λp), m ← β₂m + (1-β₂)g."""
    for i, (g, p, m) in enumerate(zip(gs, ps, ms)):
        c = b1 * m + (1 - b1) * g
        direction = 1.0 * (c > 0) - 1.0 * (c < 0)
        if weight_decay:
            direction = direction + weight_decay * p
        ps[i], ms[i] = p - lr * direction, b2 * m + (1 - b2) * g
