"""What a notebook offers: IPython's completer lists the public names, and `v.tanh?` shows signature and docstring.

These tests carry the mark `notebook`: IPython comes with the extra `notebook`. What help() shows is tested name by name
in tests/typing/test_help.py.
"""

from __future__ import annotations

import inspect
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import autograd
import nn
from autograd import Value
from autograd.operators import METHODS

pytestmark = pytest.mark.notebook


@pytest.fixture
def shell(tmp_path, monkeypatch):
    """An IPython shell that holds what the first cells of a notebook make."""
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path))
    from IPython.core.interactiveshell import InteractiveShell

    shell = InteractiveShell()
    shell.user_ns.update(autograd=autograd, nn=nn, v=Value(2.0, label="v"), model=nn.MLP(2, [3, 1]))
    yield shell
    shell.history_manager.end_session()


def _completed(shell, text: str) -> set[str]:
    """What IPython's completer offers for a line, its last part alone."""
    from IPython.core.completer import provisionalcompleter

    with provisionalcompleter():
        return {x.text.rpartition(".")[2] for x in shell.Completer.completions(text, len(text))}


@pytest.mark.parametrize("use_jedi", [True, False], ids=["jedi", "without jedi"])
@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("autograd.", set(autograd.__all__)),
        ("nn.", set(nn.__all__)),
        ("v.", {*METHODS, "backward", "data", "detach", "grad", "label", "op", "parents"}),
        ("nn.schedules.", {"constant", "cosine", "exponential", "join", "product", "step", "warmup"}),
        ("nn.init.", {"constant", "gain", "kaiming_normal", "kaiming_uniform", "xavier_uniform", "zeros"}),
        ("nn.diagnostics.", {"dead_share", "gradient_norms", "gradient_variance", "saturated_share"}),
        ("model.", {"batch", "eval", "layers", "load_state_dict", "named_parameters", "parameters", "zero_grad"}),
        ("model.layers[0].neurons[0].", {"activation", "b", "nin", "w"}),
    ],
    ids=lambda x: x if isinstance(x, str) else "",
)
def test_the_completer_lists(shell, text, names, use_jedi):
    shell.Completer.use_jedi = use_jedi
    assert not names - _completed(shell, text)


@pytest.mark.parametrize("use_jedi", [True, False], ids=["jedi", "without jedi"])
def test_what_no_user_needs_is_not_offered(shell, use_jedi):
    shell.Completer.use_jedi = use_jedi
    for text in ("autograd.", "v."):
        assert not {name for name in _completed(shell, text) if re.match(r"_[a-z]", name)}
    for x in (shell.user_ns["v"], shell.user_ns["model"], autograd.steps(shell.user_ns["v"] * 2)):
        assert not [name for name in dir(x) if re.match(r"_[a-z]", name)]


@pytest.mark.parametrize(
    ("code", "signature"),
    [
        ("autograd.tanh", "autograd.tanh(a, /)"),
        ("autograd.atan2", "autograd.atan2(a, b, /)"),
        ("v.tanh", "v.tanh()"),
        ("v.gelu", "v.gelu(approximate:"),
        ("v.backward", "v.backward(seed: 'float | Unchecked' = 1.0)"),
        ("autograd.draw", "autograd.draw("),
        ("autograd.compile", "autograd.compile("),
        ("nn.fit", "nn.fit("),
        ("nn.MLP", "nn.MLP("),
        ("nn.schedules.cosine", "nn.schedules.cosine(steps: 'int', final: 'float' = 0.0)"),
    ],
)
def test_a_question_mark_shows_signature_and_docstring(shell, code, signature):
    text = shell.object_inspect_text(code)
    plain = re.sub(r"\x1b\[[0-9;]*m", "", text)
    shown = " ".join(plain.split())
    assert signature in re.sub(r"\( ", "(", shown)
    doc = inspect.getdoc(eval(code, shell.user_ns))
    assert " ".join(doc.split()) in shown


IN_A_NEW_PYTHON = """
import sys
import autograd
from IPython.core.completer import provisionalcompleter
from IPython.core.interactiveshell import InteractiveShell

shell = InteractiveShell()
shell.user_ns["autograd"] = autograd
with provisionalcompleter():
    assert "draw" in {x.text.rpartition(".")[2] for x in shell.Completer.completions("autograd.dr", 11)}
assert not {"numpy", "graphviz", "matplotlib"} & set(sys.modules)
"""


def test_completion_loads_nothing_that_drawing_or_compiling_needs(tmp_path):
    environment = {**os.environ, "IPYTHONDIR": str(tmp_path), "PYTHONPATH": str(Path(autograd.__file__).parents[1])}
    subprocess.run([sys.executable, "-c", IN_A_NEW_PYTHON], check=True, env=environment, timeout=120)
