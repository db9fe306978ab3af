"""The classes of a data set with their counts."""

from __future__ import annotations

import streamlit as st

from dashboard.views.data.charts import CLASSES, classes_chart
from dashboard.widgets.drawing import draw
from dashboard.widgets.theme import is_dark
from dashboard.words.i18n import _, integer
from engine.datasets.preview import Preview


def classes(seen: Preview) -> None:
    """Draw them, where there are any."""
    found = seen.classes
    if not found:
        return
    st.subheader(_("Samples of each class"))
    draw(
        classes_chart(found, dark=is_dark()),
        key="data_classes",
        alt=_("How many samples each of {n} classes has").format(n=integer(len(found))),
    )
    if len(found) > CLASSES:
        st.caption(_("and {n} more").format(n=integer(len(found) - CLASSES)))
