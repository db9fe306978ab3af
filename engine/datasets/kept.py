"""Data that is kept elsewhere, such as with a database, and brought here when it is read.

Such data is named by its content: the SHA-256 of its file, or of the list of its files where it has
several. A name may come to mean other data, a content never does. Whoever has data (`Source`) is
added to `SOURCES`; whatever reads asks `brought` for the folder, which is fetched once, checked,
and kept in the cache folder.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path, PurePath
from types import MappingProxyType
from typing import Protocol
from weakref import WeakSet

from engine.datasets.directory import cache_directory
from engine.errors import DataError, LayerlabError
from engine.failures import why
from engine.messages import Message, Value

SHORT = 12
"""Digits of a content that tell it from others where people read it."""

_CHUNK = 2**20


@dataclass(frozen=True, slots=True)
class KeptFile:
    """A file of kept data: its name, what it must hold, and its bytes in portions."""

    name: str
    sha256: str
    size: int
    portions: Callable[[], Iterable[bytes]]


class Source(Protocol):
    """Something that keeps data."""

    def files(self, content: str) -> Sequence[KeptFile]:
        """The files of a content; none where it is not kept here. Raises LayerlabError."""


_LYING: ContextVar[Mapping[str, Path]] = ContextVar("lying", default=MappingProxyType({}))

SOURCES: WeakSet[Source] = WeakSet()
"""Whatever keeps data and is in use: an open database adds itself. Any of them may be asked, for a
content is the same wherever it comes from."""


def digest_of(file: Path) -> str:
    """The SHA-256 of what a file holds, in hexadecimal digits; raises OSError."""
    digest = sha256()
    with file.open("rb") as opened:
        while chunk := opened.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def content_of(digests: Mapping[str, str]) -> str:
    """The content of files, from the SHA-256 of each by its name: of a single file its own, of
    several that of their list, as the command sha256sum writes it for files in this order."""
    if len(digests) == 1:
        return next(iter(digests.values()))
    listed = "".join(f"{digest}  {name}\n" for name, digest in sorted(digests.items()))
    return sha256(listed.encode()).hexdigest()


@contextmanager
def lying(content: str, folder: Path) -> Iterator[None]:
    """Meanwhile the files of a content are read from a folder that holds them and nothing else:
    those that somebody is about to add."""
    before = _LYING.set({**_LYING.get(), content: folder})
    try:
        yield
    finally:
        _LYING.reset(before)


def _folder(content: str) -> Path:
    return _LYING.get().get(content) or cache_directory() / "data" / content


def brought(content: str) -> Path:
    """The folder that holds the files of a content and nothing else; raises DataError where it is
    kept nowhere, or does not arrive whole."""
    folder = _folder(content)
    if not folder.is_dir():
        _fetch(_kept(content), folder)
    return folder


def _kept(content: str) -> Sequence[KeptFile]:
    away: LayerlabError | None = None
    for source in list(SOURCES):
        try:
            if files := source.files(content):
                return files
        except LayerlabError as error:
            away = error
    if away:
        raise away
    gone = Message(
        "the data with the SHA-256 {content} is not kept here: add its file, on the page Data or by"
        " `layerlab data add`"
    )
    raise DataError(gone.filled(content=content))


def place_in(content: str, name: str) -> Path:
    """Where a file of a content lies. Data of one file has that, whatever it was called."""
    folder = brought(content)
    held = list(folder.iterdir())
    path = folder / PurePath(name).name
    if len(held) == 1 and not path.exists():
        return held[0]
    return path


@contextmanager
def by_name(content: str) -> Iterator[None]:
    """What is said of files of a content names them as people do, not where they lie meanwhile."""
    try:
        yield
    except DataError as error:
        renamed = _renamed(error.message, str(_folder(content)))
        assert isinstance(renamed, Message)
        raise DataError(renamed) from error


def _renamed(value: Value, folder: str) -> Value:
    if isinstance(value, Message):
        values = {name: _renamed(each, folder) for name, each in value.values.items()}
        return value.filled(**values)
    if isinstance(value, tuple):
        return tuple(_renamed(each, folder) for each in value)
    if isinstance(value, str):
        return value.replace(folder + os.sep, "").replace(folder, PurePath(folder).name[:SHORT])
    return value


def _fetch(files: Sequence[KeptFile], folder: Path) -> None:
    """Bring files into a folder, which is there whole or not at all."""
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        arriving = Path(tempfile.mkdtemp(prefix=".arriving-", dir=folder.parent))
        try:
            for file in files:
                _write(file, arriving)
            _put(arriving, folder)
        finally:
            shutil.rmtree(arriving, ignore_errors=True)
    except OSError as error:
        unwritten = Message(
            "kept data cannot be brought to {folder}: {detail} (set LAYERLAB_CACHE_DIR to a folder"
            " that can be written)"
        )
        raise DataError(unwritten.filled(folder=folder.parent, detail=why(error))) from error


def _write(file: KeptFile, folder: Path) -> None:
    digest = sha256()
    with (folder / PurePath(file.name).name).open("xb") as copy:
        for portion in file.portions():
            digest.update(portion)
            copy.write(portion)
        copy.flush()
        os.fsync(copy.fileno())
    if digest.hexdigest() != file.sha256:
        damaged = Message("{name} does not arrive as it was added: its SHA-256 is another one")
        raise DataError(damaged.filled(name=file.name))


def _put(arriving: Path, folder: Path) -> None:
    """Give the folder its name; another process may have done so first."""
    try:
        arriving.rename(folder)
    except OSError:
        if not folder.is_dir():
            raise
