"""Operations of one's own: new rules for the table, derivatives for whole functions, and the test of both."""

from .checking import check_rule
from .derivatives import custom_derivative
from .primitives import primitive

__all__ = ["check_rule", "custom_derivative", "primitive"]
