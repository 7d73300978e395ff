"""Newton and GaussNewton where their steps are known: quadratics, Rosenbrock's valley, linear and curved fits."""

from __future__ import annotations

import math
from fractions import Fraction
from operator import mul

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd import Value, no_grad
from nn.optim.second_order import GaussNewton, Newton

both = pytest.mark.parametrize("method", [Newton, GaussNewton])
numbers = st.floats(-10, 10)
seeds = st.integers(0, 2**32 - 1)


def dot(a, b):
    return sum((x * y for x, y in zip(a, b)), Value(0.0))


def data(values):
    return [p.data for p in values]


@given(st.integers(1, 5), seeds)
def test_one_newton_step_solves_a_quadratic(n, seed):
    rng = np.random.default_rng(seed)
    root, b = rng.normal(size=(n, n)), rng.normal(size=n)
    a = root @ root.T + np.eye(n)
    x = [Value(z) for z in rng.normal(size=n)]
    Newton(x).step(dot(x, [dot(row, x) for row in a.tolist()]) / 2 - dot(b.tolist(), x))
    assert data(x) == pytest.approx(np.linalg.solve(a, b).tolist(), rel=1e-9, abs=1e-9)


@given(st.integers(1, 4), st.integers(0, 4), seeds, st.sampled_from([0.0, 0.5]), st.sampled_from([1.0, 0.3]))
def test_on_linear_residuals_gauss_newton_is_newton_is_least_squares(n, more, seed, damping, lr):
    rng = np.random.default_rng(seed)
    j, y, start = rng.normal(size=(n + more, n)), rng.normal(size=n + more), rng.normal(size=n)
    j[:n] += 3 * np.eye(n)
    ours = [[Value(z) for z in start] for _ in range(2)]
    residuals = [[dot(row, x) - t for row, t in zip(j.tolist(), y.tolist())] for x in ours]
    Newton(ours[0], lr, damping).step(dot(residuals[0], residuals[0]) / 2)
    GaussNewton(ours[1], lr, damping).step(residuals[1])
    a = j.T @ j + damping * np.eye(n)
    d = np.linalg.solve(a, j.T @ (j @ start - y))
    # some hundred roundings of the numbers that go in, which the system of equations magnifies by its condition
    error = 1e-13 * np.linalg.cond(a) * (np.abs(d).max() + np.abs(start).max() + np.abs(y).max())
    assert data(ours[0]) == pytest.approx((start - lr * d).tolist(), rel=0.0, abs=error)
    assert data(ours[1]) == pytest.approx((start - lr * d).tolist(), rel=0.0, abs=error)


def exact_step(j, r, damping):
    """d in (JᵀJ + λI)d = Jᵀr without any rounding, by Gaussian elimination."""
    columns, right, n = [[Fraction(x) for x in column] for column in zip(*j)], list(map(Fraction, r)), len(j[0])
    rows = [[sum(map(mul, a, b)) for b in (*columns, right)] for a in columns]
    for k in range(n):
        rows[k][k] += Fraction(damping)
    for k in range(n):  # positive definite: no pivot is 0
        rows[k] = [x / rows[k][k] for x in rows[k]]
        for i in range(n):
            if i != k:
                rows[i] = [x - rows[i][k] * y for x, y in zip(rows[i], rows[k])]
    return [row[n] for row in rows]


def ill_conditioned(rng, m, n, exponent):
    """A J with a condition number of 10^exponent, but for the units of the parameters, which are of any size."""
    u, v = (np.linalg.qr(rng.normal(size=(k, k)))[0] for k in (m, n))
    j = u[:, :n] * np.logspace(0, -exponent, n) @ v
    return j * 10.0 ** rng.integers(-20, 20, size=n)


@given(st.integers(2, 4), st.integers(0, 3), st.floats(0, 12), seeds, st.booleans(), st.sampled_from([0.0, 1e-20, 1.0]))
def test_a_gauss_newton_step_loses_the_digits_of_the_condition_of_j_and_not_of_its_square(
    n, more, exponent, seed, consistent, damping
):
    rng = np.random.default_rng(seed)
    m = n + more
    j = ill_conditioned(rng, m, n, exponent)
    y = j @ (rng.normal(size=n) / np.abs(j).max(axis=0)) if consistent else rng.normal(size=m)
    x = [Value(0.0) for _ in range(n)]  # from 0, r = -y and the new x = -d are not rounded
    GaussNewton(x, damping=damping).step([dot(row, x) - t for row, t in zip(j.tolist(), y.tolist())])
    d = exact_step(j.tolist(), y.tolist(), damping)

    # Wedin's bound for a least squares problem Ad = y whose numbers are all off by a relative ε (Björck 1996, 1.4.3):
    # |δd| < ε(κ(|d| + |y|/|A|) + κ²|ρ|/|A|), where A is J over √λI with columns of length 1, and ρ is what remains.
    # An algorithm that is backward stable is as good as that, with an ε of at most some mn roundings.
    unit = np.linalg.norm(np.vstack([j, math.sqrt(damping) * np.eye(n)]), axis=0)
    a = np.vstack([j, math.sqrt(damping) * np.eye(n)]) / unit
    scaled = np.array([float(di * Fraction(ui)) for di, ui in zip(d, unit)])
    rho = [sum(map(mul, map(Fraction, row), d)) - Fraction(t) for row, t in zip(j.tolist(), y.tolist())]
    remains = np.linalg.norm([*map(float, rho), *(math.sqrt(damping) * float(di) for di in d)])
    cond, size = np.linalg.cond(a), np.linalg.norm(a, 2)
    epsilon = (m + n) * n * np.finfo(float).eps
    bound = epsilon * (cond * (np.linalg.norm(scaled) + np.linalg.norm(y) / size) + cond**2 * remains / size)
    error = [float((Fraction(xi.data) - di) * Fraction(ui)) for xi, di, ui in zip(x, d, unit)]
    assert np.linalg.norm(error) <= bound


def test_a_gauss_newton_step_for_nearly_parallel_lines_meets_where_they_do():
    x, y = Value(1.0), Value(2.0)
    e = 1e-7
    GaussNewton([x, y]).step([x + y - 1, (1 + e) * x + y - 1])
    # the roundings of the two residuals, an ulp of 4 each, over the angle between the lines
    assert data([x, y]) == pytest.approx([0.0, 1.0], rel=0.0, abs=4 * 2 * np.finfo(float).eps / e)


@given(st.integers(2, 4), st.integers(0, 3), seeds)
def test_dependent_columns_are_refused_by_gauss_newton_in_any_units_and_damping_mends_it(n, more, seed):
    rng = np.random.default_rng(seed)
    j = rng.normal(size=(n + more, n))
    j[:, -1] = j[:, :-1] @ rng.normal(size=n - 1)
    unit = 10.0 ** rng.integers(-100, 100, size=n)
    x = [Value(0.0) for _ in range(n)]
    with pytest.raises(ValueError, match=r"singular with damping=0\.0: .*no parameter was moved"):
        GaussNewton(x).step([dot(row, x) - 1 for row in (j * unit).tolist()])
    assert data(x) == [0.0] * n
    GaussNewton(x, damping=1e-3).step([dot(row, x) - 1 for row in j.tolist()])
    assert all(map(math.isfinite, data(x)))


@given(st.integers(-150, 150), st.integers(-150, 150))
def test_units_do_not_matter_to_gauss_newton_even_where_their_squares_are_too_large(of_x, of_r):
    x, y = Value(3.0 * 10.0**of_x), Value(2.0)
    z = x * 10.0**-of_x
    GaussNewton([x, y]).step([(z - 1) * 10.0**of_r, (z + y) * 10.0**of_r])
    # some ten roundings, of the units and of numbers up to 5
    assert data([x, y]) == pytest.approx([10.0**of_x, -1.0], rel=5e-14)


def test_both_walk_through_the_valley_of_rosenbrock():
    x, y = Value(-1.2), Value(1.0)
    newton = Newton([x, y])
    for _ in range(6):
        newton.step((1 - x) ** 2 + 100 * (y - x * x) ** 2)
    assert data([x, y]) == pytest.approx([1.0, 1.0], abs=1e-8)

    x, y = Value(-1.2), Value(1.0)
    gauss = GaussNewton([x, y])
    for _ in range(2):  # the residuals are such that two steps arrive
        gauss.step([1 - x, 10 * (y - x * x)])
    assert data([x, y]) == pytest.approx([1.0, 1.0], abs=1e-12)


def test_gauss_newton_fits_a_curve():
    a, k = Value(1.0), Value(0.5)
    points = [(t / 4, 2.5 * math.exp(-1.3 * t / 4)) for t in range(12)]
    method = GaussNewton([a, k], damping=1e-6)
    for _ in range(12):
        method.step([a * (-k * t).exp() - y for t, y in points])
    assert data([a, k]) == pytest.approx([2.5, 1.3], rel=1e-9)


def test_newton_goes_to_a_saddle_and_enough_damping_leaves_it():
    x, y = Value(0.5), Value(0.25)
    Newton([x, y]).step(x * x - y * y)
    assert data([x, y]) == [0.0, 0.0]
    x, y = Value(0.5), Value(0.25)
    Newton([x, y], damping=3.0).step(x * x - y * y)
    assert abs(x.data) < 0.5
    assert y.data > 0.25


@given(st.floats(0, 10), st.floats(0, 2), numbers)
def test_damping_and_rate_are_those_of_the_formula(damping, lr, start):
    x = Value(start)
    Newton([x], lr, damping).step(2 * x * x)
    assert x.data == pytest.approx(start - lr * 4 * start / (4 + damping), rel=1e-12, abs=1e-12)


@given(st.integers(-100, 100))
def test_units_do_not_matter(exponent):
    unit = 10.0**exponent
    x, y = Value(3.0 * unit), Value(2.0)
    Newton([x, y]).step((x / unit - 1) ** 2 + (x / unit + y) ** 2)
    assert data([x, y]) == pytest.approx([unit, -1.0], rel=1e-9)


@both
def test_gradients_of_backward_are_left_alone(method):
    x = Value(3.0)
    x.grad = 7.0
    loss = (x - 1) ** 2
    method([x]).step(loss if method is Newton else [loss])
    assert x.grad == 7.0


def test_what_is_around_does_not_change_a_newton_step():
    x = Value(3.0)
    loss = (x - 1) ** 2
    with no_grad():
        Newton([x]).step(loss)
    assert x.data == 1.0


@both
def test_a_singular_system_is_refused_with_the_mend_and_damping_mends_it(method):
    x, y = Value(0.1), Value(0.2)
    r = 0.1 * x + 0.3 * y - 1  # 0.01, 0.03, 0.09 are not exactly singular in floats
    optimizer = method([x, y])
    argument = r * r / 2 if method is Newton else [r]
    with pytest.raises(ValueError, match=r"singular with damping=0\.0: .*no parameter was moved; a greater damping"):
        optimizer.step(argument)
    assert data([x, y]) == [0.1, 0.2]
    optimizer.damping = 1e-3
    optimizer.step(argument)
    assert abs(0.1 * x.data + 0.3 * y.data - 1) < 0.02


@both
def test_a_parameter_that_has_no_say_makes_it_singular(method):
    x, y = Value(1.0), Value(2.0)
    with pytest.raises(ValueError, match="singular"):
        method([x, y]).step(x * x if method is Newton else [x * 3])
    assert data([x, y]) == [1.0, 2.0]


def test_numbers_too_large_are_refused_and_nothing_moves():
    x, y = Value(1.0, "x"), Value(1.0, "y")
    with pytest.raises(ValueError, match="too large for floats: no parameter was moved"):
        Newton([x], damping=1e308).step(x * x * 6e307)  # the sum is 2.2e308
    with pytest.raises(ValueError, match="too large for floats: no parameter was moved"):
        Newton([x, y]).step(x * y * 1e200 + (x * x + y * y) * 1e-200)  # 1e400 in units in which the diagonal is 1
    with pytest.raises(ValueError, match=r"y would become -inf: no parameter was moved"):
        GaussNewton([x, y]).step([x, y * 1e-200 + 1e200])
    with pytest.raises(ValueError, match=r"x would become -inf: no parameter was moved"):
        Newton([x], lr=1e300).step(1e-5 * x * x + 1e5 * x + 0 * x.exp())
    assert data([x, y]) == [1.0, 1.0]


def test_what_numpy_does_about_overflow_elsewhere_does_not_matter():
    x, y = Value(1.0, "x"), Value(1.0, "y")
    with np.errstate(all="raise"):
        GaussNewton([x, y]).step([x * 1e300, x * 1e-300 + y])
        assert data([x, y]) == pytest.approx([0.0, 0.0], abs=1e-15)
        with pytest.raises(ValueError, match="x would become"):
            GaussNewton([x]).step([x * 1e-200 + 1e200])


@both
def test_a_graph_from_before_a_move_is_refused(method):
    x = Value(1.0)
    loss = x**4
    optimizer = method([x], damping=0.1)
    argument = loss if method is Newton else [loss]
    optimizer.step(argument)
    after = x.data
    with pytest.raises(RuntimeError):
        optimizer.step(argument)
    assert x.data == after


def test_arguments_of_a_wrong_kind_are_refused():
    x = Value(1.0)
    with pytest.raises(TypeError, match=r"loss must be a Value, got 1\.0"):
        Newton([x]).step(1.0)
    with pytest.raises(ValueError, match="loss must be computed from the parameters"):
        Newton([x]).step(x)
    with pytest.raises(TypeError, match="residuals must be a list of Values"):
        GaussNewton([x]).step(x * x)
    with pytest.raises(TypeError, match=r"residuals\[1\] must be a Value, got 2\.0"):
        GaussNewton([x]).step([x * x, 2.0])
    with pytest.raises(ValueError, match="at least one Value"):
        GaussNewton([x]).step([])
    assert x.data == 1.0


@both
@pytest.mark.parametrize("name", ["lr", "damping"])
def test_settings_are_checked_whenever_they_are_assigned_to(method, name):
    with pytest.raises(ValueError, match=f"{name} must be a finite number, 0 or greater"):
        method([Value(1.0)], **{name: -1.0})
    optimizer = method([Value(1.0)])
    with pytest.raises(TypeError, match=f"{name} must be a real number"):
        setattr(optimizer, name, "1")
    assert repr(optimizer) == f"{method.__name__}(1 parameter, lr=1.0, damping=0.0)"
