"""What `python -m nn` can learn."""

from functools import partial

from .. import data
from ..losses.classes import cross_entropy
from ..losses.numbers import hinge_loss
from .classes import Classes
from .job import Job
from .names import Names

JOBS: dict[str, Job] = {
    "digits": Classes("handwritten digits, 8 x 8 pixels", data.digits, cross_entropy, 12, 32, 64, 10, [32]),
    "moons": Classes("two moons", partial(data.moons, 400), hinge_loss, 40, 20, 2, 1, [16, 16]),
    "names": Names("first names, letter by letter", data.names, cross_entropy, 6, 32),
}

__all__ = ["JOBS", "Job"]
