"""Which array library trains: NumPy on the processor or CuPy on a GPU, chosen at run time.

The only module that imports CuPy. Everything else creates arrays with the `xp` it is given.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import ModuleType
from typing import Any, Literal

import numpy as np
import scipy.special
from numpy.typing import NDArray

from engine.errors import BackendError

Array = Any
"""An array of the backend in use: `numpy.ndarray` or `cupy.ndarray`."""

BackendName = Literal["auto", "numpy", "cupy"]


def special(xp: Any) -> Any:
    """The special functions (ndtr, ...) for an array module's arrays."""
    if xp is np:
        return scipy.special
    from cupyx.scipy import special as cupy_special

    return cupy_special


def to_host(array: Array) -> NDArray[Any]:
    """A device array on the host: the one place where data comes back."""
    host: NDArray[Any] = array.get() if hasattr(array, "get") else array
    return host


@dataclass(frozen=True)
class Backend:
    """An array library, its name and why it was chosen."""

    name: str
    xp: ModuleType
    reason: str

    def to_device(self, array: NDArray[Any]) -> Array:
        """A host array on the device."""
        return self.xp.asarray(array)

    def copy_to_host(self, array: Array) -> NDArray[Any]:
        """A copy of a device array on the host."""
        return to_host(array.copy())


NUMPY = Backend("numpy", np, "NumPy was asked for")


def choose(requested: BackendName) -> Backend:
    """The backend asked for; `auto` takes CuPy where a device answers, else NumPy.

    Raises BackendError where CuPy is asked for and cannot be had.
    """
    if requested == "numpy":
        return NUMPY
    try:
        return _cupy()
    except BackendError as error:
        if requested == "cupy":
            raise
        return Backend("numpy", np, f"no GPU: {error}")


def _cupy() -> Backend:
    try:
        import cupy
    except ImportError as error:
        raise BackendError(
            "`backend` cupy needs CuPy, which is not installed; "
            'install it with `pip install -e ".[cuda12]"` or ".[cuda13]"'
        ) from error
    try:
        device = cupy.cuda.Device()
        name = cupy.cuda.runtime.getDeviceProperties(device.id)["name"].decode()
    except cupy.cuda.runtime.CUDARuntimeError as error:
        raise BackendError(
            f"`backend` cupy needs a CUDA device that answers; got: {error}"
        ) from error
    return Backend("cupy", cupy, f"CUDA device {device.id}: {name}")
