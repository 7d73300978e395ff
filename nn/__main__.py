"""The command line of nn: train a network on real data, and show what it learned."""

from __future__ import annotations

import argparse
import copy
import io
import math
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from autograd import Value, __version__
from autograd.basics.extras import installing
from autograd.basics.messages import shown
from autograd.notation.names import cut

from . import fit, optim, pictures, save, schedules
from .jobs import JOBS, Job
from .module import Module
from .optim.optimizer import Optimizer
from .schedules import Factor

OPTIMIZERS: dict[str, tuple[type[Optimizer], float]] = {
    "sgd": (optim.SGD, 0.1),
    "adagrad": (optim.Adagrad, 0.1),
    "rmsprop": (optim.RMSprop, 0.01),
    "adam": (optim.Adam, 0.02),
    "adamw": (optim.AdamW, 0.02),
    "lion": (optim.Lion, 0.005),
}
"""What can move the weights, each with a learning rate that serves digits and moons."""

SCHEDULES: dict[str, Callable[[int], Factor]] = {
    "constant": lambda steps: schedules.constant(),
    "cosine": lambda steps: schedules.cosine(steps, final=0.01),
    "exponential": lambda steps: schedules.exponential(0.01 ** (1 / steps)),
    "step": lambda steps: schedules.step(math.ceil(steps / 3)),
}
"""How the learning rate goes over a run of so many steps: all but the first down to a hundredth."""

_MOST_EPOCHS = 1_000_000


def main(argv: Sequence[str] | None = None) -> int:
    """Run a job; returns the exit status."""
    parser = _parser()
    options = parser.parse_args(argv)
    for name, value in vars(options).items():
        if value == []:  # what argparse makes of --seed=--
            parser.error(f"argument --{name.replace('_', '-')}: expected a value")
    try:
        return _run(options.job, options)
    except ImportError as cause:
        why = str(cause) if "pip install" in str(cause) else f"{cause}; this mends it: {installing('train')}"
    except OSError as cause:
        why = f"cannot write {cause.filename or 'standard output'}: {cause.strerror or cause}"
    except ValueError as cause:
        why = str(cause)
    except KeyboardInterrupt:
        print("\npython -m nn: stopped", file=sys.stderr)
        return 130
    print(f"python -m nn: {cut(' '.join(why.split()), 1000)}", file=sys.stderr)  # an option can be any text
    return 2


def _run(name: str, options: argparse.Namespace) -> int:
    """Train, and print and write what was learned."""
    job, folder = JOBS[name], Path(options.output)
    model = job.model(options)
    optimizer, epochs = _optimizer(job, model, options), options.epochs or job.epochs
    if epochs > _MOST_EPOCHS:
        raise ValueError(f"--epochs: at most {_MOST_EPOCHS:,} can be made, and Ctrl-C ends a run earlier")
    _make(folder)  # before the training, so that a bad folder costs no time
    split = job.load(seed=options.seed)
    kept = len(split.train_inputs) - len(split.train_inputs) // 10  # the rest validates: the test data stay unseen
    batch_size = min(options.batch_size or job.batch_size, kept)
    parts = {
        "training": (split.train_inputs[:kept], split.train_targets[:kept]),
        "validation": (split.train_inputs[kept:], split.train_targets[kept:]),
        "test": (split.test_inputs, split.test_targets),
    }
    schedule = _schedule(epochs * math.ceil(kept / batch_size), options)
    print(f"{job.title}: {', '.join(f'{len(inputs)} {part}' for part, (inputs, _) in parts.items())} examples")
    print(f"{model}, seed {options.seed}")
    print(f"{optimizer}, {options.schedule} schedule")
    job.begin(model, options)
    history = fit(
        model, job.loss, *parts["training"], validation=parts["validation"], optimizer=optimizer, epochs=epochs,
        batch_size=batch_size, schedule=schedule, seed=options.seed, compile=not options.eager,
    )  # fmt: skip
    weights = folder / f"{name}.json"
    save(model, weights)  # first of all: nothing that comes now can lose it
    if history.stopped:
        print(f"{history.stopped}: what was learned until then is kept in {weights}", flush=True)
    model.eval()  # what it learned is printed and drawn without dropout
    if history.loss:
        print(
            f"loss {history.loss[0]:.4g} in the first epoch, {history.loss[-1]:.4g} in the last, validation loss"
            f" {history.validation_loss[-1]:.4g}; {sum(history.seconds):.1f} s"
        )
    job.tell(model, parts, options)
    _print_speeds(model, job.loss, parts["training"], batch_size)
    picture = folder / f"{name}.png"
    job.draw(model, split, picture)
    print(f"what it learned: {picture}, its weights: {weights}")
    if history.loss:
        course = folder / f"{name}_training.png"
        pictures.write(history.plot(), course)
        print(f"how it learned: {course}")
    return 130 if history.stopped else 0


def _make(folder: Path) -> None:
    """Make a folder, unless it is there; an OSError that names it if no file can be written there."""
    folder.mkdir(parents=True, exist_ok=True)
    try:
        tempfile.TemporaryFile(dir=folder).close()
    except OSError as cause:
        raise OSError(cause.errno, cause.strerror, str(folder)) from None


def _optimizer(job: Job, model: Module, options: argparse.Namespace) -> Optimizer:
    name = options.optimizer or job.optimizer
    kind, lr = OPTIMIZERS[name]
    settings: dict[str, Any] = {"lr": options.lr or job.lr or lr}
    if options.weight_decay is not None:
        settings["weight_decay"] = options.weight_decay
    if options.momentum is not None and "momentum" not in kind.settings:
        able = " and ".join(name for name, (other, _) in OPTIMIZERS.items() if "momentum" in other.settings)
        raise ValueError(f"--momentum is for {able}: {name} has no such setting")
    if options.momentum is not None or kind is optim.SGD:
        settings["momentum"] = 0.9 if options.momentum is None else options.momentum
    return kind(model.parameters(), **settings)


def _schedule(steps: int, options: argparse.Namespace) -> Factor:
    factor = SCHEDULES[options.schedule](steps)
    if options.warmup > steps:
        raise ValueError(f"--warmup {options.warmup} is too long: the whole run has {steps} steps")
    return schedules.product(schedules.warmup(options.warmup, 1 / options.warmup), factor) if options.warmup else factor


def _two_digits(x: float) -> str:
    """With two digits: 0.17, 41, 210."""
    return f"{float(f'{x:.2g}'):g}"


def _print_speeds(model: Module, loss: Callable[[Any, Any], Value], examples: tuple[Any, Any], batch_size: int) -> None:
    """Time some steps on one batch, both ways, with a copy of the model."""
    inputs, targets = (part[:batch_size] for part in examples)
    seconds = []
    for compiled, epochs in ((True, 30), (False, 3)):
        twin = copy.deepcopy(model)
        still = optim.SGD(twin.parameters(), lr=0.0)
        history = fit(twin, loss, inputs, targets, optimizer=still, epochs=epochs, progress=False, compile=compiled)
        seconds.append(min(history.seconds))  # what else the machine does makes some steps longer, never shorter
    fast, slow = seconds
    print(
        f"a step of {len(inputs)} examples: {_two_digits(1e3 * fast)} ms compiled, {_two_digits(1e3 * slow)} ms eager,"
        f" about {_two_digits(slow / fast)} times as long"
    )


def _parser() -> argparse.ArgumentParser:
    count = _checked(int, lambda n: n >= 1, "a whole number, 1 or more")
    steps = _checked(int, lambda n: n >= 0, "a whole number, 0 or more")
    rate = _checked(float, lambda x: 0 < x < math.inf, "a finite number greater than 0")
    decay = _checked(float, lambda x: 0 <= x < math.inf, "a finite number, 0 or greater")
    share = _checked(float, lambda x: 0 <= x < 1, "a number from 0 to less than 1")
    seed = _checked(int, lambda n: 0 <= n < 2**32, "a whole number from 0 to 4294967295")
    what = "Train a small network, built from scalar neurons, on real data; show what it learned, and how."
    end = "A seed repeats a run digit for digit on one machine. Ctrl-C ends the training, and keeps what was learned."
    usage = "%(prog)s [digits | moons | names] [options]"
    parser = argparse.ArgumentParser("python -m nn", usage, description=what, epilog=end, allow_abbrev=False)
    add, jobs = parser.add_argument, "what to learn: handwritten digits (default), two moons, or first names"
    add("--version", action="version", version=f"chainrule {__version__}")
    add("job", nargs="?", choices=JOBS, default="digits", help=jobs)
    layers = f"neurons in each hidden layer{_defaults('hidden')}; name the job before it"
    add("--hidden", type=count, nargs="+", metavar="N", help=layers)
    add("--activation", default="relu", metavar="NAME", help="of the hidden layers: relu (default), tanh, sigmoid, ...")
    add("--dropout", type=share, default=0.0, metavar="P", help="share of hidden neurons to drop (default: 0)")
    kinds = f"{', '.join(OPTIMIZERS)}{_defaults('optimizer')}"
    add("--optimizer", choices=OPTIMIZERS, metavar="NAME", help=kinds)
    add("--lr", type=rate, metavar="RATE", help="learning rate (default: one that suits the optimizer, and is shown)")
    add("--momentum", type=share, metavar="M", help="share of the velocity that is kept (default: 0.9 for sgd)")
    add("--weight-decay", type=decay, metavar="W", help="pull of the weights to zero (default: 0; of adamw: 0.01)")
    courses = f"of the learning rate: {', '.join(SCHEDULES)} (default: cosine)"
    add("--schedule", choices=SCHEDULES, default="cosine", metavar="NAME", help=courses)
    add("--warmup", type=steps, default=0, metavar="N", help="steps in which the rate rises first (default: 0)")
    add("--epochs", type=count, metavar="N", help=f"passes over the data{_defaults('epochs')}")
    add("--batch-size", type=count, metavar="N", help=f"examples in a step{_defaults('batch_size')}")
    add("--eager", action="store_true", help="make each step on scalar Values, and don't compile it")
    add("--seed", type=seed, default=0, metavar="N", help="of the weights, the split and the order (default: 0)")
    add("--output", default="out", metavar="FOLDER", help="where to write the files (default: out)")
    return parser


def _defaults(name: str) -> str:
    found = {job: getattr(JOBS[job], name) for job in JOBS if hasattr(JOBS[job], name)}
    shown = {job: " ".join(map(str, v)) if isinstance(v, list) else str(v) for job, v in found.items()}
    return " (default: " + ", ".join(f"{value} for {job}" for job, value in shown.items()) + ")"


def _checked(kind: Callable[[str], Any], allowed: Callable[[Any], bool], what: str) -> Callable[[str], Any]:
    """How to read an option: a number of this kind, if it is allowed."""

    def read(text: str) -> Any:
        try:
            x = kind(text)
        except ValueError:
            x = None
        if x is None or not allowed(x):
            raise argparse.ArgumentTypeError(f"must be {what}, got {shown(text)}")
        return x

    return read


if __name__ == "__main__":
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a folder may have a name that is no text
    sys.exit(main())
