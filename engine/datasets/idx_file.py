"""The IDX format of MNIST: two zero bytes, a type byte, the number of axes, a big-endian length an
axis, the data; plain or gzipped (Y. LeCun, C. Cortes, C. Burges, The MNIST database)."""

from __future__ import annotations

import gzip
import struct
import zlib
from math import prod
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from engine.datasets.directory import LARGEST
from engine.errors import DataError

_DTYPES = {0x08: ">u1", 0x09: ">i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}
_MOST_AXES = 8


def _open(path: Path) -> IO[bytes]:
    return gzip.open(path, "rb") if path.suffix == ".gz" else path.open("rb")  # type: ignore[return-value]


def header(path: Path) -> tuple[np.dtype[Any], tuple[int, ...]]:
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


def read(path: Path) -> NDArray[Any]:
    try:
        with _open(path) as file:
            dtype, shape = _parse_header(path, file)
            size = prod(shape) * dtype.itemsize
            if size > LARGEST:
                raise DataError(f"{path} announces {size:,} bytes; at most {LARGEST:,} are read")
            data = file.read(size + 1)
    except MemoryError as error:
        raise DataError(f"{path} announces {size:,} bytes: more than this machine has") from error
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(f"{path} cannot be read, it may be cut off: {error}") from error
    if len(data) != size:
        kind = "is cut off" if len(data) < size else "holds more data than its header says"
        raise DataError(f"{path} {kind}: {size:,} bytes announced; fetch it again")
    return np.frombuffer(data, dtype).reshape(shape).astype(dtype.newbyteorder("="), copy=False)
