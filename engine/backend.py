"""What trains: NumPy, by itself or with loops that Numba compiles, or CuPy on a GPU,
chosen at run time.

The only module that imports CuPy. Everything else creates arrays with the `xp` it is given.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec
from types import ModuleType
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from engine.errors import BackendError
from engine.messages import Message, verbatim

Array = Any
"""An array of the backend in use: `numpy.ndarray` or `cupy.ndarray`."""

BackendName = Literal["auto", "numpy", "numba", "cupy"]

WORTHWHILE = 200_000_000
"""Multiplications and additions of all forward passes together from which on `auto` compiles loops.
A process that trains one run after another has Numba and its machine code at hand, and trains twice
as fast with them. What is less lasts a twentieth of a second on NumPy alone, and elsewhere, in a
notebook say, Numba takes two seconds to load."""


def special(array: Array) -> Any:
    """The special functions (ndtr, ...) for such an array, imported where they are needed: they
    take a tenth of the start of a process that trains."""
    if isinstance(array, np.ndarray):
        import scipy.special

        return scipy.special
    from cupyx.scipy import special as cupy_special

    return cupy_special


def to_host(array: Array) -> NDArray[Any]:
    """A device array on the host: the one place where data comes back."""
    host: NDArray[Any] = array.get() if hasattr(array, "get") else array
    return host


@dataclass(frozen=True)
class Backend:
    """An array library, its name, why it was chosen, and whether loops are compiled for it."""

    name: str
    xp: ModuleType
    reason: Message
    compiles: bool = False

    def to_device(self, array: NDArray[Any]) -> Array:
        """A host array on the device."""
        return self.xp.asarray(array)

    def copy_to_host(self, array: Array) -> NDArray[Any]:
        """A copy of a device array on the host."""
        return to_host(array.copy())


NUMPY = Backend("numpy", np, Message("NumPy was asked for"))


def choose(requested: BackendName, *, work: float = 0) -> Backend:
    """The backend asked for; `auto` takes CuPy where a device answers, else Numba where the
    training is WORTHWHILE work, else NumPy.

    Raises BackendError where CuPy or Numba is asked for and cannot be had.
    """
    if requested == "numpy":
        return NUMPY
    if requested == "numba":
        return _numba(Message("Numba was asked for"))
    try:
        return _cupy()
    except BackendError as error:
        if requested == "cupy":
            raise
        return _on_the_processor(Message("no GPU: {why}", why=error.message), work)


def _on_the_processor(no_gpu: Message, work: float) -> Backend:
    if work < WORTHWHILE:
        short = Message("too short a training to load Numba for")
        return Backend("numpy", np, no_gpu.then(short))
    try:
        return _numba(no_gpu)
    except BackendError as error:
        return Backend("numpy", np, no_gpu.then(error.message))


def _numba(reason: Message) -> Backend:
    if find_spec("numba") is None:
        raise BackendError(
            Message("`backend` numba needs Numba, which is not installed: `pip install numba`")
        )
    return Backend("numba", np, reason, compiles=True)


def _cupy() -> Backend:
    try:
        import cupy
    except ImportError as error:
        raise BackendError(
            Message(
                "`backend` cupy needs CuPy, which is not installed; install it with"
                ' `pip install -e ".[cuda12]"` or ".[cuda13]"'
            )
        ) from error
    try:
        device = cupy.cuda.Device()
        name = cupy.cuda.runtime.getDeviceProperties(device.id)["name"].decode()
    except cupy.cuda.runtime.CUDARuntimeError as error:
        rule = Message("`backend` cupy needs a CUDA device that answers")
        raise BackendError(rule.got(verbatim(str(error)))) from error
    return Backend("cupy", cupy, Message("CUDA device {id}: {name}", id=device.id, name=name))
