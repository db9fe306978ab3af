"""A BN layer over training: the paths of γ and β, and running statistics that chase batches."""

from __future__ import annotations

import streamlit as st

from dashboard.app_pages.batchnorm.choices import CHANNELS
from dashboard.reads import store as data
from dashboard.reads.columns import Columns, length
from dashboard.state.address import bound, get
from dashboard.views.batchnorm.verdict import worst_channels
from dashboard.views.charts.channels import channel_paths, chase, paths_frame
from dashboard.widgets.drawing import draw
from dashboard.widgets.theme import is_dark
from dashboard.words.i18n import _, integer
from db.records import Run
from engine.analyses.inspection import InspectedBatchNorm

MOST = 6
"""Channels that are drawn as lines of their own: as many as there are hues."""


def paths(run: Run, layer: InspectedBatchNorm, step: int) -> None:
    """γ and β of all channels, some singled out; below, one channel's running statistics."""
    states = data.batch_norm_path(run.id, layer.layer, step)
    if not length(states):
        st.caption(_("This run recorded no steps up to this checkpoint."))
        return
    channels = _choose_channels(layer)
    left, right = st.columns(2, gap="large")
    with left:
        _path(states, "gamma", _("Scale γ"), channels, step, start=1.0)
    with right:
        _path(states, "beta", _("Shift β"), channels, step, start=0.0)
    st.caption(
        _(
            "Light grey: the range of all {n} channels; darker: the middle 80 %; grey line: the"
            " median; dashed: the start. γ near 0 silences a channel, |β| far above γ saturates it."
        ).format(n=integer(len(layer.gamma)))
    )
    _chased(states, layer, channels, step)


def _choose_channels(layer: InspectedBatchNorm) -> list[int]:
    worst = worst_channels(layer)
    choice = CHANNELS.among(range(len(layer.gamma)), tuple(worst[:3]))
    st.multiselect(
        _("Channels drawn as lines"),
        list(choice.allowed),
        max_selections=MOST,
        placeholder=_("Choose channels"),
        **bound(choice),
    )
    chosen = get(choice)
    return list(chosen[:MOST]) or worst[:1]


def _path(
    states: Columns,
    name: str,
    title: str,
    channels: list[int],
    step: int,
    *,
    start: float,
) -> None:
    draw(
        channel_paths(
            paths_frame(states, name),
            title=title,
            channels=channels,
            start=start,
            last_step=step,
            dark=is_dark(),
        ),
        key=f"bn_path_{name}",
        alt=_("{title} of the channels over the steps").format(title=title),
    )


def _chased(states: Columns, layer: InspectedBatchNorm, channels: list[int], step: int) -> None:
    text = _("How the running statistics of channel {channel} chase the batches'")
    st.markdown(f"**{text.format(channel=channels[0])}**")
    left, right = st.columns(2, gap="large")
    for column, moment, population in (
        (left, "mean", layer.population_mean),
        (right, "var", layer.population_var),
    ):
        with column:
            draw(
                chase(
                    states,
                    moment,  # type: ignore[arg-type]
                    channel=channels[0],
                    population=float(population[channels[0]]),
                    last_step=step,
                    dark=is_dark(),
                ),
                key=f"bn_chase_{moment}",
                alt=_("Running statistic, recorded batches and population of one channel"),
            )
    text = _(
        "The dots are the recorded batches, {recorded} of {steps}; the running line averages them"
        " all. The population's is that of the weights at this checkpoint."
    )
    st.caption(text.format(recorded=integer(length(states)), steps=integer(step)))
