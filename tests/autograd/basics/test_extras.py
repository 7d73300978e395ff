"""What an installation without extras does: it says in a sentence what is missing, with the extra's name."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import autograd
from autograd.basics import extras
from autograd.basics.extras import installing, needed

BARE = """
import sys

class Bare:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ("numpy", "matplotlib", "tqdm", "sklearn", "scipy", "jax", "pygraphviz"):
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, Bare())
import autograd, nn

model = nn.MLP(1, [2, 1], seed=0)
data = [0.1, 0.2, 0.3], [0.2, 0.3, 0.4]
def fit(**settings):
    return nn.fit(model, nn.mse_loss, *data, optimizer=nn.SGD(model.parameters(), 0.1), epochs=2, **settings)

history = fit()
for attempt in (
    lambda: fit(compile=True), lambda: autograd.compile(model, model.parameters()), history.plot,
    nn.diagnostics.gradient_norms(model, nn.mse_loss, *data).plot, nn.data.moons, nn.data.digits,
    lambda: nn.LBFGS(model.parameters()), lambda: nn.Newton(model.parameters()),
    lambda: nn.GaussNewton(model.parameters()),
):
    try:
        attempt()
    except ImportError as error:
        print(error)
print(autograd.grad(lambda x: x * x)(3.0), autograd.hessian(lambda v: v[0] * v[1])([2.0, 1.0]))
"""


def test_a_bare_installation_trains_and_says_what_the_rest_needs():
    folder = Path(autograd.__file__).parents[1]
    done = subprocess.run(
        [sys.executable, "-c", BARE], capture_output=True, text=True, cwd=folder, timeout=60, check=True
    )
    assert done.stderr.startswith("step 2 of 2 (")
    assert done.stderr.count("\n") == 1
    assert "epoch 2, loss 0." in done.stderr
    compiles, plots = (f"which comes with the extra `{extra}`: {installing(extra)}" for extra in ("compile", "train"))
    assert done.stdout.splitlines() == [
        f"compile=True needs NumPy, {compiles}",
        f"compiled code needs NumPy, {compiles}",
        f"History.plot needs Matplotlib, {plots}",
        f"this plot needs Matplotlib, {plots}",
        f"nn.data.moons needs scikit-learn, {plots}",
        f"nn.data.digits needs scikit-learn, {plots}",
        f"LBFGS needs NumPy, {compiles}",
        f"Newton needs NumPy, {compiles}",
        f"GaussNewton needs NumPy, {compiles}",
        "6.0 [[0.0, 1.0], [1.0, 0.0]]",
    ]


def test_what_a_package_misses_itself_is_not_taken_for_its_own_absence(monkeypatch, tmp_path):
    (tmp_path / "matplotlib.py").write_text("import a_part_that_is_not_there")
    monkeypatch.delitem(sys.modules, "matplotlib", raising=False)
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ModuleNotFoundError, match="a_part_that_is_not_there"):
        needed("matplotlib", "a plot")


@pytest.mark.parametrize(
    ("project", "command"),
    [
        ('[project]\nname = "chainrule"\n', "pip install -e '{folder}[train]'"),
        ('[project]\nname = "homework"\n', "pip install '.[train]' in the project's folder"),
        (None, "pip install '.[train]' in the project's folder"),
    ],
)
def test_an_extra_is_installed_from_the_source_where_that_is_what_runs(project, command, monkeypatch, tmp_path):
    monkeypatch.setattr(extras, "__file__", str(tmp_path / "autograd/basics/extras.py"))
    if project:
        (tmp_path / "pyproject.toml").write_text(project)
    assert installing("train") == command.format(folder=tmp_path)
