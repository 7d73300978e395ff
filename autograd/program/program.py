"""Program: a scalar function of one example, compiled for batches of them."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Iterable, Sequence
from threading import Lock
from typing import TYPE_CHECKING, Any, Literal, NoReturn, TypeAlias, overload

from ..basics.arguments import number
from ..basics.messages import shown
from ..faults import not_finite
from ..modes import current, is_grad_enabled, no_grad
from ..sweeps import one_at_a_time
from ..transforms.tree import as_lists, leaves_of, mapped
from ..value import Value
from .fallback import of_row, row_by_row, rows_of
from .specialization import Shapes, Traced, keep
from .tracing.trace import refuse

if TYPE_CHECKING:
    from ..show.drawing.drawing import Drawing
    from .equations.equations import Equations

Precision: TypeAlias = Literal["float64", "float32", "float16"]

SHAPES = 64
"""For so many shapes of an example the operations are kept: those that were used last."""


@overload
def compile(
    fn: Callable[..., Any], parameters: Iterable[Value] = (), *, dtype: Precision = ..., loss_scale: float = ...
) -> Program: ...
@overload
def compile(
    fn: None = None, parameters: Iterable[Value] = (), *, dtype: Precision = ..., loss_scale: float = ...
) -> Callable[[Callable[..., Any]], Program]: ...
def compile(
    fn: Callable[..., Any] | None = None,
    parameters: Iterable[Value] = (),
    *,
    dtype: Precision = "float64",
    loss_scale: float = 1.0,
) -> Any:
    """A scalar function of one example, as a program of array operations that runs over whole batches.

    The function is followed once for each shape of an example, at the first call with it. What it does for numbers it
    must do for all: an `if` on a number, float(), or a loop whose length depends on one are refused then. Nodes that do
    the same at the same depth become one operation of NumPy; layers of neurons become matrix products.

    It is followed anew when what it finds around it has changed: a variable that it names, a list or dict, a layer or
    an attribute of a model, of a class, or of an object that is called. Not looked at are other objects, what stands
    inside of NumPy's arrays and of tables (lists of lists of numbers), and random numbers that are not drawn by a
    layer: these are as they were when it was followed.

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
        dtype: Precision = "float64",
        loss_scale: float = 1.0,
    ) -> None:
        if not callable(fn):
            raise TypeError(f"fn must be a function of one example, got {shown(fn)}")
        self.fn = fn
        if not isinstance(parameters, Iterable):
            raise TypeError(f"parameters must be a list of leaves, such as model.parameters(), got {shown(parameters)}")
        self.parameters = list(parameters)
        for p in self.parameters:
            if not isinstance(p, Value) or p.op:
                raise TypeError(f"parameters must be leaves to differentiate for, got {shown(p)}")
        if len(set(self.parameters)) < len(self.parameters):
            twice = next(p for p in self.parameters if self.parameters.count(p) > 1)
            raise ValueError(f"parameters holds {twice!r} more than once")
        if dtype not in ("float64", "float32", "float16"):
            raise ValueError(f"dtype must be 'float64', 'float32' or 'float16', got {shown(dtype)}")
        self.dtype, self.loss_scale = dtype, number(loss_scale, "loss_scale")
        if not 0 < self.loss_scale < math.inf:
            raise ValueError(f"loss_scale must be a positive number, got {shown(loss_scale)}")
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
            undefined = traced.undefined
        finite = math.isfinite(loss) and (gradient is None or _all_finite(gradient))
        found = None if gradient is None else zip(traced.parameters, gradient.tolist())
        if not finite or undefined:
            exact, slopes = row_by_row(self, batches, loss, finite)
            if not finite:
                loss, found = exact, None if gradient is None else zip(self.parameters, slopes)
        with one_at_a_time:
            added = [(p, p._grad + g, g) for p, g in found or ()]
            if not math.isfinite(sum([total for _, total, _ in added])):  # quicker than a look at each
                for p, total, g in added:
                    if not math.isfinite(total):
                        raise not_finite(p, g, [], p._grad)
            for p, total, _ in added:
                p._grad = total
        return loss

    def map(self, *batches: Any) -> list[Any]:
        """What fn returns for each example of a batch.

        Args:
            *batches: as for a call.

        Returns:
            A list of floats, or of what fn returns with floats in it.

        Raises:
            TypeError, ValueError: as a call; but outputs may be infinite, and are not a number where fn is not defined.

        >>> double = compile(lambda x: [2 * x, x])
        >>> double.map([1.0, 5.0])
        [[2.0, 1.0], [10.0, 5.0]]
        """
        arrays = _arrays(batches)
        with self._lock:
            traced = self._for(arrays)
            traced.run("map", arrays)
            found = traced.examples(len(arrays[0]))
            if not traced.allowed():
                for i, row in enumerate(rows_of(batches)):
                    with of_row(i):
                        self.fn(*row)
            if traced.undefined or traced.some_nan():  # where the function itself may look at one of 0 · ∞ alone
                for i, row in enumerate(rows_of(batches)):
                    found[i] = self._mapped_alone(row, found[i], traced.undefined)
            return found

    def _mapped_alone(self, row: Sequence[Any], found: Any, undefined: bool) -> Any:
        """What fn itself says of a row, if arrays have nan for it, or nan if it is not defined there after all."""
        lost = any(x != x for x in leaves_of(found, "an output"))
        if not lost and not undefined:
            return found
        try:
            with no_grad():
                exact = mapped(as_lists(self.fn(*row)), lambda x: float(getattr(x, "data", x)))
        except (ArithmeticError, ValueError):
            return found if lost else mapped(found, lambda x: math.nan)
        return exact if lost else found

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
        if type(argnums) is not int or not 0 <= argnums < len(arrays):
            raise ValueError(
                f"argnums must be the position of an argument, from 0 to {len(arrays) - 1}, got {shown(argnums)}"
            )
        with self._lock:
            traced = self._for(arrays)
            loss = traced.run(f"inputs {argnums}", arrays)
            gradient = traced.input_gradient(arrays[argnums].shape) / self.loss_scale
            undefined = traced.undefined
        finite = math.isfinite(loss) and _all_finite(gradient)
        if not finite or undefined:
            _, slopes = row_by_row(self, batches, loss, finite, argnums)
            if not finite:
                gradient = np.reshape(slopes, gradient.shape)
        return gradient

    def __reduce__(self) -> NoReturn:
        raise TypeError(
            f"the program of {getattr(self, '__name__', self.fn)} can't be copied, for its function holds on to what it"
            " was made with: compile the function of the copy instead"
        )

    def traced(self, *batches: Any) -> Traced:
        """The program for examples of the shape of these, for those who run it step by step themselves.

        Args:
            *batches: as for a call.
        """
        arrays = _arrays(batches)
        with self._lock:
            return self._for(arrays)

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
        import numpy as np

        from .equations.equations import equations

        with self._lock:
            if not batches and self._last is None:
                raise ValueError(
                    "a batch is needed for each argument, because equations depend on its shape: the program has not"
                    " run yet"
                )
            arrays = _arrays(batches or [np.zeros(shape) for shape in self._last or ()])
            return equations(self._for(arrays), _arguments(self.fn), len(arrays[0]))

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
        from .equations.picture import picture

        return picture(self.explain(*batches))

    def _for(self, arrays: Sequence[Any]) -> Traced:
        """The program for examples of this shape, followed anew where it depends on numbers that have changed."""
        shapes = tuple([a.shape[1:] for a in arrays])
        traced = self._traced.pop(shapes, None)
        if traced is None or not traced.holds():
            traced = Traced(self, shapes)
        keep(self._traced, shapes, traced, SHAPES)
        self._last = [a.shape for a in arrays]
        return traced


def _arrays(batches: Sequence[Any]) -> list[Any]:
    """The batches as arrays; an error if they are not numbers, not as many in each, or none at all."""
    import numpy as np

    if current().trace is not None:
        refuse("a compiled program is called", "call the function that it was made of, program.fn")
    if not batches:
        raise TypeError("a program needs a batch of examples for each argument, got none")
    arrays = []
    for i, batch in enumerate(batches):
        try:
            array = np.asarray(batch)
        except ValueError:
            raise ValueError(f"argument {i} must have examples of the same shape, got lists of other lengths") from None
        if array.dtype.kind not in "fiub" or np.ma.is_masked(batch):
            raise TypeError(
                f"argument {i} must be an array of real numbers, or nested lists of them, got {shown(batch)}"
            )
        if not array.ndim:
            raise TypeError(f"argument {i} must be a batch, a list of examples, got the number {shown(batch)}")
        arrays.append(array)
    sizes = [len(array) for array in arrays]
    if len(set(sizes)) > 1:
        raise ValueError(f"the arguments must have as many examples each, got {' and '.join(map(str, sizes))}")
    if not sizes[0]:
        raise ValueError("a batch must have at least one example, got none")
    return arrays


def _arguments(fn: Callable[..., Any]) -> list[str]:
    """The names of a function's arguments; none where Python can't tell them."""
    import inspect

    try:
        return list(inspect.signature(fn).parameters)
    except (TypeError, ValueError):
        return []


def _all_finite(numbers: Any) -> bool:
    import numpy as np

    return bool(np.isfinite(numbers).all())
