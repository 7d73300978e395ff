"""program.source(): a page of NumPy that stands alone, and gives what the engine gives."""

from __future__ import annotations

import math
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings

import autograd
import nn
from autograd import Value
from autograd.program import Program, compile
from tests.properties import test_compiled_programs as random_programs
from tests.support import examples
from tests.support.linters import nothing_to_say
from tests.support.models import CASES, X, Y, mlp
from tests.support.pages import close, gradients, module_of, page_agrees


@pytest.fixture(scope="module")
def pages() -> dict[str, str]:
    """The page of each model, which was compared with the engine."""
    return {name: page_agrees(program, *batches) for name, (program, batches) in [(n, f()) for n, f in CASES.items()]}


def test_the_page_of_each_model_gives_its_loss_and_its_gradients(pages: dict[str, str]):
    assert all("# backward, by the chain rule" in page for page in pages.values())


def test_linters_and_formatters_have_nothing_to_say_about_a_page(pages: dict[str, str], tmp_path: Path):
    nothing_to_say(pages.values(), tmp_path)


@given(random_programs.programs())
@examples.programs(settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow]))
def test_random_programs_agree_with_their_pages(drawn: tuple[Any, ...]):
    steps, parameters, captured, shapes, entropy, _ = drawn
    rng = np.random.default_rng(entropy)

    def several(*example: Any) -> Any:
        made = random_programs.run(steps, parameters, captured, list(example[:-1]), example[-1])
        return [made[0], {"last": made[-1], "none": 1.5}, (parameters[0], random_programs.leaves(list(example))[:1])]

    def loss(*example: Any) -> Any:
        made = random_programs.run(steps, parameters, captured, list(example[:-1]), example[-1])
        return autograd.sum(made[:3])

    batches = random_programs.batches_of(shapes, 3, rng)
    program, outputs = compile(loss, parameters), compile(several, parameters)
    try:
        page_agrees(program, *batches)
        wanted = [random_programs.flat(x) for x in outputs.map(*batches)]
    except random_programs.Tie:
        assume(False)
    found = module_of(outputs.source(*batches))["outputs"]([p.data for p in parameters], *batches)
    assert all(close(list(row), numbers) for row, numbers in zip(found, wanted))


def test_a_program_in_single_precision_has_a_page_in_single_precision():
    program, batches = mlp("tanh", "float32")
    loss, expected = gradients(program, *batches)
    value, found = module_of(program.source(*batches))["loss_and_gradient"](
        [p.data for p in program.parameters], *batches
    )
    assert value == pytest.approx(loss, rel=1e-6)
    assert close(found.tolist(), expected, 1e-6)


def test_a_loss_scale_is_divided_out_of_the_gradient():
    w = Value(0.5)
    program = compile(lambda x: (w * x) ** 2, [w], loss_scale=1024.0)
    page_agrees(program, [1.0, 2.0, -3.0])


def test_random_numbers_are_an_argument_of_the_page():
    model = nn.Sequential(nn.Linear(2, 3, seed=1), nn.Dropout(0.5, seed=0), nn.Linear(3, 1, seed=2))
    program = compile(lambda x, y: (model(x) - y) ** 2, model.parameters())
    page = program.source(X, Y)
    assert "def loss_and_gradient(parameters, x, y, noise):" in page
    module = module_of(page)
    numbers = [p.data for p in program.parameters]
    kept, _ = module["loss_and_gradient"](numbers, X, Y, np.ones((5, 3)))
    model.eval()
    assert kept != program(X, Y)  # what is kept is scaled


# -------------------------------------------------------------------------------------------- what is a user's own

SCALE = 3.0


def _tripled(a: float) -> float:
    """Reads a number of the module."""
    return SCALE * math.tanh(a)


@pytest.fixture
def bent():
    def slope(y: float, a: float) -> float:
        if a > 0.5:  # no arithmetic: arrays can't be put through it
            return SCALE * (1 - math.tanh(a) ** 2)
        return SCALE - y * y / SCALE

    yield autograd.primitive("bent", _tripled, slope)
    autograd.custom.primitives.remove("bent")


def test_functions_of_ones_own_are_copied_to_the_page_with_what_they_read(bent: Any):
    w = Value(0.4)
    page = page_agrees(compile(lambda x: bent(w * x) * w, [w]), [0.3, -1.0, 2.0])
    assert "SCALE = 3.0" in page
    assert "math.tanh(a)" in page


HOSTILE = [
    'a"; import os; os.abort() #', "x\n    raise SystemExit", "__import__('os').abort()", "np", "n", "lambda", "L",
    "δ1", "W1", "gradients", "'''", '"""', "θ", "softmax", "\N{RIGHT-TO-LEFT OVERRIDE}x", "ﬁ", "float", "{x}", "\\", "",
]  # fmt: skip


def test_no_label_and_no_name_of_a_function_becomes_code():
    ps = [Value(0.1 * i + 0.3, label=label) for i, label in enumerate(HOSTILE)]

    def loss(x: Any) -> Any:
        return autograd.sum([p * x * p for p in ps]) + autograd.softmax([ps[0] * x, ps[1]])[0]

    loss.__name__ = '"""\nraise SystemExit\n"""'
    page = page_agrees(compile(loss, ps), [0.3, 0.2, 0.5])
    assert not {"os", "SystemExit", "abort"} & set(page.replace("(", " ").replace(".", " ").split())


def run_alone(program: Program, page: str, tmp_path: Path, *batches: Any) -> str:
    file = tmp_path / "page.py"
    file.write_text(page, encoding="utf-8")
    numbers = [p.data for p in program.parameters]
    code = f"import page, sys; print(page.loss_and_gradient({numbers}, *{[b.tolist() for b in batches]})[0])"
    code += "; assert not {'autograd', 'nn'} & {*sys.modules}"
    run = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    return run.stdout


def test_a_page_runs_where_this_package_is_not_imported(tmp_path: Path):
    program, batches = mlp()
    assert float(run_alone(program, program.source(*batches), tmp_path, *batches)) == program(*batches)
