"""Module: something with parameters. It finds them, names them by their place, and carries them to and from a dict.

What a module computes stands in its `__call__`, or its `forward`; the modules of this package are in nn/layers.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Container, Iterator, Mapping, Sequence, Set, ValuesView
from numbers import Real
from typing import TYPE_CHECKING, Any, TypeVar

from autograd import Value, bulk
from autograd.basics.arguments import listed, unwrapped
from autograd.basics.messages import shown
from autograd.familiar import Familiar, answers, elsewhere, takes_no

from .familiar import LAYER_OPTIONS, MODULE, SET_TO_NONE
from .unheard import unheard

P = TypeVar("P")
M = TypeVar("M", bound="Module")


class Parameter(Value):
    """A Value that is to be learned: what `Module.parameters()` finds and an optimizer moves.

    Args:
        data: its first number.
        label, more, no: a name, and nothing more. Once it is set as an attribute of a module, alone or in a list, it is
            labelled by its place.

    What an optimizer of your own remembers may be kept as attributes, `p.m = 0.0`: copies and pickles have them, too;
    `state_dict()` and files of weights have not.

    >>> Parameter(0.5, label="w")
    Parameter(data=0.5, grad=0.0, label='w')
    """

    __slots__ = ("__dict__",)  # 32 bytes more in Python 3.11, 16 in 3.13
    kind = "parameter"


class Buffer(Value):
    """A Value that belongs to the state of a module, but isn't learned: a running mean, a fixed random weight.

    It is saved and loaded with the parameters; no optimizer finds it.

    Args:
        data, label, more, no: as for `Parameter`.

    >>> Buffer(0.0, label="running_mean.0")
    Buffer(data=0.0, grad=0.0, label='running_mean.0')
    """

    __slots__ = ()
    kind = "buffer"


class Module(Familiar):
    """The base of everything that has parameters: its attributes that are Parameters, Modules, or lists of them.

    What it computes stands in its `__call__` or its `forward`; of both, `__call__` counts. An attribute that is a Value
    of another kind, and was not computed, is refused: it would be neither learned nor saved.

    >>> class Line(Module):
    ...     def __init__(self):
    ...         self.slope, self.offset = Parameter(2.0), Parameter(1.0)
    ...
    ...     def __call__(self, x):
    ...         return self.slope * x + self.offset
    >>> line = Line()
    >>> line(3.0).data, line.parameters()[0].label
    (7.0, 'slope')
    >>> line.forward(3.0) - line(3.0)
    Value(data=0.0, grad=0.0)
    >>> line.load_state_dict({"slope": 3.0, "offset": 0.0})
    >>> [y.data for y in line.batch([1.0, 2.0])], line.state_dict()
    ([3.0, 6.0], {'slope': 3.0, 'offset': 0.0})
    >>> [name for name, _ in line.named_parameters()], line.named_modules(), line.modules()
    (['slope', 'offset'], [('', Line())], [Line()])
    >>> line.zero_grad()
    >>> line.train().training, line.eval().training
    (True, False)
    """

    training: bool = True
    """Whether the module is being trained, for the layers that then behave differently; set by train() and eval()."""

    minimum_batch: int = 1
    """The least number of examples that this module can learn from at a time; a layer that needs more says so."""

    _stand_ins: Mapping[int, type[Value]] = {}
    """In a copy that is called with other numbers, by id what stands in the place of a Parameter or a Buffer."""

    if TYPE_CHECKING:  # what a module takes and returns is its own matter, which a type checker can't know
        __call__: Callable[..., Any]
        forward: Callable[..., Any]
    else:

        def __call__(self, *inputs: Any, **named: Any) -> Any:
            """The module's `forward`, unless it has a `__call__` of its own."""
            return self.forward(*inputs, **named)

        def forward(self, *inputs: Any, **named: Any) -> Any:
            """What the module computes: one of your own says it in `forward`, as in PyTorch, or in `__call__`.

            Args:
                *inputs: what the module is called with.
                **named: what it is called with by name.
            """
            raise TypeError(f"{type(self).__name__} doesn't say what it computes: give it a __call__(self, x)")

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        own = vars(cls)
        if cls.__module__.partition(".")[0] == __package__:
            answers(cls, LAYER_OPTIONS)
            if "__call__" in own:
                cls.__call__ = unheard(own["__call__"])  # type: ignore[method-assign]
        if "forward" in own:
            if "__call__" not in own:  # then it comes before a __call__ that is inherited
                cls.__call__ = Module.__call__  # type: ignore[method-assign]
        elif "__call__" in own and cls.forward in (Module.forward, *[base.__call__ for base in cls.__bases__]):
            cls.forward = own["__call__"]

    def __setattr__(self, name: str, value: Any) -> None:
        if _hides_values(value):
            raise TypeError(
                f"{type(self).__name__}.{name} is of type {type(value).__name__} and has Values in it, which would be"
                " neither learned nor saved there: keep them in a list, tuple or dict"
            )
        before = dict(vars(self))
        super().__setattr__(name, value)
        new = {number for _, number in parts_of(value, Value)}
        if not new:
            return
        try:
            named = named_state(self)
        except (TypeError, ValueError):
            vars(self).clear()
            vars(self).update(before)
            raise
        for place, number in named.items():
            if number in new:
                number.label = place

    def batch(self, examples: Sequence[Any]) -> list[Any]:
        """The outputs for a batch of examples, one by one unless a layer looks at the whole batch (`BatchNorm`).

        Args:
            examples: a list of n inputs, each what the module is called with.

        Returns:
            A list of n outputs.
        """
        return [self(example) for example in listed(examples, "examples", "inputs")]

    def named_parameters(self) -> list[tuple[str, Parameter]]:
        """The parameters with their names, such as `("layers.0.neurons.1.w.0", Parameter(...))`, each once.

        Returns:
            A list of pairs (name, Parameter), in the order in which the attributes were set; a parameter that stands in
            several places has the name of the first.

        Raises:
            ValueError: if two parameters have the same name, which keys of dicts with dots in them can bring about.
        """
        return [(name, number) for name, number in named_state(self).items() if not is_buffer(self, number)]

    def parameters(self) -> list[Parameter]:
        """The parameters, each once, in the order of `named_parameters()`."""
        return [parameter for _, parameter in self.named_parameters()]

    def named_modules(self) -> list[tuple[str, Module]]:
        """This module, which is called "", and all modules in it with their names, such as `("layers.0", Layer(...))`.

        Returns:
            A list of pairs (name, Module), each module once.
        """
        return list(parts_of(self, Module))

    def modules(self) -> list[Module]:
        """This module and all modules in it, each once."""
        return [module for _, module in self.named_modules()]

    def __repr__(self) -> str:
        return f"{type(self).__name__}()"

    @takes_no(set_to_none=SET_TO_NONE)
    def zero_grad(self) -> None:
        """Set the gradient of every parameter to zero."""
        bulk.zero_gradients(self.parameters())

    def train(self: M, mode: bool = True) -> M:
        """Set `training`, here and in all modules inside.

        Args:
            mode: True for training, False for evaluation.

        Returns:
            The module itself.
        """
        for module in self.modules():
            module.training = mode
        return self

    def eval(self: M) -> M:
        """The same as `train(False)`."""
        return self.train(False)

    def state_dict(self) -> dict[str, float]:
        """The numbers of all parameters and buffers by name, as plain floats."""
        return {name: number.data for name, number in named_state(self).items()}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Give every parameter and buffer the number that stands under its name.

        Args:
            state: what `state_dict()` of such a module returned. An array or nested list stands for the names of its
                numbers: `{"weight": [1.0, 2.0]}` for `{"weight.0": 1.0, "weight.1": 2.0}`.

        Raises:
            TypeError: if it is not a dict.
            ValueError: if a name is missing, is not one of this module's, or holds anything but one finite number. Then
                no parameter has changed.
        """
        if not isinstance(state, Mapping):
            raise TypeError(f"state must be a dict of numbers by parameter name, got {type(state).__name__}")
        named = named_state(self)
        state = flat_state(state, named)
        problems = {
            "missing": [name for name in named if name not in state],
            "not in this model": [name for name in state if name not in named],
            "not a finite number": [f"{k}={shown(state[k])}" for k in named if k in state and not _is_finite(state[k])],
        }
        found = [f"{what}: {_first_five(names)}" for what, names in problems.items() if names]
        if found:
            raise ValueError(f"the state doesn't fit this {type(self).__name__}: " + "; ".join(found))
        for name, number in named.items():
            number.data = state[name]


elsewhere(Module, MODULE)


def flat_state(state: Mapping[str, Any], names: Container[str]) -> dict[str, Any]:
    """The state with a name for each number, where it has an array or list instead."""
    flat: dict[str, Any] = {}
    stack = list(state.items())[::-1]
    while stack:
        name, item = stack.pop()
        item = unwrapped(item)
        if isinstance(item, (list, tuple)) and name not in names:
            stack.extend([(f"{name}.{i}", part) for i, part in enumerate(item)][::-1])
        elif name in flat:
            raise ValueError(f"the state names {name} twice: alone, and in a list")
        else:
            flat[name] = item
    return flat


def _is_finite(x: Any) -> bool:
    try:
        return isinstance(x, Real) and not isinstance(x, bool) and math.isfinite(x)
    except OverflowError:
        return False


def _first_five(names: list[str]) -> str:
    return ", ".join(map(str, names[:5])) + (f" and {len(names) - 5} more" if len(names) > 5 else "")


def named_state(module: Module) -> dict[str, Any]:
    """All numbers of a module's state by name: parameters and buffers.

    Raises:
        ValueError: if two have the same name.
        TypeError: if there is a Value that was not computed and is neither: a weight that would not be learned.
    """
    named: dict[str, Any] = {}
    for name, number in parts_of(module, Value):
        if not isinstance(number, (Parameter, Buffer)) and id(number) not in module._stand_ins:
            if number.op or number.unknown:  # a result, or an input of a compiled function, that is only kept here
                continue
            raise TypeError(
                f"{type(module).__name__}.{name} is {shown(number)}, which is neither learned nor saved: make it an"
                " nn.Parameter, an nn.Buffer (only saved) or a plain number; nn.functional_call takes given Values"
            )
        if name in named:
            what = "buffers" if is_buffer(module, number) else "parameters"
            raise ValueError(f"two {what} are called {name}: rename the key with a dot in it")
        named[name] = number
    return named


def _hides_values(value: Any) -> bool:
    """Whether it is a collection of Values that is none of those that a module is searched for: an array, set, deque.

    A look at the first item is enough, and costs nothing where that is read from a file.
    """
    if isinstance(value, (float, int, str, bytes, range, list, tuple, dict, Module, Value)):
        return False
    if str(getattr(value, "dtype", "")) == "object":
        items = getattr(value, "flat", value)
    elif isinstance(value, (Set, Sequence, Mapping, ValuesView)):
        items = value.values() if isinstance(value, Mapping) else value
    else:
        return False
    return any(True for _ in parts_of(next(iter(items), None), Value))


def is_buffer(module: Module, number: Value) -> bool:
    """Whether a number of the module's state is a buffer, or stands in the place of one."""
    return issubclass(module._stand_ins.get(id(number), type(number)), Buffer)


def parts_of(value: Any, kind: type[P]) -> Iterator[tuple[str, P]]:
    """Everything of a kind in a module, list, tuple or dict, at any depth: each once, with its place."""
    seen: set[int] = set()
    stack: list[tuple[str, Any]] = [("", value)]
    looked_at = (kind, Module, dict, list, tuple)  # of what else there is, such as the Values, nobody needs the places
    while stack:
        place, item = stack.pop()
        if id(item) in seen:
            continue
        if isinstance(item, kind):
            seen.add(id(item))
            yield place, item
        if isinstance(item, Module):
            held: Any = vars(item).items()
        elif isinstance(item, dict):
            held = item.items()
        elif isinstance(item, (list, tuple)):
            held = enumerate(item)
        else:
            continue
        seen.add(id(item))
        found = [(f"{place}.{key}" if place else str(key), x) for key, x in held if isinstance(x, looked_at)]
        stack.extend(reversed(found))
