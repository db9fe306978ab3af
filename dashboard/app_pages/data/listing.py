"""The list of all data: added, lying in the data directory, built in, fetched."""

from __future__ import annotations

from collections.abc import Iterator

import streamlit as st

from dashboard.reads import data
from dashboard.reads.store import dataset_info
from dashboard.state.address import link
from dashboard.views.data.tables import Listed, built_in_row, found_row, kept_row, listed
from dashboard.widgets.links import url
from dashboard.widgets.rows import rows
from dashboard.words.i18n import _
from dashboard.words.text import plain
from engine.datasets import OpenML
from engine.datasets.directory import data_directory


def listing() -> None:
    """Draw it; a name leads to what it holds."""
    sets = [*_kept(), *_found(), *_built_in()]
    rows(
        listed(sets),
        key="data_rows",
        alt=_("Data sets with their shapes, their sizes and the runs that use them"),
        opens=lambda row: url("data", link(data=sets[row.id - 1].ref)),
        selection=None,
    )
    st.caption(
        _("Files that lie in {folder} on the server are listed, too.").format(
            folder=plain(str(data_directory()))
        )
    )


def _kept() -> Iterator[Listed]:
    kept = data.kept_data()
    runs = data.runs_of_contents(tuple(sorted({each.content for each in kept})))
    named: set[str] = set()
    for each in kept:
        yield kept_row(each, newest=each.name not in named, runs=len(runs[each.content]))
        named.add(each.name)


def _found() -> Iterator[Listed]:
    return map(found_row, data.found_data())


def _built_in() -> Iterator[Listed]:
    runs = data.runs_of_kinds()
    for ref, dataset in data.built_in().items():
        where = _("built in")
        if isinstance(dataset, OpenML):
            where = _("fetched") if dataset.fetched() else _("fetched on first use")
        count = runs.get(dataset.kind, 0) if not isinstance(dataset, OpenML) else 0
        yield built_in_row(ref, dataset, dataset_info(dataset), where=where, runs=count)
