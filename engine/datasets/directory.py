"""Where data sets are kept, and names of files there that come from users."""

from __future__ import annotations

import os
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePath
from typing import IO, Annotated

import platformdirs
from pydantic import AfterValidator

from engine.errors import DataError, RuleError
from engine.failures import why
from engine.messages import Message

LARGEST = 4 * 2**30
"""Bytes: no file's header makes a process reserve more."""

NO_FILE = Message(
    "`dataset.file` must name a file; there is no {path} (set LAYERLAB_DATA_DIR to its folder)"
)


def data_directory() -> Path:
    """LAYERLAB_DATA_DIR, else `data` in the platform's user data folder."""
    given = os.environ.get("LAYERLAB_DATA_DIR")
    return Path(given) if given else platformdirs.user_data_path("layerlab") / "data"


def cache_directory() -> Path:
    """LAYERLAB_CACHE_DIR, else the platform's folder for what can be made or fetched again."""
    given = os.environ.get("LAYERLAB_CACHE_DIR")
    return Path(given) if given else platformdirs.user_cache_path("layerlab")


def _stays_below(name: str) -> str:
    path = PurePath(name)
    if path.is_absolute() or ".." in path.parts or not path.parts or "\0" in name:
        raise RuleError(Message("must name something below the data directory").got(name))
    return name


def _stays_below_or_empty(name: str) -> str:
    return _stays_below(name) if name else name


BelowDataDirectory = Annotated[str, AfterValidator(_stays_below)]
"""A path of a file or folder that cannot leave the data directory."""

OptionalFile = Annotated[str, AfterValidator(_stays_below_or_empty)]
"""The same, or empty for none."""


def located(name: str) -> Path:
    """The path of a file or folder below the data directory; raises DataError where a link leads
    out of it."""
    directory = data_directory()
    path = directory / name
    try:
        inside = path.resolve().is_relative_to(directory.resolve())
    except (OSError, RuntimeError) as error:  # too long a name, links in a circle
        unread = Message("{path} cannot be read: {detail}", path=path, detail=why(error))
        raise DataError(unread) from error
    if not inside:
        outside = Message("{path} is a link that leads out of the data directory {folder}")
        raise DataError(outside.filled(path=path, folder=directory))
    return path


@contextmanager
def written_whole(path: Path) -> Iterator[IO[bytes]]:
    """A file to write to that has its name once all is written, and never before."""
    with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
        yield file
    Path(file.name).replace(path)


@contextmanager
def reading(path: Path) -> Iterator[None]:
    """Around the reading of a file: what hinders it is a DataError that names the file."""
    try:
        yield
    except OSError as error:
        unread = Message("{path} cannot be read: {detail}", path=path, detail=why(error))
        raise DataError(unread) from error


@contextmanager
def unchanged(path: Path) -> Iterator[None]:
    """Around the reading of a file: raises DataError where it is none, is too large, or is written
    to meanwhile."""
    before = _state(path)
    if not stat.S_ISREG(before.st_mode):
        raise DataError(Message("{path} is no file", path=path))
    if before.st_size > LARGEST:
        large = Message("{path} has {size:,} bytes; at most {most:,} are read")
        raise DataError(large.filled(path=path, size=before.st_size, most=LARGEST))
    yield
    after = _state(path)
    if (before.st_ino, before.st_size, before.st_mtime_ns) != (
        after.st_ino,
        after.st_size,
        after.st_mtime_ns,
    ):
        raise DataError(Message("{path} was changed while it was read: start again", path=path))


def _state(path: Path) -> os.stat_result:
    try:
        return path.stat()
    except FileNotFoundError:
        raise DataError(NO_FILE.filled(path=path)) from None
    except (OSError, ValueError) as error:
        unread = Message("{path} cannot be read: {detail}", path=path, detail=why(error))
        raise DataError(unread) from error
