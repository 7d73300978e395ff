"""What the optimizers of first_order.py share: a step that is made whole or not at all, and a state to save and load.

How a parameter moves is not written here: each optimizer has a formula in formulas.py, or a method `update` of its own,
that a step calls for each of them.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache, partial
from typing import TYPE_CHECKING, Any, ClassVar

from autograd import Value, bulk
from autograd.basics.messages import shown
from autograd.familiar import elsewhere, takes_no

from ..checks import named, saved_steps
from ..familiar import OPTIMIZER, SET_TO_NONE
from . import formulas
from .parameters import Check, Configured, all_finite, checks_of, gradients, refuse_moved


@cache
def _without_loops() -> dict[str, Callable[..., tuple[Any, ...]]]:
    """The functions of formulas.py with what is in their loops done once: from g, p and what is remembered to the new.

    Read from its source, which lies beside this file, also in a zip file, and where it is compiled for floats alone. In
    the loop, over columns of one array each, a step of a session took 1.3 to 2 µs longer.
    """
    from importlib.resources import files

    tree = ast.parse(files(__package__).joinpath("formulas.py").read_text(encoding="utf-8"))
    for function in tree.body:
        if isinstance(function, ast.FunctionDef):
            loop: Any = function.body[-1]  # for i, (g, p, ...) in enumerate(zip(gs, ps, ...))
            columns = [x.id for x in loop.iter.args[0].args]
            numbers = f"{ast.unparse(loop.target)} = 0, ({', '.join(columns)})"  # they are what the columns would hold
            first = ast.parse("\n".join([numbers, *[f"{x} = [{x}]" for x in columns]]))
            last = ast.parse(f"return {', '.join([f'{x}[0]' for x in columns[1:]])},")
            function.body = [*first.body, *loop.body, *last.body]
    space: dict[str, Any] = {}
    exec(compile(ast.fix_missing_locations(tree), "formulas.py", "exec"), space)
    return space


class Optimizer(Configured):
    """The base of the optimizers that need a gradient only: an `update` rule, applied to each parameter.

    An optimizer of your own says what it can be set to, what it remembers of each parameter, and how one moves. Its
    constructor takes the parameters and, by name, all settings:

    >>> class SignDescent(Optimizer):
    ...     def update(self, t, p, g):
    ...         return (p - self.lr * (1.0 * (g > 0) - 1.0 * (g < 0)),)
    >>> w = Value(1.0)
    >>> optimizer = SignDescent([w], lr=0.25)
    >>> (w * w).backward()
    >>> optimizer.step()
    >>> w.data
    0.75
    >>> optimizer.zero_grad()
    >>> optimizer.load_state_dict(optimizer.state_dict())
    >>> w.grad, optimizer.steps
    (0.0, 1)

    Args:
        params: the Values to move: n leaves, each once. One that the loss didn't use has a gradient of 0, and momentum
            and weight decay move it all the same. (PyTorch leaves it out, unless its gradients are kept as zeros.)
        lr: the learning rate.

    Raises:
        TypeError: if params are not Values, or a setting has the wrong type.
        ValueError: if params is empty, holds one twice or one that was computed, or a setting is out of its range; also
            where a setting is assigned to later on.
    """

    def __init__(self, params: Iterable[Value], lr: float) -> None:
        super().__init__(params)
        self.lr, self.steps = lr, 0
        self.state = {name: [0.0] * len(self.params) for name in self.memory}

    settings: ClassVar[dict[str, Check]] = checks_of(__init__)
    """What can be set, by name: the check that each of them passes whenever it is assigned to."""

    memory: ClassVar[dict[str, Check]] = {}
    """What is remembered of each parameter, by name: the check that it passes when it is loaded."""

    formula: ClassVar[str] = ""
    """The function of formulas.py that is the rule, unless there is an `update` of one's own."""

    def _constants(self, t: int) -> tuple[Any, ...]:
        """What the formula takes before p and g: what is set, and what depends on the number of the step alone."""
        return ()

    if TYPE_CHECKING:  # what follows p and g is the rule's own, which a type checker can't know
        update: Callable[..., tuple[Any, ...]]
    else:

        def update(self, t: int, p: Any, g: Any, *remembered: Any) -> tuple[Any, ...]:
            """The rule: where a parameter moves, and what is then remembered of it. It changes nothing itself.

            Args:
                t: the number of the step, from 1.
                p: the parameter as a float, or as a NumPy array of many.
                g: its gradient, of the same shape.
                *remembered: what is remembered of it, one for each name in `memory`, of the same shape.

            Returns:
                (the new p, the new *remembered).
            """
            if not self.formula:
                raise NotImplementedError(f"{type(self).__name__} has no update rule")
            return _without_loops()[self.formula](*self._constants(t), g, p, *remembered)

    def _move(self, t: int, data: list[float], grads: list[float], state: list[list[float]]) -> list[list[float]]:
        """What step t makes of all parameters, and of what is remembered of them: the formula goes through them all."""
        if type(self).update is not Optimizer.update or "update" in vars(self) or not self.formula:
            return list(map(list, zip(*map(partial(self.update, t), data, grads, *state))))
        columns = [data, *map(list, state)]
        getattr(formulas, self.formula)(*self._constants(t), grads, *columns)
        return columns

    def step(self) -> None:
        """Move every parameter once, by its gradient.

        Raises:
            ValueError: if a gradient is not finite, a parameter or what is remembered of it would not be, or `params`
                is longer or shorter than it was. Then, and if Ctrl-C interrupts the step, nothing has changed: neither
                parameters nor state nor `steps`.
        """
        t, n = self.steps + 1, len(self.params)
        data, grads, remembered = bulk.numbers(self.params), gradients(self.params), list(self.state.values())
        for before in map(len, remembered):
            if before != n:
                raise ValueError(f"params held {before} when the optimizer was made, and {n} now: make a new one")
        try:
            moved, *state = self._move(t, data, grads, remembered)
        except ZeroDivisionError:
            raise ValueError(
                "the step divides by zero, the size (if centered, the spread) of the gradients so far: no parameter"
                " was moved; an eps greater than 0 mends it"
            ) from None
        self.check(moved, state)
        kept = self.state, self.steps
        try:
            self.state, self.steps = dict(zip(self.memory, state)), t
            bulk.assign(self.params, moved)  # all of them or, if it is interrupted, none
        except BaseException:
            self.state, self.steps = kept
            raise

    def check(self, moved: Sequence[float], state: Iterable[Sequence[float]]) -> None:
        """A ValueError if a step to these numbers would make one that is not finite; it names the parameter.

        Args:
            moved: where the parameters would be.
            state: what would be remembered of them, in the order of `memory`.

        >>> Optimizer([Value(1.0)], lr=0.1).check([2.0], [])
        """
        mend = "smaller gradients mend it (clip_grad_norm, or another scale of the loss)"
        for name, xs in zip(self.memory, state):
            all_finite(xs, self.params, name + " of {} would become {}: no parameter was moved; " + mend)
        refuse_moved(self.params, moved)

    @takes_no(set_to_none=SET_TO_NONE)
    def zero_grad(self) -> None:
        """Set the gradient of every parameter to zero."""
        bulk.zero_gradients(self.params)

    def state_dict(self) -> dict[str, Any]:
        """All that the next step depends on but the parameters themselves, as a dict that JSON keeps exactly.

        Returns:
            {"optimizer": the name of the class, "steps": how many were made, "settings": {name: value}, "state": {name:
            n floats}}; the numbers stand in the order of the parameters.
        """
        chosen = {name: getattr(self, name) for name in self.settings}
        return {
            "optimizer": type(self).__name__,
            "steps": self.steps,
            "settings": {name: list(x) if isinstance(x, tuple) else x for name, x in chosen.items()},
            "state": {name: list(xs) for name, xs in self.state.items()},
        }

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on where another optimizer of this kind was: with its settings, its count of steps, and its memory.

        Args:
            state: what `state_dict()` of an optimizer of the same class and number of parameters returned.

        Raises:
            TypeError: if it is not a dict.
            ValueError: if it is the state of another optimizer, or anything in it is missing, too much, or out of its
                range. Then nothing has changed.
        """
        if not isinstance(state, Mapping):
            raise TypeError(f"state must be a dict that state_dict() returned, got {type(state).__name__}")
        kind = type(self).__name__
        named("the state", state, ("optimizer", "steps", "settings", "state"))
        if state["optimizer"] != kind:
            raise ValueError(f"the state is that of the optimizer {shown(state['optimizer'])}, this is {kind}")
        chosen = named("the state's settings", state["settings"], self.settings)
        remembered = named("the state's state", state["state"], self.memory)
        try:
            new = type(self)(self.params, **chosen)  # which checks them all
            loaded = {name: self._remembered(f"state[{name!r}]", remembered[name], name) for name in self.memory}
        except (TypeError, OverflowError) as cause:
            raise ValueError(f"the state doesn't fit: {cause}") from None
        settings = {name: getattr(new, name) for name in self.settings}
        vars(self).update(settings, steps=saved_steps(state["steps"]), state=loaded)

    def _remembered(self, place: str, xs: Any, name: str) -> list[Any]:
        """What a saved state has under a name in `memory`; a ValueError that names the place if it is wrong."""
        n, check = len(self.params), self.memory[name]
        if not isinstance(xs, list) or len(xs) != n:
            got = f"{len(xs)} numbers" if isinstance(xs, list) else f"{shown(xs)}"
            raise ValueError(f"{place} must be a list of {n} numbers, one for each parameter, got {got}")
        return [check(f"{place}[{i}]", _no_flag(x)) for i, x in enumerate(xs)]


elsewhere(Optimizer, OPTIMIZER)


def _no_flag(x: Any) -> Any:
    if isinstance(x, bool):
        raise TypeError(f"got {shown(x)} in place of a number")
    return x
