"""One training step of Karpathy's microgpt on any scalar engine, and a plain engine to compare with.

The model has 4,192 parameters: one layer, 16 numbers a letter, four heads of four, a perceptron of 64, RMSNorm, no
biases, at most 16 letters. A step takes the mean cross-entropy of one name, differentiates it, and moves every
parameter by Adam, written out as a script does it. The file imports nothing of the project.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from itertools import pairwise
from typing import Any

LETTERS = ".abcdefghijklmnopqrstuvwxyz"
SIZE, HEADS, BLOCK = 16, 4, 16
WIDTH = SIZE // HEADS


class Plain:
    """The engine of such a script: a node keeps its operands and the local derivatives; the walk is recursive."""

    __slots__ = ("data", "grad", "operands", "slopes")

    def __init__(self, data: float, operands: tuple[Any, ...] = (), slopes: tuple[float, ...] = ()) -> None:
        self.data, self.grad, self.operands, self.slopes = data, 0.0, operands, slopes

    def __add__(self, other: Any) -> Plain:
        other = other if isinstance(other, Plain) else Plain(other)
        return Plain(self.data + other.data, (self, other), (1.0, 1.0))

    def __mul__(self, other: Any) -> Plain:
        other = other if isinstance(other, Plain) else Plain(other)
        return Plain(self.data * other.data, (self, other), (other.data, self.data))

    def __pow__(self, other: float) -> Plain:
        return Plain(self.data**other, (self,), (other * self.data ** (other - 1),))

    def exp(self) -> Plain:
        y = math.exp(self.data)
        return Plain(y, (self,), (y,))

    def log(self) -> Plain:
        return Plain(math.log(self.data), (self,), (1 / self.data,))

    def relu(self) -> Plain:
        return Plain(max(0, self.data), (self,), (float(self.data > 0),))

    def __neg__(self) -> Plain:
        return self * -1

    def __sub__(self, other: Any) -> Plain:
        return self + -other

    def __truediv__(self, other: Any) -> Plain:
        return self * other**-1

    __radd__, __rmul__ = __add__, __mul__

    def backward(self) -> None:
        order, seen = [], set()

        def visit(node: Plain) -> None:
            if node not in seen:
                seen.add(node)
                for operand in node.operands:
                    visit(operand)
                order.append(node)

        visit(self)
        self.grad = 1.0
        for node in reversed(order):
            for operand, slope in zip(node.operands, node.slopes):
                operand.grad += slope * node.grad


def written_out(xs: list[Any], ys: list[Any]) -> Any:
    """A sum of products, as every lecture writes it."""
    return sum(x * y for x, y in zip(xs, ys))


def stepper(value: Callable[[float], Any], products: Callable[[list[Any], list[Any]], Any] = written_out) -> Any:
    """A model with random weights, always the same ones.

    Args:
        value: makes a leaf of the engine out of a number.
        products: the sum of the products of two lists.

    Returns:
        A function that trains the model on a name for one step, and returns the loss before it as a float.
    """
    rng = random.Random(42)

    def matrix(rows: int, columns: int) -> list[list[Any]]:
        return [[value(rng.gauss(0, 0.08)) for _ in range(columns)] for _ in range(rows)]

    letters, places, last = matrix(len(LETTERS), SIZE), matrix(BLOCK, SIZE), matrix(len(LETTERS), SIZE)
    wq, wk, wv, wo = [matrix(SIZE, SIZE) for _ in range(4)]
    w1, w2 = matrix(4 * SIZE, SIZE), matrix(SIZE, 4 * SIZE)
    params = [p for m in (letters, places, last, wq, wk, wv, wo, w1, w2) for row in m for p in row]
    assert len(params) == 4192
    firsts, seconds, steps = [0.0] * len(params), [0.0] * len(params), 0

    def linear(x: list[Any], w: list[list[Any]]) -> list[Any]:
        return [products(row, x) for row in w]

    def softmax(logits: list[Any]) -> list[Any]:
        largest = max(v.data for v in logits)
        powers = [(v - largest).exp() for v in logits]
        total = sum(powers)
        return [p / total for p in powers]

    def normalized(x: list[Any]) -> list[Any]:
        scale = (products(x, x) / len(x) + 1e-5) ** -0.5
        return [v * scale for v in x]

    def shares(letter: int, place: int, keys: list[list[Any]], values: list[list[Any]]) -> list[Any]:
        """How probable each letter is after this one."""
        x = normalized([a + b for a, b in zip(letters[letter], places[place])])
        kept, x = x, normalized(x)
        query = linear(x, wq)
        keys.append(linear(x, wk))
        values.append(linear(x, wv))
        mixed = []
        for h in range(0, SIZE, WIDTH):
            scores = [products(query[h : h + WIDTH], k[h : h + WIDTH]) / WIDTH**0.5 for k in keys]
            weights = softmax(scores)
            mixed += [products(weights, [v[h + j] for v in values]) for j in range(WIDTH)]
        x = [a + b for a, b in zip(linear(mixed, wo), kept)]
        kept, x = x, normalized(x)
        x = [a + b for a, b in zip(linear([v.relu() for v in linear(x, w1)], w2), kept)]
        return softmax(linear(x, last))

    def step(name: str) -> float:
        nonlocal steps
        tokens = [LETTERS.index(c) for c in f".{name}."]
        keys: list[list[Any]] = []
        values: list[list[Any]] = []
        losses = [-shares(a, i, keys, values)[b].log() for i, (a, b) in enumerate(pairwise(tokens))]
        loss = sum(losses) * (1 / len(losses))
        loss.backward()
        steps += 1
        for i, p in enumerate(params):
            firsts[i] = 0.85 * firsts[i] + 0.15 * p.grad
            seconds[i] = 0.99 * seconds[i] + 0.01 * p.grad**2
            first, second = firsts[i] / (1 - 0.85**steps), seconds[i] / (1 - 0.99**steps)
            p.data -= 0.01 * first / (second**0.5 + 1e-8)
            p.grad = 0
        return float(loss.data)

    return step
