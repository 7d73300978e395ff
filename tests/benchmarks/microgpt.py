"""The model of Karpathy's microgpt on any scalar engine, its training step, and a plain engine to compare with.

The model has 4,192 parameters: one layer, 16 numbers a letter, four heads of four, a perceptron of 64, RMSNorm, no
biases, at most 16 letters. A step takes the mean cross-entropy of one name, differentiates it, and moves every
parameter by Adam, written out as a script does it. The file imports nothing of the project; gpt.py compares.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from operator import getitem
from pathlib import Path
from typing import Any

LETTERS = ".abcdefghijklmnopqrstuvwxyz"
SIZE, HEADS, BLOCK = 16, 4, 16
WIDTH = SIZE // HEADS
SHAPES = (
    (len(LETTERS), SIZE), (BLOCK, SIZE), (len(LETTERS), SIZE),  # letters, places, the last map
    *[(SIZE, SIZE)] * 4, (4 * SIZE, SIZE), (SIZE, 4 * SIZE),  # queries, keys, values, what heads bring; the perceptron
)  # fmt: skip
LR, BETAS, EPS = 0.01, (0.85, 0.99), 1e-8


def start(seed: int = 42) -> tuple[list[str], list[float]]:
    """The names of the US census of 1990 in a random order, and then the first numbers of all parameters."""
    from names import FILES

    lines = [line for kind in ("male", "female") for line in Path(FILES[f"first:{kind}"]).read_text().splitlines()]
    found = sorted({line.split()[0].lower() for line in lines})
    rng = random.Random(seed)
    rng.shuffle(found)
    return found, [rng.gauss(0, 0.08) for rows, columns in SHAPES for _ in range(rows * columns)]


def tokens_of(name: str) -> list[int]:
    """The numbers of a name's letters, between those of its beginning and its end."""
    return [LETTERS.index(c) for c in f".{name}."]


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


def softmax(logits: list[Any]) -> list[Any]:
    """As the script writes it, the largest subtracted as a number."""
    largest = max(v.data for v in logits)
    powers = [(v - largest).exp() for v in logits]
    total = sum(powers)
    return [p / total for p in powers]


def surprise(logits: list[Any], letter: int) -> Any:
    """The cross-entropy of the letter that comes, as the script writes it."""
    return -softmax(logits)[letter].log()


def _matrix(leaves: Iterator[Any], rows: int, columns: int) -> tuple[Any, ...]:
    return tuple([tuple([next(leaves) for _ in range(columns)]) for _ in range(rows)])


class Script:
    """The model; its leaves are in tuples, in which none can be exchanged: a program must look for that in lists.

    Args:
        leaves: its 4,192 parameters.
        products: the sum of the products of two lists.
        softmax: what makes shares of scores.
        cost: the loss of logits and the letter that comes.
        row: looks up a letter's row.
    """

    def __init__(
        self,
        leaves: Iterable[Any],
        products: Callable[[Any, Any], Any] = written_out,
        softmax: Callable[[list[Any]], list[Any]] = softmax,
        cost: Callable[[list[Any], int], Any] = surprise,
        row: Callable[[Any, Any], Any] = getitem,
    ) -> None:
        self.parameters = tuple(leaves)
        rest = iter(self.parameters)
        self.matrices = tuple([_matrix(rest, *shape) for shape in SHAPES])
        assert not list(rest)
        self.products, self.softmax, self.cost, self.row = products, softmax, cost, row

    def linear(self, x: list[Any], w: Sequence[Any]) -> list[Any]:
        """A map without biases."""
        return [self.products(row, x) for row in w]

    def normalized(self, x: list[Any]) -> list[Any]:
        """RMSNorm, with nothing to learn."""
        scale = (self.products(x, x) / len(x) + 1e-5) ** -0.5
        return [v * scale for v in x]

    def logits(self, tokens: Sequence[int]) -> list[list[Any]]:
        """The scores of all letters after each of these."""
        letters, places, last, wq, wk, wv, wo, w1, w2 = self.matrices
        keys: list[list[Any]] = []
        values: list[list[Any]] = []
        found = []
        for place, letter in enumerate(tokens):
            x = self.normalized([a + b for a, b in zip(self.row(letters, letter), places[place])])
            kept, x = x, self.normalized(x)
            query = self.linear(x, wq)
            keys.append(self.linear(x, wk))
            values.append(self.linear(x, wv))
            mixed = []
            for h in range(0, SIZE, WIDTH):
                weights = self.softmax(
                    [self.products(query[h : h + WIDTH], k[h : h + WIDTH]) / WIDTH**0.5 for k in keys]
                )
                mixed += [self.products(weights, [v[h + j] for v in values]) for j in range(WIDTH)]
            x = [a + b for a, b in zip(self.linear(mixed, wo), kept)]
            kept, x = x, self.normalized(x)
            x = [a + b for a, b in zip(self.linear([v.relu() for v in self.linear(x, w1)], w2), kept)]
            found.append(self.linear(x, last))
        return found

    def loss(self, tokens: Sequence[int]) -> Any:
        """The mean of what each letter of a name costs."""
        costs = [self.cost(z, b) for z, b in zip(self.logits(tokens[:-1]), tokens[1:])]
        return sum(costs) * (1 / len(costs))


def own_adam(parameters: list[Any]) -> Callable[[], None]:
    """Adam as the script writes it: a function that moves the parameters and clears their gradients."""
    firsts, seconds, steps = [0.0] * len(parameters), [0.0] * len(parameters), 0
    b1, b2 = BETAS

    def step() -> None:
        nonlocal steps
        steps += 1
        for i, p in enumerate(parameters):
            firsts[i] = b1 * firsts[i] + (1 - b1) * p.grad
            seconds[i] = b2 * seconds[i] + (1 - b2) * p.grad**2
            first, second = firsts[i] / (1 - b1**steps), seconds[i] / (1 - b2**steps)
            p.data -= LR * first / (second**0.5 + EPS)
            p.grad = 0

    return step


def stepper(script: Script, update: Callable[[], None]) -> Callable[[str], float]:
    """A function that trains the script's model on a name for one step, and returns the loss before it."""

    def step(name: str) -> float:
        loss = script.loss(tokens_of(name))
        loss.backward()
        update()
        return float(loss.data)

    return step


def plain() -> Callable[[str], float]:
    """The step on the plain engine."""
    script = Script(map(Plain, start()[1]))
    return stepper(script, own_adam(script.parameters))
