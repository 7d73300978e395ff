"""Data to learn from, split into training and test: handwritten digits and two moons (scikit-learn), first names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograd.basics.extras import needed

from .checks import generator, rate, size

__all__ = ["Split", "digits", "moons", "names", "padded", "spelled"]


@dataclass(frozen=True)
class Split:
    """Examples to train on, and others to test with.

    Args:
        train_inputs, test_inputs: for each example the list of its numbers.
        train_targets, test_targets: for each example a number, or a list of them.

    >>> Split(train_inputs=[[0.0], [1.0]], train_targets=[-1, 1], test_inputs=[[0.5]], test_targets=[1]).test_inputs
    [[0.5]]
    """

    train_inputs: list[list[Any]]
    train_targets: list[Any]
    test_inputs: list[list[Any]]
    test_targets: list[Any]


def digits(seed: int = 0) -> Split:
    """1,797 scans of handwritten digits, 8 × 8 pixels each (Alpaydin & Kaynak 1998), a fifth of them for testing.

    Args:
        seed: decides which are for testing; each digit has its share there.

    Returns:
        A Split: 64 inputs from 0 (paper) to 1 (ink) an image, row by row; targets from 0 to 9.

    Raises:
        ImportError: if scikit-learn, which the images come with, is not installed.

    >>> split = digits()
    >>> len(split.train_inputs), len(split.test_inputs), len(split.test_inputs[0])
    (1437, 360, 64)
    """
    needed("sklearn", "nn.data.digits")
    from sklearn.datasets import load_digits

    images, labels = load_digits(return_X_y=True)
    return _split(images / 16, labels, seed)


def moons(n: int = 200, noise: float = 0.15, seed: int = 0) -> Split:
    """Points on two half circles that reach into each other, a fifth of them for testing.

    Args:
        n: how many points in all, 10 or more.
        noise: the standard deviation of what is added to each coordinate; the circles have radius 1.
        seed: decides the points.

    Returns:
        A Split: 2 inputs a point; targets -1 and 1.

    Raises:
        ValueError: if n is not an integer of 10 or more, or noise or seed is negative.
        ImportError: if scikit-learn is not installed.

    >>> split = moons(100)
    >>> len(split.train_inputs), len(split.train_inputs[0]), sorted(set(split.train_targets))
    (80, 2, [-1, 1])
    """
    needed("sklearn", "nn.data.moons")
    from sklearn.datasets import make_moons

    if size("n", n) < 10:
        raise ValueError(f"n must be at least 10, so that there are some of each kind to train and to test, got {n}")
    points, moon = make_moons(n, noise=rate("noise", noise), random_state=seed)
    return _split(points, 2 * moon - 1, seed)


def names(seed: int = 0) -> Split:
    """5,163 first names of the US census of 1990, letter by letter, a tenth of them for testing.

    Args:
        seed: decides which are for testing, and the order of all.

    Returns:
        A Split. An input is the list of a name's tokens, 0 for its beginning and then 1 to 26 for its letters; the
        target holds what comes next at each place, the letters and then 0 for the end.

    Raises:
        TypeError: if the seed is not an integer.
        ImportError: if the package names, which the lists come with, is not installed.

    >>> split = names()
    >>> len(split.train_inputs), len(split.test_inputs)
    (4647, 516)
    >>> spelled(split.train_inputs[0]), split.train_targets[0] == [*split.train_inputs[0][1:], 0]
    ('jules', True)
    """
    files = needed("names", "nn.data.names").FILES
    rng = generator(seed)
    lines = [line for kind in ("male", "female") for line in Path(files[f"first:{kind}"]).read_text().splitlines()]
    found = sorted({line.split()[0].lower() for line in lines})
    rng.shuffle(found)
    inputs = [[0, *[ord(letter) - 96 for letter in name]] for name in found]
    targets = [[*tokens[1:], 0] for tokens in inputs]
    cut = len(found) // 10
    return Split(inputs[cut:], targets[cut:], inputs[:cut], targets[:cut])


def spelled(tokens: Sequence[int]) -> str:
    """The letters of a name's tokens, without its beginning and end.

    Args:
        tokens: numbers from 0 to 26.

    Returns:
        The name, in small letters.

    >>> spelled([0, 1, 14, 14, 0])
    'ann'
    """
    return "".join([chr(96 + token) for token in tokens if token])


def padded(sequences: Sequence[Sequence[Any]], filling: Any, length: int | None = None) -> list[list[Any]]:
    """The sequences with something at their ends that makes them equally long.

    One program is then compiled for all lengths, and the steps can be made on JAX. Where no position sees those after
    it, as in a `GPT`, what stands at the end changes nothing, if the loss leaves it out: fill the targets with a number
    that is no class, and call it the `ignore_index` of `cross_entropy`.

    Args:
        sequences: a list of them, of any lengths.
        filling: what is put at their ends.
        length: how long they become; None for the longest of them.

    Returns:
        A list of lists.

    Raises:
        ValueError: if a sequence is longer than that.
        TypeError: if length is not an integer.

    >>> padded([[0, 5, 3], [0]], -1)
    [[0, 5, 3], [0, -1, -1]]
    """
    longest = max(map(len, sequences), default=0)
    n = longest if length is None else size("length", length)
    if longest > n:
        raise ValueError(f"length must be at least {longest}, the length of the longest sequence, got {n}")
    return [[*sequence, *[filling] * (n - len(sequence))] for sequence in sequences]


def _split(inputs: Any, targets: Any, seed: int) -> Split:
    from sklearn.model_selection import train_test_split

    parts = train_test_split(inputs, targets, test_size=0.2, stratify=targets, random_state=seed)
    train_inputs, test_inputs, train_targets, test_targets = (part.tolist() for part in parts)
    return Split(train_inputs, train_targets, test_inputs, test_targets)
