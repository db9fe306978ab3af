"""An NPZ archive of arrays, as `numpy.savez` and Keras's own data sets write them.

Either `x_train`, `y_train`, `x_test`, `y_test`, or `x` and `y` alone, of which a share is held out.
Whole-numbered y of one axis are labels; anything else is predicted as numbers.
"""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from engine.datasets.base import Dataset, Images
from engine.datasets.directory import LARGEST, NO_FILE, BelowDataDirectory, data_directory
from engine.datasets.holdout import HeldOut, hold_out
from engine.errors import DataError
from engine.failures import why
from engine.messages import Message, verbatim
from engine.spec import hyper


class NPZ(HeldOut, Images):
    """NPZ file: arrays x and y, or x_train, y_train, x_test and y_test."""

    kind: Literal["npz"] = "npz"
    file: BelowDataDirectory = hyper(
        "data.npz", description="File below the data directory, as numpy.savez writes it."
    )

    def load(self) -> Dataset:
        path = data_directory() / self.file
        arrays = _read(path)
        if "x_train" in arrays:
            x, x_validation = (_array(path, arrays, name) for name in ("x_train", "x_test"))
            t, t_validation = (_array(path, arrays, name) for name in ("y_train", "y_test"))
            (t, t_validation), classes = targets(t, t_validation)
            data = Dataset(x, t, x_validation, t_validation, classes)
        else:
            x = _array(path, arrays, "x")
            (t,), classes = targets(_array(path, arrays, "y"))
            data = hold_out(x, t, self.validation, classes=classes)
        shape = x.shape[1:] if x.ndim > 3 else (*x.shape[1:], 1)
        return data.arranged(shape, self.layout).head(self.train_samples)


def targets(*parts: NDArray[Any]) -> tuple[list[NDArray[Any]], int | None]:
    """Labels and the number of classes where targets are whole numbers, else numbers and None."""
    parts = tuple(part.reshape(-1) if part.shape[1:] == (1,) else part for part in parts)
    if all(part.ndim == 1 and np.issubdtype(part.dtype, np.integer) for part in parts):
        classes = 1 + max(int(part.max(initial=0)) for part in parts)
        return [part.astype(np.int64) for part in parts], classes
    return [part.reshape(len(part), -1).astype(np.float64) for part in parts], None


def _read(path: Path) -> dict[str, NDArray[Any]]:
    try:
        with zipfile.ZipFile(path) as archive:
            size = sum(member.file_size for member in archive.infolist())
        if size > LARGEST:
            large = Message("{path} unpacks to {size:,} bytes; at most {most:,} are read")
            raise DataError(large.filled(path=path, size=size, most=LARGEST))
        with np.load(path, allow_pickle=False) as arrays:
            return dict(arrays)
    except FileNotFoundError:
        raise DataError(NO_FILE.filled(path=path)) from None
    except (OSError, ValueError, EOFError, zipfile.BadZipFile) as error:
        unread = Message("{path} cannot be read as NPZ, it may be cut off: {detail}")
        raise DataError(unread.filled(path=path, detail=why(error))) from error


def _array(path: Path, arrays: dict[str, NDArray[Any]], name: str) -> NDArray[Any]:
    if name not in arrays:
        rule = Message("{path} must hold an array `{name}`; it holds {found}", path=path, name=name)
        raise DataError(rule.filled(found=tuple(arrays) or Message("none")))
    array = arrays[name]
    if array.dtype.kind not in "biuf" or array.ndim == 0:
        rule = Message("`{name}` in {path} must hold numbers, one row per sample")
        raise DataError(rule.filled(path=path, name=name).got(verbatim(str(array.dtype))))
    return array
