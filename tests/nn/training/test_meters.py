"""What a history reads off the layers: of all that is learned, and whatever the size."""

from __future__ import annotations

import math

import pytest

import nn


def test_what_is_learned_outside_of_the_layers_counts_for_none_of_them_compiled_as_eagerly():
    histories = []
    for compile in (False, True):
        model, scale = nn.Neuron(1, "linear", seed=0), nn.Parameter(1.0)
        history = nn.fit(
            model, lambda y, t, scale=scale: (y - t) ** 2 + 100 * scale, [1.0], [0.0],
            optimizer=nn.SGD([*model.parameters(), scale], lr=0.001), epochs=2, progress=False, compile=compile,
        )  # fmt: skip
        histories.append((history.gradient_norm["Neuron"], history.update_ratio["Neuron"]))
    assert histories[0][0] == pytest.approx(histories[1][0], rel=1e-12)
    assert histories[0][1] == pytest.approx(histories[1][1], rel=1e-12)


@pytest.mark.parametrize("scale", [1e-170, 1e-320, 1e160, 1e300])
def test_norms_are_right_where_their_squares_are_not_compiled_as_eagerly(scale):
    norms = []
    for compile in (False, True):
        model = nn.MLP(1, [2, 1], "tanh", seed=0)
        history = nn.fit(
            model, lambda y, t: scale * y, [1.0], [0.0], optimizer=nn.SGD(model.parameters(), lr=1e-300), epochs=1,
            progress=False, compile=compile,
        )  # fmt: skip
        norms.append([history.gradient_norm[f"layers.{i}"][0] for i in range(2)])
    assert norms[0] == pytest.approx(norms[1], rel=1e-12, abs=8 * math.ulp(0.0))
    assert min(norms[0]) > 0
