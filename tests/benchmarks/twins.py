"""The same training step in other libraries: forward, backward, gradient descent, and the loss before the step.

Each function takes the weights to start from, a matrix and a column of biases for each layer, and the data as rows of
numbers (1 × 200). It returns a function that makes one step and returns its loss. All compute in double precision.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

Weights = Sequence[tuple[Any, Any]]
Step = Callable[[], float]

LR = 0.001


def textbook(weights: Weights, x: Any, y: Any) -> Step:
    """NumPy as the equations have it: Z = W A + b, A = tanh Z, δ = Wᵀδ ⊙ (1 − A²), ∇W = δ Aᵀ, ∇b = Σ δ."""
    Ws, bs = [W.copy() for W, _ in weights], [b.copy() for _, b in weights]
    last, B = len(Ws) - 1, x.shape[1]

    def step() -> float:
        activations = [x]
        for W, b in zip(Ws[:-1], bs[:-1]):
            activations.append(np.tanh(W @ activations[-1] + b))
        error = Ws[-1] @ activations[-1] + bs[-1] - y
        loss = 0.5 * np.mean(error**2)
        delta = error / B
        gradients = []
        for i in range(last, -1, -1):
            gradients.append((delta @ activations[i].T, delta.sum(axis=1, keepdims=True)))
            if i:
                delta = (Ws[i].T @ delta) * (1 - activations[i] ** 2)
        for i, (dW, db) in zip(range(last, -1, -1), gradients):
            Ws[i] -= LR * dW
            bs[i] -= LR * db
        return float(loss)

    return step


def preallocated(weights: Weights, x: Any, y: Any) -> Step:
    """NumPy by hand as fast as it goes without merging weights and biases: every result has its array."""
    Ws, bs = [W.copy() for W, _ in weights], [b.copy() for _, b in weights]
    last, B = len(Ws) - 1, x.shape[1]
    dWs, dbs = [np.empty_like(W) for W in Ws], [np.empty_like(b) for b in bs]
    activations = [x, *[np.empty((len(W), B)) for W in Ws]]
    deltas = [np.empty((len(W), B)) for W in Ws]
    slopes = [np.empty((len(W), B)) for W in Ws]
    transposed, ones = [(W.T, A.T) for W, A in zip(Ws, activations)], np.ones((B, 1))

    def step() -> float:
        for i, (W, b) in enumerate(zip(Ws, bs)):
            z = activations[i + 1]
            np.matmul(W, activations[i], out=z)
            np.add(z, b, out=z)
            if i < last:
                np.tanh(z, out=z)
        error = np.subtract(z, y, out=z)[0]
        loss = 0.5 * np.dot(error, error) / B
        np.divide(z, B, out=deltas[last])
        for i in range(last, -1, -1):
            delta, (W_transposed, A_transposed) = deltas[i], transposed[i]
            np.matmul(delta, A_transposed, out=dWs[i])
            np.matmul(delta, ones, out=dbs[i])
            if i:
                slope = np.multiply(activations[i], activations[i], out=slopes[i - 1])
                np.subtract(1.0, slope, out=slope)
                np.matmul(W_transposed, delta, out=deltas[i - 1])
                np.multiply(deltas[i - 1], slope, out=deltas[i - 1])
        for W, b, dW, db in zip(Ws, bs, dWs, dbs):
            np.multiply(dW, LR, out=dW)
            np.subtract(W, dW, out=W)
            np.multiply(db, LR, out=db)
            np.subtract(b, db, out=b)
        return float(loss)

    return step


def bare_calls(weights: Weights, x: Any, y: Any) -> tuple[Callable[[], None], Callable[[], None]]:
    """The least that these equations cost in NumPy: the matrix products alone, and the tanh alone, of the same shapes.

    The biases are a column of each matrix, which costs no call; products are by dot or matmul, whichever is faster.
    """
    matrices, B = [np.hstack([W, b]) for W, b in weights], x.shape[1]
    products: list[tuple[Any, ...]] = []
    tanhs = []
    values = {len(W): np.ones((len(W), B)) for W in matrices}  # layers of one width share their memory
    slopes = {W.shape[1] - 1: np.ones((W.shape[1] - 1, B)) for W in matrices}
    inputs = np.vstack([x, np.ones((1, B))])
    for i, W in enumerate(matrices):
        m, k = W.shape
        z = values[m]
        products += [(np.dot, W, inputs, z), (np.dot, z, inputs.T, W.copy())]
        if i:
            products.append((np.matmul if m > 1 else np.dot, W[:, :-1].T, z, slopes[k - 1]))
        if i < len(matrices) - 1:
            inputs = np.ones((m + 1, B))
            tanhs.append((np.tanh, z, inputs[:-1]))

    def calling(calls: Sequence[tuple[Any, ...]]) -> Callable[[], None]:
        def run() -> None:
            for function, *arguments in calls:
                function(*arguments)

        return run

    return calling(products), calling(tanhs)


def _jax(weights: Weights, x: Any, y: Any) -> tuple[Any, Any]:
    """The step as a function (parameters, x, y) → (parameters, loss), not compiled yet, and its arguments."""
    os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
    import jax
    import jax.numpy as jnp

    jax.config.update("jax_enable_x64", True)
    jax.config.update("jax_platforms", "cpu")
    jax.config.update("jax_cpu_enable_async_dispatch", False)  # it would wait 30 µs for another thread in each step

    def loss(parameters: Any, x: Any, y: Any) -> Any:
        a = x
        for W, b in parameters[:-1]:
            a = jnp.tanh(W @ a + b)
        W, b = parameters[-1]
        return 0.5 * jnp.mean((W @ a + b - y) ** 2)

    def step(parameters: Any, x: Any, y: Any) -> Any:
        cost, gradients = jax.value_and_grad(loss)(parameters, x, y)
        return jax.tree.map(lambda p, g: p - LR * g, parameters, gradients), cost

    return step, ([(jnp.array(W), jnp.array(b)) for W, b in weights], jnp.array(x), jnp.array(y))


def jax_jit(weights: Weights, x: Any, y: Any) -> Step:
    """JAX: gradient and update in one compiled function, which may write over the old parameters."""
    import jax

    function, (parameters, x, y) = _jax(weights, x, y)
    compiled = jax.jit(function, donate_argnums=0)

    def step() -> float:
        nonlocal parameters
        parameters, cost = compiled(parameters, x, y)
        return float(cost.block_until_ready())

    return step


def jax_scan(weights: Weights, x: Any, y: Any, steps: int) -> Callable[[], list[float]]:
    """JAX, with so many steps in one compiled loop: nothing is called for a step, and nothing can be looked at."""
    import jax

    function, (parameters, x, y) = _jax(weights, x, y)
    compiled = jax.jit(
        lambda parameters, x, y: jax.lax.scan(lambda p, _: function(p, x, y), parameters, None, length=steps),
        donate_argnums=0,
    )

    def run() -> list[float]:
        nonlocal parameters
        parameters, costs = compiled(parameters, x, y)
        return costs.block_until_ready().tolist()  # type: ignore[no-any-return]

    return run


def pytorch(weights: Weights, x: Any, y: Any) -> Step:
    """PyTorch, eager, with its own layers and optimizer."""
    import torch

    torch.set_num_threads(1)
    layers: list[Any] = []
    for W, b in weights:
        linear = torch.nn.Linear(W.shape[1], W.shape[0], dtype=torch.float64)
        with torch.no_grad():
            linear.weight.copy_(torch.tensor(W))
            linear.bias.copy_(torch.tensor(b[:, 0]))
        layers += [linear, torch.nn.Tanh()]
    model = torch.nn.Sequential(*layers[:-1])
    optimizer = torch.optim.SGD(model.parameters(), lr=LR)
    x, y = torch.tensor(x.T.copy()), torch.tensor(y.T.copy())

    def step() -> float:
        optimizer.zero_grad()
        loss = 0.5 * ((model(x) - y) ** 2).mean()
        loss.backward()
        optimizer.step()
        return float(loss.item())

    return step


def _casadi(weights: Weights, B: int) -> tuple[Any, Any]:
    """(p, x's, y's) → (the sum of the losses, that of the gradients): a scalar graph, mapped; and p to start from."""
    import casadi

    numbers = np.concatenate([np.concatenate([W.ravel(), b.ravel()]) for W, b in weights])
    p, x, y = casadi.SX.sym("p", len(numbers)), casadi.SX.sym("x"), casadi.SX.sym("y")
    a, start = x, 0
    for i, (W, _) in enumerate(weights):
        m, k = W.shape
        matrix = casadi.reshape(p[start : start + m * k], k, m).T
        a = matrix @ a + p[start + m * k : start + m * (k + 1)]
        a = casadi.tanh(a) if i < len(weights) - 1 else a
        start += m * (k + 1)
    loss = 0.5 * (a - y) ** 2
    single = casadi.Function("single", [p, x, y], [loss, casadi.gradient(loss, p)])
    return single.map("mapped", "serial", B, [0], [0, 1]), numbers  # one p for all, both results summed


def casadi_map(weights: Weights, x: Any, y: Any) -> Step:
    """CasADi, called as one calls it."""
    B = x.shape[1]
    mapped, numbers = _casadi(weights, B)

    def step() -> float:
        nonlocal numbers
        loss, gradient = mapped(numbers, x, y)
        numbers = numbers - LR / B * np.asarray(gradient)[:, 0]
        return float(loss) / B

    return step


def casadi_buffers(weights: Weights, x: Any, y: Any) -> Step:
    """CasADi, reading and writing arrays where they are: nothing is converted."""
    B = x.shape[1]
    mapped, numbers = _casadi(weights, B)
    given, loss, gradient = (numbers, x[0].copy(), y[0].copy()), np.zeros(1), np.zeros(len(numbers))
    buffer, run = mapped.buffer()
    for i, array in enumerate(given):
        buffer.set_arg(i, memoryview(array))
    for i, array in enumerate((loss, gradient)):
        buffer.set_res(i, memoryview(array))

    def step(kept: Any = (buffer, given)) -> float:  # CasADi knows where they are, but doesn't keep them
        run()
        np.subtract(numbers, LR / B * gradient, out=numbers)
        return float(loss[0]) / B

    return step


def micrograd_model(sizes: Sequence[int]) -> Any:
    """micrograd's network, whose hidden layers have ReLU: it has no tanh."""
    import micrograd.nn

    return micrograd.nn.MLP(1, list(sizes))


def micrograd_step(model: Any, x: Sequence[float], y: Sequence[float]) -> Step:
    """micrograd, one Value after the other."""
    from micrograd.engine import Value

    def step() -> float:
        losses = [0.5 * (model([Value(a)]) - b) ** 2 for a, b in zip(x, y)]
        loss = sum(losses) * (1.0 / len(losses))
        model.zero_grad()
        loss.backward()
        for p in model.parameters():
            p.data -= LR * p.grad
        return float(loss.data)

    return step
