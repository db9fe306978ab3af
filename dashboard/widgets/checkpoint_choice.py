"""Which of a run's checkpoints a page shows: by the address, by a slider."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from dashboard.state.address import choose
from dashboard.state.choices import OneOf
from dashboard.widgets.links import open_run
from dashboard.words.i18n import _, integer
from db.records import CheckpointInfo, Run

CHECKPOINT: OneOf[int] = OneOf("checkpoint", 0)


def choose_checkpoint(kept: Sequence[CheckpointInfo]) -> CheckpointInfo:
    """The checkpoint that `?checkpoint=` names, else the newest; a slider goes through them."""
    by_id = {info.id: info for info in kept}
    if len(kept) == 1:
        st.caption(_("Checkpoint: {place}").format(place=_place(kept[0])))
        return kept[0]
    chosen = choose(
        st.select_slider,
        _("Checkpoint"),
        CHECKPOINT.among(tuple(by_id), kept[-1].id),
        {i: _place(info) for i, info in by_id.items()},
        help=_("A checkpoint is kept at the end of epochs; the longer the run, the sparser."),
    )
    return by_id[chosen]


def without_checkpoint(run: Run) -> None:
    """A run that keeps no checkpoint: why, and where to look instead."""
    if run.status.ended:
        text = _(
            "This run ended before its first checkpoint, so there are no weights to inspect. What"
            " it recorded is on its own page."
        )
    else:
        text = _(
            "This run keeps its first checkpoint at the end of an epoch; there is none yet. Look"
            " again in a moment."
        )
    st.info(text, icon=":material/hourglass_empty:")
    if st.button(_("Open the run"), icon=":material/monitoring:"):
        open_run(run.id)


def _place(info: CheckpointInfo) -> str:
    text = _("epoch {epoch}, step {step}")
    return text.format(epoch=integer(info.epoch), step=integer(info.step))
