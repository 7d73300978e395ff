"""Program: a scalar function of one example, compiled for batches of them."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Iterable, Sequence
from threading import Lock
from typing import TYPE_CHECKING, Any, overload

from .. import graph, ops
from ..functions import mean
from ..modes import current, is_grad_enabled
from ..rules import number
from ..structure import as_lists, leaves_of, like, mapped
from ..value import Value
from .arrays import Array
from .emit import Emitter, planned
from .grouping import grouped
from .trace import follow, refuse, traced_input
from .transpose import total, transposed

if TYPE_CHECKING:
    from ..show.drawing import Drawing
    from .equations import Equations

Shapes = tuple[tuple[int, ...], ...]

KEPT = 8
"""For so many sizes of a batch the buffers are kept."""


@overload
def compile(
    fn: Callable[..., Any], parameters: Iterable[Value] = (), *, dtype: str = ..., loss_scale: float = ...
) -> Program: ...
@overload
def compile(
    fn: None = None, parameters: Iterable[Value] = (), *, dtype: str = ..., loss_scale: float = ...
) -> Callable[[Callable[..., Any]], Program]: ...
def compile(
    fn: Callable[..., Any] | None = None,
    parameters: Iterable[Value] = (),
    *,
    dtype: str = "float64",
    loss_scale: float = 1.0,
) -> Any:
    """A scalar function of one example, as a program of array operations that runs over whole batches.

    The function is followed once for each shape of an example, at the first call with it. What it does for numbers it
    must do for all: an `if` on a number, float(), or a loop whose length depends on one are refused then. Nodes that do
    the same at the same depth become one operation of NumPy; layers of neurons become matrix products.

    Args:
        fn: a function of one example, each argument a number or (nested) list of numbers; without it, `compile` makes
            a decorator.
        parameters: the leaves to differentiate for.
        dtype: what it computes with: "float64", or to see what happens "float32" or "float16".
        loss_scale: what the loss is multiplied by on the way back, and the gradient divided by at its end, so that
            small gradients survive in float16 (Micikevicius et al. 2018).

    Returns:
        A Program.

    Raises:
        TypeError: if fn is not a function, a parameter is not a leaf, or loss_scale is not a number.
        ValueError: if a parameter is listed twice, there is no such dtype, or loss_scale is not positive.

    >>> w = Value(3.0, label="w")
    >>> program = compile(lambda x, y: (w * x - y) ** 2, [w])
    >>> program([1.0, 2.0], [3.0, 4.0]), w.grad
    (2.0, 4.0)
    """
    if fn is None:
        return functools.partial(Program, parameters=parameters, dtype=dtype, loss_scale=loss_scale)
    return Program(fn, parameters, dtype, loss_scale)


class Program:
    """What `compile` makes: call it with batches for the mean of the function, and gradients in its parameters.

    Args:
        fn, parameters, dtype, loss_scale: as for `compile`.
    """

    def __init__(
        self,
        fn: Callable[..., Any],
        parameters: Iterable[Value] = (),
        dtype: str = "float64",
        loss_scale: float = 1.0,
    ) -> None:
        if not callable(fn):
            raise TypeError(f"fn must be a function of one example, got {fn!r}")
        self.fn = fn
        if not isinstance(parameters, Iterable):
            raise TypeError(f"parameters must be a list of leaves, such as model.parameters(), got {parameters!r}")
        self.parameters = list(parameters)
        for p in self.parameters:
            if not isinstance(p, Value) or p.op:
                raise TypeError(f"parameters must be leaves to differentiate for, got {p!r}")
        if len(set(self.parameters)) < len(self.parameters):
            twice = next(p for p in self.parameters if self.parameters.count(p) > 1)
            raise ValueError(f"parameters holds {twice!r} more than once")
        if dtype not in ("float64", "float32", "float16"):
            raise ValueError(f"dtype must be 'float64', 'float32' or 'float16', got {dtype!r}")
        self.dtype, self.loss_scale = dtype, number(loss_scale, "loss_scale")
        if not 0 < self.loss_scale < math.inf:
            raise ValueError(f"loss_scale must be a positive number, got {loss_scale!r}")
        self._traced: dict[Shapes, Traced] = {}
        self._last: list[tuple[int, ...]] | None = None  # the shapes of the last batches
        self._lock = Lock()
        functools.update_wrapper(self, fn, updated=())

    def __call__(self, *batches: Any) -> float:
        """The mean of fn over a batch; its gradients are added to the `.grad` of the parameters.

        Inside of `no_grad()` no gradient is computed.

        Args:
            *batches: for each argument of fn a NumPy array or nested lists, the examples first: as many in each.

        Returns:
            A float.

        Raises:
            TypeError: if a batch is no array of numbers, fn returns more than one number, or does what can't be
                compiled (a TraceError, which names the line).
            ValueError: if the batches differ in length or are empty; if the loss or a gradient is not finite: the
                message names the row and the operation. Then no gradient has changed.
        """
        arrays = _arrays(batches)
        with self._lock:
            traced = self._for(arrays)
            if not is_grad_enabled():
                loss, gradient = float(traced.run("value", arrays)), None
            else:
                loss = float(traced.run("step", arrays))
                gradient = traced.gradient.astype(float) / self.loss_scale  # in double: small ones are to survive
            finite = math.isfinite(loss) and (gradient is None or _all_finite(gradient))
            found = None if gradient is None else zip(traced.parameters, gradient.tolist())
            if not finite or traced.undefined:
                exact, slopes = self.row_by_row(batches, loss, finite)
                if not finite:
                    loss, found = exact, None if gradient is None else zip(self.parameters, slopes)
            for p, g in found or ():
                p._grad += g
        return loss

    def map(self, *batches: Any) -> list[Any]:
        """What fn returns for each example of a batch.

        Args:
            *batches: as for a call.

        Returns:
            A list of floats, or of what fn returns with floats in it.

        Raises:
            TypeError, ValueError: as a call; outputs may be infinite or not a number.

        >>> double = compile(lambda x: [2 * x, x])
        >>> double.map([1.0, 5.0])
        [[2.0, 1.0], [10.0, 5.0]]
        """
        arrays = _arrays(batches)
        with self._lock:
            traced = self._for(arrays)
            traced.run("map", arrays)
            return traced.examples(len(arrays[0]))

    def input_gradients(self, *batches: Any, argnums: int = 0) -> Any:
        """The gradient of the mean with respect to a batch of inputs; no `.grad` is touched.

        Args:
            *batches: as for a call.
            argnums: the position of the argument.

        Returns:
            A NumPy array of the shape of that batch.

        Raises:
            TypeError, ValueError: as a call, or if there is no such argument.

        >>> compile(lambda x: x * x).input_gradients([1.0, 3.0]).tolist()
        [1.0, 3.0]
        """
        import numpy as np

        arrays = _arrays(batches)
        if not isinstance(argnums, int) or not 0 <= argnums < len(arrays):
            raise ValueError(
                f"argnums must be the position of an argument, from 0 to {len(arrays) - 1}, got {argnums!r}"
            )
        with self._lock:
            traced = self._for(arrays)
            loss = traced.run(f"inputs {argnums}", arrays)
            gradient = traced.input_gradient(arrays[argnums].shape) / self.loss_scale
            finite = math.isfinite(loss) and _all_finite(gradient)
            if not finite or traced.undefined:
                _, slopes = self.row_by_row(batches, loss, finite, argnums)
                if not finite:
                    gradient = np.reshape(slopes, gradient.shape)
        return gradient

    def traced(self, *batches: Any) -> Traced:
        """The program for examples of the shape of these, for those who run it step by step themselves."""
        return self._for(_arrays(batches))

    def explain(self, *batches: Any) -> Equations:
        """The equations of matrices that the function turned out to be, forward and backward, with their shapes.

        Args:
            *batches: as for a call, for examples of their shapes; without any, as at the last run.

        Returns:
            Equations: `print` them, or leave them to a notebook to show.

        Raises:
            TypeError, ValueError: as a call, or if there are no batches and the program has not run yet.

        >>> w = Value(3.0, label="w")
        >>> print(compile(lambda x, y: (w * x - y) ** 2, [w]).explain([1.0, 2.0], [3.0, 4.0]))
        2 examples at once: 7 calls of NumPy
        given X (1×2), Y (1×2), w (1×1)
        <BLANKLINE>
        forward
          L = mean((w X − Y)²)          (1×1)
        <BLANKLINE>
        backward
          ∇w = 2 ((w X − Y) ⊙ X) 1 / 2  (1×1)
        <BLANKLINE>
        ⊙ multiplies number by number.
        1 is a column of ones, so that ∇b adds up the examples.
        mean is over the examples.
        """
        from .equations import equations

        with self._lock:
            return equations(self, batches)

    def draw(self, *batches: Any) -> Drawing:
        """A picture of these equations: forward above, and backward below, where arrows are dashed.

        Args:
            *batches: as for `explain`.

        Returns:
            A Drawing, as `autograd.draw` makes it.

        Raises:
            TypeError, ValueError: as `explain`, or if there are too many equations for a picture.

        >>> compile(lambda x: x * x).draw([1.0, 2.0])
        <Drawing of 2 nodes and 1 operation>
        """
        from .picture import picture

        return picture(self.explain(*batches))

    def _for(self, arrays: Sequence[Any]) -> Traced:
        """The program for examples of this shape, followed anew where it depends on numbers that have changed."""
        shapes = tuple([a.shape[1:] for a in arrays])
        traced = self._traced.get(shapes)
        if traced is None or not traced.holds():
            traced = self._traced[shapes] = Traced(self, shapes)
        self._last = [a.shape for a in arrays]
        return traced

    def row_by_row(self, batches: Sequence[Any], loss: float, finite: bool, argnums: int | None = None) -> Any:
        """What fn itself says, run for each row, where the arrays met something that isn't defined or finite.

        Returns:
            (the mean, the gradients of the parameters, or those of the argument): where no gradient flows, a local
            derivative need not exist.

        Raises:
            ValueError: it names the row and the operation; or tells that only the lower precision overflowed.
        """
        columns = [as_lists(batch) for batch in batches]
        if argnums is not None:
            columns[argnums] = mapped(columns[argnums], Value)  # so that it is differentiated for these, too
        rows = list(zip(*columns))
        wanted = self.parameters if argnums is None else leaves_of(columns[argnums], "an argument")
        outputs, sums = 0.0, dict.fromkeys(wanted, 0.0)
        for i, row in enumerate(rows):
            before: list[tuple[Value, float]] = []
            try:
                y = mean([self.fn(*row)])
                if isinstance(y, Value):
                    before = [(leaf, leaf._grad) for leaf in graph.walk([y])[1]]
                    y.backward()
                    for leaf, g in before:
                        if leaf in sums:
                            sums[leaf] += leaf._grad - g
                    y = y.data
                elif not math.isfinite(y):
                    raise ValueError(f"the function gives {y}")
            except (ArithmeticError, ValueError, TypeError) as cause:
                raise ValueError(f"row {i}: {cause}") from None
            finally:
                for leaf, g in before:
                    leaf._grad = g
            outputs += y
        if self.dtype != "float64" and not finite:
            what = f"the mean is {loss}" if not math.isfinite(loss) else "a gradient is not finite"
            mend = "; a smaller loss_scale may mend it" if math.isfinite(loss) else ""
            raise ValueError(
                f"{what}, though each row alone is finite in double precision: it overflowed in {self.dtype}{mend}"
            )
        return outputs / len(rows), [g / len(rows) for g in sums.values()]


class Traced:
    """A program for examples of one shape: its operations, and for each size of a batch the function that runs them.

    The parameters lie in one flat vector, `vector`, in the order of `parameters`; `gradient` is like it.
    """

    def __init__(self, program: Program, shapes: Shapes) -> None:
        import numpy as np

        self.dtype = np.dtype(program.dtype)
        self.loss_scale = program.loss_scale
        arguments = [_leaves(shape, f"argument {i}") for i, shape in enumerate(shapes)]
        self.output, trace = follow(program.fn, arguments, program.parameters)
        self._sources = [source for _, source in trace.draws]
        if trace.draws:
            arguments.append([leaf for leaf, _ in trace.draws])
        self.operations = grouped(self.output, trace.nodes, arguments, program.parameters)
        self._guards, self._conditions = trace.guards, trace.conditions
        self.parameters = self.operations.parameters
        self.vector, self.gradient, self._captured = [
            np.zeros(n, self.dtype) for n in (len(self.parameters), len(self.parameters), len(self.operations.captured))
        ]
        self._makers: dict[str, Callable[..., Any]] = {}
        self._plans: dict[tuple[str, int], Any] = {}
        self._results: list[Any] = []

    def holds(self) -> bool:
        """Whether the numbers that the function read while it was followed are still what they were."""
        return all(leaf._data == x for leaf, x in self._guards.items()) and all(f() == x for f, x in self._conditions)

    # ----------------------------------------------------------------------------------------------- to run it

    def run(self, kind: str, arrays: Sequence[Any]) -> Any:
        """Run for a batch with the parameters' present numbers; returns the mean.

        Args:
            kind: "value", "step" for the gradient of the parameters, too, "inputs i" for that of an argument, "map".
            arrays: an array for each argument.
        """
        self.read()
        run, inputs, self._results = self.plan(kind, len(arrays[0]))
        with self.noticing():
            for buffer, array in zip(inputs, arrays):
                buffer[:] = array.reshape(len(array), -1).T
            self.draw(inputs, len(arrays[0]))
            return run()

    def draw(self, inputs: Sequence[Any], size: int) -> None:
        """Draw the random numbers that the function uses, for one example after the other."""
        if self._sources:
            for i in range(size):
                inputs[-1][:, i] = [source() for source in self._sources]

    def noticing(self) -> Any:
        """A context for a run, after which `undefined` tells whether anything was computed that isn't defined.

        What isn't finite is found at the end; but what isn't defined may have become finite again, as in tanh(1/0).
        """
        import numpy as np

        self.undefined = False
        return np.errstate(all="ignore", divide="call", invalid="call", call=self._noticed)

    def _noticed(self, *_: Any) -> None:
        self.undefined = True

    def read(self) -> None:
        """Fetch the numbers of the parameters, and of what the function uses besides."""
        self.vector[:] = [p._data for p in self.parameters]
        if self.operations.captured:
            self._captured[:] = [c._data for c in self.operations.captured]

    def plan(self, kind: str, size: int) -> Any:
        """(run, inputs, results) for batches of this size, which are made once."""
        key = kind, size
        if key not in self._plans:
            if kind not in self._makers:
                self._makers[kind] = planned(self.emitter(kind), self.dtype)
            if len(self._plans) >= KEPT:
                del self._plans[next(iter(self._plans))]
            self._plans[key] = self._makers[kind](size, self.vector, self.gradient, self._captured)
        return self._plans[key]

    def examples(self, size: int) -> list[Any]:
        """What the function returned for each example, after "map"."""
        rows: list[list[float]] = []
        for x in self._results:
            numbers = [float(x)] if isinstance(x, float) else x[0].tolist()
            rows.append(numbers if len(numbers) == size else numbers * size)
        return [like(self.output, iter(example)) for example in zip(*rows)]

    def input_gradient(self, shape: tuple[int, ...]) -> Any:
        """The gradient of an argument, after "inputs i"."""
        import numpy as np

        (g,) = self._results
        return np.broadcast_to(np.asarray(g, float), (math.prod(shape[1:]), shape[0])).T.reshape(shape)

    # --------------------------------------------------------------------------------------------- to write it

    def emitter(self, kind: str) -> Emitter:
        """What writes the program of this kind."""
        program, book = self.operations, self.operations.book
        if kind == "map":
            return Emitter(program, results=[x if isinstance(x, float) else _row(x) for x in program.outputs])
        if len(program.outputs) != 1 or isinstance(self.output, (list, tuple, dict)):
            raise TypeError(
                "a program that is differentiated must return one number, its loss: for several, use program.map"
            )
        root = program.outputs[0] if isinstance(program.outputs[0], float) else _row(program.outputs[0])
        if kind == "value":
            return Emitter(program, mean=root)
        parts = {}
        if isinstance(root, Array):
            seed = book.apply(ops.div, self.loss_scale, book.batch) if root.wide else self.loss_scale
            parts = transposed(root, seed, book)
        if kind == "step":
            return Emitter(program, stores=parts.get(program.vector.serial, []) if program.vector else [], mean=root)
        argument = program.inputs[int(kind.split()[1])]
        received = parts.get(argument.serial)
        return Emitter(program, results=[total(argument, received, book) if received else 0.0], mean=root)


def _row(place: tuple[Array, int]) -> Array:
    block, row = place
    return block.book.rows(block, row, row + 1)


def _leaves(shape: tuple[int, ...], label: str) -> Any:
    if not shape:
        return traced_input(label)
    return [_leaves(shape[1:], f"{label}[{i}]") for i in range(shape[0])]


def _arrays(batches: Sequence[Any]) -> list[Any]:
    """The batches as arrays; an error if they are not numbers, not as many in each, or none at all."""
    import numpy as np

    if current.trace is not None:
        refuse("a compiled program is called", "call the function that it was made of, program.fn")
    if not batches:
        raise TypeError("a program needs a batch of examples for each argument, got none")
    arrays = []
    for i, batch in enumerate(batches):
        try:
            array = np.asarray(batch)
        except ValueError:
            raise ValueError(f"argument {i} must have examples of the same shape, got lists of other lengths") from None
        if array.dtype.kind not in "fiub":
            raise TypeError(
                f"argument {i} must be an array of real numbers, or nested lists of them, got {batch!r:.100}"
            )
        if not array.ndim:
            raise TypeError(f"argument {i} must be a batch, a list of examples, got the number {batch!r}")
        arrays.append(array)
    sizes = [len(array) for array in arrays]
    if len(set(sizes)) > 1:
        raise ValueError(f"the arguments must have as many examples each, got {' and '.join(map(str, sizes))}")
    if not sizes[0]:
        raise ValueError("a batch must have at least one example, got none")
    return arrays


def _all_finite(numbers: Any) -> bool:
    import numpy as np

    return bool(np.isfinite(numbers).all())
