"""Kinks and edges: what ours, compiled or not, PyTorch and JAX take for the derivative where there is more than one.

`python -m tests.properties.kinks` measures them and writes the table beside this file, kinks.md. Where a library isn't
installed, its columns stay as they are. Tests hold the table against what is computed anew: ours in test_kinks.py,
the others in tests/pytorch/test_kinks.py. The last column is mathematics: the subdifferential (Clarke 1983), or the
derivative, or why there is none. A derivative is ∂ by each input; "refused" is an error that names the operation.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

import autograd
import nn
from autograd import compile, gradient
from tests.support.oracles import fresh


class Kink(NamedTuple):
    """A function, and a point at which it has no derivative, or several.

    Args:
        text: how it is written.
        at: the point.
        mathematics: what its derivative is there, and the second after a semicolon, if that is told, too.
        ours: the function.
        torch, jax: the same from `torch`, or from `jax` and `jax.numpy`; None where there is no such function, "same"
            where ours, called with the library in the place of `autograd`, is the same.
    """

    text: str
    at: Sequence[float]
    mathematics: str
    ours: Callable[..., Any]
    torch: Any = "same"
    jax: Any = "same"


def _later(m: Any, branch: Callable[[], Any]) -> Any:
    """A branch of `where`: ours takes a function, so that it is computed only where it is taken."""
    return branch if m is autograd else branch()


# fmt: off
KINKS = [
    Kink("abs(x)", [0.0], "[−1, 1]", lambda m, x: abs(x)),
    Kink("relu(x)", [0.0], "[0, 1]", lambda m, x: m.relu(x), jax=lambda jax, np, x: jax.nn.relu(x)),
    Kink("maximum(x, 0.0)", [0.0], "[0, 1]", lambda m, x: m.maximum(x, 0.0),
         lambda t, x: t.maximum(x, t.zeros_like(x))),
    Kink("maximum(x, y)", [1.0, 1.0], "(s, 1 − s), s in [0, 1]", lambda m, x, y: m.maximum(x, y)),
    Kink("minimum(x, y)", [1.0, 1.0], "(s, 1 − s), s in [0, 1]", lambda m, x, y: m.minimum(x, y)),
    Kink("leaky_relu(x, 0.1)", [0.0], "[0.1, 1]", lambda m, x: m.leaky_relu(x, 0.1),
         lambda t, x: t.nn.functional.leaky_relu(x, 0.1), lambda jax, np, x: jax.nn.leaky_relu(x, 0.1)),
    Kink("leaky_relu(x, a)", [0.0, 0.1], "[0.1, 1], 0; by both [0, 1]", lambda m, x, a: m.leaky_relu(x, a),
         lambda t, x, a: t.nn.functional.prelu(x[None], a[None])[0], lambda jax, np, x, a: jax.nn.leaky_relu(x, a)),
    Kink("elu(x)", [0.0], "1; [0, 1]", lambda m, x: m.elu(x), lambda t, x: t.nn.functional.elu(x),
         lambda jax, np, x: jax.nn.elu(x)),
    Kink("elu(x, alpha=2.0)", [0.0], "[1, 2]; −∞ to 2", lambda m, x: m.elu(x, 2.0),
         lambda t, x: t.nn.functional.elu(x, 2.0), lambda jax, np, x: jax.nn.elu(x, 2.0)),
    Kink("silu(x)", [0.0], "½; ½", lambda m, x: m.silu(x), lambda t, x: t.nn.functional.silu(x),
         lambda jax, np, x: jax.nn.silu(x)),
    Kink("huber_loss(x, 0.0)", [0.0], "0; 1", lambda m, x: nn.huber_loss(x, 0.0),
         lambda t, x: t.nn.functional.huber_loss(x, t.zeros_like(x)), None),
    Kink("huber_loss(x, 0.0)", [1.0], "1; [0, 1]", lambda m, x: nn.huber_loss(x, 0.0),
         lambda t, x: t.nn.functional.huber_loss(x, t.zeros_like(x)), None),
    Kink("l1_loss(x, 0.0)", [0.0], "[−1, 1]", lambda m, x: nn.l1_loss(x, 0.0),
         lambda t, x: t.nn.functional.l1_loss(x, t.zeros_like(x)), None),
    Kink("hinge_loss(x, 1)", [1.0], "[−1, 0]", lambda m, x: nn.hinge_loss(x, 1), lambda t, x: t.relu(1 - x), None),

    Kink("clip(x, 0.0, 1.0)", [0.0], "[0, 1]", lambda m, x: m.clip(x, 0.0, 1.0),
         lambda t, x: t.clamp(x, 0.0, 1.0)),
    Kink("hardtanh(x)", [1.0], "[0, 1]", lambda m, x: m.hardtanh(x), lambda t, x: t.nn.functional.hardtanh(x),
         lambda jax, np, x: jax.nn.hard_tanh(x)),
    Kink("relu6(x)", [6.0], "[0, 1]", lambda m, x: m.relu6(x), lambda t, x: t.nn.functional.relu6(x),
         lambda jax, np, x: jax.nn.relu6(x)),
    Kink("hardswish(x)", [3.0], "[1, 1.5]; 0 to ⅓", lambda m, x: m.hardswish(x),
         lambda t, x: t.nn.functional.hardswish(x), lambda jax, np, x: jax.nn.hard_swish(x)),
    Kink("sign(x)", [0.0], "+∞", lambda m, x: m.sign(x)),
    Kink("floor(x)", [1.0], "+∞", lambda m, x: m.floor(x)),
    Kink("remainder(x, 1.0)", [2.0], "none", lambda m, x: m.remainder(x, 1.0)),
    Kink("where(x > 0, x, -2 * x)", [0.0], "[−2, 1]", lambda m, x: m.where(x > 0, x, -2 * x)),

    Kink("sqrt(x)", [0.0], "+∞", lambda m, x: m.sqrt(x)),
    Kink("cbrt(x)", [0.0], "+∞", lambda m, x: m.cbrt(x), None),
    Kink("acos(x)", [1.0], "−∞", lambda m, x: m.acos(x)),
    Kink("x ** 0", [0.0], "0; 0", lambda m, x: x**0),
    Kink("x ** 0.0", [0.0], "0; 0", lambda m, x: x**0.0),
    Kink("x ** 0.5", [0.0], "+∞", lambda m, x: x**0.5),
    Kink("x ** 1.5", [0.0], "0; +∞", lambda m, x: x**1.5),
    Kink("x ** y", [0.0, 0.0], "0, none", lambda m, x, y: x**y),
    Kink("x ** y", [0.0, 1.0], "1, 0; by both −∞", lambda m, x, y: x**y),
    Kink("x ** y", [0.0, 2.0], "0, 0; 2, 0, 0, 0", lambda m, x, y: x**y),
    Kink("x ** y", [-2.0, 2.0], "−4, none", lambda m, x, y: x**y),
    Kink("hypot(x, y)", [0.0, 0.0], "the unit disc", lambda m, x, y: m.hypot(x, y)),
    Kink("atan2(y, x)", [0.0, 0.0], "none", lambda m, y, x: m.atan2(y, x)),
    Kink("norm([x, y])", [0.0, 0.0], "the unit disc", lambda m, x, y: m.norm([x, y]),
         lambda t, x, y: t.stack([x, y]).norm(), lambda jax, np, x, y: np.linalg.norm(np.stack([x, y]))),
    Kink("std([x, y])", [1.0, 1.0], "s (1, −1), s in ±½√2", lambda m, x, y: m.std([x, y]),
         lambda t, x, y: t.stack([x, y]).std(), lambda jax, np, x, y: np.std(np.stack([x, y]), ddof=1)),
    Kink("xlogy(x, y)", [0.0, 0.0], "none", lambda m, x, y: m.xlogy(x, y), jax=lambda jax, np, x, y:
         jax.scipy.special.xlogy(x, y)),

    Kink("sqrt(relu(x))", [-1.0], "0; 0", lambda m, x: m.sqrt(m.relu(x)),
         jax=lambda jax, np, x: np.sqrt(jax.nn.relu(x))),
    Kink("sqrt(relu(x))", [0.0], "[0, +∞]", lambda m, x: m.sqrt(m.relu(x)),
         jax=lambda jax, np, x: np.sqrt(jax.nn.relu(x))),
    Kink("maximum(x, 0.0) ** 0.5", [-1.0], "0; 0", lambda m, x: m.maximum(x, 0.0) ** 0.5,
         lambda t, x: t.maximum(x, t.zeros_like(x)) ** 0.5),
    Kink("(-1.0) ** relu(x)", [-1.0], "0; 0", lambda m, x: (-1.0) ** m.relu(x),
         lambda t, x: (-t.ones_like(x)) ** t.relu(x), lambda jax, np, x: (-1.0) ** jax.nn.relu(x)),
    Kink("maximum(sqrt(x), 1.0)", [0.0], "0; 0", lambda m, x: m.maximum(m.sqrt(x), 1.0),
         lambda t, x: t.maximum(t.sqrt(x), t.ones_like(x))),
    Kink("where(x > 0, log(x), x)", [-1.0], "1; 0", lambda m, x: m.where(x > 0, _later(m, lambda: m.log(x)), x)),
    Kink("where(x > 0, sqrt(x), x)", [0.0], "[1, +∞]", lambda m, x: m.where(x > 0, m.sqrt(x), x)),
    Kink("sqrt(clip(x, 0.0, 1.0))", [-1.0], "0; 0", lambda m, x: m.sqrt(m.clip(x, 0.0, 1.0)),
         lambda t, x: t.sqrt(t.clamp(x, 0.0, 1.0))),
    Kink("sqrt(x) ** 2", [0.0], "1; 0", lambda m, x: m.sqrt(x) ** 2),
    Kink("acos(x) ** 2", [1.0], "−2; ⅔", lambda m, x: m.acos(x) ** 2),
    Kink("sqrt(abs(x))", [0.0], "−∞ to +∞", lambda m, x: m.sqrt(abs(x))),
    Kink("0.0 * sqrt(x)", [0.0], "0; 0", lambda m, x: 0.0 * m.sqrt(x)),
    Kink("1 / (1 + exp(-x))", [-1000.0], "10⁻⁴³⁴", lambda m, x: 1 / (1 + m.exp(-x))),
    Kink("sigmoid(x)", [-1000.0], "10⁻⁴³⁴", lambda m, x: m.sigmoid(x), jax=lambda jax, np, x: jax.nn.sigmoid(x)),
]
# fmt: on
Derivatives = list[float] | str
"""A number for each input, in the second derivatives for each pair of them; or "refused"."""


def of_ours(kink: Kink) -> tuple[Derivatives, Derivatives]:
    """The first and the second derivatives by backward(), and by gradient() of a gradient."""
    xs = fresh(list(kink.at))
    try:
        kink.ours(autograd, *xs).backward()
        first: Derivatives = [x.grad for x in xs]
    except (ValueError, ZeroDivisionError):
        return "refused", "refused"
    try:
        slopes = gradient(kink.ours(autograd, *xs), xs, create_graph=True)
        return first, [g for slope in slopes for g in gradient(slope, xs)]
    except (ValueError, ZeroDivisionError):
        return first, "refused"


def of_compiled(kink: Kink) -> Derivatives:
    """The first derivatives of the compiled function, for two rows of which one is this point."""
    xs = fresh(list(kink.at))
    try:
        compile(lambda _: kink.ours(autograd, *xs), xs)([1.0, 1.0])
        parameters = [x.grad for x in xs]
        inputs = compile(lambda row: kink.ours(autograd, *row)).input_gradients([list(kink.at)] * 2)
    except ValueError:
        return "refused"
    assert parameters == (2 * inputs[0]).tolist()
    return parameters


def of_torch(kink: Kink) -> tuple[Derivatives, Derivatives] | None:
    """Those of PyTorch, in double precision; None where it has no such function."""
    import torch

    function = kink.ours if kink.torch == "same" else kink.torch
    if function is None:
        return None
    xs = [torch.tensor(x, dtype=torch.float64, requires_grad=True) for x in kink.at]

    def numbers(gradients: Sequence[Any]) -> list[float]:
        return [0.0 if g is None else g.item() for g in gradients]

    slopes = torch.autograd.grad(function(torch, *xs), xs, create_graph=True)
    second: list[float] = []
    for slope in slopes:
        constant = not slope.requires_grad
        rows = [None] * len(xs) if constant else torch.autograd.grad(slope, xs, retain_graph=True, allow_unused=True)
        second += numbers(rows)
    return numbers(slopes), second


def of_jax(kink: Kink) -> tuple[Derivatives, Derivatives] | None:
    """Those of JAX, in double precision; None where it has no such function."""
    import jax
    import jax.numpy as np

    if kink.jax is None:
        return None
    places = tuple(range(len(kink.at)))

    def function(*xs: Any) -> Any:
        return kink.ours(np, *xs) if kink.jax == "same" else kink.jax(jax, np, *xs)

    with jax.enable_x64(True):
        first = jax.jacrev(function, places)(*kink.at)
        second = jax.jacrev(jax.jacrev(function, places), places)(*kink.at)
        return [float(x) for x in first], [float(x) for row in second for x in row]


def written(found: Derivatives | None) -> str:
    """The derivatives, in four digits."""
    if found is None:
        return ""
    return found if isinstance(found, str) else ", ".join([f"{x + 0.0:.4g}".replace("inf", "∞") for x in found])


TABLE = Path(__file__).with_suffix(".md")
HEAD = """# Kinks and edges

What a derivative is where there is none, or more than one. `python -m tests.properties.kinks` wrote this table, with
{versions}. The rules behind our columns:

- At a kink the first derivative is the one that PyTorch gives, where it gives a number. Where it gives ∞ or nan, ours
  is refused, with an error that names the operation, or 0 by the next rule.
- What the result doesn't depend on nearby hands nothing on: a relu that is off, the loser of a `maximum`, the branch of
  `where` that isn't taken, what lies beyond the bounds of `clip`. So no slope behind or before it matters, be it
  infinite.
- A gradient that is 0 as a number, times a slope that is infinite or doesn't exist, is not defined: refused.
- Compiled, forward mode and reverse mode are alike.

| function | at | ours | compiled | PyTorch | JAX | second: ours | PyTorch | JAX | mathematics |
|---|---|---|---|---|---|---|---|---|---|
"""


def cells(kink: Kink) -> list[str]:
    """A line of the table; None stands for what isn't installed."""
    ours, torch, jax = of_ours(kink), None, None
    there = {name: find_spec(name) is not None for name in ("torch", "jax")}
    torch = of_torch(kink) if there["torch"] else None
    jax = of_jax(kink) if there["jax"] else None
    first = [ours[0], of_compiled(kink), torch and torch[0], jax and jax[0]]
    second = [ours[1], torch and torch[1], jax and jax[1]]
    return [*named(kink), *map(written, [*first, *second]), kink.mathematics]


def named(kink: Kink) -> tuple[str, str]:
    """The first two cells of its row."""
    return f"`{kink.text}`", ", ".join([f"{x:g}" for x in kink.at])


def table() -> list[list[str]]:
    """The cells of the table as it stands beside this file."""
    lines = TABLE.read_text(encoding="utf-8").partition("|---|\n")[2].splitlines()
    return [[cell.strip() for cell in line.split("|")[1:-1]] for line in lines]


def main() -> None:
    """Measure, and write the table."""
    import jax
    import torch

    versions = f"PyTorch {torch.__version__.partition('+')[0]} and JAX {jax.__version__}, in double precision"
    rows = ["| " + " | ".join(cells(kink)) + " |" for kink in KINKS]
    TABLE.write_text(HEAD.format(versions=versions) + "\n".join(rows) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
