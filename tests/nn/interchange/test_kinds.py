"""Both directions: sharing is refused where it would be lost, and PyTorch is not needed before."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest

from nn.interchange import from_torch, to_torch
from nn.layers.containers import Sequential
from nn.layers.neuron import Layer
from nn.layers.normalization import BatchNorm

torch = pytest.importorskip("torch")
NN = torch.nn


def shared() -> Any:
    layer = NN.Linear(2, 2)
    return NN.Sequential(layer, NN.Tanh(), layer)


layer = Layer(2, 2, "linear")


def test_sharing_is_refused_where_it_would_be_lost_and_only_there():
    with pytest.raises(
        ValueError, match=r"uses a parameter or buffer in more than one place \(6 numbers, 12 in the copy\)"
    ):
        from_torch(shared())
    tanh = NN.Tanh()
    assert repr(from_torch(NN.Sequential(NN.Linear(2, 2), tanh, NN.Linear(2, 2), tanh, NN.Linear(2, 1)))).startswith(
        "MLP"
    )


@pytest.mark.parametrize("affine", [True, False])
@pytest.mark.parametrize("features", [1, 3])
def test_a_batch_norm_in_two_places_is_refused_even_if_it_has_no_parameters(features, affine):
    n = features * (4 if affine else 2) + 1  # scales and shifts, running means and variances, and a count of batches
    match = rf"uses a parameter or buffer in more than one place \({n} numbers, {2 * n} in the copy\)"
    theirs = NN.BatchNorm1d(features, affine=affine)
    with pytest.raises(ValueError, match=match):
        from_torch(NN.Sequential(theirs, NN.Tanh(), theirs))
    ours = BatchNorm(features, affine=affine)
    with pytest.raises(ValueError, match=match):
        to_torch(Sequential(ours, "tanh", Sequential(ours)))


@pytest.mark.parametrize("name", ["from_torch", "to_torch"])
def test_without_pytorch_there_is_a_mend_in_the_error(name):
    code = f"import sys; sys.modules['torch'] = None; from nn.interchange import {name}; {name}(3)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert f"ImportError: nn.{name} needs PyTorch: pip install torch" in run.stderr


def test_the_package_does_not_import_pytorch():
    code = "import sys, nn, nn.interchange; assert 'torch' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)
