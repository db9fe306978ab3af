"""Which data the address names, and what is chosen of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from dashboard.app_pages.data.choices import CHANNELS, DATA, LEAVE_OUT, MEANT, TARGET, WRITTEN
from dashboard.reads import data
from dashboard.state.address import get
from dashboard.state.choices import OneOf
from dashboard.views.data.tables import built_in_name
from db.records import KeptData
from engine.datasets import AnyDataset
from engine.datasets.tables.summary import TableSummary

NAMED = {**WRITTEN, **MEANT, "channels": CHANNELS}


@dataclass(frozen=True)
class Shown:
    """Data that the page shows: its name, the data set as it is to begin with, and the version
    where somebody added it."""

    ref: str
    name: str
    dataset: AnyDataset
    kept: KeptData | None = None


def shown() -> Shown | None:
    """What the address names; None where that is nothing, or nothing that there is."""
    ref = get(DATA)
    if not ref:
        return None
    if ref.isascii() and ref.isdecimal() and len(ref) < 10:
        kept = data.kept(int(ref))
        return Shown(ref, kept.name, kept.dataset, kept) if kept else None  # type: ignore[arg-type]
    for each in data.found_data():
        if ref == f"folder:{each.name}":
            return Shown(ref, each.name, each.dataset)  # type: ignore[arg-type]
    dataset = data.built_in().get(ref)
    return Shown(ref, built_in_name(dataset), dataset) if dataset else None


def named(dataset: AnyDataset, name: str) -> OneOf[str]:
    """The choice of a field, which the data set itself usually makes."""
    return NAMED[name].usually(getattr(dataset, name))


def chosen(dataset: AnyDataset) -> AnyDataset:
    """The data set with all that is chosen, but for its columns."""
    fields = type(dataset).model_fields
    values = {name: get(named(dataset, name)) for name in NAMED if name in fields}
    return dataset.model_copy(update=values)


def with_columns(dataset: AnyDataset, table: TableSummary) -> AnyDataset:
    """The data set with its target and what is left out. What is proposed is left unsaid: the
    engine proposes the same."""
    targets, left_out = get(targets_of(table)), get(left_out_of(table))
    values: dict[str, Any] = {}
    if targets != proposed_targets(table):
        values["target"] = TARGET.write(targets)
    if left_out != proposed_left_out(table):
        values["leave_out"] = LEAVE_OUT.write(left_out)
    return dataset.model_copy(update=values)


def proposed_targets(table: TableSummary) -> tuple[str, ...]:
    return (table.target,) if table.target else ()


def proposed_left_out(table: TableSummary) -> tuple[str, ...]:
    return tuple(column.name for column in table.columns if column.left_out)


def targets_of(table: TableSummary) -> Any:
    """The choice of what is to be predicted."""
    return TARGET.usually(proposed_targets(table))


def left_out_of(table: TableSummary) -> Any:
    """The choice of what is no feature."""
    return LEAVE_OUT.usually(proposed_left_out(table))


def column_names(table: TableSummary) -> Sequence[str]:
    return [column.name for column in table.columns]
