"""Which of a run's checkpoints a page shows: by the address, by a slider."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from dashboard.reads import store as data
from dashboard.state.address import choose
from dashboard.state.choices import OneOf
from dashboard.views.run.learned import checkpoint_text
from dashboard.widgets.links import open_run
from dashboard.words.i18n import _
from db.records import CheckpointInfo, Run

CHECKPOINT: OneOf[int] = OneOf("checkpoint", 0)


def choose_checkpoint(kept: Sequence[CheckpointInfo]) -> CheckpointInfo:
    """The checkpoint that `?checkpoint=` names, else the newest; a slider goes through them."""
    by_id = {info.id: info for info in kept}
    if len(kept) == 1:
        st.caption(_("Checkpoint: {place}").format(place=checkpoint_text(kept[0])))
        return kept[0]
    chosen = choose(
        st.select_slider,
        _("Checkpoint"),
        CHECKPOINT.among(tuple(by_id), kept[-1].id),
        {i: checkpoint_text(info) for i, info in by_id.items()},
        help=_("A checkpoint is kept at the end of epochs; the longer the run, the sparser."),
    )
    return by_id[chosen]


def checkpoint_now(run: Run) -> tuple[Run, CheckpointInfo] | None:
    """A run as it is now, and the checkpoint of it that is chosen; None where it has none."""
    now = data.get_run(run.id) or run
    kept = kept_checkpoints(now)
    return (now, choose_checkpoint(kept)) if kept else None


def kept_checkpoints(run: Run) -> list[CheckpointInfo]:
    """The checkpoints of a run; of one without, the page says why, and where to look instead."""
    kept = data.checkpoints(run.id)
    if not kept:
        _without(run)
    return kept


def _without(run: Run) -> None:
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
