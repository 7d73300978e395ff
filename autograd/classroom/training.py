"""What the page's training asks of Python: a small network, its steps, and what there is to see of it.

It is given nn, rather than importing it: nn stands on the engine. A request is answered in a bounded time.
"""

from __future__ import annotations

import json
import math
import random
import time
from collections.abc import Callable, Sequence
from typing import Any

from ..basics.setting import assign
from ..functions import mean
from ..modes import no_grad
from ..show import steps
from ..show.practice.answers import entered
from ..value import Value
from .equations import equations
from .explore import piece
from .texts import Refused, complaint, quoted, refused, spoken, text

SIDE = 24
"""The network's output is shown at so many places each way."""
REACH = 2.0
"""Points lie between -REACH and REACH, both ways."""
MOST_POINTS = 100
SECONDS = 0.04
"""No step is begun after so long."""

ACTIVATIONS = ("tanh", "relu", "sigmoid", "linear")
STARTS: dict[str, Callable[[Any, Any, int], object]] = {
    "usual": lambda nn, model, seed: None,
    "xavier": lambda nn, model, seed: nn.init.xavier_uniform(model, seed=seed),
    "kaiming": lambda nn, model, seed: nn.init.kaiming_normal(model, seed=seed),
    "large": lambda nn, model, seed: nn.init.xavier_uniform(model, gain=10.0, seed=seed),
    "zeros": lambda nn, model, seed: nn.init.zeros(model),
}
"""How the weights begin."""
LOSSES: dict[str, Callable[[Any, Value, int], Value]] = {
    "cross-entropy": lambda nn, output, kind: nn.binary_cross_entropy_with_logits(output, kind),
    "squared": lambda nn, output, kind: nn.mse_loss(output, 2 * kind - 1),
}
"""By name, the loss of an output for a point of kind 0 or 1."""

Point = tuple[float, float, int]


def moons(seed: int) -> list[Point]:
    """40 points on two half circles that reach into each other."""
    rng, points = random.Random(seed), []
    for i in range(40):
        angle, kind = math.pi * (i // 2) / 19, i % 2
        x, y = (1 - math.cos(angle), 0.5 - math.sin(angle)) if kind else (math.cos(angle), math.sin(angle))
        points.append((_near(1.1 * (x - 0.5), rng), _near(1.1 * (y - 0.25), rng), kind))
    return points


def xor(seed: int) -> list[Point]:
    """40 points in four corners; two that face each other are of a kind."""
    rng, points = random.Random(seed), []
    for i in range(40):
        right, up = i % 2, i // 2 % 2
        points.append((_near(2 * right - 1, rng, 0.3), _near(2 * up - 1, rng, 0.3), right ^ up))
    return points


def _near(x: float, rng: random.Random, by: float = 0.12) -> float:
    return round(max(-REACH, min(REACH, rng.gauss(x, by))), 3)


DATA: dict[str, Callable[[int], list[Point]]] = {"moons": moons, "xor": xor, "none": lambda seed: []}


class Training:
    """A network that learns to tell two kinds of points apart, by gradient descent on all of them.

    Args:
        nn: the package nn.
    """

    def __init__(self, nn: Any) -> None:
        self.nn = nn
        self.model: Any = None
        self.optimizer: Any = None
        self.made: tuple[Any, ...] = ()
        self.step = 0
        self.language = "en"

    def answer(self, request: str) -> str:
        """Answer the page.

        Args:
            request: as JSON, the `settings` (activation, start, loss, layers, neurons, rate, seed), the `points` (x, y,
                and 0 or 1) or the name of `data` to take instead; `again` to start again; how many `steps` to make,
                fewer if they take long; whether to show the `field`; and the number of a `picked` point, or null.

        Returns:
            As JSON, the number of the `step`, the `losses` before each of the steps, the `loss` now, how many points
            are `right`, the `weights` by layer and neuron, the bias last, at how many points each neuron `fires`, the
            `field` from the lower left in rows, and as `passed` the picked point's backward pass in HTML; and an
            `error`, if there was one.
        """
        asked = json.loads(request)
        self.language = spoken(asked.get("language"))
        try:
            return json.dumps(self._answer(asked))
        except (ValueError, ArithmeticError, RuntimeError, TypeError, KeyError) as error:
            return json.dumps(complaint(error, self.language))

    def _answer(self, asked: dict[str, Any]) -> dict[str, Any]:
        settings = _settings(asked["settings"], self.language)
        data = asked.get("data")
        points = _points(asked["points"], self.language)
        if data:
            points = DATA[_one_of("data", data, DATA, self.language)](settings["seed"])
        made = tuple(settings[name] for name in ("activation", "start", "layers", "neurons", "seed"))
        if self.model is None or asked.get("again") or made != self.made:
            self._begin(settings, made)
        self.optimizer.lr = settings["rate"]
        loss = LOSSES[settings["loss"]]
        found: dict[str, Any] = {"points": points, "losses": [], "error": ""}
        if asked.get("steps") and not points:
            found["error"] = text("no_points_yet", self.language)
        elif asked.get("steps"):
            found |= self._steps(points, loss, int(asked["steps"]))
        return found | self._seen(points, loss, asked)

    def _begin(self, settings: dict[str, Any], made: tuple[Any, ...]) -> None:
        widths = [settings["neurons"]] * settings["layers"] + [1]
        model = self.nn.MLP(2, widths, activation=settings["activation"], seed=settings["seed"])
        STARTS[settings["start"]](self.nn, model, settings["seed"])
        self.optimizer = self.nn.SGD(model.parameters(), lr=settings["rate"])
        self.model, self.made, self.step = model, made, 0

    def _cost(self, points: Sequence[Point], loss: Callable[[Any, Value, int], Value]) -> Value:
        return mean([loss(self.nn, self.model([x, y]), kind) for x, y, kind in points])

    def _steps(self, points: Sequence[Point], loss: Callable[[Any, Value, int], Value], most: int) -> dict[str, Any]:
        """Make steps until they are made or time is up; one that leads to what isn't finite is taken back."""
        losses: list[float] = []
        until = time.perf_counter() + SECONDS
        parameters = self.model.parameters()
        while len(losses) < most and (not losses or time.perf_counter() < until):
            kept = [p.data for p in parameters]
            try:
                cost = self._cost(points, loss)
                self.optimizer.zero_grad()
                cost.backward()
                self.optimizer.step()
                finite = all(math.isfinite(x) for x in (cost.data, *(p.data for p in parameters)))
                if not (finite and math.isfinite(self._cost(points, loss).data)):
                    raise OverflowError("the loss would no longer be a finite number")
            except ArithmeticError as error:
                assign(parameters, "data", kept)
                said = text("explodes", self.language, step=self.step + 1, why=error)
                return {"losses": losses, "error": said}
            losses.append(cost.data)
            self.step += 1
        return {"losses": losses}

    def _seen(self, points: Sequence[Point], loss: Callable[[Any, Value, int], Value], asked: Any) -> dict[str, Any]:
        layers = self.model.layers
        found: dict[str, Any] = {
            "step": self.step,
            "weights": [[[p.data for p in (*n.w, n.b)] for n in layer.neurons] for layer in layers],
        }
        with no_grad():
            fires = [[0] * len(layer.neurons) for layer in layers]
            right = 0
            for x, y, kind in points:
                signals: Any = [x, y]
                for layer, counts in zip(layers, fires):
                    signals = layer(signals)
                    signals = signals if isinstance(signals, (list, tuple)) else [signals]
                    for i, signal in enumerate(signals):
                        counts[i] += signal.data != 0
                right += (signals[0].data > 0) == kind
            found |= {"fires": fires, "right": right}
            found["loss"] = self._cost(points, loss).data if points else None
            if asked.get("field"):
                at = [REACH * (2 * (i + 0.5) / SIDE - 1) for i in range(SIDE)]
                found["field"] = [[round(math.tanh(self.model([x, y]).data / 2), 3) for x in at] for y in at]
        picked = asked.get("picked")
        if picked is not None:
            found["passed"] = self._passed(points, picked, loss)
        return found

    def _passed(self, points: Sequence[Point], picked: Any, loss: Callable[[Any, Value, int], Value]) -> str:
        """The graph and backward pass of one point's loss, and the equations beside it, in HTML."""
        if type(picked) is not int or not 0 <= picked < len(points):
            raise refused("no_such_point", self.language, n=quoted(picked), all=len(points))
        x, y, kind = points[picked]
        result = loss(self.nn, self.model([Value(x, label="x"), Value(y, label="y")]), kind)
        result.label = "loss"
        passed = steps(result, language=self.language)
        beside = equations(passed, self.language)
        return f'<div class="beside"><div>{piece(passed)}</div><section>{beside}</section></div>'


def _settings(given: Any, language: str) -> dict[str, Any]:
    """The settings, checked: what is said of a mistake has all of them."""
    checks: dict[str, Callable[[str, Any], Any]] = {
        "activation": lambda key, x: _one_of(key, x, ACTIVATIONS, language),
        "start": lambda key, x: _one_of(key, x, STARTS, language),
        "loss": lambda key, x: _one_of(key, x, LOSSES, language),
        "layers": lambda key, x: int(_number(key, x, 0, 3, language, whole=True)),
        "neurons": lambda key, x: int(_number(key, x, 1, 8, language, whole=True)),
        "rate": lambda key, x: _number(key, x, 1e-6, 1e6, language),
        "seed": lambda key, x: int(_number(key, x, 0, 10**6, language, whole=True)),
    }
    found, wrong = {}, {}
    for key, check in checks.items():
        try:
            found[key] = check(key, given.get(key))
        except Refused as error:
            wrong[key] = str(error)
    if wrong:
        raise Refused(". ".join(wrong.values()), list(wrong))
    return found


def _one_of(key: str, given: Any, known: Any, language: str) -> str:
    if not isinstance(given, str) or given not in known:
        raise refused("one_of", language, name=text(key, language), known=", ".join(known), got=quoted(given))
    return given


def _number(key: str, given: Any, least: float, most: float, language: str, whole: bool = False) -> float:
    try:
        number = entered(str(given)[:50])
    except (ValueError, ArithmeticError):
        number = math.nan
    if not least <= number <= most or (whole and number != int(number)):
        sizes = {"least": f"{least:g}", "most": f"{most:,.0f}" if whole else f"{most:g}"}
        raise refused("whole" if whole else "between", language, name=text(key, language), got=quoted(given), **sizes)
    return number


def _points(given: Any, language: str) -> list[Point]:
    if not isinstance(given, list) or len(given) > MOST_POINTS:
        raise refused("many_points", language, most=MOST_POINTS)
    points = []
    for point in given:
        try:
            x, y, kind = map(float, point)
        except (TypeError, ValueError):
            raise refused("bad_point", language, got=quoted(point)) from None
        if not (abs(x) <= REACH and abs(y) <= REACH and kind in (0, 1)):
            raise refused("bad_point", language, got=quoted(point))
        points.append((x, y, int(kind)))
    return points
