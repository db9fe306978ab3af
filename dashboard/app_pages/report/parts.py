"""What a report can hold, and the reader's choice of it, which the address keeps."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from dashboard.state.kept import keep, restore_many
from dashboard.words.i18n import _, msg

PARTS = {
    "curves": msg("Curves"),
    "pairs": msg("Paired differences"),
    "layers": msg("Inside the layers"),
    "shapes": msg("Distributions"),
    "batchnorm": msg("BatchNorm"),
    "map": msg("Map"),
    "setup": msg("Configuration"),
}
OF_RUN = ("curves", "layers", "shapes", "batchnorm", "setup")
OF_MANY = tuple(PARTS)
USUAL = ("curves", "layers", "setup")
USUAL_OF_MANY = ("curves", "pairs", "layers")


def heading(part: str) -> str:
    """What a part is called."""
    return _(PARTS[part])


def choose_parts(*, many: bool) -> list[str]:
    """The parts of a report of one run, or of many."""
    options = OF_MANY if many else OF_RUN
    usual = USUAL_OF_MANY if many else USUAL
    restore_many("parts", "report_parts", options, usual)
    chosen: Sequence[str] = st.pills(
        _("Parts"),
        options,
        selection_mode="multi",
        format_func=heading,
        key="report_parts",
    )
    keep("parts", list(chosen), list(usual))
    return [part for part in options if part in chosen]
