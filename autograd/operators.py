"""The operators and methods of all that the rules apply to: Values, arrays of a traced program, formulas.

An operator names its rule, and the operand says what the rule means for it: `a * b` is `a._binary(ops.mul, a, b)`.
Nothing is computed here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, Literal

from . import functions, ops
from .basics.operand import Operand, T
from .rules import Unary


class Operators(Operand[T], Generic[T]):
    """An operand with the operators of Python, and with each function of one number as a method."""

    __slots__ = ()

    def __add__(self, other: Operand[Any] | float) -> T:
        return self._binary(ops.add, self, other)

    def __radd__(self, other: float) -> T:
        return self._binary(ops.add, other, self)

    def __sub__(self, other: Operand[Any] | float) -> T:
        return self._binary(ops.sub, self, other)

    def __rsub__(self, other: float) -> T:
        return self._binary(ops.sub, other, self)

    def __mul__(self, other: Operand[Any] | float) -> T:
        return self._binary(ops.mul, self, other)

    def __rmul__(self, other: float) -> T:
        return self._binary(ops.mul, other, self)

    def __truediv__(self, other: Operand[Any] | float) -> T:
        return self._binary(ops.div, self, other)

    def __rtruediv__(self, other: float) -> T:
        return self._binary(ops.div, other, self)

    def __pow__(self, other: Operand[Any] | float) -> T:
        return self._binary(ops.pow, self, other)

    def __rpow__(self, other: float) -> T:
        return self._binary(ops.pow, other, self)

    def __mod__(self, other: Operand[Any] | float) -> T:
        return self._binary(ops.remainder, self, other)

    def __rmod__(self, other: float) -> T:
        return self._binary(ops.remainder, other, self)

    def __neg__(self) -> T:
        return self._unary(ops.neg, self)

    def __pos__(self) -> T:
        return self  # type: ignore[return-value]

    def __abs__(self) -> T:
        return self._unary(ops.abs, self)

    def where(self, condition: Any, other: Any) -> T:
        """This where the condition holds, else the other: `autograd.where(condition, self, other)`.

        Args:
            condition: as for `autograd.where`.
            other: a Value or a number.

        >>> from autograd import Value
        >>> Value(2.0).where(False, 3.0).data
        3.0
        """
        return functions.where(condition, self, other)  # type: ignore[no-any-return]

    if TYPE_CHECKING:  # for completion and type checkers; the loop below makes a method of each rule of the table
        exp, exp2, expm1, log, log1p, log2 = ops.exp, ops.exp2, ops.expm1, ops.log, ops.log1p, ops.log2
        log10, logit, abs, neg, identity, sign = ops.log10, ops.logit, ops.abs, ops.neg, ops.identity, ops.sign
        square, reciprocal, sqrt, rsqrt, cbrt = ops.square, ops.reciprocal, ops.sqrt, ops.rsqrt, ops.cbrt
        floor, ceil, trunc, round, sinc = ops.floor, ops.ceil, ops.trunc, ops.round, ops.sinc
        sin, cos, tan, asin, acos, atan = ops.sin, ops.cos, ops.tan, ops.asin, ops.acos, ops.atan
        sinh, cosh, tanh, asinh, acosh, atanh = ops.sinh, ops.cosh, ops.tanh, ops.asinh, ops.acosh, ops.atanh
        erf, erfc, erfinv, lgamma, digamma = ops.erf, ops.erfc, ops.erfinv, ops.lgamma, ops.digamma
        relu, relu6, sigmoid, hardsigmoid, softplus = ops.relu, ops.relu6, ops.sigmoid, ops.hardsigmoid, ops.softplus
        silu, hardswish, mish, softsign = ops.silu, ops.hardswish, ops.mish, ops.softsign

        def leaky_relu(self, negative_slope: Operand[Any] | float = 0.01) -> T: ...
        def elu(self, alpha: Operand[Any] | float = 1.0) -> T: ...
        def gelu(self, approximate: Literal["none", "tanh"] = "none") -> T: ...
        def hardtanh(self, min_val: float = -1.0, max_val: float = 1.0) -> T: ...
        def clip(self, min: Operand[Any] | float | None = None, max: Operand[Any] | float | None = None) -> T: ...
        def clamp(self, min: Operand[Any] | float | None = None, max: Operand[Any] | float | None = None) -> T: ...
        def copysign(self, other: Operand[Any] | float) -> T: ...
        def fmod(self, other: Operand[Any] | float) -> T: ...
        def logaddexp(self, other: Operand[Any] | float) -> T: ...
        def remainder(self, other: Operand[Any] | float) -> T: ...
        def xlogy(self, other: Operand[Any] | float) -> T: ...


METHODS = {
    **{name: rule for name, rule in ops.RULES.items() if name in ops.__all__ and isinstance(rule, Unary)},
    **{f.__name__: f for f in (functions.leaky_relu, functions.elu, functions.gelu, functions.hardtanh)},
}
"""What takes one number, and so is a method, too."""

OF_SEVERAL = {
    **{rule.name: rule for rule in (ops.copysign, ops.fmod, ops.remainder, ops.xlogy)},
    **{"clip": functions.clip, "clamp": functions.clamp, "logaddexp": functions.logaddexp},
}
"""Methods that take more numbers, as in PyTorch."""

for _name, _function in {**METHODS, **OF_SEVERAL}.items():
    setattr(Operators, _name, _function)
