"""The inputs as they are, and as each way of scaling leaves them, with an outlier or without."""

from __future__ import annotations

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from dashboard.app_pages.data.choices import FEATURE, OUTLIER
from dashboard.state.address import bound, choose, get
from dashboard.views.data.charts import images_row, scaled_chart, scaled_text
from dashboard.widgets.drawing import draw
from dashboard.widgets.theme import is_dark
from dashboard.words.i18n import _, integer
from dashboard.words.text import plain
from engine.analyses.scalings import scalings
from engine.datasets.base import Dataset
from engine.datasets.preview import Preview

_VALUES = 200_000  # that a histogram is made of
_FEATURES = 500  # to choose from


def scaled(seen: Preview) -> None:
    """Draw them."""
    data = seen.data
    if data is None or data.x_train.size == 0:
        return
    st.subheader(_("Inputs, as they are and as they are scaled"))
    picture = images_row(data.x_train, data.x_train.shape[1:]) if data.alike else None
    if picture is not None:
        st.image(picture, caption=_("The first samples to train on"))
    with st.container(horizontal=True, key="data_scaled"):
        values = _values(data)
        st.slider(
            _("An outlier, in standard deviations above the mean"),
            0,
            100,
            help=_("One value is added that lies so far away; 0 adds none."),
            width=320,
            **bound(OUTLIER),
        )
    for place, each in zip(st.columns(4), scalings(values, outlier=get(OUTLIER)), strict=True):
        with place:
            name = _(each.way.title())
            st.markdown(f"**{plain(name)}**")
            text = scaled_text(each)
            chart = scaled_chart(each, dark=is_dark())
            draw(chart, key=f"data_{each.way.kind_name()}", alt=f"{name}: {text}")
            st.caption(plain(text))
    st.caption(
        _(
            "A scaling is fitted on the samples to train on: for each feature of a table, for all"
            " pixels of images together."
        )
    )


def _values(data: Dataset) -> NDArray[np.float64]:
    """The values that one scale is for: of a feature, or all of them where they are alike."""
    flat = data.x_train.reshape(len(data.x_train), -1)
    if data.alike:
        rows = max(1, _VALUES // flat.shape[1])
        return np.asarray(flat[:rows], np.float64).ravel()
    names = data.feature_names or [integer(i + 1) for i in range(flat.shape[1])]
    words = {str(i): plain(name) for i, name in enumerate(names[:_FEATURES])}
    place = choose(st.selectbox, _("Feature"), FEATURE.among(tuple(words), "0"), words, width=240)
    return np.asarray(flat[:_VALUES, int(place or 0)], np.float64)
