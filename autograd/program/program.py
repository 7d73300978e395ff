"""Program: a scalar function of one example, compiled for batches of them. `compile` (compiling.py) makes one."""

from __future__ import annotations

import functools
import math
import warnings
import weakref
from collections.abc import Callable, Iterable, Sequence
from threading import Lock
from typing import Any, NoReturn

from ..accumulation import accumulate
from ..basics.arguments import Backend, Precision
from ..basics.messages import shown
from ..familiar import Familiar
from ..modes import current, is_grad_enabled
from ..value import Value
from .fallback import mapped_alone, of_row, row_by_row
from .readable import Readable
from .session import Optimizer, Session
from .spec import all_finite, arrays_of, rows_of, spec
from .specialization import Runs, Shapes, Specialization, runs_for
from .tracing.trace import refuse


class Program(Familiar, Readable):
    """What `compile` makes: call it with batches for the mean of the function, and gradients in its parameters.

    Args:
        fn, parameters, dtype, loss_scale, engine: as for `compile`.
    """

    def __init__(
        self,
        fn: Callable[..., Any],
        parameters: Iterable[Value] = (),
        dtype: Precision = "float64",
        loss_scale: float = 1.0,
        engine: Backend = "numpy",
    ) -> None:
        self._spec = spec(fn, parameters, dtype, loss_scale, engine)
        self.fn, self.parameters = fn, self._spec.parameters
        self.dtype, self.loss_scale, self.engine = dtype, self._spec.loss_scale, engine
        self._runs: dict[Shapes, Runs] = {}
        self._sessions: list[Callable[[], Session | None]] = []  # those that somebody may still use
        self._last: list[tuple[int, ...]] | None = None  # the shapes of the last batches
        self._lock = Lock()
        self._told = False
        functools.update_wrapper(self, fn, updated=())

    def __call__(self, *batches: Any) -> float:
        """The mean of fn over a batch; its gradients are added to the `.grad` of the parameters.

        Inside of `no_grad()` no gradient is computed. Outside of it a program that was made without parameters, and
        finds those of a model around it, warns once.

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
        import numpy as np

        arrays = self._given(batches)
        differentiated = is_grad_enabled()
        with self._lock:
            runs = self._for(arrays)
            mean, run = runs.run("step" if differentiated else "value", arrays)
            loss, defined = float(mean), runs.defined(run)
            slopes: list[float] = np.array(runs.memory.gradient, float).tolist() if differentiated else []
        leaves: Sequence[Value] = runs.specialization.parameters
        if self.loss_scale != 1.0:
            slopes = [g / self.loss_scale for g in slopes]  # in double: small ones are to survive
        finite = math.isfinite(loss) and (math.isfinite(sum(slopes)) or all(map(math.isfinite, slopes)))
        if not (finite and defined):
            value, found = row_by_row(self._spec, batches, loss, finite)
            if not finite:
                loss, leaves, slopes = value, self.parameters, found if differentiated else []
        if slopes:
            accumulate(leaves, slopes)
        elif differentiated and not self._told and not self.parameters:
            self._told = True
            _tell(runs.specialization.operations.captured)
        return loss

    def map(self, *batches: Any) -> list[Any]:
        """What fn returns for each example of a batch.

        Args:
            *batches: as for a call.

        Returns:
            A list of floats, or of what fn returns with floats in it.

        Raises:
            TypeError, ValueError: as a call; but outputs may be infinite, and are not a number where fn is not defined.

        >>> from autograd import compile
        >>> double = compile(lambda x: [2 * x, x])
        >>> double.map([1.0, 5.0])
        [[2.0, 1.0], [10.0, 5.0]]
        """
        import numpy as np

        arrays = self._given(batches)
        with self._lock:
            runs = self._for(arrays)
            _, run = runs.run("map", arrays)
            found = runs.examples(run, len(arrays[0]))
            if not runs.allowed(run):
                for i, row in enumerate(rows_of(batches)):
                    with of_row(i):
                        self.fn(*row)
            some_nan = any(bool(np.isnan(x).any()) for x in runs.outputs(run))
            if run.undefined or some_nan:  # where the function itself may look at one of 0 · ∞ alone
                for i, row in enumerate(rows_of(batches)):
                    with of_row(i):
                        found[i] = mapped_alone(self.fn, row, found[i], run.undefined)
            return found

    def input_gradients(self, *batches: Any, argnums: int = 0) -> Any:
        """The gradient of the mean with respect to a batch of inputs; no `.grad` is touched.

        Args:
            *batches: as for a call.
            argnums: the position of the argument.

        Returns:
            A NumPy array of the shape of that batch.

        Raises:
            TypeError, ValueError: as a call, or if there is no such argument.

        >>> from autograd import compile
        >>> compile(lambda x: x * x).input_gradients([1.0, 3.0]).tolist()
        [1.0, 3.0]
        """
        import numpy as np

        arrays = self._given(batches)
        if type(argnums) is not int or not 0 <= argnums < len(arrays):
            raise ValueError(
                f"argnums must be the position of an argument, from 0 to {len(arrays) - 1}, got {shown(argnums)}"
            )
        shape = arrays[argnums].shape
        with self._lock:
            runs = self._for(arrays)
            loss, run = runs.run(f"inputs {argnums}", arrays)
            found = np.broadcast_to(np.asarray(run.results[0], float), (math.prod(shape[1:]), shape[0]))
            gradient = found.T.reshape(shape) / self.loss_scale
            defined = runs.defined(run)
        finite = math.isfinite(loss) and all_finite(gradient)
        if not (finite and defined):
            _, slopes = row_by_row(self._spec, batches, loss, finite, argnums)
            if not finite:
                gradient = np.reshape(slopes, shape)
        return gradient

    def __repr__(self) -> str:
        n = len(self.parameters)
        name = getattr(self.fn, "__qualname__", "").rpartition("<locals>.")[2] or shown(self.fn)
        settings = f"engine={self.engine!r}, dtype={self.dtype!r}"
        return f"<Program of {name.strip('<>')}: {n} parameter{'s' * (n != 1)}, {settings}>"

    def __reduce__(self) -> NoReturn:
        raise TypeError(
            f"the program of {getattr(self, '__name__', self.fn)} can't be copied, for its function holds on to what it"
            " was made with: compile the function of the copy instead"
        )

    def session(self, optimizer: Optimizer) -> Session:
        """A training of the parameters on one vector, for a loop of your own that is as fast as `fit`.

        Args:
            optimizer: one of `nn`, or another object with the attributes that `Optimizer` in session.py names; it must
                move all of this program's parameters, and no others.

        Returns:
            A Session, for a `with` block: after it the parameters, and the optimizer's state, have their new numbers.

        Raises:
            TypeError: if it is no such object.
            ValueError: if it moves other parameters than the program is differentiated for.

        >>> from autograd import compile
        >>> import nn
        >>> w = Value(3.0, label="w")
        >>> program = compile(lambda x, y: (w * x - y) ** 2, [w])
        >>> with program.session(nn.SGD([w], lr=0.1)) as session:
        ...     losses = [session.step([1.0, 2.0], [2.0, 4.0]) for _ in range(3)]
        >>> losses[0], round(w.data, 9)
        (2.5, 2.125)
        """
        session = Session(self._spec, self.specialization, optimizer)
        self._sessions = [*[ref for ref in self._sessions if ref() is not None], weakref.ref(session)]
        return session

    def as_jax(self) -> Callable[..., Any]:
        """The mean and its gradient as a pure function of JAX, for a jit, scan or vmap of your own.

        It needs the extra `jax`, not the engine. What the function reads besides its arguments is taken as it is when
        JAX traces it. JAX is not to differentiate it: its own derivatives are others at kinks.

        Returns:
            A function of (vector, *batches) that returns (loss, gradient): the vector has a number for each of the
            `parameters` in their order, the gradient too. The loss is nan where a call would raise an error. The
            function raises a TypeError if the vector has another dtype than the program.

        >>> import jax
        >>> from autograd import compile
        >>> w = Value(3.0)
        >>> step = jax.jit(compile(lambda x, y: (w * x - y) ** 2, [w], dtype="float32").as_jax())
        >>> loss, gradient = step([3.0], [1.0, 2.0], [3.0, 4.0])
        >>> float(loss), gradient.tolist()
        (2.0, [4.0])
        """
        from .pure import pure

        return pure(self._spec, self.specialization)

    def specialization(self, arrays: Sequence[Any]) -> Specialization:
        """What the function is for examples of the shape of these, for sessions, equations and benchmarks.

        Args:
            arrays: one for each argument.
        """
        with self._lock:
            return self._for(arrays).specialization

    def _shaped(self, batches: Sequence[Any]) -> tuple[Specialization, int]:
        import numpy as np

        with self._lock:
            if not batches and self._last is None:
                raise ValueError(
                    "a batch is needed for each argument, because what is written depends on its shape: the program has"
                    " not run yet"
                )
            arrays = arrays_of(batches or [np.zeros(shape) for shape in self._last or ()])
            return self._for(arrays).specialization, len(arrays[0])

    def _given(self, batches: Sequence[Any]) -> list[Any]:
        """The batches as arrays; an error if that can't be, or inside of a function that is being compiled."""
        if current().trace is not None:
            refuse("a compiled program is called", "call the function that it was made of, program.fn")
        for reference in self._sessions:
            session = reference()
            if session is not None and session.open:
                session.sync()
        return arrays_of(batches)

    def _for(self, arrays: Sequence[Any]) -> Runs:
        """What runs for examples of this shape; the function is followed anew where it depends on what has changed."""
        runs = runs_for(self._runs, arrays, lambda shapes: Runs(Specialization(self._spec, shapes)))
        self._last = [a.shape for a in arrays]
        return runs


def _tell(captured: Sequence[Any]) -> None:
    """Warn of the parameters of a model among the leaves of a program that is differentiated for none."""
    learned = [leaf for leaf in captured if getattr(leaf, "kind", "") == "parameter"]
    if learned:
        warnings.warn(
            f"the program was made without parameters, so the {len(learned)} that it uses get no gradient, such as"
            f" {shown(learned[0])}: write compile(fn, model.parameters()), or call it inside of no_grad()",
            stacklevel=3,
        )
