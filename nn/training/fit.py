"""fit: the training loop. Shuffle, take a batch, forward, backward, step; and again.

The loop stands first, then what serves it. What is checked before it begins is in preflight.py, what is recorded in
history.py and meters.py, how a step is made in eager.py and compiled.py, and what keeps the model whole when the
training is stopped in atomic.py and ../state.py.
"""

from __future__ import annotations

import math
import random
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Literal

from autograd import Value
from autograd.basics.arguments import Precision
from autograd.familiar import by_name, takes_no

from ..checks import Seed, callables, generator, positive, positive_integer
from ..familiar import FIT_OPTIONS
from ..layers.names import parameters_by_layer
from ..module import Buffer, Module, parts_of
from ..optim.optimizer import Optimizer
from ..schedules import Factor, Schedule
from ..state import generators, given_back
from . import preflight
from .atomic import Stepper, Training, WholeSteps
from .eager import Eager
from .early_stopping import Lowest
from .errors import stop
from .growth import Growth
from .history import Epochs, History
from .meters import Counter, Recorder
from .progress import progress as showing

Loss = Callable[[Any, Any], Value]
Callback = Callable[[Module, History], Any]


@takes_no(**by_name(FIT_OPTIONS))
def fit(
    model: Module,
    loss: Loss,
    inputs: Sequence[Any],
    targets: Sequence[Any],
    *,
    optimizer: Optimizer,
    epochs: int,
    batch_size: int | None = None,
    schedule: Schedule | Factor | None = None,
    validation: tuple[Sequence[Any], Sequence[Any]] | None = None,
    early_stopping: int | None = None,
    clip_norm: float | None = None,
    clip_value: float | None = None,
    callbacks: Iterable[Callback] = (),
    progress: bool = True,
    seed: Seed = None,
    compile: bool = False,
    dtype: Precision = "float64",
    loss_scale: float = 1.0,
    engine: Literal["numpy", "jax", "auto"] = "numpy",
    devices: Any = None,
) -> History:
    """Train a model: in every epoch each example is looked at once.

    The model is in training mode in the steps, in evaluation mode for validation and callbacks, and afterwards in the
    mode that it had. If the loss grows from the first epoch on, a warning says so, once. Ctrl-C ends the run as if all
    epochs were done: parameters, optimizer, schedule, and the buffers and random generators of the model are as the
    last complete step left them.

    Args:
        model: its `batch` is called with a list of inputs, and returns their outputs.
        loss: `loss(output, target)` for one example; a step descends on its mean over the batch.
        inputs: n examples, each what the model takes.
        targets: n targets, each what the loss takes.
        optimizer: the one that moves the model's parameters by their gradients; or `LBFGS`, which looks at the loss of
            a batch several times.
        epochs: how many times to go through the examples.
        batch_size: how many examples make a step; None for all of them. They are shuffled in every epoch, unless a
            batch is all of them.
        schedule: how the learning rate goes: a `Schedule`, which goes on counting from call to call; or a function from
            the number of a step to a factor of the rate, which holds for this call: then lr is again what it was. A
            callback that saves the optimizer sees the rate of the moment: to go on from there, pass a `Schedule`, and
            save it, too.
        validation: a pair (inputs, targets) of examples that are not learned from; each epoch ends with their loss.
        early_stopping: after so many epochs without a new lowest validation loss the run ends. Then, and however else
            it ends but by an error, the model has the parameters and buffers of the epoch with the lowest one.
        clip_norm: the greatest norm of a step's gradient, as in `clip_grad_norm`.
        clip_value: the greatest size of each number in it, as in `clip_grad_value`, after clip_norm.
        callbacks: functions that are called after each epoch as `callback(model, history)`; one that returns True ends
            the run.
        progress: whether to show how far it is: a bar if tqdm is installed, in a notebook and elsewhere a line of text.
        seed: an integer, to repeat the same order; or the `random.Random` to draw it from, which `save` can keep.
        compile: True to train through a compiled program (`autograd.compile`): the same numbers, far faster. Model and
            loss must then do the same for every example of one shape; where inputs or targets have several, such as
            sequences, those of a batch are computed shape by shape. (Only a `Dropout` that stands in a `Sequential`
            twice draws its masks in another order.)
        dtype, loss_scale: what the compiled program computes with, as in `autograd.compile`; only with compile=True.
        engine: what computes it, only with compile=True: "numpy"; "jax", which makes many steps at once, in a `scan`
            that XLA compiles, and runs callbacks, checks and Ctrl-C between them (one step at a time with `LBFGS`, and
            with examples of several shapes); or "auto" for the one that is likely to be done first, which the history's
            `engine` names. A factor of a schedule is asked for the rates of many steps before they are made.
        devices: for JAX, how many of its devices share each batch, or a list of them; None for all, of all processes
            that `jax.distributed` has brought together. Each process then runs the same training.

    Returns:
        A History; its `stopped` says why the run ended before its epochs, if it did.

    Raises:
        TypeError: if an argument has the wrong type, or the optimizer needs more than gradients, as Newton does.
        ImportError: if compile=True and NumPy is not installed, or engine="jax" and JAX is not.
        ValueError: if there are no examples, or not as many targets; if a number in them is not finite; if the model or
            the loss doesn't take one of them; if a batch is too small for a layer, or a setting is out of its range.
            Then nothing has changed.
        TrainingError: (a ValueError, too) if a step fails: the message names it, and the first operation that is not
            defined or not finite there; parameters, optimizer, schedule, and the buffers and random generators of the
            model are those of the step before. Its attribute `history` has the epochs before.

    >>> from nn import MLP, SGD, mse_loss
    >>> model = MLP(1, [1], seed=0)
    >>> optimizer = SGD(model.parameters(), lr=0.1)
    >>> history = fit(model, mse_loss, [0, 1, 2], [1, 3, 5], optimizer=optimizer, epochs=200, progress=False)
    >>> round(model(3.0).data, 2)
    7.0
    """
    data = preflight.examples(inputs, targets)
    held_out = preflight.held_out(validation)
    epochs, n = positive_integer("epochs", epochs), len(data)
    batch_size = n if batch_size is None else min(positive_integer("batch_size", batch_size), n)
    rng = generator(seed)
    preflight.precision_of(compile, dtype, loss_scale)
    preflight.engine_of(compile, engine, devices)
    preflight.optimizer_of(model, optimizer, clip_norm is not None or clip_value is not None)
    preflight.batches_of(model, n, batch_size)
    preflight.schedule_of(optimizer, schedule)
    positive("clip_norm", clip_norm)
    positive("clip_value", clip_value)
    lowest = Lowest(model, early_stopping, held_out)
    each_epoch = callables("callbacks", callbacks)
    for examples in (data, held_out):
        preflight.trial(model, loss, examples)

    history = History()
    layers = _moved_layers(model, optimizer)
    training = Training(model, loss, data, optimizer, layers, clip_norm, clip_value, batch_size)
    sizes = [min(batch_size, n - start) for start in range(0, n, batch_size)]
    in_all = epochs * len(sizes)
    steps, history.engine = _stepper(
        training, compile, in_all, dtype=dtype, loss_scale=loss_scale, engine=engine, devices=devices
    )
    recorder = Recorder(history, steps.meter)
    growth = Growth(optimizer)
    looked_at = bool(len(held_out) or each_epoch or early_stopping)
    order = list(range(n))
    buffers, sources = [buffer for _, buffer in parts_of(model, Buffer)], list(generators(model).values())
    # epochs between which nobody looks, and no mask is drawn of what shuffles them, may be made together
    together = 1 if looked_at or rng in sources else _evenly(epochs, steps.most // len(sizes))
    most = _evenly(together * len(sizes), steps.most)
    epoch = 1
    with given_back(model), _scheduled(optimizer, schedule) as plan, showing(in_all, progress) as show:
        last = in_all if plan is not schedule else None  # a factor ends with this call
        whole = WholeSteps(steps, optimizer, plan, last, (buffers, sources), history, growth)
        counter = Counter(sizes)
        try:
            for epoch in range(1, epochs + 1, together):
                start = time.perf_counter()
                if epoch == 1 or looked_at:
                    model.train()
                batches = _batches(order, batch_size, rng, min(together, epochs + 1 - epoch))
                for first in range(0, len(batches), most):
                    for losses, rates in whole.make(batches[first : first + most]):
                        means, rates = counter.add(losses, rates)
                        show(-(-whole.made // len(sizes)), losses, mean=means[-1] if means else None)
                        if means and not looked_at:
                            seconds = (time.perf_counter() - start) / len(means)
                            recorder.note(Epochs(means, [], rates, seconds, len(sizes)), False)
                            start = time.perf_counter()
                        growth.epochs(means)
                if not looked_at:
                    continue
                validation_loss = None
                model.eval()
                steps.look()
                if len(held_out):
                    try:
                        validation_loss = steps.mean_loss(held_out)
                    except Exception as cause:
                        stop("after epoch", epoch, cause, history)
                    show(epoch, [], validation_loss)
                seconds = time.perf_counter() - start
                validated = [] if validation_loss is None else [validation_loss]
                recorder.note(Epochs(means, validated, rates, seconds, len(sizes)), True)
                reasons = lowest.look(epoch, validation_loss) + _call(each_epoch, model, history)
                if reasons and epoch < epochs:
                    history.stopped = reasons[0]
                    break
            recorder.write()  # and look, here, where Ctrl-C does no harm: it is done again below
            steps.look()
        except KeyboardInterrupt:
            history.stopped = f"interrupted in epoch {epoch}"
        finally:
            recorder.write()
            steps.look()
        lowest.give_back()
    if progress and history.stopped.startswith("interrupted"):  # in a notebook, the next cell runs as if all were done
        n = len(history.loss)
        print(f"{history.stopped}: {n} epoch{'s are' if n != 1 else ' is'} recorded", file=sys.stderr)
    return history


# ------------------------------------------------------------------------------------------------ what serves the loop


def _batches(order: list[int], size: int, rng: random.Random, epochs: int) -> list[list[int]]:
    """The numbers of the examples of some epochs in batches, shuffled unless there is only one."""
    if size >= len(order):
        return [order] * epochs
    batches = []
    for _ in range(epochs):
        mixed = order[:]  # from the same start in each epoch, so that the generator's state tells them all
        rng.shuffle(mixed)
        batches += [mixed[start : start + size] for start in range(0, len(order), size)]
    return batches


def _evenly(n: int, most: int) -> int:
    """n, or if that is more than the most the size of parts of n that are as equal as can be."""
    return math.ceil(n / math.ceil(n / max(1, most)))


def _call(callbacks: Sequence[Callback], model: Module, history: History) -> list[str]:
    """Call them all; the reasons to stop, one for each that returned True."""
    answers = [(callback, callback(model, history)) for callback in callbacks]
    return [
        f"{getattr(callback, '__name__', type(callback).__name__)} returned True after epoch {len(history.loss)}"
        for callback, answer in answers
        if type(answer).__name__ in ("bool", "bool_") and answer  # NumPy's, too; but not a number such as 0.93
    ]


def _stepper(training: Training, compile: bool, steps: int, **settings: Any) -> tuple[Stepper, str]:
    """What makes the steps, and its engine in words: the compiler is loaded only for a compiled training."""
    if not compile:
        return Eager(training), ""
    from .choice import compiled_steps

    return compiled_steps(training, steps=steps, **settings)


def _moved_layers(model: Module, optimizer: Optimizer) -> dict[str, list[Value]]:
    """The parameters by layer, as far as this optimizer moves them."""
    moved = set(optimizer.params)
    layers: dict[str, list[Value]]
    layers = {name: [p for p in params if p in moved] for name, params in parameters_by_layer(model).items()}
    return {name: params for name, params in layers.items() if params}


@contextmanager
def _scheduled(optimizer: Optimizer, schedule: Schedule | Factor | None) -> Iterator[Schedule | None]:
    """The schedule that makes a step after each step; that of a factor ends here, and the rate is again what it was."""
    if schedule is None or isinstance(schedule, Schedule):
        yield schedule
        return
    lr = optimizer.lr
    try:
        yield Schedule(optimizer, schedule)
    finally:
        optimizer.lr = lr
