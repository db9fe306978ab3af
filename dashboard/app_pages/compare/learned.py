"""What networks of one or two inputs have learned, side by side at one epoch."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from dashboard.app_pages.compare.choices import EPOCH
from dashboard.reads import analyses
from dashboard.reads import store as data
from dashboard.reads.downsample import nearest
from dashboard.state.address import choose
from dashboard.views.compare.arms import Arm
from dashboard.views.run.learned import (
    checkpoint_text,
    learned_chart,
    learned_note,
    learned_title,
)
from dashboard.widgets.drawing import draw
from dashboard.widgets.panels import arms_beside
from dashboard.widgets.shell import guarded
from dashboard.widgets.theme import is_dark
from dashboard.words.i18n import _, integer
from dashboard.words.sentences import error_text
from dashboard.words.text import prose
from db.records import CheckpointInfo, Run
from engine.analyses.learned import Curve, Regions, points
from engine.errors import DataError


def learned(arms: Sequence[Arm]) -> None:
    """A slider over the epochs of which some run keeps a checkpoint; each arm's first run shows its
    checkpoint nearest to it."""
    with guarded():
        runs = {arm.place: run for arm in arms if (run := first_pictured(arm))}
        kept = {run.id: found for run in runs.values() if (found := data.checkpoints(run.id))}
        epochs = sorted({info.epoch for infos in kept.values() for info in infos})
        if not epochs:
            st.caption(_("None of these runs keeps a checkpoint yet."))
            return
        epoch = _choose_epoch(epochs)
        notes: dict[str, None] = {}

        def show(arm: Arm) -> None:
            run = runs[arm.place]
            try:
                drawn = _panel(arm, run, kept[run.id], epoch)
            except DataError as error:  # of this run alone: the others are drawn
                st.caption(prose(error_text(error)))
                return
            if drawn:
                notes[learned_note(drawn)] = None

        present = [place for place, run in runs.items() if run.id in kept]
        arms_beside(arms, present, _no_picture(), show)
        for note in notes:
            st.caption(note)


def first_pictured(arm: Arm) -> Run | None:
    """The first run of an arm of which there is a picture."""
    return next((run for run in arm.runs if learned_title(run)), None)


def _choose_epoch(epochs: Sequence[int]) -> int:
    if len(epochs) == 1:
        return epochs[0]
    return choose(
        st.select_slider,
        _("Epoch"),
        EPOCH.usually(epochs[-1]),
        {epoch: integer(epoch) for epoch in epochs},
    )


def _no_picture() -> str:
    return _("There is no such picture of this run.")


def _panel(
    arm: Arm, run: Run, infos: Sequence[CheckpointInfo], epoch: int
) -> Regions | Curve | None:
    """Draw what an arm's run has learned; the answer is what was drawn."""
    at = nearest([info.epoch for info in infos], epoch)
    info = next(info for info in reversed(infos) if info.epoch == at)
    found = analyses.learned(info, run.config)
    if found is None:
        st.caption(_no_picture())
        return None
    st.caption(checkpoint_text(info))
    draw(
        learned_chart(found, points(analyses.data_of(run.id, run.config)), dark=is_dark()),
        key=f"learned_{arm.key}",
        alt=_("What {arm} has learned, {place}").format(arm=arm.label, place=checkpoint_text(info)),
    )
    return found
