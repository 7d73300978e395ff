"""The operators and methods of all that the rules apply to: Values, arrays of a traced program, formulas.

An operator names its rule, and the operand says what the rule means for it: `a * b` is `a._binary(MUL, a, b)`.
Nothing is computed here.
"""

from __future__ import annotations

from typing import Any, ClassVar, Final

from . import functions, ops
from .basics.native import mypyc_attr
from .basics.operand import Operand
from .basics.typed import Gives, OfMore, OfTwo, T
from .rules import Unary

ADD: Final[Any] = ops.RULES["add"]  # as constants they cost nothing when compiled; a look into the module takes 35 ns
SUB: Final[Any] = ops.RULES["sub"]
MUL: Final[Any] = ops.RULES["mul"]
DIV: Final[Any] = ops.RULES["div"]
POW: Final[Any] = ops.RULES["pow"]
REMAINDER: Final[Any] = ops.RULES["remainder"]
NEG: Final[Any] = ops.RULES["neg"]


@mypyc_attr(allow_interpreted_subclasses=True, acyclic=True)
class Operators(Operand):
    """An operand with the operators of Python, and with each function of one number as a method."""

    __slots__ = ()

    def __add__(self, other: Any) -> Any:
        return self._binary(ADD, self, other)

    def __radd__(self, other: Any) -> Any:
        return self._binary(ADD, other, self)

    def __sub__(self, other: Any) -> Any:
        return self._binary(SUB, self, other)

    def __rsub__(self, other: Any) -> Any:
        return self._binary(SUB, other, self)

    def __mul__(self, other: Any) -> Any:
        return self._binary(MUL, self, other)

    def __rmul__(self, other: Any) -> Any:
        return self._binary(MUL, other, self)

    def __truediv__(self, other: Any) -> Any:
        return self._binary(DIV, self, other)

    def __rtruediv__(self, other: Any) -> Any:
        return self._binary(DIV, other, self)

    def __pow__(self, other: Any) -> Any:
        return self._binary(POW, self, other)

    def __rpow__(self, other: Any) -> Any:
        return self._binary(POW, other, self)

    def __mod__(self, other: Any) -> Any:
        return self._binary(REMAINDER, self, other)

    def __rmod__(self, other: Any) -> Any:
        return self._binary(REMAINDER, other, self)

    def __neg__(self) -> Any:
        return self._unary(NEG, self)

    def __pos__(self) -> Any:
        return self

    def __abs__(self: Gives[T]) -> T:
        return ops.abs(self)

    def where(self: Gives[T], condition: Any, other: Any) -> T:
        """This where the condition holds, else the other: `autograd.where(condition, self, other)`.

        Args:
            condition: as for `autograd.where`.
            other: a Value or a number.

        >>> from autograd import Value
        >>> Value(2.0).where(False, 3.0).data
        3.0
        """
        return functions.where(condition, self, other)  # type: ignore[no-any-return]

    # each is the rule of its name; the loop below sets them
    exp: ClassVar[Unary]
    exp2: ClassVar[Unary]
    expm1: ClassVar[Unary]
    log: ClassVar[Unary]
    log1p: ClassVar[Unary]
    log2: ClassVar[Unary]
    log10: ClassVar[Unary]
    logit: ClassVar[Unary]
    abs: ClassVar[Unary]
    neg: ClassVar[Unary]
    identity: ClassVar[Unary]
    sign: ClassVar[Unary]
    square: ClassVar[Unary]
    reciprocal: ClassVar[Unary]
    sqrt: ClassVar[Unary]
    rsqrt: ClassVar[Unary]
    cbrt: ClassVar[Unary]
    floor: ClassVar[Unary]
    ceil: ClassVar[Unary]
    trunc: ClassVar[Unary]
    round: ClassVar[Unary]
    sinc: ClassVar[Unary]
    sin: ClassVar[Unary]
    cos: ClassVar[Unary]
    tan: ClassVar[Unary]
    asin: ClassVar[Unary]
    acos: ClassVar[Unary]
    atan: ClassVar[Unary]
    sinh: ClassVar[Unary]
    cosh: ClassVar[Unary]
    tanh: ClassVar[Unary]
    asinh: ClassVar[Unary]
    acosh: ClassVar[Unary]
    atanh: ClassVar[Unary]
    erf: ClassVar[Unary]
    erfc: ClassVar[Unary]
    erfinv: ClassVar[Unary]
    lgamma: ClassVar[Unary]
    digamma: ClassVar[Unary]
    relu: ClassVar[Unary]
    relu6: ClassVar[Unary]
    sigmoid: ClassVar[Unary]
    hardsigmoid: ClassVar[Unary]
    softplus: ClassVar[Unary]
    silu: ClassVar[Unary]
    hardswish: ClassVar[Unary]
    mish: ClassVar[Unary]
    softsign: ClassVar[Unary]
    copysign: ClassVar[OfTwo]
    fmod: ClassVar[OfTwo]
    remainder: ClassVar[OfTwo]
    xlogy: ClassVar[OfTwo]
    leaky_relu: ClassVar[OfMore]
    elu: ClassVar[OfMore]
    gelu: ClassVar[OfMore]
    hardtanh: ClassVar[OfMore]
    clip: ClassVar[OfMore]
    clamp: ClassVar[OfMore]
    logaddexp: ClassVar[OfMore]


_RULES = {name: rule for name, rule in ops.RULES.items() if rule.known}
METHODS: dict[str, Any] = {
    **{name: rule for name, rule in _RULES.items() if isinstance(rule, Unary)},
    **{f.__name__: f for f in (functions.leaky_relu, functions.elu, functions.gelu, functions.hardtanh)},
}
"""What takes one number, and so is a method, too."""

OF_SEVERAL: dict[str, Any] = {
    **{name: _RULES[name] for name in ("copysign", "fmod", "remainder", "xlogy")},
    **{name: getattr(functions, name) for name in ("clip", "clamp", "logaddexp")},
}
"""Methods that take more numbers, as in PyTorch."""

for _name, _function in {**METHODS, **OF_SEVERAL}.items():
    setattr(Operators, _name, _function)
