"""Reads of data: what there is, and what it holds before it is used."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from dashboard.reads.caching import cached
from dashboard.reads.opened import shared_store
from dashboard.reads.store import LIVE, versions
from db.records import KeptData
from engine.datasets import CSV, AnyDataset, OpenML
from engine.datasets.base import FromFile
from engine.datasets.directory import data_directory
from engine.datasets.found import Found, found
from engine.datasets.openml import SOURCES
from engine.datasets.preview import Preview, preview
from engine.datasets.tables.summary import TableSummary
from engine.spec import family


@cached(entries=1, seconds=LIVE)
def kept_data() -> Sequence[KeptData]:
    """Every version of what was added."""
    return shared_store().data.list()


def kept(version_id: int) -> KeptData | None:
    """A version, or None where there is none of that number."""
    return next((each for each in kept_data() if each.id == version_id), None)


@cached(entries=2, seconds=5 * LIVE)
def _found(_directory: Path) -> Sequence[Found]:
    return found()


def found_data() -> Sequence[Found]:
    """What lies in the data directory."""
    return _found(data_directory())


@cached(entries=1, seconds=5 * LIVE)
def runs_of_contents(contents: tuple[str, ...]) -> Mapping[str, Sequence[int]]:
    """The runs that use what was added."""
    return shared_store().data.runs(contents)


@cached(entries=1, seconds=10 * LIVE)
def runs_of_kinds() -> Mapping[str, int]:
    """How many runs use a data set of each kind."""
    groups = shared_store().runs.groups("dataset.kind", limit=100).groups
    return {str(group.value): len(group.run_ids) + group.copies for group in groups}


def built_in() -> dict[str, AnyDataset]:
    """What comes with the program, and what it can fetch, by its name in an address."""
    members: list[Any] = [kind for kind in family(AnyDataset) if not issubclass(kind, FromFile)]
    sets: dict[str, AnyDataset] = {kind.kind_name(): kind() for kind in members if kind != OpenML}
    fetched: dict[str, AnyDataset] = {
        f"openml:{name}": OpenML.model_validate({"name": name}) for name in SOURCES
    }
    return sets | fetched


def forget_data() -> None:
    """Read anew what there is: something has been added or removed."""
    for read in (kept_data, _found, runs_of_contents):
        read.clear()


def table(dataset: CSV) -> TableSummary:
    """What a table holds, whatever is chosen of its columns; raises DataError where it is none."""
    return _table(dataset, versions(dataset))


@cached(entries=10)
def _table(dataset: CSV, now: tuple[object, ...]) -> TableSummary:
    return dataset.table_summary()


def seen(dataset: AnyDataset) -> Preview:
    """A data set before it is used; raises DataError where it cannot be read at all."""
    return _seen(dataset, versions(dataset))


@cached(entries=4)
def _seen(dataset: AnyDataset, now: tuple[object, ...]) -> Preview:
    return preview(dataset)
