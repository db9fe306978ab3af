"""One data set before it is used: how it is read, what it holds, how it comes to be scaled; and the
way to a run that fits it."""

from __future__ import annotations

import streamlit as st

from dashboard.app_pages.data.classes import classes
from dashboard.app_pages.data.columns import choose_columns, columns
from dashboard.app_pages.data.reading import choose_meaning, choose_written
from dashboard.app_pages.data.scaled import scaled
from dashboard.app_pages.data.shown import Shown, chosen, with_columns
from dashboard.app_pages.data.use import launch_button
from dashboard.app_pages.data.version import version
from dashboard.reads import data
from dashboard.reads.store import dataset_info
from dashboard.views.data.tables import shape_text, targets_text
from dashboard.words.i18n import _, integer
from dashboard.words.sentences import sentence
from dashboard.words.text import prose
from engine.datasets import CSV, AnyDataset, DatasetInfo, OpenML


def details(shown: Shown) -> None:
    """Draw it."""
    if shown.kept:
        version(shown.kept)
    dataset = chosen(shown.dataset)
    table = None
    if isinstance(dataset, CSV):
        with st.spinner(_("Reading the table…"), show_time=True):
            table = data.table(dataset)
        choose_written(shown.dataset, table.form)
        choose_columns(table)
        dataset = with_columns(dataset, table)
    choose_meaning(shown.dataset)
    if isinstance(dataset, OpenML) and not dataset.fetched():
        _usable(dataset, dataset_info(dataset))
        st.caption(_("It is fetched from OpenML when a run first needs it."))
        return
    with st.spinner(_("Reading the samples…"), show_time=True):
        seen = data.seen(dataset)
    if seen.question:
        st.warning(prose(sentence(seen.question)), icon=":material/help:")
    if seen.info:
        _usable(dataset, seen.info)
    if unused := seen.unused:
        st.caption(prose(sentence(unused)))
    if table:
        columns(table)
    classes(seen)
    scaled(seen)


def _usable(dataset: AnyDataset, info: DatasetInfo) -> None:
    """What a network would learn of it, and the way there."""
    with st.container(horizontal=True, vertical_alignment="center", key="data_outcome"):
        launch_button(dataset, info)
        text = _("{train} samples to train on, {validation} to validate with; each {shape}, {goal}")
        st.markdown(
            text.format(
                train=integer(info.train_samples),
                validation=integer(info.validation_samples),
                shape=shape_text(info.sample_shape),
                goal=targets_text(info.classes, info.outputs),
            ),
            width="content",
        )
