"""The data sets that lie in the data directory, by their names alone: nothing is read."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

from engine.datasets import CSV, IDX, NPZ
from engine.datasets.base import FromFile
from engine.datasets.directory import data_directory
from engine.datasets.roles import says_test
from engine.errors import LayerlabError

MOST = 200
"""Data sets that a list of them shows."""

_LOOKED_AT = 5_000  # files and folders
_TABLE = re.compile(r".+\.(csv|tsv|txt)(\.gz)?$", re.IGNORECASE)
_ARRAYS = re.compile(r".+\.(npz|npy)$", re.IGNORECASE)
_FETCHED = "openml"


@dataclass(frozen=True, slots=True)
class Found:
    """A data set of the data directory: what it is called there, its files' bytes, and when the
    newest of them was written."""

    name: str
    dataset: FromFile
    size: int
    changed_at: datetime


def found() -> list[Found]:
    """What lies in the data directory, and one folder below it; an empty list where it is none."""
    directory = data_directory()
    sets = (each for each in map(_found, _names(directory)) if each)
    return sorted(islice(sets, MOST), key=lambda each: each.name)


def _names(directory: Path) -> Iterator[tuple[type[FromFile], str]]:
    """Kinds and names of what may be data sets."""
    for path in islice(_below(directory), _LOOKED_AT):
        name = path.relative_to(directory).as_posix()
        if path.is_dir():
            if any("idx" in each.name for each in islice(_below(path), _LOOKED_AT)):
                yield IDX, name
        elif _TABLE.fullmatch(path.name):
            yield CSV, name
        elif _ARRAYS.fullmatch(path.name):
            yield NPZ, name


def _below(directory: Path, depth: int = 1) -> Iterator[Path]:
    try:
        inside = sorted(directory.iterdir())
    except OSError:
        return
    for path in inside:
        if path.name.startswith(".") or path.name == _FETCHED:
            continue
        yield path
        if depth and path.is_dir():
            yield from _below(path, depth - 1)


def _found(place: tuple[type[FromFile], str]) -> Found | None:
    kind, name = place
    try:
        dataset = kind.model_validate({"folder" if kind is IDX else "file": name})
        files = dataset.files()
        states = [file.stat() for file in files]
    except (LayerlabError, OSError, ValueError):  # a link that leads out, a name too long
        return None
    if not states or (kind is NPZ and _first(files) != data_directory() / name):
        return None  # of several files of arrays, the first to train on stands for all
    changed = datetime.fromtimestamp(max(state.st_mtime for state in states), UTC)
    return Found(name, dataset, sum(state.st_size for state in states), changed)


def _first(files: Sequence[Path]) -> Path:
    return min(files, key=lambda file: (says_test(file.name), file))
