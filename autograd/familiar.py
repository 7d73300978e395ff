"""Names that micrograd, PyTorch, JAX and NumPy have and this package has not: the error says what to write here.

Each name is an attribute of the class that raises AttributeError, so that `hasattr` says no. A `__getattr__` in their
place would make every attribute of a Value slower: in Python 3.11 reading one takes 52 ns then, not 30.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any, TypeVar

F = TypeVar("F", bound=Callable[..., Any])
_WORDS = re.compile(r"\w+").findall


class Elsewhere:
    """An attribute that says where to find what it stands for; one of an object's own by that name goes before it."""

    def __init__(self, name: str, mend: str) -> None:
        self.name, self.mend = name, mend.replace("{name}", name)
        self.__doc__ = f"Not here: {self.mend}."  # for help()

    def __get__(self, instance: Any, owner: type) -> Any:
        for base in owner.__mro__:  # an operation of the reader's own may have the name by now
            own = vars(base).get(self.name)
            if own is not None and not isinstance(own, Elsewhere):
                return own.__get__(instance, owner)
        raise AttributeError(f"{owner.__name__} has no {self.name}: {self.mend}")


class Fixed(Elsewhere):
    """One that can't be set either, since nobody would look at it."""

    def __set__(self, instance: Any, x: Any) -> None:
        self.__get__(instance, type(instance))


class Familiar:
    """What has the familiar names of a table; completion offers neither them nor what is private."""

    __slots__ = ()

    def __dir__(self) -> Iterable[str]:
        return offered(self)


def answers(cls: type, table: dict[str, str]) -> None:
    """Let the constructor of a class say what to write for an option of a table, or for nearly one of its own.

    Of the table it takes what says to write an option that it has, and what doesn't say what to write.
    """
    own = vars(cls).get("__init__")
    if own is not None:
        names = {*own.__code__.co_varnames}
        fits = {n: x for n, x in by_name(table).items() if x[:6] != "write " or not names.isdisjoint(_WORDS(x))}
        cls.__init__ = takes_no(**fits)(own)  # type: ignore[misc]


def offered(x: Any) -> list[str]:
    """The names that completion offers for an object: those that are here, and not private."""
    own, cls = getattr(x, "__dict__", ()), type(x)
    names = [name for name in object.__dir__(x) if name.startswith("__") or not name.startswith("_")]
    return [name for name in names if name in own or not isinstance(_found(cls, name), Elsewhere)]


def _found(cls: type, name: str) -> Any:
    return next((vars(base)[name] for base in cls.__mro__ if name in vars(base)), None)


def elsewhere(cls: type, table: dict[str, str], kind: type[Elsewhere] = Elsewhere) -> None:
    """Give a class the names of a table, as far as it has none of its own by them."""
    for name, mend in by_name(table).items():
        if _found(cls, name) is None:
            setattr(cls, name, kind(name, mend))


def by_name(table: dict[str, str]) -> dict[str, str]:
    """A table by single names, whose keys are several names with spaces between.

    >>> by_name({"item numpy": "write v.data"})
    {'item': 'write v.data', 'numpy': 'write v.data'}
    """
    return {name: mend for names, mend in table.items() for name in names.split()}


def nearest(name: str, names: Iterable[str]) -> str:
    """The name that somebody may have meant, "" for none; whether it has capitals or _ makes no difference.

    >>> nearest("MPL", ["GPT", "MLP", "SGD"]), nearest("batchsize", ["epochs", "batch_size"]), nearest("x", ["y"])
    ('MLP', 'batch_size', '')
    """
    from difflib import get_close_matches  # only now: most programs have no use for it

    ours = {ours.lower().replace("_", ""): ours for ours in names if not ours.startswith("_")}
    given = name.lower().replace("_", "")
    swapped = [x for x in ours if sorted(x) == sorted(given)]
    return "".join(ours[x] for x in (swapped or get_close_matches(given, ours, n=1, cutoff=0.7))[:1])


def missing(module: str, name: str, table: dict[str, str]) -> AttributeError | ImportError:
    """The error for a name that a module has not, with what a table says of it, or the nearest name that it has.

    It is called by the `__getattr__` of the module. Of an AttributeError `from module import name` would say nothing:
    that gets an ImportError.
    """
    from opcode import opmap

    mend = by_name(table).get(name, "").replace("{name}", name)
    near = "" if mend or name.startswith("_") else nearest(name, vars(sys.modules[module])["__all__"])
    told = f": {mend}" if mend else f": did you mean {near!r}?" if near else ""
    caller = sys._getframe(2)
    if caller.f_code.co_code[caller.f_lasti] == opmap["IMPORT_FROM"]:
        return ImportError(f"cannot import name {name!r} from {module!r}{told}", name=module)
    text = f"module {module!r} has no attribute {name!r}{told}"
    # without an object: Python would look for the nearest name itself, and prefer AdamW to Adam for Adma
    return AttributeError(text, name=name, obj=None) if told else AttributeError(text)


def answering(module: str, table: dict[str, str]) -> Callable[[str], Any]:
    """The `__getattr__` of a module that has no other names: it raises the error of `missing`."""

    def __getattr__(name: str) -> Any:
        raise missing(module, name, table)

    return __getattr__


def takes_no(**mends: str) -> Callable[[F], F]:
    """A decorator: for an option by one of these names the function says what to write; for others, the nearest name.

    >>> @takes_no(retain_graph="a graph is always kept")
    ... def backward():
    ...     pass
    >>> backward(retain_graph=True)
    Traceback (most recent call last):
    TypeError: backward takes no retain_graph: a graph is always kept
    """

    def decorated(f: F) -> F:
        code = getattr(f, "__code__", None)  # of what is compiled there is none
        names = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount] if code else ()
        closed = code is not None and not code.co_flags & 0x08  # which stands for **options

        @wraps(f)
        def checked(*args: Any, **options: Any) -> Any:
            for name in options:
                near = ""
                if name not in names and (name in mends or (closed and (near := nearest(name, names)))):
                    taker = type(args[0]).__name__ if f.__name__ == "__init__" else f.__name__
                    raise TypeError(f"{taker} takes no {name}: {mends.get(name) or f'did you mean {near}?'}")
            return f(*args, **options)

        return checked  # type: ignore[return-value]

    return decorated


VALUE = {
    "item numpy tolist value _value val": "its number is v.data",
    "gradient adjoint": "its gradient is v.grad",
    "name": "its name is v.label",
    "prev children _children inputs": "its operands are v.parents",
    "_local_grads local_grads": "autograd.draw(v, local_derivatives=True) shows them",
    "is_leaf": "a leaf is a Value whose v.op is ''",
    "retain_grad retains_grad": "each Value keeps its gradient, v.grad",
    "zero_grad": "write v.grad = 0.0; a Module and an optimizer have a zero_grad()",
    "clone copy": "v.detach() is a leaf with its number, autograd.identity(v) a node of its graph",
    "cpu cuda to device dtype double half type": "a Value is a Python float; autograd.compile and nn.fit take a dtype",
    "shape size ndim T reshape view squeeze unsqueeze flatten": "a Value is one number, and a list of them a vector",
    "sum mean softmax logsumexp": "it takes a list, autograd.{name}([v, w])",
    "max min": "write {name}(values), or autograd.{name}imum(v, w)",
    "swish": "write v.silu()",
    "add sub mul div pow matmul dot": "write v + w, v - w, v * w, v / w, v ** w, autograd.dot(vs, ws)",
    "register_hook": "nothing is called on the way back; read v.grad after backward()",
    "block_until_ready realize": "it is computed already, v.data",
}
"""What people ask a number of a graph for, and where it is here."""

OPTIONS = {
    "retain_graph": "a graph is kept as long as you have its end, and backward() may be called again",
    "create_graph": "write autograd.gradient(v, [x], create_graph=True), or autograd.grad(autograd.grad(f))",
    "gradient": "its own gradient is the seed, v.backward(seed)",
    "inputs": "write autograd.gradient(v, inputs)",
}
"""Options of backward()."""

FIXED = {
    "_prev": "its operands are v.parents; autograd.draw(v) draws them all",
    "_op": "its operation is v.op",
    "_backward grad_fn": "its rule is in autograd.ops, by v.op; autograd.steps(v) goes back one node at a time",
    "requires_grad requires_grad_": (
        "each Value receives a gradient; v.detach() and autograd.no_grad() stop it, and an optimizer moves only what it"
        " is given"
    ),
}
"""The same, for what people set, too."""

DRAWING = {"render view": "write picture.save('graph.svg')", "pipe": "it is picture.svg()"}
"""The same of a drawing."""

PACKAGE = {
    "tensor Tensor Variable array": "a number of a graph is a Value",
    "jit function": "it is autograd.compile",
    "vmap": "autograd.compile(fn).map(rows) calls fn for each row",
    "jacfwd jacrev": "it is autograd.jacobian",
    "custom_jvp custom_vjp Function defvjp": "it is autograd.custom_derivative, or for an operation autograd.primitive",
    "draw_dot trace": "it is autograd.draw(v)",
    "elementwise_grad": "write [grad(fn)(x) for x in xs]",
    "stop_gradient": "write v.detach()",
    "backward": "write v.backward()",
    "engine": "a number of a graph is autograd.Value",
    "derivative diff differentiate": "it is autograd.grad(fn)",
    "ln": "it is autograd.log",
    "visualize plot draw_graph": "it is autograd.draw(v)",
    "numerical_gradient check_grads check_gradient": "it is autograd.gradcheck",
    "zeros ones rand randn": "a Value is one number: write a list, [autograd.Value(0.0) for _ in range(n)]",
    "swish": "it is autograd.silu",
    "logistic": "it is autograd.sigmoid",
    "set_grad_enabled enable_grad": "there is autograd.no_grad()",
    "nn optim functional": "networks, losses and optimizers are in the package nn: import nn",
    "max min": "write {name}(values), or autograd.{name}imum(v, w)",
}
"""The same of the package."""

OF_NUMPY = {
    "absolute": "abs", "fabs": "abs", "arccos": "acos", "arccosh": "acosh", "arcsin": "asin", "arcsinh": "asinh",
    "arctan": "atan", "arctan2": "atan2", "arctanh": "atanh", "divide": "div", "true_divide": "div", "fmax": "maximum",
    "float_power": "pow", "fmin": "minimum", "multiply": "mul", "negative": "neg", "positive": "identity",
    "power": "pow", "subtract": "sub",
}  # fmt: skip
"""Functions that have another name in NumPy."""

PACKAGE |= {name: f"it is autograd.{ours}" for name, ours in OF_NUMPY.items()}
