"""What one can read of a program: its equations, a picture of them, and files that do without this package."""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from ..basics.files import checked, write_whole

if TYPE_CHECKING:
    from ..show.drawing.drawing import Drawing
    from .equations.equations import Equations
    from .specialization import Specialization


class Readable(ABC):
    """The part of a Program that shows what it computes."""

    fn: Callable[..., Any]

    @abstractmethod
    def _shaped(self, batches: Sequence[Any]) -> tuple[Specialization, int]:
        """What the function is for these batches, or at the last run if there are none, and the number of examples."""

    def explain(self, *batches: Any) -> Equations:
        """The equations of matrices that the function turned out to be, forward and backward, with their shapes.

        Args:
            *batches: as for a call, for examples of their shapes; without any, as at the last run.

        Returns:
            Equations: `print` them, or leave them to a notebook to show.

        Raises:
            TypeError, ValueError: as a call, or if there are no batches and the program has not run yet.

        >>> from autograd import Value, compile
        >>> w = Value(3.0, label="w")
        >>> print(compile(lambda x, y: (w * x - y) ** 2, [w]).explain([1.0, 2.0], [3.0, 4.0]))
        2 examples at once: 6 calls of NumPy
        given X (1×2), Y (1×2), w (1×1)
        <BLANKLINE>
        forward
          L = mean((w X − Y)²)          (1×1)
        <BLANKLINE>
        backward
          ∇w = 2 ((w X − Y) ⊙ X) 1 / 2  (1×1)
        <BLANKLINE>
        ⊙ multiplies number by number.
        Powers are number by number, too: A² is A ⊙ A.
        1 behind a matrix is a column of ones: it adds up the columns.
        mean is over the examples.
        """
        from .equations.equations import equations

        specialization, size = self._shaped(batches)
        return equations(specialization, _arguments(self.fn), size)

    def draw(self, *batches: Any) -> Drawing:
        """A picture of these equations: forward above, and backward below, where arrows are dashed.

        Args:
            *batches: as for `explain`.

        Returns:
            A Drawing, as `autograd.draw` makes it.

        Raises:
            TypeError, ValueError: as `explain`, or if there are too many equations for a picture.

        >>> from autograd import Value, compile
        >>> compile(lambda x: x * x).draw([1.0, 2.0])
        <Drawing of 2 nodes and 1 operation: display() shows it>
        """
        from .equations.picture import picture

        return picture(self.explain(*batches))

    def source(self, *batches: Any) -> str:
        """The program as a module that imports NumPy alone: a page to read, and to run where this package isn't.

        It has the function forward and backward, by the chain rule, with the names of `explain()`, and a function
        around that which takes what the program takes. What the function reads besides its arguments and the
        parameters is on the page with its present numbers. Functions of one's own are copied there.

        Args:
            *batches: as for a call, for examples of their shapes; without any, as at the last run.

        Returns:
            The text of the module, with `loss_and_gradient(parameters, *batches)`, which returns the loss and a
            gradient in the order of the parameters; for a function that returns several numbers `outputs`.

        Raises:
            TypeError, ValueError: as a call, or if there are no batches and the program has not run yet; also where a
                function of one's own reads what can't be written.

        >>> from autograd import Value, compile
        >>> w = Value(3.0, label="w")
        >>> page = compile(lambda x, y: (w * x - y) ** 2, [w]).source([1.0, 2.0], [3.0, 4.0])
        >>> module = {}
        >>> exec(page, module)
        >>> module["loss_and_gradient"]([3.0], [1.0, 2.0], [3.0, 4.0])
        (2.0, array([4.]))
        """
        from .export.source import source

        specialization, _ = self._shaped(batches)
        return source(specialization, getattr(self.fn, "__name__", ""), _arguments(self.fn))

    def to_onnx(self, path: str | os.PathLike[str], *batches: Any, gradients: bool = True) -> None:
        """Write the program as an ONNX model, which onnxruntime and others run; it needs the extra `export`.

        The model takes the arguments of the function by their names, for any number of examples, and `parameters`: a
        list of all of them in their order, which is the present one where none is given. It returns `loss` and
        `gradient`, in the order of the parameters; or, without gradients, `outputs`: for each example a row with the
        numbers that the function returns. All are of the program's dtype, indices too. It has opset 18, the newest
        whose double-precision kernels onnxruntime has. What ONNX or onnxruntime has not, or not to the last digits
        (sigmoid, softplus, expm1, sinh, erf, sine and cosine in double precision), is made of what they have: values
        are right to 5 ulp, sines of up to a million quarter turns.

        Args:
            path: the file's name.
            *batches: as for a call, for examples of their shapes; without any, as at the last run.
            gradients: whether the model returns the loss and its gradient.

        Raises:
            ImportError: if there is no onnx.
            TypeError, ValueError: as a call, or if there are no batches and the program has not run yet; also if ONNX
                has no operation for a rule (`lgamma`, `digamma`, `erfinv`, one of your own), and for float16.
            OSError: if the file can't be written.
        """
        from .export.onnx.model import model

        target = checked(path)
        specialization, _ = self._shaped(batches)
        write_whole(target, model(specialization, _arguments(self.fn), gradients).SerializeToString())


def _arguments(fn: Callable[..., Any]) -> list[str]:
    """The names of a function's arguments; none where Python can't tell them."""
    import inspect

    try:
        return list(inspect.signature(fn).parameters)
    except (TypeError, ValueError):
        return []
