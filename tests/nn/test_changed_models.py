"""Models that were changed by hand, or have parts of one's own: they compute what they should, or refuse to."""

from __future__ import annotations

import math
from typing import Any

import pytest

import autograd
import nn
from autograd import Value, checkpoint


def without(place: str) -> nn.MLP:
    model = nn.MLP(2, [8, 4, 1], "tanh", seed=0)
    exec(f"del model.{place}")
    return model


@pytest.mark.parametrize(
    ("model", "message"),
    [
        (lambda: without("layers[1]"), r"Neuron\(4, activation='linear'\) has 4 weights, for 8 inputs"),
        (lambda: without("layers[0].neurons[0]"), r"Neuron\(8, activation='tanh'\) has 8 weights, for 7 inputs"),
    ],
)
def test_a_part_that_was_taken_out_of_a_model_is_missed(model, message):
    with pytest.raises(ValueError, match=message):
        model()([1.0, 2.0])
    for compile in (False, True):
        changed = model()
        with pytest.raises(ValueError, match=message):
            nn.fit(
                changed, nn.mse_loss, [[1.0, 2.0]], [1.0], optimizer=nn.SGD(changed.parameters(), 0.1), epochs=1,
                progress=False, compile=compile,
            )  # fmt: skip


def test_a_weight_that_was_taken_out_of_a_neuron_is_missed():
    neuron = nn.Neuron(3, "linear", seed=0)
    neuron.w = neuron.w[:2]
    with pytest.raises(ValueError, match=r"Neuron\(3, activation='linear'\) has 2 weights, for 3 inputs"):
        neuron([1.0, 2.0, 99.0])


class Double(nn.Layer):
    def __call__(self, x: Any) -> Any:
        return [2 * y for y in super().__call__(x)]


class Shifted(nn.Neuron):
    def __call__(self, x: Any) -> Any:
        return super().__call__(x) + 1.0


def test_layers_and_neurons_of_ones_own_are_called():
    model = nn.MLP(1, [3, 1], "tanh", seed=0)
    own = Double(1, 3, "tanh")
    own.load_state_dict(model.layers[0].state_dict())
    model.layers[0] = own
    assert model(0.5).data == model.layers[1](own(0.5)).data
    neuron = Shifted(3, "linear")
    neuron.load_state_dict(model.layers[1].neurons[0].state_dict())
    before = model(0.5).data
    model.layers[1].neurons[0] = neuron
    assert model(0.5).data == before + 1.0


def test_any_module_may_stand_among_the_layers_of_a_network():
    model = nn.MLP(2, [3, 1], "tanh", seed=0)
    expected = model.layers[1](nn.LayerNorm(3)(model.layers[0]([0.1, 0.2]))).data
    model.layers.insert(1, nn.LayerNorm(3))
    assert model([0.1, 0.2]).data == expected


# ------------------------------------------------------------------------------------------------- batches of one's own


class Centred(nn.Module):
    def __init__(self) -> None:
        self.w = nn.Parameter(1.0)

    def __call__(self, x: Any) -> Any:
        return self.w * x

    def batch(self, examples: Any) -> list[Any]:
        mean = sum(examples) / len(examples)
        return [self.w * (x - mean) for x in examples]


class Short(Centred):
    def batch(self, examples: Any) -> list[Any]:
        return super().batch(examples)[:2]


def trained(model: nn.Module, **more: Any) -> nn.History:
    return nn.fit(
        model, nn.mse_loss, [1.0, 2.0, 3.0], [-1.0, 0.0, 1.0], optimizer=nn.SGD(model.parameters(), 0.1), epochs=1,
        progress=False, **more,
    )  # fmt: skip


@pytest.mark.parametrize("around", [lambda m: m, nn.Residual, nn.Sequential])
def test_a_batch_of_ones_own_is_trained_eagerly_and_refused_compiled(around):
    model = around(Centred())
    with pytest.raises(TypeError, match=r"Centred\(\) has a batch\(\) of its own: leave compile out"):
        trained(model, compile=True)
    trained(Centred())


def test_a_batch_that_returns_too_few_outputs_is_refused():
    with pytest.raises(ValueError, match=r"batch\(\) of Short\(\) returned 2 outputs for 3 inputs"):
        nn.evaluate(Short(), nn.mse_loss, [1.0, 2.0, 3.0], [1.0, 2.0, 3.0])
    with pytest.raises(ValueError, match="returned 2 outputs for 3 inputs"):
        trained(Short())


# ------------------------------------------------------------------------------------------------------------ histories


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


# ------------------------------------------------------------------------------------------------- masks in checkpoints


@pytest.mark.parametrize("seed", range(5))
def test_a_checkpoint_computes_again_with_the_masks_that_it_had(seed):
    """Where the outputs are 0 with any mask, too, so that they would not tell."""

    def gradients(saved: Any) -> tuple[list[float], Any]:
        drop = nn.Dropout(0.5, seed=seed)
        layer = nn.Layer(4, 4, "tanh", seed=1)
        xs = [Value(x) for x in (0.0, 0.0, 0.3, -0.2)]
        block = saved(lambda xs: drop(layer(drop(xs))))
        (autograd.sum(block(block(xs))) ** 2 + autograd.dot([1.0] * 4, saved(drop)(xs))).backward()
        return [v.grad for v in (*xs, *layer.parameters())], [y.data for y in drop([Value(1.0)] * 4)]

    plain, after = gradients(lambda f: f)
    for saved in (checkpoint, lambda f: checkpoint(checkpoint(f)), lambda f: checkpoint(lambda x: checkpoint(f)(x))):
        found, left = gradients(saved)
        assert found == pytest.approx(plain, rel=1e-12, abs=1e-15)
        assert left == after  # the generator is where it would be


def test_a_checkpoint_with_dropout_is_trained_by_fit():
    class Saved(nn.Module):
        def __init__(self) -> None:
            self.inner = nn.Sequential(
                nn.Layer(1, 8, "tanh", seed=0), nn.Dropout(0.5, seed=1), nn.Layer(8, 1, "linear", seed=2)
            )

        def __call__(self, x: Any) -> Any:
            return checkpoint(self.inner)(x)

    saved, plain = Saved(), Saved().inner
    losses = [trained(model, seed=0).loss for model in (saved, plain)]
    assert losses[0] == pytest.approx(losses[1], rel=1e-12)
    assert [p.data for p in saved.parameters()] == pytest.approx([p.data for p in plain.parameters()], rel=1e-12)
