"""Names that people know from micrograd, PyTorch, JAX and NumPy are here, or the error says what to write."""

from __future__ import annotations

import copy
import pickle
import pydoc
import re

import numpy as np
import pytest

import autograd
from autograd import Value, familiar
from autograd.basics.arguments import foreign
from nn import Buffer, Parameter

NAMES = {**familiar.by_name(familiar.VALUE), **familiar.by_name(familiar.FIXED)}


def leaf() -> Value:
    return Value(2.0, label="v")


@pytest.mark.parametrize("cls", [Value, Parameter, Buffer])
@pytest.mark.parametrize("name", NAMES)
def test_a_familiar_name_says_ours_and_is_still_no_attribute(name, cls):
    v = cls(2.0)
    with pytest.raises(AttributeError, match=f"{cls.__name__} has no {name}: "):
        getattr(v, name)
    assert not hasattr(v, name)
    assert getattr(v, name, None) is None
    assert name not in dir(v)


@pytest.mark.parametrize(
    ("ask", "mend"),
    [
        (lambda v: v._prev, "v.parents"), (lambda v: v._op, "v.op"), (lambda v: v._backward(), "autograd.steps(v)"),
        (lambda v: v.item(), "v.data"), (lambda v: v.numpy(), "v.data"), (lambda v: v.zero_grad(), "v.grad = 0.0"),
        (lambda v: v.requires_grad, "v.detach()"), (lambda v: setattr(v, "requires_grad", False), "optimizer"),
        (lambda v: setattr(v, "_backward", print), "autograd.ops"), (lambda v: v.retain_grad(), "v.grad"),
        (lambda v: v.clone(), "autograd.identity(v)"), (lambda v: v.max(v), "autograd.maximum(v, w)"),
        (lambda v: v.mean(), "autograd.mean([v, w])"), (lambda v: v.matmul(v), "autograd.dot"),
        (lambda v: autograd.tensor, "Value"), (lambda v: autograd.jit, "autograd.compile"),
        (lambda v: autograd.max, "autograd.maximum"), (lambda v: autograd.draw_dot, "autograd.draw(v)"),
        (lambda v: autograd.draw(v).render("graph"), "picture.save("),
        (lambda v: v._local_grads, "local_derivatives=True"),
    ],
)  # fmt: skip
def test_what_it_says(ask, mend):
    with pytest.raises(AttributeError, match=re.escape(mend)):
        ask(leaf())


@pytest.mark.parametrize(
    ("call", "mend"),
    [
        (lambda v: v.backward(retain_graph=True), "retain_graph: a graph is kept"),
        (lambda v: v.backward(create_graph=True), "create_graph=True"),
        (lambda v: v.backward(gradient=1.0), "v.backward(seed)"),
        (lambda v: v.backward(inputs=[v]), "autograd.gradient(v, inputs)"),
        (lambda v: v.backward(keep=True), "'keep'"),
        (lambda v: Value(3.0, (v, v), "*"), "made by an operation, as in a * b"),
        (lambda v: Value(3.0, (v, v)), "made by an operation, as in a * b"),
        (lambda v: Value(3.0, "c", "*"), "label must be a string, got ('c', '*')"),
        (lambda v: Value(3.0, requires_grad=True), "Value takes no requires_grad: each Value receives a gradient"),
        (lambda v: Value(3.0, name="c"), "Value takes no name: its name is v.label"),
        (lambda v: Value(3.0, _children=(v, v)), "Value takes no _children: its operands are v.parents"),
        (lambda v: Value(3.0, lable="c"), "Value takes no lable: it takes data and a label"),
        (lambda v: Parameter(3.0, requires_grad=True), "takes no requires_grad"),
        (lambda v: v.relu(0.1), "relu takes one number, got 2: with a slope below 0 it is leaky_relu"),
        (lambda v: autograd.log(v, 10), "log takes one number, got 2: to another base b it is log(x) / log(b)"),
        (lambda v: autograd.exp(1.0, 2.0), "exp takes one number, got 2"),
        (lambda v: "%.4f" % v, "v.data for the number alone"),  # noqa: UP031
    ],
)
def test_familiar_arguments_are_answered_with_what_to_write(call, mend):
    v = leaf()
    with pytest.raises(TypeError, match=re.escape(mend)):
        call(v)
    assert v.grad == 0.0


def test_help_lists_them_with_what_to_write():
    shown = pydoc.plain(pydoc.render_doc(Value, renderer=pydoc.plaintext))
    assert re.search(r"\| {2}item\n \| {6}Not here: its number is v\.data\.", shown)


def test_a_value_is_written_with_a_format():
    assert f"{leaf():.3f}, {leaf():>6.1f}" == "2.000,    2.0"
    assert f"{leaf():.2e}" == "2.00e+00"


def test_a_name_that_nobody_knows_is_python_s_own_error():
    with pytest.raises(AttributeError, match=r"no attribute 'nonsense'$"):
        leaf().nonsense  # noqa: B018
    with pytest.raises(AttributeError, match=r"no attribute 'nonsense'$"):
        autograd.nonsense  # noqa: B018


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("from autograd import hesian", "cannot import name 'hesian' from 'autograd': did you mean 'hessian'?"),
        ("from autograd import grad, tensor", "cannot import name 'tensor' from 'autograd': a number of a graph is a "),
        ("from nn import Adma", "cannot import name 'Adma' from 'nn': did you mean 'Adam'?"),
        ("from autograd import nonsense", "cannot import name 'nonsense' from 'autograd'"),
    ],
)
def test_a_line_that_imports_a_name_is_told_the_same(line, told):
    with pytest.raises(ImportError, match=f"^{re.escape(told)}") as error:
        exec(line)
    assert error.value.name in ("autograd", "nn")


def test_the_nearest_name_is_told_for_an_attribute_of_the_package():
    with pytest.raises(AttributeError, match=r"no attribute 'hesian': did you mean 'hessian'\?$"):
        autograd.hesian  # noqa: B018
    assert not hasattr(autograd, "hesian")


def test_a_subclass_may_have_attributes_by_these_names():
    class Measured(Value):
        __slots__ = ("name",)

        @property
        def shape(self):
            return ()

    class Named(Value):  # with a __dict__
        pass

    m, n = Measured(1.0), Named(1.0)
    m.name, n.name = "length", "width"
    assert (m.name, m.shape, n.name) == ("length", (), "width")
    assert {"name", "shape"} <= set(dir(m))
    assert (m * n).data == 1.0


def test_a_parameter_keeps_what_an_optimizer_of_one_s_own_notes_in_it():
    p = Parameter(1.0, label="w")
    p.m, p.v = 0.5, [1.0]
    assert (p.m, p.v) == (0.5, [1.0])
    for other in (copy.copy(p), copy.deepcopy(p), pickle.loads(pickle.dumps(p))):
        assert (other.data, other.label, other.m, other.v) == (1.0, "w", 0.5, [1.0])
    assert copy.deepcopy(p).v is not p.v
    with pytest.raises(AttributeError, match="no attribute 'm'"):
        leaf().m = 0.0


def test_nothing_of_the_table_hides_what_a_value_has():
    for cls in (Value, Parameter):
        for base in cls.__mro__:
            for name, x in vars(base).items():
                if isinstance(x, familiar.Elsewhere):
                    assert not any(name in vars(other) for other in cls.__mro__ if other is not base)


ARRAY = np.array([1.0, 3.0])


@pytest.mark.parametrize(
    ("operation", "mend"),
    [
        (lambda v: v * ARRAY, "v * x"), (lambda v: ARRAY * v, "x * v"), (lambda v: ARRAY - v, "x - v"),
        (lambda v: v / ARRAY, "v / x"), (lambda v: ARRAY**v, "x ** v"),
        (lambda v: np.arctan2(ARRAY, v), "autograd.atan2(x, v)"),
        (lambda v: np.hypot(v, ARRAY), "autograd.hypot(v, x)"),
    ],
)  # fmt: skip
def test_what_is_said_of_an_array_and_a_value_works(operation, mend):
    v = leaf()
    with pytest.raises(TypeError, match=re.escape(f"use [{mend} for x in array]")):
        operation(v)
    found = eval(f"[{mend} for x in array]", {"autograd": autograd, "array": ARRAY, "v": v})
    assert [y.op != "" for y in found] == [True, True]


UFUNCS = [f for f in vars(np).values() if isinstance(f, np.ufunc) and f.nout == 1 and f.nin in (1, 2)]


@pytest.mark.parametrize("f", UFUNCS, ids=lambda f: f.__name__)
def test_what_is_said_of_a_function_of_numpy_exists_and_is_that_function(f):
    numbers = [1.5 if f.__name__ in ("acosh", "arccosh") else 0.5, 0.25][: f.nin]
    v, w = Value(numbers[0]), Value(numbers[-1])
    try:
        f(*[v, w][: f.nin])
    except TypeError as error:
        found = re.search(r"use (autograd\.\w+\(.*?\)),", str(error))
        if found:
            ours = eval(found[1], {"autograd": autograd, "v": v, "w": w})
            assert ours.data == pytest.approx(f(*numbers))


@pytest.mark.parametrize("take", [Value, autograd.exp, lambda x: autograd.dot([x], [1.0])])
def test_an_array_of_no_dimension_is_asked_for_its_item(take):
    with pytest.raises(TypeError, match=r"pass its \.item\(\)"):
        take(np.array(2.0))


def test_so_is_a_tensor_beside_a_value():
    class Tensor:
        shape = ()

        def item(self):
            return 2.0

        def __repr__(self):
            return "tensor(2.)"

    for operation in (lambda v: v * Tensor(), lambda v: Tensor() + v):
        with pytest.raises(TypeError, match=r"got tensor\(2\.\): pass its \.item\(\)"):
            operation(leaf())
    assert foreign([2.0]) is foreign(np.array(2.0)) is NotImplemented
    assert (leaf() * np.array(3.0)).data == 6.0


@pytest.mark.parametrize("name", familiar.by_name(familiar.PACKAGE))
def test_what_is_said_of_the_package_exists(name):
    with pytest.raises(AttributeError) as error:
        getattr(autograd, name)
    for found in re.findall(r"\bautograd\.(\w+)", str(error.value)):
        assert hasattr(autograd, found)


def test_an_operation_of_one_s_own_goes_before_a_familiar_name():
    from autograd.custom.primitives import remove

    autograd.primitive("swish", lambda a: 2 * a, lambda y, a: 2.0, latex="#1")
    try:
        assert Value(0.0).swish().op == "swish"
    finally:
        remove("swish")
    with pytest.raises(AttributeError, match=r"v\.silu"):
        _ = Value(0.0).swish
