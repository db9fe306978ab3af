"""What files are, by what they hold: a table, arrays or images in the IDX format; and the data set
to begin with.

What can be read but not used yet, since something must be chosen, is recognized with a question.
What can be read by no choice is refused.
"""

from __future__ import annotations

import gzip
import re
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product, takewhile
from pathlib import Path
from typing import Any, Literal

from numpy.lib import format as npy

from engine.datasets import CSV, IDX, NPZ
from engine.datasets.base import DatasetInfo, FromFile
from engine.datasets.kept import by_name, content_of, lying
from engine.datasets.unpacked import GZIP
from engine.errors import DataError
from engine.messages import Message

Kind = Literal["csv", "npz", "idx"]

_BEGIN = 8  # bytes that tell what a file is
_SUFFIXES = re.compile(r"(\.(csv|tsv|txt|npz|npy|gz|data))+$", re.IGNORECASE)
_TEST = re.compile(r"(^|[^a-z])test([^a-z]|$)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Recognized:
    """Files that can be learned from: the data set to begin with, how large a table is, and what is
    known of the samples; None where something must be chosen first, which `question` says."""

    dataset: FromFile
    rows: int | None = None
    columns: int | None = None
    info: DatasetInfo | None = None
    question: Message | None = None

    def about(self) -> dict[str, Any]:
        """What lists say of it, as plain data."""
        info = self.info
        return {
            "rows": self.rows,
            "columns": self.columns,
            "shape": list(info.sample_shape) if info else None,
            "classes": info.classes if info else None,
            "outputs": info.outputs if info else None,
            "samples": [info.train_samples, info.validation_samples] if info else None,
        }


def recognize(folder: Path, digests: Mapping[str, str]) -> Recognized:
    """What the files of a folder are, which holds nothing else, with the SHA-256 of each; raises
    DataError, of a file or of all together."""
    files = {name: folder / name for name in sorted(digests)}
    content = content_of(digests)
    with lying(content, folder), by_name(content):
        return _recognized(content, files)


def proposed_name(names: list[str]) -> str:
    """What to call data that comes in files of these names: what these have in common."""
    bare = [_SUFFIXES.sub("", name) for name in names]
    if len(bare) == 1:
        return bare[0] or names[0]
    words = zip(*(re.split(r"[-_. ]", name) for name in bare), strict=False)
    common = "-".join(each[0] for each in takewhile(lambda each: len(set(each)) == 1, words))
    return common or ("mnist" if any("idx" in name for name in names) else bare[0])


def _recognized(content: str, files: Mapping[str, Path]) -> Recognized:
    kinds = {_kind(path) for path in files.values()}
    if len(kinds) > 1:
        mixed = Message("these files are of several kinds, {kinds}: add them one after the other")
        raise DataError(mixed.filled(kinds=sorted(kinds)))
    kind = kinds.pop() if kinds else "csv"
    if kind == "csv":
        return _table(content, files)
    name = proposed_name(list(files))
    if kind == "idx":
        images = IDX(folder=name, content=content)
        return Recognized(images, info=images.info())
    return _arrays(NPZ(file=next(iter(files)), content=content))


def _kind(path: Path) -> Kind:
    """What the first bytes of a file say; what says nothing may be a table."""
    begin = _first_bytes(path)
    if begin[:2] == b"\0\0" and len(begin) >= 4 and begin[2] >= 8 and 1 <= begin[3] <= 8:
        return "idx"
    if begin.startswith(npy.MAGIC_PREFIX):
        return "npz"
    if begin.startswith(b"PK\x03\x04") and _holds_arrays(path):
        return "npz"
    return "csv"


def _holds_arrays(path: Path) -> bool:
    """Whether an archive is one of arrays. Of a damaged one, whoever reads it says so."""
    try:
        with zipfile.ZipFile(path) as archive:
            return any(name.endswith(".npy") for name in archive.namelist())
    except (OSError, zipfile.BadZipFile):
        return path.suffix == ".npz"


def _first_bytes(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            begin = file.read(_BEGIN)
        if begin[:2] == GZIP:
            with gzip.open(path) as unpacked:
                return unpacked.read(_BEGIN)
    except (OSError, EOFError, zlib.error):  # whoever reads the whole says so
        return b""
    return begin


def _table(content: str, files: Mapping[str, Path]) -> Recognized:
    from engine.datasets.tables.summary import summarize

    train, test = _in_order(files)
    summary = summarize(files[train])
    if test:
        columns = [column.name for column in summary.columns]
        if [column.name for column in summarize(files[test]).columns] != columns:
            rule = Message("{test} has not the columns of {train}: add them one after the other")
            raise DataError(rule.filled(test=test, train=train))
    table = CSV(file=train, test_file=test, content=content)
    info, question = _known(table)
    return Recognized(table, summary.rows, len(summary.columns), info, question)


def _in_order(files: Mapping[str, Path]) -> tuple[str, str]:
    """The file to train on, and the one to test on where there are two."""
    tests = [name for name in files if _TEST.search(name)]
    rest = [name for name in files if name not in tests]
    if len(files) == 1:
        return next(iter(files)), ""
    if len(tests) == len(rest) == 1:
        return rest[0], tests[0]
    several = Message(
        "these are {n} tables: add them one after the other, or one to train on and one whose name"
        " says test"
    )
    raise DataError(several.filled(n=len(files)))


def _arrays(arrays: NPZ) -> Recognized:
    info, question = _known(arrays)
    if question and not any(_known(other)[0] for other in _otherwise(arrays)):
        raise DataError(question)
    return Recognized(arrays, info=info, question=question)


def _otherwise(arrays: NPZ) -> Iterator[NPZ]:
    """The same arrays, with what a person could choose."""
    for task, channels in product(("classification", "regression"), ("first", "last")):
        yield arrays.model_copy(update={"task": task, "channels": channels})


def _known(dataset: FromFile) -> tuple[DatasetInfo | None, Message | None]:
    """What is known of the samples, or why they cannot be used as they are."""
    try:
        return dataset.info(), None
    except DataError as error:
        return None, error.message
