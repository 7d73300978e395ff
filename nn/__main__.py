"""The command line: train a network on real data, and show what it learned."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograd import Value, no_grad

from . import MLP, SGD, accuracy, cross_entropy, data, fit, hinge_loss, pictures, save


@dataclass(frozen=True)
class Job:
    """One thing to learn, with settings that work for it."""

    title: str
    load: Callable[..., data.Split]
    inputs: int
    outputs: int
    loss: Callable[[Any, Any], Value]
    hidden: list[int]
    epochs: int
    lr: float
    batch_size: int


JOBS = {
    "digits": Job("handwritten digits, 8 x 8 pixels", data.digits, 64, 10, cross_entropy, [32], 12, 0.1, 32),
    "moons": Job("two moons", data.moons, 2, 1, hinge_loss, [16, 16], 60, 0.05, 20),
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run a job; returns the exit status."""
    options = _parser().parse_args(argv)
    try:
        _run(options.job, options)
    except ImportError as cause:
        print(f"python -m nn: {cause}; this mends it: pip install 'chainrule[train]'", file=sys.stderr)
        return 2
    except (ValueError, OSError) as cause:
        print(f"python -m nn: {cause}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("\npython -m nn: stopped", file=sys.stderr)
        return 130
    return 0


def _run(name: str, options: argparse.Namespace) -> None:
    job = JOBS[name]
    hidden = options.hidden or job.hidden
    folder = Path(options.output)
    folder.mkdir(parents=True, exist_ok=True)  # before the training, so that a bad folder costs no time
    split = job.load(seed=options.seed)
    model = MLP(job.inputs, [*hidden, job.outputs], activation=options.activation, seed=options.seed)
    optimizer = SGD(model.parameters(), options.lr or job.lr, momentum=options.momentum)
    epochs = options.epochs or job.epochs
    print(f"{job.title}: {len(split.train_inputs)} examples to train on, {len(split.test_inputs)} to test with")
    print(f"{model}: {len(optimizer.params)} parameters, seed {options.seed}")
    start = time.perf_counter()
    history = fit(
        model,
        job.loss,
        split.train_inputs,
        split.train_targets,
        optimizer=optimizer,
        epochs=epochs,
        batch_size=options.batch_size or job.batch_size,
        seed=options.seed,
    )
    seconds = time.perf_counter() - start
    with no_grad():
        outputs = [model(x) for x in split.test_inputs]
        train = accuracy([model(x) for x in split.train_inputs], split.train_targets)
    test = accuracy(outputs, split.test_targets)
    print(f"loss {history.loss[0]:.4g} in the first epoch, {history.loss[-1]:.4g} in the last; {seconds:.1f} s")
    print(f"accuracy: {train:.1%} on the training data, {test:.1%} on the test data")
    save(model, folder / f"{name}.json")
    picture = folder / f"{name}.png"
    if name == "digits":
        answers = [y.index(max(y)) for y in outputs]
        pictures.digits_picture(split.test_inputs, answers, split.test_targets, picture)
    else:
        pictures.boundary_picture(model, split.train_inputs, split.train_targets, history.loss, picture)
    print(f"what it learned: {picture}, its weights: {folder / f'{name}.json'}")


def _parser() -> argparse.ArgumentParser:
    count = _checked(int, lambda n: n >= 1, "a whole number, 1 or more")
    rate = _checked(float, lambda x: 0 < x < float("inf"), "a finite number greater than 0")
    share = _checked(float, lambda x: 0 <= x < 1, "a number from 0 to less than 1")
    seed = _checked(int, lambda n: 0 <= n < 2**32, "a whole number from 0 to 4294967295")
    parser = argparse.ArgumentParser(
        prog="python -m nn",
        description="Train a small network, built from scalar neurons, on real data; show what it learned.",
        epilog="A seed repeats a run digit for digit.",
        allow_abbrev=False,
    )
    parser.add_argument(
        "job",
        nargs="?",
        choices=JOBS,
        default="digits",
        help="what to learn: handwritten digits (default), or two moons",
    )
    parser.add_argument(
        "--hidden",
        type=count,
        nargs="+",
        metavar="N",
        help=f"neurons in each hidden layer{_defaults('hidden')}; name the job before it",
    )
    parser.add_argument("--activation", default="relu", help="of the hidden layers: relu (default), tanh, sigmoid, ...")
    parser.add_argument("--epochs", type=count, metavar="N", help=f"passes over the data{_defaults('epochs')}")
    parser.add_argument("--lr", type=rate, metavar="RATE", help=f"learning rate{_defaults('lr')}")
    parser.add_argument(
        "--momentum", type=share, default=0.9, metavar="M", help="share of the velocity that is kept (default: 0.9)"
    )
    parser.add_argument("--batch-size", type=count, metavar="N", help=f"examples in a step{_defaults('batch_size')}")
    parser.add_argument(
        "--seed", type=seed, default=0, metavar="N", help="of the weights, the split and the order (default: 0)"
    )
    parser.add_argument("--output", default="out", metavar="FOLDER", help="where to write the files (default: out)")
    return parser


def _defaults(name: str) -> str:
    shown = {job: " ".join(map(str, v)) if isinstance(v := getattr(JOBS[job], name), list) else str(v) for job in JOBS}
    return " (default: " + ", ".join(f"{value} for {job}" for job, value in shown.items()) + ")"


def _checked(kind: Callable[[str], Any], allowed: Callable[[Any], bool], what: str) -> Callable[[str], Any]:
    """How to read an option: a number of this kind, if it is allowed."""

    def read(text: str) -> Any:
        try:
            x = kind(text)
        except ValueError:
            x = None
        if x is None or not allowed(x):
            raise argparse.ArgumentTypeError(f"must be {what}, got {text!r}")
        return x

    return read


if __name__ == "__main__":
    sys.exit(main())
