"""The command line: `python -m autograd "x**2 * sin(y)" x=3 y=0.5` differentiates an expression.

Here are the arguments, the table, and the exit status: 0, or 2 with one line on stderr that says what was wrong. What
may stand in an expression is decided in vocabulary.py.
"""

from __future__ import annotations

import argparse
import io
import math
import re
import sys
import textwrap
import unicodedata
from collections.abc import Sequence
from importlib import import_module
from typing import TYPE_CHECKING

from . import __version__
from .expression import CONSTANTS, FUNCTIONS, Expression, ExpressionError, parse
from .value import Value

if TYPE_CHECKING:
    from .show import Drawing, Practice, Step, Steps

_DESCRIPTION = """\
Compute an expression and its derivative with respect to each of its names.

  python -m autograd "x**2 * sin(y)" x=3 y=0.5
"""

_MORE = f"""\
An expression is made of numbers, names, + - * / ** % and brackets, and these functions of autograd:

{textwrap.fill(", ".join(sorted(FUNCTIONS)), 96, initial_indent="  ", subsequent_indent="  ")}

Lists are written in square brackets: mean([x, y]), dot([w1, w2], [x1, x2], b). The constants are pi and e, unless
you give a number for that name yourself. Put the expression in quotes, so that the shell leaves * and ( alone.

  python -m autograd "-log(p)" p=0.25
  python -m autograd "(a + b) * (b + 1)" a=2 b=1 --explain
  python -m autograd "tanh(dot([w1, w2], [x1, x2], b))" w1=-3 w2=1 x1=2 x2=0 b=6.88 --draw neuron.svg

A number may be written 0.5, 0,5 or 1/2, and log(x) as ln(x).

How exercises for a class are made of an expression: python -m autograd exercises --help
How a page is built on which a class explores, practises and trains: python -m autograd classroom --help
"""

_MOST_EXPLAINED = 50  # names; for each of them the whole graph is gone through


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command.

    Args:
        argv: the arguments, without the name of the program; None for those of this process.

    Returns:
        The exit status: 0, or 2 for a mistake in the arguments or a number outside a function's domain.

    Raises:
        SystemExit: after `--help` (status 0), and for arguments that make no sense (status 2).

    >>> main(["x**2 * y", "x=3", "y=-0.5"])
    x**2 * y = -4.5
    <BLANKLINE>
    name  value  gradient
    x      3.0   -3.0
    y     -0.5    9.0
    0
    """
    argv = sys.argv[1:] if argv is None else argv
    if not argv:
        _parser().print_help(sys.stderr)
        return 2
    is_name = "".join(argv[1:2]).startswith(f"{argv[0]}=")  # `classroom classroom=3`
    try:
        if argv[0] == "exercises" and not is_name:
            from .exercises import command

            command.main(_with_expression_marked(argv[1:]))
        elif argv[0] == "classroom" and not is_name:
            from .classroom import command as classroom

            classroom.main(argv[1:])
        else:
            _differentiate(argv)
    except (ValueError, ArithmeticError, ImportError, RuntimeError, OSError) as error:
        from .notation.names import cut

        print(f"error: {cut(' '.join(str(error).split()), 1000)}", file=sys.stderr)  # what is quoted may be of any kind
        return 2
    return 0


def _differentiate(argv: Sequence[str]) -> None:
    parser = _parser()
    arguments = parser.parse_intermixed_args(_with_expression_marked(argv))
    if [] in (arguments.draw, arguments.html, arguments.practice):  # what argparse makes of --draw=--
        parser.error("--draw, --html and --practice need the name of a file")
    for module in arguments.modules:
        import_module(module)
    _run(parse(arguments.expression), _named(arguments.numbers), arguments)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m autograd",
        description=_DESCRIPTION,
        epilog=_MORE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"chainrule {__version__}")
    parser.add_argument("expression", metavar="EXPRESSION", help='what to differentiate: "x**2 * sin(y)"')
    numbers = "a number for each name: x=3 y=-1e-3"
    parser.add_argument("numbers", metavar="name=number", nargs="*", default=[], help=numbers)
    for option, result in (
        ("--draw", "draw the graph, with values and gradients, to a .svg, .png or .pdf: --draw graph.svg"),
        ("--html", "write the backward pass, one step at a time, as a page for a browser: --html steps.html"),
        ("--practice", "write the backward pass with blanks to fill in, as a page: --practice practice.html"),
    ):
        parser.add_argument(option, metavar="FILE", type=str.strip, help=result)
    functions = "a module with functions of your own, from autograd.primitive(..., expression=True)"
    parser.add_argument("--import", metavar="MODULE", dest="modules", action="append", default=[], help=functions)
    parser.add_argument("--explain", action="store_true", help="write the chain rule out for each name")
    plain = "write a module of plain Python that computes the expression and its gradient"
    parser.add_argument("--source", action="store_true", help=plain)
    return parser


def _with_expression_marked(argv: Sequence[str]) -> list[str]:
    """The arguments, with a space before an expression such as `-x**2`, without which argparse takes it for options.

    An option is `-h` or a word after two minus signs; behind a lone `--` nothing is one.
    """
    end = argv.index("--") if "--" in argv else len(argv)
    is_option = re.compile(r"-h|--[a-z]+(=.*)?", re.DOTALL).fullmatch
    marked = [f" {word}" if word.startswith("-") and not is_option(word) else word for word in argv[:end]]
    return marked + [f" {word}" for word in argv[end + 1 :]]


def _named(arguments: Sequence[str]) -> dict[str, float]:
    """The numbers by name, from arguments such as `x=2`."""
    numbers: dict[str, float] = {}
    for argument in arguments:
        name, equals, written = argument.strip().partition("=")
        name = unicodedata.normalize("NFKC", name.strip())  # as Python does with the names in the expression
        if not equals or not name.isidentifier():
            raise ExpressionError(f"{argument.strip()!r} is not of the form name=number, as in x=2")
        if name in numbers:
            raise ExpressionError(f"{name} was given twice: {name}={numbers[name]!r} and {argument.strip()}")
        try:
            numbers[name] = float(written)
        except ValueError:
            numbers[name] = _computed(argument.strip(), written)
        if not math.isfinite(numbers[name]):
            raise ExpressionError(f"{argument.strip()}: a number must be finite (and at most 1.8e308)")
    return numbers


def _computed(argument: str, written: str) -> float:
    """A number that is no decimal one: `1/2`, `0,5` or `pi/4`, as answers are read."""
    from .show.practice.answers import read

    try:
        return read(written, {}) if written[:1] != "=" else float(written)
    except (ValueError, ArithmeticError):
        raise ExpressionError(f"{argument}: {written!r} is not a number such as 2, -0.5, 1/2 or 1e-3") from None


def _run(expression: Expression, numbers: dict[str, float], wanted: argparse.Namespace) -> None:
    """Print the value, then the gradients; then what else is wanted. The source of both is wanted alone."""
    if wanted.source:
        if any(x is not None for x in (wanted.draw, wanted.html, wanted.practice)) or wanted.explain:
            raise ExpressionError("--source is for itself: leave out --draw, --html, --practice and --explain")
        return print(_source(expression, numbers), end="")
    leaves = {name: Value(number, label=name) for name, number in numbers.items()}
    result = expression(**leaves)
    shown = expression.text if len(expression.text) <= 80 else "the expression"
    print(f"{shown} = {result.data if isinstance(result, Value) else result!r}")
    for name in expression.constants:
        if name not in numbers:
            print(f"(with {name} = {CONSTANTS[name]!r})")
    if not isinstance(result, Value):
        if any(x is not None for x in (wanted.draw, wanted.html, wanted.practice)):
            raise ExpressionError("there is nothing to draw: the expression has no names")
        print("There are no names in it, so there is nothing to differentiate.")
        return
    sys.stdout.flush()  # the value comes first, also where stdout and an error below end up in the same file
    result.backward()
    print()
    print(_table([("name", "value", "gradient")] + [(x.label, repr(x.data), repr(x.grad)) for x in leaves.values()]))
    if wanted.explain and len(leaves) > _MOST_EXPLAINED:
        raise ExpressionError(f"--explain is for {_MOST_EXPLAINED} names at most, and there are {len(leaves)}")
    if not result.label:
        result.label = expression.letter
    if wanted.explain:
        _explain(result, list(leaves.values()), shown)
    if wanted.draw is not None:
        from .show import draw

        _save(draw(result), wanted.draw, "The graph is drawn in")
    if wanted.html is not None:
        from .show import steps

        _save(steps(result), wanted.html, "The steps of the backward pass are in")
    if wanted.practice is not None:
        from .show import practice

        _save(practice(result), wanted.practice, "The backward pass to practise on is in")


def _source(expression: Expression, numbers: dict[str, float]) -> str:
    """The module; where numbers are given, it computes with them when it is run."""
    from .program.export.scalars import plain_source

    if numbers:
        expression(**numbers)  # whose errors say what is missing
    names = [*expression.names, *[name for name in expression.constants if name in numbers]]
    given = [numbers[x] for x in names] if numbers else []
    try:
        return plain_source(lambda *xs: expression(**dict(zip(names, xs))), names, expression.text, given)
    except TypeError as cause:  # a function of one's own that can't be followed, or written
        raise ExpressionError(str(cause)) from None


def _explain(result: Value, leaves: Sequence[Value], shown: str) -> None:
    """Print the chain rule for each name."""
    from .show import explain

    if result.op and result.label:
        print(f"\n{result.label} = {shown}")
    for leaf in leaves:
        print(f"\n{explain(result, leaf)}")


def _save(picture: Drawing | Steps[Step] | Practice, file: str, done: str) -> None:
    try:
        picture.save(file)
    except OSError as error:
        raise RuntimeError(f"cannot write {file}: {error.strerror or error}") from None
    print(f"\n{done} {file}.")


def _table(rows: Sequence[tuple[str, str, str]]) -> str:
    """The rows in columns; where there is a minus sign in a column, its other numbers make room for one."""
    columns = []
    for head, *cells in zip(*rows):
        signed = any(cell.startswith("-") for cell in cells)
        cells = [head] + [f" {cell}" if signed and not cell.startswith("-") else cell for cell in cells]
        width = max(map(len, cells))
        columns.append([cell.ljust(width) for cell in cells])
    return "\n".join("  ".join(row).rstrip() for row in zip(*columns))


if __name__ == "__main__":
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a terminal without Greek letters shows \u03b8 for θ
    sys.exit(main())
