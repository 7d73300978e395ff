"""A program as a pure function of JAX, for the user's own jit, scan, vmap and optimizers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from .engines import engine
from .spec import Spec, check_for_jax
from .specialization import Specialization


def pure(spec: Spec, specialize: Callable[[Sequence[Any]], Specialization]) -> Callable[..., Any]:
    """The function (vector, *batches) -> (loss, gradient), as `Program.as_jax` describes it.

    Args:
        spec: what the program was made for.
        specialize: a function that returns what the program is for arrays of these shapes.
    """
    check_for_jax("as_jax()")
    import jax.numpy as jnp
    import numpy as np

    by = engine("jax", spec.dtype)
    position = {p: i for i, p in enumerate(spec.parameters)}

    def loss_and_gradient(vector: Any, *batches: Any) -> tuple[Any, Any]:
        vector, arrays = jnp.asarray(vector), [jnp.asarray(batch) for batch in batches]
        if vector.dtype != spec.dtype:
            mend = ": turn JAX's 64-bit mode on for it, or compile with dtype='float32'" * (spec.dtype == "float64")
            raise TypeError(f"the vector must have the program's dtype {spec.dtype}, got {vector.dtype}{mend}")
        if vector.shape != (len(position),):
            raise ValueError(
                f"the vector must have a number for each of {len(position)} parameters, got {vector.shape}"
            )
        traced = specialize([np.broadcast_to(0.0, array.shape) for array in arrays])
        if traced.sources:
            raise TypeError(
                "the function draws random numbers, as dropout does: a pure function takes them as arguments"
            )
        order = [position[p] for p in traced.parameters]
        columns = [array.astype(spec.dtype).reshape(len(array), -1).T for array in arrays]
        captured = np.array([x.data for x in traced.operations.captured], spec.dtype)
        here = vector if order == sorted(order) else vector[np.array(order)]
        found: Any = by.prepare(traced.task("step")).pure(here, captured, *columns)  # type: ignore[attr-defined]
        gradient = found.gradient if order == sorted(order) else found.gradient[np.argsort(order)]
        allowed = [getattr(test, "right", test)(x).all() for x, (_, test) in zip(found.results, traced.row_guards)]
        fine = jnp.stack([~jnp.asarray(found.undefined), *allowed]).all()
        return jnp.where(fine, found.mean, jnp.nan), gradient / spec.loss_scale

    return loss_and_gradient
