"""jacobian and hessian: against finite differences, and every order of differentiation gives the same hessian."""

from __future__ import annotations

import pytest
from hypothesis import assume, given

from autograd import grad, hessian, jacobian, jvp, vjp
from tests.support.smooth import CLOSE, agrees, at_most, points, programs


@given(programs(), points)
def test_hessian_is_symmetric_and_the_finite_difference_of_grad(richardson, f, x):
    h = hessian(f)(x)
    assume(at_most(1e3, h, grad(f)(x), f(x)))
    assert h[0][1] == pytest.approx(h[1][0], **CLOSE)
    for i in range(2):
        for j in range(2):
            agrees(h[i][j], richardson(lambda moved, i=i, j=j: grad(f)([*x[:j], moved, *x[j + 1 :]])[i], x[j], 0.02))


@given(programs(), points)
def test_all_orders_of_differentiation_give_the_same_hessian(f, x):
    """Forward over reverse, reverse over forward, reverse over reverse, forward over forward, vjp of jvp."""
    h = hessian(f)(x)
    assume(at_most(1e3, h))
    unit = [[1.0, 0.0], [0.0, 1.0]]

    def slope_along(i):
        return lambda z: jvp(f, (z,), (unit[i],))[1]

    for i in range(2):
        row = pytest.approx(h[i], **CLOSE)
        assert jvp(grad(f), (x,), (unit[i],))[1] == row
        assert grad(slope_along(i))(x) == row
        assert vjp(grad(f), x)[1](unit[i])[0] == row
        assert vjp(slope_along(i), x)[1](1.0)[0] == row
        assert [jvp(slope_along(i), (x,), (unit[j],))[1] for j in range(2)] == row
    assert jacobian(jacobian(f))(x) == [pytest.approx(row, **CLOSE) for row in h]
    assert jacobian(lambda z: vjp(f, z)[1](1.0)[0])(x) == [pytest.approx(row, **CLOSE) for row in h]
