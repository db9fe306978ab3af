"""What a BN layer does to the values on their way into the activation."""

from __future__ import annotations

import streamlit as st

from dashboard.reads import analyses
from dashboard.views.batchnorm.around import verdict_text
from dashboard.views.charts.normalization import channel_ranges, densities, side_names
from dashboard.widgets.drawing import draw
from dashboard.widgets.theme import is_dark
from dashboard.words.i18n import _
from db.records import CheckpointInfo, Run
from engine.analyses.inspection import InspectedBatchNorm


def around(run: Run, checkpoint: CheckpointInfo, layer: InspectedBatchNorm) -> None:
    """Both sides as densities and channel by channel, over the activation's slope."""
    with st.spinner(_("Passing the training samples through the network…"), show_time=True):
        found = analyses.normalized(checkpoint, run.config, layer.layer)
    st.markdown(verdict_text(found, layer))
    for column, (side, name) in zip(st.columns(2, gap="large"), side_names().items(), strict=True):
        with column:
            st.markdown(f"**{name}**")
            draw(
                densities(found, side, dark=is_dark()),
                key=f"bn_density_{side}",
                alt=_("{side}: distribution of all values").format(side=name),
            )
            draw(
                channel_ranges(found, side, dark=is_dark()),
                key=f"bn_ranges_{side}",
                alt=_("{side}: the middle 90 % of every channel").format(side=name),
            )
    shade = _("The darker the ground, the steeper the activation: its linear region.")
    text = _(
        "Above, all values of the layer; below, one line per channel: its middle 90 %, its median"
        " as a dot, in the order of the medians before. In inference mode."
    )
    st.caption(f"{shade} {text}" if found.activation else text)
