"""Data before it is used: what it holds, what must be chosen first, and how its samples come to be
scaled."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.datasets import CSV, AnyDataset
from engine.datasets.base import Dataset, DatasetInfo, FromFile, called
from engine.datasets.tables.summary import TableSummary
from engine.errors import DataError
from engine.messages import Message

Counts = tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True, eq=False)
class Preview:
    """A data set with what is chosen so far. `table` is what is known of a table whatever is
    chosen; `data` the samples, None where `question` must be answered first; `classes` those of the
    targets with their counts over all samples, None where these are numbers."""

    dataset: AnyDataset
    table: TableSummary | None
    data: Dataset | None
    classes: Counts | None
    question: Message | None

    @property
    def info(self) -> DatasetInfo | None:
        return self.data.info if self.data else None

    @property
    def unused(self) -> Message | None:
        """Which files seem to be for testing, lie beside those of the data set and are not read."""
        dataset = self.dataset
        names = dataset.unused() if isinstance(dataset, FromFile) else ()
        if not names:
            return None
        said = Message("not used, though beside what is read: {files}", files=names)
        how = Message("`dataset.test_file` names a table to validate on")
        return said.then(how) if isinstance(dataset, CSV) else said


def preview(dataset: AnyDataset) -> Preview:
    """What there is to see of a data set; raises DataError where it cannot be read, whatever is
    chosen."""
    table = None
    if isinstance(dataset, CSV) and dataset.reading != "first":
        table = dataset.table_summary()
    try:
        data = dataset.load()
    except DataError as error:
        if table is None and not _has_choices(dataset):
            raise
        return Preview(dataset, table, None, table.classes if table else None, error.message)
    return Preview(dataset, table, data, _classes(data), None)


def _has_choices(dataset: AnyDataset) -> bool:
    """Whether how the data is read can be chosen."""
    return bool({"task", "channels", "prefix"} & type(dataset).model_fields.keys())


def _classes(data: Dataset) -> Counts | None:
    if data.classes is None:
        return None
    labels: NDArray[np.int64] = np.concatenate([data.t_train, data.t_validation])
    counts = np.bincount(labels, minlength=data.classes).tolist()
    names = called(data.class_names, data.classes)
    return tuple(zip(names, counts, strict=True))
