"""Named arrays from NPZ and NPY files, looked at before a byte of them is taken into memory.

A header may announce anything: it is held against the bytes that are there. Python objects are
never loaded, for loading them runs what the file's author wrote.
"""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from math import prod
from pathlib import Path
from typing import IO, Any

from numpy.lib import format as npy
from numpy.typing import NDArray

from engine.datasets.directory import LARGEST, unchanged
from engine.errors import DataError
from engine.failures import why
from engine.memory import require
from engine.messages import Message

Arrays = dict[str, NDArray[Any]]
_HOLDS = {
    "O": Message("Python objects, which are never loaded"),
    "c": Message("complex numbers"),
    "V": Message("records of several values"),
    "M": Message("dates"),
    "m": Message("times"),
}


def read_arrays(path: Path) -> Arrays:
    """The arrays of an NPZ file by their names, or that of an NPY file by the file's own."""
    with _told(path), unchanged(path):
        if zipfile.is_zipfile(path):
            return _from_archive(path)
        with path.open("rb") as file:
            if file.read(6) != npy.MAGIC_PREFIX:
                raise zipfile.BadZipFile
            file.seek(0)
            return {path.stem: _array(path, path.stem, file, path.stat().st_size)}


def arrays_in(path: Path) -> int:
    """How many arrays a file holds."""
    with _told(path):
        if not zipfile.is_zipfile(path):
            return 1
        with zipfile.ZipFile(path) as archive:
            return sum(name.endswith(".npy") for name in archive.namelist())


@contextmanager
def _told(path: Path) -> Iterator[None]:
    """What goes wrong while a file is read, as a DataError."""
    try:
        yield
    except MemoryError as error:
        large = Message("{path} is larger than this machine's memory", path=path)
        raise DataError(large) from error
    except (OSError, ValueError, EOFError, zipfile.BadZipFile, zlib.error, KeyError) as error:
        unread = Message("{path} cannot be read as NPZ, it may be cut off: {detail}")
        raise DataError(unread.filled(path=path, detail=why(error))) from error
    except (NotImplementedError, RuntimeError) as error:  # encrypted, or packed in another way
        unread = Message("{path} cannot be read as NPZ, it may be cut off: {detail}")
        raise DataError(unread.filled(path=path, detail=why(error))) from error


def _from_archive(path: Path) -> Arrays:
    arrays = {}
    with zipfile.ZipFile(path) as archive:
        members = [m for m in archive.infolist() if m.filename.endswith(".npy")]
        size = sum(member.file_size for member in members)
        if size > LARGEST:
            large = Message("{path} unpacks to {size:,} bytes; at most {most:,} are read")
            raise DataError(large.filled(path=path, size=size, most=LARGEST))
        require(2 * size, Message("the arrays of {path}", path=path))
        for member in members:
            name = member.filename.removesuffix(".npy")
            with archive.open(member) as file:
                arrays[name] = _array(path, name, file, member.file_size)
    return arrays


def _array(path: Path, name: str, file: IO[bytes], size: int) -> NDArray[Any]:
    """One array, whose header is read first: its type, and whether so many bytes are there."""
    start = file.tell()
    version = npy.read_magic(file)
    read_header = npy.read_array_header_1_0 if version == (1, 0) else npy.read_array_header_2_0
    shape, _fortran, dtype = read_header(file)
    if dtype.kind not in "biufUS":
        rule = Message("`{name}` in {path} must hold numbers, or words as targets; it holds {what}")
        what = _HOLDS.get(dtype.kind, str(dtype))
        raise DataError(rule.filled(path=path, name=name, what=what))
    announced = prod(shape) * dtype.itemsize
    if announced > size - file.tell():
        short = Message("{path} is cut off: {size:,} bytes announced; fetch it again")
        raise DataError(short.filled(path=path, size=announced))
    file.seek(start)
    array: NDArray[Any] = npy.read_array(file, allow_pickle=False)
    return array
