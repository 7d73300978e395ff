"""History: what it says of a run is what a loop by hand measures, and its plot is there to be seen."""

from __future__ import annotations

import math
import pickle
import random
import subprocess
import sys
from itertools import pairwise
from pathlib import Path
from typing import Any

import matplotlib
import pytest
from matplotlib.figure import Figure

from autograd import mean
from nn.layers.neuron import MLP
from nn.losses.numbers import mse_loss
from nn.module import Parameter
from nn.optim.first_order import SGD
from nn.pictures.history import NAMED
from nn.schedules import exponential
from nn.training.fit import fit
from nn.training.history import History
from nn.training.meters import Meter

X = [[random.Random(i).gauss(0, 1), random.Random(i + 100).gauss(0, 1)] for i in range(12)]
T = [math.sin(a) + 0.5 * b for a, b in X]


def run(epochs: int = 3, nouts: tuple[int, ...] = (4, 1), **settings: Any) -> tuple[MLP, History]:
    model = MLP(2, nouts, activation="tanh", seed=0)
    optimizer = SGD(model.parameters(), lr=0.05, momentum=0.9)
    return model, fit(model, mse_loss, X, T, optimizer=optimizer, epochs=epochs, progress=False, **settings)


# -------------------------------------------------------------------------------------------------------- the numbers


def norm(xs: Any) -> float:
    return math.sqrt(math.fsum(x * x for x in xs))


def test_gradient_norms_and_update_ratios_are_means_over_the_steps_of_an_epoch():
    _, history = run(epochs=2, batch_size=5, seed=3)
    model = MLP(2, (4, 1), activation="tanh", seed=0)
    optimizer = SGD(model.parameters(), lr=0.05, momentum=0.9)
    rng = random.Random(3)
    for epoch in range(2):
        order = list(range(12))
        rng.shuffle(order)
        norms: dict[str, list[float]] = {"layers.0": [], "layers.1": []}
        ratios: dict[str, list[float]] = {"layers.0": [], "layers.1": []}
        for start in (0, 5, 10):
            optimizer.zero_grad()
            mean([mse_loss(model(X[i]), T[i]) for i in order[start : start + 5]]).backward()
            before = [[p.data for p in layer.parameters()] for layer in model.layers]
            optimizer.step()
            for name, layer, old in zip(norms, model.layers, before):
                new = [p.data for p in layer.parameters()]
                norms[name].append(norm(p.grad for p in layer.parameters()))
                ratios[name].append(norm(a - b for a, b in zip(new, old)) / norm(new))
        for name in norms:
            assert history.gradient_norm[name][epoch] == pytest.approx(sum(norms[name]) / 3, rel=1e-13, abs=0.0)
            assert history.update_ratio[name][epoch] == pytest.approx(sum(ratios[name]) / 3, rel=1e-13, abs=0.0)
    assert history.gradient_norm.keys() == history.update_ratio.keys() == {"layers.0", "layers.1"}


def test_each_list_has_a_number_for_each_epoch():
    _, history = run(epochs=4, validation=(X, T))
    numbers = [history.loss, history.validation_loss, history.lr, history.seconds]
    numbers += [*history.gradient_norm.values(), *history.update_ratio.values()]
    assert [len(xs) for xs in numbers] == [4] * 8
    assert all(x > 0 for xs in numbers for x in xs)
    assert history.stopped == ""
    assert run()[1].validation_loss == []


def test_a_layer_that_the_optimizer_does_not_move_is_not_in_it():
    model = MLP(2, [4, 1], seed=0)
    optimizer = SGD(model.layers[1].parameters(), lr=0.05)
    history = fit(model, mse_loss, X, T, optimizer=optimizer, epochs=1, progress=False)
    assert history.gradient_norm.keys() == history.update_ratio.keys() == {"layers.1"}


def test_ratios_are_finite_where_weights_are_zero_and_norms_where_squares_overflow():
    w = Parameter(0.0)
    meter = Meter({"layer": [w]})
    for gradient, after in ((1e200, 0.0), (-1e200, 2.0), (1e308, 0.0), (1e308, 0.0)):
        w.grad = gradient
        meter.before_step()
        w.data = after
        meter.after_step()
    assert meter.ratios["layer"] == [0.0, 1.0, 1.0, 0.0]
    assert meter.norms["layer"] == [1e200, 1e200, 1e308, 1e308]
    history = History()
    history.record(loss=1.0, validation_loss=None, lr=0.1, seconds=0.0, meter=meter)
    assert history.gradient_norm["layer"][0] == pytest.approx(5e307)


def test_two_runs_that_differ_in_time_alone_are_equal():
    assert run()[1] == run()[1]
    assert run()[1] != run(epochs=4)[1]


def test_it_is_short_in_a_terminal():
    _, history = run(epochs=40, nouts=(3,) * 9 + (1,), validation=(X, T))
    first, last = history.loss[0], history.loss[-1]
    assert repr(history).startswith(f"History(40 epochs, loss {first:.4g} → {last:.4g}, validation loss ")
    assert len(repr(history)) < 120
    assert repr(History()) == "History(0 epochs)"
    assert repr(History(loss=[0.25], stopped="interrupted in epoch 2")) == (
        "History(1 epoch, loss 0.25; interrupted in epoch 2)"
    )
    assert len(repr(History(stopped=1000 * "long "))) < 120


def test_a_history_can_be_pickled():
    _, history = run()
    assert pickle.loads(pickle.dumps(history)) == history


# ------------------------------------------------------------------------------------------------------------ the plot


def made(epochs: int, layers: int, **more: Any) -> History:
    rng = random.Random(0)
    names = [f"layers.{i}" for i in range(layers)]
    return History(
        loss=[2.0 * 0.9**i for i in range(epochs)],
        lr=[0.1] * epochs,
        gradient_norm={name: [0.5**i * rng.uniform(1, 2) for _ in range(epochs)] for i, name in enumerate(names)},
        update_ratio={name: [1e-3 * rng.uniform(1, 2) for _ in range(epochs)] for name in names},
        **more,
    )


def curves(axes: Any) -> list[list[float]]:
    return [list(line.get_ydata()) for line in axes.get_lines()]


def test_the_plot_has_the_numbers_in_four_panels():
    _, history = run(epochs=5, validation=(X, T), schedule=exponential(0.5))
    losses, rates, norms, ratios = history.plot().axes
    assert curves(losses) == [history.loss, history.validation_loss]
    assert [text.get_text() for text in losses.get_legend().get_texts()] == ["training", "validation"]
    assert curves(rates) == [history.lr]
    assert curves(norms) == list(history.gradient_norm.values())
    assert curves(ratios) == list(history.update_ratio.values())
    assert [text.get_text() for text in ratios.get_legend().get_texts()] == ["layers.0", "layers.1"]
    assert all(list(line.get_xdata()) == [1, 2, 3, 4, 5] for axes in history.plot().axes for line in axes.get_lines())
    assert rates.get_yscale() == "linear"  # schedules are known by their shape


def test_scales_are_logarithmic_where_numbers_are_positive_and_far_apart():
    def scales(history: History) -> list[str]:
        return [axes.get_yscale() for axes in history.plot().axes[:4]]

    assert scales(made(5, 2)) == ["linear"] * 4
    assert scales(made(30, 6)) == ["log", "linear", "log", "linear"]
    dead = made(30, 6)
    dead.loss[-1], dead.lr[0], dead.gradient_norm["layers.3"] = 0.0, 0.0, [0.0] * 30
    assert scales(dead) == ["linear", "linear", "log", "linear"]


@pytest.mark.parametrize("layers", range(1, NAMED + 1))
def test_few_layers_differ_in_style_or_in_grey_and_have_names(layers):
    figure = made(10, layers).plot()
    lines = figure.axes[2].get_lines()
    looks = [(line.get_linestyle(), round(grey(line), 1)) for line in lines]
    assert len(set(looks)) == layers
    assert len(figure.axes) == 4
    assert len(figure.axes[3].get_legend().get_texts()) == layers


@pytest.mark.parametrize("layers", [NAMED + 1, 50])
def test_of_many_layers_the_shade_goes_from_dark_to_light_and_a_bar_names_the_ends(layers):
    figure = made(10, layers).plot()
    greys = [grey(line) for line in figure.axes[2].get_lines()]
    assert all(darker < lighter for darker, lighter in pairwise(greys))
    assert greys[-1] < 0.75  # still seen on white paper
    assert [text.get_text() for text in figure.axes[4].get_yticklabels()] == ["layers.0", f"layers.{layers - 1}"]
    assert figure.axes[3].get_legend() is None


def grey(line: Any) -> float:
    r, g, b = matplotlib.colors.to_rgb(line.get_color())
    return 0.299 * r + 0.587 * g + 0.114 * b


@pytest.mark.parametrize(
    ("history", "endings"),
    [
        (made(1, 1), ["png"]),
        (made(3, 0), ["svg"]),
        (made(200, 50), ["png"]),
        (made(2, 2, validation_loss=[1.0, 0.5]), ["png", "svg", "pdf"]),
    ],
)
def test_any_history_with_an_epoch_can_be_drawn_and_saved(history, endings, tmp_path):
    figure = history.plot()
    for ending in endings:
        figure.savefig(tmp_path / f"run.{ending}")
        assert (tmp_path / f"run.{ending}").stat().st_size > 1000


def test_a_history_without_an_epoch_is_not_drawn():
    with pytest.raises(ValueError, match=r"no complete epoch \(interrupted in epoch 1\)"):
        History(stopped="interrupted in epoch 1").plot()


def test_drawing_leaves_the_settings_of_matplotlib_alone():
    before = dict(matplotlib.rcParams)
    made(3, 2).plot()
    assert dict(matplotlib.rcParams) == before


def test_a_figure_shows_itself_once_and_can_be_pickled():
    figure = made(3, 2).plot()
    assert isinstance(figure, Figure)
    assert figure._repr_mimebundle_()[1]["image/png"]["alt"].startswith("A plot. ")  # type: ignore[attr-defined]
    assert pickle.loads(pickle.dumps(figure))._repr_mimebundle_()[1]["image/png"]["alt"].startswith("A plot. ")
    pyplot = pytest.importorskip("matplotlib.pyplot")
    assert pyplot.get_fignums() == []  # pyplot, which shows its figures at the end of a cell, doesn't know it


def test_importing_nn_does_not_import_matplotlib():
    program = "import sys, nn, nn.training.history; print('matplotlib' in sys.modules, 'tqdm' in sys.modules)"
    root = Path(__file__).parents[3]
    out = subprocess.run([sys.executable, "-c", program], cwd=root, capture_output=True, text=True, check=True).stdout
    assert out.split() == ["False", "False"]
