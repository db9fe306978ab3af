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

from engine.datasets.directory import LARGEST, unchanged
from engine.datasets.unpacked import GZIP
from engine.errors import DataError
from engine.failures import why
from engine.memory import require
from engine.messages import Message

_DTYPES = {0x08: ">u1", 0x09: ">i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}
_MOST_AXES = 8


def _open(path: Path) -> IO[bytes]:
    """The file, unpacked as it is read where its bytes are gzipped, whatever its name says."""
    file = path.open("rb")
    begin = file.read(2)
    file.seek(0)
    return gzip.open(file) if begin == GZIP else file  # type: ignore[return-value]


def header(path: Path) -> tuple[np.dtype[Any], tuple[int, ...]]:
    try:
        with _open(path) as file:
            return _parse_header(path, file)
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(
            Message("{path} cannot be read: {detail}", path=path, detail=why(error))
        ) from error


def _parse_header(path: Path, file: IO[bytes]) -> tuple[np.dtype[Any], tuple[int, ...]]:
    magic = file.read(4)
    known = len(magic) == 4 and magic[:2] == b"\0\0" and magic[2] in _DTYPES
    if not known or not 1 <= magic[3] <= _MOST_AXES:
        foreign = Message("{path} is not an IDX file: it begins with {begin}")
        raise DataError(foreign.filled(path=path, begin=repr(magic)))
    lengths = file.read(4 * magic[3])
    if len(lengths) < 4 * magic[3]:
        raise DataError(Message("{path} is cut off in its header; fetch it again", path=path))
    shape = struct.unpack(f">{magic[3]}I", lengths)
    if 0 in shape:
        empty = Message("{path} holds no data: its header says {shape}; fetch it again")
        raise DataError(empty.filled(path=path, shape=str(shape)))
    return np.dtype(_DTYPES[magic[2]]), shape


def read(path: Path) -> NDArray[Any]:
    try:
        with unchanged(path), _open(path) as file:
            dtype, shape = _parse_header(path, file)
            size = prod(shape) * dtype.itemsize
            if size > LARGEST:
                large = Message("{path} announces {size:,} bytes; at most {most:,} are read")
                raise DataError(large.filled(path=path, size=size, most=LARGEST))
            require(2 * size, Message("the samples of {path}", path=path))
            data = file.read(size + 1)
    except MemoryError as error:
        large = Message("{path} announces {size:,} bytes: more than this machine has")
        raise DataError(large.filled(path=path, size=size)) from error
    except (OSError, EOFError, zlib.error) as error:
        unread = Message("{path} cannot be read, it may be cut off: {detail}")
        raise DataError(unread.filled(path=path, detail=why(error))) from error
    if len(data) < size:
        short = Message("{path} is cut off: {size:,} bytes announced; fetch it again")
        raise DataError(short.filled(path=path, size=size))
    if len(data) > size:
        long = Message(
            "{path} holds more data than its header says: {size:,} bytes announced; fetch it again"
        )
        raise DataError(long.filled(path=path, size=size))
    return np.frombuffer(data, dtype).reshape(shape).astype(dtype.newbyteorder("="), copy=False)
