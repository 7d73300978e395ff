"""microgpt's training step in other libraries: forward, backward, Adam, and the loss before the step.

Each function takes the first numbers of all parameters, and returns a function that makes one step. All compute in
double precision.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from .microgpt import BETAS, BLOCK, EPS, HEADS, LR, SHAPES, SIZE, WIDTH

AFTER = np.triu(np.full((BLOCK, BLOCK), -np.inf), 1)
"""What is added to the scores: a position looks at none after it."""


def matrices(vector: Any) -> list[Any]:
    """The matrices that lie on the vector, as views."""
    found, place = [], 0
    for rows, columns in SHAPES:
        found.append(vector[place : place + rows * columns].reshape(rows, columns))
        place += rows * columns
    return found


def by_hand(first: Sequence[float]) -> Callable[[Sequence[int]], float]:
    """NumPy, with the backward pass written by hand, for all letters of a name at once."""
    vector, gradient = np.array(first), np.zeros(len(first))
    m, v, steps = np.zeros(len(first)), np.zeros(len(first)), 0
    one, two = np.empty(len(first)), np.empty(len(first))
    (letters, places, last, wq, *_, wo, w1, w2), (dletters, dplaces, dlast, dq, *_, do, d1, d2) = (
        matrices(vector), matrices(gradient)
    )  # fmt: skip
    wqkv, dqkv = [x.base[x_at : x_at + 3 * SIZE * SIZE].reshape(3 * SIZE, SIZE) for x, x_at in (
        (wq, _place(3)), (dq, _place(3)))]  # fmt: skip

    def normalized(x: Any) -> tuple[Any, Any]:
        scale = (np.einsum("ti,ti->t", x, x) / SIZE + 1e-5)[:, None] ** -0.5
        return x * scale, scale

    def before(y: Any, scale: Any, dy: Any) -> Any:
        return scale * (dy - y * (np.einsum("ti,ti->t", dy, y) / SIZE)[:, None])

    def step(tokens: Sequence[int]) -> float:
        nonlocal steps
        now, following, T = tokens[:-1], tokens[1:], len(tokens) - 1
        x1, s1 = normalized(letters[now] + places[:T])
        x2, s2 = normalized(x1)
        q, k, value = (x2 @ wqkv.T).reshape(T, 3, HEADS, WIDTH).transpose(1, 2, 0, 3)
        scores = q @ k.transpose(0, 2, 1) * WIDTH**-0.5 + AFTER[:T, :T]
        a = np.exp(scores - scores.max(axis=2, keepdims=True))
        a /= a.sum(axis=2, keepdims=True)
        mixed = (a @ value).transpose(1, 0, 2).reshape(T, SIZE)
        x3 = mixed @ wo.T + x1
        x4, s4 = normalized(x3)
        h = np.maximum(x4 @ w1.T, 0.0)
        x5 = h @ w2.T + x3
        logits = x5 @ last.T
        p = np.exp(logits - logits.max(axis=1, keepdims=True))
        p /= p.sum(axis=1, keepdims=True)
        rows = np.arange(T)
        loss = -np.log(p[rows, following]).sum() / T

        p[rows, following] -= 1.0
        dlogits = p / T
        np.matmul(dlogits.T, x5, out=dlast)
        dx5 = dlogits @ last
        np.matmul(dx5.T, h, out=d2)
        dh = (dx5 @ w2) * (h > 0)
        np.matmul(dh.T, x4, out=d1)
        dx3 = before(x4, s4, dh @ w1) + dx5
        np.matmul(dx3.T, mixed, out=do)
        dmixed = (dx3 @ wo).reshape(T, HEADS, WIDTH).transpose(1, 0, 2)
        da = dmixed @ value.transpose(0, 2, 1)
        dscores = a * (da - (da * a).sum(axis=2, keepdims=True)) * WIDTH**-0.5
        found = np.empty((3, HEADS, T, WIDTH))
        np.matmul(dscores, k, out=found[0])
        np.matmul(dscores.transpose(0, 2, 1), q, out=found[1])
        np.matmul(a.transpose(0, 2, 1), dmixed, out=found[2])
        d = found.transpose(2, 0, 1, 3).reshape(T, 3 * SIZE)
        np.matmul(d.T, x2, out=dqkv)
        dx = before(x1, s1, before(x2, s2, d @ wqkv) + dx3)
        dletters[:] = 0.0
        np.add.at(dletters, now, dx)
        dplaces[:T], dplaces[T:] = dx, 0.0

        steps += 1
        b1, b2 = BETAS
        np.multiply(m, b1, out=m)
        np.add(m, np.multiply(gradient, 1 - b1, out=one), out=m)
        np.multiply(v, b2, out=v)
        np.multiply(gradient, gradient, out=one)
        np.add(v, np.multiply(one, 1 - b2, out=one), out=v)
        np.sqrt(np.divide(v, 1 - b2**steps, out=one), out=one)
        np.add(one, EPS, out=one)
        np.divide(np.multiply(m, LR / (1 - b1**steps), out=two), one, out=two)
        np.subtract(vector, two, out=vector)
        return float(loss)

    return step


def _place(i: int) -> int:
    return sum(rows * columns for rows, columns in SHAPES[:i])


def pytorch(first: Sequence[float], foreach: bool | None = None) -> Callable[[Sequence[Sequence[int]]], float]:
    """PyTorch, eager, with its own Adam: a batch of names, filled up to the longest; the mean is that of the names'."""
    import torch
    from torch.nn import functional

    torch.set_num_threads(1)
    weights = [w.clone().requires_grad_() for w in matrices(torch.tensor(first, dtype=torch.float64))]
    letters, places, last, wq, wk, wv, wo, w1, w2 = weights
    optimizer = torch.optim.Adam(weights, lr=LR, betas=BETAS, eps=EPS, foreach=foreach)

    def normalized(x: Any) -> Any:
        return functional.rms_norm(x, (SIZE,), eps=1e-5)

    def step(names: Sequence[Sequence[int]]) -> float:
        T = max(map(len, names)) - 1
        now = torch.tensor([[*name[:-1], *[0] * (T + 1 - len(name))] for name in names])
        following = torch.tensor([[*name[1:], *[-1] * (T + 1 - len(name))] for name in names])
        x = normalized(letters[now] + places[:T])
        y = normalized(x)
        q, k, v = [(y @ w.T).unflatten(2, (HEADS, WIDTH)).transpose(1, 2) for w in (wq, wk, wv)]
        mixed = functional.scaled_dot_product_attention(q, k, v, is_causal=True).transpose(1, 2).flatten(2)
        x = mixed @ wo.T + x
        x = torch.relu(normalized(x) @ w1.T) @ w2.T + x
        logits = x @ last.T
        if len(names) == 1:
            loss = functional.cross_entropy(logits[0], following[0])
        else:
            costs = functional.cross_entropy(logits.transpose(1, 2), following, ignore_index=-1, reduction="none")
            loss = (costs.sum(1) / (following >= 0).sum(1)).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return float(loss.item())

    return step


def jax_scan(first: Sequence[float], names: Sequence[Sequence[int]]) -> Callable[[], list[float]]:
    """JAX, written by hand: a step for each of the names, filled up to the longest, in one compiled loop."""
    import jax
    import jax.numpy as jnp

    jax.config.update("jax_enable_x64", True)
    T = max(map(len, names)) - 1
    inputs = np.array([[*name[:-1], *[0] * (T + 1 - len(name))] for name in names])
    targets = np.array([[*name[1:], *[-1] * (T + 1 - len(name))] for name in names])

    def normalized(x: Any) -> Any:
        return x * ((x * x).sum(1, keepdims=True) / SIZE + 1e-5) ** -0.5

    def loss(vector: Any, now: Any, following: Any) -> Any:
        letters, places, last, wq, wk, wv, wo, w1, w2 = matrices(vector)
        x = normalized(jax.nn.one_hot(now, len(letters), dtype=float) @ letters + places[:T])  # faster than a look-up
        y = normalized(x)
        q, k, v = [(y @ w.T).reshape(T, HEADS, WIDTH).transpose(1, 0, 2) for w in (wq, wk, wv)]
        a = jax.nn.softmax(q @ k.transpose(0, 2, 1) * WIDTH**-0.5 + np.maximum(AFTER[:T, :T], -1e30))
        x = (a @ v).transpose(1, 0, 2).reshape(T, SIZE) @ wo.T + x
        x = jnp.maximum(normalized(x) @ w1.T, 0.0) @ w2.T + x
        logits, true = x @ last.T, jax.nn.one_hot(following, len(last), dtype=float)
        costs = jax.nn.logsumexp(logits, axis=1) - (logits * true).sum(1)
        return jnp.where(following >= 0, costs, 0.0).sum() / (following >= 0).sum()

    def step(state: Any, name: Any) -> Any:
        vector, m, v, t = state
        cost, g = jax.value_and_grad(loss)(vector, *name)
        m, v, t = BETAS[0] * m + (1 - BETAS[0]) * g, BETAS[1] * v + (1 - BETAS[1]) * g * g, t + 1
        moved = LR * (m / (1 - BETAS[0] ** t)) / (jnp.sqrt(v / (1 - BETAS[1] ** t)) + EPS)
        return (vector - moved, m, v, t), cost

    run = jax.jit(lambda state: jax.lax.scan(step, state, (inputs, targets)))
    state = np.array(first), np.zeros(len(first)), np.zeros(len(first)), 0.0

    def steps() -> list[float]:
        return run(state)[1].block_until_ready().tolist()  # type: ignore[no-any-return]

    return steps
