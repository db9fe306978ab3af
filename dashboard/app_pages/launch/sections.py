"""The order of the launch form: sections, and the rows of fields within each."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dashboard.words.i18n import _, msg
from engine.config import RunConfig


@dataclass(frozen=True)
class Section:
    """A part of the form: fields of a configuration, those of one row together."""

    title: str
    rows: tuple[tuple[str, ...], ...] = ()
    is_stack: bool = False
    is_extra: bool = False  # what most runs leave as it is: folded away, its rows under headings


SECTIONS = (
    Section(msg("Data"), (("dataset",), ("scaling",))),
    Section(msg("Network"), is_stack=True),
    Section(
        msg("Training"),
        (("optimizer",), ("learning_rate",), ("batch_size", "epochs", "seed", "loss")),
    ),
    Section(
        msg("Weight decay, gradient clipping, early stopping"),
        (("decay",), ("clipping",), ("early_stopping",)),
        is_extra=True,
    ),
    Section(msg("Recording and arithmetic"), (("record",), ("dtype", "backend"))),
)


def part(section: Section, start: RunConfig) -> DeltaGenerator:
    """Where a section is drawn, under its title: what most runs leave alone is folded away, unless
    the run that fills the form has changed it."""
    if not section.is_extra:
        st.subheader(_(section.title))
        return st.container()
    names = [name for names in section.rows for name in names]
    usual = all(getattr(start, name) == RunConfig.model_fields[name].default for name in names)
    return st.expander(_(section.title), expanded=not usual)
