"""The same numbers in PyTorch, in double precision: optimizers over 100 steps, their state, schedules, clipping."""

from __future__ import annotations

import inspect
from itertools import product
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd import Value
from nn import LBFGS, MLP, mse_loss, schedules, to_torch
from nn.optim import first_order as optim
from nn.optim.clipping import clip_grad_norm, clip_grad_value
from nn.optim.first_order import SGD
from nn.schedules import Schedule

torch = pytest.importorskip("torch")

CHOICES = {  # the values of each setting, all of which are combined
    "SGD": {"momentum": [0.0, 0.9], "nesterov": [False, True], "weight_decay": [0.0, 0.1]},
    "Adagrad": {"lr_decay": [0.0, 0.1], "weight_decay": [0.0, 0.1], "initial_accumulator_value": [0.0, 0.5]},
    "RMSprop": {"alpha": [0.99, 0.5], "momentum": [0.0, 0.9], "centered": [False, True], "weight_decay": [0.0, 0.1]},
    "Adam": {"betas": [(0.9, 0.999), (0.5, 0.3), (0.0, 0.9)], "eps": [1e-8, 1e-3], "weight_decay": [0.0, 0.1]},
    "AdamW": {"betas": [(0.9, 0.999), (0.2, 0.3)], "eps": [1e-8, 1e-3], "weight_decay": [0.0, 0.1]},
}
EVERY = [
    (name, dict(zip(choices, values)))
    for name, choices in CHOICES.items()
    for values in product(*choices.values())
    if not ("nesterov" in choices and dict(zip(choices, values))["nesterov"] and not values[0])
]


def tensor(x: Any) -> Any:
    return torch.tensor(x, dtype=torch.float64)


def alike(ours: Any, theirs: Any) -> bool:
    """Equal to 1e-12 of the size of the array (or of 1, if that is more)."""
    ours, theirs = np.asarray(ours, dtype=float), theirs.detach().numpy()
    return ours.shape == theirs.shape and bool(np.abs(ours - theirs).max() <= 1e-12 * max(1.0, np.abs(theirs).max()))


def twins(name: str, settings: dict[str, Any], start: Any) -> tuple[Any, Any, Any]:
    ours = getattr(optim, name)([Value(x) for x in start], **settings)
    theirs = tensor(start).requires_grad_()
    return ours, theirs, getattr(torch.optim, name)([theirs], **settings)


@pytest.mark.parametrize(("name", "settings"), EVERY, ids=str)
def test_a_hundred_steps_and_the_state_after_each(name, settings):
    rng = np.random.default_rng(0)
    ours, theirs, their_optimizer = twins(name, {"lr": 0.01, **settings}, rng.normal(size=6))
    scales = 10.0 ** np.arange(-3, 3)
    for _ in range(100):
        gradient = rng.normal(size=6) * scales
        theirs.grad = tensor(gradient)
        their_optimizer.step()
        for p, g in zip(ours.params, gradient):
            p.grad = g
        ours.step()
        assert alike([p.data for p in ours.params], theirs)
        state = their_optimizer.state[theirs]
        for key, numbers in ours.state.items():
            if isinstance(state.get(key), torch.Tensor):  # PyTorch keeps none that isn't used
                assert alike(numbers, state[key])
            else:
                assert not any(numbers)
    assert ours.steps == 100


@pytest.mark.parametrize("name", CHOICES)
def test_a_descent_on_a_curved_surface(name):
    ours, theirs, their_optimizer = twins(name, {"lr": 0.005}, [-1.2, 1.0])
    x, y = ours.params
    for _ in range(100):
        ours.zero_grad()
        ((1 - x) ** 2 + 10 * (y - x * x) ** 2).backward()
        ours.step()
        their_optimizer.zero_grad()
        ((1 - theirs[0]) ** 2 + 10 * (theirs[1] - theirs[0] * theirs[0]) ** 2).backward()
        their_optimizer.step()
        assert alike([x.data, y.data], theirs)


@pytest.mark.parametrize("name", CHOICES)
def test_defaults_are_those_of_pytorch(name):
    ours, theirs = (inspect.signature(getattr(module, name)).parameters for module in (optim, torch.optim))
    compared = [key for key in ours if key != "params" and (name, key) != ("SGD", "lr")]  # SGD's lr is to be chosen
    assert {key: ours[key].default for key in compared} == {key: theirs[key].default for key in compared}


def lr_scheduler(kind: str, optimizer: Any, *args: Any, **settings: Any) -> Any:
    return getattr(torch.optim.lr_scheduler, kind)(optimizer, *args, **settings)


def _sequence(optimizer: Any) -> Any:
    parts = [
        lr_scheduler("LinearLR", optimizer, start_factor=0.1, total_iters=5),
        lr_scheduler("CosineAnnealingLR", optimizer, T_max=30, eta_min=0.3 * 0.01),
        lr_scheduler("StepLR", optimizer, step_size=3, gamma=0.5),
    ]
    return lr_scheduler("SequentialLR", optimizer, parts, milestones=[5, 20])


def late(n: int) -> float:
    return 1 / (1 + n)


SCHEDULES = {
    "LambdaLR": (late, lambda o: lr_scheduler("LambdaLR", o, late), 60),
    "constant": (schedules.constant(0.5), lambda o: lr_scheduler("LambdaLR", o, lambda n: 0.5), 60),
    "StepLR": (schedules.step(7, 0.3), lambda o: lr_scheduler("StepLR", o, 7, gamma=0.3), 60),
    "ExponentialLR": (schedules.exponential(0.9), lambda o: lr_scheduler("ExponentialLR", o, 0.9), 60),
    # PyTorch's cosine goes up again after its end, ours stays there
    "CosineAnnealingLR": (schedules.cosine(60), lambda o: lr_scheduler("CosineAnnealingLR", o, 60), 60),
    "CosineAnnealingLR-final": (
        schedules.cosine(40, final=0.1),
        lambda o: lr_scheduler("CosineAnnealingLR", o, 40, eta_min=0.03),
        40,
    ),
    "LinearLR": (schedules.warmup(9, 0.2), lambda o: lr_scheduler("LinearLR", o, 0.2, 1.0, 9), 60),
    "SequentialLR": (
        schedules.join([schedules.warmup(5, 0.1), schedules.cosine(30, final=0.01), schedules.step(3, 0.5)], [5, 20]),
        _sequence,
        60,
    ),
    "product": (
        schedules.product(late, schedules.step(7, 0.3)),
        lambda o: lr_scheduler("LambdaLR", o, lambda n: late(n) * 0.3 ** (n // 7)),
        60,
    ),
}


@pytest.mark.parametrize(("factor", "theirs", "steps"), SCHEDULES.values(), ids=SCHEDULES)
def test_schedules(factor, theirs, steps):
    ours = SGD([Value(0.0)], lr=0.3)
    schedule = Schedule(ours, factor)
    their_optimizer = torch.optim.SGD([tensor([0.0]).requires_grad_()], lr=0.3)
    their_schedule = theirs(their_optimizer)
    for _ in range(steps):
        assert ours.lr == pytest.approx(their_optimizer.param_groups[0]["lr"], rel=1e-12, abs=1e-12)
        ours.step()
        schedule.step()
        their_optimizer.step()
        their_schedule.step()


@given(
    st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=8), st.one_of(st.just(0.0), st.floats(1e-3, 1e3)), st.booleans()
)
def test_clipping(gradients, bound, by_norm):
    ours = [Value(0.0) for _ in gradients]
    for p, g in zip(ours, gradients):
        p.grad = g
    theirs = tensor([0.0] * len(gradients)).requires_grad_()
    theirs.grad = tensor(gradients)
    if by_norm:
        norm = clip_grad_norm(ours, bound)
        assert alike(norm, torch.nn.utils.clip_grad_norm_([theirs], bound))
    else:
        clip_grad_value(ours, bound)
        torch.nn.utils.clip_grad_value_([theirs], bound)
    assert alike([p.grad for p in ours], theirs.grad)


def test_lbfgs_finds_what_theirs_finds_in_no_more_looks():
    xs, ts = [[i / 10] for i in range(-10, 11)], [abs(i) / 10 for i in range(-10, 11)]
    ours = MLP(1, [5, 1], activation="tanh", seed=0)
    theirs, looks = to_torch(ours), {"ours": 0, "theirs": 0}
    inputs, targets = (torch.tensor(rows, dtype=torch.float64) for rows in (xs, ts))
    other = torch.optim.LBFGS(theirs.parameters(), line_search_fn="strong_wolfe", history_size=10)

    def loss():
        looks["ours"] += 1
        return mse_loss(ours.batch(xs), ts)

    def closure():
        looks["theirs"] += 1
        other.zero_grad()
        cost = torch.nn.functional.mse_loss(theirs(inputs)[:, 0], targets)
        cost.backward()
        return cost

    optimizer = LBFGS(ours.parameters())
    first = [optimizer.step(loss), other.step(closure).item()]
    assert first[0] == pytest.approx(first[1], rel=1e-12)
    for _ in range(9):
        optimizer.step(loss)
        other.step(closure)
    assert loss().data < 1.2 * closure().item() < 1e-3
    assert looks["ours"] < 1.2 * looks["theirs"]
