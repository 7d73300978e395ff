"""The devices that share a batch: each computes with a part of it, and one sum over all of them makes the gradient.

JAX does it (`jax.sharding`, and across hosts `jax.distributed`); here stands which devices, and how arrays get there.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.sharding import Mesh, NamedSharding

from autograd.basics.messages import shown

PartitionSpec: Any = jax.sharding.PartitionSpec

AXIS = "batch"
"""The name of the axis along which they lie."""


class Devices:
    """Devices in a row.

    Args:
        wanted: a number of devices, or a list of JAX's; None for all, of all processes.

    Raises:
        TypeError, ValueError: if they are none, or there are not as many.
    """

    def __init__(self, wanted: int | Sequence[Any] | None = None) -> None:
        there = jax.devices()
        if isinstance(wanted, int) and not 0 < wanted <= len(there):
            raise ValueError(f"devices must be a number from 1 to {len(there)}, for so many are there, got {wanted}")
        if isinstance(wanted, Sequence) and wanted and {*map(type, wanted)} <= {*map(type, there)}:
            self.all = list(wanted)
        elif wanted is None or isinstance(wanted, int):
            self.all = list(there[:wanted])
        else:
            raise TypeError(f"devices must be a number, or a list of some of jax.devices(), got {shown(wanted)}")
        self.count = len(self.all)
        self._mesh = Mesh(np.array(self.all), (AXIS,))

    def __repr__(self) -> str:
        return f"{self.count} {self.all[0].platform}{'s' * (self.count != 1)}"

    def shared(self, function: Callable[..., Any], parts: Any, results: Any) -> Callable[..., Any]:
        """The function as each device computes it with its part of the arguments, and all of them together."""
        if self.count == 1:
            return function
        return jax.shard_map(function, mesh=self._mesh, in_specs=parts, out_specs=results)

    def mean(self, mean: Any, gradient: Any, undefined: Any) -> tuple[Any, Any, Any]:
        """The mean and the gradient of all, in double precision, and whether one of them met something undefined.

        They are sent as one vector: each device waits for the others once a step.
        """
        if self.count == 1:
            return jnp.asarray(mean, float), jnp.asarray(gradient, float), jnp.asarray(undefined)
        numbers = jnp.concatenate([jnp.stack([mean, undefined]).astype(float), gradient.astype(float)])
        numbers = jax.lax.psum(numbers, AXIS) / self.count  # type: ignore[no-untyped-call]
        return numbers[0], numbers[2:], numbers[1] > 0

    def position(self) -> Any:
        """Which of the devices this is."""
        return jax.lax.axis_index(AXIS) if self.count > 1 else 0

    def whole(self, array: Any) -> Any:
        """An array of which each device has all."""
        return self._put(array, PartitionSpec())

    def parted(self, array: Any, axis: int) -> Any:
        """An array of which each device has its part along an axis."""
        return self._put(array, PartitionSpec(*[None] * axis, AXIS))

    def _put(self, array: Any, parts: Any) -> Any:
        array = np.asarray(array)
        return jax.make_array_from_callback(array.shape, NamedSharding(self._mesh, parts), lambda part: array[part])

    @contextmanager
    def awaited(self) -> Iterator[None]:
        """What is done together with other processes; a ValueError that tells what to do if one of them is gone."""
        try:
            yield
        except jax.errors.JaxRuntimeError as cause:
            if jax.process_count() == 1:
                raise
            raise ValueError(
                f"one of the {jax.process_count()} processes that train together can't be reached any more (JAX:"
                f" {str(cause)[:200]}): start them all again, from the last checkpoint"
            ) from None

    def agree(self, what: str, *numbers: Any) -> None:
        """A ValueError unless all processes have the same numbers, or if one of them is gone."""
        if jax.process_count() == 1:
            return
        from jax.experimental import multihost_utils

        mine = 0
        for x in numbers:
            mine = zlib.crc32(b"" if x is None else np.ascontiguousarray(x).tobytes(), mine)
        with self.awaited():
            found = multihost_utils.process_allgather(np.array(mine, np.uint32)).tolist()
        other = next((i for i, x in enumerate(found) if x != found[0]), None)
        if other is not None:
            raise ValueError(
                f"process {other} has {what} other than those of process 0: all must train the same model on the same"
                " examples, with the same optimizer and seed"
            )
