"""What a notebook shows of an error: the lines that its user wrote."""

from __future__ import annotations

import subprocess
import sys
import traceback
from pathlib import Path

import pytest

import autograd
import nn
from autograd import Value, log
from autograd.basics.notebook import without_ours


def _lines(error: BaseException) -> list[str]:
    return [frame.name for frame in traceback.extract_tb(without_ours(error.__traceback__))]


def test_lines_of_this_package_are_left_out():
    def of_a_user():
        return log(Value(-1.0))

    with pytest.raises(ValueError, match="is not defined") as caught:
        of_a_user()
    assert len(traceback.extract_tb(caught.value.__traceback__)) > 3
    assert _lines(caught.value) == ["test_lines_of_this_package_are_left_out", "of_a_user"]


def test_a_function_of_the_user_that_the_package_calls_stays():
    def loss(output, target):
        raise ValueError("of the user")

    model = nn.MLP(1, [1], seed=0)
    with pytest.raises(ValueError, match="of the user") as caught:
        nn.fit(model, loss, [0.0], [0.0], optimizer=nn.SGD(model.parameters(), 0.1), epochs=1, progress=False)
    assert _lines(caught.value)[0] == "test_a_function_of_the_user_that_the_package_calls_stays"


def test_a_traceback_of_this_package_alone_stays_whole():
    try:
        log(Value(-1.0))
    except ValueError as error:
        inner = error.__traceback__.tb_next
    assert without_ours(inner) is inner


IN_IPYTHON = """
from IPython.core.interactiveshell import InteractiveShell

shell = InteractiveShell.instance(colors="NoColor")
shell.run_cell("import autograd")
shell.run_cell("y = autograd.log(autograd.Value(-1.0))")
shell.run_cell("assert False, 'of another kind'")
shell.history_manager.end_session()
"""


@pytest.mark.notebook
def test_in_ipython_an_error_shows_one_place(tmp_path):
    environment = {"IPYTHONDIR": str(tmp_path), "PYTHONPATH": str(Path(autograd.__file__).parents[1]), "PATH": ""}
    command = [sys.executable, "-c", IN_IPYTHON]
    shown = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=60, check=True).stdout
    assert "y = autograd.log(autograd.Value(-1.0))" in shown
    assert "log(-1.0) is not defined" in shown
    assert "autograd/" not in shown.replace(str(tmp_path), "")
    assert "AssertionError: of another kind" in shown
