"""From files that somebody sends to data that is kept: copied aside, recognized, added whole.

What is copied changes no more, and lies under no name that somebody else chose. What cannot be
learned from is refused before anything is kept.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path, PurePath
from tempfile import TemporaryDirectory
from typing import BinaryIO

from db.data import Progress
from db.records import KeptData
from db.store import Store
from engine.datasets.recognition import proposed_name, recognize
from engine.errors import DataError
from engine.failures import why
from engine.messages import Message

_CHUNK = 2**20


def add_files(
    store: Store,
    files: Mapping[str, BinaryIO],
    *,
    name: str = "",
    owner: str,
    most: int,
    progress: Progress = lambda _done, _whole: None,
) -> KeptData:
    """Keep files as one data set under a name, or else under what their own names have in common.

    Raises DataError where they are larger than `most` bytes together, or cannot be learned from.
    """
    with _copied(files, most) as (folder, digests):
        recognized = recognize(folder, digests)
        return store.data.add(
            name.strip() or proposed_name(list(files)),
            {name: folder / name for name in digests},
            recognized.dataset,
            owner=owner,
            about=recognized.about(),
            most=most,
            progress=progress,
            digests=digests,
        )


@contextmanager
def _copied(files: Mapping[str, BinaryIO], most: int) -> Iterator[tuple[Path, dict[str, str]]]:
    """A folder with copies of the files and nothing else, and the SHA-256 of each by its name."""
    with TemporaryDirectory(prefix="layerlab-") as folder:
        left = most
        digests: dict[str, str] = {}
        for name, file in files.items():
            plain = PurePath(name.replace("\\", "/")).name
            if plain in ("", ".", ".."):
                raise DataError(Message("a file must have a name").got(name))
            try:
                size, digests[plain] = _copy(file, Path(folder) / plain, left)
                left -= size
            except OSError as error:
                unread = Message("{path} cannot be copied: {detail}", path=name, detail=why(error))
                raise DataError(unread) from error
            if left < 0:
                large = Message(
                    "{name} is too large: at most {most:,} bytes can be added at a time"
                    " (LAYERLAB_UPLOAD_MB)"
                )
                raise DataError(large.filled(name=plain, most=most))
        yield Path(folder), digests


def _copy(file: BinaryIO, path: Path, most: int) -> tuple[int, str]:
    """Copy a file, but no more than a chunk beyond `most` bytes: how many were copied, and the
    SHA-256 of these."""
    size, digest = 0, sha256()
    with path.open("xb") as copy:
        while size <= most and (chunk := file.read(_CHUNK)):
            size += copy.write(chunk)
            digest.update(chunk)
    return size, digest.hexdigest()
