"""Newton's method and Gauss-Newton: steps from second derivatives, for small problems.

Both solve a system of n equations for n parameters in each step, with derivatives from the engine's own graph. Of a few
dozen parameters the Hessian costs as many backward passes; of thousands, more than training without it.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any, ClassVar

from autograd import Value, gradient
from autograd.basics.extras import needed
from autograd.basics.messages import shown
from autograd.modes import mode
from autograd.transforms.directions import derivatives

from .parameters import Configured, checks_of, move


class SecondOrder(Configured):
    """What the two share: parameters, settings, and how a system of equations becomes a step.

    Args:
        params: the Values to move: n leaves, each once.
        lr: how much of the step is made; 1 is the method's own.
        damping: λ in (A + λI)d = g, which is solved for the step d: the greater, the shorter the step, and the closer
            its direction to that of the gradient (Levenberg 1944).

    Raises:
        TypeError: if params are not Values, or a setting is not a number.
        ValueError: if params is empty, holds one twice or one that was computed, or a setting is negative or
            not finite.
        ImportError: if NumPy is not installed.
    """

    def __init__(self, params: Iterable[Value], lr: float = 1.0, damping: float = 0.0) -> None:
        needed("numpy", type(self).__name__)
        super().__init__(params)
        self.lr, self.damping = lr, damping

    settings: ClassVar = checks_of(__init__)

    def _descend(self, d: list[float]) -> None:
        """p ← p - ηd."""
        move(self.params, [p.data - self.lr * di for p, di in zip(self.params, d)])


class Newton(SecondOrder):
    """Newton's method: to the point where the quadratic that touches the loss here has slope 0 (Nocedal & Wright 3.3).

    Of a quadratic it finds the minimum in one step. It goes wherever the slope is 0: near a saddle to the saddle, near
    a maximum to the maximum, unless a damping greater than the most negative curvature keeps it going downhill.

    Args:
        params, lr, damping: as for `SecondOrder`.

    Raises:
        TypeError, ValueError: as `SecondOrder`.

    >>> x, y = Value(5.0), Value(-3.0)
    >>> Newton([x, y]).step((x - 1) ** 2 + (x + y) ** 2)
    >>> round(x.data, 12), round(y.data, 12)
    (1.0, -1.0)
    """

    def step(self, loss: Value) -> None:
        """Move every parameter once, by (H + λI)d = g with the gradient g and the Hessian H of the loss.

        Args:
            loss: a Value that was computed from the parameters as they are now. No `.grad` is used or changed.

        Raises:
            TypeError: if the loss is not a Value.
            ValueError: if the loss was not computed, a derivative is not finite or doesn't exist, or the system has no
                single solution. Then nothing has changed.
            RuntimeError: if a parameter has changed since the loss was computed.
        """
        if not isinstance(loss, Value):
            raise TypeError(f"loss must be a Value, got {shown(loss)}")
        if not loss.op:
            raise ValueError(
                f"loss must be computed from the parameters, got the leaf {loss!r}: no parameter was moved"
            )
        with mode(no_grad=False):  # the gradient is to be differentiated, whatever is around
            slope = gradient(loss, self.params, create_graph=True)
            hessian = derivatives(slope, self.params, as_values=False)
        self._descend(_solution(hessian, [g.data for g in slope], self.damping))


class GaussNewton(SecondOrder):
    """Least squares, ½Σr², with the Hessian JᵀJ that it would have if all r were linear (Gauss 1809; Levenberg 1944).

    It needs first derivatives only, J = ∂r/∂p, and never goes uphill for a small lr: JᵀJ has no negative curvature. J
    is computed by rows or by columns, whichever is less work.

    Args:
        params, lr, damping: as for `SecondOrder`.

    Raises:
        TypeError, ValueError: as `SecondOrder`.

    >>> slope, offset = Value(0.0), Value(0.0)
    >>> points = [(0.0, 1.0), (1.0, 3.0), (2.0, 5.0)]
    >>> GaussNewton([slope, offset]).step([slope * x + offset - y for x, y in points])
    >>> round(slope.data, 12), round(offset.data, 12)
    (2.0, 1.0)
    """

    def step(self, residuals: Sequence[Value]) -> None:
        """Move every parameter once, by (JᵀJ + λI)d = Jᵀr.

        Args:
            residuals: a list of m Values r, computed from the parameters as they are now: the differences whose squares
                are to be small. No `.grad` is used or changed.

        Raises:
            TypeError: if the residuals are not a list of Values.
            ValueError: if there are none, a derivative is not finite or doesn't exist, or the system has no single
                solution, as with fewer residuals than parameters. Then nothing has changed.
            RuntimeError: if a parameter has changed since the residuals were computed.
        """
        if not isinstance(residuals, (list, tuple)):
            raise TypeError(f"residuals must be a list of Values, got {shown(residuals)}")
        for i, r in enumerate(residuals):
            if not isinstance(r, Value):
                raise TypeError(f"residuals[{i}] must be a Value, got {shown(r)}")
        if not residuals:
            raise ValueError("residuals must hold at least one Value, got an empty list")
        jacobian = derivatives(residuals, self.params, as_values=False)
        self._descend(_least_squares(jacobian, [r.data for r in residuals], self.damping))


def _solution(matrix: Any, right: Any, damping: float) -> list[float]:
    """d in (A + λI)d = g, for a symmetric A; a ValueError if there is not a single one.

    Rows and columns are scaled to a diagonal of 1 first, so that what counts as singular doesn't depend on the units of
    the parameters.
    """
    import numpy as np

    a, g = np.array(matrix, dtype=float), np.array(right, dtype=float)
    with np.errstate(all="ignore"):  # what is too large for a float is refused: here, or by `move`
        a += damping * np.eye(len(a))
        diagonal, largest = np.abs(np.diagonal(a)), np.abs(a).max(axis=1)
        scale = np.sqrt(np.where(diagonal > 0, diagonal, largest))
        scale[scale == 0] = 1.0  # a row of zeros is singular in any units
        a = a / scale / scale[:, None]
        if not np.isfinite(a).all():
            raise ValueError("the second derivatives are too large for floats: no parameter was moved")
        if np.linalg.matrix_rank(a) < len(a):
            raise _singular(damping)
        found: list[float] = (np.linalg.solve(a, g / scale) / scale).tolist()
    return found


def _least_squares(jacobian: Any, residuals: list[float], damping: float) -> list[float]:
    """d in (JᵀJ + λI)d = Jᵀr; a ValueError if there is not a single one.

    The same d makes |Jd - r|² + λ|d|² least, so it is found from J over √λI without JᵀJ, in which half of the digits
    would be lost: its condition number is the square of J's (Björck 1996, 2.2). Columns are scaled to a largest number
    of about 1 first, as the rows and columns in `_solution`, by powers of 2: that rounds nothing.
    """
    import numpy as np

    n = len(jacobian[0])
    system = np.zeros((len(residuals) + n, n + 1))  # [J r] over [√λI 0]
    system[: len(residuals)] = np.column_stack([jacobian, residuals])
    np.fill_diagonal(system[len(residuals) :], math.sqrt(damping))
    with np.errstate(all="ignore"):  # what is too large for a float is refused by `move`
        _, exponents = np.frexp(np.abs(system).max(axis=0))
        system = np.ldexp(system, -exponents)
        d, _, rank, _ = np.linalg.lstsq(system[:, :n], system[:, n], rcond=None)
        if rank < n:
            raise _singular(damping)
        found: list[float] = np.ldexp(d, exponents[n] - exponents[:n]).tolist()
    return found


def _singular(damping: float) -> ValueError:
    return ValueError(
        f"the system of equations is singular with damping={damping!r}: the loss doesn't curve in some direction; no"
        " parameter was moved; a greater damping, such as 1e-3, mends it"
    )
