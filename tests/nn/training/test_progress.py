"""How a training shows where it is: a bar, a line of text, one line below the cell of a notebook."""

from __future__ import annotations

import sys
from types import SimpleNamespace

import pytest

from nn import MLP, SGD, fit, mse_loss
from nn.training import progress


def _train() -> None:
    model = MLP(1, [1], seed=0)
    fit(
        model,
        mse_loss,
        [0.0, 1.0],
        [0.0, 1.0],
        optimizer=SGD(model.parameters(), 0.01),
        epochs=20,
        batch_size=1,
        seed=0,
    )


@pytest.fixture
def every_step(monkeypatch):
    monkeypatch.setattr(progress, "_PAUSE", 0.0)


@pytest.mark.usefixtures("every_step")
def test_without_tqdm_a_terminal_has_one_line_that_is_written_over(monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "tqdm", None)
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    _train()
    shown = capsys.readouterr().err
    assert shown.count("\n") == 1
    assert shown.count("\r") > 20
    assert "\rstep 1 of 40 (" in shown
    assert shown.rstrip().rpartition("\r")[2].startswith("step 40 of 40 (")


@pytest.mark.usefixtures("every_step")
def test_a_file_gets_the_last_line_alone(monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "tqdm", None)
    _train()
    shown = capsys.readouterr().err
    assert shown.startswith("step 40 of 40 (")
    assert shown.count("\n") == 1


@pytest.mark.usefixtures("every_step")
def test_a_notebook_has_one_line_and_nothing_red(monkeypatch, capsys):
    shown = []
    handle = SimpleNamespace(update=lambda data, raw: shown.append(data["text/plain"]))

    def display(data, raw, display_id):
        shown.append(data["text/plain"])
        return handle

    ipython = SimpleNamespace(get_ipython=lambda: SimpleNamespace(kernel=object()))
    monkeypatch.setitem(sys.modules, "IPython", ipython)
    monkeypatch.setitem(sys.modules, "IPython.display", SimpleNamespace(display=display))
    _train()
    assert capsys.readouterr() == ("", "")
    assert shown[-1].startswith("step 40 of 40 (")
    assert len(shown) > 40


@pytest.mark.parametrize("held_out", [False, True])
def test_it_ends_with_the_loss_of_the_last_epoch_as_the_history_has_it(held_out, monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "tqdm", None)
    model, xs, ts = MLP(1, [1], seed=0), [0.0, 1.0, 2.0], [0.0, 1.0, 5.0]
    history = fit(
        model, mse_loss, xs, ts, optimizer=SGD(model.parameters(), 0.1), epochs=3, batch_size=2, seed=0,
        validation=(xs, ts) if held_out else None,
    )  # fmt: skip
    validated = f", validation loss {history.validation_loss[-1]:.4g}" if held_out else ""
    assert capsys.readouterr().err.endswith(f": epoch 3, loss {history.loss[-1]:.4g}{validated}\n")


def test_epochs_that_are_made_together_are_counted_as_well(monkeypatch, capsys):
    pytest.importorskip("jax")
    monkeypatch.setitem(sys.modules, "tqdm", None)
    model = MLP(1, [1], seed=0)
    fit(
        model, mse_loss, [0.0, 1.0, 2.0], [0.0, 1.0, 5.0], optimizer=SGD(model.parameters(), 0.1), epochs=4,
        batch_size=2, seed=0, compile=True, engine="jax",
    )  # fmt: skip
    assert "step 8 of 8 (" in (shown := capsys.readouterr().err)
    assert ": epoch 4, loss " in shown


def test_an_error_ends_the_line(monkeypatch, capsys):
    def fails():
        with progress.progress(3, True) as show:
            show(1, [0.5])
            raise ValueError("stop")

    monkeypatch.setitem(sys.modules, "tqdm", None)
    with pytest.raises(ValueError, match="stop"):
        fails()
    assert "step 1 of 3" in capsys.readouterr().err
