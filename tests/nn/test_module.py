"""Module: what it finds, how it names what it finds, and that a state which doesn't fit changes nothing."""

from __future__ import annotations

import collections
import math
import random
import types
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd import Value, leaky_relu
from nn import MLP, SGD, Buffer, Layer, Module, Neuron, Parameter, fit, mse_loss, save
from nn.module import named_state

finite = st.floats(allow_nan=False, allow_infinity=False)
names = st.sampled_from(["a", "b", "weight", "x1"])


class Box(Module):
    """A module with the given attributes."""

    def __init__(self, **members: Any) -> None:
        for name, member in members.items():
            setattr(self, name, member)


class Members(dict):
    """The attributes of a Box that is yet to be."""


PLACES = [f"{kind.__name__} {i}" for i in range(4) for kind in (Parameter, Buffer)]
INSIDE = st.recursive(  # made once: to make it anew for each example takes longer than the tests
    st.sampled_from(PLACES) | st.sampled_from([1, 2.5, "text", None, 7.0j]),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.lists(inner, max_size=3).map(tuple),
        st.dictionaries(names, inner, max_size=3),
        st.dictionaries(names, inner, max_size=3).map(Members),
    ),
    max_leaves=8,
)


def filled(x: Any, pool: dict[Any, Any]) -> Any:
    """What was drawn, with the objects that are meant."""
    if isinstance(x, Members):
        return Box(**{name: filled(member, pool) for name, member in x.items()})
    if isinstance(x, dict):
        return {name: filled(member, pool) for name, member in x.items()}
    if isinstance(x, (list, tuple)):
        return type(x)(filled(member, pool) for member in x)
    return pool.get(x, x)


def box(members: dict[str, Any]) -> Box:
    """A module whose parameters and buffers, some in several places, are its own."""
    pool: dict[Any, Any] = {f"{kind.__name__} {i}": kind(float(i)) for i in range(4) for kind in (Parameter, Buffer)}
    return filled(Members(members), pool | {7.0j: Value(7.0) + 1.0})


def modules() -> st.SearchStrategy[Box]:
    """Modules in lists in dicts in tuples in modules, with a few parameters and buffers."""
    return st.dictionaries(names, INSIDE, max_size=4).map(box)


def everything_in(x: Any) -> list[Any]:
    """All objects in a tree, by another road than Module's."""
    found, todo = [], [x]
    while todo:
        x = todo.pop()
        found.append(x)
        if isinstance(x, Module):
            x = x.__dict__
        if isinstance(x, dict):
            todo.extend(x.values())
        elif isinstance(x, (list, tuple)):
            todo.extend(x)
    return found


def follow(name: str, module: Module) -> Any:
    """What a Python programmer finds at the place that a name spells out."""
    x: Any = module
    for step in name.split("."):
        x = getattr(x, step) if isinstance(x, Module) else x[step] if isinstance(x, dict) else x[int(step)]
    return x


def bits(state: dict[str, float]) -> dict[str, str]:
    """The numbers to the last bit: with the sign of zero."""
    return {name: x.hex() for name, x in state.items()}


# ----------------------------------------------------------------------------------------------------- parameters


@given(modules())
def test_every_parameter_is_found_once_and_nothing_else_is(module):
    parameters = module.parameters()
    assert len(set(parameters)) == len(parameters)
    assert set(parameters) == {x for x in everything_in(module) if isinstance(x, Parameter)}
    assert all(not isinstance(x, Parameter) or x in set(parameters) for x in everything_in(module))


@given(modules())
def test_a_name_says_where_the_parameter_is(module):
    named = module.named_parameters()
    assert [parameter for _, parameter in named] == module.parameters()
    assert len({name for name, _ in named}) == len(named)
    for name, parameter in named:
        assert follow(name, module) is parameter


@given(modules())
def test_a_parameter_is_labelled_with_its_name_however_many_places_it_has(module):
    assert [(name, p.label) for name, p in module.named_parameters()] == [
        (name, name) for name, _ in module.named_parameters()
    ]


def test_parameters_come_in_the_order_in_which_the_attributes_were_set():
    box = Box(z=Parameter(1.0), a=[Parameter(2.0), Box(y=Parameter(3.0), b=Parameter(4.0))], c=Parameter(5.0))
    assert [p.data for p in box.parameters()] == [1.0, 2.0, 3.0, 4.0, 5.0]
    assert list(box.state_dict()) == ["z", "a.0", "a.1.y", "a.1.b", "c"]


def test_a_parameter_in_two_places_is_one_parameter_under_its_first_name():
    shared = Parameter(0.5)
    box = Box(first=shared, second=Box(inner=[shared]))
    assert box.named_parameters() == [("first", shared)]
    assert box.state_dict() == {"first": 0.5}
    assert shared.label == "first"


def test_a_learned_activation_is_shared_by_all_neurons_and_named_once():
    class PReLU(Module):
        def __init__(self) -> None:
            self.slope = Parameter(0.25)

        def __call__(self, z: Value) -> Value:
            return leaky_relu(z, self.slope)

    model = MLP(2, [3, 1], activation=PReLU(), seed=0)
    learned = [(name, p) for name, p in model.named_parameters() if "slope" in name]
    assert [(name, p.label) for name, p in learned] == [("layers.0.neurons.0.activation.slope",) * 2]
    model([-1.0, -1.0]).backward()
    with_negative = [n for n in model.layers[0].neurons if n([-1.0, -1.0]).data < 0]
    assert with_negative
    assert learned[0][1].grad != 0.0


@pytest.mark.parametrize("weight", [Value(1.0), [Value(1.0)], {"a": (Value(1.0), 2.0)}], ids=repr)
def test_a_weight_that_would_be_neither_learned_nor_saved_is_refused(weight, tmp_path):
    box = Box(w=[Parameter(3.0)])
    with pytest.raises(TypeError, match=r"Box.late.* is Value\(data=1.0, grad=0.0\), which is neither .* nn.Parameter"):
        box.late = weight
    assert vars(box).keys() == {"w"}
    box.w.append(weight)  # where no assignment sees it
    for ask in (box.parameters, box.state_dict, lambda: save(box, tmp_path / "box.json")):
        with pytest.raises(TypeError, match=r"Box.w.1.* is neither learned nor saved"):
            ask()
    assert not list(tmp_path.iterdir())


class Line(Module):
    """One that says what it computes as in PyTorch."""

    def __init__(self) -> None:
        self.slope = Parameter(2.0)

    def forward(self, x: Any, shift: float = 0.0) -> Any:
        return self.slope * x + shift


def test_a_module_with_a_forward_is_called_like_any():
    assert Line()(3.0, shift=1.0).data == 7.0
    assert [y.data for y in Line().batch([1.0, 2.0])] == [2.0, 4.0]
    model = Line()
    fit(model, mse_loss, [1.0], [6.0], optimizer=SGD(model.parameters(), 0.5), epochs=1, progress=False, compile=True)
    assert model.slope.data == 6.0
    with pytest.raises(TypeError, match=r"Module doesn't say what it computes: give it a __call__\(self, x\)"):
        Module()(1.0)


def test_of_forward_and_call_the_nearest_to_the_class_counts_and_call_comes_first():
    class Both(Line):
        def __call__(self, x):
            return -1.0 * self.forward(x)

        def forward(self, x):
            return 10.0 * super().forward(x)

    class Called(Line):
        def __call__(self, x):
            return super().__call__(x) + 1.0

    class Twice(MLP):
        def forward(self, x):
            return 2.0 * super().forward(x)

    class TwiceAgain(Twice):
        def forward(self, x):
            return 2.0 * super().forward(x)

    class CalledTwice(TwiceAgain):
        def __call__(self, x):
            return 2.0 * super().__call__(x)

    assert Both()(3.0).data == -60.0
    assert (Called()(3.0).data, Called().forward(3.0).data) == (7.0, 6.0)
    assert CalledTwice(1, [1], seed=0)(3.0).data == 8.0 * MLP(1, [1], seed=0)(3.0).data
    model, once = TwiceAgain(2, [3, 1], seed=0), MLP(2, [3, 1], seed=0)
    assert model([1.0, 2.0]).data == 4.0 * once([1.0, 2.0]).data
    assert once.forward([1.0, 2.0]).data == once([1.0, 2.0]).data


def test_a_layer_of_ones_own_with_a_forward_is_called_inside_of_a_network():
    class Shifted(Layer):
        def forward(self, x):
            return [y + 1.0 for y in super().forward(x)]

    class Half(Neuron):
        def forward(self, x):
            return 0.5 * super().forward(x)

    model = MLP(1, [2, 1], "linear", seed=0)
    inner = model.layers[0]
    plain = [y.data for y in inner([1.0])]
    model.layers[0] = Shifted(1, 2, "linear", seed=random.Random(0))
    model.layers[0].neurons[1] = half = Half(1, "linear", seed=0)
    expected = [model.layers[0].neurons[0]([1.0]).data + 1.0, 0.5 * Neuron(1, "linear", seed=0)([1.0]).data + 1.0]
    assert half([1.0]).data == expected[1] - 1.0
    assert [y.data for y in model.layers[0]([1.0])] == expected
    assert plain[0] == expected[0] - 1.0
    assert model([1.0]).data == model.layers[1](expected).data


def test_what_is_computed_from_parameters_is_no_parameter():
    p = Parameter(2.0)
    assert type(p * p) is Value
    assert Box(p=p, square=p * p).parameters() == [p]


# -------------------------------------------------------------------------------------------------------- buffers


@given(modules())
def test_every_buffer_is_in_the_state_and_none_is_a_parameter(module):
    inside = {x for x in everything_in(module) if isinstance(x, (Parameter, Buffer))}
    named = named_state(module)
    assert set(named.values()) == inside
    assert list(module.state_dict().items()) == [(name, x.data) for name, x in named.items()]
    assert not any(isinstance(p, Buffer) for p in module.parameters())
    for name, number in named.items():
        assert follow(name, module) is number
        assert number.label == name


@given(modules(), st.lists(finite, min_size=8, max_size=8))
def test_buffers_are_loaded_with_the_parameters(module, numbers):
    state = dict(zip(module.state_dict(), numbers))
    module.load_state_dict(state)
    assert bits(module.state_dict()) == bits(state)


def test_a_buffer_is_not_learned_though_it_takes_part():
    box = Box(w=Parameter(2.0), b=Buffer(3.0))
    (box.w * box.b).backward()
    SGD(box.parameters(), lr=0.5).step()
    assert box.state_dict() == {"w": 0.5, "b": 3.0}


def test_arrays_and_nested_lists_stand_for_the_names_of_their_numbers():
    np = pytest.importorskip("numpy")
    box = Box(
        a=[(Parameter(0.0), Buffer(0.0)), (Parameter(0.0), Buffer(0.0))], b=Box(c=[Buffer(0.0)]), d=Parameter(0.0)
    )
    wanted = {"a.0.0": 1.0, "a.0.1": 2.0, "a.1.0": 3.0, "a.1.1": 4.0, "b.c.0": 5.0, "d": 6.0}
    for state in (
        {"a": [[1.0, 2.0], (3.0, 4.0)], "b.c": [5.0], "d": 6.0},
        {"a": np.array([[1.0, 2.0], [3.0, 4.0]]), "b.c": np.array([5.0]), "d": np.float64(6.0)},
        {"a.0": np.array([1, 2]), "a.1": [3, 4.0], "b.c.0": 5.0, "d": np.array(6.0)},
    ):
        box.load_state_dict(dict.fromkeys(wanted, 0.0))
        box.load_state_dict(state)
        assert box.state_dict() == wanted


@pytest.mark.parametrize(
    ("state", "match"),
    [
        ({"a": [1.0], "d": 0.0}, "missing: a.1"),
        ({"a": [1.0, 2.0, 3.0], "d": 0.0}, "not in this model: a.2"),
        ({"a": [[1.0], [2.0]], "d": 0.0}, r"a\.0=\[1\.0\]"),
        ({"a": [1.0, 2.0], "d": [3.0]}, r"d=\[3\.0\]"),
        ({"a": 1.0, "d": 3.0}, "missing: a.0, a.1; not in this model: a"),
        ({"a": [1.0, math.nan], "d": 3.0}, "not a finite number: a.1=nan"),
    ],
)
def test_arrays_of_another_shape_are_refused_and_change_nothing(state, match):
    box = Box(a=[Parameter(0.5), Buffer(0.5)], d=Parameter(0.5))
    with pytest.raises(ValueError, match=match):
        box.load_state_dict(state)
    assert set(box.state_dict().values()) == {0.5}


# ----------------------------------------------------------------------------------------------- modes and gradients


@given(modules())
def test_train_and_eval_reach_every_module_inside(module):
    inside = [x for x in everything_in(module) if isinstance(x, Module)]
    assert all(x.training for x in inside)
    assert module.eval() is module
    assert not any(x.training for x in inside)
    assert module.train() is module
    assert all(x.training for x in inside)
    module.train(False)
    assert not any(x.training for x in inside)


@given(modules())
def test_changing_the_mode_changes_no_name(module):
    before = [(name, p.label) for name, p in module.named_parameters()]
    module.eval().train()
    assert [(name, p.label) for name, p in module.named_parameters()] == before


@given(modules())
def test_modules_lists_the_module_and_each_one_inside_once(module):
    listed = module.modules()
    assert listed[0] is module
    assert [m for _, m in module.named_modules()] == listed
    assert len({id(x) for x in listed}) == len(listed)
    assert {id(x) for x in listed} == {id(x) for x in everything_in(module) if isinstance(x, Module)}


def test_a_module_in_two_places_is_listed_once():
    inner = Box()
    assert Box(a=inner, b=[inner]).modules()[1:] == [inner]


@given(modules())
def test_the_name_of_a_module_says_where_it_is(module):
    (first, itself), *inside = module.named_modules()
    assert (first, itself) == ("", module)
    for name, part in inside:
        assert follow(name, module) is part


def test_modules_are_named_by_their_place():
    model = MLP(1, [2, 1], seed=0)
    assert [name for name, _ in model.named_modules()] == [
        "",
        "layers.0",
        "layers.0.neurons.0",
        "layers.0.neurons.1",
        "layers.1",
        "layers.1.neurons.0",
    ]


@given(st.lists(st.lists(finite, min_size=2, max_size=2), max_size=4))
def test_a_batch_is_a_call_for_each_example(xs):
    class Counting(Box):
        def __call__(self, x: Any) -> Any:
            self.calls.append(x)
            return x[0]

    counting = Counting(calls=[])
    assert counting.batch(xs) == [x[0] for x in xs]
    assert counting.calls == xs


@given(modules())
def test_zero_grad_clears_every_gradient(module):
    for i, p in enumerate(module.parameters()):
        p.grad = i + 1.0
    module.zero_grad()
    assert all(p.grad == 0.0 for p in module.parameters())


# ------------------------------------------------------------------------------------------------------ state dict


@given(st.lists(finite, min_size=9, max_size=9))
def test_a_state_dict_carries_every_bit_to_another_model(numbers):
    source, target = MLP(2, [2, 1], seed=0), MLP(2, [2, 1], seed=1)
    for p, x in zip(source.parameters(), numbers):
        p.data = x
    target.load_state_dict(source.state_dict())
    assert bits(target.state_dict()) == bits(source.state_dict())
    assert [p.data.hex() for p in target.parameters()] == [x.hex() for x in numbers]


def test_a_state_dict_is_a_copy_in_plain_floats():
    model = MLP(2, [2, 1], seed=0)
    state = model.state_dict()
    assert {type(x) for x in state.values()} == {float}
    before = dict(state)
    for p in model.parameters():
        p.data += 1.0
    assert state == before


def test_loading_leaves_gradients_and_labels_alone():
    model = MLP(2, [2, 1], seed=0)
    model([1.0, 2.0]).backward()
    before = [(p.label, p.grad) for p in model.parameters()]
    model.load_state_dict(dict.fromkeys(model.state_dict(), 1))  # integers are numbers, too
    assert [(p.label, p.grad) for p in model.parameters()] == before
    assert [p.data for p in model.parameters()] == [1.0] * 9


def test_a_graph_from_before_a_load_is_refused_instead_of_differentiated_wrongly():
    model = MLP(2, [2, 1], activation="tanh", seed=0)
    y = model([1.0, 2.0])
    model.load_state_dict(MLP(2, [2, 1], seed=1).state_dict())
    with pytest.raises(RuntimeError, match="assigned to after"):
        y.backward()


NOT_NUMBERS = [math.nan, math.inf, -math.inf, "1.0", None, [1.0], {}, True, 1j, b"1", Value(1.0), 10**400, -(10**400)]


@given(st.data())
def test_a_state_that_does_not_fit_is_refused_by_name_and_changes_nothing(data):
    model = MLP(2, [2, 1], seed=0)
    before = model.state_dict()
    all_names = list(before)
    missing = data.draw(st.lists(st.sampled_from(all_names), unique=True, max_size=5), "missing")
    rest = [name for name in all_names if name not in missing]
    wrong = data.draw(st.dictionaries(st.sampled_from(rest), st.sampled_from(NOT_NUMBERS), max_size=4), "wrong")
    extra = data.draw(st.lists(st.sampled_from(["w", "layers.9", "", "layers"]), unique=True), "extra")
    state: dict[str, Any] = {name: before[name] + 1.0 for name in rest} | wrong | dict.fromkeys(extra, 0.5)
    if not (missing or wrong or extra):
        missing = [all_names[-1]]
        del state[all_names[-1]]
    with pytest.raises(ValueError, match="doesn't fit this MLP") as refusal:
        model.load_state_dict(state)
    assert bits(model.state_dict()) == bits(before)
    for name in [*missing, *wrong, *extra]:
        assert name in str(refusal.value)
    assert ("missing" in str(refusal.value)) == bool(missing)
    assert ("not in this model" in str(refusal.value)) == bool(extra)
    assert ("not a finite number" in str(refusal.value)) == bool(wrong)


def test_a_long_list_of_misfits_is_cut():
    with pytest.raises(ValueError, match=r"layers\.0\.neurons\.0\.w\.4 and 60 more"):
        MLP(64, [1]).load_state_dict({})


@pytest.mark.parametrize("state", [None, 3, [1.0, 2.0], "w.0", [("w.0", 1.0)]])
def test_what_is_no_dict_is_no_state(state):
    neuron = Neuron(1, seed=0)
    before = neuron.state_dict()
    with pytest.raises(TypeError, match=f"dict of numbers by parameter name, got {type(state).__name__}"):
        neuron.load_state_dict(state)
    assert neuron.state_dict() == before


def test_a_module_that_holds_its_parent_is_walked_once():
    child = Module()
    child.w = Parameter(1.0)
    parent = Module()
    parent.child = child
    child.parent = parent
    assert [name for name, _ in parent.named_parameters()] == ["child.w"]
    assert parent.train().modules() == [parent, child]


def test_two_parameters_of_one_name_are_refused():
    module = Module()
    with pytest.raises(ValueError, match=r"two parameters are called parts\.a\.b"):
        module.parts = {"a.b": Parameter(1.0), "a": {"b": Parameter(2.0)}}


def test_a_parameter_that_is_replaced_leaves_the_labels_of_the_others_alone():
    model = MLP(1, [2, 1], seed=0)
    neuron = model.layers[0].neurons[1]
    neuron.b = Parameter(0.0)
    assert neuron.w[0].label == "layers.0.neurons.1.w.0"


@pytest.mark.parametrize(
    "weights",
    [
        np.array([[Parameter(1.0)]], dtype=object), {Parameter(1.0)}, collections.deque([Parameter(1.0)]),
        collections.deque([[Value(1.0)]]), types.MappingProxyType({"a": Parameter(1.0)}),
        collections.UserList([Parameter(1.0)]), {"a": Parameter(1.0)}.values(),
    ],
)  # fmt: skip
def test_weights_where_a_module_does_not_look_for_them_are_refused(weights):
    module = Module()
    with pytest.raises(
        TypeError, match=r"Module\.w is of type .* neither learned nor saved there: keep them in a list"
    ):
        module.w = weights
    assert vars(module) == {}
    for harmless in (np.ones(3), np.array(["a"], dtype=object), {1.0}, collections.deque(), "w", range(3), iter([1.0])):
        module.w = harmless
        assert module.w is harmless
