"""The engine against PyTorch in double precision: every rule with its second derivatives, kinks, options, a network.

Random programs are in test_ways_agree.py beside it. Skipped where PyTorch is not installed; the continuous
integration installs it.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import autograd
from autograd import Value, gradient
from autograd.ops import RULES
from autograd.rules import Binary, Nary, Unary
from autograd.ternary import Ternary
from tests.support.examples import share
from tests.support.oracles import to_multiple

torch = pytest.importorskip("torch")

F = torch.nn.functional

TORCH: dict[str, Callable[..., Any]] = {  # what PyTorch does not have under the rule's own name
    "cross_entropy": lambda z, xs: F.cross_entropy(torch.stack([z, *xs])[None], torch.tensor([0])),
    "dot": lambda ws, xs, b: torch.dot(torch.stack(ws), torch.stack(xs)) + b,
    # elu and leaky_relu take a plain number as their parameter; prelu takes a tensor
    "elu": lambda a, b: F.elu(a) * torch.where(a > 0, torch.ones_like(b), b),
    "clip": lambda a, b, c: torch.clamp(a, b, c),
    "gelu": F.gelu,
    "gelu_tanh": lambda a: F.gelu(a, approximate="tanh"),
    "hardsigmoid": F.hardsigmoid,
    "hardswish": F.hardswish,
    "hardtanh": lambda a, b, c: F.hardtanh(a, b, c),
    "identity": lambda a: a.clone(),
    "leaky_relu": lambda a, b: F.prelu(a[None], b[None])[0],
    "logsumexp": lambda xs: torch.logsumexp(torch.stack(xs), 0),
    "mean": lambda xs: torch.stack(xs).mean(),
    "mish": F.mish,
    "norm": lambda xs: torch.linalg.vector_norm(torch.stack(xs)),
    "relu": torch.relu,
    "relu6": F.relu6,
    "silu": F.silu,
    "softsign": F.softsign,
    "softplus": lambda a: F.softplus(a, threshold=1e3),
    "sum": lambda xs: torch.stack(xs).sum(),
}
WITHOUT_COUNTERPART = {"cbrt"}
KINKED = {"abs", "relu", "leaky_relu", "elu", "maximum", "minimum", "clip", "hardtanh", "relu6", "hardsigmoid"}
KINKED |= {"sign", "floor", "ceil", "trunc", "round", "hardswish", "softsign", "copysign", "fmod", "remainder"}
SMOOTH = RULES.keys() - KINKED - WITHOUT_COUNTERPART


def counterpart(name: str) -> Callable[..., Any]:
    found = TORCH.get(name) or getattr(torch, name, None)
    if found is None:
        raise LookupError(
            f"torch has no {name}: write it with what there is into TORCH, or add it to WITHOUT_COUNTERPART"
        )
    return found


def tensors(numbers: list[float]) -> list[Any]:
    return [torch.tensor(x, dtype=torch.float64, requires_grad=True) for x in numbers]


def grads(nodes: list[Any]) -> list[float]:
    return [0.0 if x.grad is None else float(x.grad) for x in nodes]


def close(ours: list[float], theirs: list[float], scale: float = 1.0, name: str = "") -> bool:
    """Equal to 1e-12, relative or of the largest number that went into them: 5000 units of rounding."""
    tolerance = LESS_EXACT.get(name, 1e-12)
    return all(abs(a - b) <= tolerance * max(scale, abs(b)) for a, b in zip(ours, theirs, strict=True))


LESS_EXACT = {"hardsigmoid": 1e-7, "digamma": 1e-9, "lgamma": 1e-9}
"""By how much PyTorch's derivatives are off: its 1/6 is one of float32, its trigamma has nine digits."""


# ---------------------------------------------------------------------------------------------- single rules


def arguments(rule: Any, items: list[Any]) -> tuple[Any, ...]:
    """Five numbers as the operands of a rule: two, one, or groups of two."""
    if rule.name == "dot":
        return (items[0:2], items[2:4], items[4])
    if rule.name == "cross_entropy":
        return (items[0], items[1:3])
    if rule.name == "hardtanh":  # the bounds of PyTorch's are plain numbers
        return (items[0], -1.0, 1.0)
    if isinstance(rule, Ternary):
        return tuple(items[0:3])
    if isinstance(rule, Nary):
        return (items[0:3],)
    return tuple(items[:1] if isinstance(rule, Unary) else items[:2])


def apply(name: str, items: list[Any]) -> Any:
    groups = arguments(RULES[name], items)
    if isinstance(items[0], Value):
        return RULES[name](*[tuple(group) if isinstance(group, list) else group for group in groups])
    return counterpart(name)(*groups)


def defined(rule: Any, items: list[float]) -> bool:
    a, b = items[:2]
    return not rule.domain or eval(rule.domain, {"inf": math.inf, "abs": abs, "a": a, "b": b})


def test_every_rule_but_the_cube_root_is_compared():
    for name in RULES.keys() - WITHOUT_COUNTERPART:
        assert callable(counterpart(name))
    for name in WITHOUT_COUNTERPART:
        assert not hasattr(torch, name)


@pytest.mark.parametrize("name", sorted(RULES.keys() - WITHOUT_COUNTERPART))
@given(items=st.lists(st.floats(-3, 3).map(lambda x: round(x, 3)), min_size=5, max_size=5))
@share(0.4)
def test_a_rule_has_the_value_and_the_derivatives_of_pytorch(name, items):
    rule = RULES[name]
    if rule.domain:
        items = [abs(x) + 1.1 for x in items] if name == "acosh" else items
        items = [x / 3.2 for x in items] if name in ("asin", "acos", "atanh", "erfinv", "logit") else items
        items = [0.5 + x / 2 for x in items] if name == "logit" else items
        positive = name in ("pow", "lgamma", "digamma") or not defined(rule, items)
        items = [abs(x) + 0.1 for x in items] if positive else items
        items[1] = items[1] or 1.0  # nothing is divided by zero
    if name in ("hypot", "atan2", "norm"):
        assume(items[0] != 0 or items[1] != 0)
    if name in ("remainder", "fmod"):  # PyTorch rounds the quotient, which may be the next whole number then
        assume(to_multiple(*items[:2]) > 1e-9)
    if name == "sinc":  # PyTorch's derivatives lose their digits near 0
        assume(abs(items[0]) > 0.1)
    if name == "sqrt":
        assume(items[0] > 0)
    if name == "tan":
        assume(abs(math.cos(items[0])) > 0.05)
    values, theirs = [Value(x) for x in items], tensors(items)
    y, z = apply(name, values), apply(name, theirs)
    assert close([y.data], [z.item()])
    y.backward()
    z.backward()
    assert close(grads(values), grads(theirs), name=name)
    if name not in SMOOTH:
        return
    inputs = [x for x in values if x.grad != 0.0]
    at = [values.index(x) for x in inputs]
    assume(inputs)
    slopes = gradient(y, inputs, create_graph=True)
    z = apply(name, theirs)
    their_slopes = torch.autograd.grad(z, [theirs[i] for i in at], create_graph=True)
    for slope, their_slope in zip(slopes, their_slopes):
        ours = gradient(slope, inputs)
        if not their_slope.requires_grad:  # a constant
            assert ours == [0.0] * len(inputs)
            continue
        found = torch.autograd.grad(their_slope, [theirs[i] for i in at], retain_graph=True, allow_unused=True)
        assert close(ours, [0.0 if x is None else x.item() for x in found], max(map(abs, ours)), name)


TIES = [-3.0, -2.0, -1.0, -0.5, -0.0, 0.0, 0.5, 1.0, 2.0, 3.0, 6.0]


@pytest.mark.parametrize("name", sorted(KINKED))
def test_at_a_kink_the_derivative_is_the_one_that_pytorch_takes(name):
    for a in TIES:
        for b in [0.25] if name in ("elu", "leaky_relu") else TIES:
            if not defined(RULES[name], [a, b]):
                continue
            values, theirs = [Value(x) for x in (a, b, 1.0)], tensors([a, b, 1.0])
            y, z = apply(name, values), apply(name, theirs)
            y.backward()
            z.backward()
            assert y.data == pytest.approx(z.item(), rel=1e-15)
            assert grads(values) == pytest.approx(grads(theirs), rel=LESS_EXACT.get(name, 1e-15)), (a, b)


def test_powers_at_zero_have_the_derivatives_of_pytorch():
    for a, b in [(0.0, 0.0), (0.0, 1.0), (0.0, 2.0), (0.0, 1.5), (3.0, 0.0)]:
        values, theirs = [Value(a), Value(b)], tensors([a, b])
        apply("pow", values).backward()
        apply("pow", theirs).backward()
        assert grads(values) == pytest.approx(grads(theirs), rel=1e-15), (a, b)
    for exponent in (0, 1, 2, 3, 1.5):
        for a in (0.0, 2.0) if exponent == 1.5 else (-2.0, 0.0, 2.0):
            x, (t,) = Value(a), tensors([a])
            (x**exponent).backward()
            (t**exponent).backward()
            assert x.grad == pytest.approx(t.grad.item(), rel=1e-15)


@pytest.mark.parametrize("options", [{}, {"negative_slope": 0.2}])
@pytest.mark.parametrize("x", TIES)
def test_leaky_relu_has_the_defaults_of_pytorch(x, options):
    v, (t,) = Value(x), tensors([x])
    y, z = v.leaky_relu(**options), F.leaky_relu(t, **options)
    y.backward()
    z.backward()
    assert (y.data, v.grad) == (z.item(), t.grad.item())


@pytest.mark.parametrize("options", [{}, {"alpha": 0.5}])
@pytest.mark.parametrize("x", TIES)
def test_elu_has_the_defaults_of_pytorch(x, options):
    v, (t,) = Value(x), tensors([x])
    y, z = v.elu(**options), F.elu(t, **options)
    y.backward()
    z.backward()
    assert (y.data, v.grad) == pytest.approx((z.item(), t.grad.item()), rel=1e-15)


@pytest.mark.parametrize("approximate", ["none", "tanh"])
@pytest.mark.parametrize("x", [*TIES, 0.3, -5.0])
def test_gelu_has_the_options_of_pytorch(x, approximate):
    v, (t,) = Value(x), tensors([x])
    y, z = v.gelu(approximate=approximate), F.gelu(t, approximate=approximate)
    y.backward()
    z.backward()
    assert close([y.data, v.grad], [z.item(), t.grad.item()])


@given(st.lists(st.floats(-5, 5), min_size=1, max_size=5))
def test_softmax_and_log_softmax_are_those_of_pytorch(xs):
    weights = [1.0, -2.0, 3.0, 0.5, 7.0][: len(xs)]
    for name in ("softmax", "log_softmax"):
        values, theirs = [Value(x) for x in xs], tensors(xs)
        ours = getattr(autograd, name)(values)
        result = getattr(torch, name)(torch.stack(theirs), 0)
        assert close([y.data for y in ours], result.tolist())
        autograd.dot(ours, weights).backward()
        torch.dot(result, torch.tensor(weights, dtype=torch.float64)).backward()
        assert close(grads(values), grads(theirs), 10.0)


# ----------------------------------------------------------------------------------------------------- a network


def network(w: list[Any], xs: list[Any], dot: Any, tanh: Any, relu: Any, cross_entropy: Any) -> Any:
    """Two inputs, three tanh neurons, three relu neurons, three logits; the loss for the class 0."""
    weights = iter(w)

    def layer(inputs: list[Any], f: Any) -> list[Any]:
        return [f(dot([next(weights) for _ in inputs], inputs, next(weights))) for _ in range(3)]

    logits = layer(layer(layer(xs, tanh), relu), lambda x: x)
    return cross_entropy(logits[0], logits[1:])


@given(st.lists(st.floats(-2, 2), min_size=33, max_size=33), st.lists(st.floats(-2, 2), min_size=2, max_size=2))
def test_a_network_of_dot_nodes_has_the_gradients_of_pytorch(w, xs):
    ours, theirs = [Value(x) for x in w + xs], tensors(w + xs)
    y = network(
        ours[:33],
        ours[33:],
        autograd.dot,
        autograd.tanh,
        autograd.relu,
        lambda z, others: RULES["cross_entropy"](z, tuple(others)),
    )
    z = network(theirs[:33], theirs[33:], TORCH["dot"], torch.tanh, torch.relu, TORCH["cross_entropy"])
    assert close([y.data], [z.item()], 50.0)
    for _ in range(2):
        y.backward()
        z.backward(retain_graph=True)
        assert close(grads(ours), grads(theirs), max(1.0, *map(abs, grads(ours))))


@pytest.mark.parametrize("name", [name for name, rule in RULES.items() if isinstance(rule, Binary)])
def test_one_value_as_both_operands_has_the_gradient_of_pytorch(name):
    for x in (0.75, 1.5):
        v, (t,) = Value(x), tensors([x])
        apply(name, [v, v]).backward()
        apply(name, [t, t]).backward()
        assert close([v.grad], [t.grad.item()])
