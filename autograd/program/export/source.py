"""A program as a NumPy module that stands alone: a page with the function, forward and backward, and what it needs."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Sequence
from typing import Any

from ...rules import Binary, Unary
from ...ternary import takes_lists
from ..engines.numpy import functions
from ..slopes import Slope
from ..specialization import Specialization
from . import helpers
from .expressions import indexed
from .identifiers import Identifiers
from .inlining import Inliner, blank_before, called_by, plain
from .page import WIDTH, Page
from .text import Notes

_OURS = {name for module in (functions, helpers) for name in vars(module) if not name.startswith("_")}
_RESERVED = {"n", "np", "columns", "forward", "forward_and_backward", "loss_and_gradient", "outputs", "output"}
_RESERVED |= {"gradients", "rows", "row", "operator", "itertools", "functools", "cmath", "math"} | _OURS


def source(specialization: Specialization, name: str, arguments: Sequence[str]) -> str:
    """The text of the module.

    Args:
        specialization: what a function is for examples of one shape.
        name: the function's name.
        arguments: the names of its arguments.

    Raises:
        TypeError: if it calls a function of the user's that can't be written.
    """
    identifiers = Identifiers(_RESERVED)
    inputs = len(specialization.operations.inputs)
    names = [*arguments, *[f"x{i + 1}" for i in range(len(arguments), inputs)]][:inputs]
    if specialization.sources:
        names[-1] = "noise"  # the random numbers of dropout and the like
    page = Page(specialization, names, identifiers)
    inliner = Inliner(identifiers.taken)
    helping = _functions(page.notes, inliner)
    functions = [_function(page), _around(page, specialization, names)]  # which may need more tables
    parts = [*_numbers(page, specialization), *helping, _columns(specialization), *functions]
    body = "\n\n\n".join(parts)
    imports = inliner.imports - {"import numpy as np"} | ({"import math"} if "math." in body else set())
    head = [
        _head(page, identifiers.free(name) if name.isidentifier() else "A program"),
        "\n".join(sorted(imports)),
        "import numpy as np",
    ]
    return "\n\n".join([x for x in head if x]) + blank_before(body) + body + "\n"


def _head(page: Page, name: str) -> str:
    what = "the loss, and its gradients by the chain rule" if page.reader.is_loss else "what it returns"
    shapes = ", ".join([f"{x}\N{NO-BREAK SPACE}({rows},\N{NO-BREAK SPACE}n)" for x, rows in page.inputs.values()])
    given = ", ".join(
        [f"{x.name}\N{NO-BREAK SPACE}{x.shape}".replace(", ", ",\N{NO-BREAK SPACE}") for x in page.given.values()]
    )
    text = f"Each column is an example: {shapes}." + f" Parameters: {given}." * bool(given)
    lines = [line.replace("\N{NO-BREAK SPACE}", " ") for line in textwrap.wrap(text, WIDTH)]
    return "\n".join([f'"""{name}: {what}.', "", *lines, '"""'])


def _numbers(page: Page, specialization: Specialization) -> list[str]:
    """Long lists of numbers, and those that the function read besides its parameters."""
    found = []
    for numbers, name in page.notes.tables.items():
        rows = textwrap.wrap(", ".join(numbers), WIDTH - 6)
        found.append(
            "\n".join(["# fmt: off", f"{name} = np.array([", *[f"    {row}" for row in rows], "])", "# fmt: on"])
        )
    for x in page.given.values():
        if x.places is None:
            captured = [repr(leaf.data) for leaf in specialization.operations.captured]
            rows = textwrap.wrap(", ".join(captured), WIDTH - 6)
            lines = ["# fmt: off", f"{x.name} = np.array([  # numbers that are no parameters"]
            found.append("\n".join([*lines, *[f"    {row}" for row in rows], "])[:, None]", "# fmt: on"]))
    return ["\n".join(found)] if found else []


def _functions(notes: Notes, inliner: Inliner) -> list[str]:
    """The text of all functions that the page calls, each after those that it calls itself."""
    ours: dict[str, Any] = {}
    own: list[str] = []

    def with_called(f: Any) -> None:
        if f.__name__ not in ours:
            for called in called_by(f).values():
                with_called(called)
            ours[f.__name__] = f

    for f, name in notes.functions.items():
        if getattr(f, "__module__", "") in (functions.__name__, helpers.__name__):
            with_called(f)
        else:
            computed, helper = _of_numbers(f, name, inliner)
            with_called(helper)
            if "slope_at" in computed:
                with_called(helpers.slope_at)
            own.append(f"def {name}(*numbers):\n    return {computed}")
    return [*map(plain, ours.values()), *inliner.block, *own]


def _of_numbers(rule: Any, name: str, inliner: Inliner) -> tuple[str, Any]:
    """The call that computes a rule for arrays, from the text of its function of numbers; and the helper it calls."""
    kernel = getattr(rule, "kernels", {}).get("numpy")
    if kernel is not None:
        return f"whole_array({inliner.add(kernel, f'{name}_kernel', rule.name)}, *numbers)", helpers.whole_array
    if not isinstance(rule, Slope):
        own = getattr(rule, "f", rule.forward)  # of `straight_through` the function itself
        helper = helpers.each_list if takes_lists(rule) else helpers.each
        return f"{helper.__name__}({inliner.add(own, f'{name}_of', rule.name)}, *numbers)", helper
    of: Any = rule.rule
    i, j = rule.place
    if isinstance(of, (Unary, Binary)):
        slope = getattr(of, "db" if i else "da")
        return f"each({inliner.add(slope, f'{name}_of', of.name)}, *numbers)", helpers.each
    slopes = inliner.add(of.d, f"{name}_of", of.name)
    return f"each(slope_at({slopes}, {rule.sizes}, {i}, {j}), *numbers)", helpers.each


def _dtype(specialization: Specialization) -> str:
    """What NumPy is told to compute with; it has no bfloat16, whose numbers are among those of float32."""
    dtype = specialization.spec.dtype
    return "float" if dtype == "float64" else '"float32"' if dtype == "bfloat16" else f'"{dtype}"'


def _columns(specialization: Specialization) -> str:
    dtype = _dtype(specialization)
    return (
        "def columns(batch):\n"
        '    """A column for each example of a batch."""\n'
        f"    return np.asarray(batch, dtype={dtype}).reshape(len(batch), -1).T"
    )


def _function(page: Page) -> str:
    """The function on arrays with their names."""
    inputs = [name for name, _ in page.inputs.values()]
    loss = page.reader.is_loss
    lines = [
        _call(
            "def ",
            "forward_and_backward" if loss else "forward",
            [*inputs, *[x.name for x in page.given.values()]],
            ":",
        )
    ]
    if re.search(r"\bn\b", " ".join([line.partition("#")[0] for line in (*page.lines, page.result)])):
        lines.append(f"    n = {inputs[0]}.shape[1]  # examples")
        lines.append("")
    lines += [f"    {line}" if line else "" for line in page.lines]
    if not loss:
        return "\n".join([*lines, f"    return {page.result}"])
    pairs = [f'"{page.given[key].name}": {d}' for key, d in page.gradients.items()]
    whole = f"    gradients = {{{', '.join(pairs)}}}"
    lines += [""] if page.lines else []
    if len(whole) <= WIDTH:
        lines.append(whole)
    else:
        lines += ["    gradients = {", *[f"        {pair}," for pair in pairs], "    }"]
    return "\n".join([*lines, f"    return {page.result}, gradients"])


def _around(page: Page, specialization: Specialization, arguments: Sequence[str]) -> str:
    """The function on what a program takes: batches with the examples first, and the parameters in one list."""
    local = Identifiers(_RESERVED | {x.name for x in page.given.values()})
    batches = [local.free(x) for x in arguments]
    parameters, vector, gradient = local.free("parameters"), local.free("vector"), local.free("gradient")
    loss = page.reader.is_loss
    dtype = _dtype(specialization)
    lines = [_call("def ", "loss_and_gradient" if loss else "outputs", [parameters, *batches], ":")]
    lines.append(
        '    """The loss for a batch, and its gradient in the order of the parameters."""'
        if loss
        else '    """For each example of a batch a row with the numbers that are returned."""'
    )
    position = {id(p): i for i, p in enumerate(specialization.spec.parameters)}
    order = [position[id(p)] for p in specialization.parameters]
    layers = [layer for layer in page.reader.names.letters if layer[1] in page.given]
    given = {key: x for key, x in page.given.items() if x.places is not None}
    if given or loss:
        lines.append(f"    {vector} = np.asarray({parameters}, dtype={dtype})")
    back: list[str] = []
    done: set[str] = set()
    for (weights, biases, (m, k)), w, b in layers:
        row_by_row = sorted([order[i] for i in weights + biases])
        together = [order[i] for j in range(m) for i in (*weights[j * k : (j + 1) * k], biases[j])] if biases else []
        if biases and b in given and together == row_by_row == [*range(together[0], together[-1] + 1)]:
            done |= {w, b}
            where = f"{together[0]}:{together[-1] + 1}"
            lines.append(
                f"    {given[w].name}, {given[b].name} = "
                f"np.split({vector}[{where}].reshape({m}, {k + 1}), [{k}], axis=1)"
            )
            if {w, b} <= page.gradients.keys():
                both = ", ".join([f'gradients["{given[x].name}"]' for x in (w, b)])
                back.append(f"    {gradient}[{where}] += np.hstack([{both}]).ravel()")
            else:
                done -= {w, b}
                lines.pop()
    for key, x in given.items():
        if key not in done:
            places = indexed([order[i] for i in x.places or ()], page.notes)
            lines.append(f"    {x.name} = {vector}[{places}].reshape{x.shape}")
            if key in page.gradients:
                g = f'gradients["{x.name}"].ravel()'
                once = len(set(x.places or ())) == len(x.places or ())
                back.append(f"    {gradient}[{places}] += {g}" if once else f"    np.add.at({gradient}, {places}, {g})")
    call = "forward_and_backward" if loss else "forward"
    passed = [*[f"columns({x})" for x in batches], *[x.name for x in page.given.values()]]
    if not loss:
        return "\n".join([*lines, _call("    return ", call, passed, ".T")])
    name = page.result
    lines.append(_call(f"    {name}, {'gradients' if back else '_'} = ", call, passed, ""))
    lines.append(f"    {gradient} = np.zeros({vector}.shape)")
    scale = specialization.loss_scale
    over = "" if scale == 1 else f" / {scale!r}"
    return "\n".join([*lines, *back, f"    return float({name}), {gradient}{over}"])


def _call(before: str, name: str, args: Sequence[str], after: str) -> str:
    """name(a, b), over several lines if it is long."""
    indent = " " * (len(before) - len(before.lstrip()))
    line = f"{before}{name}({', '.join(args)}){after}"
    if len(line) <= WIDTH:
        return line
    return "\n".join([f"{before}{name}(", *[f"{indent}    {x}," for x in args], f"{indent}){after}"])
