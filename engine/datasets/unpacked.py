"""A file's bytes, unpacked where they are gzipped: by what they are, whatever the file's name."""

from __future__ import annotations

import gzip
import io
import zlib
from pathlib import Path

from engine.datasets.directory import LARGEST, unchanged
from engine.errors import DataError
from engine.failures import why
from engine.messages import Message

GZIP = b"\x1f\x8b"


def unpacked(path: Path, *, most: int = LARGEST) -> bytes:
    """All that a file holds; raises DataError where it cannot be read, or unpacks to more than
    `most` bytes."""
    try:
        with unchanged(path):
            data = path.read_bytes()
        if data[:2] != GZIP:
            return data
        with gzip.open(io.BytesIO(data)) as file:
            data = file.read(most + 1)
    except (OSError, EOFError, zlib.error) as error:
        unread = Message("{path} cannot be read, it may be cut off: {detail}")
        raise DataError(unread.filled(path=path, detail=why(error))) from error
    except MemoryError as error:
        raise DataError(
            Message("{path} is larger than this machine's memory", path=path)
        ) from error
    if len(data) > most:
        large = Message("{path} unpacks to more than {most:,} bytes, the most that are read")
        raise DataError(large.filled(path=path, most=most))
    return data
