"""The rule table: every primitive operation of the engine, written down once.

Here stands the calculus and nothing else. A rule says how to compute y from its operands, what the local derivatives
are, where it is defined and how it is written; no rule knows what a graph is. Derivatives are plain arithmetic on
`(y, *operands)`, so whatever can be added and multiplied flows through them: floats in `backward()`, Values in
derivatives of derivatives. A line of the table reads like a line of a calculus book:

    tanh = Unary("tanh", ..., math.tanh, lambda y, a: 1 - y * y)        y = tanh a,   dy/da = 1 - y²

Formulas: Abramowitz & Stegun, *Handbook of Mathematical Functions* (4.1-4.6 elementary functions, 7.1 error function);
activations are from the papers named beside them. At a kink the derivative is the one that PyTorch gives. Where y
doesn't depend on an operand nearby, the slope is FLAT: a 0 that hands nothing on, whatever it is multiplied with.
"""

from __future__ import annotations

import functools
import math
import operator
from collections.abc import Sequence
from math import pi
from typing import Any

from . import floats, special
from .basics.addition import added, added_products
from .basics.operand import FLAT, largest, where
from .rules import Binary, Nary, Rule, Unary
from .ternary import Ternary

__all__ = [
    "abs", "acos", "acosh", "add", "asin", "asinh", "atan", "atan2", "atanh", "cbrt", "ceil", "copysign", "cos", "cosh",
    "digamma", "div", "erf", "erfc", "erfinv", "exp", "exp2", "expm1", "floor", "fmod", "hardsigmoid", "hardswish",
    "hypot", "identity", "lgamma", "log", "log1p", "log2", "log10", "logit", "maximum", "minimum", "mish", "mul", "neg",
    "pow", "reciprocal", "relu", "relu6", "remainder", "round", "rsqrt", "sigmoid", "sign", "silu", "sin", "sinc",
    "sinh", "softplus", "softsign", "sqrt", "square", "sub", "tan", "tanh", "trunc", "xlogy",
]  # fmt: skip
"""The functions of the package that type checkers know; whatever else the table has an example for is added below."""


# --------------------------------------------------------------------- what several derivatives have in common, generic


def _softmax(xs: Sequence[Any]) -> list[Any]:
    top = largest(xs)  # without this common part no exponential overflows, and no digits are lost to it
    powers = [exp(x - top) for x in xs]
    total = sum(tuple(powers))
    return [power / total for power in powers]


def _zero(x: Any) -> Any:
    return (x <= 0) & (x >= 0)  # x == 0 would ask a Value for its identity


def _pow_slope(a: Any, b: Any) -> Any:
    """b aᵇ⁻¹; as b aᵇ / a where b = 0, which neither divides by zero nor forgets b, or where b - 1 is b as a float."""
    apart = _zero(b) | (b >= 2.0**53) | (b <= -(2.0**53))
    return where(apart, lambda: where(_zero(a), 0.0, lambda: b * pow(a, b) / a), lambda: b * pow(a, b - 1))


def _pow_slope_of_exponent(y: Any, a: Any, b: Any) -> Any:
    """y ln a; at a = 0 its limit 0, and where it is infinitely steep there, that 0 as a root, which is so, too."""
    return where(_zero(a), lambda: where(b > 1, 0.0, lambda: sqrt(a)), lambda: y * log(a))


def _known(a: Any, b: Any) -> Any:
    return where(_zero(a) & (b <= 0), 1.0, b)  # where xlogy is 0 whatever b is, the logarithm need not exist


def _over(x: Any, length: Any) -> Any:
    """x / length; 0 where that is 0, in the form of a root, which has no derivative there."""
    return where(_zero(length), lambda: sqrt(length), lambda: x / length)


def _around(x: Any, a: Any, b: Any) -> Any:
    """x / (a² + b²); by the distance from the origin where powers of it may over- or underflow."""
    square, far = a * a + b * b, lambda: _over(_over(x, hypot(a, b)), hypot(a, b))
    return where((square < 1e-100) | (square > 1e100), far, lambda: x / square)


def _normal_cdf(a: Any) -> Any:
    return 0.5 * erfc(a * -math.sqrt(0.5))


def _normal_pdf(a: Any) -> Any:
    return exp(-0.5 * (a * a)) / math.sqrt(2 * pi)


def _gelu_gate(a: Any) -> Any:
    """σ(2u) with u = √(2/π)(a + 0.044715a³): 0 or 1 beyond ±100, where the cube might overflow."""
    return where(a > 100, 1.0, lambda: where(a < -100, 0.0, lambda: sigmoid(_GELU * a * (1 + 0.044715 * (a * a)))))


def _gelu_gate_slope(a: Any) -> Any:
    gate = _gelu_gate(a)
    return where((a > 100) | (a < -100), 0.0, lambda: _GELU * (1 + 3 * 0.044715 * (a * a)) * gate * (1 - gate))


def _gelu_tanh(a: float) -> float:
    return float(a * _gelu_gate(a))


_GELU = 2 * math.sqrt(2 / pi)


def _mish_slope(a: Any) -> Any:
    off = sigmoid(-a)
    return tanh(softplus(a)) + a * (4 * off * off / square(1 + off * off)) * sigmoid(a)  # in brackets: 1 - tanh²


def _sinc_slope(y: Any, a: Any) -> Any:
    """(cos πa - y) / a; near 0, where the two cancel, by the series."""
    near = (a < 0.4) & (a > -0.4)
    return where(
        near, lambda: _sinc_slope_near(a), lambda: (cos(pi * (a - 2 * round(a / 2))) - y) / where(near, 1.0, a)
    )


def _sinc_slope_near(a: Any) -> Any:
    slope: Any = 0.0
    for k in range(11, 0, -1):
        slope = slope * (pi * pi * a * a) + (-1) ** k * 2 * k / math.factorial(2 * k + 1)
    return slope * (pi * pi * a)


# --------------------------------------------------------------------------------------------------------- the rule table
# fmt: off
log: Unary; sqrt: Unary; cos: Unary; cosh: Unary; digamma: Unary; round: Unary; hypot: Binary  # used above their own lines  # noqa: E702

# arithmetic
add        = Binary("add",       "a + b",                  operator.add,     1.0,
                                                                             1.0,
                    latex=r"#1 + #2", symbol="+", known="add(2.0, 3.0) = 5.0")
sub        = Binary("sub",       "a - b",                  operator.sub,     1.0,
                                                                             -1.0,
                    latex=r"#1 - #2", symbol="-", known="sub(2.0, 3.0) = -1.0")
mul        = Binary("mul",       "a * b",                  operator.mul,     "b",
                                                                             "a",
                    latex=r"#1 \cdot #2", symbol="*", known="mul(2.0, 3.0) = 6.0")
div        = Binary("div",       "a / b",                  operator.truediv, lambda y, a, b: 1 / b,
                                                                             lambda y, a, b: -y / b,
                    latex=r"\frac{#1}{#2}", symbol="/", domain="b != 0", known="div(3.0, 2.0) = 1.5")
pow        = Binary("pow",       "a ** b",                 floats.pow,       lambda y, a, b: _pow_slope(a, b),
                                                                             lambda y, a, b: _pow_slope_of_exponent(y, a, b),
                    latex=r"{#1}^{#2}", symbol="**", domain="a > 0 or a == 0 and b >= 0 or a < 0 and b % 1 == 0", known="pow(2.0, 3.0) = 8.0")
identity   = Unary("identity",   "a",                      floats.identity,  lambda y, a: 1.0,
                   latex=r"#1", symbol="=", known="identity(2.0) = 2.0")
neg        = Unary("neg",        "-a",                     operator.neg,     lambda y, a: -1.0,
                   latex=r"-#1", symbol="-", known="neg(2.0) = -2.0")
abs        = Unary("abs",        "|a|",                    math.fabs,        lambda y, a: where(a > 0, 1.0, where(a < 0, -1.0, 0.0)),
                   latex=r"\lvert #1 \rvert", known="abs(-2.0) = 2.0")
sign       = Unary("sign",       "1, 0 or -1, as a is",    floats.sign,      lambda y, a: FLAT,
                   latex=r"\operatorname{sign} #1", known="sign(-2.0) = -1.0")
copysign   = Binary("copysign",  "|a| with the sign of b", floats.copysign,  lambda y, a, b: sign(y) * sign(a),
                                                                             lambda y, a, b: FLAT,
                    latex=r"\operatorname{copysign}(#1, #2)", known="copysign(2.0, -3.0) = -2.0")
square     = Unary("square",     "a²",                     lambda a: a * a,  lambda y, a: 2 * a,
                   latex=r"{#1}^2", known="square(3.0) = 9.0")
reciprocal = Unary("reciprocal", "1 / a",                  lambda a: 1 / a,  lambda y, a: -y * y,
                   latex=r"\frac{1}{#1}", domain="a != 0", known="reciprocal(4.0) = 0.25")

# whole numbers
floor     = Unary("floor",      "the largest whole number up to a",              floats.floor,     lambda y, a: FLAT,
                  latex=r"\lfloor #1 \rfloor", known="floor(-1.5) = -2.0")
ceil      = Unary("ceil",       "the smallest whole number from a on",           floats.ceil,      lambda y, a: FLAT,
                  latex=r"\lceil #1 \rceil", known="ceil(-1.5) = -1.0")
trunc     = Unary("trunc",      "a without its fraction",                        floats.trunc,     lambda y, a: FLAT,
                  latex=r"\operatorname{trunc} #1", known="trunc(-1.5) = -1.0")
round     = Unary("round",      "the nearest whole number, of two the even one", floats.round,     lambda y, a: FLAT,
                  latex=r"\operatorname{round} #1", known="round(2.5) = 2.0")
remainder = Binary("remainder", "a - b floor(a / b)",                            floats.remainder, lambda y, a, b: 1.0,
                                                                                                   lambda y, a, b: round(y / b - a / b),
                   latex=r"(#1 \bmod #2)", symbol="%", domain="b != 0 and abs(a) < inf", known="remainder(-7.0, 3.0) = 2.0")
fmod      = Binary("fmod",      "a - b trunc(a / b)",                            math.fmod,        lambda y, a, b: 1.0,
                                                                                                   lambda y, a, b: round(y / b - a / b),
                   latex=r"\operatorname{fmod}(#1, #2)", domain="b != 0 and abs(a) < inf", known="fmod(-7.0, 3.0) = -1.0")

# exponentials, logarithms and roots
exp   = Unary("exp",    "e ** a",                         floats.exp,                 lambda y, a: y,
              latex=r"e^{#1}", known="exp(0.0) = 1.0")
expm1 = Unary("expm1",  "e ** a - 1",                     floats.expm1,               lambda y, a: exp(a),
              latex=r"e^{#1} - 1", known="expm1(0.0) = 0.0")
exp2  = Unary("exp2",   "2 ** a",                         floats.exp2,                lambda y, a: math.log(2) * y,
              latex=r"2^{#1}", known="exp2(3.0) = 8.0")
log   = Unary("log",    "ln a",                           math.log,                   lambda y, a: 1 / a,
              latex=r"\ln #1", domain="a > 0", known="log(1.0) = 0.0")
log1p = Unary("log1p",  "ln(1 + a)",                      math.log1p,                 lambda y, a: 1 / (1 + a),
              latex=r"\ln(1 + #1)", domain="a > -1", known="log1p(0.0) = 0.0")
log2  = Unary("log2",   "ln a / ln 2",                    math.log2,                  lambda y, a: 1 / (a * math.log(2)),
              latex=r"\log_2 #1", domain="a > 0", known="log2(8.0) = 3.0")
log10 = Unary("log10",  "ln a / ln 10",                   math.log10,                 lambda y, a: 1 / (a * math.log(10)),
              latex=r"\log_{10} #1", domain="a > 0", known="log10(1000.0) = 3.0")
logit = Unary("logit",  "ln(a / (1 - a))",                floats.logit,               lambda y, a: 1 / a + 1 / (1 - a),
              latex=r"\operatorname{logit} #1", domain="0 < a < 1", known="logit(0.5) = 0.0")
xlogy = Binary("xlogy", "a ln b, 0 where a = 0",          floats.xlogy,               lambda y, a, b: where(_zero(a) & (b <= 0), FLAT, log(_known(a, b))),
                                                                                      lambda y, a, b: where(_zero(a) & (b <= 0), FLAT, a / _known(a, b)),
               latex=r"#1 \cdot \ln #2", domain="b > 0 or a == 0", known="xlogy(0.0, 0.0) = 0.0")
sqrt  = Unary("sqrt",   "a ** (1/2)",                     math.sqrt,                  lambda y, a: 0.5 / y,
              latex=r"\sqrt{#1}", domain="a >= 0", known="sqrt(9.0) = 3.0")
rsqrt = Unary("rsqrt",  "a ** (-1/2)",                    lambda a: 1 / math.sqrt(a), lambda y, a: -0.5 * y / a,
              latex=r"\frac{1}{\sqrt{#1}}", domain="a > 0", known="rsqrt(4.0) = 0.5")
cbrt  = Unary("cbrt",   "a ** (1/3), with the sign of a", floats.cbrt,                lambda y, a: y / a / 3,
              latex=r"\sqrt[3]{#1}", known="cbrt(-8.0) = -2.0")

# angles
sin   = Unary("sin",    "sin a",                                       math.sin,     lambda y, a: cos(a),
              latex=r"\sin #1", domain="abs(a) < inf", known="sin(0.0) = 0.0")
cos   = Unary("cos",    "cos a",                                       math.cos,     lambda y, a: -sin(a),
              latex=r"\cos #1", domain="abs(a) < inf", known="cos(0.0) = 1.0")
tan   = Unary("tan",    "sin a / cos a",                               math.tan,     lambda y, a: 1 + y * y,
              latex=r"\tan #1", domain="abs(a) < inf", known="tan(0.0) = 0.0")
asin  = Unary("asin",   "arcsin a",                                    math.asin,    lambda y, a: 1 / (sqrt(1 - a) * sqrt(1 + a)),
              latex=r"\arcsin #1", domain="-1 <= a <= 1", known="asin(1.0) = 1.5707963267948966")
acos  = Unary("acos",   "arccos a",                                    math.acos,    lambda y, a: -1 / (sqrt(1 - a) * sqrt(1 + a)),
              latex=r"\arccos #1", domain="-1 <= a <= 1", known="acos(1.0) = 0.0")
atan  = Unary("atan",   "arctan a",                                    math.atan,    lambda y, a: 1 / (1 + a * a),
              latex=r"\arctan #1", known="atan(1.0) = 0.7853981633974483")
atan2 = Binary("atan2", "the angle of the point (b, a), from -π to π", math.atan2,   lambda y, a, b: _around(b, a, b),
                                                                                     lambda y, a, b: _around(-a, a, b),
               latex=r"\operatorname{atan2}(#1, #2)", known="atan2(1.0, -1.0) = 2.356194490192345")
sinc  = Unary("sinc",   "sin(πa) / (πa)",                              special.sinc, lambda y, a: _sinc_slope(y, a),
              latex=r"\operatorname{sinc} #1", domain="abs(a) < inf", known="sinc(0.0) = 1.0")

# hyperbolic functions
sinh  = Unary("sinh",  "(e ** a - e ** -a) / 2",    floats.sinh, lambda y, a: cosh(a),
              latex=r"\sinh #1", known="sinh(0.0) = 0.0")
cosh  = Unary("cosh",  "(e ** a + e ** -a) / 2",    floats.cosh, lambda y, a: sinh(a),
              latex=r"\cosh #1", known="cosh(0.0) = 1.0")
tanh  = Unary("tanh",  "sinh a / cosh a",           math.tanh,   lambda y, a: 1 - y * y,
              latex=r"\tanh #1", known="tanh(0.0) = 0.0")
asinh = Unary("asinh", "ln(a + sqrt(a² + 1))",      math.asinh,  lambda y, a: 1 / hypot(1.0, a),
              latex=r"\operatorname{arsinh} #1", known="asinh(0.0) = 0.0")
acosh = Unary("acosh", "ln(a + sqrt(a² - 1))",      math.acosh,  lambda y, a: 1 / (sqrt(a - 1) * sqrt(a + 1)),
              latex=r"\operatorname{arcosh} #1", domain="a >= 1", known="acosh(1.0) = 0.0")
atanh = Unary("atanh", "ln((1 + a) / (1 - a)) / 2", math.atanh,  lambda y, a: 1 / ((1 - a) * (1 + a)),
              latex=r"\operatorname{artanh} #1", domain="-1 < a < 1", known="atanh(0.0) = 0.0")

# the error function and the gamma function
erf     = Unary("erf",     "2/sqrt(π) ∫₀ᵃ exp(-t²) dt", math.erf,                                   lambda y, a: 2 / math.sqrt(pi) * exp(-(a * a)),
                latex=r"\operatorname{erf} #1", known="erf(0.0) = 0.0")
erfc    = Unary("erfc",    "1 - erf a",                 math.erfc,                                  lambda y, a: -2 / math.sqrt(pi) * exp(-(a * a)),
                latex=r"\operatorname{erfc} #1", known="erfc(0.0) = 1.0")
erfinv  = Unary("erfinv",  "the number with erf y = a", special.erfinv,                             lambda y, a: math.sqrt(pi) / 2 * exp(y * y),
                latex=r"\operatorname{erf}^{-1} #1", domain="-1 < a < 1", known="erfinv(0.0) = 0.0")
lgamma  = Unary("lgamma",  "ln |Γ(a)|",                 floats.lgamma,                              lambda y, a: digamma(a),
                latex=r"\ln \lvert \Gamma(#1) \rvert", domain="a > 0 or a % 1 != 0", known="lgamma(1.0) = 0.0")
digamma = Unary("digamma", "Γ'(a) / Γ(a)",              functools.partial(special.polygamma_of, 0), lambda y, a: special.polygamma(1.0, a),
                latex=r"\psi(#1)", domain="a > 0 or a > -inf and a % 1 != 0", known="digamma(0.5) = -1.9635100260214235")

# distances and extremes
hypot   = Binary("hypot",   "sqrt(a² + b²)",          math.hypot,         lambda y, a, b: a / y,
                                                                          lambda y, a, b: b / y,
                 latex=r"\sqrt{#1^2 + #2^2}", known="hypot(3.0, 4.0) = 5.0")
maximum = Binary("maximum", "the larger of a and b",  floats.maximum,     lambda y, a, b: where(a < b, FLAT, where(a > b, 1.0, 0.5)),
                                                                          lambda y, a, b: where(b < a, FLAT, where(b > a, 1.0, 0.5)),
                 latex=r"\max(#1, #2)", known="maximum(2.0, 3.0) = 3.0")
minimum = Binary("minimum", "the smaller of a and b", floats.minimum,     lambda y, a, b: where(a > b, FLAT, where(a < b, 1.0, 0.5)),
                                                                          lambda y, a, b: where(b > a, FLAT, where(b < a, 1.0, 0.5)),
                 latex=r"\min(#1, #2)", known="minimum(2.0, 3.0) = 2.0")
clip    = Ternary("clip", "a, but at least b and at most c", floats.clip, lambda y, a, b, c: (
                  where((a >= b) & (a <= c), 1.0, FLAT), where((a < b) & (b < c), 1.0, FLAT), where((a > c) | (c < b), 1.0, FLAT)),
                  latex=r"\operatorname{clip}(#1, #2, #3)")

# activations: Nair & Hinton 2010 (relu), Maas et al. 2013 (leaky_relu), Clevert et al. 2015 (elu), Elfwing et al. 2017
# (silu), Hendrycks & Gimpel 2016 (gelu), Howard et al. 2019 (hardswish), Misra 2019 (mish); at both of their kinks relu6,
# hardtanh and hardsigmoid have the slope 0, and clip has 1
relu        = Unary("relu",        "max(0, a)",                                  floats.relu,        lambda y, a: where(a > 0, 1.0, FLAT),
                    latex=r"\operatorname{relu}(#1)", known="relu(-2.0) = 0.0")
leaky_relu  = Binary("leaky_relu", "a if a > 0 else a * b",                      floats.leaky_relu,  lambda y, a, b: where(a > 0, 1.0, b),
                                                                                                     lambda y, a, b: where(a > 0, FLAT, a),
                     latex=r"\operatorname{leaky\,relu}_{#2}(#1)")
elu         = Binary("elu",        "a if a > 0 else b (e ** a - 1)",             floats.elu,         lambda y, a, b: where(a > 0, 1.0, b * exp(where(a < 0, a, 0.0))),
                                                                                                     lambda y, a, b: where(a > 0, FLAT, expm1(where(a < 0, a, 0.0))),
                     latex=r"\operatorname{elu}_{#2}(#1)")
sigmoid     = Unary("sigmoid",     "1 / (1 + e ** -a)",                          floats.sigmoid,     lambda y, a: y * (1 - y),
                    latex=r"\sigma(#1)", known="sigmoid(0.0) = 0.5")
softplus    = Unary("softplus",    "ln(1 + e ** a)",                             floats.softplus,    lambda y, a: sigmoid(a),
                    latex=r"\ln(1 + e^{#1})", known="softplus(0.0) = 0.6931471805599453")
silu        = Unary("silu",        "a / (1 + e ** -a)",                          floats.silu,        lambda y, a: sigmoid(a) + y * (1 - sigmoid(a)),
                    latex=r"#1 \cdot \sigma(#1)", known="silu(0.0) = 0.0")
gelu        = Unary("gelu",        "a Φ(a), Φ the normal distribution function", floats.gelu,        lambda y, a: _normal_cdf(a) + a * _normal_pdf(a),
                    latex=r"#1 \cdot \Phi(#1)")
gelu_tanh   = Unary("gelu_tanh",   "a/2 (1 + tanh(sqrt(2/π)(a + 0.044715a³)))",  _gelu_tanh,         lambda y, a: _gelu_gate(a) + a * _gelu_gate_slope(a),
                    latex=r"\tfrac{#1}{2}(1 + \tanh(\sqrt{2/\pi}(#1 + 0.044715 #1^3)))")
relu6       = Unary("relu6",       "min(max(0, a), 6)",                          floats.relu6,       lambda y, a: where((a > 0) & (a < 6), 1.0, FLAT),
                    latex=r"\operatorname{relu6}(#1)", known="relu6(8.0) = 6.0")
hardtanh = Ternary("hardtanh", "a, but at least b and at most c", floats.clip,                       lambda y, a, b, c: (
                   where((a > b) & (a < c), 1.0, FLAT), where((a <= b) & (b < c), 1.0, FLAT), where((a >= c) | (c < b), 1.0, FLAT)),
                   latex=r"\operatorname{hardtanh}(#1, #2, #3)")
hardsigmoid = Unary("hardsigmoid", "relu6(a + 3) / 6",                           floats.hardsigmoid, lambda y, a: where((a > -3) & (a < 3), 1 / 6, FLAT),
                    latex=r"\operatorname{hardsigmoid}(#1)", known="hardsigmoid(0.0) = 0.5")
hardswish   = Unary("hardswish",   "a relu6(a + 3) / 6",                         floats.hardswish,   lambda y, a: where(a <= -3, FLAT, where(a < 3, (2 * a + 3) / 6, 1.0)),
                    latex=r"\operatorname{hardswish}(#1)", known="hardswish(3.0) = 3.0")
softsign    = Unary("softsign",    "a / (1 + |a|)",                              floats.softsign,    lambda y, a: square(reciprocal(1 + abs(a))),
                    latex=r"\frac{#1}{1 + \lvert #1 \rvert}", known="softsign(1.0) = 0.5")
mish        = Unary("mish",        "a tanh(ln(1 + e ** a))",                     floats.mish,        lambda y, a: _mish_slope(a),
                    latex=r"#1 \cdot \tanh(\ln(1 + e^{#1}))", known="mish(0.0) = 0.0")

# of lists; in cross_entropy, z is the logit of the true class and x are those of the others, so that the slopes are
# softmax - onehot to the last digit
dot           = Nary("dot",           "w1 x1 + ... + wn xn + b",                     added_products,       lambda y, ws, xs, b: (xs, ws, 1.0),
                     products=True, groups="ws xs b", latex=r"\sum_i w_i x_i + b")
sum           = Nary("sum",           "x1 + ... + xn",                               added,                lambda y, xs: ([1.0] * len(xs),),
                     groups="xs", latex=r"\sum_i x_i")
mean          = Nary("mean",          "(x1 + ... + xn) / n",                         floats.mean,          lambda y, xs: ([1 / len(xs)] * len(xs),),
                     groups="xs", latex=r"\frac{1}{n} \sum_i x_i")
norm          = Nary("norm",          "sqrt(x1² + ... + xn²)",                       floats.norm,          lambda y, xs: ([_over(x, y) for x in xs],),
                     groups="xs", latex=r"\lVert x \rVert")
logsumexp     = Nary("logsumexp",     "ln(e ** x1 + ... + e ** xn)",                 floats.logsumexp,     lambda y, xs: (_softmax(xs),),
                     groups="xs", latex=r"\ln \sum_i e^{x_i}")
cross_entropy = Nary("cross_entropy", "ln(1 + e ** (x1 - z) + ... + e ** (xn - z))", floats.cross_entropy, lambda y, z, xs: (expm1(-y), _softmax([z, *xs])[1:]),
                     groups="z xs", latex=r"-\ln \operatorname{softmax}_z(z, x)")
# fmt: on

RULES: dict[str, Rule] = {rule.name: rule for rule in list(globals().values()) if isinstance(rule, Rule)}
"""The whole table by name, for its readers."""

for _step in (sign, floor, ceil, trunc, round):
    _step.__doc__ = f"""{_step.__doc__}
The derivative is 0, at the jumps, too, as in PyTorch: no gradient goes further back. `straight_through` lets it pass,
as in straight_through(autograd.{_step.name})(x).
"""
for _rule in (
    add, sub, mul, identity, neg, abs, exp, sin, cos, tanh, maximum, minimum, relu, leaky_relu, sigmoid, softplus, silu,
    gelu, dot, sum, mean, logsumexp, cross_entropy, sign, copysign, square, floor, ceil, trunc, round, exp2, sinc, clip,
    relu6, hardtanh, hardsigmoid, hardswish, softsign, mish,
):  # fmt: skip
    _rule.steep = False  # where y is finite, so are their slopes: where no gradient flows, there is nothing to look at

__all__ += [name for name, rule in RULES.items() if rule.known and name not in __all__]  # functions.py has the others
