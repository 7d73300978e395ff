"""What first weights are drawn for: layers, models and matrices; seeds, and refusals that change nothing."""

from __future__ import annotations

import math
import random

import pytest

from autograd import Value
from nn import MLP, Layer, Module, Neuron, Parameter, init
from tests.nn.init.drawn import DRAWN, every_drawing, matrix, numbers, weights

ALL = DRAWN | {
    "zeros": lambda target, seed: init.zeros(target),
    "constant": lambda target, seed: init.constant(target, 0.25),
}

every_function = pytest.mark.parametrize("function", ALL.values(), ids=ALL)


class Largest(random.Random):
    """A generator whose draws are the standard deviation, or the upper bound."""

    def normalvariate(self, mu=0.0, sigma=1.0):
        return mu + sigma

    def uniform(self, a, b):
        return b


@every_function
def test_a_target_comes_back_with_its_biases_at_zero(function):
    for target in (MLP(3, [4, 2], seed=1), Layer(3, 4, seed=1)):
        before = target.state_dict()
        assert function(target, 0) is target
        after = target.state_dict()
        assert all(after[name] == 0.0 for name in after if name.endswith(".b"))
        assert all(after[name] != before[name] for name in after)


@every_function
def test_a_seed_repeats_the_weights_and_the_global_generator_is_left_alone(function):
    state = random.getstate()
    first, again = (function(MLP(3, [4, 2]), 7).state_dict() for _ in range(2))
    assert first == again == function(MLP(3, [4, 2]), random.Random(7)).state_dict()
    assert random.getstate() == state


@every_drawing
def test_other_seeds_give_other_weights(function):
    drawn = [numbers(function(matrix(2, 2), seed)).tolist() for seed in (1, 2, None, None)]
    assert all(a != b for i, a in enumerate(drawn) for b in drawn[:i])


@every_function
def test_a_layer_a_model_of_it_and_its_matrix_have_the_same_weights(function):
    class Model(Module):
        def __init__(self):
            self.head, self.scale = {"parts": [Layer(3, 4)]}, Parameter(1.5)

    layer, model, rows = function(Layer(3, 4), 0), function(Model(), 0), function(matrix(4, 3), 0)
    same = weights(layer).tolist()
    assert same == weights(model.head["parts"][0]).tolist()
    assert same == numbers(rows).tolist()
    assert model.scale.data == 1.5


def test_a_recurrent_cell_has_its_two_matrices_drawn_and_its_biases_set_to_zero():
    class Cell(Module):
        def __init__(self):
            self.weight_ih, self.weight_hh = matrix(2, 9), matrix(2, 4)
            self.bias_ih, self.bias_hh = matrix(2, 2)
            self.nonlinearity = "relu"

    cell = Cell()
    for p in cell.parameters():
        p.data = 9.0
    assert init.kaiming_normal(cell, seed=Largest()) is cell
    assert (numbers(cell.weight_ih) == math.sqrt(2) / 3).all()
    assert (numbers(cell.weight_hh) == math.sqrt(2) / 2).all()
    assert (numbers([cell.bias_ih, cell.bias_hh]) == 0.0).all()


@every_function
def test_what_is_no_target_is_refused(function):
    for target, problem in (
        (3, r"must be a Layer, a Module, or a list of rows of Parameters, got 3"),
        ("rows", r"must be a Layer"),
        ([Parameter(1.0)], r"target\[0\] must be a row, .* for a single row pass \[row\]"),
        ([[Parameter(1.0)], [2.0]], r"target\[1\]\[0\] must be a Parameter, got 2.0"),
        ([[Value(1.0) * 2]], r"target\[0\]\[0\] must be a Parameter"),
    ):
        with pytest.raises(TypeError, match=problem):
            function(target, 0)
    for target, problem in (
        ([], "at least one Parameter"),
        ([[], []], "at least one Parameter"),
        ([[Parameter(1.0)], [Parameter(1.0), Parameter(1.0)]], "equally long, got 1 and 2"),
        (Module(), r"there is no Layer, Linear or recurrent cell in Module\(\)"),
        (Neuron(2), r"there is no Layer, .* in Neuron\(2.*pass the rows"),
    ):
        with pytest.raises(ValueError, match=problem):
            function(target, 0)


@pytest.mark.parametrize(
    ("function", "error", "problem"),
    [
        (lambda t: init.lecun_normal(t, seed="0"), TypeError, "seed must be"),
        (lambda t: init.xavier_normal(t, 0.0), ValueError, r"gain must be positive, got 0\.0"),
        (lambda t: init.xavier_uniform(t, -1), ValueError, r"gain must be positive, got -1\.0"),
        (lambda t: init.xavier_uniform(t, math.inf), ValueError, "gain must be a finite number, got inf"),
        (lambda t: init.xavier_normal(t, "tanh"), TypeError, "gain must be a real number, got 'tanh'"),
        (lambda t: init.kaiming_normal(t, "fan"), ValueError, "mode must be 'fan_in' or 'fan_out', got 'fan'"),
        (lambda t: init.kaiming_uniform(t, nonlinearity="swish"), ValueError, "no gain is known for 'swish'"),
        (lambda t: init.kaiming_normal(t), ValueError, "no gain is known for 'gelu': .*'relu'"),
        (lambda t: init.constant(t, math.nan), ValueError, "value must be a finite number, got nan"),
        (lambda t: init.constant(t, Value(1.0)), TypeError, "value must be a plain number"),
    ],
)
def test_bad_arguments_are_refused_before_anything_has_changed(function, error, problem):
    class Model(Module):
        def __init__(self):
            self.layers = [Layer(2, 2, "relu"), Layer(2, 2, "gelu")]

    model = Model()
    before = model.state_dict()
    with pytest.raises(error, match=problem):
        function(model)
    assert model.state_dict() == before
