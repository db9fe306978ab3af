"""The ends of the axes: typed, or dragged across a chart; the address keeps them."""

from __future__ import annotations

from typing import Any

import streamlit as st

from dashboard.app_pages.compare.choices import ACCURACY, LOSS, X
from dashboard.state.address import bound, get, put
from dashboard.state.choices import Limit
from dashboard.views.compare.curves import Ends
from dashboard.words.i18n import _

Pair = tuple[Limit, Limit]


def choose_limits(*, accuracy: bool) -> tuple[Ends, Ends, Ends]:
    """Those of the horizontal axis, of the loss and of the accuracy."""
    pairs: list[tuple[str, Pair]] = [(_("X axis"), X), (_("Loss"), LOSS)]
    pairs += [(_("Accuracy"), ACCURACY)] if accuracy else []
    with st.popover(_("Axes"), icon=":material/fit_width:"):
        st.caption(_("A drag across a chart zooms in on a stretch."))
        for title, pair in pairs:
            st.markdown(f"**{title}**")
            for limit, label, column in zip(pair, (_("From"), _("To")), st.columns(2), strict=True):
                with column:
                    st.number_input(
                        label, value=None, format="%g", placeholder=_("automatic"), **bound(limit)
                    )
    if any(get(limit) is not None for _title, pair in pairs for limit in pair):
        every = dict.fromkeys((*X, *LOSS, *ACCURACY))
        text = _("Show all")
        st.button(text, icon=":material/zoom_out_map:", key="whole", on_click=put, args=(every,))
    x, loss, share = (tuple(get(limit) for limit in pair) for pair in (X, LOSS, ACCURACY))
    return x, loss, share  # type: ignore[return-value]


def zoom(event: Any) -> None:
    """Narrow the horizontal axis to a stretch that was dragged across a chart."""
    dragged = event.selection.get("zoom") or {}
    for ends in dragged.values():
        if len(ends) == 2 and ends[0] < ends[1]:
            put(dict(zip(X, ends, strict=True)))
            st.rerun()
