"""A batch that several devices share, of one process or of several: the same training as on one device.

How many devices of the CPU JAX has is decided when it starts, so all of this runs in Pythons of its own:
`python -m tests.nn.training.test_devices FUNCTION [ARGUMENTS]` runs one of the functions without `test` in their names.
"""

from __future__ import annotations

import json
import os
import random
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import nn
from nn.training.errors import TrainingError
from tests.nn.training.test_scanned import a_model, numbers_of, trained

jax = pytest.importorskip("jax")
pytestmark = pytest.mark.jax

ROOT = Path(__file__).resolve().parents[3]


def started(
    devices: int, *arguments: Any, program: Any = ("-m", "tests.nn.training.test_devices"), folder: Path = ROOT
) -> subprocess.Popen[str]:
    """A program, or one of the functions below, in a Python whose JAX has so many devices."""
    flags = {"XLA_FLAGS": f"--xla_force_host_platform_device_count={devices}", "JAX_PLATFORMS": "cpu"}
    return subprocess.Popen(
        [sys.executable, "-u", *program, *map(str, arguments)], env=os.environ | flags | {"PYTHONPATH": str(ROOT)},
        cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("localhost", 0))
        return int(free.getsockname()[1])


def told(output: str) -> dict[str, Any]:
    """What a program has told, line by line; lines of others are left out."""
    lines = [line.partition(": ") for line in output.splitlines() if line.startswith("told ")]
    return {name.removeprefix("told "): json.loads(text) for name, _, text in lines}


def tell(name: str, what: Any) -> None:
    print(f"told {name}: {json.dumps(what)}", flush=True)


def as_lists(run: Any) -> dict[str, Any]:
    return {name: np.array(numbers).tolist() for name, numbers in numbers_of(*run).items()}


def difference(one: Any, other: Any) -> float:
    """The greatest one of all that two trainings leave."""
    return max(float(np.abs(np.array(one[name]) - np.array(x)).max(initial=0.0)) for name, x in other.items())


# ------------------------------------------------------------------------------------- four devices of one process


def four() -> None:
    """Trainings on four devices, on two of them and on one: what they leave, and what XLA made of them."""
    from nn.training import scanned

    texts: list[str] = []

    class Seen(scanned.Scan):
        def __init__(self, *arguments: Any) -> None:
            super().__init__(*arguments)
            made = self.kernels
            if not texts:
                self.kernels = lambda *given: texts.append(made.lower(*given).compile().as_text()) or made(*given)

    scanned.Scan = Seen
    # 23 examples in batches of 5, the last of them of 3: neither divides by 4
    for name, devices in (("batches on 4", None), ("batches on 2", jax.devices()[2:])):
        tell(name, as_lists(trained("jax", epochs=40, devices=devices, clip_norm=1.0)))
    for devices in (1, 4):
        tell(f"all on {devices}", as_lists(trained("jax", epochs=1, batch_size=None, devices=devices)))
    tell("sums", texts[0].count(" all-reduce(") + texts[0].count("all-reduce-start("))
    tell("engine", trained("auto", epochs=1)[2].engine)


@pytest.fixture(scope="module")
def on_four_devices() -> dict[str, Any]:
    output, errors = started(4, "four").communicate(timeout=300)
    return told(output) or pytest.fail(errors)


def test_a_batch_that_several_devices_share_makes_the_same_steps_also_where_it_does_not_divide(on_four_devices):
    for name in ("batches on 4", "batches on 2"):
        assert difference(on_four_devices[name], as_lists(trained("numpy", epochs=40, clip_norm=1.0))) < 1e-12


def test_the_gradient_of_four_devices_is_that_of_one(on_four_devices):
    assert difference(on_four_devices["all on 4"], on_four_devices["all on 1"]) < 1e-12


def test_devices_wait_for_each_other_once_a_step(on_four_devices):
    assert on_four_devices["sums"] == 1


def test_auto_counts_the_devices(on_four_devices):
    assert on_four_devices["engine"].startswith("numpy: 5 steps of ")


# --------------------------------------------------------------------------------------------- two processes, two each


def two(rank: str, port: str, path: str) -> None:
    """Three trainings in one of two processes: of different models; a whole one; one in which process 1 is killed."""
    settings = {"heartbeat_timeout_seconds": 10} if jax.__version_info__ >= (0, 7) else {}
    jax.distributed.initialize(f"localhost:{port}", 2, int(rank), **settings)
    try:
        trained("jax", model=nn.MLP(2, [int(rank) + 1, 1], "tanh", seed=int(rank)))
    except (TrainingError, ValueError) as error:
        tell("different", str(error))
    tell("whole", as_lists(trained("jax", epochs=20)))

    def look(model: nn.Module, history: nn.History) -> None:
        if len(history.loss) == 3:
            if rank == "1":
                os.kill(os.getpid(), signal.SIGKILL)
        elif rank == "0":
            nn.save(model, path)

    model, began = a_model(), time.monotonic()
    try:
        trained("jax", model=model, callbacks=[look], epochs=100)
    except TrainingError as error:
        tell("left alone", [str(error), time.monotonic() - began, len(error.history.loss)])
        tell("model", [p.data for p in model.parameters()])


@pytest.mark.slow
def test_two_processes_train_as_one_and_where_one_is_killed_the_other_ends_with_a_sentence(tmp_path):
    port = free_port()
    processes = [started(2, "two", rank, port, tmp_path / "model.json") for rank in range(2)]
    (output, errors), (output_1, _) = [process.communicate(timeout=240) for process in processes]
    first, other = told(output), told(output_1)
    assert "left alone" in first, errors
    assert first["different"] == other["different"]
    assert "process 1 has parameters, rates or an order of examples other than those of process 0" in first["different"]
    expected = as_lists(trained("numpy", epochs=20))
    assert difference(first["whole"], expected) < 1e-12
    assert difference(other["whole"], expected) < 1e-12
    sentence, seconds, epochs = first["left alone"]
    assert "one of the 2 processes that train together can't be reached any more" in sentence
    assert "start them all again, from the last checkpoint" in sentence
    assert seconds < 60
    assert epochs == 3
    assert np.allclose(first["model"], [p.data for p in trained("numpy", epochs=3)[0].parameters()], rtol=1e-12)
    loaded = a_model()
    nn.load(loaded, tmp_path / "model.json")
    assert loaded.state_dict() == pytest.approx(trained("numpy", epochs=2)[0].state_dict(), rel=1e-12)


@pytest.mark.slow
def test_the_page_runs_as_pasted(tmp_path):
    pytest.importorskip("sklearn")
    readme = (ROOT / "nn/README.md").read_text(encoding="utf-8")
    (program,) = [text for text in re.findall(r"```python\n(.*?)```", readme, re.DOTALL) if "jax.distributed" in text]
    (tmp_path / "train.py").write_text(program.replace("epochs=20", "epochs=1"), encoding="utf-8")
    port = free_port()
    processes = [started(2, f"localhost:{port}", 2, n, program=["train.py"], folder=tmp_path) for n in range(2)]
    (output, errors), (quiet, _) = [process.communicate(timeout=240) for process in processes]
    assert [process.returncode for process in processes] == [0, 0], errors
    assert re.search(r"History\(1 epoch.*\), jax on 4 cpus, right for \d\d\.\d %", output)
    assert "History" not in quiet
    model = nn.MLP(64, [32, 10], seed=1)
    optimizer = nn.Adam(model.parameters(), lr=1.0)
    nn.load(model, tmp_path / "model.json", optimizer=optimizer, seed=random.Random(1))
    assert (optimizer.steps, optimizer.lr) == (12, 0.003)


if __name__ == "__main__":
    globals()[sys.argv[1]](*sys.argv[2:])
