"""compile: the door to programs, which checks nothing itself; program.py says what a Program does."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
from typing import Any, overload

from ..basics.arguments import Backend, Precision
from ..value import Value
from .program import Program


@overload
def compile(
    fn: Callable[..., Any],
    parameters: Iterable[Value] = (),
    *,
    dtype: Precision = ...,
    loss_scale: float = ...,
    engine: Backend = ...,
) -> Program: ...
@overload
def compile(
    fn: None = None,
    parameters: Iterable[Value] = (),
    *,
    dtype: Precision = ...,
    loss_scale: float = ...,
    engine: Backend = ...,
) -> Callable[[Callable[..., Any]], Program]: ...
def compile(
    fn: Callable[..., Any] | None = None,
    parameters: Iterable[Value] = (),
    *,
    dtype: Precision = "float64",
    loss_scale: float = 1.0,
    engine: Backend = "numpy",
) -> Any:
    """A scalar function of one example, as a program of array operations that runs over whole batches.

    The function is called once for each shape of an example, at the first batch of that shape, to record what it does.
    In that call its arguments are Values, also for isinstance(), whose numbers nobody knows yet; so it must do the same
    for all numbers: an `if` on one, float(), or a loop whose length depends on one is refused. Operations of one kind
    at the same depth become one operation on arrays; layers of neurons, also where their products are written out,
    become matrix products, and powers divided by their sum a softmax, which has a number where they would overflow.
    The function may differentiate, by `grad` and its relatives.

    Whatever the function reads besides its arguments (variables, lists, dicts, sets, arrays, attributes of objects,
    classes and modules) is compared before each run; if something has changed, the function is recorded anew. What
    can't be compared is refused: random numbers (those of `nn`'s layers are drawn anew in each run), the time, files,
    iterators, more than 20,000 numbers in lists or a megabyte in an array, and what the function itself changes and
    then reads. Pass such things as arguments.

    Args:
        fn: a function of one example, each argument a number or (nested) list of numbers; without it, `compile` makes
            a decorator.
        parameters: the leaves to differentiate by.
        dtype: the precision: "float64"; "float32" or "float16", to see what that does; on JAX also "bfloat16".
        loss_scale: what the loss is multiplied by on the way back, and the gradient divided by at its end, so that
            small gradients survive in float16 (Micikevicius et al. 2018).
        engine: what computes the arrays: "numpy", or "jax" for XLA, on all cores or on a GPU, with the extra `jax`.
            XLA compiles anew for each size of a batch, which takes tenths of a second; on a CPU it takes numbers below
            2.3e-308 (float32: 1.2e-38) for 0.

    Returns:
        A Program.

    Raises:
        TypeError: if fn is not a function, a parameter is not a leaf, or loss_scale is not a number.
        ValueError: if a parameter is listed twice, there is no such dtype or engine, or loss_scale is not positive.
        ImportError: if the engine is "jax", and JAX is not installed.

    >>> w = Value(3.0, label="w")
    >>> program = compile(lambda x, y: (w * x - y) ** 2, [w])
    >>> program([1.0, 2.0], [3.0, 4.0]), w.grad
    (2.0, 4.0)
    """
    if fn is None:
        return functools.partial(Program, parameters=parameters, dtype=dtype, loss_scale=loss_scale, engine=engine)
    return Program(fn, parameters, dtype, loss_scale, engine)
