"""A folder of IDX files, the format of MNIST and of the data sets that followed it.

The folder holds `train-images-idx3-ubyte` and `train-labels-idx1-ubyte`, plain or gzipped; where it
also holds `t10k-...`, those are the validation split, else the last training samples are.
The format: two zero bytes, a type byte, the number of axes, a big-endian length an axis, the data
(Y. LeCun, C. Cortes, C. Burges, The MNIST database).
"""

from __future__ import annotations

import gzip
import os
import struct
import zlib
from math import prod
from pathlib import Path, PurePath
from typing import IO, Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import field_validator

from engine.datasets.base import Dataset, DatasetInfo, DatasetSpec
from engine.errors import DataError
from engine.spec import hyper

_DTYPES = {0x08: ">u1", 0x09: ">i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}
_LARGEST = 4 * 2**30  # bytes: no header makes a process reserve more
_MOST_AXES = 8


class IDX(DatasetSpec):
    """IDX files: a folder of images and labels in MNIST's own format."""

    kind: Literal["idx"] = "idx"
    folder: str = hyper(
        "mnist", description="Folder below the data directory that holds the four files."
    )
    validation: float = hyper(
        0.1,
        label="Validation share",
        description="Share kept for validation where the folder has no t10k files.",
        ge=0.01,
        le=0.5,
    )

    @field_validator("folder")
    @classmethod
    def _stays_below_the_data_directory(cls, folder: str) -> str:
        path = PurePath(folder)
        if path.is_absolute() or ".." in path.parts or not path.parts or "\0" in folder:
            raise ValueError("must name a folder below the data directory")
        return folder

    def info(self) -> DatasetInfo:
        shape, n_train, n_validation = self._sizes()
        return DatasetInfo(
            (prod(shape),),
            _classes(_labels(self._file("train", "labels"))),
            min(n_train, self.train_samples or n_train),
            n_validation,
        )

    def _sizes(self) -> tuple[tuple[int, ...], int, int]:
        """The shape of an image, and how many train and validate."""
        _, (n, *shape) = _header(self._file("train", "images"))
        if self._has_t10k():
            return tuple(shape), n, _header(self._file("t10k", "images"))[1][0]
        held_out = self._held_out(n)
        return tuple(shape), n - held_out, held_out

    def load(self) -> Dataset:
        x, t = self._split("train")
        classes = _classes(t)
        if self._has_t10k():
            x_validation, t_validation = self._split("t10k")
        else:
            held_out = self._held_out(len(x))
            x, x_validation = x[:-held_out], x[-held_out:]
            t, t_validation = t[:-held_out], t[-held_out:]
        return Dataset(x, t, x_validation, t_validation, classes).head(self.train_samples)

    def _held_out(self, n: int) -> int:
        if n < 2:
            raise DataError(f"`dataset.folder` must hold at least two samples; got {n}")
        return max(1, round(n * self.validation))

    def _has_t10k(self) -> bool:
        return any(data_directory().joinpath(self.folder).glob("t10k-images-idx*"))

    def _split(self, name: str) -> tuple[NDArray[Any], NDArray[np.int64]]:
        images, labels = _read(self._file(name, "images")), _labels(self._file(name, "labels"))
        if len(images) != len(labels):
            raise DataError(
                f"`dataset.folder` holds {len(images)} {name} images but {len(labels)} labels"
            )
        return images.reshape(len(images), -1), labels

    def _file(self, split: str, content: str) -> Path:
        folder = data_directory() / self.folder
        try:
            found = sorted(folder.glob(f"{split}-{content}-idx*"))
        except OSError as error:
            raise DataError(f"`dataset.folder` cannot be read: {error}") from error
        if not found:
            raise DataError(
                f"`dataset.folder` must hold {split}-{content}-idx*-ubyte[.gz]; "
                f"none in {folder} (set LAYERLAB_DATA_DIR to the folder above it)"
            )
        return found[0]


def data_directory() -> Path:
    """Where data sets are: LAYERLAB_DATA_DIR, else `data` in the platform's user data folder."""
    import platformdirs

    given = os.environ.get("LAYERLAB_DATA_DIR")
    return Path(given) if given else platformdirs.user_data_path("layerlab") / "data"


def _labels(path: Path) -> NDArray[np.int64]:
    labels = _read(path)
    if labels.ndim != 1 or labels.dtype.kind == "f":
        raise DataError(
            f"{path} must hold a whole number a sample; got {labels.dtype} of shape {labels.shape}"
        )
    return labels.astype(np.int64)


def _classes(labels: NDArray[np.int64]) -> int:
    return int(labels.max()) + 1


def _open(path: Path) -> IO[bytes]:
    return gzip.open(path, "rb") if path.suffix == ".gz" else path.open("rb")  # type: ignore[return-value]


def _header(path: Path) -> tuple[np.dtype[Any], tuple[int, ...]]:
    try:
        with _open(path) as file:
            return _parse_header(path, file)
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(f"{path} cannot be read: {error}") from error


def _parse_header(path: Path, file: IO[bytes]) -> tuple[np.dtype[Any], tuple[int, ...]]:
    magic = file.read(4)
    known = len(magic) == 4 and magic[:2] == b"\0\0" and magic[2] in _DTYPES
    if not known or not 1 <= magic[3] <= _MOST_AXES:
        raise DataError(f"{path} is not an IDX file: it begins with {magic!r}")
    lengths = file.read(4 * magic[3])
    if len(lengths) < 4 * magic[3]:
        raise DataError(f"{path} is cut off in its header; fetch it again")
    shape = struct.unpack(f">{magic[3]}I", lengths)
    if 0 in shape:
        raise DataError(f"{path} holds no data: its header says {shape}; fetch it again")
    return np.dtype(_DTYPES[magic[2]]), shape


def _read(path: Path) -> NDArray[Any]:
    try:
        with _open(path) as file:
            dtype, shape = _parse_header(path, file)
            size = prod(shape) * dtype.itemsize
            if size > _LARGEST:
                raise DataError(f"{path} announces {size:,} bytes; at most {_LARGEST:,} are read")
            data = file.read(size + 1)
    except MemoryError as error:
        raise DataError(f"{path} announces {size:,} bytes: more than this machine has") from error
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(f"{path} cannot be read, it may be cut off: {error}") from error
    if len(data) != size:
        kind = "is cut off" if len(data) < size else "holds more data than its header says"
        raise DataError(f"{path} {kind}: {size:,} bytes announced; fetch it again")
    return np.frombuffer(data, dtype).reshape(shape).astype(dtype.newbyteorder("="), copy=False)
