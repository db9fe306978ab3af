"""How data is read: what was found, each of which can be changed, and what becomes of it."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from dashboard.app_pages.data.choices import MEANT, WRITTEN
from dashboard.app_pages.data.shown import named
from dashboard.state.address import choose
from dashboard.views.data.tables import found_text
from dashboard.words.fields import choice, help_text, label
from dashboard.words.i18n import _
from engine.datasets import AnyDataset
from engine.datasets.tables.format import TableFormat


def choose_written(dataset: AnyDataset, form: TableFormat) -> None:
    """How a table is written: separator, encoding, decimal mark, header."""
    found = found_text(form)
    with st.container(horizontal=True, key="data_written"):
        for name in WRITTEN:
            _choose(dataset, name, auto=_("{value} (found)").format(value=found[name]))


def choose_meaning(dataset: AnyDataset) -> None:
    """What becomes of it: classes or numbers, words, missing values; where channels stand."""
    fields = type(dataset).model_fields
    names = [name for name in (*MEANT, "channels") if name in fields]
    if names:
        with st.container(horizontal=True, key="data_meaning"):
            for name in names:
                _choose(dataset, name)


def _choose(dataset: AnyDataset, name: str, *, auto: str = "") -> None:
    field = type(dataset).model_fields[name]
    which = named(dataset, name)
    values: Sequence[str] = tuple(which.allowed)
    words = {value: auto if auto and value == "auto" else choice(value) for value in values}
    choose(st.selectbox, label(name, field), which, words, help=help_text(field), width=190)
