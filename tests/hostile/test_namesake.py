"""HIPS/autograd has the same import name. Whoever has both is told at the import, with what mends it, and it does."""

from __future__ import annotations

import os
import subprocess
import sys
import timeit
import venv
from pathlib import Path

import pytest

import autograd
import autograd.numpy
from autograd.basics.namesake import refuse_mixed

REPOSITORY = Path(__file__).parents[2]
BESIDE = os.pathsep.join(path for path in sys.path if path.endswith("site-packages"))  # NumPy, graphviz


class Environment:
    """A virtual environment of its own; what it lacks it finds where these tests run, after its own packages."""

    def __init__(self, folder: Path) -> None:
        venv.create(folder, symlinks=True, with_pip=False)
        self.python = next(path for path in folder.glob("*/python*") if path.is_file())
        self.packages = next(folder.rglob("site-packages"))
        (self.packages / "zz_beside.pth").write_text(BESIDE.replace(os.pathsep, "\n"))

    def pip(self, *arguments: str) -> None:
        found = [sys.executable, "-m", "pip", "--python", str(self.python), "--disable-pip-version-check", *arguments]
        found += ["--no-compile"] * (arguments[0] == "install")
        subprocess.run(found, check=True, capture_output=True, timeout=300)

    def says(self, program: str) -> str:
        """The last line of what a program prints, or of its error."""
        command = [str(self.python), "-W", "error", "-c", program]
        run = subprocess.run(command, cwd=self.packages, env={}, capture_output=True, text=True, timeout=100)
        return (run.stdout + run.stderr).strip().splitlines()[-1]


PURE = {"CHAINRULE_KERNEL": "pure"}  # to compile the kernel takes a minute


@pytest.fixture(scope="module")
def wheels(tmp_path_factory):
    """Both packages as wheels, theirs and ours."""
    folder = tmp_path_factory.mktemp("wheels")
    for what in (["download", "-d", str(folder), "autograd==1.8"], ["wheel", "-w", str(folder), str(REPOSITORY)]):
        command = [sys.executable, "-m", "pip", "-q", *what, "--no-deps"]
        run = subprocess.run(command, capture_output=True, text=True, timeout=300, env=os.environ | PURE)
        if run.returncode and "No matching distribution" in run.stderr:
            pytest.skip("no package index to take HIPS/autograd from")
        assert run.returncode == 0, run.stderr
    return {path.name.partition("-")[0]: str(path) for path in folder.glob("*.whl")}


@pytest.fixture
def environment(tmp_path):
    return Environment(tmp_path / "environment")


THEIRS = "ImportError: nn needs the autograd of chainrule, and the one in "
MIXED = "holds the files of two packages that are both imported as autograd"
BOTH = "import autograd, nn; print(nn.MLP(1, [1], seed=0)(autograd.Value(0.0)).op)"


@pytest.mark.slow
def test_ours_on_the_path_and_theirs_installed(environment, wheels):
    (environment.packages / "ours.pth").write_text(str(REPOSITORY))  # what `pip install -e` writes
    assert environment.says(BOTH) == "dot"
    environment.pip("install", "--no-deps", wheels["autograd"])
    assert environment.says("import nn").startswith(THEIRS + str(environment.packages))
    assert environment.says("from nn import MLP").startswith(THEIRS)
    environment.pip("uninstall", "-y", "autograd")
    assert environment.says(BOTH) == "dot"


@pytest.mark.slow
def test_ours_installed_over_theirs(environment, wheels):
    environment.pip("install", "--no-deps", wheels["autograd"])
    environment.pip("install", "--no-deps", wheels["chainrule"])
    for program in ("import autograd", "import nn", "import autograd.numpy as np", "from autograd import grad"):
        assert MIXED in environment.says(program)
    environment.pip("uninstall", "-y", "autograd", "chainrule")
    environment.pip("install", "--no-deps", wheels["chainrule"])
    assert environment.says(BOTH) == "dot"


@pytest.mark.slow
def test_theirs_installed_over_ours(environment, wheels):
    environment.pip("install", "--no-deps", wheels["chainrule"])
    environment.pip("install", "--no-deps", wheels["autograd"])
    assert environment.says("import nn").startswith(THEIRS)
    environment.pip("uninstall", "-y", "autograd")  # which takes our __init__.py with it
    assert environment.says("import nn").startswith(THEIRS)
    environment.pip("uninstall", "-y", "chainrule")
    environment.pip("install", "--no-deps", wheels["chainrule"])
    assert environment.says(BOTH) == "dot"


def test_a_folder_of_both_is_refused(tmp_path):
    door = tmp_path / "__init__.py"
    refuse_mixed(str(door))
    (tmp_path / "scipy").mkdir()
    with pytest.raises(ImportError, match="pip uninstall autograd chainrule"):
        refuse_mixed(str(door))


def test_to_look_for_it_takes_next_to_nothing():
    assert min(timeit.repeat(lambda: refuse_mixed(autograd.__file__), number=1000, repeat=5)) < 1000 * 100e-6


def test_a_program_for_the_other_one_is_told_where_the_functions_are():
    import autograd.numpy as anp

    with pytest.raises(AttributeError, match=r"autograd\.numpy has no sin: .*autograd\.exp"):
        anp.sin(1.0)
    assert not hasattr(anp, "array")
