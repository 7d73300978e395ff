"""An interpreter of printed equations, for the tests: it reads text and computes with NumPy.

It knows nothing of how the text was made.
"""

from __future__ import annotations

import re

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float64]

_TOKEN = re.compile(r"\s*(\d+\.?\d*(?:e[+-]?\d+)?|[A-Za-zα-ω][A-Za-z0-9_.′]*(?:↓\d*)?(?:×\d+)?|.)")
_FRACTIONS = {"½": 0.5, "¼": 0.25, "¾": 0.75}
_POWERS = {c: i for i, c in enumerate("⁰¹²³⁴⁵⁶⁷⁸⁹")}
_FUNCTIONS = {
    "tanh": np.tanh,
    "relu": lambda x: np.maximum(x, 0),
    "sigmoid": lambda x: 1 / (1 + np.exp(-x)),
    "softplus": lambda x: np.log1p(np.exp(x)),
    "silu": lambda x: x / (1 + np.exp(-x)),
    "sin": np.sin,
    "cos": np.cos,
    "exp": np.exp,
    "sqrt": np.sqrt,
    "rsqrt": lambda x: 1 / np.sqrt(x),
    "ln": np.log,
    "sign": np.sign,
    "detach": lambda x: x,
    "hardtanh": np.clip,
    "max": np.maximum,
    "min": np.minimum,
    "where": np.where,
}


class Reading:
    """Reads the right-hand side of an equation and computes it: text and NumPy, nothing of how it was written."""

    def __init__(self, text: str, names: dict[str, Matrix]) -> None:
        self.tokens = [x for x in _TOKEN.findall(text) if x.strip()]
        self.names, self.at = names, 0

    @property
    def next(self) -> str:
        return self.tokens[self.at] if self.at < len(self.tokens) else ""

    def take(self, *wanted: str) -> str:
        if wanted and self.next not in wanted:
            raise SyntaxError(f"{self.next!r} at {self.at} of {self.tokens}: expected {wanted}")
        self.at += 1
        return self.tokens[self.at - 1]

    def all(self) -> Matrix:
        found = self.sum()
        assert not self.next, f"{self.next!r} is left of {self.tokens}"
        return found

    def condition(self) -> Matrix:
        left = self.sum()
        while self.next == "∧":
            self.take()
            left = left * self.sum()
        if self.next not in ("<", ">", "≤", "≥"):
            return left
        sign = self.take()
        compare = {"<": np.less, ">": np.greater, "≤": np.less_equal, "≥": np.greater_equal}[sign]
        return compare(left, self.sum())

    def sum(self) -> Matrix:
        sign = -1.0 if self.next == "−" else 1.0
        if sign < 0:
            self.take()
        total = sign * self.term()
        while self.next in ("+", "−"):
            total = total + self.term() if self.take() == "+" else total - self.term()
        return total

    def term(self) -> Matrix:
        x = self.product()
        while self.next in ("⊙", "/", "·"):
            x = x / self.product() if self.take() == "/" else x * self.product()
        return x

    def product(self) -> Matrix:
        x = self.power()
        while re.match(r"[\w(\[½¼¾]", self.next):
            ones = self.next == "1"
            y = self.power()
            if ones:
                x = x @ np.ones((x.shape[1], 1))
            else:
                x = x * y if 1 in (x.size, y.size) and x.shape[1:] != y.shape[:1] else x @ y
        return x

    def power(self) -> Matrix:
        x = self.atom()
        while self.next in ("ᵀ", "²", "[", *_POWERS):
            token = self.next
            if token == "[":
                x = x[self.places()]
                continue
            self.take()
            x = x.T if token == "ᵀ" else x ** (2 if token == "²" else _POWERS[token])
        return x

    def places(self) -> list[int]:
        self.take("[")
        rows: list[int] = []
        while True:
            first = int(self.take())
            if self.next == ":":
                self.take()
                rows += range(first, int(self.take()))
            else:
                rows.append(first)
            if self.take(",", "]") == "]":
                return rows

    def atom(self) -> Matrix:
        token = self.take()
        if token == "(":
            x = self.condition()
            self.take(")")
            return x
        if token == "[":
            return self.bracket()
        if token == "|":
            x = self.sum()
            self.take("|")
            return np.abs(x)
        if token in _FRACTIONS:
            return np.array([[_FRACTIONS[token]]])
        if token[0].isdigit():
            return np.array([[float(token)]])
        if token.startswith("into"):
            places = self.places()
            (x,) = self.arguments()
            result = np.zeros((int(token[4:]), x.shape[1]))
            np.add.at(result, places, x)
            return result
        if token == "ln" and self.next == "softmax↓":
            return np.log(self.atom())
        if self.next == "(" and token not in self.names:
            return self.call(token, self.arguments())
        return self.names[token]

    def bracket(self) -> Matrix:
        if self.tokens[self.at + 1] == "×":  # n times the same number
            n = int(self.take())
            self.take("×")
            x = np.full((n, 1), self.sum()[0, 0])
            self.take("]")
            return x
        rows = [self.condition()]
        while self.take(";", "]") == ";":
            rows.append(self.sum())
        if rows[0].dtype == bool:
            return rows[0].astype(float)
        width = max(x.shape[1] for x in rows)
        return np.vstack([np.broadcast_to(x, (len(x), width)) for x in rows])

    def arguments(self) -> list[Matrix]:
        self.take("(")
        found = [self.condition()]
        while self.take(",", ")") == ",":
            found.append(self.condition())
        return found

    def call(self, name: str, args: list[Matrix]) -> Matrix:
        name, downwards, group = name.partition("↓")
        x = args[0]
        if downwards:
            groups = x.reshape(-1, int(group or len(x)), x.shape[1])
            if name == "softmax":
                powers = np.exp(groups - groups.max(axis=1, keepdims=True))
                return (powers / powers.sum(axis=1, keepdims=True)).reshape(x.shape)
            if name == "centred":
                return (groups - groups.mean(axis=1, keepdims=True)).reshape(x.shape)
            if name == "logsumexp":
                return np.log(np.exp(groups).sum(axis=1))
            return {"sum": np.sum, "mean": np.mean, "max": np.max}[name](groups, axis=1)
        if name == "mean":
            return np.mean(x).reshape(1, 1)
        if name == "vec":
            return x.reshape(-1, 1)
        if name == "onehot":
            k = int(max(self.names[n].max() for n in self.names if n == "T")) + 1
            return (x == np.arange(k)[:, None]).astype(float)
        if name.startswith("mat"):
            return x.reshape([int(n) for n in name[3:].split("×")])
        if name.startswith("repeat"):
            return np.repeat(x, int(name[6:]), axis=0)
        return np.asarray(_FUNCTIONS[name](*args))


def run(text: str, names: dict[str, Matrix]) -> dict[str, Matrix]:
    """Compute the equations of a printed explanation, one after the other.

    Args:
        text: what was printed.
        names: what they begin with.

    Returns:
        All matrices by their names, gradients under ∇ and the name of what they are for.
    """
    names = dict(names)
    for left, sign, right, rows, columns in re.findall(r"^  (\S.*?) (\+?=) (.*?) +\((\d+)×(\d+)\)$", text, re.M):
        shape = int(rows), int(columns)
        found = Reading(right, names).all()
        assert all(a in (1, b) for a, b in zip(found.shape, shape)), f"{left} has shape {found.shape}, not {shape}"
        found = np.broadcast_to(found, shape)
        names[left] = names.get(left, 0.0) + found if sign == "+=" else found
    return names
