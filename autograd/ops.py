"""The rule table: every primitive operation of the engine, written down once.

Here stands the calculus and nothing else. A rule says how to compute y from its operands, what the local derivatives
are, where it is defined and how it is written; no rule knows what a graph is. Derivatives are plain arithmetic on
`(y, *operands)`, so whatever can be added and multiplied flows through them: floats in `backward()`, Values in
derivatives of derivatives. A line of the table reads like a line of a calculus book:

    tanh = Unary("tanh", ..., math.tanh, lambda y, a: 1 - y * y)        y = tanh a,   dy/da = 1 - y²

Formulas: Abramowitz & Stegun, *Handbook of Mathematical Functions* (4.1-4.6 elementary functions, 7.1 error function);
activations are from the papers named beside them. At a kink the derivative is the one that PyTorch gives.
"""

from __future__ import annotations

import builtins
import math
import operator
from collections.abc import Callable
from math import inf, pi
from typing import Any

from .rules import Binary, Nary, Rule, Unary

__all__ = [
    "abs",
    "acos",
    "acosh",
    "add",
    "asin",
    "asinh",
    "atan",
    "atan2",
    "atanh",
    "cbrt",
    "cos",
    "cosh",
    "div",
    "erf",
    "erfc",
    "exp",
    "expm1",
    "hypot",
    "identity",
    "log",
    "log1p",
    "log2",
    "log10",
    "maximum",
    "minimum",
    "mul",
    "neg",
    "pow",
    "relu",
    "sigmoid",
    "silu",
    "sin",
    "sinh",
    "softplus",
    "sqrt",
    "sub",
    "tan",
    "tanh",
]  # fmt: skip
"""The rules that are functions of the package as they stand; functions.py wraps the others."""


# ------------------------------------------------------------------------------ arithmetic that the rules below rest on


def where(condition: Any, then: Any, otherwise: Any) -> Any:
    """`then` where the condition holds, else `otherwise`; a branch given as a function is evaluated only if taken."""
    chosen = then if condition else otherwise
    return chosen() if callable(chosen) else chosen


def _or_inf(f: Callable[[float], float]) -> Callable[[float], float]:
    """f, with IEEE's answer of infinity where Python's math raises OverflowError (f grows upwards)."""

    def computed(a: float) -> float:
        try:
            return f(a)
        except OverflowError:
            return inf

    return computed


def _sinh(a: float) -> float:
    try:
        return math.sinh(a)
    except OverflowError:
        return math.copysign(inf, a)


def _pow(a: float, b: float) -> float:
    try:
        return math.pow(a, b)
    except OverflowError:
        return -inf if a < 0 and b % 2 == 1 else inf


def _cbrt(a: float) -> float:
    if a == 0 or not math.isfinite(a):
        return a
    y = math.copysign(math.pow(math.fabs(a), 1 / 3), a)
    return y - (y - a / (y * y)) / 3  # one step of Newton's method takes the power's rounding away


def _sigmoid(a: float) -> float:
    if a < 0:  # the exponential is always of a negative number, so it never overflows
        e = math.exp(a)
        return e / (1 + e)
    return 1 / (1 + math.exp(-a))


def _softplus(a: float) -> float:
    return (a if a > 0 else a - a if a != a else 0.0) + math.log1p(math.exp(-math.fabs(a)))


def _logsumexp(xs: tuple[float, ...]) -> float:
    top = max(xs)
    if math.isinf(top):
        return top if all(x == x for x in xs) else math.nan
    k = xs.index(top) if top == top else 0
    return top + math.log1p(builtins.sum([math.exp(x - top) for x in xs[:k] + xs[k + 1 :]]))


def _normal_cdf(a: Any) -> Any:
    return 0.5 * erfc(a * -math.sqrt(0.5))


def _gelu_gate(a: Any) -> Any:
    """σ(2u), u = √(2/π)(a + 0.044715a³); beyond ±100 the gate is 0 or 1, and the cube must not overflow."""
    return where(a > 100, 1.0, lambda: where(a < -100, 0.0, lambda: sigmoid(_GELU * a * (1 + 0.044715 * (a * a)))))


_GELU = 2 * math.sqrt(2 / pi)

# --------------------------------------------------------------------------------------------------------- the rule table
# fmt: off

log: Unary; cos: Unary; cosh: Unary; hypot: Binary  # used above their own lines  # noqa: E702

#            name       LaTeX                 y                    forward            dy/da, dy/db

add = Binary("add",     r"#1 + #2",           "a + b",             operator.add,      lambda y, a, b: 1.0,
                                                                                      lambda y, a, b: 1.0, symbol="+")
sub = Binary("sub",     r"#1 - #2",           "a - b",             operator.sub,      lambda y, a, b: 1.0,
                                                                                      lambda y, a, b: -1.0, symbol="-")
mul = Binary("mul",     r"#1 \cdot #2",       "a * b",             operator.mul,      lambda y, a, b: b,
                                                                                      lambda y, a, b: a, symbol="*")
div = Binary("div",     r"\frac{#1}{#2}",     "a / b",             operator.truediv,  lambda y, a, b: 1 / b,
                                                                                      lambda y, a, b: -y / b,
             symbol="/", domain="b != 0")
pow = Binary("pow",     r"{#1}^{#2}",         "a ** b",            _pow,
             lambda y, a, b: where(b < 0 or b > 0, lambda: b * a ** (b - 1), 0.0),
             lambda y, a, b: where(a < 0 or a > 0, lambda: y * log(a), 0.0),
             symbol="**", domain="a > 0 or a == 0 <= b or a < 0 and b % 1 == 0")
identity = Unary("identity", r"#1",           "a",                 lambda a: a,       lambda y, a: 1.0, symbol="=")
neg = Unary("neg",      r"-#1",               "-a",                operator.neg,      lambda y, a: -1.0, symbol="-")
abs = Unary("abs",      r"\lvert #1 \rvert",  "|a|",               math.fabs,
            lambda y, a: where(a > 0, 1.0, where(a < 0, -1.0, 0.0)))

exp   = Unary("exp",    r"e^{#1}",            "e ** a",            _or_inf(math.exp),    lambda y, a: y)
expm1 = Unary("expm1",  r"e^{#1} - 1",        "e ** a - 1",        _or_inf(math.expm1),  lambda y, a: exp(a))
log   = Unary("log",    r"\ln #1",            "ln a",              math.log,             lambda y, a: 1 / a,
              domain="a > 0")
log1p = Unary("log1p",  r"\ln(1 + #1)",       "ln(1 + a)",         math.log1p,           lambda y, a: 1 / (1 + a),
              domain="a > -1")
log2  = Unary("log2",   r"\log_2 #1",         "ln a / ln 2",       math.log2,            lambda y, a: 1 / (a * math.log(2)),
              domain="a > 0")
log10 = Unary("log10",  r"\log_{10} #1",      "ln a / ln 10",      math.log10,           lambda y, a: 1 / (a * math.log(10)),
              domain="a > 0")
sqrt  = Unary("sqrt",   r"\sqrt{#1}",         "a ** (1/2)",        math.sqrt,            lambda y, a: 0.5 / y,
              domain="a >= 0")
cbrt  = Unary("cbrt",   r"\sqrt[3]{#1}",      "a ** (1/3), with the sign of a", _cbrt,   lambda y, a: 1 / (3 * y * y))

sin   = Unary("sin",    r"\sin #1",           "sin a",             math.sin,             lambda y, a: cos(a),
              domain="abs(a) < inf")
cos   = Unary("cos",    r"\cos #1",           "cos a",             math.cos,             lambda y, a: -sin(a),
              domain="abs(a) < inf")
tan   = Unary("tan",    r"\tan #1",           "sin a / cos a",     math.tan,             lambda y, a: 1 + y * y,
              domain="abs(a) < inf")
asin  = Unary("asin",   r"\arcsin #1",        "arcsin a",          math.asin,
              lambda y, a: 1 / (sqrt(1 - a) * sqrt(1 + a)), domain="-1 <= a <= 1")
acos  = Unary("acos",   r"\arccos #1",        "arccos a",          math.acos,
              lambda y, a: -1 / (sqrt(1 - a) * sqrt(1 + a)), domain="-1 <= a <= 1")
atan  = Unary("atan",   r"\arctan #1",        "arctan a",          math.atan,            lambda y, a: 1 / (1 + a * a))
atan2 = Binary("atan2", r"\operatorname{atan2}(#1, #2)", "the angle of the point (b, a), from -π to π", math.atan2,
               lambda y, a, b: b / hypot(a, b) / hypot(a, b),
               lambda y, a, b: -a / hypot(a, b) / hypot(a, b))

sinh  = Unary("sinh",   r"\sinh #1",          "(e ** a - e ** -a) / 2",  _sinh,               lambda y, a: cosh(a))
cosh  = Unary("cosh",   r"\cosh #1",          "(e ** a + e ** -a) / 2",  _or_inf(math.cosh),  lambda y, a: sinh(a))
tanh  = Unary("tanh",   r"\tanh #1",          "sinh a / cosh a",         math.tanh,           lambda y, a: 1 - y * y)
asinh = Unary("asinh",  r"\operatorname{arsinh} #1", "ln(a + sqrt(a² + 1))", math.asinh,      lambda y, a: 1 / hypot(1.0, a))
acosh = Unary("acosh",  r"\operatorname{arcosh} #1", "ln(a + sqrt(a² - 1))", math.acosh,
              lambda y, a: 1 / (sqrt(a - 1) * sqrt(a + 1)), domain="a >= 1")
atanh = Unary("atanh",  r"\operatorname{artanh} #1", "ln((1 + a) / (1 - a)) / 2", math.atanh,
              lambda y, a: 1 / ((1 - a) * (1 + a)), domain="-1 < a < 1")

erf   = Unary("erf",    r"\operatorname{erf} #1",  "2/sqrt(π) ∫₀ᵃ exp(-t²) dt", math.erf,
              lambda y, a: 2 / math.sqrt(pi) * exp(-(a * a)))
erfc  = Unary("erfc",   r"\operatorname{erfc} #1", "1 - erf a",                 math.erfc,
              lambda y, a: -2 / math.sqrt(pi) * exp(-(a * a)))
hypot = Binary("hypot", r"\sqrt{#1^2 + #2^2}",     "sqrt(a² + b²)",             math.hypot,
               lambda y, a, b: a / y, lambda y, a, b: b / y)

maximum = Binary("maximum", r"\max(#1, #2)", "the larger of a and b", lambda a, b: a if a >= b or a != a else b,
                 lambda y, a, b: where(a > b, 1.0, where(a < b, 0.0, 0.5)),
                 lambda y, a, b: where(b > a, 1.0, where(b < a, 0.0, 0.5)))
minimum = Binary("minimum", r"\min(#1, #2)", "the smaller of a and b", lambda a, b: a if a <= b or a != a else b,
                 lambda y, a, b: where(a < b, 1.0, where(a > b, 0.0, 0.5)),
                 lambda y, a, b: where(b < a, 1.0, where(b > a, 0.0, 0.5)))

# Nair & Hinton 2010 (relu), Maas 2013 (leaky), Clevert 2015 (elu), Elfwing 2017 (silu), Hendrycks & Gimpel 2016 (gelu)
relu       = Unary("relu",        r"\operatorname{relu}(#1)", "max(0, a)", lambda a: 0.0 if a <= 0 else a,
                   lambda y, a: where(a > 0, 1.0, 0.0))
leaky_relu_rule = Binary("leaky_relu", r"\operatorname{leaky\,relu}_{#2}(#1)", "a if a > 0 else a * b",
                    lambda a, b: a if a > 0 else a * b,
                    lambda y, a, b: where(a > 0, 1.0, b), lambda y, a, b: where(a > 0, 0.0, a))
elu_rule   = Binary("elu",        r"\operatorname{elu}_{#2}(#1)", "a if a > 0 else b (e ** a - 1)",
                    lambda a, b: a if a > 0 else b * math.expm1(a),
                    lambda y, a, b: where(a > 0, 1.0, lambda: b * exp(a)), lambda y, a, b: where(a > 0, 0.0, lambda: expm1(a)))
sigmoid    = Unary("sigmoid",     r"\sigma(#1)", "1 / (1 + e ** -a)", _sigmoid, lambda y, a: y * (1 - y))
softplus   = Unary("softplus",    r"\ln(1 + e^{#1})", "ln(1 + e ** a)", _softplus, lambda y, a: sigmoid(a))
silu       = Unary("silu",        r"#1 \cdot \sigma(#1)", "a / (1 + e ** -a)", lambda a: a * _sigmoid(a),
                   lambda y, a: sigmoid(a) + y * (1 - sigmoid(a)))
gelu_rule  = Unary("gelu",        r"#1 \cdot \Phi(#1)", "a Φ(a), Φ the normal distribution function",
                   lambda a: a * _normal_cdf(a),
                   lambda y, a: _normal_cdf(a) + a * exp(-0.5 * (a * a)) / math.sqrt(2 * pi))
gelu_tanh  = Unary("gelu_tanh",   r"\tfrac{#1}{2}(1 + \tanh(\sqrt{2/\pi}(#1 + 0.044715 #1^3)))",
                   "a/2 (1 + tanh(sqrt(2/π)(a + 0.044715a³)))", lambda a: a * _gelu_gate(a),
                   lambda y, a: _gelu_gate(a) + y * (1 - _gelu_gate(a)) * _GELU * (1 + 3 * 0.044715 * (a * a)))

dot_rule       = Nary("dot",       r"\sum_i w_i x_i + b", "w1 x1 + ... + wn xn + b",
                      lambda ws, xs, b: builtins.sum(map(operator.mul, ws, xs), b),
                      lambda y, ws, xs, b: (xs, ws, 1.0))
sum_rule       = Nary("sum",       r"\sum_i x_i",         "x1 + ... + xn",
                      lambda xs: builtins.sum(xs, 0.0),
                      lambda y, xs: ([1.0] * len(xs),))
mean_rule      = Nary("mean",      r"\frac{1}{n} \sum_i x_i", "(x1 + ... + xn) / n",
                      lambda xs: builtins.sum(xs, 0.0) / len(xs),
                      lambda y, xs: ([1 / len(xs)] * len(xs),))
logsumexp_rule = Nary("logsumexp", r"\ln \sum_i e^{x_i}", "ln(e ** x1 + ... + e ** xn)",
                      _logsumexp,
                      lambda y, xs: ([exp(x - y) for x in xs],))
# z is the logit of the true class, the xs those of the others: the slopes are softmax - onehot, to the last digit
cross_entropy  = Nary("cross_entropy", r"-\ln \operatorname{softmax}_z(z, x)", "ln(1 + e ** (x1 - z) + ... + e ** (xn - z))",
                      lambda z, xs: _logsumexp((0.0, *[x - z for x in xs])),
                      lambda y, z, xs: (expm1(-y), [exp(x - z - y) for x in xs]))

# fmt: on

RULES: dict[str, Rule] = {rule.name: rule for rule in list(globals().values()) if isinstance(rule, Rule)}
"""The whole table by name, for its readers."""
