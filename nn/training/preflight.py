"""What fit looks at before it starts: that examples, targets, sizes and settings can be what a training needs.

Each check raises an error that names the argument, the value and the mend; none changes anything.
"""

from __future__ import annotations

import inspect
import math
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from numbers import Real
from typing import Any

from autograd import Value
from autograd.basics.extras import installing, needed
from autograd.basics.messages import shown
from autograd.transforms.tree import as_lists

from ..checks import is_loss, is_module, rate, sequence
from ..module import Module
from ..schedules import Schedule
from ..state import untouched

Loss = Callable[[Any, Any], Any]


@dataclass(frozen=True)
class Examples:
    """n inputs and their n targets; the name is how errors call them, such as "validation "."""

    inputs: list[Any]
    targets: list[Any]
    shapes: list[Any]
    """For each input its nested lengths, as something that can be compared."""
    name: str = ""

    def __len__(self) -> int:
        return len(self.inputs)


def examples(inputs: Any, targets: Any, name: str = "") -> Examples:
    """The examples as lists; an error if they are not as many, none at all, or hold a number that is not finite."""
    inputs, targets = sequence(f"{name}inputs", inputs), sequence(f"{name}targets", targets)
    if len(inputs) != len(targets) or not inputs:
        raise ValueError(
            f"fit needs a target for each input, got {len(inputs)} {name}inputs and {len(targets)} {name}targets"
        )
    inputs, shapes = _finite(f"{name}inputs", inputs)
    targets, _ = _finite(f"{name}targets", targets)
    return Examples(inputs, targets, shapes, name)


def held_out(validation: Any) -> Examples:
    """The examples of a pair (inputs, targets); none if there is no such pair."""
    if validation is None:
        return Examples([], [], [])
    if not isinstance(validation, (list, tuple)) or len(validation) != 2:
        raise ValueError(f"validation must be a pair (inputs, targets), got {shown(validation)}")
    inputs, targets = validation
    return examples(inputs, targets, "validation ")


def takes_closure(optimizer: Any) -> bool:
    """Whether its step wants a function that computes the loss, as that of L-BFGS."""
    return _needed(optimizer) == ["closure"]


def _needed(optimizer: Any) -> list[str]:
    """What its step has to be given."""
    return [p.name for p in inspect.signature(optimizer.step).parameters.values() if p.default is p.empty]


def precision_of(compile: bool, dtype: Any, loss_scale: Any) -> None:
    """An error for a precision that a training on Values would ignore."""
    for name, x, plain in (("dtype", dtype, "float64"), ("loss_scale", loss_scale, 1.0)):
        if not compile and x != plain:
            raise ValueError(f"{name}={shown(x)} needs compile=True: without it fit computes in Python's floats")


def engine_of(compile: bool, engine: Any, devices: Any) -> None:
    """An error for an engine that isn't there, or devices that it doesn't use."""
    if engine not in ("numpy", "jax", "auto"):
        raise ValueError(f"engine must be 'numpy', 'jax' or 'auto', got {shown(engine)}")
    if engine != "numpy" and not compile:
        raise ValueError(f"engine={shown(engine)} needs compile=True: without it fit computes on Values")
    if devices is not None and engine == "numpy":
        raise ValueError(f"devices={shown(devices)} needs engine='jax': NumPy computes on the processor")
    if compile:
        needed("numpy", "compile=True")
    if engine == "jax" and not find_spec("jax"):
        raise ImportError(f"engine='jax' needs JAX, which comes with the extra `jax`: {installing('jax')}")


def optimizer_of(model: Module, optimizer: Any, clipped: bool = False) -> None:
    """An error unless it is an optimizer that moves parameters of this model, by gradients or a closure alone."""
    is_module(model)
    if not hasattr(optimizer, "params") or not callable(getattr(optimizer, "step", None)):
        raise TypeError(f"optimizer must be an Optimizer such as SGD(model.parameters(), 0.1), got {shown(optimizer)}")
    needed = _needed(optimizer)
    if needed and not takes_closure(optimizer):
        raise TypeError(
            f"{type(optimizer).__name__} needs more for a step than gradients, which is all that fit has:"
            f" write the loop yourself, and in it optimizer.step({needed[0]})"
        )
    if takes_closure(optimizer) and clipped:
        raise ValueError(
            f"clip_norm and clip_value are not for {type(optimizer).__name__}, which computes its own gradients"
        )
    if not set(model.parameters()) & set(optimizer.params):
        raise ValueError("the optimizer has no parameter of this model: make a new one, with model.parameters()")
    rate("optimizer.lr", optimizer.lr)


def schedule_of(optimizer: Any, schedule: Any) -> None:
    """An error if this is the schedule of another optimizer."""
    if isinstance(schedule, Schedule) and schedule.optimizer is not optimizer:
        raise ValueError("the schedule sets the lr of another optimizer: make a new one, Schedule(optimizer, factor)")


def batches_of(model: Module, n: int, batch_size: int) -> None:
    """An error if some batch has fewer examples than a layer can learn from."""
    name, layer = max(model.named_modules(), key=lambda item: item[1].minimum_batch)
    need, smallest = layer.minimum_batch, n % batch_size or batch_size
    if smallest >= need:
        return
    fits = [b for b in range(need, n + 1) if (n % b or b) >= need]
    mend = f"batch_size={min(fits, key=lambda b: abs(b - batch_size))} would do" if fits else "add examples"
    raise ValueError(
        f"{layer!r}{f' ({name})' if name else ''} learns from batches of {need} examples or more, and {n} inputs with"
        f" batch_size={batch_size} make one of {smallest}: {mend}"
    )


def trial(model: Module, loss: Loss, data: Examples) -> None:
    """Try the model once for each shape of an input, and the loss for each target; nothing is left of it.

    The output for one input stands for those of all inputs of its shape: so each target is tried for the price of its
    loss alone, and targets that are equal are tried once.
    """
    is_loss(loss)
    outputs: dict[Any, Any] = {}
    tried: set[Any] = set()
    with untouched(model):
        for i, (x, target, shape) in enumerate(zip(data.inputs, data.targets, data.shapes)):
            if shape not in outputs:
                outputs[shape] = _tried(lambda: model.batch([x])[0], f"{data.name}inputs[{i}]")  # noqa: B023
            if outputs[shape] is None or (shape, repr(target)) in tried:
                continue
            tried.add((shape, repr(target)))
            try:
                _compute(loss, outputs[shape], target)
            except _ERRORS:  # the fault may be with the pairing: only an example that fails on its own is refused
                _tried(lambda: _compute(loss, model.batch([x])[0], target), f"{data.name}targets[{i}]")  # noqa: B023


def _compute(loss: Loss, output: Any, target: Any) -> None:
    """The loss of one example; an error unless it takes one, and is one number."""
    try:
        y = loss(output, target)
    except (TypeError, AttributeError) as cause:
        *_, (frame, _) = traceback.walk_tb(cause.__traceback__)
        if frame.f_globals.get("__name__", "").startswith(("autograd.", "nn.")):
            raise  # it says what is wrong
        raise TypeError(f"{cause}; fit calls loss(output, target) for one example") from cause
    if not isinstance(y, (Value, Real)):
        raise TypeError(f"loss(output, target) must return one number for one example, got {shown(y)}")


_ERRORS = (ValueError, TypeError, LookupError, ArithmeticError)


def _tried(f: Callable[[], Any], place: str) -> Any:
    """What f returns; its errors name the place. A number out of range is not yet one: parameters will have moved."""
    try:
        return f()
    except ArithmeticError:
        return None
    except (ValueError, LookupError) as cause:
        raise ValueError(f"{place}: {cause}") from cause
    except TypeError as cause:
        raise TypeError(f"{place}: {cause}") from cause


# ---------------------------------------------------------------------------------------------------- looking at data

_PLAIN = {float, int}


def _finite(name: str, items: Sequence[Any]) -> tuple[list[Any], list[Any]]:
    """The items without NumPy's arrays, and their shapes; an error that names the first number that is not finite."""
    kept, shapes = [], []
    for i, item in enumerate(items):
        if _plain(item) and _finite_sum(item):  # nearly always
            kept.append(item)
            shapes.append(len(item))
            continue
        item = as_lists(item)
        bad = _not_finite(item)
        if bad is not None:
            raise ValueError(f"{name}[{i}]{bad}: fit needs finite numbers; leave such an example out, or mend it")
        kept.append(item)
        shapes.append(_shape(item))
    return kept, shapes


def _plain(item: Any) -> bool:
    """Whether this is a list of floats and integers."""
    return isinstance(item, (list, tuple)) and _PLAIN.issuperset(map(type, item))


def _finite_sum(numbers: Sequence[float]) -> bool:
    """Whether the sum is finite: then all numbers are, for what isn't finite doesn't become so by adding."""
    try:
        return math.isfinite(sum(numbers))
    except OverflowError:
        return False


def _not_finite(item: Any) -> str | None:
    """Where in it the first number is that is not finite, and which, as in "[3] is nan"; None if all are."""
    if isinstance(item, (Value, Real)):
        number = item.data if isinstance(item, Value) else item
        try:
            return None if math.isfinite(number) else f" is {number}"
        except OverflowError:
            return " is an integer that is too large for a float"
    held = item.items() if isinstance(item, dict) else enumerate(item) if isinstance(item, (list, tuple)) else ()
    for key, part in held:
        bad = _not_finite(part)
        if bad is not None:
            return f"[{key!r}]{bad}"
    return None


def _shape(item: Any) -> Any:
    """Its nested lengths; of what is no list, what kind of thing it is."""
    if _plain(item):
        return len(item)
    if isinstance(item, (list, tuple)):
        return tuple([_shape(part) for part in item])
    if isinstance(item, dict):
        return tuple([(key, _shape(part)) for key, part in item.items()])
    return "number" if isinstance(item, (Value, Real)) else type(item)
